"""Aligned text views: every character of a view knows its place in the original, so a match quotes the original."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Steps = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

SEPARATOR = "\x00"  # stands between texts in a flat view: no term holds it and no clause crosses it
_DROPPED = 0xFFFFFFFF
_TABLE_SIZE = 0x110000
_CODE, _KIND = 0x1FFFFF, 24  # a packed table's entry: a code point below, its kind from bit 24 on
_CHINESE, _SYMBOL, _SPACE, _GONE = 1, 2, 3, 4  # kinds; 0 is anything else
_BLOCK = 1 << 16

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
def _packed_table() -> Codes:
    """Code point → folded code point, and from bit 24 on the kind of the folded character (_CHINESE … _GONE)."""
    folded = fold_table()
    kinds = np.zeros(_TABLE_SIZE, dtype=np.uint32)
    for first, last in ((0x3400, 0x9FFF), (0x20000, 0x323AF), (0xF900, 0xFAFF)):
        kinds[first : last + 1] = _CHINESE
    kinds[[ord(c) for c in INSERTED]] = _SYMBOL
    kinds[[ord(c) for c in SPACING]] = _SPACE
    gone = folded == _DROPPED
    code = np.where(gone, 0, folded)
    return code | (np.where(gone, _GONE, kinds[code]).astype(np.uint32) << _KIND)


@dataclass(frozen=True)
class View:
    """A view of many texts laid end to end, each followed by one SEPARATOR.

    Attributes
    ----------
    codes : (n,) uint32, the view's code points.
    origin : (n,) int64, for each the place in the ORIGINAL flat text; equal where one character became several.
    starts : (texts + 1,) int64, where each text begins in the view.
    original_starts : (texts + 1,) int64, where each text begins in the original flat text.
    original : the original flat text's code points.
    name : the view's name.
    ends : (n,) int64, for each the end of its span in the original flat text; None = origin + 1.
    steps : (n,) uint8, for each the steps that made it (bits of `audit.text.steps.Step`); None = folding alone.
    """

    codes: Codes
    origin: Places
    starts: Places
    original_starts: Places
    original: Codes = field(repr=False)
    name: str = "folded"
    ends: Places | None = None
    steps: Steps | None = None

    @functools.cached_property
    def string(self) -> str:
        """The whole view as one string."""
        return decode(self.codes)

    def text(self, i: int) -> str:
        """Text number `i` in this view, without its separator."""
        return self.string[int(self.starts[i]) : max(int(self.starts[i + 1]) - 1, 0)]

    def text_of(self, places: Places) -> Places:
        """Numbers of the texts that hold these places of the view."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def original_span(self, start: Places, end: Places) -> tuple[Places, Places]:
        """Spans of the view [start, end) as spans relative to the original text that holds them."""
        text = self.text_of(start)
        base = self.original_starts[text]
        last = self.origin[end - 1] + 1 if self.ends is None else self.ends[end - 1]
        return self.origin[start] - base, last - base

    def quotes(self, start: Places, end: Places) -> list[str]:
        """What stands in the original where the view has the spans [start, end)."""
        first, last = self.original_span(start, end)
        base = self.original_starts[self.text_of(start)]
        return [decode(self.original[a:b]) for a, b in zip(first + base, last + base, strict=True)]

    def steps_of(self, start: Places, end: Places) -> Steps:
        """(spans,) uint8: the steps that made any character of each span [start, end), none of them empty."""
        if self.steps is None or not len(start):
            return np.zeros(len(start), dtype=np.uint8)
        edges = np.column_stack((start, end)).ravel()
        return np.bitwise_or.reduceat(np.append(self.steps, np.uint8(0)), edges)[::2]

    def changed(self) -> Bools:
        """(texts,) bool: whether a step beyond folding made any character of the text."""
        if self.steps is None:
            return np.zeros(len(self.starts) - 1, dtype=bool)
        flags = np.zeros(len(self.starts) - 1, dtype=bool)
        flags[self.text_of(np.flatnonzero(self.steps))] = True
        return flags

    def only(self, texts: Bools) -> View:
        """The view with the other texts empty (and without separator); texts keep their numbers.

        For a pass over the few texts that decoding changed.
        """
        lengths = np.diff(self.starts)
        keep = np.repeat(texts, lengths)
        starts = np.zeros(len(self.starts), dtype=np.int64)
        np.cumsum(np.where(texts, lengths, 0), out=starts[1:])
        return View(
            self.codes[keep],
            self.origin[keep],
            starts,
            self.original_starts,
            self.original,
            self.name,
            None if self.ends is None else self.ends[keep],
            None if self.steps is None else self.steps[keep],
        )


