"""Term matching: one Aho-Corasick pass over a view of all distinct texts, for every lexicon at once."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audit.errors import UserError, did_you_mean
from audit.text.lexicon import GAP, Entry, Lexicon
from audit.text.normalise import Places, View

_CHUNK = 4_000_000
_CLAUSE_END = r"，。！？；,!?;\n\x00"
_SENTENCE_END = r"。！？!?\n\x00"
_GAPS = {"…": f"[^{_CLAUSE_END}]{{0,8}}?", "……": f"[^{_SENTENCE_END}]{{0,20}}?"}

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Matches:
    """Matches of one lexicon (role), ordered by place; no match lies inside another.

    Attributes
    ----------
    text : (n,) int64, numbers of the texts.
    start, end : (n,) int64, places in the flat view (not relative to the text).
    entry : (n,) int32, index into `entries`.
    entries : the entries that may have matched.
    """

    text: Places
    start: Places
    end: Places
    entry: Ints
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        return len(self.text)

    def take(self, keep: Bools | Places) -> Matches:
        """The matches that a mask or an index array chooses."""
        return Matches(self.text[keep], self.start[keep], self.end[keep], self.entry[keep], self.entries)

    def merged(self) -> Matches:
        """Overlapping matches as one that spans them, under the entry of the longest: one finding per span."""
        if len(self) < 2:
            return self
        order = np.lexsort((-self.end, self.start))
        start, end = self.start[order], self.end[order]
        reach = np.maximum.accumulate(end)
        fresh = np.ones(len(start), dtype=bool)
        fresh[1:] = start[1:] >= reach[:-1]
        if fresh.all():
            return self
        group = np.cumsum(fresh) - 1
        longest = np.lexsort((start - end, group))
        chosen = order[longest[np.unique(group[longest], return_index=True)[1]]]
        last = np.append(np.flatnonzero(fresh)[1:], len(start)) - 1
        return Matches(self.text[chosen], start[fresh], reach[last], self.entry[chosen], self.entries)


@functools.cache
def gap_pattern(term: str) -> re.Pattern[str]:
    """The regular expression of a term with gaps."""
    parts = re.split("(……|…)", term)
    return re.compile("".join(_GAPS.get(p) or re.escape(p) for p in parts))


def _is_word(codes: npt.NDArray[np.uint32]) -> Bools:
    return (
        ((codes >= 0x30) & (codes <= 0x39)) | ((codes >= 0x61) & (codes <= 0x7A)) | ((codes >= 0x41) & (codes <= 0x5A))
    )


@dataclass(frozen=True)
class _Owner:
    """What a literal in the automaton stands for."""

    lexicon: str
    entry: int  # index into the lexicon's entries
    exception: bool
    gapped: str  # the term with gaps that this literal anchors, or ""


class TermMatcher:
    """Compiled lexicons. Immutable; `scan` a view once, then ask for any lexicon's matches."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self.lexicons = dict(lexicons)
        owners: dict[str, list[_Owner]] = {}
        # one-character terms (好, 嗯) occur in every other text: they are looked up by code point when asked for
        self.single: dict[str, list[tuple[int, _Owner]]] = {}
        for lexicon in self.lexicons.values():
            for number, entry in enumerate(lexicon.entries):
                spellings = [(s, False) for s in entry.spellings] + [(s, True) for s in entry.exceptions]
                for spelling, exception in spellings:
                    gapped = spelling if GAP in spelling else ""
                    literal = max(re.split("…+", spelling), key=len) if gapped else spelling
                    if not literal:
                        raise UserError(f"a term of gaps only: {spelling!r}", where=lexicon.name)
                    owner = _Owner(lexicon.name, number, exception, gapped)
                    if len(literal) == 1 and not gapped:
                        self.single.setdefault(lexicon.name, []).append((ord(literal), owner))
                    else:
                        owners.setdefault(literal, []).append(owner)
        self.literals = list(owners)
        self.owners = list(owners.values())
        self._edge_left = np.array([x[0].isascii() and x[0].isalnum() for x in self.literals], dtype=bool)
        self._edge_right = np.array([x[-1].isascii() and x[-1].isalnum() for x in self.literals], dtype=bool)

    @functools.cached_property
    def _automaton(self):  # type: ignore[no-untyped-def]
        import ahocorasick_rs

        return ahocorasick_rs.AhoCorasick(self.literals, matchkind=ahocorasick_rs.MatchKind.Standard)

    def scan(self, view: View) -> Scan:
        """Find every literal of every lexicon in the view: one pass."""
        starts: list[Places] = []
        ends: list[Places] = []
        ids: list[Places] = []
        string = view.string
        first = 0
        texts = len(view.starts) - 1
        while first < texts:
            last = int(np.searchsorted(view.starts, view.starts[first] + _CHUNK, side="right")) - 1
            last = min(max(last, first + 1), texts)
            base = int(view.starts[first])
            found = self._automaton.find_matches_as_indexes(string[base : int(view.starts[last])], overlapping=True)
            if found:
                block = np.array(found, dtype=np.int64)
                ids.append(block[:, 0])
                starts.append(block[:, 1] + base)
                ends.append(block[:, 2] + base)
            first = last
        none = np.zeros(0, dtype=np.int64)
        literal = np.concatenate(ids) if ids else none
        start = np.concatenate(starts) if starts else none
        end = np.concatenate(ends) if ends else none
        keep = np.ones(len(start), dtype=bool)
        if len(start):
            codes = view.codes
            keep &= ~(self._edge_left[literal] & (start > 0) & _is_word(codes[np.maximum(start - 1, 0)]))
            keep &= ~(self._edge_right[literal] & _is_word(codes[np.minimum(end, len(codes) - 1)]))
        return Scan(self, view, literal[keep], start[keep], end[keep])


