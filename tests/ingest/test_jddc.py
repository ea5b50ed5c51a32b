import pytest

from audit.errors import UserError
from audit.ingest import entries, jddc
from tests.ingest.written import STRANGERS, others_are_not, read, source, spelt

ENGLISH = "session_id\tuser_id\tsku\twaiter_send\tis_transfer\tis_repeat\tcontent\n"
CHINESE = "会话编号\t顾客id\tsku\t是否客服发送\t是否转出\t是否重复咨询\t内容\n"
LINES = (
    "a1\tUSERID_1\t9\t0\t0\t0\t键盘的线多长\n"
    "a1\tUSERID_1\t9\t1\t0\t0\t一米八\t带收纳扣\n"
    "b2\tUSERID_2\t\t0\t1\t1\t订单[ORDERID_7]到哪了\r\n"
    "b2\tUSERID_2\t\t1\t1\t1\t给您转物流专员#E-s[数字x]\n"
)
ROWS = [
    ("a1", "USERID_1", "buyer", "text", "键盘的线多长", "", {}),
    ("a1", "USERID_1", "agent", "text", "一米八\t带收纳扣", "", {}),
    ("b2", "USERID_2", "buyer", "text", "订单[ORDERID_7]到哪了", "", {}),
    ("b2", "USERID_2", "agent", "text", "给您转物流专员#E-s[数字x]", "", {}),
    ("b2", "USERID_2", "system", "event", "", "transfer", {"from": "", "to": "", "note": ""}),
]


@pytest.mark.parametrize(("header", "first"), [("", 1), (ENGLISH, 2), ("\ufeff" + CHINESE, 2)])
def test_rows_with_and_without_header(header: str, first: int) -> None:
    frame, bad = read(jddc, source(header + LINES))
    assert bad == []
    assert spelt(frame, "session", "buyer", "sender", "kind", "text", "event", "event_value") == ROWS
    assert frame["source_row"].tolist() == [first, first + 1, first + 2, first + 3, first + 3]
    assert set(frame["platform"]) == {"jd"} and set(frame["agent"]) == {""}
    assert frame["sent_at"].isna().all()


@pytest.mark.parametrize("size", [20, 70, 150])
def test_blocks_cut_neither_rows_nor_sessions(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = read(jddc, source(ENGLISH + LINES))
    real = entries.line_blocks
    monkeypatch.setattr(jddc, "line_blocks", lambda s: real(s, size))
    parts, bad = read(jddc, source(ENGLISH + LINES))
    assert bad == []
    assert parts.equals(whole)


def test_bad_lines_are_listed_with_their_numbers() -> None:
    frame, bad = read(jddc, source(ENGLISH + "a1\tU\t9\t0\t0\n\n" + LINES + "a1\tU\t9\t2\t0\t0\t在吗\n"))
    assert len(frame) == 5
    assert [(b.row, b.column) for b in bad] == [(2, ""), (8, "waiter_send")]


def test_a_file_of_bad_lines_is_refused() -> None:
    with pytest.raises(UserError, match="7 tab-separated"):
        read(jddc, source(ENGLISH + "a1\tU\t9\t0\t0\n"))


def test_sniff() -> None:
    for text in (ENGLISH + LINES, CHINESE + LINES, LINES, LINES.encode("gb18030")):
        assert jddc.sniff(source(text)) >= 0.9
    utterances = "在吗,在吗,什么时候发,\n可以的呢,您放心哦,\n"
    others_are_not(jddc, utterances, "a\tb\tc\td\te\tf\tg\n1\t2\t3\t4\t5\t6\t7\n", *STRANGERS)
