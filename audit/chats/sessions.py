"""Sessions and turns, and robot reception inside them (rulebook §1)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.waits import DAY, NO_TIME, SECOND, Bools, Ints, Rows, build_waits


@dataclass(frozen=True)
class Speakers:
    """Who speaks in which row; each (messages,) bool."""

    buyer: Bools  # a buyer's own message
    human: Bools  # a human agent's message, recalled ones too
    robot: Bools
    seller: Bools  # human, automatic or robot
    asks_human: Bools  # the buyer asks for a human
    transfer: Bools  # a transfer event


def _previous(mask: Bools, conversation: Ints) -> Ints:
    """For each row the last row before it, in the same conversation, where `mask` holds (-1 = none)."""
    place = np.where(mask, np.arange(len(mask)), -1)
    last = np.full(len(mask), -1, dtype=np.int64)
    if len(mask):
        np.maximum.accumulate(place[:-1], out=last[1:])
        last[(last >= 0) & (conversation[np.maximum(last, 0)] != conversation)] = -1
    return last


def _next(mask: Bools, conversation: Ints) -> Ints:
    """For each row the first row at or after it, in the same conversation, where `mask` holds (len = none)."""
    n = len(mask)
    place = np.where(mask, np.arange(n), n)
    following = np.minimum.accumulate(place[::-1])[::-1]
    inside = following < n
    inside[inside] = conversation[following[inside]] == conversation[inside]
    return np.where(inside, following, n)


def cut(
    rows: Rows, who: Speakers, given: pd.Series, *, session_gap: float, exempt_reception: bool, closers: bool
) -> tuple[Ints, Bools]:
    """Session number of every row (ascending in order of first row) and whether the row lies in robot reception.

    The export's own session ids (`given`, "" = none) win. Otherwise a conversation is cut at a silence of buyer and
    human messages longer than `session_gap` seconds, never while a wait is open, unless it has been open for 24 h.
    """
    active = who.buyer | who.human
    before = _previous(active, rows.conversation)
    silence = np.zeros(len(rows.time), dtype=bool)
    ok = (before >= 0) & (rows.time != NO_TIME)
    ok[ok] = rows.time[before[ok]] != NO_TIME
    silence[ok] = rows.time[ok] - rows.time[before[ok]] > session_gap * SECOND
    own = _own_ids(given, rows.conversation)
    gaps = silence & active
    if own is not None:
        gaps &= own.code < 0
    starts = _starts(rows, who, gaps, silence, exempt_reception=exempt_reception, closers=closers)
    session = _number(rows.conversation, own, starts, silence, active)
    return session, _reception(session, who)


def _starts(rows: Rows, who: Speakers, gaps: Bools, silence: Bools, *, exempt_reception: bool, closers: bool) -> Bools:
    """Which of the gaps (speech after a long silence) begin a session: those that no open wait holds together.

    What was said before a gap decides about it. In conversations with a robot the waits depend on where sessions begin,
    so their gaps are decided one after the other: a cut that is held moves where robot reception began.
    """
    starts = gaps.copy()
    waits, _ = build_waits(rows, closers=closers)
    starts[gaps] = ~_held(np.flatnonzero(gaps), waits[~waits["closer"]], rows)
    if not exempt_reception or not who.robot.any():
        return starts
    some = int(rows.conversation.max()) + 1
    both = np.bincount(rows.conversation[who.robot], minlength=some) > 0
    both &= np.bincount(rows.conversation[gaps], minlength=some) > 0
    place = np.flatnonzero(both[rows.conversation])
    starts[place] = gaps[place]
    while len(place):
        part, people, begins = _taken(rows, place), _taken(who, place), starts[place]
        session = _number(part.conversation, None, begins, silence[place], people.buyer | people.human)
        part = replace(part, need=part.need & ~_reception(session, people))
        waits, _ = build_waits(part, closers=closers)
        candidates = np.flatnonzero(begins)
        held = candidates[_held(candidates, waits[~waits["closer"]], part)]
        conversations, first = np.unique(part.conversation[held], return_index=True)
        starts[place[held[first]]] = False
        place = place[np.isin(part.conversation, conversations)]
    return starts


_Columns = TypeVar("_Columns", Rows, Speakers)


def _taken(columns: _Columns, place: Ints) -> _Columns:
    """The same columns for some rows, in their order."""
    return replace(columns, **{f.name: getattr(columns, f.name)[place] for f in fields(columns)})


@dataclass(frozen=True)
class _OwnIds:
    code: Ints  # -1 where the conversation carries none
    all_given: bool


def _own_ids(given: pd.Series, conversation: Ints) -> _OwnIds | None:
    text = given.astype("str")
    missing = (text == "").to_numpy()
    if missing.all():
        return None
    by = pd.Series(np.where(missing, np.nan, pd.factorize(text)[0].astype(float)))
    filled = by.groupby(conversation).ffill().groupby(conversation).bfill() if missing.any() else by
    code = filled.fillna(-1).to_numpy().astype(np.int64)
    return _OwnIds(code, bool((code >= 0).all()))


def _number(conversation: Ints, own: _OwnIds | None, starts: Bools, silence: Bools, active: Bools) -> Ints:
    """Session numbers. Rows of nobody's speech inside a silence that is cut go with the session that follows."""
    n = len(conversation)
    follower = _next(active, conversation)
    lead = np.flatnonzero(silence & ~active & (follower < n))
    lead = lead[starts[follower[lead]]]
    part = np.cumsum(starts)
    part[lead] = part[lead] + 1
    if own is not None:
        part = np.where(own.code >= 0, 0, part)
        key = pd.MultiIndex.from_arrays([conversation, own.code, part])
        return pd.factorize(key)[0].astype(np.int64)
    change = np.ones(n, dtype=bool)
    change[1:] = (conversation[1:] != conversation[:-1]) | (part[1:] != part[:-1])
    return np.cumsum(change) - 1


