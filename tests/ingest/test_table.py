from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audit.errors import UserError
from audit.ingest import table, table_csv, table_json, table_parquet, table_xlsx
from audit.ingest.discover import FileOpener
from audit.ingest.model import ReadOptions, Source
from audit.ingest.table_batch import count_bad
from audit.schema import CANONICAL, PROVENANCE, check

HEADER = ["platform", "shop", "buyer", "sent_at", "sender", "agent", "text"]
ROWS = [
    ["taobao", "晴川日用", "甲**", "2026-03-05 10:00:00", "buyer", "小禾", "00123"],
    ["taobao", "晴川日用", "甲**", "2026-03-05 10:00:09", "agent", "小禾", '有的,"亲"'],
    ["taobao", "晴川日用", "乙**", "", "agent", "小禾", "第一行\n第二行"],
]


def csv_bytes(header: list, rows: list, encoding: str = "utf-8", delimiter: str = ",", end: str = "\n") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def source_of(tmp_path: Path, data: bytes, name: str = "chats.csv") -> Source:
    path = tmp_path / name
    path.write_bytes(data)
    return Source(name, len(data), FileOpener(str(path)), str(path))


def read(source: Source, **options) -> tuple[pd.DataFrame, list]:
    chunks = list(table.read(source, ReadOptions(**options)))
    frame = pd.concat([c.frame for c in chunks], ignore_index=True)
    return frame, [b for c in chunks for b in c.bad_rows]


def xlsx_bytes(sheets: dict[str, list]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def assert_rows(frame: pd.DataFrame) -> None:
    assert frame["text"].tolist() == [r[-1] for r in ROWS]
    assert frame["sender"].tolist() == ["buyer", "agent", "agent"]
    assert frame["buyer"].tolist() == ["甲**", "甲**", "乙**"]
    assert frame["sent_at"].tolist()[:2] == [pd.Timestamp("2026-03-05 10:00:00"), pd.Timestamp("2026-03-05 10:00:09")]
    assert frame["sent_at"].isna().tolist() == [False, False, True]
    assert set(frame["platform"]) == {"taobao"}
    assert set(frame["kind"]) == {"text"}
    assert not frame["recalled"].any()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_of_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    source = source_of(tmp_path, csv_bytes(HEADER, ROWS, encoding, delimiter, end))
    assert table.sniff(source) > 0.9
    frame, bad = read(source)
    assert bad == []
    assert_rows(frame)
    assert frame["source_row"].tolist() == [2, 3, 4]
    check(frame, {**CANONICAL, **PROVENANCE}, "table")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_json_lines_of_every_encoding(tmp_path: Path, encoding: str) -> None:
    lines = "".join(json.dumps(dict(zip(HEADER, r, strict=True)), ensure_ascii=False) + "\n" for r in ROWS)
    source = source_of(tmp_path, lines.encode(encoding), "chats.jsonl")
    assert table.sniff(source) > 0.9
    frame, bad = read(source)
    assert bad == []
    assert_rows(frame)
    assert frame["source_row"].tolist() == [1, 2, 3]


def test_json_array_with_native_values(tmp_path: Path) -> None:
    objects = [
        {"sender": "buyer", "text": "在吗", "session": 123, "sent_at": 1772676000, "recalled": True, "auto": None},
        {"sender": "system", "session": 123, "event": "order", "event_value": {"order_id": "A1"}},
        "no object",
    ]
    source = source_of(tmp_path, json.dumps(objects, ensure_ascii=False).encode(), "x.json")
    frame, bad = read(source)
    assert frame["session"].tolist() == ["123", "123"]
    assert frame["recalled"].tolist() == [True, False]
    assert frame["kind"].tolist() == ["text", "event"]
    assert json.loads(frame["event_value"][1]) == {"order_id": "A1"}
    assert [(b.row, b.reason) for b in bad] == [(3, "not a JSON object")]


def test_json_lines_that_are_no_objects_are_bad_rows(tmp_path: Path) -> None:
    good = '{"sender":"buyer","text":"在吗","buyer":"甲"}\n'
    data = (good * 2 + "{broken\n\n[1]\n" + good + '{"sender":"buyer","text":"a\\ud800b","buyer":"甲"}\n').encode()
    frame, bad = read(source_of(tmp_path, data, "x.jsonl"))
    assert frame["source_row"].tolist() == [1, 2, 6, 7]
    assert [b.row for b in bad] == [3, 5]


def test_both_json_paths_give_the_same(tmp_path: Path) -> None:
    objects = [{"sender": "buyer", "text": f"文{i}", "buyer": f"b{i % 7}", "recalled": i % 2 == 0} for i in range(500)]
    lines = "".join(json.dumps(o) + "\n" for o in objects).encode()
    fast, _ = read(source_of(tmp_path, lines, "a.jsonl"))
    slow, _ = read(source_of(tmp_path, lines + b"\n", "b.jsonl"))
    pd.testing.assert_frame_equal(fast, slow)
    assert table_json._arrow_block(lines, 1, {0: "sender"}) is not None
    assert table_json._arrow_block(lines + b"\n", 1, {0: "sender"}) is None


def test_parquet_with_native_types_and_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_parquet, "BATCH_ROWS", 4)
    n = 10
    columns = {
        "sender": pa.array(["buyer"] * n).dictionary_encode(),
        "text": [f"文{i}" for i in range(n)],
        "session": pa.array(range(n), pa.int64()),
        "sent_at": pa.array([dt.datetime(2026, 3, 5, 2, 0, i, tzinfo=dt.UTC) for i in range(n)]),
        "recalled": [i == 3 for i in range(n)],
    }
    pq.write_table(pa.table(columns), tmp_path / "x.parquet", row_group_size=3)
    source = source_of(tmp_path, (tmp_path / "x.parquet").read_bytes(), "x.parquet")
    chunks = list(table.read(source, ReadOptions()))
    assert len(chunks) > 1
    frame = pd.concat([c.frame for c in chunks], ignore_index=True)
    assert frame["source_row"].tolist() == list(range(1, n + 1))
    assert frame["sent_at"].tolist()[-1] == pd.Timestamp("2026-03-05 10:00:09")
    assert frame["session"].tolist() == [str(i) for i in range(n)]
    assert frame["recalled"].tolist() == [i == 3 for i in range(n)]
    inside = Source("z.zip!x.parquet", source.size, source.open_bytes)
    assert len(read(inside)[0]) == n


