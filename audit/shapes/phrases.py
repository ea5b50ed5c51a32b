"""Shape: a shop's own phrases, literal, in the folded texts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from audit.chats.texts import Bools, Texts
from audit.text.normalise import fold


def holds_phrase(texts: Texts, phrases: Iterable[str]) -> Bools:
    """(texts,) bool: whether a text holds one of the phrases; phrases are folded as the texts are."""
    flags = np.zeros(len(texts), dtype=bool)
    wanted = [p for p in dict.fromkeys(phrases) if p.strip()]
    view, string = fold(wanted), texts.view.string
    for i in range(len(wanted)):
        phrase = view.text(i).strip()
        places: list[int] = []
        at = string.find(phrase) if phrase else -1
        while at >= 0:
            places.append(at)
            at = string.find(phrase, at + len(phrase))
        flags[texts.view.text_of(np.array(places, dtype=np.int64))] = True
    return flags
