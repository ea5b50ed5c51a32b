import pytest

from audit.errors import UserError
from audit.ingest import jd_chatlog
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, source, spelt


def log(text: str, by_waiter: object, time: object, **more: object) -> dict[str, object]:
    people = {"customer": "jd_dongdong77", "waiter": "泊岸数码-小舟", "sid": "s1"}
    return {**people, "content": text, "skuId": 100, "time": time, "channel": "pc", "waiterSend": by_waiter, **more}


WRAPPED = {
    "jingdong_im_pop_chatlog_get_responce": {
        "code": "0",
        "ChatLogPage": {
            "totalRecord": 3,
            "chatLogList": [
                log("这个键盘有静音轴吗", False, 1794276000000),
                log("有的呢#E-s12", True, 1794276010000),
                log("好", "false", "2026-11-10 10:00:20"),
            ],
        },
    }
}


def test_an_answer_becomes_rows() -> None:
    frame, bad = read(jd_chatlog, json_source(WRAPPED), shop="泊岸数码")
    assert bad == []
    assert set(frame["platform"]) == {"jd"} and set(frame["shop"]) == {"泊岸数码"}
    assert spelt(frame, "source_row", "sent_at", "sender", "buyer", "agent", "session", "text") == [
        (1, "2026-11-10 10:00:00", "buyer", "jd_dongdong77", "泊岸数码-小舟", "s1", "这个键盘有静音轴吗"),
        (2, "2026-11-10 10:00:10", "agent", "jd_dongdong77", "泊岸数码-小舟", "s1", "有的呢#E-s12"),
        (3, "2026-11-10 10:00:20", "buyer", "jd_dongdong77", "泊岸数码-小舟", "s1", "好"),
    ]


def test_an_answer_kept_as_text_and_several_lines() -> None:
    import json

    frame, _ = read(jd_chatlog, lines_source({"response": json.dumps(WRAPPED)}, log("在吗", False, 1794276000)))
    assert frame["text"].tolist() == ["这个键盘有静音轴吗", "有的呢#E-s12", "好", "在吗"]
    assert frame["source_row"].tolist() == [1, 2, 3, 4]


def test_ratings_and_sessions_become_events() -> None:
    people = {"customer": "jd_dongdong77", "waiter": "泊岸数码-小舟", "sid": "s1"}
    frame, bad = read(
        jd_chatlog,
        json_source(
            [
                log("在吗", False, 1794276000000),
                {**people, "beginTime": 1794276000000, "endTime": 1794276100000, "transfer": True},
                {**people, "beginTime": 1794276200000, "endTime": 1794276300000, "transfer": 0},
                {**people, "beginTime": 1794276200000},
                {**people, "desc": "不满意", "score": 40, "evaTime": 1794276400000},
                {**people, "score": "5", "evaTime": 1794276400000},
                {**people, "score": 80, "evaTime": 1794276400000},
            ]
        ),
    )
    assert spelt(frame[1:], "sent_at", "sender", "kind", "event", "event_value") == [
        ("2026-11-10 10:01:40", "system", "event", "transfer", {"from": "泊岸数码-小舟", "to": "", "note": ""}),
        ("2026-11-10 10:05:00", "system", "event", "close", {"by": ""}),
        ("2026-11-10 10:06:40", "buyer", "event", "rating", {"agent": "泊岸数码-小舟", "score": 2, "source": ""}),
        ("2026-11-10 10:06:40", "buyer", "event", "rating", {"agent": "泊岸数码-小舟", "score": 5, "source": ""}),
    ]
    assert [(b.row, b.column) for b in bad] == [(7, "score")]


def test_bad_entries_are_listed() -> None:
    frame, bad = read(
        jd_chatlog,
        json_source(
            [
                log("在吗", "x", 1794276000000),
                log("在吗", False, "很久以前"),
                log("在吗", False, 1794276000000, customer="", sid=None),
                log("", False, 1794276000000),
            ]
        ),
    )
    assert spelt(frame, "source_row", "text") == [(4, "")]
    assert [(b.row, b.column) for b in bad] == [(1, "waiterSend"), (3, "customer"), (2, "sent_at")]


def test_a_file_without_messages_is_refused() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(jd_chatlog, json_source({"chatLogList": []}))
    with pytest.raises(UserError, match="breaks off"):
        read(jd_chatlog, source('{"chatLogList":[{"waiterSend":true,"content":"在'))


def test_sniff() -> None:
    assert jd_chatlog.sniff(json_source(WRAPPED)) > 0.9
    others_are_not(jd_chatlog, *STRANGERS)
