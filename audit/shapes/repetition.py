"""Shape: nearly the same text again."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.texts import Texts, solid_table
from audit.chats.waits import Bools, Ints
from audit.text.emoticons import EMOTICON
from audit.text.normalise import decode

_LONGEST_REACH = 200  # human messages of a session that are compared with each other
_NOISE = "亲哦呢哈"


@dataclass(frozen=True)
class Bare:
    """Distinct texts without punctuation, emoticons and 亲/哦/呢/哈, end to end.

    Attributes
    ----------
    string : all of them; starts : (texts + 1,) int64, where each begins.
    letters : (texts,) uint64, which of 64 classes of characters each holds; one edit changes at most two of them.
    """

    string: str
    starts: Ints
    letters: npt.NDArray[np.uint64]

    @property
    def length(self) -> Ints:
        """(texts,) int64, characters of each."""
        return np.diff(self.starts)

    def text(self, i: int) -> str:
        """Text number `i`."""
        return self.string[int(self.starts[i]) : int(self.starts[i + 1])]


def bare_text(text: str) -> str:
    """One folded text without punctuation, emoticons and 亲/哦/呢/哈."""
    solid = solid_table()
    return "".join(c for c in EMOTICON.sub("", text) if solid[ord(c)] and c not in _NOISE)


_BARE: weakref.WeakKeyDictionary[Texts, Bare] = weakref.WeakKeyDictionary()


def bare(texts: Texts) -> Bare:
    """The bare texts, computed once."""
    if texts not in _BARE:
        codes = texts.view.codes
        keep = solid_table()[codes] & ~np.isin(codes, [ord(c) for c in _NOISE])
        for start, end in zip(*texts.emoticons, strict=True):
            keep[start:end] = False
        kept = np.zeros(len(codes) + 1, dtype=np.int64)
        np.cumsum(keep, out=kept[1:])
        plain, starts = codes[keep], kept[texts.view.starts]
        bits = np.uint64(1) << ((plain * np.uint32(2654435761)) >> np.uint32(26)).astype(np.uint64)
        letters = np.zeros(len(texts), dtype=np.uint64)
        some = np.flatnonzero(np.diff(starts))
        if len(some):
            letters[some] = np.bitwise_or.reduceat(bits, starts[some])
        _BARE[texts] = Bare(decode(plain), starts, letters)
    return _BARE[texts]


def similar_pairs(chats: Chats, rows: Ints, similarity: float, min_chars: int) -> pd.DataFrame:
    """Pairs of rows of one session whose bare texts are alike: earlier, later (int64).

    1 − Levenshtein distance / longer length ≥ similarity, both ≥ min_chars characters long.
    """
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    ids = chats.text_id[rows]
    distinct, inverse = np.unique(ids, return_inverse=True)
    plain = bare(chats.texts)
    length, letters = plain.length[distinct], plain.letters[distinct]
    long_enough = length[inverse] >= min_chars if len(rows) else np.zeros(0, dtype=bool)
    rows, inverse = rows[long_enough], inverse[long_enough]
    order = np.argsort(chats.session[rows], kind="stable")
    rows, inverse = rows[order], inverse[order]
    session = chats.session[rows]
    found: list[tuple[Ints, Ints]] = []
    for step in range(1, min(len(rows), _LONGEST_REACH)):
        first = np.flatnonzero(session[step:] == session[:-step])
        if not len(first):
            break
        a, b = inverse[first], inverse[first + step]
        longer = np.maximum(length[a], length[b])
        edits = np.floor((1 - similarity) * longer + 1e-9)
        near = (np.abs(length[a] - length[b]) <= edits) & (np.bitwise_count(letters[a] ^ letters[b]) <= 2 * edits)
        first, a, b = first[near], a[near], b[near]
        if not len(first):
            continue
        close = a == b
        other = np.flatnonzero(~close)
        if len(other):
            pairs = [[plain.text(int(i)) for i in distinct[side[other]]] for side in (a, b)]
            score = cpdist(*pairs, scorer=Levenshtein.normalized_similarity, dtype=np.float64)
            close[other] = score >= similarity - 1e-9
        found.append((rows[first[close]], rows[first[close] + step]))
    if not found:
        return pd.DataFrame({"earlier": np.zeros(0, dtype=np.int64), "later": np.zeros(0, dtype=np.int64)})
    earlier, later = (np.concatenate(x) for x in zip(*found, strict=True))
    return pd.DataFrame({"earlier": earlier, "later": later})


def turn_text(chats: Chats, row: int) -> str:
    """The bare text of the buyer turn that a row belongs to."""
    rows = np.flatnonzero(chats.turn == chats.turn[row]) if len(chats) < 5_000 else _near(chats, row)
    return "".join(bare(chats.texts).text(int(chats.text_id[r])) for r in rows)


def _near(chats: Chats, row: int) -> Ints:
    window = np.arange(max(0, row - 200), min(len(chats), row + 200))
    return window[chats.turn[window] == chats.turn[row]]


def said_only(chats: Chats, covers: tuple[tuple[str, str | None], ...], most: int = 2) -> Bools:
    """Rows whose text is nothing but these phrases (lexicon, role), particles and emoticons.

    Up to `most` solid characters may be left over (我, 这边), if they are less than half of the text.
    """
    left = chats.texts.residue((*covers, ("buyer_state", "particle")))
    return ((left == 0) | (left <= most) & (2 * left < chats.texts.solid))[chats.text_id]
