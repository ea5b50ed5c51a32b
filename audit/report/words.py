"""What buyers complain about: frequent words of the complaints, cut by jieba with the shipped e-commerce words."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable

from audit.backends.tokens import cutter, plain_lines

STOP_FILE = "stop_words.txt"
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}|[a-z]{2,}")
_BLANKED = re.compile(r"\*+|\[[^\]]{0,40}\]|https?://\S+|#e-[a-z0-9]+|&[a-z]+;")


def hot_words(complaints: Iterable[tuple[str, int]], top: int = 40) -> list[tuple[str, int]]:
    """The words that most complaints hold.

    `complaints` are distinct texts and how many messages each stands for; equal texts are added up. `top` is the
    most words to return.

    Returns (word, number of messages that hold it), most frequent first, ties by the word. Each text is cut once.
    `rjieba` is used where it is installed; it makes the same cuts. Words of one character, numbers and stop words
    do not count.
    """
    texts: Counter[str] = Counter()
    for text, count in complaints:
        texts[text.lower()] += count
    if not texts:
        return []
    cut, stops = cutter(), stop_words()
    found: Counter[str] = Counter()
    for text, count in texts.items():
        for word in set(cut(_BLANKED.sub(" ", text))):
            if word not in stops and _WORD.fullmatch(word):
                found[word] += count
    return sorted(found.items(), key=lambda x: (-x[1], x[0]))[:top]


@functools.cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about what is wrong."""
    return frozenset(plain_lines(STOP_FILE))
