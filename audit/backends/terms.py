"""Term matching: one Aho-Corasick pass over a view of all distinct texts, for every lexicon at once."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audit.errors import UserError, did_you_mean
from audit.text.lexicon import GAP, Entry, Lexicon
from audit.text.normalise import Places, View

_CHUNK = 4_000_000
#: characters that a gap may span, and those that it may not cross
_GAP_LENGTH = {"…": 8, "……": 20}
_GAP_STOPS = {"…": "，。！？；,!?;\n\x00", "……": "。！？!?\n\x00"}

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


@dataclass(frozen=True)
class _Gapped:
    """A term with gaps: its literal parts and how many characters may lie between them."""

    owner: _Owner
    parts: tuple[str, ...]
    gaps: tuple[str, ...]  # "…" or "……", one fewer than parts
    literals: frozenset[int]  # numbers of its longer parts: without them it cannot match


class TermMatcher:
    """Compiled lexicons. Immutable; `scan` a view once, then ask for any lexicon's matches."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self.lexicons = dict(lexicons)
        owners: dict[str, list[_Owner]] = {}
        # one-character terms (好, 嗯) occur in every other text: they are looked up by code point when asked for
        self.single: dict[str, list[tuple[int, _Owner]]] = {}
        self.characters: set[int] = set()
        gapped: list[tuple[_Owner, list[str], list[str]]] = []
        for lexicon in self.lexicons.values():
            for number, entry in enumerate(lexicon.entries):
                spellings = [(s, False) for s in entry.spellings] + [(s, True) for s in entry.exceptions]
                for spelling, exception in spellings:
                    owner = _Owner(lexicon.name, number, exception)
                    if GAP in spelling:
                        pieces = re.split("(……|…)", spelling)
                        if not all(pieces[0::2]):
                            raise UserError(f"a gap at the edge of a term: {spelling!r}", where=lexicon.name)
                        gapped.append((owner, pieces[0::2], pieces[1::2]))
                        for part in pieces[0::2]:
                            if len(part) > 1:
                                owners.setdefault(part, [])
                            else:
                                self.characters.add(ord(part))
                    elif len(spelling) == 1:
                        self.single.setdefault(lexicon.name, []).append((ord(spelling), owner))
                        self.characters.add(ord(spelling))
                    else:
                        owners.setdefault(spelling, []).append(owner)
        self.literals = list(owners)
        self.owners = list(owners.values())
        self.number = {literal: i for i, literal in enumerate(self.literals)}
        self.gapped: dict[str, list[_Gapped]] = {}
        for owner, parts, gaps in gapped:
            numbers = frozenset(self.number[p] for p in parts if len(p) > 1)
            self.gapped.setdefault(owner.lexicon, []).append(_Gapped(owner, tuple(parts), tuple(gaps), numbers))
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
                flat = itertools.chain.from_iterable(found)
                block = np.fromiter(flat, dtype=np.int64, count=3 * len(found)).reshape(-1, 3)
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
        self._present = set(np.flatnonzero(np.diff(self._first)).tolist())
        for number in sorted(self._present):
            for owner in matcher.owners[number]:
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
            start = self._starts_of(literal)
            starts.append(start)
            ends.append(self._end[self._first[literal] : self._first[literal + 1]])
            numbers.append(np.full(len(start), owner.entry, dtype=np.int32))
            exceptions.append(np.full(len(start), owner.exception))
        for code, owner in known_single:
            if role is not None and entries[owner.entry].role != role:
                continue
            place = self._of_character[code]
            starts.append(place)
            ends.append(place + 1)
            numbers.append(np.full(len(place), owner.entry, dtype=np.int32))
            exceptions.append(np.full(len(place), owner.exception))
        for gapped in self.matcher.gapped.get(lexicon, ()):
            owner = gapped.owner
            if not gapped.literals <= self._present or (role is not None and entries[owner.entry].role != role):
                continue
            start, end = self._gapped(gapped)
            if len(start):
                starts.append(start)
                ends.append(end)
                numbers.append(np.full(len(start), owner.entry, dtype=np.int32))
                exceptions.append(np.full(len(start), owner.exception))
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

    @functools.cached_property
    def _of_character(self) -> dict[int, Places]:
        """Where each character that is a term, or a part of one, stands; Latin ones only at token edges. One pass."""
        wanted = sorted(self.matcher.characters)
        table = np.zeros(0x110000, dtype=np.uint16)
        table[wanted] = np.arange(1, len(wanted) + 1)
        codes = self.view.codes
        number = table[codes]
        place = np.flatnonzero(number)
        number = number[place]
        latin = np.flatnonzero(_is_word(codes[place]))
        at = place[latin]
        inside = ((at > 0) & _is_word(codes[np.maximum(at - 1, 0)])) | _is_word(codes[at + 1])
        number[latin[inside]] = 0
        order = np.argsort(number, kind="stable")
        first = np.searchsorted(number[order], np.arange(1, len(wanted) + 2))
        return {code: place[order[first[i] : first[i + 1]]] for i, code in enumerate(wanted)}

    def _starts_of(self, literal: int) -> Places:
        return self._start[self._first[literal] : self._first[literal + 1]]

    @functools.cached_property
    def _barriers(self) -> dict[str, Ints]:
        """Gap → how many characters that such a gap may not cross stand before each place."""
        barriers = {}
        for gap, stops in _GAP_STOPS.items():
            count = np.zeros(len(self.view.codes) + 1, dtype=np.int32)
            np.cumsum(np.isin(self.view.codes, [ord(c) for c in stops]), out=count[1:])
            barriers[gap] = count
        return barriers

    def _gapped(self, term: _Gapped) -> tuple[Places, Places]:
        """Spans of a term with gaps: each part is the nearest one after the part before it."""
        places = [
            self._starts_of(self.matcher.number[p]) if len(p) > 1 else self._of_character[ord(p)] for p in term.parts
        ]
        start = places[0]
        end = start + len(term.parts[0])
        for part, gap, following in zip(term.parts[1:], term.gaps, places[1:], strict=True):
            at = np.searchsorted(following, end)
            ok = at < len(following)
            start, end, at = start[ok], end[ok], at[ok]
            following_start = following[at]
            barrier = self._barriers[gap]
            ok = (following_start - end <= _GAP_LENGTH[gap]) & (barrier[following_start] == barrier[end])
            start, end = start[ok], following_start[ok] + len(part)
        return start, end
