"""Aligned text views: every character of a view knows its place in the original, so a match quotes the original."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

SEPARATOR = "\x00"  # stands between texts in a flat view: no term holds it and no clause crosses it
_DROPPED = 0xFFFFFFFF
_TABLE_SIZE = 0x110000

#: Symbols put between Chinese characters to get past word lists; dropped only between two Chinese characters.
INSERTED = "*·•・.-_^|/\\+=#&`'\"°¤★☆❤♥♡✨○●◆◇■□▲△"
#: Dropped only beside a Chinese character that stands alone ("好 评 返 现"), since they also part ordinary clauses.
SPACING = " ~\t"


def _compatible_ranges() -> tuple[range, ...]:
    return (
        range(0xA0, 0x3400),
        range(0xF900, 0xFB00),
        range(0xFE30, 0xFE70),
        range(0xFF00, 0xFFF0),
        range(0x1D400, 0x1D800),
        range(0x1F100, 0x1F1AD),
    )


def traditional() -> dict[str, str]:
    """Traditional → simplified characters (source: chaizi's index, CC BY 3.0)."""
    text = resources.files("audit.text").joinpath("traditional.tsv").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {a: b for a, b in pairs}


@functools.cache
def fold_table() -> Codes:
    """Code point → folded code point (uint32, 0x110000 long); 0xFFFFFFFF = dropped wherever it stands.

    Width and compatibility forms of ONE character, letter case, traditional → simplified; format characters, variation
    selectors and combining marks are dropped. Nothing here maps one character to several: places would move.
    """
    table = np.arange(_TABLE_SIZE, dtype=np.uint32)
    for block in _compatible_ranges():
        for code in block:
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1:
                table[code] = ord(plain)
    for old, new in traditional().items():
        table[ord(old)] = ord(new)
    for code in [*range(0x41, 0x5B), *range(0xC0, 0x530)]:
        lower = chr(code).lower()
        if len(lower) == 1:
            table[code] = ord(lower)
    upper = (table >= 0x41) & (table <= 0x5A)
    table[upper] += 0x20
    for code in range(0x3000):
        if unicodedata.category(chr(code)) in ("Cf", "Mn", "Me"):
            table[code] = _DROPPED
    for first, last in ((0xFE00, 0xFE10), (0xE0000, 0xE0200), (0xFEFF, 0xFF00), (0xAD, 0xAE), (0x2060, 0x2061)):
        table[first:last] = _DROPPED
    table[[0x09, 0x0B, 0x0C, 0x85, 0x3000, 0xA0]] = 0x20
    table[0x0D] = 0x0A
    table[0] = 0
    return table


@functools.cache
def _class_table() -> npt.NDArray[np.uint8]:
    """Code point → 1 Chinese character, 2 inserted symbol, 3 spacing, 0 anything else."""
    table = np.zeros(_TABLE_SIZE, dtype=np.uint8)
    for first, last in ((0x3400, 0x9FFF), (0x20000, 0x323AF), (0xF900, 0xFAFF)):
        table[first : last + 1] = 1
    table[[ord(c) for c in INSERTED]] = 2
    table[[ord(c) for c in SPACING]] = 3
    return table


@dataclass(frozen=True)
class View:
    """A view of many texts laid end to end, each followed by one SEPARATOR.

    Attributes
    ----------
    codes : (n,) uint32, the view's code points.
    origin : (n,) int64, for each the place in the ORIGINAL flat text.
    starts : (texts + 1,) int64, where each text begins in the view.
    original_starts : (texts + 1,) int64, where each text begins in the original flat text.
    name : the view's name, as `decoded_by` reports it.
    """

    codes: Codes
    origin: Places
    starts: Places
    original_starts: Places
    name: str = "folded"

    @functools.cached_property
    def string(self) -> str:
        """The whole view as one string."""
        return decode(self.codes)

    def text(self, i: int) -> str:
        """Text number `i` in this view, without its separator."""
        return self.string[int(self.starts[i]) : int(self.starts[i + 1]) - 1]

    def text_of(self, places: Places) -> Places:
        """Numbers of the texts that hold these places of the view."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def original_span(self, start: Places, end: Places) -> tuple[Places, Places]:
        """Spans of the view [start, end) as spans relative to the original text that holds them."""
        text = self.text_of(start)
        base = self.original_starts[text]
        return self.origin[start] - base, self.origin[end - 1] + 1 - base


def decode(codes: Codes) -> str:
    """Code points as a string (lone surrogates survive)."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def encode(text: str) -> Codes:
    """A string as uint32 code points (lone surrogates survive)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def flatten(texts: Sequence[str]) -> tuple[Codes, Places]:
    """All texts end to end, each followed by SEPARATOR → (codes, starts with one more entry than texts)."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(lengths + 1, out=starts[1:])
    return encode(SEPARATOR.join(texts) + SEPARATOR if len(texts) else ""), starts


def fold(texts: Sequence[str]) -> View:
    """The folded view: width, case, traditional → simplified; zero-width and inserted symbols dropped.

    No character becomes two, and what is dropped leaves the places of the others untouched (property-tested).
    """
    flat, starts = flatten(texts)
    codes = fold_table()[flat]
    keep = codes != _DROPPED
    separators = starts[1:] - 1
    codes = np.where(keep, codes, 0)
    kind = np.where(keep, _class_table()[codes], 9)
    kind[separators] = 0
    keep &= ~_inserted(kind)
    keep[separators] = True
    origin = np.flatnonzero(keep)
    kept = np.zeros(len(flat) + 1, dtype=np.int64)
    np.cumsum(keep, out=kept[1:])
    return View(codes[origin], origin, kept[starts], starts)


def _inserted(kind: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which places hold a symbol put between Chinese characters. `kind`: 1 Chinese, 2 symbol, 3 spacing, 9 dropped."""
    candidate = (kind == 2) | (kind == 3)
    out = np.zeros(len(kind), dtype=bool)
    if not candidate.any():
        return out
    n = len(kind)
    place = np.arange(n)
    solid = ~candidate & (kind != 9)
    before = np.maximum.accumulate(np.where(solid, place, -1))
    after = np.minimum.accumulate(np.where(solid, place, n)[::-1])[::-1]
    at = np.flatnonzero(candidate)
    left, right = before[at], after[at]
    ok = (left >= 0) & (right < n)
    at, left, right = at[ok], left[ok], right[ok]
    ok = (kind[left] == 1) & (kind[right] == 1)
    at, left, right = at[ok], left[ok], right[ok]
    if not len(at):
        return out
    spacing = kind[at] == 3
    # a character stands alone where neither neighbour on its far side is Chinese
    lone_left = (left == 0) | (kind[np.maximum(left - 1, 0)] != 1)
    lone_right = (right == n - 1) | (kind[np.minimum(right + 1, n - 1)] != 1)
    out[at[~spacing | lone_left | lone_right]] = True
    return out
