"""Disputes: where one begins, what ends it and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from small import talk

pytestmark = pytest.mark.usefixtures("small_home")

BEGUN = "10:00:00 B 杯子碎了\n"


def inside(text: str, **settings) -> list[bool]:
    return talk(text, **settings).in_dispute.tolist()


def ended(after: str) -> bool:
    """Whether the dispute that stands is over after these lines: a further question is judged."""
    return not inside(BEGUN + after + "\n12:00:00 B 多少钱")[-1]


def test_it_begins_at_its_first_message_and_goes_on() -> None:
    assert inside("10:00:00 B 有货吗\n10:00:10 A 有\n10:00:20 B 杯子碎了\n10:00:30 A 抱歉\n10:00:40 B 多少钱") == [
        False, False, True, True, True,
    ]  # fmt: skip


def test_a_complaint_about_anything_else_is_no_dispute() -> None:
    assert not any(inside("10:00:00 B 太差劲了\n10:01:00 B 催一下"))


def test_a_seller_who_says_the_words_begins_none() -> None:
    assert not any(inside("10:00:00 A 是碎了吗?\n10:01:00 B 有货吗"))


@pytest.mark.parametrize(
    "after",
    [
        "10:01:00 A 给您补发\n10:01:10 B 好的",
        "10:01:00 A 给您退款可以吗?\n10:01:10 B 可以",
        "10:01:00 A 给您补发\n10:01:05 A 您看呢\n10:01:10 B 好的",
        "10:01:00 A 拍张照\n10:01:05 A 给您补发\n10:01:10 B 好的",
        "10:01:00 A 给您补发\n10:01:10 B 谢谢",
        "10:01:00 A 给您补发\n10:01:05 A(auto) 欢迎光临\n10:01:10 B 可以",
        "10:01:00 A 明天处理\n10:01:10 B 谢谢啦",
        "10:01:10 B 解决了",
        "10:01:10 B 不用了，我自己买",
        "10:01:00 A 拍张照\n10:01:10 B 解决了",
    ],
)
def test_what_ends_it(after: str) -> None:
    assert ended(after)


@pytest.mark.parametrize(
    "after",
    [
        "10:01:00 A 拍张照\n10:01:10 B 好的",
        "10:01:00 A 拍张照\n10:01:10 B 谢谢",
        "10:01:00 A 稍等\n10:01:10 B 好的",
        "10:01:00 A 稍等\n10:01:10 B 谢谢",
        "10:01:00 A 抱歉\n10:01:10 B 好的",
        "10:01:00 A 给您补发\n10:01:10 B 多少天\n10:01:20 A 三天\n10:01:30 B 好的",
        "10:01:00 A 给您补发\n10:01:10 B 好的多少天",
        "10:01:00 A 给您补发",
        "10:00:10 B 好的",
        "10:01:00 A 给您补发\n10:01:10 B 谢谢，还有一个也碎了",
    ],
)
def test_what_does_not_end_it(after: str) -> None:
    assert not ended(after)


def test_the_message_that_ends_it_is_outside() -> None:
    assert inside(BEGUN + "10:01:00 A 给您补发\n10:01:10 B 好的") == [True, True, False]


def test_a_new_quality_problem_begins_another() -> None:
    text = BEGUN + "10:01:00 A 给您补发\n10:01:10 B 好的\n10:02:00 B 颜色也发错\n10:03:00 A 抱歉"
    assert inside(text) == [True, True, False, True, True]


def test_it_ends_with_the_session() -> None:
    chats = talk(BEGUN + "10:01:00 A 拍张照\n15:00:00 B 多少钱")
    assert chats.session.tolist() == [0, 0, 1]
    assert chats.in_dispute.tolist() == [True, True, False]


def test_an_export_session_keeps_its_own_dispute() -> None:
    text = "10:00:00 B(s=一) 杯子碎了\n10:00:10 A(s=一) 拍张照\n10:00:20 B(s=二) 多少钱\n10:00:30 B(s=一) 有货吗"
    assert inside(text) == [True, True, False, True]


def test_waits_of_a_dispute_keep_the_place_of_its_first_message() -> None:
    chats = talk("10:00:00 B 有货吗\n10:02:00 B 杯子碎了\n10:06:00 A 抱歉")
    disputed = np.flatnonzero(chats.in_dispute & chats.buyer)
    assert disputed.tolist() == [1]
    assert chats.all_wait_of[disputed].tolist() == [0]
    assert chats.group_of(disputed).tolist() == [0]
