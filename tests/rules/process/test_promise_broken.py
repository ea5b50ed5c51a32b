"""PRC006: the clock, the proof, one finding for a chain of put-offs, and the border to RSP009."""

import numpy as np
import pytest

from audit.chats.waits import NO_TIME
from audit.rules.model import all_rules
from tests.shapes.talks import chats_of

RULES = all_rules()


def at(text: str) -> int:
    return int(np.datetime64(text, "ms").astype(np.int64))


def test_a_late_reply_has_its_clock_and_shows_the_answer() -> None:
    chats = chats_of("10:00:00 B 能退吗\n10:00:20 A 24小时内给您答复\n2026-11-11 12:00:20 A 可以退，已提交")
    (hit,) = RULES["PRC006"].check(chats).to_dict("records")
    assert (hit["row"], hit["opened_at"]) == (1, at("2026-11-10T10:00:20"))
    assert (hit["deadline"], hit["closed_at"]) == (at("2026-11-11T10:00:20"), at("2026-11-11T12:00:20"))
    assert hit["context"] == [(2, "context", -1, -1)]
    assert "晚了2小时" in hit["why"]


def test_another_promise_has_no_end_but_the_words_of_the_buyer() -> None:
    chats = chats_of("10:00:00 B 催发货\n10:00:20 A 今天给您发\n2026-11-11 09:00:00 B 还没发货")
    (hit,) = RULES["PRC006"].check(chats).to_dict("records")
    assert hit["closed_at"] == NO_TIME
    assert hit["context"] == [(2, "context", -1, -1)]
    assert "买家 11-11 09:00:00 说“还没发货”" in hit["why"]


@pytest.mark.parametrize(
    ("answer", "rows"),
    [("2026-11-12 09:00:00 A 可以退，已提交", [3]), ("15:00:00 A 可以退，已提交", [])],
)
def test_a_chain_of_put_offs_is_one_finding_on_what_was_due_first(answer: str, rows: list[int]) -> None:
    chats = chats_of(
        "10:00:00 B 能退吗\n10:00:20 A 24小时内给您答复\n11:00:00 B 急\n11:00:20 A 今天一定给您答复\n"
        f"12:00:00 B 快点\n12:00:20 A 尽快回复您\n{answer}"
    )
    assert RULES["PRC006"].check(chats)["row"].tolist() == rows


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ("稍等，我看下", "RSP009"),
        ("帮您查一下", "RSP009"),
        ("稍后回复您", "PRC006"),
        ("稍等5分钟", "PRC006"),
        ("我核实一下，今天给您答复", "PRC006"),
    ],
)
def test_a_put_off_belongs_to_one_of_two_rules(said: str, owner: str) -> None:
    chats = chats_of(f"10:00:00 B 能退吗\n10:00:20 A {said}")
    found = [code for code in ("RSP009", "PRC006") if len(RULES[code].check(chats))]
    assert found == [owner]


def test_other_promises_are_not_listed_while_pending() -> None:
    chats = chats_of("# as_of=2026-11-10T12:00:00\n10:00:00 B 催发货\n10:00:20 A 今天给您发，下午给您答复")
    assert RULES["PRC006"].check(chats)["state"].tolist() == ["pending"]


def test_nothing_said_is_nothing_found() -> None:
    assert len(RULES["PRC006"].check(chats_of("B 在吗"))) == 0
