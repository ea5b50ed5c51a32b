"""Buyer states, acts of the seller's side, and what counts as a message at all."""

from __future__ import annotations

import pytest
from small import WORDS, chats_of, talk

from audit.chats import states
from audit.chats.chats import SPOKEN
from audit.chats.texts import Texts
from audit.engine.part import matcher_for

pytestmark = pytest.mark.usefixtures("small_home")


def texts(*values: str) -> Texts:
    return Texts(list(values), matcher_for())


def of(text: str) -> set[str]:
    """Every state that one buyer text has."""
    return {name for name, flags in states.buyer_states(texts("别的话", text)).items() if flags[1]}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("杯子碎了", {"dispute", "complaint"}),
        ("太差劲", {"complaint"}),
        ("催一下", {"urge"}),
        ("谢谢", {"thanks", "closer"}),
        ("好的", {"ack", "closer"}),
        ("再见", {"farewell", "closer"}),
        ("在吗", {"greeting"}),
        ("转人工", {"human_requested"}),
        ("解决了", {"settled", "closer"}),
        ("不用了", {"withdraw"}),
        ("怎么洗", {"question"}),
        ("黑色呢?", {"question"}),
        ("黑色呢？", {"question"}),
        ("你个坏蛋", {"abuse"}),
        ("笨蛋", {"abuse"}),
        ("本蛋", {"abuse"}),
        ("我要黑色", {"other"}),
        ("", {"other"}),
    ],
)
def test_states_of_a_text(text: str, wanted: set[str]) -> None:
    assert of(text) == wanted


@pytest.mark.parametrize(
    "text", ["好的，谢谢", "好的啦～", "谢谢谢谢哦", "好的[微笑]", "[微笑]", "😊", "/:^_^", "好 的", "好的！"]
)
def test_closers(text: str) -> None:
    assert "closer" in of(text)


@pytest.mark.parametrize("text", ["好的?", "谢谢，多少钱", "好的我要黑色", "？", "?!", "哈哈", "", "[微笑]?", "1"])
def test_no_closers(text: str) -> None:
    assert "closer" not in of(text)


def test_every_word_of_the_lexicon_has_its_state() -> None:
    for role, terms in WORDS["buyer_state"].items():
        if role == "particle":
            continue
        for term in terms:
            assert role in of(term), (role, term)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("您要几件?", True),
        ("您要几件？", True),
        ("给您补发可以吗", True),
        ("给您补发可以吗亲~", True),
        ("这样行不行哦", True),
        ("您说什么", True),
        ("有货的", False),
        ("什么颜色都有，放心下单好了", False),
        ("", False),
    ],
)
def test_ends_in_a_question(text: str, asks: bool) -> None:
    some = texts("别的话", text)
    assert states.asks(some, some.solid >= 0)[1] == asks


@pytest.mark.parametrize(
    "text",
    [
        "嗯嗯",
        "您好",
        "祝您愉快",
        "稍等",
        "抱歉",
        "您好，稍等哦",
        "不清楚",
        "好的",
        "谢谢再见",
        "[微笑]",
        "您好/:^_^",
        "。",
        "",
    ],
)
def test_no_substance(text: str) -> None:
    assert not states.agent_speech(texts("别的话", text))["substance"][1]


@pytest.mark.parametrize("text", ["您好，有货", "稍等，黑色有货", "300", "M码", "ok了"])
def test_substance(text: str) -> None:
    assert states.agent_speech(texts("别的话", text))["substance"][1]


def test_pictures_and_cards_by_hand_are_substance_emoticons_and_automatic_ones_are_none() -> None:
    chats = talk("A [图片]\nA [卡片]\nA [微笑]\nA(auto) 有货\nR 有货\nB 有货")
    assert chats.substance.tolist() == [True, True, False, False, False, False]


def test_acts_are_the_sellers_alone_and_states_the_buyers() -> None:
    chats = talk("10:00:00 B 您好，谢谢\n10:00:01 A 您好，谢谢\n10:00:02 R 您好\n10:00:03 S 您好")
    assert chats.agent_says("greeting").tolist() == [False, True, True, False]
    assert chats.buyer_is("thanks").tolist() == [True, False, False, False]


def test_who_speaks() -> None:
    text = (
        "10:00:00 B 有货吗\n10:00:01 A 有\n10:00:02 A(auto) 欢迎光临\n10:00:03 R 您好\n10:00:04 A(recalled) 有\n"
        '10:00:05 S 提示\n10:00:06 E order {"order_id": "1"}\n10:00:07 B [图片]\n10:00:08 E card_click'
    )
    chats = talk(text)

    def rows(mask) -> list[int]:
        return [i for i, flag in enumerate(mask) if flag]

    assert rows(chats.buyer) == [0, 7]
    assert rows(chats.human) == [1, 4]
    assert rows(chats.reply) == [1]
    assert rows(chats.robot) == [3]
    assert rows(chats.seller) == [1, 2, 3, 4]
    assert chats.side.tolist() == [0, 1, 1, 1, 1, -1, -1, 0, -1]


@pytest.mark.parametrize("kind", SPOKEN)
def test_every_spoken_kind_is_a_message_of_its_sender(kind: str) -> None:
    chats = chats_of([{"at": 0, "sender": "buyer", "kind": kind, "text": "随便"}])
    assert chats.buyer.tolist() == [True]


def test_a_robots_account_is_a_robot_and_its_message_automatic() -> None:
    chats = chats_of([{"at": 0, "sender": "agent", "agent": "青禾家居:服务助手", "text": "有货的"}])
    assert chats.robot.tolist() == [True] and not chats.human.any() and chats.auto.all()


def test_an_assisted_reply_is_a_humans() -> None:
    chats = chats_of([{"at": 0, "sender": "agent", "agent": "客服1", "text": "有货的 智能辅助"}])
    assert chats.reply.tolist() == [True]


@pytest.mark.parametrize(
    ("clock", "served"),
    [("07:59:59", False), ("08:00:00", True), ("22:59:59", True), ("23:00:00", False)],
)
def test_service_hours_exclude_their_end(clock: str, served: bool) -> None:
    chats = talk(f"{clock} B 有货吗")
    assert chats.in_service(chats.waits["open_row"].to_numpy(), chats.time).tolist() == [served]
