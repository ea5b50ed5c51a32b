import io

import pytest

from audit.errors import UserError
from audit.ingest import qidian
from audit.ingest.model import Source
from tests.ingest.written import STRANGERS, others_are_not, read, source, spelt

HEADER = tuple(
    "客服 所在组织架构 客户 会话开始时间 会话通路 接入方式 结束方式 满意度评分 客服首次发送消息时间 会话记录".split()
)
RULE = "|-----------------------|"
CHAT = f"""{RULE}
日期    2026-11-09
{RULE}
林一舟(30010001)    20:10:45
亲 您好
有什么可以帮您

未登记/380-空心(33970001)    20:12:41
退货运费谁出

未登记/380-空心(33970001)    23:59:58
在吗

林一舟(30010001)    00:00:30
我们出

{RULE}
日期    2026-11-11
{RULE}
未登记/380-空心(33970001)    09:00:00

"""


def workbook(*rows: tuple[object, ...], header: tuple[str, ...] = HEADER, above: int = 0) -> Source:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for _ in range(above):
        sheet.append(["会话明细"])
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return source(out.getvalue(), "企点.xlsx")


def session(
    chat: str,
    staff: str = "林一舟",
    customer: str = "未登记/380-空心",
    score: object = "",
    way: str = "人工",
    end: str = "",
):  # type: ignore[no-untyped-def]
    return (staff, "售后", customer, "2026-11-09 20:10:40", "QQ", way, end, score, "", chat)


def test_a_chat_in_a_cell_becomes_messages() -> None:
    frame, bad = read(qidian, workbook(session(CHAT)), shop="泊岸")
    assert bad == []
    assert spelt(frame, "sent_at", "sender", "agent", "text") == [
        ("2026-11-09 20:10:45", "agent", "林一舟", "亲 您好\n有什么可以帮您"),
        ("2026-11-09 20:12:41", "buyer", "林一舟", "退货运费谁出"),
        ("2026-11-09 23:59:58", "buyer", "林一舟", "在吗"),
        ("2026-11-10 00:00:30", "agent", "林一舟", "我们出"),
        ("2026-11-11 09:00:00", "buyer", "林一舟", ""),
    ]
    assert set(frame["buyer"]) == {"33970001"}
    assert set(frame["session"]) == {"未登记/380-空心 2026-11-09 20:10:40"}
    assert set(frame["source_row"]) == {2}
    assert set(frame["platform"]) == {"other"} and set(frame["shop"]) == {"泊岸"}


def test_transfer_rating_and_close_stand_around_the_chat() -> None:
    given = workbook(
        session(CHAT, score=2, way="客服转接", end="访客离开"), session(CHAT, score="非常满意", end="客服结束"), above=1
    )
    frame, _ = read(qidian, given)
    events = frame[frame["event"] != ""]
    assert spelt(events, "source_row", "sent_at", "sender", "event", "event_value", "text") == [
        (3, "2026-11-09 20:10:45", "system", "transfer", {"from": "", "to": "林一舟", "note": ""}, ""),
        (3, "2026-11-11 09:00:00", "buyer", "rating", {"agent": "林一舟", "score": 2, "source": ""}, ""),
        (3, "2026-11-11 09:00:00", "system", "close", {"by": "buyer"}, "访客离开"),
        (4, "2026-11-11 09:00:00", "buyer", "rating", {"agent": "林一舟", "score": 5, "source": ""}, ""),
        (4, "2026-11-11 09:00:00", "system", "close", {"by": "agent"}, "客服结束"),
    ]
    assert [e for e in frame["event"]][:2] == ["transfer", ""]


def test_third_speakers_are_colleagues_or_robots_and_unknown_customers_buyers() -> None:
    def said(*names: str) -> str:
        lines = [f"{n}(3{i})    10:00:0{i}\n{n}说\n" for i, n in enumerate(names)]
        return f"{RULE}\n日期    2026-11-09\n{RULE}\n" + "\n".join(lines)

    frame, _ = read(
        qidian,
        workbook(
            session(said("阿布", "林一舟", "苏河", "接待机器人"), customer="阿布"),
            session(said("过客", "林一舟"), customer="阿布"),
            session(said("过客", "林一舟"), staff="苏河", customer=""),
        ),
    )
    assert spelt(frame, "source_row", "sender", "agent", "buyer", "auto") == [
        (2, "buyer", "林一舟", "30", ""),
        (2, "agent", "林一舟", "30", ""),
        (2, "agent", "苏河", "30", ""),
        (2, "robot", "接待机器人", "30", "true"),
        (3, "buyer", "林一舟", "30", ""),
        (3, "agent", "林一舟", "30", ""),
        (4, "buyer", "苏河", "30", ""),
        (4, "agent", "林一舟", "30", ""),
    ]


def test_unreadable_cells_are_listed_by_sheet_row() -> None:
    undated = "林一舟(30010001)    20:10:45\n您好\n"
    frame, bad = read(qidian, workbook(session(CHAT), session("乱码"), session(""), session(undated)))
    assert set(frame["source_row"]) == {2}
    assert [(b.row, b.column) for b in bad] == [(4, "会话记录"), (3, "会话记录"), (5, "会话记录")]


def test_refusals() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(qidian, workbook(session("乱码")))
    with pytest.raises(UserError, match="会话记录"):
        read(qidian, workbook(("a",), header=("客服",)))
    with pytest.raises(UserError, match="damaged or truncated"):
        read(qidian, source(b"PK\x03\x04 broken"))


def test_sniff() -> None:
    assert qidian.sniff(workbook(session(CHAT))) > 0.9
    performance = workbook(("阿澄", 12, 0.9), header=("客服", "客户", "3分钟人工回复率"))
    assert qidian.sniff(performance) == 0
    others_are_not(qidian, *STRANGERS)
