"""Frames: conditions around a match, named in a lexicon's `frame` column."""

from __future__ import annotations

import re

import numpy as np

from audit.backends.terms import Matches
from audit.text.normalise import View

#: No clause that a person types is so long; pasted walls of text are, and would cost their length for each match.
REACH = 300
_CLAUSE = re.compile(r"[，。！？；,!?;\n]")
_PERSON = re.compile(r"[你您他她]|这人|那人|有些人|某些人|这种人|有的人")


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of the clause of `text` that holds [start, end), at most REACH characters to either side."""
    near = max(0, start - REACH)
    first = max((m.end() for m in _CLAUSE.finditer(text, near, start)), default=near)
    after = _CLAUSE.search(text, end, end + REACH)
    return first, after.start() if after else min(len(text), end + REACH)


def in_frame(matches: Matches, view: View) -> Matches:
    """The matches whose entry has no frame, or whose frame holds."""
    if not len(matches):
        return matches
    frames = np.zeros(len(matches.entries), dtype=bool)
    for entry in np.flatnonzero(np.bincount(matches.entry)):
        frames[entry] = bool(matches.entries[entry].frame)
    if not frames.any():
        return matches
    keep = ~frames[matches.entry]
    for i in np.flatnonzero(~keep):
        number = int(matches.text[i])
        text, base = view.text(number), int(view.starts[number])
        first, last = clause(text, int(matches.start[i]) - base, int(matches.end[i]) - base)
        keep[i] = _PERSON.search(text[first:last]) is not None
    return matches.take(keep)
