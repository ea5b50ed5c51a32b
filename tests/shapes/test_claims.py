"""What agents state, and which statements contradict each other."""

import pytest

from audit.shapes.claims import COLUMNS, claims, contradictions
from tests.shapes.talks import chats_of


def stated(text: str) -> list[tuple[str, float]]:
    """(topic, value) of the claims of one message; a second one makes the conversation worth reading."""
    chats = chats_of(f"10:00:00 B 问一下\n10:00:20 A {text}\n10:00:40 A 价格合适")
    found = claims(chats)
    assert list(found.columns) == list(COLUMNS)
    return [(t, v) for r, t, v in zip(found["row"], found["topic"], found["lo"], strict=True) if r == 1]


@pytest.mark.parametrize(
    ("text", "topic", "value"),
    [
        ("可以退货的", "refund", 1),
        ("这款不能退货", "refund", 0),
        ("退款不了的", "refund", 0),
        ("给您退差价", "price_gap", 1),
        ("不支持退差价", "price_gap", 0),
        ("没法补发", "reissue", 0),
        ("可以给您换货", "exchange", 1),
        ("不予赔偿", "compensation", 0),
        ("包邮的", "postage", 1),
        ("不包邮", "postage", 0),
        ("有货的", "stock", 1),
        ("有现货", "stock", 1),
        ("没货", "stock", 0),
        ("缺货", "stock", 0),
        ("安装费150元", "fee:安装费", 150),
        ("到手价99元", "price", 99),
        ("给您补偿20元", "granted", 20),
    ],
)
def test_values(text: str, topic: str, value: float) -> None:
    assert (topic, value) in stated(text)


@pytest.mark.parametrize(
    "text",
    [
        "可以退货吗",
        "是否支持退款",
        "没拆封可以退货",
        "如果坏了可以换货",
        "一般有货",
        "显示没货",
        "有货先发",
        "刚刚卖完",
        "不是没货",
        "平台不支持退款",
        "收到退货给您退款",
        "预计明天发货",
        "明天发不了",
    ],
)
def test_unclear_words_state_nothing(text: str) -> None:
    assert [t for t, _ in stated(text) if t != "granted"] == []


def test_days_are_reckoned_from_the_message() -> None:
    (ship,) = [v for t, v in stated("明天发货") if t == "ship"]
    (arrive,) = [v for t, v in stated("周五送达") if t == "arrive"]
    assert arrive - ship == 2


def test_a_claim_stands_in_the_original_text() -> None:
    chats = chats_of("10:00:00 B 问\n10:00:20 A 亲，這款不能退貨哦\n10:00:40 A 价格合适")
    found = claims(chats)
    text = chats.messages["text"].iat[1]
    assert [text[a:b] for a, b in zip(found["start"], found["end"], strict=True)] == ["不能退貨"]


def test_a_pair_names_both_rows() -> None:
    chats = chats_of("10:00:00 B 能退货吗\n10:00:20 A @甲 可以退货\n10:05:00 B 帮我退\n10:05:20 A @乙 不能退货")
    pairs = contradictions(chats, days=30, fact_days=1)
    assert pairs[["old_row", "row", "topic"]].to_numpy().tolist() == [[1, 3, "refund"]]


@pytest.mark.parametrize(("days", "found"), [(1, 0), (3, 1)])
def test_days_bound_the_time_between(days: float, found: int) -> None:
    chats = chats_of(
        "2026-11-10 10:00:00 B 订单880012能退货吗\n2026-11-10 10:00:20 A 可以退货\n"
        "2026-11-12 10:00:00 B 订单880012，帮我退货\n2026-11-12 10:00:20 A 不能退货"
    )
    assert len(contradictions(chats, days=days, fact_days=1)) == found


def test_nothing_said_is_nothing_found() -> None:
    assert len(contradictions(chats_of("B 在吗"), days=30, fact_days=1)) == 0
