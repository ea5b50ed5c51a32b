from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from audit.cli.evidence import from_report, split
from audit.engine.result import AuditResult
from audit.errors import UserError
from audit.report import evidence, jsonl
from audit.report.evidence import pick, row_digest

from .factory import make_result
from .test_html import ATTACKS, Page


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return make_result(60)


def ids_of(result: AuditResult, *rules: str) -> list[str]:
    return [next(f.id for f in result.findings if f.rule == r) for r in rules]


def test_one_page_per_finding_in_the_order_asked(result: AuditResult, tmp_path: Path) -> None:
    ids = ids_of(result, "RSP003", "ATT002", "REV001")
    text = evidence.write(result, [*ids, ids[0]], tmp_path / "e.html").read_text(encoding="utf-8")
    assert text.count("<article>") == 3
    places = [text.index(i) for i in ids]
    assert places == sorted(places)
    assert "第 1 / 3 页" in text


def test_page_has_what_an_appeal_needs(result: AuditResult, tmp_path: Path) -> None:
    (late,) = (f for f in result.findings if f.id == ids_of(result, "RSP003")[0])
    text = evidence.write(result, [late.id], tmp_path / "e.html").read_text(encoding="utf-8")
    for words in (
        "买***",
        "时限 3 分",
        "2026-03-01",
        "001 A-B（2021-03-01 起）",
        "出现质量问题时三分钟内要有人接。",
        late.reason,
    ):
        assert words in text
    assert late.buyer not in text
    assert hashlib.sha256(b"march").hexdigest() in text
    assert "2026-03-11 21:00:00" in text


def test_digest_is_that_of_the_documented_form(result: AuditResult, tmp_path: Path) -> None:
    insult = next(f for f in result.findings if f.rule == "ATT001" and not f.provoked)
    row = result.excerpts[result.excerpts["message_key"] == insult.evidence[0].message_key].iloc[0]
    line = json.dumps(
        [row.source_file, int(row.source_row), row.sent_at.isoformat(), "agent", row.agent, "text", "你这人真是有毛病"],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    digest = hashlib.sha256(line.encode("utf-8")).hexdigest()
    assert digest in evidence.write(result, [insult.id], tmp_path / "e.html").read_text(encoding="utf-8")
    changed = result.excerpts[result.excerpts["message_key"] == insult.evidence[0].message_key].copy()
    assert row_digest(changed) == digest
    changed["text"] = "你这人真是有毛病。"
    assert row_digest(changed) != digest


def test_no_digest_where_a_row_is_missing(result: AuditResult, tmp_path: Path) -> None:
    bare = make_result(60)
    bare.excerpts = bare.excerpts.iloc[:0]
    text = evidence.write(bare, [bare.findings[0].id], tmp_path / "e.html").read_text(encoding="utf-8")
    assert "来源行的 SHA-256" not in text
    assert "对话没有随报告保存" in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_pages_hold_no_markup_from_chats(attack: str, tmp_path: Path) -> None:
    from .factory import hostile

    tags = []
    for text in ("好的", attack):
        bad = hostile(text)
        page = evidence.write(bad, [bad.findings[0].id], tmp_path / "e.html").read_text(encoding="utf-8")
        tags.append([t for t, _ in Page(page).tags])
    assert tags[0] == tags[1]
    assert "script" not in tags[0]


def test_ids_may_be_short_and_wrong_ones_are_told(result: AuditResult) -> None:
    first = result.findings[0].id
    assert [f.id for f in pick(result, [first[:10], first])] == [first]
    with pytest.raises(UserError, match="there is no finding"):
        pick(result, ["zzzzzz"])
    near = first[:-1] + ("0" if first[-1] != "0" else "1")
    with pytest.raises(UserError) as caught:
        pick(result, [near])
    assert first in caught.value.fix
    shared = next(c for c in "0123456789abcdef" if sum(f.id.startswith(c) for f in result.findings) > 1)
    with pytest.raises(UserError, match="stands for"):
        pick(result, [shared])


def test_command_line_tells_ids_from_chats(tmp_path: Path) -> None:
    chat = tmp_path / "chat.csv"
    chat.write_text("x", encoding="utf-8")
    assert split(("3fa94c1b", str(chat), "77aa")) == (["3fa94c1b", "77aa"], [str(chat)])
    for items, words in [
        (("3fa94c1b",), "no chats"),
        ((str(chat),), "no finding's id"),
        (("3fa94c1b", "nowhere/chats.csv"), "neither a file nor"),
    ]:
        with pytest.raises(UserError, match=words):
            split(items)


def test_report_folder_gives_full_ids_and_a_given_as_of(result: AuditResult, tmp_path: Path) -> None:
    jsonl.write(result, tmp_path)
    first = result.findings[0].id
    assert from_report(tmp_path, [first[:10]]) == ([first], None)
    given = make_result(60)
    given.coverage.as_of[0]["given"] = True
    jsonl.write(given, tmp_path)
    assert from_report(tmp_path, [first])[1] == "2026-03-11T21:00:00"
    with pytest.raises(UserError, match="is not in the report"):
        from_report(tmp_path, ["zzzz"])
    with pytest.raises(UserError, match="no readable report"):
        from_report(tmp_path / "nowhere", [first])
