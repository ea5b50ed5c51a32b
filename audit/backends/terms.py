"""Term matching: one Aho-Corasick pass over a view of all distinct texts, for every lexicon at once."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from audit.errors import UserError, did_you_mean
from audit.text.lexicon import GAP, PINYIN, Entry, Lexicon
from audit.text.normalise import Places, View
from audit.text.pinyin import at_token_edges, mixed_spellings, to_pinyin

_CHUNK = 4_000_000
#: characters that a gap may span, and those that it may not cross
_GAP_LENGTH = {"…": 8, "……": 20}
_GAP_STOPS = {"…": "，。！？；,!?;\n\x00", "……": "。！？!?\n\x00"}
#: first letters alone spell too much; from so many on they are a term
_INITIALS_ALONE = 4

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
    view : the view that the places refer to.
    """

    text: Places
    start: Places
    end: Places
    entry: Ints
    entries: tuple[Entry, ...]
    view: View

    def __len__(self) -> int:
        return len(self.text)

    def take(self, keep: Bools | Places) -> Matches:
        """The matches that a mask or an index array chooses."""
        return replace(self, text=self.text[keep], start=self.start[keep], end=self.end[keep], entry=self.entry[keep])

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
        return replace(self, text=self.text[chosen], start=start[fresh], end=reach[last], entry=self.entry[chosen])

    @property
    def steps(self) -> npt.NDArray[np.uint8]:
        """(n,) uint8: the decoding steps that each match needed; 0 = folding alone."""
        return self.view.steps_of(self.start, self.end)

    def original(self) -> tuple[Places, Places]:
        """Their spans relative to the original texts."""
        return self.view.original_span(self.start, self.end)


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
    sound: bool = False  # an exception of the term's sound alone: no match of written terms is inside it


@dataclass(frozen=True)
class Sound:
    """How a term is found in the pinyin view.

    Attributes
    ----------
    key : its syllables, one private-use character each, in a mixed spelling some of them as Latin initials.
    term : the spelling of the lexicon that it stands for, as long as `key`.
    entry : the lexicon's entry.
    """

    key: str
    term: str
    entry: Entry

    @property
    def mixed(self) -> bool:
        """Whether some syllables are given by their first letter."""
        return any(c.isascii() for c in self.key)


@dataclass(frozen=True)
class SoundMatches:
    """Where terms are heard: all of them, in order, also those that overlap.

    Attributes
    ----------
    start, end : (n,) int64, places in the flat pinyin view.
    sound : (n,) int64, index into `sounds`.
    """

    start: Places
    end: Places
    sound: Places
    sounds: tuple[Sound, ...]


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
                    owner = _Owner(lexicon.name, number, exception, exception and sounds_only(entry, spelling))
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

    @functools.cached_property
    def sounds(self) -> tuple[Sound, ...]:
        """The terms that may match by sound, with their mixed spellings (智z, z障; initials alone from four on)."""
        found = []
        for lexicon in self.lexicons.values():
            for entry in lexicon.entries:
                for term in entry.spellings if entry.reads(PINYIN) else ():
                    found += [Sound(key, term, entry) for key in sound_keys(term)]
        return tuple(found)

    @functools.cached_property
    def _by_sound(self):  # type: ignore[no-untyped-def]
        import ahocorasick_rs

        keys = [sound.key for sound in self.sounds]
        return ahocorasick_rs.AhoCorasick(keys, matchkind=ahocorasick_rs.MatchKind.Standard)

    def hear(self, view: View) -> SoundMatches:
        """Find the terms that may match by sound in the pinyin view; Latin initials only at token edges."""
        if not self.sounds:
            none = np.zeros(0, dtype=np.int64)
            return SoundMatches(none, none, none, ())
        sound, start, end = _find(self._by_sound, view)
        mixed = np.array([s.mixed for s in self.sounds], dtype=bool)
        keep = ~mixed[sound]
        keep[~keep] = at_token_edges(view, start[~keep], end[~keep])
        return SoundMatches(start[keep], end[keep], sound[keep], self.sounds)

    def scan(self, view: View) -> Scan:
        """Find every literal of every lexicon in the view: one pass."""
        literal, start, end = _find(self._automaton, view)
        keep = np.ones(len(start), dtype=bool)
        if len(start):
            codes = view.codes
            keep &= ~(self._edge_left[literal] & (start > 0) & _is_word(codes[np.maximum(start - 1, 0)]))
            keep &= ~(self._edge_right[literal] & _is_word(codes[np.minimum(end, len(codes) - 1)]))
        return Scan(self, view, literal[keep], start[keep], end[keep])


