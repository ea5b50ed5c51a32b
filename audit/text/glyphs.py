"""Views that undo spelling by shape: symbols (emoji, digits), separated characters, look-alikes, split characters."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np
import numpy.typing as npt

from audit.text.edits import absorb, ends_of, insert, merge, on_texts, ordered, remove, substitute
from audit.text.normalise import INSERTED, Bools, Codes, Places, View, look_up
from audit.text.steps import Step

_COLUMNS = ("written", "reading", "others", "after", "before", "not_after", "not_before")
_CLASSES = {"@alnum": "0123456789abcdefghijklmnopqrstuvwxyz.:/%~-×*_"}
_TONES = 0x1F3FB  # five skin tones from here on
#: What may follow an emoji and belongs to it: variation selectors, joiner, keycap, skin tones, tags.
_TAILS = (*range(0xFE00, 0xFE10), 0x200D, 0x20E3, *range(_TONES, _TONES + 5), *range(0xE0020, 0xE0080))
_LONGEST_TAIL = 4
_ANY = np.uint64(1)  # the bit of the set that holds every character


def table_lines(name: str) -> Iterator[list[str]]:
    """Cells of the lines of a table beside this module, comments left out."""
    text = resources.files("audit.text").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("# "):
            yield line.split("\t")


@dataclass(frozen=True)
class Reading:
    """One line of a table: what one written character stands for, and beside which characters."""

    written: str
    readings: tuple[str, ...]  # the canonical one first
    contexts: tuple[frozenset[str], ...] = (frozenset(),) * 4  # after, before, not_after, not_before


class Readings:
    """A table of readings, compiled: one rule for a character.

    Attributes
    ----------
    number : (0x110000,) uint16, code point → 1 + index of its rule, 0 = none.
    inserted : (0x110000,) bool, code points with a rule that folding may take for separators.
    """

    def __init__(self, rows: list[Reading]) -> None:
        self.rows = rows
        self.number = np.zeros(0x110000, dtype=np.uint16)
        for i, row in enumerate(rows, 1):
            for char in row.written:
                if self.number[ord(char)]:
                    raise ValueError(f"{char} has two readings")
                self.number[ord(char)] = i
        self.inserted = np.zeros(0x110000, dtype=bool)
        self.inserted[[ord(c) for c in INSERTED if self.number[ord(c)]]] = True
        sets = [frozenset(), *dict.fromkeys(c for row in rows for c in row.contexts if c)]
        if len(sets) > 63:
            raise ValueError("a table holds at most 62 different contexts")
        self._member = np.full(0x110000, _ANY, dtype=np.uint64)
        for i, chars in enumerate(sets, 1):
            self._member[[ord(c) for c in chars]] |= np.uint64(1 << i)
        self._set = np.array(
            [[sets.index(c) + 1 if c or k > 1 else 0 for row in rows for c in [row.contexts[k]]] for k in range(4)],
            dtype=np.uint64,
        )

    def find(self, view: View) -> tuple[Places, npt.NDArray[np.int64]]:
        """Places of the view whose character is to be read otherwise, and the rules' indices."""
        return self.among(view, np.flatnonzero(look_up(self.number, view.codes) > 0))

    def among(self, view: View, at: Places) -> tuple[Places, npt.NDArray[np.int64]]:
        """As `find`, among the places `at`, whose characters have a rule."""
        rule = self.number[view.codes[at]].astype(np.int64) - 1
        before = np.where(at > 0, view.codes[at - 1], 0)
        ok = self.holds(rule, before, view.codes[np.minimum(at + 1, len(view.codes) - 1)])
        return at[ok], rule[ok]

    def holds(self, rule: npt.NDArray[np.int64], before: Codes, behind: Codes) -> Bools:
        """Whether each rule's conditions hold between the characters `before` and `behind`."""
        left, right = self._member[before], self._member[behind]
        after, ahead, not_after, not_ahead = self._set[:, rule]
        return ((left >> after) & (right >> ahead) & ~(left >> not_after) & ~(right >> not_ahead) & _ANY).astype(bool)

    def apply(self, view: View, at: Places, rule: npt.NDArray[np.int64], step: Step, reading: int = 0) -> View:
        """Write the readings; `reading` = which of several (the last one where there are fewer)."""
        texts, first, length = self._texts(reading)
        lengths = length[rule]
        offset = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return substitute(view, at, texts[np.repeat(first[rule], lengths) + offset], lengths, step)

    @functools.lru_cache(maxsize=8)  # noqa: B019 the tables live as long as the process
    def _texts(self, reading: int) -> tuple[Codes, Places, Places]:
        chosen = [row.readings[min(reading, len(row.readings) - 1)] for row in self.rows]
        length = np.array([len(c) for c in chosen], dtype=np.int64)
        return np.array([ord(c) for text in chosen for c in text], dtype=np.uint32), np.cumsum(length) - length, length


