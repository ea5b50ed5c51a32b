"""Whether a reply is about what the buyer asked."""

import dataclasses

import numpy as np
import pytest

from audit.backends.linear import SIZE, LinearModel
from audit.chats.chats import Chats, Settings
from audit.chats.models import Classifier, Models, Thresholds
from audit.engine.examples import parse
from audit.engine.trial import build_chats
from audit.shapes.relevance import (
    Exchanges,
    clearly_beside,
    exchanges,
    ignores_complaint,
    leaves_unanswered,
    off_topic,
    pair_bag,
)


def chats_of(text: str) -> Chats:
    chats = build_chats(next(iter(parse(text))), Settings())
    chats.models = Models()
    return chats


@pytest.mark.parametrize(
    ("question", "reply", "found"),
    [
        ("几天能到成都", "这款是加厚的法兰绒面料", ("ship_time", "material")),
        ("这双多少钱", "鞋底是橡胶的,耐磨", ("price", "material")),
        ("能开发票吗", "店里有活动,立减十元", ("invoice", "discount")),
        ("几天能到成都", "面料是纯棉的,后天到", None),
        ("这双多少钱", "价格看链接哦,橡胶底", None),
        ("这双多少钱", "您要黑色还是白色呢?", None),
        ("几天能到?什么面料", "纯棉的", None),  # two questions
        ("好看吗", "橡胶底", None),
    ],
)
def test_clearly_beside(question: str, reply: str, found: tuple[str, str] | None) -> None:
    assert clearly_beside(question, reply) == found


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("我们家台灯有黑色和木色两种颜色", "colour"),
        ("本店全场包邮哦亲", "freight"),
        ("给您补发一个黑色的", None),
        ("换个插座试试", None),
        ("黑色的明天寄", None),
    ],
)
def test_ignores_complaint(reply: str, found: str | None) -> None:
    assert ignores_complaint("收到的台灯不亮", reply) == found


def test_a_known_kind_left_unanswered() -> None:
    assert leaves_unanswered("发什么快递", "三种颜色")
    assert not leaves_unanswered("发什么快递", "走中通")
    assert not leaves_unanswered("好看吗", "三种颜色")


def test_exchanges_hold_the_turns() -> None:
    pairs = exchanges(
        chats_of("B 什么面料\nA 纯棉的，不起球\nB 多少钱\nB 发什么快递\nA(auto) 欢迎光临\nA 橡胶底\nA 很耐磨的哦")
    )
    assert list(pairs.row) == [1, 5] and list(pairs.asked) == [0, 3]
    assert pairs.questions == ["什么面料", "多少钱\n发什么快递"]
    assert pairs.before == ["", "什么面料"]
    assert pairs.replies == ["纯棉的,不起球", "橡胶底\n很耐磨的哦"]


@pytest.mark.parametrize("reply", ["[图片]", "稍等，我查一下", "嗯", "抱歉，给您补发", "您身高体重多少"])
def test_turns_that_see_to_the_case_are_no_exchange(reply: str) -> None:
    assert len(exchanges(chats_of(f"B 多少钱\nA {reply}\nA 橡胶底"))) == 0


def fixed(score: float) -> Classifier:
    """A model that gives every pair the same score."""
    weight, rarity = np.zeros((SIZE, 1), dtype=np.float32), np.zeros(SIZE, dtype=np.float32)
    model = LinearModel(("off_topic",), weight, rarity, np.array([score]), np.ones(1), np.zeros(1))
    return Classifier("relevance", model, {"off_topic": Thresholds(0.9, 0.5)})


def test_no_model_no_opinion() -> None:
    chats = chats_of("B 好看吗\nA 橡胶底很耐磨")
    assert list(off_topic(chats, exchanges(chats))) == [0.0]
    chats.models = dataclasses.replace(chats.models, relevance=fixed(0.0))
    assert list(off_topic(chats, exchanges(chats))) == [0.5]


def test_the_model_alone_only_suspects() -> None:
    from audit.rules.perfunctory.off_topic import check

    chats = chats_of("B 好看吗\nA 橡胶底很耐磨")
    chats.models = Models(relevance=fixed(5.0))
    hits = check.check(chats)
    assert list(hits["state"]) == ["suspected"] and list(hits["decided_by"]) == ["model"]
    chats = chats_of("B 多少钱能不能少，什么颜色\nA 橡胶底很耐磨")
    chats.models = Models(relevance=fixed(5.0))
    assert list(check.check(chats)["state"]) == ["violation"]
    chats.models = Models(relevance=fixed(-5.0))
    assert not len(check.check(chats))


def test_a_pair_never_depends_on_its_neighbours() -> None:
    asked, replies = ["几天到", "多少钱", ""], ["后天", "纯棉的", "39元"]
    together = pair_bag(asked, replies)
    for i in range(len(asked)):
        alone = pair_bag(asked[i : i + 1], replies[i : i + 1])
        assert sorted(together.take(np.array([i])).feature) == sorted(alone.feature)


def test_no_pairs() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert len(off_topic(chats_of("B 你好\nA 您好"), Exchanges(none, none, [], [], []))) == 0
