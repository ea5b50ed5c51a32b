from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import UserError
from audit.report import html
from audit.report.conversations import utf16
from audit.report.masking import CUT, TEXT_LIMIT

from .factory import RULES, hostile, make_result

ATTACKS = [
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<!--<script>",
    "\u2028\u2029';window.pwned=1;//",
    '"><svg onload=window.pwned=1>',
    "{{ 7*7 }}{% raw %}",
    "</style><style>*{display:none}",
    "&lt;b&gt; &amp; ]]>",
    "\x00\x07\x1b[31m",
]


class Page(HTMLParser):
    """Collects elements and the content of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag in ("script", "style")
        if self._open:
            self.raw.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, attrs, body = self.raw[-1]
            self.raw[-1] = (tag, attrs, body + data)

    def data(self) -> dict[str, Any]:
        return json.loads(next(body for tag, attrs, body in self.raw if attrs.get("id") == "data"))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = html.write(make_result(60), tmp_path_factory.mktemp("html") / "report.html")
    return path.read_text(encoding="utf-8")


def test_page_is_one_offline_file(text: str) -> None:
    page = Page(text)
    for tag, attrs in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert not attrs.get("src")
        assert (attrs.get("href") or "#").startswith("#")
        assert not [name for name in attrs if name.startswith("on") or name == "style"]


def test_policy_admits_only_the_inlined_scripts_and_styles(text: str) -> None:
    page = Page(text)
    policy = next(a["content"] or "" for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    wanted = {
        base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        for tag, attrs, body in page.raw
        if attrs.get("type") != "application/json"
    }
    assert set(re.findall(r"sha256-([^']+)", policy)) == wanted
    assert len(wanted) == 3


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_chat_text_becomes_markup(attack: str, tmp_path: Path) -> None:
    # the attack's words change how many hot words there are, so that both sides have the same complaint
    calm, bad = (replace(hostile(t), complaints=[(attack, 3)]) for t in ("好的", attack))
    plain = Page(html.write(calm, tmp_path / "a.html").read_text(encoding="utf-8"))
    page = Page(html.write(bad, tmp_path / "b.html").read_text(encoding="utf-8"))
    assert [t for t, _ in page.tags] == [t for t, _ in plain.tags]
    names = [sorted(a) for _, a in page.tags]
    assert names == [sorted(a) for _, a in plain.tags]
    shown = {m[5] for talk in page.data()["conversations"] for m in talk if not isinstance(m, int)}
    if attack.isprintable():
        assert shown == {attack}


@given(st.text(max_size=60))
def test_embedded_json_holds_nothing_that_ends_a_script(value: str) -> None:
    out = html.embed({"x": value.encode("utf-8", "replace").decode("utf-8")})
    assert not set(out) & set("<>&\u2028\u2029")
    assert json.loads(out)["x"] == value.encode("utf-8", "replace").decode("utf-8")


def test_spans_of_evidence_are_exact_in_utf16(text: str) -> None:
    data = Page(text).data()
    seen = 0
    for f in data["findings"]:
        for e in f["e"]:
            if "f" not in e:
                continue
            units = data["conversations"][f["c"]][e["i"]][5].encode("utf-16-le")
            assert units[e["f"] * 2 : e["t"] * 2].decode("utf-16-le") == e["q"]
            seen += 1
    assert seen > 10
    coded = [f for f in data["findings"] if data["rules"][f["r"]]["code"] == "ATT002"]
    assert coded[0]["e"][0]["f"] == utf16("😀你可真是个", 6) == 7
    assert coded[0]["e"][0]["q"] == "煞笔"


def test_personal_data_is_masked_and_offsets_stay(tmp_path: Path) -> None:
    result = make_result(60)
    text = html.write(result, tmp_path / "r.html").read_text(encoding="utf-8")
    clear = html.write(result, tmp_path / "c.html", show_pii=True).read_text(encoding="utf-8")
    assert not re.search(r"1380000\d{4}", text)
    assert "abc_demo99" not in text
    assert "买家小" not in text
    assert "赵小晴" not in text
    for secret in ("abc_demo99", "买家小", "赵小晴", "13800000"):
        assert secret in clear
    hidden, shown = Page(text).data(), Page(clear).data()
    for a, b in zip(hidden["findings"], shown["findings"], strict=True):
        assert [(e["i"], e.get("f"), e.get("t")) for e in a["e"]] == [(e["i"], e.get("f"), e.get("t")) for e in b["e"]]
    assert {f["b"] for f in hidden["findings"]} == {"买***"}


def test_no_machine_key_leaks_the_buyer(text: str) -> None:
    assert "taobao:晴川旗舰店" not in text


def test_first_screen_tells_what_was_not_checked(text: str) -> None:
    body = text.split('<script type="application/json"')[0]
    warn = body.index("有内容没有检查到")
    assert warn < body.index('class="cards"') < body.index('id="agents"') < body.index('id="chart-rules"')
    for words in ("绩效.xlsx", "1 条规则无法检查：PRC008 越权", "1 行无法读取", "2026-03-12 00:00:00 之后可定"):
        assert words in body


def test_a_clean_and_complete_run_says_so(tmp_path: Path) -> None:
    result = make_result(1)
    result.findings.clear()
    cover = result.coverage
    cover.files = cover.files[:1]
    cover.files[0] = replace(cover.files[0], bad_rows=0)
    for rows in (cover.bad_rows, cover.not_checkable, cover.disabled, cover.silenced):
        rows.clear()
    cover.pending.clear()
    text = html.write(result, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "读入的内容全部检查过" in text
    assert "没有发现违规" in text
    assert "有内容没有检查到" not in text.split('<script type="application/json"')[0]


def test_limit_keeps_the_gravest_and_says_what_is_left_out(tmp_path: Path) -> None:
    result = make_result(120)
    text = html.write(result, tmp_path / "r.html", limit=20).read_text(encoding="utf-8")
    assert "共 120 条，这里列出最严重的 20 条，另外 100 条在 findings.jsonl" in text
    kept = Page(text).data()["findings"]
    assert len(kept) == 20
    assert {(f["s"], f["st"]) for f in kept} == {("severe", "violation")}
    assert sum(r["count"] for r in Page(text).data()["charts"]["rules"]) == sum(
        f.state == "violation" for f in result.findings
    )


def test_messages_far_from_evidence_are_left_out_and_counted(tmp_path: Path) -> None:
    result = make_result(2, per_session=60)
    data = Page(html.write(result, tmp_path / "r.html").read_text(encoding="utf-8")).data()
    for talk in data["conversations"]:
        gaps = [m for m in talk if isinstance(m, int)]
        assert sum(gaps) + len(talk) - len(gaps) == 60
        assert len(talk) < 30


def test_a_finding_without_excerpt_is_still_listed(tmp_path: Path) -> None:
    result = make_result(5)
    result.excerpts = result.excerpts.iloc[:0]
    data = Page(html.write(result, tmp_path / "r.html").read_text(encoding="utf-8")).data()
    assert len(data["findings"]) == 5
    assert {f["c"] for f in data["findings"]} == {-1}
    assert all(
        e["q"] for f in data["findings"] for e in f["e"] if RULES[data["rules"][f["r"]]["code"]]["severity"] != "info"
    )


def test_very_long_messages_are_cut_after_masking(tmp_path: Path) -> None:
    result = make_result(1)
    number = "13800138000"
    result.excerpts["text"] = "啊" * (TEXT_LIMIT - 5) + number + "啊" * 100
    data = Page(html.write(result, tmp_path / "r.html").read_text(encoding="utf-8")).data()
    shown = data["conversations"][0][0][5]
    assert shown.endswith("138**" + CUT)
    assert len(shown) == TEXT_LIMIT + len(CUT)


def test_english_labels(tmp_path: Path) -> None:
    text = html.write(make_result(5), tmp_path / "r.html", lang="en").read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert "Something was not checked" in text
    assert "概览" not in text.split('<script type="application/json"')[0]
    with pytest.raises(UserError, match="fr"):
        html.write(make_result(1), tmp_path / "r.html", lang="fr")


def test_same_result_same_bytes(tmp_path: Path) -> None:
    a = html.write(make_result(30), tmp_path / "a.html").read_bytes()
    assert a == html.write(make_result(30), tmp_path / "b.html").read_bytes()
    assert b"\r" not in a
    assert str(tmp_path).encode() not in a


def test_every_label_has_both_languages() -> None:
    from audit.report.labels import labels

    zh, en = labels("zh"), labels("en")
    assert zh.keys() == en.keys()
    for key in zh:
        assert zh[key]
        assert set(re.findall(r"\{\w+\}", zh[key])) == set(re.findall(r"\{\w+\}", en[key])), key
    assert not [k for k in en if re.search("[\u4e00-\u9fff]", en[k])]
    script = Path(html.__file__).parent.joinpath("static", "report.js").read_text(encoding="utf-8")
    assert not set(re.findall(r"\bT\.(\w+)", script)) - zh.keys()
