"""Shape: what happens first, last or at all in a session."""

from __future__ import annotations

import numpy as np

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints


def first_row(chats: Chats, mask: Bools) -> Ints:
    """(sessions,) int64: the first row of the mask in each session; len(chats) = none."""
    out = np.full(len(chats.sessions), len(chats), dtype=np.int64)
    rows = np.flatnonzero(mask)
    np.minimum.at(out, chats.session[rows], rows)
    return out


def last_row(chats: Chats, mask: Bools) -> Ints:
    """(sessions,) int64: the last row of the mask in each session; -1 = none."""
    out = np.full(len(chats.sessions), -1, dtype=np.int64)
    rows = np.flatnonzero(mask)
    np.maximum.at(out, chats.session[rows], rows)
    return out


def first_after(chats: Chats, mask: Bools, rows: Ints) -> Ints:
    """For each of `rows` the first row after it in its SESSION where the mask holds; len(chats) = none."""
    return first_from(chats, mask, chats.session[rows], rows + 1)


def first_from(chats: Chats, mask: Bools, sessions: Ints, place: Ints) -> Ints:
    """For each session number the first of its rows at or after `place` where the mask holds; len(chats) = none."""
    n = len(chats)
    hits = np.flatnonzero(mask)
    key = np.sort(chats.session[hits] * (n + 1) + hits)
    at = np.searchsorted(key, sessions * (n + 1) + place)
    out = np.full(len(place), n, dtype=np.int64)
    inside = at < len(key)
    found = key[at[inside]]
    same = found // (n + 1) == sessions[inside]
    out[np.flatnonzero(inside)[same]] = found[same] % (n + 1)
    return out


def last_before(chats: Chats, mask: Bools, rows: Ints) -> Ints:
    """For each of `rows` the last row before it in its SESSION where the mask holds; -1 = none."""
    n = len(chats)
    hits = np.flatnonzero(mask)
    key = np.sort(chats.session[hits] * (n + 1) + hits)
    at = np.searchsorted(key, chats.session[rows] * (n + 1) + rows) - 1
    out = np.full(len(rows), -1, dtype=np.int64)
    inside = at >= 0
    found = key[at[inside]]
    same = found // (n + 1) == chats.session[rows[inside]]
    out[np.flatnonzero(inside)[same]] = found[same] % (n + 1)
    return out


def turn_has(chats: Chats, mask: Bools) -> Bools:
    """(messages,) bool: whether the turn of a row holds a row of the mask."""
    flags = np.zeros(int(chats.turn.max(initial=-1)) + 2, dtype=bool)
    rows = np.flatnonzero(mask & (chats.turn >= 0))
    flags[chats.turn[rows]] = True
    return flags[chats.turn] & (chats.turn >= 0)


def account_after(chats: Chats, rows: Ints) -> list[str]:
    """Who answers for what a buyer said: the first human after each row in its session, else the last one before.

    "" = nobody spoke (unassigned).
    """
    after, before = first_after(chats, chats.human, rows), last_before(chats, chats.human, rows)
    place = np.where(after < len(chats), after, before)
    names = chats.accounts[np.maximum(place, 0)]
    return [str(name) if p >= 0 else "" for name, p in zip(names, place, strict=True)]
