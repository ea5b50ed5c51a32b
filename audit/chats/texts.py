"""Distinct texts: folded once, scanned once, read by every rule."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from audit.backends.terms import Matches, Scan, TermMatcher
from audit.chats.frames import in_frame
from audit.text.emoticons import EMOTICON
from audit.text.normalise import View, fold

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@functools.cache
def solid_table() -> Bools:
    """Code point → whether it says something: Chinese characters, letters, digits; no punctuation, space or emoji."""
    table = np.zeros(0x110000, dtype=bool)
    for first, last in ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x370, 0x52F)):
        table[first : last + 1] = True
    for first, last in ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x323AF)):
        table[first : last + 1] = True
    return table


class Texts:
    """The distinct texts of some chats.

    Attributes
    ----------
    values : the texts as written, number → text.
    view : their folded View, or the one in which they are to be read (places refer to it; `original_span` leads back).
    """

    def __init__(self, values: Sequence[str], matcher: TermMatcher, view: View | None = None) -> None:
        self.values = values
        self.matcher = matcher
        self.view: View = fold(values) if view is None else view
        self._flags: dict[object, Bools] = {}

    def __len__(self) -> int:
        return len(self.values)

    @functools.cached_property
    def scan(self) -> Scan:
        """Every lexicon's literals in the view."""
        return self.matcher.scan(self.view)

    @functools.cached_property
    def _framed(self) -> dict[tuple[str, str | None], Matches]:
        return {}

    def matches(self, lexicon: str, role: str | None = None) -> Matches:
        """Matches whose frame holds, of the terms that may match in this view."""
        key = (lexicon, role)
        if key not in self._framed:
            self._framed[key] = in_frame(self.scan.matches(lexicon, role))
        return self._framed[key]

    def has(self, lexicon: str, role: str | None = None) -> Bools:
        """(texts,) bool: whether a text holds a term of the lexicon (role)."""
        key = ("has", lexicon, role)
        if key not in self._flags:
            flags = np.zeros(len(self), dtype=bool)
            flags[self.matches(lexicon, role).text] = True
            self._flags[key] = flags
        return self._flags[key]

    def pattern(self, pattern: re.Pattern[str], among: Bools) -> Bools:
        """(texts,) bool: whether the folded text matches; only the texts of the mask `among` are looked at."""
        flags = np.zeros(len(self), dtype=bool)
        chosen = np.flatnonzero(among)
        search = pattern.search
        flags[chosen] = [search(text) is not None for text in self.strings(chosen)]
        return flags

    def strings(self, numbers: Ints) -> list[str]:
        """The folded texts of these numbers."""
        string, starts = self.view.string, self.view.starts
        ends = starts[numbers + 1] - 1
        return [string[a:b] for a, b in zip(starts[numbers].tolist(), ends.tolist(), strict=True)]

    def of_rows(self, numbers: Ints) -> Bools:
        """(texts,) bool: the mask that holds these text numbers."""
        flags = np.zeros(len(self), dtype=bool)
        flags[numbers] = True
        return flags

    def holds(self, first: str, last: str) -> Bools:
        """(texts,) bool: whether the folded text holds a character of the range, both ends included."""
        codes = self.view.codes
        return self.of_rows(self.view.text_of(np.flatnonzero((codes >= ord(first)) & (codes <= ord(last)))))

    @functools.cached_property
    def emoticons(self) -> tuple[Ints, Ints]:
        """Spans of emoticon codes in the folded view: (start, end)."""
        codes = self.view.codes
        following = np.append(codes[1:], 0)
        marks = ((codes == ord("/")) & (following == ord(":"))) | ((codes == ord("#")) & (following == ord("e")))
        marks |= (codes == ord("[")) | ((codes == ord("\\")) & (following == ord("t")))
        spans: list[tuple[int, int]] = []
        for text in np.unique(self.view.text_of(np.flatnonzero(marks))):
            base = int(self.view.starts[text])
            spans.extend((m.start() + base, m.end() + base) for m in EMOTICON.finditer(self.view.text(int(text))))
        found = np.array(spans, dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def residue(self, covers: Iterable[tuple[str, str | None]]) -> Ints:
        """(texts,) int: solid characters that no emoticon and no term of `covers` (lexicon, role) covers."""
        spans = [self.emoticons]
        for lexicon, role in covers:
            found = self.matches(lexicon, role)
            spans.append((found.start, found.end))
        start = np.concatenate([s for s, _ in spans])
        end = np.concatenate([e for _, e in spans])
        order = np.argsort(start, kind="stable")
        start, end = start[order], end[order]
        reach = np.maximum.accumulate(end)
        start[1:] = np.maximum(start[1:], reach[:-1])
        fresh = np.flatnonzero(end > start)
        start, end = start[fresh], end[fresh]
        before = self._solid_before
        covered = np.bincount(self.view.text_of(start), before[end] - before[start], minlength=len(self))
        return np.diff(before[self.view.starts]) - covered.astype(np.int64)

    @functools.cached_property
    def _solid_before(self) -> Ints:
        """(codes + 1,) int: how many solid characters stand before each place of the view."""
        total = np.zeros(len(self.view.codes) + 1, dtype=np.int64)
        np.cumsum(solid_table()[self.view.codes], out=total[1:])
        return total

    @functools.cached_property
    def solid(self) -> Ints:
        """(texts,) int: solid characters of each text, emoticon codes not counted."""
        return self.residue(())
