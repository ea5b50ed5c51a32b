"""Waits: against the rulebook told row by row, and its sentences one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import chats_of, talk

from audit.chats.waits import WAITS
from audit.schema import check

from . import reference
from .strategies import as_rows, conversations

pytestmark = pytest.mark.usefixtures("small_home")

WITHOUT_ROBOT = tuple(c for c in reference.LINES if c != "robot")


def spelt(chats, waits, wait_of) -> list[tuple]:
    out = []
    for number, wait in enumerate(waits.itertuples()):
        joined = np.flatnonzero(wait_of == number).tolist()
        out.append((wait.open_row, wait.close_row, wait.closer, wait.thanks, joined))
    return out


def expected(conversations_, *, closers: bool, exempt: bool) -> list[tuple]:
    out, base = [], 0
    for rows in conversations_:
        off = reference.reception(rows, reference.sessions(rows)) if exempt else frozenset()
        for w in reference.waits(rows, closers=closers, exempt=off):
            closed = w.closed + base if w.closed >= 0 else -1
            out.append((w.opened + base, closed, w.closer, w.thanks, [p + base for p in w.joined]))
        base += len(rows)
    return out


@settings(max_examples=40)
@given(st.lists(conversations(), min_size=1, max_size=8), st.booleans())
def test_all_waits_are_the_rulebooks(talks, closers) -> None:
    rows = [r for n, t in enumerate(talks) for r in as_rows(t, f"买家{n}")]
    chats = chats_of(rows, closers_need_reply=closers)
    assert spelt(chats, chats.all_waits, chats.all_wait_of) == expected(talks, closers=closers, exempt=False)
    check(chats.all_waits, WAITS, "WAITS")


@settings(max_examples=40)
@given(st.lists(conversations(), min_size=1, max_size=8), st.booleans())
def test_waits_outside_robot_reception_are_the_rulebooks(talks, closers) -> None:
    rows = [r for n, t in enumerate(talks) for r in as_rows(t, f"买家{n}")]
    chats = chats_of(rows, closers_need_reply=closers)
    assert spelt(chats, chats.waits, chats.wait_of) == expected(talks, closers=closers, exempt=True)


@settings(max_examples=25)
@given(conversations(WITHOUT_ROBOT))
def test_latency_runs_from_the_first_unanswered_message(rows) -> None:
    chats = chats_of(as_rows(rows))
    for wait in chats.waits.itertuples():
        if wait.close_row < 0:
            assert np.isnan(wait.latency_s)
        else:
            assert wait.latency_s == rows[wait.close_row].time - rows[wait.open_row].time
            assert wait.latency_s <= reference.DAY


@settings(max_examples=15)
@given(conversations())
def test_untimed_rows_keep_their_order_and_open_waits_too(rows) -> None:
    for row in rows:
        row.time = None
    chats = chats_of(as_rows(rows), closers_need_reply=True)
    assert spelt(chats, chats.all_waits, chats.all_wait_of) == expected([rows], closers=True, exempt=False)
    assert chats.all_waits["latency_s"].isna().all()


def test_an_untimed_reply_answers_no_wait_that_had_ended() -> None:
    rows = [{"at": 0, "sender": "buyer", "text": "有货吗"}, {"at": 90_000, "sender": "buyer", "text": "人呢"}]
    rows.append({"at": None, "sender": "agent", "agent": "客服1", "text": "有"})
    assert chats_of(rows).waits["close_row"].tolist() == [-1, 2]


def opened(text: str, **settings_) -> list[tuple[int, int]]:
    chats = talk(text, **settings_)
    return list(zip(chats.waits["open_row"].tolist(), chats.waits["close_row"].tolist(), strict=True))


def test_later_questions_join_and_the_next_human_reply_closes() -> None:
    assert opened("10:00:00 B 在吗\n10:00:30 B 有货吗\n10:01:00 A 有\n10:02:00 B 多少钱") == [(0, 2), (3, -1)]


def test_automatic_robot_and_recalled_messages_are_no_reply() -> None:
    text = "10:00:00 B 有货吗\n10:00:01 A(auto) 欢迎光临\n10:00:02 A(recalled) 有\n10:00:03 R 您好\n10:05:00 A 有"
    assert opened(text) == [(0, 4)]


@pytest.mark.parametrize("kind", ["[图片]", "[视频]", "[语音]", "[卡片]", "[微笑]"])
def test_pictures_cards_and_emoticons_sent_by_hand_are_replies(kind: str) -> None:
    assert opened(f"10:00:00 B 有货吗\n10:01:00 A {kind}") == [(0, 1)]


def test_a_reply_to_the_day_is_in_time_and_a_second_later_it_answers_nothing() -> None:
    assert opened("2026-11-10 10:00:00 B 有货吗\n2026-11-11 10:00:00 A 有") == [(0, 1)]
    assert opened("2026-11-10 10:00:00 B 有货吗\n2026-11-11 10:00:01 A 有") == [(0, -1)]


def test_after_a_day_the_wait_ends_and_the_next_message_opens_another() -> None:
    text = "2026-11-10 10:00:00 B 有货吗\n2026-11-11 09:00:00 B 人呢\n10:00:01 B 还在吗\n10:05:00 A 在"
    assert opened(text) == [(0, -1), (2, 3)]


@pytest.mark.parametrize(
    "line",
    [
        "S(card) 来自商品详情页",
        'E order {"order_id": "1"}',
        "B(recalled) 有货吗",
        "B 由 客服1 转交给 客服2",
        "E card_click",
        "B 正在查看商品",
    ],
)
def test_what_opens_no_wait(line: str) -> None:
    assert opened(f"10:00:00 {line}\n10:01:00 A 您好") == []


def test_a_closer_opens_a_wait_only_before_any_seller_message() -> None:
    assert opened("10:00:00 B 好的") == [(0, -1)]
    assert opened("10:00:00 A(auto) 欢迎光临\n10:00:10 B 好的") == []


def test_a_closer_after_a_question_is_an_answer() -> None:
    assert opened("10:00:00 B 有货吗\n10:00:10 A 您要几件?\n10:00:20 B 好的") == [(0, 1), (2, -1)]


def test_closer_waits_only_where_the_pack_says_so() -> None:
    text = "10:00:00 B 有货吗\n10:00:10 A 有的\n10:00:20 B 好的\n10:00:30 B 谢谢啦\n10:01:00 B 多少钱\n10:02:00 A 十元"
    assert opened(text) == [(0, 1), (4, 5)]
    chats = talk(text, closers_need_reply=True)
    assert chats.waits["open_row"].tolist() == [0, 2, 4]
    assert chats.waits["closer"].tolist() == [False, True, False]
    assert chats.waits["thanks"].tolist() == [False, True, False]
    assert chats.waits["close_row"].tolist() == [1, 5, 5]


def test_thanks_inside_a_question_are_no_closer() -> None:
    chats = talk("10:00:00 A 您好\n10:00:10 B 谢谢，多少钱", closers_need_reply=True)
    assert chats.waits["closer"].tolist() == [False]


def test_a_chat_without_a_row_has_no_waits() -> None:
    from audit.chats.waits import Rows, build_waits

    none, no = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    waits, wait_of = build_waits(Rows(none, none, no, no, no, no, no), closers=True)
    assert len(waits) == 0 and len(wait_of) == 0
    check(waits, WAITS, "WAITS")
