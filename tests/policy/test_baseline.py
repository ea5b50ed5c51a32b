from __future__ import annotations

import json

import pytest

from audit.engine.result import WIRE_SCHEMA
from audit.errors import UserError
from audit.policy.baseline import compare, read_baseline


def lines(*ids: str) -> str:
    return "".join(
        json.dumps({"schema": WIRE_SCHEMA, "id": i, "reason": "某句话"}, ensure_ascii=False) + "\n" for i in ids
    )


def test_new_known_and_gone(tmp_path):
    (tmp_path / "findings.jsonl").write_text(lines("a", "b", "c", "b"), encoding="utf-8")
    for path in (tmp_path, tmp_path / "findings.jsonl"):
        old = read_baseline(path, WIRE_SCHEMA)
        assert old == ["a", "b", "c"]
    result = compare(["c", "d", "a", "e"], old)
    assert result.status == {"c": "known", "d": "new", "a": "known", "e": "new"}
    assert result.gone == ("b",)
    assert result.counts == {"new": 2, "known": 2, "gone": 1}


def test_an_empty_report_is_a_baseline(tmp_path):
    path = tmp_path / "findings.jsonl"
    path.write_text("", encoding="utf-8")
    assert compare(["a"], read_baseline(path, WIRE_SCHEMA)).counts == {"new": 1, "known": 0, "gone": 0}


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ("{not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["a"]', "no id"),
        ('{"schema": 1}', "no id"),
        ('{"schema": 1, "id": ""}', "no id"),
        ('{"schema": 99, "id": "a"}', "schema 99"),
        ('{"id": "a"}', "schema None"),
    ],
)
def test_a_line_that_is_no_finding_is_named(tmp_path, bad, word):
    path = tmp_path / "findings.jsonl"
    path.write_text(lines("a") + bad + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=word) as error:
        read_baseline(path, WIRE_SCHEMA)
    assert error.value.where == f"{path}:2"


def test_unreadable_files(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_baseline(tmp_path / "none.jsonl", WIRE_SCHEMA)
    path = tmp_path / "x.jsonl"
    path.write_bytes("某店\n".encode("gb18030"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_baseline(path, WIRE_SCHEMA)