def sounds_only(entry: Entry, exception: str) -> bool:
    """Whether an exception holds none of the entry's spellings, but sounds like one: 纸张 on the line of 智障."""
    if not entry.reads(PINYIN) or any(s in exception for s in entry.spellings):
        return False
    heard = to_pinyin(exception)
    return any(to_pinyin(s) in heard for s in entry.spellings)


def sound_keys(term: str) -> list[str]:
    """A term as the pinyin view shows it: its syllables, and mixed spellings; nothing for less than two syllables."""
    key = to_pinyin(term)
    if len(key) < 2 or any(c.isascii() or c == o for c, o in zip(key, term, strict=True)):
        return []
    mixed = [m for m in mixed_spellings(term) if len(term) >= _INITIALS_ALONE or not m.isascii()]
    return [key, *mixed]


def _find(automaton, view: View) -> tuple[Places, Places, Places]:  # type: ignore[no-untyped-def]
    """(number of the literal, start, end) of all matches in the view, in blocks of whole texts."""
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
        found = automaton.find_matches_as_indexes(string[base : int(view.starts[last])], overlapping=True)
        if found:
            flat = itertools.chain.from_iterable(found)
            block = np.fromiter(flat, dtype=np.int64, count=3 * len(found)).reshape(-1, 3)
            ids.append(block[:, 0])
            starts.append(block[:, 1] + base)
            ends.append(block[:, 2] + base)
        first = last
    none = np.zeros(0, dtype=np.int64)
    if not ids:
        return none, none, none
    return np.concatenate(ids), np.concatenate(starts), np.concatenate(ends)


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

    @functools.cached_property
    def exceptions(self) -> tuple[Places, Places, Places]:
        """Where exceptions of any lexicon stand, those with gaps left out: (text, start, end), by literal."""
        innocent = [n for n in self._present if any(owner.exception for owner in self.matcher.owners[n])]
        spans = [np.arange(self._first[n], self._first[n + 1]) for n in sorted(innocent)]
        at = np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64)
        return self.view.text_of(self._start[at]), self._start[at], self._end[at]

    def _resolve(self, lexicon: str, role: str | None) -> Matches:
        known = self.matcher.lexicons
        if lexicon not in known:
            raise UserError(f"there is no lexicon {lexicon!r}", fix=did_you_mean(lexicon, known))
        entries = known[lexicon].entries
        if role is not None and role not in known[lexicon].roles:
            raise UserError(f"lexicon {lexicon} has no role {role!r}", fix=did_you_mean(role, known[lexicon].roles))

        def asked(owner: _Owner) -> bool:
            entry = entries[owner.entry]
            if role is not None and entry.role != role or owner.sound:
                return False
            return owner.exception or entry.reads(self.view.name)

        starts, ends, numbers, exceptions = [], [], [], []
        known_single = self.matcher.single.get(lexicon, ())
        for literal, owner in self._of_lexicon.get(lexicon, ()):
            if not asked(owner):
                continue
            start = self._starts_of(literal)
            starts.append(start)
            ends.append(self._end[self._first[literal] : self._first[literal + 1]])
            numbers.append(np.full(len(start), owner.entry, dtype=np.int32))
            exceptions.append(np.full(len(start), owner.exception))
        for code, owner in known_single:
            if not asked(owner):
                continue
            place = self._of_character[code]
            starts.append(place)
            ends.append(place + 1)
            numbers.append(np.full(len(place), owner.entry, dtype=np.int32))
            exceptions.append(np.full(len(place), owner.exception))
        for gapped in self.matcher.gapped.get(lexicon, ()):
            owner = gapped.owner
            if not gapped.literals <= self._present or not asked(owner):
                continue
            start, end = self._gapped(gapped)
            if len(start):
                starts.append(start)
                ends.append(end)
                numbers.append(np.full(len(start), owner.entry, dtype=np.int32))
                exceptions.append(np.full(len(start), owner.exception))
        none = np.zeros(0, dtype=np.int64)
        if not starts:
            return Matches(none, none, none, none.astype(np.int32), entries, self.view)
        start, end = np.concatenate(starts), np.concatenate(ends)
        entry, exception = np.concatenate(numbers), np.concatenate(exceptions)
        order = np.lexsort((~exception, -end, start))
        start, end, entry, exception = start[order], end[order], entry[order], exception[order]
        reach = np.maximum.accumulate(end) if len(end) else end
        inside = np.zeros(len(end), dtype=bool)
        inside[1:] = reach[:-1] >= end[1:]
        keep = ~inside & ~exception
        start, end, entry = start[keep], end[keep], entry[keep]
        return Matches(self.view.text_of(start), start, end, entry, entries, self.view)

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
