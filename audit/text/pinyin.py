"""Views by sound: toneless syllables as single characters (好坪, haoping → hao ping), and first letters.

A syllable is one private-use character, U+E000 + its number, so that one Aho-Corasick pass finds homophones.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from audit.text.edits import merge, steps_of
from audit.text.glyphs import table_lines
from audit.text.normalise import Bools, Codes, Places, View, fold, look_up
from audit.text.steps import Step

SYLLABLES = 0xE000  # code point of the first syllable
INITIALS = 0xE800  # code point of the initial a
_UNKNOWN = 0xFFFD  # what private-use characters of the original become: they must not pass for syllables
_LONGEST = 6  # letters of a syllable: zhuang
_LONGEST_RUN = 32  # letters of a Latin run that is read as pinyin
_NEVER = np.int16(10_000)
#: Readings that only interjections have: no part of a spelt word.
_NOT_SPELT = frozenset("ei lo yo o eng rua".split())
_GAPS = " '-._~"


@functools.cache
def syllables() -> tuple[str, ...]:
    """All syllables in alphabetical order, ü written v; a syllable's place is its number."""
    return tuple(sorted(syllable for _, syllable in _readings()))


@functools.cache
def _readings() -> list[tuple[str, str]]:
    return [(chars, syllable) for chars, syllable in table_lines("syllables.tsv")]


def fuzzy(syllable: str) -> str:
    """The syllable that careless speakers do not tell from it: zh/z, ch/c, sh/s, ang/an, eng/en, ing/in."""
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


