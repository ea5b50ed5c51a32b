"""Shape: nearly the same text again."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.text.emoticons import EMOTICON

_LONGEST_REACH = 200  # human messages of a session that are compared with each other
_NOISE = re.compile(r"[\W_亲哦呢哈]+")


def bare(text: str) -> str:
    """Folded text without punctuation, emoticons and 亲/哦/呢/哈."""
    return _NOISE.sub("", EMOTICON.sub("", text))


def similar_pairs(chats: Chats, rows: Ints, similarity: float, min_chars: int) -> pd.DataFrame:
    """Pairs of rows of one session whose bare texts are alike: earlier, later (int64).

    1 − Levenshtein distance / longer length ≥ similarity, both ≥ min_chars characters long.
    """
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    ids = chats.text_id[rows]
    distinct, inverse = np.unique(ids, return_inverse=True)
    texts = np.array([bare(chats.texts.view.text(int(i))) for i in distinct], dtype=object)
    length = np.array([len(t) for t in texts], dtype=np.int64)
    letters = np.array([_letters(t) for t in texts], dtype=np.uint64)
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
            score = cpdist(texts[a[other]], texts[b[other]], scorer=Levenshtein.normalized_similarity, dtype=np.float64)
            close[other] = score >= similarity - 1e-9
        found.append((rows[first[close]], rows[first[close] + step]))
    if not found:
        return pd.DataFrame({"earlier": np.zeros(0, dtype=np.int64), "later": np.zeros(0, dtype=np.int64)})
    earlier, later = (np.concatenate(x) for x in zip(*found, strict=True))
    return pd.DataFrame({"earlier": earlier, "later": later})


def _letters(text: str) -> int:
    """Which of 64 classes of characters a text holds; one edit changes at most two of them."""
    bits = 0
    for char in text:
        bits |= 1 << (ord(char) * 2654435761 % 2**32 >> 26)
    return bits


def turn_text(chats: Chats, row: int) -> str:
    """The bare text of the buyer turn that a row belongs to."""
    rows = np.flatnonzero(chats.turn == chats.turn[row]) if len(chats) < 5_000 else _near(chats, row)
    return "".join(bare(chats.texts.view.text(int(chats.text_id[r]))) for r in rows)


def _near(chats: Chats, row: int) -> Ints:
    window = np.arange(max(0, row - 200), min(len(chats), row + 200))
    return window[chats.turn[window] == chats.turn[row]]


def said_only(chats: Chats, covers: tuple[tuple[str, str | None], ...], most: int = 2) -> Bools:
    """Rows whose text is nothing but these phrases (lexicon, role), particles and emoticons.

    Up to `most` solid characters may be left over (我, 这边), if they are less than half of the text.
    """
    left = chats.texts.residue((*covers, ("buyer_state", "particle")))
    return ((left == 0) | (left <= most) & (2 * left < chats.texts.solid))[chats.text_id]
