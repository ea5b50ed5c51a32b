import pandas as pd
import pytest

from audit.errors import UserError
from audit.ingest import entries
from audit.ingest.model import ReadOptions
from tests.ingest.written import source


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_line_blocks_give_every_line_once_with_its_number(encoding: str, size: int) -> None:
    text = "第一行\r\n\r\n第三行很长很长很长很长\n最后一行"
    blocks = list(entries.line_blocks(source(text.encode(encoding)), size))
    numbered = [(first + i, line) for first, lines, _ in blocks for i, line in enumerate(lines)]
    assert numbered == [(1, "第一行"), (2, ""), (3, "第三行很长很长很长很长"), (4, "最后一行")]


def test_line_blocks_number_the_unreadable_line_in_a_later_block() -> None:
    data = "好的\n".encode() * 5 + b"\xff\xff\xff\n" + "好的\n".encode()
    bad = [b for _, _, bad in entries.line_blocks(source(data), 14) for b in bad]
    assert [(b.row, b.column) for b in bad] == [(6, "encoding")]


def test_json_lines_skips_blanks_and_names_what_is_no_object() -> None:
    numbers, values, bad = next(entries.json_lines(source('{"a":1}\n\n[1]\n{"a":\n{"a":2}\n')))
    assert (numbers, values) == ([1, 5], [{"a": 1}, {"a": 2}])
    assert [(b.row, b.reason) for b in bad] == [(3, "not a JSON object"), (4, "not a JSON object")]


def test_rows_list_the_message_whose_time_is_unreadable() -> None:
    rows = entries.Rows(source(""), ReadOptions(platform="kuaishou", shop="云岫"))
    rows.add(1, "2026-11-10 10:00:00", "buyer", text="在吗", buyer=7)
    rows.event(2, None, "close", {"by": "agent"}, buyer=7)
    rows.add(3, "昨天", "agent", text="在的", buyer=7)
    chunk = rows.chunk()
    assert [(b.row, b.column, b.reason) for b in chunk.bad_rows] == [(3, "sent_at", "relative time: 昨天")]
    assert chunk.frame["text"].tolist() == ["在吗", ""]
    assert chunk.frame["sent_at"].astype(str).tolist() == ["2026-11-10 10:00:00"] * 2
    assert chunk.frame.loc[0, ["platform", "shop", "buyer", "kind"]].tolist() == ["kuaishou", "云岫", "7", "text"]


def test_truth_knows_the_ways_to_write_a_flag() -> None:
    assert [entries.truth(v) for v in (True, 1, "1", "是", "true")] == [True] * 5
    assert [entries.truth(v) for v in (False, 0, "0", "否")] == [False] * 4
    assert entries.truth("也许") is None


def test_a_file_without_messages_is_refused_with_its_first_bad_row() -> None:
    rows = entries.Rows(source(""), ReadOptions())
    rows.bad(4, "time", "unreadable time: 昨天")
    error = entries.nothing(source(""), "某格式", rows.bad_rows)
    assert isinstance(error, UserError)
    assert "某格式" in error.what and "row 4" in error.what


def test_joined_texts_of_groups() -> None:
    lines = pd.Series(["一", "二", "三", ""], index=[9, 3, 4, 5], dtype="str")
    assert entries.joined(lines, pd.Series([0, 0, 2, 7])).to_dict() == {0: "一\n二", 2: "三", 7: ""}
    assert entries.joined(lines[:0], pd.Series([], dtype="int64")).to_dict() == {}
