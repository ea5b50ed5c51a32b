"""Where matches stand in their texts, and several sets of matches as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import REACH
from audit.text.lexicon import Entry
from audit.text.normalise import View

_SENTENCE = re.compile(r"[。！？!?;；\n]")


def places(chats: Chats, found: Matches) -> Iterator[tuple[str, int, int]]:
    """For each match its text, in the view where it was found, and its bounds in it."""
    view = found.view
    base = view.starts[found.text] if len(found) else found.start
    last, text = -1, ""
    for number, start, end in zip(found.text.tolist(), found.start - base, found.end - base, strict=True):
        if number != last:
            last, text = number, view.text(number)
        yield text, int(start), int(end)


def roles(found: Matches) -> np.ndarray:
    """(matches,) str: the role of each match's entry."""
    return np.array([e.role for e in found.entries], dtype=object)[found.entry]


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of the sentence of `text` that holds [start, end), at most REACH characters to either side.

    Commas do not end it.
    """
    near = max(0, start - REACH)
    first = max((m.end() for m in _SENTENCE.finditer(text, near, start)), default=near)
    after = _SENTENCE.search(text, end, end + REACH)
    return first, after.start() if after else min(len(text), end + REACH)


def one_per_message(hits: pd.DataFrame) -> pd.DataFrame:
    """HITS with one row per message, about its first span; the other spans become further evidence of it."""
    hits = hits.sort_values(["row", "start"], kind="stable").reset_index(drop=True)
    again = hits["row"].duplicated().to_numpy()
    further: dict[int, list[tuple[int, str, int, int]]] = {}
    for row, start, end in hits.loc[again, ["row", "start", "end"]].itertuples(index=False):
        further.setdefault(int(row), []).append((int(row), "violation", int(start), int(end)))
    first = hits[~again].reset_index(drop=True)
    context = np.empty(len(first), dtype=object)
    context[:] = [further.get(int(row)) for row in first["row"]]
    return first.assign(context=context)


def matches_of(spans: Sequence[tuple[int, int, int, int]], entries: tuple[Entry, ...], view: View) -> Matches:
    """Matches from (text, start, end, entry), places in the flat view."""
    table = np.array(spans, dtype=np.int64).reshape(-1, 4)
    return Matches(table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype(np.int32), entries, view)


def joined(one: Matches, other: Matches) -> Matches:
    """Both sets of one lexicon's matches in one view, by place."""
    if not len(other):
        return one
    columns = ("text", "start", "end", "entry")
    text, start, end, entry = (np.concatenate([getattr(one, c), getattr(other, c)]) for c in columns)
    order = np.argsort(start, kind="stable")
    return Matches(text[order], start[order], end[order], entry[order], one.entries, one.view)
