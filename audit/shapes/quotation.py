"""Who a hostile word is aimed at: words quoted from the buyer, or said of oneself, are no abuse."""

from __future__ import annotations

import re

import numpy as np

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.waits import Bools

_QUOTED = re.compile(
    r"(?:骂|说|讲|喊|叫|称|形容)(?:我们?|人|客服|别人|小二|店家|商家|咱们?|俺)(?:是|为|成|个|们)*[\"“'‘「『:]*$"
)
_OPEN, _CLOSE = "\"“'‘「『《【", "\"”'’」』》】"
_SELF = re.compile(
    r"(?:^|[^为跟和给对让把被])(?:我|咱|俺|小的|本人|人家)(?!们?(?:看|说|觉得|认为|想|劝|告诉|问|草|操|日|去|靠|呸|艹|曰))"
)
_BUYER = re.compile(r"[你您]")


def aimed(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether each match may be aimed at the buyer: neither quoted from somebody nor said of oneself."""
    view = chats.texts.view
    keep = np.ones(len(found), dtype=bool)
    for i in range(len(found)):
        number = int(found.text[i])
        text, base = view.text(number), int(view.starts[number])
        start, end = int(found.start[i]) - base, int(found.end[i]) - base
        keep[i] = not (_is_quoted(text, start, end) or _is_own(text, start, end))
    return keep


def _is_quoted(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    if _QUOTED.search(before):
        return True
    opened = max((before.rfind(c) for c in _OPEN), default=-1)
    return (
        opened >= 0
        and any(c in after for c in _CLOSE)
        and _BUYER.search(text[:start]) is not None
        and "说" in text[:start]
    )


def _is_own(text: str, start: int, end: int) -> bool:
    first, last = clause(text, start, end)
    around = text[first:last]
    return _SELF.search(around[: start - first]) is not None and not _BUYER.search(around)
