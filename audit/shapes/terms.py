"""Shape: terms of a lexicon in messages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.shapes.hits import make_hits


def in_rows(chats: Chats, found: Matches, among: Bools) -> tuple[Ints, Ints]:
    """Pairs (row, number of match) for the rows of the mask: every row whose text holds the match."""
    order = np.argsort(found.text, kind="stable")
    text = found.text[order]
    first = np.searchsorted(text, np.arange(len(chats.texts) + 1))
    rows = np.flatnonzero(among)
    ids = chats.text_id[rows]
    count = first[ids + 1] - first[ids]
    rows, ids, count = rows[count > 0], ids[count > 0], count[count > 0]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(rows, count), order[np.repeat(first[ids], count) + within]


def term_hits(chats: Chats, found: Matches, among: Bools, why: str, **columns: object) -> pd.DataFrame:
    """HITS for matches in the rows of the mask, overlapping ones as one. `why` may name {quote}, {term} and {note}."""
    found = found.merged()
    row, match = in_rows(chats, found, among)
    start, end = found.view.original_span(found.start[match], found.end[match])
    rows, place = np.unique(row, return_inverse=True)
    texts = chats.messages["text"].iloc[rows].tolist()
    reasons = []
    for i, a, b, m in zip(place.tolist(), start, end, match, strict=True):
        entry = found.entries[found.entry[m]]
        reasons.append(why.format(quote=texts[i][a:b], term=entry.term, note=entry.note))
    return make_hits(row, start=start, end=end, why=reasons, **{"decided_by": "lexicon", **columns})


def find_terms(
    chats: Chats, lexicon: str, among: Bools, why: str, role: str | None = None, **columns: object
) -> pd.DataFrame:
    """HITS for every term of a lexicon (role) in the rows of the mask, exact spans of the original text."""
    return term_hits(chats, chats.texts.matches(lexicon, role), among, why, **columns)