class Scan:
    """All literals found in one view; `matches` reads one lexicon out of them (cached)."""

    def __init__(self, matcher: TermMatcher, view: View, literal: Places, start: Places, end: Places) -> None:
        self.matcher = matcher
        self.view = view
        order = np.argsort(literal, kind="stable")
        self._literal, self._start, self._end = literal[order], start[order], end[order]
        self._first = np.searchsorted(self._literal, np.arange(len(matcher.literals) + 1))
        self._cache: dict[tuple[str, str | None], Matches] = {}
        self._of_lexicon: dict[str, list[tuple[int, _Owner]]] = {}
        for number, owners in enumerate(matcher.owners):
            if self._first[number] == self._first[number + 1]:
                continue
            for owner in owners:
                self._of_lexicon.setdefault(owner.lexicon, []).append((number, owner))

    def matches(self, lexicon: str, role: str | None = None) -> Matches:
        """Matches of a lexicon, or of one role of it; exceptions and matches inside longer ones are gone.

        Raises UserError for an unknown lexicon or role.
        """
        key = (lexicon, role)
        if key not in self._cache:
            self._cache[key] = self._resolve(lexicon, role)
        return self._cache[key]

    def _resolve(self, lexicon: str, role: str | None) -> Matches:
        known = self.matcher.lexicons
        if lexicon not in known:
            raise UserError(f"there is no lexicon {lexicon!r}", fix=did_you_mean(lexicon, known))
        entries = known[lexicon].entries
        if role is not None and role not in known[lexicon].roles:
            raise UserError(f"lexicon {lexicon} has no role {role!r}", fix=did_you_mean(role, known[lexicon].roles))
        starts, ends, numbers, exceptions = [], [], [], []
        known_single = self.matcher.single.get(lexicon, ())
        for literal, owner in self._of_lexicon.get(lexicon, ()):
            if role is not None and entries[owner.entry].role != role:
                continue
            start = self._start[self._first[literal] : self._first[literal + 1]]
            end = self._end[self._first[literal] : self._first[literal + 1]]
            if owner.gapped:
                start, end = self._gapped(owner.gapped, start)
            starts.append(start)
            ends.append(end)
            numbers.append(np.full(len(start), owner.entry, dtype=np.int32))
            exceptions.append(np.full(len(start), owner.exception))
        for code, owner in known_single:
            if role is not None and entries[owner.entry].role != role:
                continue
            place = self._place_of(code)
            starts.append(place)
            ends.append(place + 1)
            numbers.append(np.full(len(place), owner.entry, dtype=np.int32))
            exceptions.append(np.full(len(place), owner.exception))
        none = np.zeros(0, dtype=np.int64)
        if not starts:
            return Matches(none, none, none, none.astype(np.int32), entries)
        start, end = np.concatenate(starts), np.concatenate(ends)
        entry, exception = np.concatenate(numbers), np.concatenate(exceptions)
        order = np.lexsort((~exception, -end, start))
        start, end, entry, exception = start[order], end[order], entry[order], exception[order]
        reach = np.maximum.accumulate(end) if len(end) else end
        inside = np.zeros(len(end), dtype=bool)
        inside[1:] = reach[:-1] >= end[1:]
        keep = ~inside & ~exception
        start, end, entry = start[keep], end[keep], entry[keep]
        return Matches(self.view.text_of(start), start, end, entry, entries)

    def _place_of(self, code: int) -> Places:
        """Where one character stands; Latin letters and digits only at token edges."""
        codes = self.view.codes
        place = np.flatnonzero(codes == code)
        if chr(code).isascii() and chr(code).isalnum() and len(place):
            left = (place > 0) & _is_word(codes[np.maximum(place - 1, 0)])
            place = place[~left & ~_is_word(codes[place + 1])]
        return place

    def _gapped(self, term: str, anchors: Places) -> tuple[Places, Places]:
        pattern = gap_pattern(term)
        spans: list[tuple[int, int]] = []
        for text in np.unique(self.view.text_of(anchors)):
            base = int(self.view.starts[text])
            spans.extend((m.start() + base, m.end() + base) for m in pattern.finditer(self.view.text(int(text))))
        found = np.array(spans, dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]
