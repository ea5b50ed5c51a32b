from __future__ import annotations

from datetime import date, datetime

import pytest

from audit.policy.ignore import Ignored, apply, read_ignore
from audit.policy.nodes import FileProblems

HEAD = "id,reason,by,date,until\n"


def write(tmp_path, text: str, encoding: str = "utf-8"):
    path = tmp_path / "ignore.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding(tmp_path, encoding):
    text = HEAD + 'abc123,"买家本人说明,误会",组长甲,2026-03-01,2026-06-30\nabc124,误判,组长乙,2026/3/2,\n\n'
    rows = read_ignore(write(tmp_path, text, encoding))
    assert rows == [
        Ignored("abc123", "买家本人说明,误会", "组长甲", date(2026, 3, 1), date(2026, 6, 30)),
        Ignored("abc124", "误判", "组长乙", date(2026, 3, 2), None),
    ]


def test_chinese_heads_tabs_and_a_missing_until(tmp_path):
    rows = read_ignore(write(tmp_path, "编号\t原因\t处理人\t日期\nabc\t误判\t甲\t2026-03-01\n"))
    assert rows == [Ignored("abc", "误判", "甲", date(2026, 3, 1), None)]


def test_every_problem_with_its_row(tmp_path):
    path = write(
        tmp_path,
        HEAD + "a,,甲,2026-03-01,\nb,误判,甲,昨天,\nc,误判,甲,2026-03-02,2026-03-01\na,误判,甲,2026-02-30,\n"
        "d,误判,多,一,格,子\n",
    )
    with pytest.raises(FileProblems) as error:
        read_ignore(path)
    found = [str(p).replace(str(path), "ignore.csv") for p in error.value.problems]
    assert found == [
        "ignore.csv:2:2 reason is empty, who silences a finding says why and when",
        "ignore.csv:3:4 date must be a date such as 2026-08-12, not '昨天'",
        "ignore.csv:4:5 until (2026-03-01) lies before date (2026-03-02)",
        "ignore.csv:5:1 a stands twice, first on line 2",
        "ignore.csv:5:4 date must be a date such as 2026-08-12, not '2026-02-30'",
        "ignore.csv:6:6 the row has 6 cells, the header 5, quote cells that hold the separator",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("id,reason,by\na,b,c\n", "missing column date"),
        ("id,reasn,by,date\n", "did you mean reason?"),
        ("id,id,reason,by,date\n", "stands twice"),
        (HEAD + 'a,"误判,甲,2026-03-01,\n', "not valid CSV"),
        (HEAD + "a," + "长" * 200_000 + ",甲,2026-03-01,\n", "not valid CSV"),
    ],
)
def test_broken_files(tmp_path, text, word):
    with pytest.raises(FileProblems, match=word.replace("?", "\\?")):
        read_ignore(write(tmp_path, text))


def test_a_missing_file(tmp_path):
    with pytest.raises(FileProblems, match="cannot be read"):
        read_ignore(tmp_path / "none.csv")


def row(id_: str, until: date | None = None) -> Ignored:
    return Ignored(id_, "误判", "甲", date(2026, 3, 1), until)


def test_apply_splits_matched_expired_and_unknown():
    rows = [
        row("a"),
        row("b", date(2026, 6, 30)),
        row("c", date(2026, 6, 29)),
        row("typo"),
        row("gone", date(2026, 1, 1)),
    ]
    applied = apply(rows, ["a", "b", "c", "d"], datetime(2026, 6, 30, 23, 59))
    assert [r.id for r in applied.matched] == ["a", "b"]
    assert [r.id for r in applied.expired] == ["c"]
    assert [r.id for r in applied.unknown] == ["typo", "gone"]
    assert applied.silenced == {"a", "b"}
    assert [(r["id"], r["matched"], r["expired"]) for r in applied.records()] == [
        ("a", True, False),
        ("b", True, False),
        ("c", False, True),
        ("typo", False, False),
        ("gone", False, False),
    ]
    assert applied.records()[1]["until"] == "2026-06-30"


def test_without_a_moment_nothing_expires():
    assert apply([row("a", date(2000, 1, 1))], ["a"], None).silenced == {"a"}
