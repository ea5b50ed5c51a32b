"""Waits: what the response clocks measure (rulebook §1). Columns only, over rows sorted by conversation and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

SECOND = 1_000
DAY = 86_400 * SECOND
NO_TIME = np.iinfo(np.int64).min

#: WAITS, one row per wait, by opening row. Row columns are positions in MESSAGES (-1 = none), times datetime64[ms].
WAITS = {
    "open_row": "int64",
    "close_row": "int64",  # the human reply that closed it
    "opened_at": "datetime64[ms]",
    "closed_at": "datetime64[ms]",
    "latency_s": "float64",  # seconds from opening to closing; NaN = open or untimed
    "closer": "bool",  # a closer wait (thanks, acknowledgement), judged by RSP005/006 only
    "thanks": "bool",  # a closer wait with thanks in it
    "minutes": "bool",  # a time of it is known to the minute only
}


@dataclass(frozen=True)
class Rows:
    """The columns that clocks need, each (messages,) long, sorted by conversation, then time.

    `time` is int64 milliseconds, NO_TIME where unknown.
    """

    conversation: Ints
    time: Ints
    reply: Bools  # human reply
    need: Bools  # buyer message that needs a reply
    closer: Bools  # buyer message that is a closer
    thanks: Bools
    minutes: Bools


def build_waits(rows: Rows, *, closers: bool) -> tuple[pd.DataFrame, Ints]:
    """WAITS and, for every message, the number of the wait that it opened or joined (-1 = none).

    A wait opens at the first message that needs a reply after the last human reply; later buyer messages join it; the
    next human reply closes it. Open for 24 h, it ends unanswered and the next message opens a new one. `closers`:
    whether closers that find no open wait open closer waits (pack setting `closers_need_reply`).
    """
    n = len(rows.time)
    fresh = np.zeros(n, dtype=bool)
    if n:
        fresh[1:] = rows.reply[:-1] | (rows.conversation[1:] != rows.conversation[:-1])
    stretch = np.cumsum(fresh)
    reply_of = np.full(int(stretch[-1]) + 1 if n else 0, -1, dtype=np.int64)
    replies = np.flatnonzero(rows.reply)
    reply_of[stretch[replies]] = replies

    wait_of = np.full(n, -1, dtype=np.int64)
    need_rows = np.flatnonzero(rows.need)
    opening, number = _openings(need_rows, stretch, rows.time)
    wait_of[need_rows] = number
    ordinary = len(opening)

    closer_rows = np.flatnonzero(rows.closer)
    if len(closer_rows):
        last = np.searchsorted(need_rows, closer_rows) - 1
        before = np.where(last >= 0, number[np.maximum(last, 0)] if len(number) else -1, -1)
        opener = opening[np.maximum(before, 0)] if ordinary else np.zeros(len(closer_rows), dtype=np.int64)
        joins = (before >= 0) & (stretch[opener] == stretch[closer_rows])
        joins &= ~_expired(rows.time[opener], rows.time[closer_rows])
        wait_of[closer_rows[joins]] = before[joins]
        free = closer_rows[~joins]
        if closers and len(free):
            own_opening, own_number = _openings(free, stretch, rows.time)
            wait_of[free] = own_number + ordinary
            opening = np.concatenate([opening, own_opening])
    close = reply_of[stretch[opening]] if len(opening) else np.zeros(0, dtype=np.int64)
    superseded = np.zeros(len(opening), dtype=bool)
    superseded[:-1] = stretch[opening[:-1]] == stretch[opening[1:]]
    superseded[ordinary - 1 : ordinary] = False  # what follows is the first closer wait, another kind
    close[superseded] = -1
    close = np.where((close >= 0) & ~_expired(rows.time[opening], rows.time[np.maximum(close, 0)]), close, -1)

    is_closer = np.arange(len(opening)) >= ordinary
    thanks = np.zeros(len(opening), dtype=bool)
    thanked = np.flatnonzero(rows.thanks & (wait_of >= 0))
    thanks[wait_of[thanked]] = True
    order = np.argsort(opening, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    wait_of[wait_of >= 0] = rank[wait_of[wait_of >= 0]]
    opening, close, is_closer, thanks = opening[order], close[order], is_closer[order], thanks[order]

    opened, closed = rows.time[opening], np.where(close >= 0, rows.time[np.maximum(close, 0)], NO_TIME)
    timed = (opened != NO_TIME) & (closed != NO_TIME)
    waits = pd.DataFrame(
        {
            "open_row": opening,
            "close_row": close,
            "opened_at": opened.view("datetime64[ms]"),
            "closed_at": closed.view("datetime64[ms]"),
            "latency_s": np.where(timed, (closed - opened) / SECOND, np.nan),
            "closer": is_closer,
            "thanks": thanks & is_closer,
            "minutes": rows.minutes[opening] | np.where(close >= 0, rows.minutes[np.maximum(close, 0)], False),
        }
    )
    return waits, wait_of


def _expired(opened: Ints, now: Ints) -> Bools:
    return (opened != NO_TIME) & (now != NO_TIME) & (now - opened > DAY)


def _openings(at: Ints, stretch: Ints, time: Ints) -> tuple[Ints, Ints]:
    """Rows that open waits, and for each row of `at` the number of its wait."""
    starts = np.ones(len(at), dtype=bool)
    starts[1:] = stretch[at[1:]] != stretch[at[:-1]]
    while True:
        number = np.cumsum(starts) - 1
        opening = at[starts]
        if not len(at):
            return opening, number
        late = np.flatnonzero(_expired(time[opening][number], time[at]))
        if not len(late):
            return opening, number
        starts[late[np.unique(number[late], return_index=True)[1]]] = True
