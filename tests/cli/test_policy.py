from __future__ import annotations

import dataclasses
import io
import json

import pytest

from audit.cli import policy as module
from audit.cli.main import main
from audit.engine.result import Finding
from audit.policy.load import load, pack_names

OWN = "policy: own\nextends: base\ntitle: 本店\nclauses:\n  - {rule: RSP003, severity: severe, options: {limit: 90}}\n"
CHAT = """\
platform,shop,buyer,sent_at,sender,agent,text
jd,云朵小铺,tb_anon,2026-03-02 10:00:00,buyer,,这件雨衣有加大码吗
jd,云朵小铺,tb_anon,2026-03-02 10:00:45,agent,云朵小铺:小云,亲，有的，加大码还有货
jd,云朵小铺,tb_anon,2026-03-02 10:01:00,buyer,,好的谢谢
"""


def audit(capsys, *argv: str) -> tuple[int, str, str]:
    code = main(["policy", *argv])
    out = capsys.readouterr()
    return code, out.out, out.err


def cells(out: str) -> list[list[str]]:
    return [line.split("\t") for line in out.splitlines()]


def test_list(capsys):
    code, out, _ = audit(capsys, "list")
    rows = cells(out)
    assert code == 0
    assert [r[0] for r in rows[1:]] == pack_names()
    tmall = next(r for r in rows if r[0] == "tmall")
    assert tmall[1:3] == ["天猫", "taobao → base"]
    for row in rows[1:]:
        pack = load(row[0])
        assert row[3:] == [pack.version, str(len(pack.rules_on())), str(len(pack.rules_off()))]


def test_show_prints_every_rule_with_its_source_or_why_it_is_off(capsys):
    code, out, _ = audit(capsys, "show", "pdd")
    assert code == 0
    by_code = {r[0]: r for r in cells(out)}
    assert by_code["service_hours"] == ["service_hours", "08:00–23:00"]
    assert by_code["closers_need_reply"][1] == "true"
    assert "limit=180" in by_code["RSP003"][7]
    assert "PD-1" in by_code["RSP003"][9]
    assert by_code["DST001"][3] == "五条消息拒收只在淘宝、天猫实行"
    assert set(by_code) >= {c.rule for c in load("pdd").clauses}


def test_show_gives_dates(capsys):
    _, out, _ = audit(capsys, "show", "taobao")
    assert next(r for r in cells(out) if r[0] == "REV003")[8] == "2021-03-01 起"


def test_show_as_json(capsys):
    code, out, _ = audit(capsys, "show", "jd", "--json")
    plain = json.loads(out)
    assert code == 0
    assert plain["service_hours"] == ["09:00", "23:00"]
    first = next(c for c in plain["clauses"] if c["rule"] == "RSP007")
    assert first["options"] == {"limit": 30}
    assert first["points"] == 2.0
    assert first["cite"]["read"] == "2026-11-22"


def test_show_of_an_unknown_pack_suggests_one(capsys):
    code, out, err = audit(capsys, "show", "taobaoo")
    assert (code, out) == (2, "")
    assert "did you mean taobao" in err


def test_check_says_what_is_good(capsys, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    code, out, err = audit(capsys, "check", str(path))
    assert (code, err) == (0, "")
    assert out.startswith(f"{path}: ok, own 2026.11.22+")


def test_check_tells_the_problems_of_all_files_and_exits_2(capsys, tmp_path):
    good, bad, worse = (tmp_path / n for n in ("good.yaml", "bad.yaml", "worse.yaml"))
    good.write_text(OWN, encoding="utf-8")
    bad.write_text(OWN.replace("limit", "limt").replace("severe", "grave"), encoding="utf-8")
    worse.write_text("policy: [", encoding="utf-8")
    code, out, err = audit(capsys, "check", str(bad), str(good), str(worse), str(tmp_path / "none.yaml"))
    assert code == 2
    assert f"{good}: ok" in out
    assert "4 problems" in err
    assert f"{bad}:5:30 severity must be one of" in err
    assert f"{bad}:5:47 unknown key 'limt' in options of RSP003, did you mean limit?" in err
    assert f"{worse}:" in err
    assert "there is no policy file" in err


def test_check_needs_a_file(capsys):
    assert audit(capsys, "check")[0] == 2


@pytest.fixture
def chats(tmp_path):
    folder = tmp_path / "chats"
    folder.mkdir()
    (folder / "chat.csv").write_text(CHAT, encoding="utf-8")
    return folder


def test_diff_prints_what_a_stricter_pack_adds(capsys, chats):
    code, out, _ = audit(capsys, "diff", "base", "jd", str(chats))
    assert code == 0
    added = [r for r in cells(out) if r[0] == "+ 新增"]
    assert [r[1] for r in added] == ["RSP007", "RSP007"]
    assert added[0][3] == "1"
    assert added[1][5] == "小云"
    _, back, _ = audit(capsys, "diff", "jd", "base", str(chats))
    assert [r[:2] for r in cells(back) if r[0] == "- 消失"] == [["- 消失", "RSP007"]] * 2


def test_diff_shows_changed_findings(capsys, chats, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("policy: own\nextends: jd\nclauses:\n  - {rule: RSP007, severity: major}\n", encoding="utf-8")
    _, out, _ = audit(capsys, "diff", "jd", str(own), str(chats))
    changed = [r for r in cells(out) if r[0] == "~ 改变"]
    assert changed[1][1:5] == ["RSP007", "首次响应超时", "minor → major", "2 → 5"]


def test_diff_of_a_pack_with_itself(capsys, chats):
    code, out, _ = audit(capsys, "diff", "jd", "jd", str(chats))
    assert code == 0
    assert "no difference" in out


def test_diff_checks_both_policies_first(capsys, tmp_path):
    code, out, err = audit(capsys, "diff", "base", "jdd", str(tmp_path / "nothing here"))
    assert (code, out) == (2, "")
    assert "did you mean jd" in err


def finding(id_: str, **changes) -> Finding:
    base = Finding(
        schema=1, id=id_, rule="RSP007", name="response.first_reply", title="首次响应超时", severity="minor",
        state="violation", group=None, at="2026-03-02T10:00:00+08:00", platform="jd", shop="云朵小铺", agent="小云",
        buyer="tb_anon", session="s", message_keys=["k"], evidence=[], opened_at=None, deadline=None, closed_at=None,
        latency_s=None, reason="", confidence=1.0, points=2.0, provoked=False, decided_by="rule", policy="jd",
        policy_version="1", cite="",
    )  # fmt: skip
    return dataclasses.replace(base, **changes)


def test_compare():
    a, b, c = finding("a"), finding("b", at="2026-03-01T10:00:00+08:00"), finding("c", at=None)
    dearer = dataclasses.replace(a, points=5.0, policy="own", reason="换了说法")
    same = dataclasses.replace(b, policy="own", cite="另一依据")
    assert module.compare([a, b], [dearer, same, c]) == [("added", c, None), ("changed", dearer, a)]
    assert module.compare([a, b], [b]) == [("removed", a, None)]


def test_on_a_terminal_tables_are_drawn(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    module.table(["规则", "原因"], [["RSP003", "有[red]方括号[/red]的原因"]])
    assert "\t" not in screen.getvalue()
    assert "有[red]方括号[/red]的原因" in screen.getvalue()
