"""Who answers for a wait: the rulebook's four steps, first match, against a plain telling of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import chats_of, talk

from audit.chats.responsible import responsible, transfer_ends
from audit.chats.waits import NO_TIME, SECOND

pytestmark = pytest.mark.usefixtures("small_home")


def who(text: str, limit: float | None = 180) -> list[str]:
    """The account responsible for each wait of a conversation, under a deadline of `limit` seconds."""
    chats = talk(text)
    open_row, close_row = chats.waits["open_row"].to_numpy(), chats.waits["close_row"].to_numpy()
    deadline = chats.time[open_row] + int((limit or 0) * SECOND)
    if limit is None:
        deadline = np.full(len(open_row), NO_TIME, dtype=np.int64)
    return responsible(chats, open_row, close_row, deadline)


def move(giver: str = "", taker: str = "") -> str:
    return "E transfer " + json.dumps({"from": giver, "to": taker}, ensure_ascii=False)


def test_who_closed_it() -> None:
    assert who("10:00:00 B @甲 有货吗\n10:09:00 A @乙 有") == ["乙"]


def test_the_account_on_the_buyers_row_else_the_last_human_speaker() -> None:
    assert who("10:00:00 A @乙 您好\n10:00:10 B @甲 有货吗") == ["甲"]
    assert who("10:00:00 A @乙 您好\n10:00:05 A(auto) @丙 欢迎光临\n10:00:10 B 有货吗") == ["乙"]


def test_the_target_of_the_last_transfer_before_it_opened() -> None:
    assert who(f"09:58:00 {move('甲', '乙')}\n09:59:00 {move('乙', '丙')}\n10:00:00 B 有货吗") == ["丙"]


def test_the_giver_of_a_later_transfer_was_the_holder() -> None:
    assert who(f"10:00:00 B 有货吗\n10:10:00 {move('甲', '乙')}\n10:20:00 A @乙 有") == ["甲"]


def test_nobody() -> None:
    assert who("10:00:00 B 有货吗") == [""]
    assert who("10:00:00 B 有货吗\n10:00:01 A(auto) @甲 欢迎光临\n10:00:02 R @小店机器人 有的") == [""]


def test_passed_on_in_time_the_receiver_answers_for_it() -> None:
    text = f"10:00:00 B @甲 有货吗\n10:02:00 {move('甲', '乙')}\n10:09:00 A @乙 有"
    assert who(text) == ["乙"]
    assert who(text, 120) == ["乙"], "handed over just as the time was up"
    assert who(text, 119) == ["甲"], "handed over too late"


def test_passed_on_twice_it_is_who_held_the_buyer_at_the_deadline() -> None:
    text = f"10:00:00 B @甲 有货吗\n10:01:00 {move('甲', '乙')}\n10:05:00 {move('乙', '丙')}\n10:09:00 A @丙 有"
    assert who(text, 30) == ["甲"]
    assert who(text, 180) == ["乙"]
    assert who(text, 400) == ["丙"]
    assert who(text, None) == ["丙"], "without a deadline the last holder"


def test_passed_on_and_never_answered() -> None:
    assert who(f"10:00:00 B @甲 有货吗\n10:02:00 {move('甲', '乙')}") == ["乙"]


def test_a_transfer_that_names_nobody_leaves_it_with_who_closed_it() -> None:
    assert who(f"10:00:00 B @甲 有货吗\n10:01:00 {move()}\n10:09:00 A @乙 有") == ["乙"]
    assert who("10:00:00 B @甲 有货吗\n10:01:00 E transfer\n10:09:00 A @乙 有") == ["乙"]


def test_a_transfer_after_the_reply_or_after_the_waits_end_is_none_of_it() -> None:
    assert who(f"10:00:00 B @甲 有货吗\n10:09:00 A @甲 有\n10:10:00 {move('甲', '乙')}") == ["甲"]
    late = f"2026-11-10 10:00:00 B @甲 有货吗\n2026-11-11 10:00:01 {move('甲', '乙')}"
    assert who(late) == ["甲"]


def test_transfers_of_other_conversations_do_not_matter() -> None:
    rows = [
        {"at": 0, "sender": "buyer", "text": "有货吗", "buyer": "甲买家"},
        {"at": 10, "sender": "system", "kind": "event", "event": "transfer", "event_value": '{"to": "乙"}'},
        {"at": 20, "sender": "buyer", "text": "有货吗", "buyer": "丙买家"},
    ]  # fmt: skip
    chats = chats_of(rows)
    open_row = chats.waits["open_row"].to_numpy()
    assert responsible(chats, open_row, np.array([-1, -1]), chats.time[open_row]) == ["", ""]


@pytest.mark.parametrize("value", ["", "no json", "[]", "3", '{"from": null}', "{}"])
def test_transfer_values_that_say_nothing(value: str) -> None:
    rows = [{"at": 0, "sender": "system", "kind": "event", "event": "transfer", "event_value": value}]
    ends = transfer_ends(chats_of(rows))
    assert ends[["source", "target"]].to_numpy().tolist() == [["", ""]]


PEOPLE = ("", "甲", "乙", "丙")
STEPS = st.integers(1, 400)
LINES = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(PEOPLE), st.just("")),
    st.tuples(st.just("reply"), st.sampled_from(PEOPLE[1:]), st.just("")),
    st.tuples(st.just("move"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
)


def plain(rows: list[tuple[float, str, str, str]], limit: float) -> list[str]:
    """The rulebook's steps, wait by wait."""
    out = []
    opened = None
    waits = []
    for place, (_, code, *_rest) in enumerate(rows):
        if code == "ask" and opened is None:
            opened = place
        elif code == "reply" and opened is not None:
            waits.append((opened, place))
            opened = None
    if opened is not None:
        waits.append((opened, -1))
    for first, last in waits:
        speakers = [a for _, code, a, _b in rows[:first] if code == "reply"]
        before = [r for r in rows[:first] if r[1] == "move"]
        later = [r for r in rows[first + 1 :] if r[1] == "move"]
        held = rows[first][2] or (speakers[-1] if speakers else "")
        held = held or (before[-1][3] if before else "") or (later[0][2] if later else "")
        during = [r for r in rows[first + 1 : last if last >= 0 else None] if r[1] == "move"]
        answer = rows[last][2] if last >= 0 else ""
        if during:
            passed = [r for r in during if r[0] <= rows[first][0] + limit]
            answer = (passed[-1][3] if passed else during[0][2] or held) or answer
        out.append(answer or held)
    return out


@settings(max_examples=40)
@given(st.lists(st.lists(st.tuples(STEPS, LINES), min_size=1, max_size=12), min_size=1, max_size=6))
def test_the_four_steps(talks) -> None:
    rows, expected = [], []
    for number, talk_ in enumerate(talks):
        now, told = 0.0, []
        for step, (code, a, b) in talk_:
            now += step
            told.append((now, code, a, b))
            value = json.dumps({"from": a, "to": b}, ensure_ascii=False)
            moved = {"sender": "system", "kind": "event", "event": "transfer", "event_value": value}
            rows.append(
                {
                    "at": now, "buyer": f"买家{number}", "auto": "false",
                    **(moved if code == "move" else {"sender": {"ask": "buyer", "reply": "agent"}[code]}),
                    **({} if code == "move" else {"agent": a, "text": "有货的"}),
                }
            )  # fmt: skip
        expected += plain(told, 180)
    chats = chats_of(rows)
    waits = chats.waits
    open_row = waits["open_row"].to_numpy()
    got = responsible(chats, open_row, waits["close_row"].to_numpy(), chats.time[open_row] + 180 * SECOND)
    assert got == expected
