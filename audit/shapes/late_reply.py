"""Shape: a wait that was answered too late or not at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.responsible import responsible
from audit.chats.waits import DAY, NO_TIME, SECOND, Bools, Ints
from audit.shapes.hits import make_hits, moment, span_text

MINUTE = 60 * SECOND


def end_of_day(at: Ints) -> Ints:
    """The last millisecond of the day of each moment: a reply dated the same day is in time."""
    return (at // DAY + 1) * DAY - 1


def late(at: Ints, closed: Ints, deadline: Ints, minutes: Bools) -> Bools:
    """Which closings are late; where times are known to the minute only, surely late (Δmin × 60 − 59 > limit)."""
    answered = closed != NO_TIME
    slack = np.where(minutes, 59 * SECOND, 0)
    whole = closed // SECOND * SECOND  # 180.4 s is 180 s
    return answered & (whole - slack > deadline)


def late_replies(
    chats: Chats,
    *,
    open_row: Ints,
    close_row: Ints,
    deadline: Ints,
    why_late: str,
    why_none: str,
    clock_from: Ints | None = None,
    by_date: bool | Bools = False,
) -> pd.DataFrame:
    """HITS for waits answered after their deadline, or never.

    Parameters
    ----------
    open_row, close_row : the waits' rows in MESSAGES (close −1 = not answered).
    deadline : int64 ms, inclusive; an unanswered wait whose deadline lies after as-of is pending.
    clock_from : int64 ms where the clock starts, if not at the opening message.
    why_late, why_none : Chinese sentences that may name {opened}, {closed}, {latency}, {over}, {deadline}.
    by_date : the deadline is a date, which is exact even where times are known to the minute only.
    """
    opened = chats.time[open_row] if clock_from is None else clock_from
    closed = np.where(close_row >= 0, chats.time[np.maximum(close_row, 0)], NO_TIME)
    minutes = ~np.asarray(by_date) & (
        chats.minutes[open_row] | np.where(close_row >= 0, chats.minutes[np.maximum(close_row, 0)], False)
    )
    timed = opened != NO_TIME
    as_of = chats.as_of[open_row]
    is_late = late(opened, closed, deadline, minutes) & timed
    unanswered = (closed == NO_TIME) & timed
    pending = unanswered & (deadline + np.where(minutes, 59 * SECOND, 0) > as_of)
    keep = np.flatnonzero(is_late | unanswered)
    open_row, close_row, opened, closed = open_row[keep], close_row[keep], opened[keep], closed[keep]
    deadline, pending, minutes = deadline[keep], pending[keep], minutes[keep]
    agents = responsible(chats, open_row, close_row, deadline)
    at, ends, answers = moment(opened), moment(deadline), moment(closed)
    why = []
    context = []
    for i in range(len(keep)):
        answered = closed[i] != NO_TIME
        latency = (closed[i] - opened[i]) / SECOND if answered else float("nan")
        over = (closed[i] - deadline[i]) / SECOND if answered else float("nan")
        sentence = (why_late if answered else why_none).format(
            opened=at[i],
            closed=answers[i],
            deadline=ends[i],
            latency=span_text(latency) if answered else "",
            over=span_text(over) if answered else "",
        )
        if pending[i]:
            sentence = f"截至数据时间尚未回复，时限 {ends[i]} 未到，待定"
        if minutes[i]:
            sentence += "（时间只精确到分钟，按最有利于客服的方式计算）"
        why.append(sentence)
        context.append([(int(close_row[i]), "context", -1, -1)] if answered else None)
    return make_hits(
        open_row,
        agent=agents,
        opened_at=opened,
        deadline=deadline,
        closed_at=closed,
        state=np.where(pending, "pending", "violation").astype(object),
        why=why,
        context=context,
        group_row=chats.group_of(open_row),
    )


def before_23(opened: Ints) -> Bools:
    """Which moments (int64 ms) lie before 23:00: their reply is due by the day's end, a date."""
    return opened % DAY < 23 * 60 * MINUTE


def reply_deadline(opened: Ints) -> Ints:
    """The RSP001/002 deadline: the end of the day for waits opened before 23:00, else 24 h later (int64 ms)."""
    return np.where(before_23(opened), end_of_day(opened), opened + DAY)


def first_in_wait(wait_of: Ints, mask: Bools, waits: pd.DataFrame) -> tuple[Ints, Ints]:
    """(row, close_row) of the first row of the mask in each non-closer wait that has one."""
    rows = np.flatnonzero(mask & (wait_of >= 0))
    number, first = np.unique(wait_of[rows], return_index=True)
    ordinary = ~waits["closer"].to_numpy()[number]
    return rows[first][ordinary], waits["close_row"].to_numpy()[number][ordinary]


def closer_wait_hits(chats: Chats, *, thanks: bool, limit: float | None, why_late: str, why_none: str) -> pd.DataFrame:
    """HITS for closer waits with (or without) thanks that got no human reply by `limit` seconds or the day's end."""
    waits = chats.waits[chats.waits["closer"] & (chats.waits["thanks"] == thanks)]
    open_row = waits["open_row"].to_numpy()
    opened = chats.time[open_row]
    return late_replies(
        chats,
        open_row=open_row,
        close_row=waits["close_row"].to_numpy(),
        deadline=reply_deadline(opened) if limit is None else opened + int(limit * SECOND),
        why_late=why_late,
        why_none=why_none,
        by_date=before_23(opened) if limit is None else False,
    )


def last_before_reply(chats: Chats, open_row: Ints, close_row: Ints) -> Ints:
    """`clock: last`: the time (int64 ms) of the last buyer message of each wait, the one right before its reply."""
    end = np.where(close_row >= 0, close_row, len(chats))
    rows = np.flatnonzero(chats.needs_reply)
    last = rows[np.maximum(np.searchsorted(rows, end) - 1, 0)] if len(rows) else open_row
    inside = (last >= open_row) & (chats.conversation[last] == chats.conversation[open_row])
    return chats.time[np.where(inside, last, open_row)]