def decode(codes: Codes) -> str:
    """Code points as a string (lone surrogates survive)."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def encode(text: str) -> Codes:
    """A string as uint32 code points (lone surrogates survive)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def look_up(table: npt.NDArray, codes: Codes) -> npt.NDArray:
    """`table[codes]` for a table over all code points, in blocks that stay in the cache."""
    out = np.empty(len(codes), dtype=table.dtype)
    for i in range(0, len(codes), _BLOCK):
        table.take(codes[i : i + _BLOCK], out=out[i : i + _BLOCK], mode="clip")
    return out


def flatten(texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> tuple[Codes, Places]:
    """All texts end to end, each followed by SEPARATOR → (codes, starts with one more entry than texts).

    Takes a list or a pyarrow string array without nulls.
    """
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    if not len(texts):
        return encode(""), starts
    codes = encode(_joined(texts))
    ends = np.flatnonzero(codes == 0)
    if len(ends) != len(texts):  # a text holds the separator itself
        ends = np.cumsum(np.fromiter(map(len, _as_list(texts)), dtype=np.int64, count=len(texts)) + 1) - 1
    starts[1:] = ends + 1
    return codes, starts


def _as_list(texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> Sequence[str]:
    return texts.to_pylist() if hasattr(texts, "to_pylist") else texts


def _joined(texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> str:
    if not hasattr(texts, "to_pylist"):
        return SEPARATOR.join(texts) + SEPARATOR
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks: list[pa.Array] = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    empty, separator = pa.scalar("", pa.large_string()), pa.scalar(SEPARATOR, pa.large_string())
    pieces = []
    for chunk in chunks:
        ended = pc.binary_join_element_wise(chunk.cast(pa.large_string()), empty, separator)
        if ended.null_count:
            raise ValueError("a text is null")
        _, offsets, data = ended.buffers()
        if data is not None and len(ended):
            bounds = np.frombuffer(offsets, dtype=np.int64)[[ended.offset, ended.offset + len(ended)]]
            pieces.append(str(memoryview(data)[bounds[0] : bounds[1]], "utf-8"))
    return "".join(pieces)


def fold(texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> View:
    """The folded view: width, case, traditional → simplified; zero-width and inserted symbols dropped.

    No character becomes two, and what is dropped leaves the places of the others untouched (property-tested).
    """
    flat, starts = flatten(texts)
    packed = look_up(_packed_table(), flat)
    soft = np.flatnonzero(packed >= _SYMBOL << _KIND)
    dropped = soft[_inserted(packed, soft) | (packed[soft] >= _GONE << _KIND)]
    keep = np.ones(len(flat), dtype=bool)
    keep[dropped] = False
    codes = packed[keep]
    codes &= _CODE
    return View(codes, np.flatnonzero(keep), starts - np.searchsorted(dropped, starts), starts, flat)


def _inserted(packed: Codes, soft: Places) -> Bools:
    """(soft,) bool: which of the places of symbols, spacing, dropped characters hold one put between Chinese ones."""
    if not len(soft):
        return np.zeros(0, dtype=bool)
    fresh = np.ones(len(soft), dtype=bool)
    fresh[1:] = np.diff(soft) != 1
    first = np.flatnonzero(fresh)
    run = np.cumsum(fresh) - 1
    left = soft[first] - 1
    right = soft[np.append(first[1:], len(soft)) - 1] + 1  # a separator at the latest

    def chinese(place: Places) -> Bools:
        return (place >= 0) & (place < len(packed)) & (packed[np.clip(place, 0, len(packed) - 1)] >> _KIND == _CHINESE)

    between = chinese(left) & chinese(right)
    # a character stands alone where neither neighbour on its far side is Chinese
    alone = ~chinese(left - 1) | ~chinese(right + 1)
    kind = packed[soft] >> _KIND
    return between[run] & ((kind == _SYMBOL) | ((kind == _SPACE) & alone[run]))