@functools.cache
def syllable_table(blur: bool = False) -> Codes:
    """Code point → itself, a Chinese character → U+E000 + the number of its syllable. `blur`: fuzzy ones are one."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[0xE000:0xF900] = _UNKNOWN
    numbers = _numbers(blur)
    for chars, syllable in _readings():
        table[[ord(c) for c in chars]] = SYLLABLES + numbers[syllable]
    return table


@functools.cache
def _numbers(blur: bool) -> dict[str, int]:
    """Syllable → its number, or with `blur` the number of the first one that sounds alike."""
    first: dict[str, int] = {}
    return {s: first.setdefault(fuzzy(s) if blur else s, i) for i, s in enumerate(syllables())}


def pinyin(view: View, blur: bool = False) -> View:
    """Chinese characters and spelt pinyin as syllables: 好坪, haoping, hao 平 and "hao ping" are the same two.

    A Latin run is read as pinyin if it is made of syllables from end to end (2 to 32 letters); one separator between
    syllables is dropped where one of them was spelt. Other characters stay. `blur`: see `fuzzy`.
    """
    codes = look_up(syllable_table(blur), view.codes)
    steps = steps_of(view)
    steps |= _is_syllable(codes).view(np.uint8) * np.uint8(Step.SYLLABLE)
    view = replace(view, codes=codes, steps=steps, name="pinyin_fuzzy" if blur else "pinyin")
    start, length, number = _spelt(view, blur)
    if not len(start):
        return view
    sounds = (SYLLABLES + number).astype(np.uint32)
    return merge(view, start, length, sounds, Step.SPELLED, drop=_gaps(codes, start, start + length))


def _is_syllable(codes: Codes) -> Bools:
    return codes - np.uint32(SYLLABLES) < len(syllables())


@dataclass(frozen=True)
class _Trie:
    """Syllables letter by letter.

    Attributes
    ----------
    next : (states × 26,) int16, state after a letter; 0 = dead, 1 = root.
    ends : (states,) int16, 1 + number of the syllable that ends here, 0 = none.
    """

    next: npt.NDArray[np.int16]
    ends: npt.NDArray[np.int16]


@functools.cache
def _trie(blur: bool) -> _Trie:
    prefixes = sorted({s[:i] for s in syllables() for i in range(len(s) + 1)})
    state = {prefix: i for i, prefix in enumerate(prefixes, 1)}  # "" sorts first: the root is 1
    following = np.zeros((len(prefixes) + 1) * 26, dtype=np.int16)
    for prefix, i in state.items():
        if prefix:
            following[state[prefix[:-1]] * 26 + ord(prefix[-1]) - 97] = i
    ends = np.zeros(len(prefixes) + 1, dtype=np.int16)
    for syllable, number in _numbers(blur).items():
        if syllable not in _NOT_SPELT:
            ends[state[syllable]] = number + 1
    return _Trie(following, ends)


def _spelt(view: View, blur: bool) -> tuple[Places, Places, Places]:
    """Spelt syllables: (start, length, number), ascending, of all Latin runs that are pinyin from end to end."""
    none = np.zeros(0, dtype=np.int64)
    place = np.flatnonzero(view.codes - np.uint32(97) < 26)
    if not len(place):
        return none, none, none
    opens = np.append(True, np.diff(place) != 1)
    first = np.flatnonzero(opens)
    size = np.diff(np.append(first, len(place)))
    fits = (size >= 2) & (size <= _LONGEST_RUN)
    place = place[np.repeat(fits, size)]
    size = size[fits]
    if not len(size):
        return none, none, none
    first = np.cumsum(size) - size
    left = np.repeat(first + size, size) - np.arange(len(place))  # letters from here to the run's end
    found = _syllables_at((view.codes[place] - 97).astype(np.int64), left, blur)
    cost, chosen = _cheapest(found, left, first, np.isin(view.codes[place], [97, 101, 111]))
    at = first[cost[first] < _NEVER]
    pieces = []
    while len(at):
        pieces.append(at)
        at = (at + chosen[at])[chosen[at] < left[at]]
    start = np.sort(np.concatenate(pieces)) if pieces else none
    length = chosen[start].astype(np.int64)
    return place[start], length, found[length - 1, start].astype(np.int64) - 1


def _syllables_at(letters: Places, left: Places, blur: bool) -> npt.NDArray[np.int16]:
    """(6, letters) int16: 1 + number of the syllable of 1 … 6 letters that begins at each letter, 0 = none."""
    trie = _trie(blur)
    found = np.zeros((_LONGEST, len(letters)), dtype=np.int16)
    at, state = np.arange(len(letters)), np.ones(len(letters), dtype=np.int64)
    for i in range(_LONGEST):
        inside = left[at] > i
        at, state = at[inside], state[inside]
        state = trie.next[state * 26 + letters[at + i]].astype(np.int64)
        at, state = at[state > 0], state[state > 0]
        found[i, at] = trie.ends[state]
    return found


def _cheapest(
    found: npt.NDArray[np.int16], left: Places, first: Places, vowel: Bools
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """(cost, length of the first syllable) of the best reading from each letter to its run's end.

    Fewest syllables, none that begins with a vowel inside a run if that can be (fangei = fan gei, xian = xian).
    """
    cost = np.full(len(left) + _LONGEST, _NEVER, dtype=np.int16)
    chosen = np.zeros(len(left), dtype=np.int16)
    price = np.where(vowel, 9, 1).astype(np.int16)
    price[first] = 1
    order = np.argsort(left, kind="stable")
    groups = np.searchsorted(left[order], np.arange(1, int(left.max()) + 2))
    for d in range(1, len(groups)):
        at = order[groups[d - 1] : groups[d]]
        for n in range(1, min(_LONGEST, d) + 1):
            rest = cost[at + n] if n < d else np.int16(0)
            total = np.where(found[n - 1, at] > 0, price[at] + rest, _NEVER)
            better = (total <= cost[at]) & (total < _NEVER)
            cost[at[better]], chosen[at[better]] = total[better], n
    return cost, chosen


def _gaps(codes: Codes, start: Places, end: Places) -> Places:
    """Places of single separators between two syllables of which one was spelt; [start, end) = the spelt ones."""
    gap = np.unique(np.concatenate((start - 1, end)))
    gap = gap[(gap > 0) & (gap < len(codes) - 1)]
    gap = gap[np.isin(codes[gap], [ord(c) for c in _GAPS])]
    left = _is_syllable(codes[gap - 1]) | np.isin(gap, end)
    right = _is_syllable(codes[gap + 1]) | np.isin(gap + 1, start)
    return gap[left & right]


def to_pinyin(term: str, blur: bool = False) -> str:
    """A term as it is to be matched in the pinyin view; its Latin letters stay as they are."""
    return "".join(map(chr, syllable_table(blur)[[ord(c) for c in fold([term]).text(0)]].tolist()))


def spell(text: str) -> str:
    """A piece of a pinyin or initials view for people: syllables as letters, spaces between them."""
    return " ".join("".join(word) for word in _words(text))


def _words(text: str) -> Iterator[list[str]]:
    word: list[str] = []
    for char in text:
        number = ord(char) - SYLLABLES
        if 0 <= number < len(syllables()):
            if word:
                yield word
            yield [syllables()[number]]
            word = []
        else:
            word.append(chr(ord(char) - INITIALS + 97) if 0 <= ord(char) - INITIALS < 26 else char)
    if word:
        yield word


def to_initials(term: str) -> str:
    """The first letters of a term's syllables: 好评返现 → hpfx. Latin letters and other characters stay."""
    return "".join(_initial(c) for c in to_pinyin(term))


