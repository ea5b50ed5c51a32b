"""PRC007: the proof names both statements, and when a correction counts."""

import pytest

from audit.rules.model import all_rules
from tests.shapes.talks import chats_of

CHECK = all_rules()["PRC007"].check
PROMISE = "10:00:00 B 刚买就降价了\n10:00:20 A @甲 给您退差价\n10:05:00 A {}"
FACT = "10:00:00 B 帐篷四人款有货吗\n10:00:20 A @甲 有货的\n10:05:00 A {}"


def test_both_statements_are_quoted() -> None:
    (hit,) = CHECK(chats_of(PROMISE.format("@乙 不支持退差价"))).to_dict("records")
    assert hit["row"] == 2 and hit["why"] == "退差价：前一位客服答应“给您退差价”，这位客服说“不支持退差价”"
    assert hit["context"] == [(1, "context", 0, 5)]


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (PROMISE.format("@乙 抱歉，不支持退差价"), 1),
        (PROMISE.format("@乙 抱歉前面说错了，不支持退差价"), 1),
        (PROMISE.format("@甲 抱歉，不支持退差价"), 1),
        (PROMISE.format("@甲 抱歉刚才说错了，不支持退差价"), 0),
        (FACT.format("@乙 帐篷四人款没货"), 1),
        (FACT.format("@乙 更正下，帐篷四人款没货"), 0),
        (FACT.format("@甲 抱歉，帐篷四人款没货"), 1),
        (FACT.format("@甲 抱歉看错了，帐篷四人款没货"), 0),
    ],
)
def test_who_corrects_what(block: str, found: int) -> None:
    assert len(CHECK(chats_of(block))) == found


def test_without_times_statements_are_compared_all_the_same() -> None:
    block = "# times=none\nB 能退货吗\nA @甲 可以退货\nB 帮我退\nA @乙 不能退货"
    assert len(CHECK(chats_of(block))) == 1
