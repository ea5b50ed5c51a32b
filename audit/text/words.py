"""Common words of two characters: what is one as it stands is no disguise of something that sounds like it."""

from __future__ import annotations

import functools

from audit.text.glyphs import table_lines


@functools.cache
def common_words() -> frozenset[str]:
    """About 33,000 words of two characters (audit/text/words.tsv)."""
    return frozenset(first + second for first, seconds in table_lines("words.tsv") for second in seconds)


def in_words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Places (start, end) of common words that lie in text[start:end] or reach over one of its edges."""
    words = common_words()
    first, last = max(0, start - 1), min(len(text), end + 1)
    return [(i, i + 2) for i in range(first, last - 1) if text[i : i + 2] in words]
