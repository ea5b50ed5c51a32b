"""Sessions, turns and robot reception: against the rulebook told row by row, and its sentences one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small import chats_of, talk

from . import reference
from .reference import Row
from .strategies import as_rows, conversations

pytestmark = pytest.mark.usefixtures("small_home")


def numbered(values) -> list[int]:
    """Numbers by first occurrence."""
    seen: dict[int, int] = {}
    return [seen.setdefault(int(v), len(seen)) for v in values]


def compare(talks: list[list[Row]], *, exempt: bool) -> None:
    rows = [r for n, talk_ in enumerate(talks) for r in as_rows(talk_, f"买家{n:03d}")]
    chats = chats_of(rows, robot_reception="exempt" if exempt else "count")
    assert numbered(chats.session) == chats.session.tolist()
    base = 0
    for talk_ in talks:
        mine = slice(base, base + len(talk_))
        wanted = reference.sessions(talk_, exempt=exempt)
        assert numbered(chats.session[mine]) == wanted
        assert np.flatnonzero(chats.reception[mine]).tolist() == sorted(reference.reception(talk_, wanted))
        base += len(talk_)


def rows_of(*pairs: tuple[str, float]) -> list[Row]:
    rows = [Row(code, time) for code, time in pairs]
    reference.classify(rows)
    return rows


#: a wait that robot reception takes back after a later cut was judged
TAKEN_BACK = rows_of(
    ("ask", 9_000), ("robot", 16_201), ("withdrawn", 25_201), ("human", 32_464), ("thank", 41_464), ("ask", 127_864)
)


@settings(max_examples=40)
@given(st.lists(conversations(), min_size=1, max_size=8))
@example([TAKEN_BACK])
def test_sessions_and_reception_are_the_rulebooks(talks) -> None:
    compare(talks, exempt=True)


@settings(max_examples=15)
@given(st.lists(conversations(), min_size=1, max_size=8))
def test_where_reception_counts_it_holds_sessions_together(talks) -> None:
    compare(talks, exempt=False)


@settings(max_examples=10)
@given(st.lists(conversations(), min_size=2, max_size=5))
def test_a_conversations_sessions_do_not_depend_on_the_others(talks) -> None:
    together = chats_of([r for n, t in enumerate(talks) for r in as_rows(t, f"买家{n:03d}")])
    base = 0
    for n, t in enumerate(talks):
        alone = chats_of(as_rows(t, f"买家{n:03d}"))
        mine = slice(base, base + len(t))
        assert numbered(together.session[mine]) == alone.session.tolist()
        assert together.reception[mine].tolist() == alone.reception.tolist()
        base += len(t)


@settings(max_examples=25)
@given(conversations(most=40))
def test_no_cut_lies_in_an_open_wait(rows) -> None:
    chats = chats_of(as_rows(rows))
    for wait in chats.waits[~chats.waits["closer"]].itertuples():
        if wait.close_row >= 0:
            assert chats.session[wait.open_row] == chats.session[wait.close_row]


@settings(max_examples=25)
@given(conversations(most=30))
def test_every_silence_within_a_session_is_short_or_held(rows) -> None:
    chats = chats_of(as_rows(rows), robot_reception="count")
    spoken = [r.place for r in rows if r.code in (*reference.BUYERS, *reference.HUMANS)]
    for a, b in zip(spoken, spoken[1:], strict=False):
        long = rows[b].time - rows[a].time > reference.GAP
        held = reference.is_open(rows, b, rows[b], frozenset())
        assert (chats.session[a] != chats.session[b]) == (long and not held)


def sessions_of(text: str, **settings_) -> list[int]:
    return talk(text, **settings_).session.tolist()


def test_the_gap_itself_does_not_cut_a_second_more_does() -> None:
    answered = "10:00:00 B 有货吗\n10:00:10 A 有\n"
    assert sessions_of(answered + "12:00:10 B 多少钱") == [0, 0, 0]
    assert sessions_of(answered + "12:00:11 B 多少钱") == [0, 0, 1]
    assert sessions_of(answered + "10:05:00 B 多少钱", session_gap=60) == [0, 0, 1]


def test_automatic_and_system_messages_do_not_keep_a_session_alive() -> None:
    text = "10:00:00 B 有货吗\n10:00:10 A 有\n11:30:00 A(auto) 记得付款哦\n11:40:00 E read\n12:30:00 B 多少钱"
    assert sessions_of(text) == [0, 0, 0, 0, 1]


def test_what_nobody_said_goes_with_the_session_that_follows() -> None:
    text = "10:00:00 B 有货吗\n10:00:10 A 有\n15:00:00 A(auto) 记得付款哦\n16:00:00 B 多少钱"
    assert sessions_of(text) == [0, 0, 1, 1]
    assert sessions_of(text.rsplit("\n", 1)[0]) == [0, 0, 0]


def test_an_open_wait_holds_the_session_for_24_hours() -> None:
    question = "2026-11-10 10:00:00 B 有货吗\n"
    assert sessions_of(question + "2026-11-11 10:00:00 B 人呢") == [0, 0]
    assert sessions_of(question + "2026-11-11 10:00:01 B 人呢") == [0, 1]
    assert sessions_of(question + "2026-11-11 09:59:00 A 有") == [0, 0]


def test_a_closer_wait_holds_no_session() -> None:
    text = "10:00:00 B 有货吗\n10:00:10 A 有\n10:00:20 B 谢谢啦\n12:30:00 B 多少钱"
    assert sessions_of(text, closers_need_reply=True) == [0, 0, 0, 1]


def test_the_exports_session_ids_win_and_close_no_wait() -> None:
    text = "10:00:00 B(s=一) 有货吗\n10:01:00 B(s=二) 还在吗\n10:02:00 A(s=二) 在的\n20:00:00 B(s=一) 多少钱"
    chats = talk(text)
    assert chats.session.tolist() == [0, 1, 1, 0]
    assert list(zip(chats.waits["open_row"], chats.waits["close_row"], strict=True)) == [(0, 2), (3, -1)]


def test_rows_without_id_take_the_one_before_them_else_the_one_after() -> None:
    text = "10:00:00 E read\n10:00:01 B(s=一) 有货吗\n10:01:00 S 提示\n20:00:00 A(s=二) 在的\n20:01:00 E read"
    assert sessions_of(text) == [0, 0, 0, 1, 1]


def test_ids_of_one_conversation_leave_the_cuts_of_another() -> None:
    first = [{"at": t, "sender": "buyer", "text": "有货吗", "buyer": "甲", "session": "一"} for t in (0, 90_000)]
    second = [{"at": t, "sender": "buyer", "text": "有货吗", "buyer": "乙"} for t in (0, 90_000)]
    assert chats_of(first + second).session.tolist() == [0, 0, 1, 2]


def test_untimed_rows_are_cut_nowhere() -> None:
    rows = [{"at": None, "sender": s, "text": "您好", "agent": "客服1"} for s in ("buyer", "agent", "buyer")]
    chats = chats_of(rows)
    assert chats.session.tolist() == [0, 0, 0]
    assert chats.sessions["over"].tolist() == [True]


def test_a_session_is_over_at_the_next_one_or_after_the_gap() -> None:
    rows = [{"at": t, "sender": "agent", "text": "您好", "agent": "客服1"} for t in (0, 8_000)]
    assert chats_of(rows, days_after=7_200 / 86_400).sessions["over"].tolist() == [True, False]
    assert chats_of(rows, days_after=7_201 / 86_400).sessions["over"].tolist() == [True, True]
    chats = chats_of(rows)
    assert chats.sessions["first_row"].tolist() == [0, 1] and chats.sessions["last_row"].tolist() == [0, 1]


def test_turns_are_messages_of_one_side_in_a_row() -> None:
    text = "10:00:00 B 有货吗\n10:00:01 S 提示\n10:00:02 B 黑色\n10:00:03 R 您好\n10:00:04 A 有\n10:00:05 B 好的"
    assert talk(text).turn.tolist() == [0, -1, 0, 1, 1, 2]
    assert talk("10:00:00 A 您好\n13:00:00 A 您好").turn.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("end", "inside"),
    [("B 转人工", 3), ("E transfer", 3), ("A 您好", 3), ("A(recalled) 您好", 3), ("A(auto) 您好", 4), ("B 多少钱", 4)],
)
def test_where_robot_reception_ends(end: str, inside: int) -> None:
    chats = talk(f"10:00:00 B 有货吗\n10:00:01 R 有的\n10:00:30 B 在吗\n10:01:00 {end}")
    assert chats.reception.sum() == inside


def test_an_accounts_automatic_text_is_no_reception() -> None:
    chats = talk("10:00:00 B 有货吗\n10:00:01 A(auto) 欢迎光临\n10:00:02 R 有的")
    assert not chats.reception.any()


def test_reception_begins_anew_with_each_session() -> None:
    text = "10:00:00 B 有货吗\n10:00:01 R 有的\n10:01:00 A 您好\n15:00:00 B 多少钱\n15:00:01 R 十元"
    chats = talk(text)
    assert chats.session.tolist() == [0, 0, 0, 1, 1]
    assert chats.reception.tolist() == [True, True, False, True, True]


def test_a_question_in_reception_holds_no_session_and_opens_no_counted_wait() -> None:
    text = "10:00:00 B 有货吗\n10:00:01 R 有的\n15:00:00 B 转人工\n15:01:00 A 您好"
    chats = talk(text)
    assert chats.session.tolist() == [0, 0, 1, 1]
    assert chats.waits["open_row"].tolist() == [2]
    assert chats.all_waits["open_row"].tolist() == [0]
    counting = talk(text, robot_reception="count")
    assert counting.session.tolist() == [0, 0, 0, 0]
    assert counting.waits["open_row"].tolist() == [0]