def _reception(session: Ints, who: Speakers) -> Bools:
    """Rows of robot reception: from the start of a session whose first seller message is a robot's, until the buyer
    asks for a human, a transfer, or the first human message.
    """
    n = len(session)
    out = np.zeros(n, dtype=bool)
    if not who.robot.any():
        return out
    sessions = int(session.max()) + 1
    place = np.arange(n)

    def first(mask: Bools) -> Ints:
        at = np.full(sessions, n, dtype=np.int64)
        np.minimum.at(at, session[mask], place[mask])
        return at

    first_seller = first(who.seller)
    by_robot = np.zeros(sessions, dtype=bool)
    some = first_seller < n
    by_robot[some] = who.robot[first_seller[some]]
    end = first(who.human | who.transfer | who.asks_human)
    return by_robot[session] & (place < end[session])


def _held(candidates: Ints, waits: pd.DataFrame, rows: Rows) -> Bools:
    """Which candidate cuts a wait that is still open holds together."""
    open_row, close_row = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    if not len(candidates) or not len(open_row):
        return np.zeros(len(candidates), dtype=bool)
    last = np.searchsorted(open_row, candidates) - 1
    row = open_row[np.maximum(last, 0)]
    held = (last >= 0) & (rows.conversation[row] == rows.conversation[candidates])
    closes = close_row[np.maximum(last, 0)]
    held &= (closes < 0) | (closes >= candidates)
    return held & ~(rows.time[candidates] - rows.time[row] > DAY)


def turns(session: Ints, side: npt.NDArray[np.int8]) -> Ints:
    """Turn number of every row that a side speaks in (0 buyer, 1 seller, -1 neither: they break no turn), else -1."""
    out = np.full(len(session), -1, dtype=np.int64)
    spoken = np.flatnonzero(side >= 0)
    order = spoken[np.argsort(session[spoken], kind="stable")]
    if not len(order):
        return out
    change = np.ones(len(order), dtype=bool)
    change[1:] = (session[order[1:]] != session[order[:-1]]) | (side[order[1:]] != side[order[:-1]])
    out[order] = np.cumsum(change) - 1
    return out
