import json
from pathlib import Path
from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import pdd
from audit.ingest.roles import settle
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, source, spelt

START = 1794189600  # 2026-11-09 10:00:00
USER = {"role": "user", "uid": "7100000001"}
STAFF = {"role": "mall_cs", "uid": "610000001", "mall_id": "610000001", "csid": "cs_61_1"}


def message(n: int, code: int, by: str, content: str = "", second: int = 0, **more: Any) -> dict[str, Any]:
    sides = {"user": (USER, STAFF), "mall_cs": (STAFF, USER), "system": ({"role": "system"}, USER)}[by]
    return {
        "msg_id": str(9000 + n),
        "pre_msg_id": str(8999 + n),
        "ts": str(START + (second or n)),
        "from": sides[0],
        "to": sides[1],
        "nickname": "景**",
        "content": content,
        "type": code,
        **more,
    }


CHAT = [
    message(1, 41, "user", "当前用户来自 商品详情页"),
    message(2, 0, "user", "", sub_type=0, info={"goodsID": "1", "goodsName": "竹编果盘"}),
    message(3, 0, "user", "果盘掉漆"),
    message(4, 0, "mall_cs", "稍等我问下仓库"),
    message(5, 31, "mall_cs", "此消息由机器人发送"),
    message(6, 1, "user", "https://img.example.com/a.jpg"),
    message(7, 5, "user", "[x]", info={"description": "难过"}),
    message(8, 24, "system", "甲 将该会话转移给 乙，并留言：掉漆", info={"new_csid": "cs_61_1", "origin_id": "5"}),
    message(9, 0, "mall_cs", "别烦我"),
    message(10, 1002, "mall_cs", "对方撤回了一条消息", info={"msg_id": "9009", "withdraw_hint": "撤回"}),
    message(11, 19, "mall_cs", "", info={"card_id": "ask_refund_apply", "title": "邀请申请退款"}),
    message(12, 90, "mall_cs", "[退款成功]"),
    message(13, 20, "user"),
    message(14, 30, "system", "平台推送一条"),
    message(15, 56, "mall_cs", "", info={"title": "常见问题三则"}),
    message(16, 64, "mall_cs", '{"goods":1}', info={"goods_name": "竹编果盘 大号"}),
    message(17, 14, "mall_cs", "https://v.example.com/a.mp4"),
    message(18, 97, "user", "file://a"),
    message(19, 8, "user", "", info={"orderSequenceNo": "261109-1"}),
    message(20, 0, "mall_cs", "", sub_type=2, info={"goodsName": "竹编果盘"}),
    message(21, 777, "mall_cs", ""),
]
ROWS = [
    ("system", "card", "", "", {}, "当前用户来自 商品详情页"),
    ("buyer", "card", "", "", {}, "竹编果盘"),
    ("buyer", "text", "", "", {}, "果盘掉漆"),
    ("robot", "text", "true", "", {}, "稍等我问下仓库"),
    ("system", "event", "", "", {}, "此消息由机器人发送"),
    ("buyer", "image", "", "", {}, "[图片]"),
    ("buyer", "emoji", "", "", {}, "[难过]"),
    (
        "system",
        "event",
        "",
        "transfer",
        {"from": "甲", "to": "cs_61_1", "note": "掉漆"},
        "甲 将该会话转移给 乙，并留言：掉漆",
    ),
    ("agent", "text", "", "", {}, "别烦我"),
    ("system", "recall", "", "recall", {"message_id": "9009"}, "对方撤回了一条消息"),
    ("agent", "card", "", "", {}, "邀请申请退款"),
    ("system", "event", "", "", {}, "[退款成功]"),
    ("system", "event", "", "read", {}, ""),
    ("system", "event", "", "", {}, "平台推送一条"),
    ("robot", "card", "true", "", {}, "常见问题三则"),
    ("agent", "card", "", "", {}, "竹编果盘 大号"),
    ("agent", "video", "", "", {}, "[视频]"),
    ("buyer", "file", "", "", {}, "[文件]"),
    ("buyer", "card", "", "", {}, "261109-1"),
    ("agent", "card", "", "", {}, "竹编果盘"),
    ("agent", "card", "", "", {}, "[类型777的消息]"),
]
COLUMNS = ("sender", "kind", "auto", "event", "event_value", "text")


def page(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"success": True, "result": {"messages": messages, "has_more": False}}