def test_damaged_parquet_and_workbooks_are_user_errors(tmp_path: Path) -> None:
    pq.write_table(pa.table({"sender": ["buyer"], "text": ["a"], "buyer": ["b"]}), tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    book = xlsx_bytes({"a": [HEADER, *ROWS]})
    for data in (whole[:-20], whole[:30], book[: len(book) // 2], b"PK\x03\x04" + b"x" * 99):
        source = source_of(tmp_path, data, "bad")
        with pytest.raises(UserError, match="damaged|readable"):
            list(table.read(source, ReadOptions()))


def test_workbooks_header_row_sheets_numbers_and_formulas(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("三月")
        sheet.write(0, 0, "导出时间：某日")
        sheet.write_row(2, 1, ["sender", "text", "session", "sent_at"])
        sheet.write_row(3, 1, ["buyer", "在吗", 1234567890123])
        sheet.write_datetime(3, 4, dt.datetime(2026, 3, 5, 10, 0, 5), day)
        sheet.write(5, 1, "agent")
        sheet.write_formula(5, 2, '="在"&"的"', None, "在的")
        sheet.write(5, 3, 1234567890123)
        sheet.write_datetime(5, 4, dt.datetime(2026, 3, 5), day)
        book.add_worksheet("空")
        other = book.add_worksheet("说明")
        other.write_row(0, 0, ["这是", "说明"])
        more = book.add_worksheet("四月")
        more.write_row(0, 0, ["sender", "text", "buyer", "sent_at"])
        more.write_row(1, 0, ["buyer", "好的", "甲", 46084.4166666667])
    source = source_of(tmp_path, path.read_bytes(), "x.xlsx")
    assert table.sniff(source) > 0.9
    frame, bad = read(source)
    assert bad == []
    assert frame["text"].tolist() == ["在吗", "在的", "好的"]
    assert frame["session"].tolist() == ["1234567890123", "1234567890123", ""]
    assert frame["source_row"].tolist() == [4, 6, 2]
    assert frame["sent_at"].tolist() == [
        pd.Timestamp("2026-03-05 10:00:05"),
        pd.Timestamp("2026-03-05"),
        pd.Timestamp("2026-03-03 10:00"),
    ]
    assert frame["precision"].tolist() == [1, 1, 60]


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = xlsx_bytes({"s": [["sender", "text", "buyer"], ["buyer", "a" * 30_000, "b"]]})
    monkeypatch.setattr(table_xlsx, "MOST_BYTES", 20_000)
    with pytest.raises(UserError, match="unpacks to"):
        list(table.read(source_of(tmp_path, data, "x.xlsx"), ReadOptions()))


def test_workbook_datetimes_without_seconds_are_minutes(tmp_path: Path) -> None:
    rows = [["sender", "text", "buyer", "sent_at"], ["buyer", "a", "b", dt.datetime(2026, 3, 5, 10, 1)]]
    frame, _ = read(source_of(tmp_path, xlsx_bytes({"s": rows}), "x.xlsx"))
    assert frame["precision"].tolist() == [60]


def test_rows_that_cannot_be_read_are_listed_with_file_row_column_and_reason(tmp_path: Path) -> None:
    header = ["sender", "buyer", "sent_at", "kind", "platform", "auto", "event", "event_value", "text"]
    good = ["buyer", "甲", "2026-03-05 10:00", "", "", "", "", "", "在吗"]

    def row(**cells: str) -> list[str]:
        return [cells.get(name, value) for name, value in zip(header, good, strict=True)]

    rows = [
        good,
        row(sender="boss"),
        row(sender=""),
        row(buyer=""),
        row(sent_at="昨天 10:00"),
        row(sent_at="2026-02-30 10:00"),
        row(kind="hologram"),
        row(platform="ebay"),
        row(auto="maybe"),
        row(event="party"),
        row(event="order", event_value="[1]", sender="system"),
        row(text=""),
        row(text=" 　"),
        row(text="", kind="image"),
        row(text="", event="order", sender="system"),
        [""] * 9,
        good,
    ]
    frame, bad = read(source_of(tmp_path, csv_bytes(header, rows)))
    assert frame["source_row"].tolist() == [2, 15, 16, 18]
    assert [(b.row, b.column) for b in bad] == [
        (3, "sender"),
        (4, "sender"),
        (5, "buyer"),
        (6, "sent_at"),
        (7, "sent_at"),
        (8, "kind"),
        (9, "platform"),
        (10, "auto"),
        (11, "event"),
        (12, "event_value"),
        (13, "text"),
        (14, "text"),
    ]
    assert {b.file for b in bad} == {"chats.csv"}
    assert bad[0].reason == "unknown sender 'boss'"
    assert bad[3].reason == "relative time: '昨天 10:00'"
    assert "no such date" in bad[4].reason


def test_chinese_values_are_accepted_and_options_fill_what_is_empty(tmp_path: Path) -> None:
    header = ["sender", "session", "kind", "auto", "recalled", "platform", "shop", "text"]
    rows = [
        ["买家", "1", "文本", "否", "0", "淘宝", "店甲", "a"],
        ["客服", "1", "图片", "是", "是", "", "", "b"],
        [" 顾客 ", "1", "", "", "FALSE", "拼多多", "", "c"],
        ["机器人", "1", "", "TRUE", "", "", "", "d"],
        ["系统", "1", "", "", "", "", "", "e"],
    ]
    frame, bad = read(source_of(tmp_path, csv_bytes(header, rows)), platform="jd", shop="店乙")
    assert bad == []
    assert frame["sender"].tolist() == ["buyer", "agent", "buyer", "robot", "system"]
    assert frame["kind"].tolist() == ["text", "image", "text", "text", "text"]
    assert frame["auto"].tolist() == ["false", "true", "", "true", ""]
    assert frame["recalled"].tolist() == [False, True, False, False, False]
    assert frame["platform"].tolist() == ["taobao", "jd", "pdd", "jd", "jd"]
    assert frame["shop"].tolist() == ["店甲", "店乙", "店乙", "店乙", "店乙"]


def test_line_numbers_survive_quoted_newlines_blank_lines_and_wrong_field_counts(tmp_path: Path) -> None:
    data = 'sender,buyer,text\nbuyer,甲,"一\n二\n三"\n\nbuyer,甲\nbuyer,甲,四,五\nbuyer,甲,六\n'.encode()
    frame, bad = read(source_of(tmp_path, data))
    assert frame["source_row"].tolist() == [2, 8]
    assert [(b.row, b.reason) for b in bad] == [(6, "2 fields instead of 3"), (7, "4 fields instead of 3")]


def test_line_numbers_go_on_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["buyer", f"b{i % 5}", f"第{i}句" + ('\n"续"' if i % 3 == 0 else "")] for i in range(400)]
    source = source_of(tmp_path, csv_bytes(["sender", "buyer", "text"], rows))
    whole, _ = read(source)
    monkeypatch.setattr(table_csv, "BLOCK_BYTES", 700)
    parts, bad = read(source)
    assert bad == []
    assert parts["source_row"].tolist() == whole["source_row"].tolist()
    assert parts["text"].tolist() == whole["text"].tolist() == [r[2] for r in rows]
    assert whole["source_row"].iloc[-1] == 1 + 399 + sum("\n" in r[2] for r in rows[:-1]) + 1
    for encoding in ("gb18030", "utf-16"):
        again, bad = read(
            source_of(tmp_path, csv_bytes(["sender", "buyer", "text"], rows, encoding), f"{encoding}.csv")
        )
        assert bad == []
        assert again["source_row"].tolist() == whole["source_row"].tolist()
        assert again["text"].tolist() == whole["text"].tolist()


def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    lines = ["sender,buyer,text"] + [f"buyer,甲,句{i}" for i in range(600)]
    lines[101] = 'buyer,甲,"开'
    frame, bad = read(source_of(tmp_path, ("\n".join(lines) + "\n").encode()))
    assert [(b.row, b.reason) for b in bad] == [(102, "a quote is never closed")]
    assert len(frame) == 599
    assert frame["source_row"].tolist() == [n for n in range(2, 602) if n != 102]


def test_a_quote_inside_a_field_is_a_character(tmp_path: Path) -> None:
    frame, bad = read(source_of(tmp_path, 'sender,buyer,text\nbuyer,甲,5" 屏\nagent,甲,是的\n'.encode()))
    assert bad == []
    assert frame["text"].tolist() == ['5" 屏', "是的"]


def test_mixed_encodings_nul_bytes_and_undecodable_lines(tmp_path: Path) -> None:
    head = "sender,buyer,text\nbuyer,甲,统一码的一行字\n".encode()
    other = "agent,甲,国标码的一行字\n".encode("gb18030")
    data = head + other + b"agent,x,\xff\xff\xff\n" + b"agent,x,a\x00b\n" + "buyer,甲,完\n".encode()
    frame, bad = read(source_of(tmp_path, data))
    assert frame["text"].tolist() == ["统一码的一行字", "国标码的一行字", "完"]
    assert frame["source_row"].tolist() == [2, 3, 6]
    assert [(b.row, b.column) for b in bad] == [(4, "encoding"), (5, "encoding")]


def test_a_gb18030_line_far_behind_an_ascii_head(tmp_path: Path) -> None:
    data = b"sender,buyer,text\n" + b"buyer,a,hello there\n" * 9000 + "agent,a,您好\n".encode("gb18030")
    frame, bad = read(source_of(tmp_path, data))
    assert bad == []
    assert frame["text"].iloc[-1] == "您好"
    assert frame["source_row"].iloc[-1] == 9002


def test_title_lines_separator_line_and_trailing_delimiters(tmp_path: Path) -> None:
    data = "sep=;\n聊天记录导出;;\n\nsender;buyer;text;\nbuyer;甲;在吗;\nagent;甲;在;\n".encode()
    frame, bad = read(source_of(tmp_path, data))
    assert bad == []
    assert frame["source_row"].tolist() == [5, 6]


def test_megabyte_cells_and_ten_thousand_columns(tmp_path: Path) -> None:
    long = "长" * 400_000
    frame, bad = read(
        source_of(tmp_path, csv_bytes(["sender", "buyer", "text"], [["buyer", "甲", long], ["agent", "甲", "好"]]))
    )
    assert frame["text"].tolist() == [long, "好"]
    data = "sender,buyer,text\nbuyer,甲,在吗\n".encode() + b",".join([b"x"] * 10_000) + "\nagent,甲,在\n".encode()
    frame, bad = read(source_of(tmp_path, data, "wide.csv"))
    assert len(frame) == 2
    assert [(b.row, b.reason) for b in bad] == [(3, "10000 fields instead of 3")]
    header = ["sender", "buyer", "text", *(f"c{i}" for i in range(10_000))]
    frame, _ = read(source_of(tmp_path, csv_bytes(header, [["buyer", "甲", "在吗"] + [""] * 10_000]), "w.csv"))
    assert frame["text"].tolist() == ["在吗"]


def test_a_record_longer_than_the_parsers_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_csv, "PARSER_BYTES", 1000)
    rows = [["buyer", "甲", "长" * 900 + '"\n'], ["agent", "甲", "好"]] * 3
    frame, bad = read(source_of(tmp_path, csv_bytes(["sender", "buyer", "text"], rows)))
    assert bad == []
    assert frame["text"].tolist() == [r[2] for r in rows]


def test_bad_rows_are_counted_all_and_listed_in_part(tmp_path: Path) -> None:
    rows = [["buyer", "甲", "x"]] * 150 + [["boss", "甲", "x"]] * 3000 + [["buyer", "甲"]] * 2000
    (chunk,) = table.read(source_of(tmp_path, csv_bytes(["sender", "buyer", "text"], rows)), ReadOptions())
    assert count_bad(chunk.bad_rows) == 5000
    assert len(chunk.bad_rows) == 1000
    assert len(chunk.frame) == 150


@pytest.mark.parametrize(
    ("header", "missing"),
    [(["sender", "text", "sent_at"], "buyer or session"), (["sender", "buyer", "session", "sent_at"], "text")],
)
def test_missing_required_columns_are_named(tmp_path: Path, header: list, missing: str) -> None:
    source = source_of(tmp_path, csv_bytes(header, [["buyer"] * len(header)]))
    assert table.sniff(source) == 0.75
    with pytest.raises(UserError, match=f"missing: {missing}"):
        list(table.read(source, ReadOptions()))


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    source = source_of(tmp_path, csv_bytes(["sender", "text", "buyer", "Text"], [["buyer", "a", "b", "c"]]))
    with pytest.raises(UserError, match="two columns are called text"):
        list(table.read(source, ReadOptions()))


def test_what_is_no_table_is_not_sniffed(tmp_path: Path) -> None:
    texts = [
        "随便写的一段话，没有表头\n再来一行\n",
        "甲,乙\n丙,丁\n",
        "",
        "{}",
        "[]",
        "{\n",
        '["a"]',
        "sender\nbuyer\n",
        "\0\0\0\0",
    ]
    for number, text in enumerate(texts):
        assert table.sniff(source_of(tmp_path, text.encode(), f"{number}.txt")) < 0.5


def test_frames_keep_strings_as_they_are(tmp_path: Path) -> None:
    header = ["sender", "buyer", "message_id", "text"]
    rows = [["buyer", "0012", "1e5", "NA"], ["buyer", "TRUE", "00", "null"], ["buyer", "1.0", "", "#N/A"]]
    frame, _ = read(source_of(tmp_path, csv_bytes(header, rows)))
    assert frame["buyer"].tolist() == ["0012", "TRUE", "1.0"]
    assert frame["message_id"].tolist() == ["1e5", "00", ""]
    assert frame["text"].tolist() == ["NA", "null", "#N/A"]
    assert np.array_equal(frame["source_row"], [2, 3, 4])
