import pytest

from audit.errors import UserError
from audit.ingest import feige
from tests.ingest.written import STRANGERS, json_source, others_are_not, read, source, spelt

CHAT = """飞鸽聊天记录
店铺：云岫生活馆
会话ID：7438001
买家：小雨 要早睡

2026-11-10 10:00:01 小雨 要早睡 在吗
2026-11-10 10:00:02 飞鸽机器人 您好，请问想了解哪款 此消息由机器人自动回复
2026-11-10 10:00:20 小雨 要早睡 转人工
2026-11-10 10:00:30 客服阿澄接入
2026-11-10 10:00:41\t阿澄\t在的
需要什么尺寸

2026-11-10 10:02:00 阿澄撤回了一条消息
2026-11-10 10:05:00 阿澄已转交给客服小柚
2026-11-10 10:20:00 系统关闭会话

会话ID：7438002
买家：云上的狗

2026-11-11 09:00:00 云上的狗
2026-11-11 09:00:10 小柚 店铺：主页左上角可以看到
会话ID：不是新的会话
"""


def test_text_blocks_become_sessions_with_speakers_and_system_lines() -> None:
    frame, bad = read(feige, source(CHAT))
    assert bad == []
    assert set(frame["platform"]) == {"douyin"} and set(frame["shop"]) == {"云岫生活馆"}
    columns = ("source_row", "sent_at", "sender", "agent", "kind", "auto", "text")
    assert spelt(frame[frame["session"] == "7438001"], *columns) == [
        (6, "2026-11-10 10:00:01", "buyer", "", "text", "", "在吗"),
        (7, "2026-11-10 10:00:02", "robot", "飞鸽机器人", "text", "true", "您好，请问想了解哪款"),
        (8, "2026-11-10 10:00:20", "buyer", "", "text", "", "转人工"),
        (9, "2026-11-10 10:00:30", "system", "", "event", "", "客服阿澄接入"),
        (10, "2026-11-10 10:00:41", "agent", "阿澄", "text", "", "在的\n需要什么尺寸"),
        (13, "2026-11-10 10:02:00", "system", "", "event", "", "阿澄撤回了一条消息"),
        (14, "2026-11-10 10:05:00", "system", "", "event", "", "阿澄已转交给客服小柚"),
        (15, "2026-11-10 10:20:00", "system", "", "event", "", "系统关闭会话"),
    ]
    assert set(frame.loc[frame["session"] == "7438001", "buyer"]) == {"小雨 要早睡"}
    # a line that only looks like a header, behind a message and not behind a blank line, belongs to the message
    assert spelt(frame[frame["session"] == "7438002"], "sender", "agent", "text") == [
        ("buyer", "", ""),
        ("agent", "小柚", "店铺：主页左上角可以看到\n会话ID：不是新的会话"),
    ]


def test_without_a_buyer_line_system_sentences_tell_the_agents() -> None:
    text = (
        "会话ID：9\n\n2026-11-10 10:00:00 木木 在吗\n2026-11-10 10:00:05 客服阿澄接入\n2026-11-10 10:00:09 阿澄 在的\n"
    )
    frame, bad = read(feige, source(text), shop="云岫")
    assert bad == []
    assert spelt(frame, "buyer", "shop", "sender", "agent", "text") == [
        ("木木", "云岫", "buyer", "", "在吗"),
        ("木木", "云岫", "system", "", "客服阿澄接入"),
        ("木木", "云岫", "agent", "阿澄", "在的"),
    ]


def test_a_block_whose_buyer_cannot_be_told_is_bad_and_the_others_are_read() -> None:
    text = (
        "会话ID：1\n\n2026-11-10 10:00:00 木木 在吗\n2026-11-10 10:00:09 阿澄 在的\n\n"
        "会话ID：2\n买家：木木\n\n2026-11-10 11:00:00 木木 系统关闭会话\n2026-11-10 11:00:01 会话已结束\n"
    )
    frame, bad = read(feige, source(text))
    assert [b.row for b in bad] == [3, 4]
    assert "买家" in bad[0].reason
    assert spelt(frame, "session", "sender", "text") == [("2", "buyer", "系统关闭会话"), ("2", "system", "会话已结束")]


def test_lines_before_any_timed_line_and_bad_times_are_listed() -> None:
    text = (
        "飞鸽聊天记录\n买家：木木\n没有时间的一行\n"
        "2026-11-10 25:00:00 木木 在吗\n2026-11-10 10:00:00 木木 在吗\n会话已结束\n"
    )
    frame, bad = read(feige, source(text))
    assert [(b.row, b.column) for b in bad] == [(3, ""), (4, "sent_at")]
    assert spelt(frame, "source_row", "text") == [(5, "在吗\n会话已结束")]


def test_message_objects() -> None:
    common = {"conversation_id": "c1", "shop_name": "云岫", "type": 1000}
    frame, bad = read(
        feige,
        json_source(
            [
                {
                    **common,
                    "sender_biz_role": "Buyer",
                    "sender_name": "木木",
                    "content": "在吗",
                    "create_time": 1794276000,
                },
                {
                    **common,
                    "sender_biz_role": "Buyer",
                    "content": "",
                    "ext": {"goods_id": "1"},
                    "create_time": 1794276001000,
                },
                {
                    **common,
                    "sender_biz_role": "Robot",
                    "sender_name": "助手",
                    "hintContent": "您好",
                    "create_time": 1794276002,
                },
                {
                    **common,
                    "sender_biz_role": "CustomerService",
                    "sender_name": "阿澄",
                    "content": "在的",
                    "message_id": 5,
                },
                {**common, "sender_biz_role": "System", "content": "会话已结束"},
                {**common, "content": "谁"},
                {"sender_biz_role": "", "content": "谁"},
            ]
        ),
    )
    assert spelt(frame, "sent_at", "buyer", "sender", "agent", "kind", "auto", "message_id", "text") == [
        ("2026-11-10 10:00:00", "木木", "buyer", "", "text", "", "", "在吗"),
        ("2026-11-10 10:00:01", "木木", "buyer", "", "card", "", "", "[商品卡片]"),
        ("2026-11-10 10:00:02", "木木", "robot", "助手", "text", "true", "", "您好"),
        ("", "木木", "agent", "阿澄", "text", "", "5", "在的"),
        ("", "木木", "system", "", "event", "", "", "会话已结束"),
    ]
    assert [(b.row, b.column) for b in bad] == [(6, "sender_biz_role")]


def test_nothing_usable_is_refused() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(feige, source("飞鸽聊天记录\n店铺：云岫\n"))
    with pytest.raises(UserError, match="买家"):
        read(feige, source("2026-11-10 10:00:00 木木 在吗\n"))


def test_sniff() -> None:
    assert feige.sniff(source(CHAT)) >= 0.9
    assert feige.sniff(json_source([{"sender_biz_role": "Buyer", "content": "在吗"}])) >= 0.9
    others_are_not(feige, *STRANGERS)
