"""Frames: conditions around a match, named in a lexicon's `frame` and `views` columns."""

from __future__ import annotations

import re

import numpy as np

from audit.backends.terms import Matches
from audit.text.lexicon import FOLDED

#: No clause that a person types is so long; pasted walls of text are, and would cost their length for each match.
REACH = 300
_CLAUSE = re.compile(r"[，。！？；,!?;\n]")
_SENTENCE = re.compile(r"[。！？!?\n]")
#: frame → where it looks, and what must stand there
_FRAMES = {
    "person": (_CLAUSE, re.compile(r"[你您他她]|这人|那人|有些人|某些人|这种人|有的人")),
    "act": (_CLAUSE, re.compile(r"加|➕|\+|搜|聊|转|扫|联系|(?<![a-z])jia|[佳嘉咖伽](?=[我微薇威维v])")),
    "review": (_SENTENCE, re.compile(r"评|星|晒|图|👍|(?<![a-z])(?:hp|ping|xing|shai|tu)(?![a-z])|好[pq]|haop")),
    "reward": (
        _SENTENCE,
        re.compile(r"返|反|送|领|奖|赠|红包|现金|优惠|券|[\d一二两三四五六七八九十][元块米r]|(?<![a-z])(?:fan|fx|hb)"),
    ),
}
#: what stands for it where words are spelt out, too: only for texts that are to be decoded
_SPELT = {"person": re.compile(r"(?<![a-z])(?:ni|nin|ta)(?:men)?(?![a-z])")}


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of the clause of `text` that holds [start, end), at most REACH characters to either side."""
    return _bounds(_CLAUSE, text, start, end)


def _bounds(stops: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    near = max(0, start - REACH)
    first = max((m.end() for m in stops.finditer(text, near, start)), default=near)
    after = stops.search(text, end, end + REACH)
    return first, after.start() if after else min(len(text), end + REACH)


def holds(frame: str, text: str, start: int, end: int, *, spelt: bool = False) -> bool:
    """Whether a frame (person, act, review, reward; "" always) holds around text[start:end].

    `spelt`: pinyin counts as well (ni for 你).
    """
    if not frame:
        return True
    stops, needed = _FRAMES[frame]
    first, last = _bounds(stops, text, start, end)
    around = text[first:last]
    return bool(needed.search(around) or (spelt and frame in _SPELT and _SPELT[frame].search(around)))


def in_frame(matches: Matches) -> Matches:
    """The matches whose entry has no frame, or whose frame holds: its own, and in another view that view's."""
    if not len(matches):
        return matches
    name = matches.view.name
    frames = {
        int(number): [frame for frame in (entry.frame, entry.view_frames.get(name, "")) if frame]
        for number in np.flatnonzero(np.bincount(matches.entry))
        for entry in [matches.entries[number]]
    }
    framed = [number for number, needed in frames.items() if needed]
    if not framed:
        return matches
    keep = ~np.isin(matches.entry, framed)
    for i in np.flatnonzero(~keep):
        number = int(matches.text[i])
        text, base = matches.view.text(number), int(matches.view.starts[number])
        start, end = int(matches.start[i]) - base, int(matches.end[i]) - base
        keep[i] = all(holds(frame, text, start, end, spelt=name != FOLDED) for frame in frames[int(matches.entry[i])])
    return matches.take(keep)