def _rows(name: str) -> list[Reading]:
    lines = table_lines(name)
    if tuple(next(lines)) != _COLUMNS:
        raise ValueError(f"{name}: columns")
    rows = []
    for cells in lines:
        written, reading, others, *contexts = cells + [""] * (len(_COLUMNS) - len(cells))
        sets = tuple(frozenset(_CLASSES.get(context, context)) for context in contexts)
        rows.append(Reading(written, (reading, *filter(None, others.split("|"))), sets))
    return rows


@functools.cache
def symbol_readings() -> Readings:
    """Emoji, keycaps and lone digits → words (audit/text/symbols.tsv)."""
    return Readings(_rows("symbols.tsv"))


@functools.cache
def lookalike_readings() -> Readings:
    """Look-alike characters (audit/text/lookalikes.tsv, shapes.tsv), accented letters, enclosed letters and digits."""
    rows = _rows("lookalikes.tsv")
    known = {c for row in rows for c in row.written}
    shapes = [(c, to) for chars, to in table_lines("shapes.tsv") for c in chars]
    for char, to in [*shapes, *_accented(), *_enclosed()]:
        if char not in known:
            known.add(char)
            rows.append(Reading(char, (to,)))
    return Readings(rows)


def _accented() -> Iterator[tuple[str, str]]:
    """Letters with marks → the plain letter (ǎ, é)."""
    for code in (*range(0xE0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base != chr(code) and base.isascii() and base.islower():
            yield chr(code), base


def _enclosed() -> Iterator[tuple[str, str]]:
    """Letters and numbers in circles, squares and brackets that folding leaves, since some are several characters."""
    digits = {name: str(i) for i, name in enumerate("ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN".split())}
    for code in (*range(0x2460, 0x2500), *range(0x2776, 0x2794), *range(0x3200, 0x3260), *range(0x1F100, 0x1F200)):
        char, name = chr(code), unicodedata.name(chr(code), "")
        plain = unicodedata.normalize("NFKC", char).lower().strip("(.,)〔〕")
        last = name.rsplit(" ", 1)[-1]
        if plain != char and len(plain) <= 2:
            yield char, plain
        elif last in digits:
            yield char, digits[last]
        elif len(last) == 1 and last.isascii():
            yield char, last.lower()


def symbols(view: View, reading: int = 0) -> View:
    """Emoji, ➕, digits before 星, 分 … → words: 5⭐ → 五星, 🧧 → 红包. `reading` 1, 2 … takes others (🐴 妈, 马, 骂).

    Skin tones, variation selectors and keycaps belong to the symbol before them.
    """
    return replace(on_texts(view, touched(view, Step.SYMBOL), lambda v: _symbols(v, reading)), name="symbols")


def _symbols(view: View, reading: int = 0) -> View:
    readings = symbol_readings()
    tones = np.flatnonzero(view.codes - np.uint32(_TONES) < 5)
    view = _restored(absorb(view, tones), readings)
    at, rule = readings.find(view)
    return readings.apply(_with_tails(view, at), at, rule, Step.SYMBOL, reading)


def _restored(view: View, readings: Readings) -> View:
    """Symbols that folding took for separators but that say something where they stand (+微信, 五★)."""
    place, behind = _dropped(view, readings)
    if not len(place):
        return view
    rule = readings.number[view.original[place]].astype(np.int64) - 1
    ok = readings.holds(rule, np.where(behind > 0, view.codes[behind - 1], 0), view.codes[behind])
    return insert(view, behind[ok], view.original[place[ok]], place[ok])


def _dropped(view: View, readings: Readings) -> tuple[Places, Places]:
    """Symbols with a reading that folding dropped: places in the original, places of the characters behind them."""
    gap = np.flatnonzero(view.origin[1:] - view.origin[:-1] > 1) + 1
    gap = gap[view.starts[np.searchsorted(view.starts, gap)] != gap]  # a separator, or texts left out
    first = view.origin[gap - 1] + 1
    length = view.origin[gap] - first
    place = np.repeat(first - (np.cumsum(length) - length), length) + np.arange(int(length.sum()))
    known = readings.inserted[view.original[place]]
    return place[known], np.repeat(gap, length)[known]


@functools.cache
def _tail_table() -> Bools:
    """Code point → whether it belongs to the emoji before it."""
    table = np.zeros(0x110000, dtype=bool)
    table[list(_TAILS)] = True
    return table


def _with_tails(view: View, at: Places) -> View:
    """The view in which the spans of the characters at `at` take in the selectors and tones that follow."""
    end = view.origin[at] + 1 if view.ends is None else view.ends[at]
    longest = end
    for _ in range(_LONGEST_TAIL):
        longest = longest + _tail_table()[view.original[np.minimum(longest, len(view.original) - 1)]]
    if (longest == end).all():
        return view
    ends = ends_of(view)
    ends[at] = longest
    return replace(view, ends=ends)


_HAN, _SOFT, _READ, _LIKE, _FIRST, _SECOND, _DIGIT, _ALNUM = (1 << i for i in range(8))


@functools.cache
def _trait_table() -> npt.NDArray[np.uint8]:
    """Code point → bits: Chinese, punctuation or space, symbol with a reading, look-alike, part of a split, digit …"""
    table = np.zeros(0x110000, dtype=np.uint8)
    for first, last in ((0x3400, 0x9FFF), (0x20000, 0x323AF)):
        table[first : last + 1] = _HAN
    for code in (*range(0x20, 0x2190), *range(0x2500, 0x2600), *range(0x3001, 0x3040)):
        if unicodedata.category(chr(code))[0] in "PZS":
            table[code] |= _SOFT
    table[symbol_readings().number > 0] |= _READ
    table[_TONES : _TONES + 5] |= _READ
    table[lookalike_readings().number > 0] |= _LIKE
    table[_splits().place & 1 > 0] |= _FIRST
    table[_splits().place & 2 > 0] |= _SECOND
    table[0x30:0x3A] |= _DIGIT
    table[[ord(c) for c in _CLASSES["@alnum"]]] |= _ALNUM
    return table


def touched(view: View, steps: int) -> Bools:
    """(texts,) bool: the texts that the steps may change, and few others."""
    trait = look_up(_trait_table(), view.codes)
    behind = np.append(trait[1:], np.uint8(0))
    before = np.append(np.uint8(0), trait[:-1])
    candidate = np.zeros(len(trait), dtype=bool)
    if steps & Step.SYMBOL:
        inside = ((before | behind) & _ALNUM).astype(bool) & (trait & _DIGIT).astype(bool)
        at = np.flatnonzero((trait & _READ).astype(bool) & ~inside)
        tone = symbol_readings().number[view.codes[at]] == 0
        candidate[at[tone]] = True
        candidate[symbol_readings().among(view, at[~tone])[0]] = True
    if steps & Step.LOOKALIKE:
        candidate[lookalike_readings().among(view, np.flatnonzero((trait & _LIKE).astype(bool)))[0]] = True
    if steps & Step.JOINED:
        pair = np.flatnonzero((trait & _FIRST).astype(bool) & (behind & _SECOND).astype(bool))
        splits = _splits()
        candidate[pair[splits.opens[splits.part[view.codes[pair]], splits.part[view.codes[pair + 1]]]]] = True
    if steps & Step.SPACED:
        chinese = (trait & _HAN).astype(bool)
        left = chinese & (behind & _SOFT).astype(bool) & ~(before & _HAN).astype(bool)
        right = chinese & (before & _SOFT).astype(bool) & ~(behind & _HAN).astype(bool)
        for signs in (1, 2, 3):
            candidate[: -signs - 1] |= left[: -signs - 1] & right[signs + 1 :]
    texts = np.zeros(len(view.starts) - 1, dtype=bool)
    texts[view.text_of(np.flatnonzero(candidate))] = True
    if steps & Step.SYMBOL:
        texts[view.text_of(_dropped(view, symbol_readings())[1])] = True
    return texts


def spaced(view: View) -> View:
    """Punctuation dropped where it parts characters that stand alone: 【好】【评】, 加,微,信. Up to 3 together."""
    return replace(on_texts(view, touched(view, Step.SPACED), _spaced), name="spaced")


def _spaced(view: View) -> View:
    trait = look_up(_trait_table(), view.codes)
    soft = (trait & _SOFT).astype(bool)
    chinese = (trait & _HAN).astype(bool)
    first = np.flatnonzero(soft[1:] & ~soft[:-1]) + 1
    last = np.flatnonzero(soft[:-1] & ~soft[1:])
    if len(first) and len(last) and last[0] < first[0]:
        last = last[1:]
    first, last = first[: len(last)], last[: len(first)]

    def alone(place: Places, step: int) -> Bools:
        beyond = np.clip(place + step, 0, len(chinese) - 1)
        return chinese[place] & (~chinese[beyond] | (beyond == place))

    ok = (last - first < 3) & alone(first - 1, -1) & alone(last + 1, 1)
    first, last = first[ok], last[ok]
    length = last - first + 1
    at = np.repeat(first - (np.cumsum(length) - length), length) + np.arange(int(length.sum()))
    return remove(view, at, Step.SPACED)


def lookalike(view: View) -> View:
    """Characters written for others by their shape: 差泙 → 差评, cyrillic ѕb → sb, ⓢ → s."""
    return replace(_lookalike(view), name="lookalike")


def _lookalike(view: View) -> View:
    readings = lookalike_readings()
    return readings.apply(view, *readings.find(view), Step.LOOKALIKE)


@dataclass(frozen=True)
class _Splits:
    """The split table, compiled.

    Attributes
    ----------
    place : (0x110000,) uint8, code point → 1 may stand first in a split, 2 second, 3 either, 0 neither.
    part : (0x110000,) uint16, code point → number of the component (1 …), 0 = none.
    opens : (parts, parts) bool, whether two components open a split.
    keys : component count → sorted keys; codes, steps: what each key becomes.
    """

    place: npt.NDArray[np.uint8]
    part: npt.NDArray[np.uint16]
    opens: Bools
    keys: dict[int, npt.NDArray[np.int64]]
    codes: dict[int, Codes]
    steps: dict[int, npt.NDArray[np.uint8]]


@functools.cache
def _splits() -> _Splits:
    rows = [(cells[0], cells[1], len(cells) > 2) for cells in table_lines("splits.tsv")]
    parts = sorted({c for written, _, _ in rows for c in written})
    number = {c: i for i, c in enumerate(parts, 1)}
    part = np.zeros(0x110000, dtype=np.uint16)
    part[[ord(c) for c in parts]] = np.arange(1, len(parts) + 1)
    opens = np.zeros((len(parts) + 1, len(parts) + 1), dtype=bool)
    place = np.zeros(0x110000, dtype=np.uint8)
    place[[ord(written[0]) for written, _, _ in rows]] |= np.uint8(1)
    place[[ord(written[1]) for written, _, _ in rows]] |= np.uint8(2)
    table: dict[int, list[tuple[int, int, int]]] = {}
    for written, char, word in rows:
        numbers = [number[c] for c in written]
        opens[numbers[0], numbers[1]] = True
        step = Step.JOINED_WORD if word else Step.JOINED
        table.setdefault(len(written), []).append((_key(numbers), ord(char), step))
    columns = {n: np.array(sorted(lines), dtype=np.int64) for n, lines in table.items()}
    return _Splits(
        place,
        part,
        opens,
        {n: c[:, 0] for n, c in columns.items()},
        {n: c[:, 1].astype(np.uint32) for n, c in columns.items()},
        {n: c[:, 2].astype(np.uint8) for n, c in columns.items()},
    )


def _key(numbers: list[int]) -> int:
    return functools.reduce(lambda key, number: key << 12 | number, numbers, 0)


def joined(view: View) -> View:
    """Split characters put together: 讠平 → 评, 米田共 → 粪; the longest split, from left to right.

    A split that ordinary text shows too (女子, 力口) is marked Step.JOINED_WORD: evidence only inside a frame.
    """
    return replace(on_texts(view, touched(view, Step.JOINED), _joined), name="joined")


def _joined(view: View) -> View:
    once = _joined_once(view)
    return on_texts(once, once.changed(), _joined_once)  # 讠身寸 → 讠射 → 谢


def _joined_once(view: View) -> View:
    splits = _splits()
    place = look_up(splits.place, view.codes)
    at = np.flatnonzero((place[:-1] & (place[1:] >> 1)).astype(bool))
    at = at[splits.opens[splits.part[view.codes[at]], splits.part[view.codes[at + 1]]]]
    last = len(place) - 1
    length = np.zeros(len(at), dtype=np.int64)
    codes = np.zeros(len(at), dtype=np.uint32)
    steps = np.zeros(len(at), dtype=np.uint8)
    for n in sorted(splits.keys):
        keys = np.zeros(len(at), dtype=np.int64)
        for i in range(n):
            keys = keys << 12 | splits.part[view.codes[np.minimum(at + i, last)]]
        found = np.minimum(np.searchsorted(splits.keys[n], keys), len(splits.keys[n]) - 1)
        hit = splits.keys[n][found] == keys
        length[hit], codes[hit], steps[hit] = n, splits.codes[n][found[hit]], splits.steps[n][found[hit]]
    some = np.flatnonzero(length)
    some = some[ordered(at[some], at[some] + length[some])]
    return merge(view, at[some], length[some], codes[some], steps[some])


def decoded(view: View) -> View:
    """All of them, each on what the one before it left: symbols, spaced, lookalike, joined."""
    steps = Step.SYMBOL | Step.SPACED | Step.LOOKALIKE | Step.JOINED
    return replace(on_texts(view, touched(view, steps), _chain), name="decoded")


def _chain(view: View) -> View:
    return _joined(_lookalike(_spaced(_symbols(view))))
