import io
import json
from pathlib import Path

import pytest
import xlsxwriter

from audit.errors import UserError
from audit.ingest import qianniu_sessions as sessions
from tests.ingest.written import STRANGERS, others_are_not, read, source, spelt


def book(*rows: tuple[object, ...], header: tuple[str, ...] = ("messages", "users")) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as made:
        sheet = made.add_worksheet()
        for n, row in enumerate((header, *rows)):
            sheet.write_row(n, 0, row)
    return out.getvalue()


def said(clock: str, nick: str, content: object) -> dict[str, object]:
    return {"time": f"2026-11-09T{clock}Z", "sender_nick": nick, "content": content}


CHAT = [
    said("02:00:12.000", "阿涛爱下雨", {"text": "伞骨生锈了"}),
    said("02:00:13", "雨山雨伞旗舰店:服务助手", {"text": "您好", "summary": "您好"}),
    said("02:01:00", "雨山雨伞旗舰店:小禾", {"summary": "请核对您的收货信息"}),
    said("02:01:30", "雨山雨伞旗舰店", {"url": "https://img.example.com/a.jpg"}),
    said("16:01:31", "阿涛爱下雨", "直接是文字"),
]


def test_rows_are_what_the_cells_say() -> None:
    raw = book((json.dumps(CHAT, ensure_ascii=False), "阿涛爱下雨,雨山雨伞旗舰店:小禾"))
    frame, bad = read(sessions, source(raw))
    assert bad == []
    assert set(frame["shop"]) == {"雨山雨伞旗舰店"} and set(frame["buyer"]) == {"阿涛爱下雨"}
    assert frame["session"].nunique() == 1 and frame["session"].iloc[0]
    assert spelt(frame, "source_row", "sent_at", "sender", "agent", "kind", "text") == [
        (2, "2026-11-09 10:00:12", "buyer", "", "text", "伞骨生锈了"),
        (2, "2026-11-09 10:00:13", "agent", "服务助手", "text", "您好"),
        (2, "2026-11-09 10:01:00", "agent", "小禾", "card", "请核对您的收货信息"),
        (2, "2026-11-09 10:01:30", "agent", "雨山雨伞旗舰店", "text", "[图片]"),
        (2, "2026-11-10 00:01:31", "buyer", "", "text", "直接是文字"),
    ]


def test_own_session_ids_blank_rows_and_a_header_below_a_title() -> None:
    cell = json.dumps(CHAT[:1], ensure_ascii=False)
    raw = book(
        ("session_id", "Messages", "users"), ("S7", cell, ""), ("", "", ""), ("S8", "[]", ""), header=("导出", "", "")
    )
    frame, bad = read(sessions, source(raw), shop="雨山雨伞旗舰店")
    assert spelt(frame, "session", "source_row", "sender", "shop") == [("S7", 3, "buyer", "雨山雨伞旗舰店")]
    assert bad == []


def test_a_cell_that_excel_cut_gives_its_whole_messages() -> None:
    long = json.dumps(
        [said("02:00:00", "雨山雨伞旗舰店:小禾", {"text": "字" * 100}) for _ in range(400)], ensure_ascii=False
    )
    assert len(long) > 32_767
    frame, bad = read(
        sessions, source(book((long[:32_767], "阿涛"), (json.dumps(CHAT), "阿涛"), ("坏", "阿涛"), ("7", "阿涛")))
    )
    whole = long[:32_767].count("}}")
    assert whole > 150 and len(frame) == whole + len(CHAT)
    assert [(b.row, b.column) for b in bad] == [(2, "messages"), (4, "messages"), (5, "messages")]
    assert f"{whole} messages read" in bad[0].reason and "32,767" in bad[0].reason


def test_sniff_reads_the_texts_of_the_workbook() -> None:
    assert sessions.sniff(source(book((json.dumps(CHAT), "")))) == 0.97
    others_are_not(
        sessions, *STRANGERS, book(("你好", ""), header=("内容", "users")), book((json.dumps(CHAT), ""))[:300]
    )


def test_workbooks_that_cannot_be_read() -> None:
    with pytest.raises(UserError):
        read(sessions, source(book((json.dumps(CHAT), ""))[:300], "cut.xlsx"))
    with pytest.raises(UserError, match="column messages"):
        read(sessions, source(book(("你好", ""), header=("内容", "users"))))
    with pytest.raises(UserError, match="no messages"):
        read(sessions, source(book(("[]", "a"))))


def test_sample(samples: Path) -> None:
    given = source((samples / "tmall_sessions.xlsx").read_bytes())
    assert sessions.sniff(given) == 0.97
    frame, bad = read(sessions, given)
    assert (len(frame), frame["session"].nunique(), set(frame["shop"]), bad) == (34, 6, {"青禾家居旗舰店"}, [])