def _initial(char: str) -> str:
    number = ord(char) - SYLLABLES
    return syllables()[number][0] if 0 <= number < len(syllables()) else char


def mixed_spellings(term: str, blur: bool = False) -> list[str]:
    """Spellings of a term for the pinyin view in which at least one character is its initial: hpfx, hp返现, 好p返x …

    For terms of 2 to 6 Chinese characters; their Latin edges must be token edges (`at_token_edges`).
    """
    sounds = to_pinyin(term, blur)
    if not 2 <= len(sounds) <= 6 or any(not _initial(c).isascii() for c in sounds):
        return []
    ways = [(c, i) if (i := _initial(c)) != c else (c,) for c in to_pinyin(term)]
    ways = [(s, *way[1:]) for s, way in zip(sounds, ways, strict=True)]
    return ["".join(way) for way in product(*ways) if "".join(way) != sounds]


@functools.cache
def _initial_table() -> Codes:
    table = syllable_table().copy()
    letters = np.array([ord(s[0]) - 97 for s in syllables()], dtype=np.uint32)
    sounds = _is_syllable(table)
    table[sounds] = INITIALS + letters[table[sounds] - SYLLABLES]
    table[97:123] = INITIALS + np.arange(26)
    return table


def initials(view: View) -> View:
    """First letters of Chinese characters' syllables, and Latin letters, as U+E800 + letter; other characters stay.

    Any four characters spell something: match it only inside frames, at token edges (`at_token_edges`). Where the Latin
    letters alone are wanted, `mixed_spellings` in the pinyin view is sharper.
    """
    steps = steps_of(view)
    steps |= _is_syllable(look_up(syllable_table(), view.codes)).view(np.uint8) * np.uint8(Step.INITIAL)
    return replace(view, codes=look_up(_initial_table(), view.codes), steps=steps, name="initials")


def initials_key(term: str) -> str:
    """A term as it is to be matched in the initials view."""
    return "".join(chr(ord(c) - 97 + INITIALS) if "a" <= c <= "z" else c for c in to_initials(term))


def at_token_edges(view: View, start: Places, end: Places) -> Bools:
    """(spans,) bool: whether spans hold Latin letters, and their Latin edges are edges of a token. For any view.

    A token is a run of Latin letters and digits; a hyphen, slash, dot or underscore joins it to a letter or digit
    before it and to a digit behind it: sb in USB and A-SB, nm in 500nm, vx in VX-200 are no tokens, vx in vx-abc is.
    """
    kind = _token_kinds(view)
    letters = np.zeros(len(kind) + 1, dtype=np.int64)
    np.cumsum(kind == 1, out=letters[1:])
    ok = letters[end] > letters[start]
    last = len(kind) - 1

    def part_of_longer(edge: Places, step: int) -> Bools:
        near, far = np.clip(edge + step, 0, last), np.clip(edge + 2 * step, 0, last)
        inside = (near != edge) & ((kind[near] == 1) | (kind[near] == 2))
        hyphened = (kind[near] == 3) & ((kind[far] == 2) | ((kind[far] == 1) & (step < 0)))
        return ((kind[edge] == 1) | (kind[edge] == 2)) & (inside | hyphened)

    return ok & ~part_of_longer(start, -1) & ~part_of_longer(end - 1, 1)


@functools.cache
def _kind_table() -> npt.NDArray[np.uint8]:
    """Code point → 1 Latin letter, 2 digit, 3 what may join a token's halves, 0 anything else."""
    table = np.zeros(0x110000, dtype=np.uint8)
    table[0x30:0x3A] = 2
    for first in (0x41, 0x61, INITIALS):
        table[first : first + 26] = 1
    table[[ord(c) for c in "-_/."]] = 3
    return table


def _token_kinds(view: View) -> npt.NDArray[np.uint8]:
    kind = look_up(_kind_table(), view.codes)
    if view.name == "initials" and view.steps is not None:
        kind[view.steps & np.uint8(Step.INITIAL) > 0] = 0
    return kind