def test_every_type_of_a_page_that_is_newest_first() -> None:
    frame, bad = read(pdd, json_source(page(CHAT[::-1])))
    assert bad == []
    assert set(frame["platform"]) == {"pdd"} and set(frame["shop"]) == {"610000001"}
    assert set(frame["buyer"]) == {"7100000001"} and set(frame["session"]) == {""}
    assert spelt(frame, *COLUMNS) == ROWS
    assert frame["source_row"].tolist() == list(range(21, 0, -1))
    assert frame["message_id"].tolist() == [str(9000 + n) for n in range(1, 22)]
    assert frame["sent_at"].astype(str).tolist()[0] == "2026-11-09 10:00:01"
    assert frame["recalled"].tolist() == [n == 9 for n in range(1, 22)]
    assert set(frame.loc[frame["sender"].eq("agent"), "agent"]) == {"cs_61_1"}
    assert frame["agent"].iloc[2] == "cs_61_1"


def test_roles_have_nothing_to_add() -> None:
    (part,) = pdd.read(json_source(page(CHAT)), pdd.ReadOptions())
    assert spelt(settle(part.frame), *COLUMNS) == ROWS


def test_pages_pushes_and_lines_give_the_same_chat() -> None:
    whole = read(pdd, json_source(page(CHAT[::-1])))[0].drop(columns="source_row")
    for given in (
        json_source([page(CHAT[:10:-1]), page(CHAT[10::-1])]),
        json_source(CHAT),
        lines_source(*CHAT),
        lines_source(*({"message": m, "response": "push", "request_id": 1} for m in CHAT)),
        lines_source(page(CHAT[:9]), page(CHAT[9:])),
    ):
        assert read(pdd, given)[0].drop(columns="source_row").equals(whole)


def test_order_inside_one_second() -> None:
    chat = [message(n, 0, "user" if n % 2 else "mall_cs", f"第{n}句", second=1 + n // 3) for n in range(1, 9)]
    frame, _ = read(pdd, json_source(page(chat[::-1])))
    assert frame["text"].tolist() == [f"第{n}句" for n in range(1, 9)]


def test_a_masked_nickname_without_uid_belongs_to_its_page() -> None:
    def nameless(n: int) -> dict[str, Any]:
        return message(n, 0, "user", "在吗") | {"from": {"role": "user"}, "to": {"role": "mall_cs", "mall_id": "6"}}

    frame, _ = read(pdd, lines_source(page([nameless(1), nameless(2)]), page([nameless(3)])), shop="竹里家居")
    assert set(frame["buyer"]) == {"景**"} and set(frame["shop"]) == {"竹里家居"}
    assert frame["session"].nunique() == 2 and frame["session"].ne("").all()


def test_old_time_field_text_types_and_elements_that_are_no_messages() -> None:
    old = {k: v for k, v in message(1, 0, "user", "在吗").items() if k != "ts"} | {"time": START, "type": "0"}
    frame, bad = read(pdd, json_source([old, 7, {"type": 0}]))
    assert spelt(frame, "sent_at", "text") == [("2026-11-09 10:00:00", "在吗")]
    assert [(b.row, b.column) for b in bad] == [(2, "from"), (3, "from")]


def test_a_recall_marks_only_the_message_that_it_names() -> None:
    chat = [message(1, 0, "mall_cs", "一"), message(2, 0, "mall_cs", "二"), message(3, 1002, "user", "撤回")]
    assert not read(pdd, json_source(chat))[0]["recalled"].any()


def test_files_that_cannot_be_read() -> None:
    with pytest.raises(UserError, match="breaks off at line 1"):
        read(pdd, source(json.dumps(page(CHAT))[:-60], "cut.json"))
    for empty in ({"result": {"messages": []}}, {"success": False, "errorCode": 43001}, []):
        with pytest.raises(UserError, match="no messages"):
            read(pdd, json_source(empty))
    deep: Any = CHAT
    for _ in range(300):
        deep = [deep]
    with pytest.raises(UserError, match="no messages"):
        read(pdd, json_source(deep))


def test_sniff() -> None:
    assert pdd.sniff(json_source(page(CHAT))) > 0.9
    others_are_not(
        pdd, *(text for text in STRANGERS if "msg_id" not in str(text)), '{"msgid":"1","from":"a","tolist":["b"]}'
    )


def test_sample(samples: Path) -> None:
    frame, bad = read(pdd, source((samples / "pdd_chat.json").read_bytes()))
    assert (len(frame), frame["buyer"].nunique(), bad) == (48, 8, [])
    assert frame["recalled"].sum() == 1 and frame["event"].eq("transfer").sum() == 1
    assert frame["sender"].value_counts().to_dict() == {"buyer": 22, "agent": 17, "system": 7, "robot": 2}
