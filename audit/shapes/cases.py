"""Shape: whether two talks are about the same case."""

from __future__ import annotations

import re

from audit.chats.texts import Bools, Texts

_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"[一-鿿]+")
#: characters that say nothing about the matter: pairs with one of them are no content
_EMPTY = frozenset(
    "的了是在有和与就都也还又再很太不没无我你您他她它们这那哪个些么什怎吗呢吧啊呀哦嗯哈亲好请问给为把被让对到从向跟会能可以要想来去说看下上"
    "一二三四五六七八九十两几多少点今明昨前后天日月年时候现已刚才先快么里面着过得地而但因所如"
)
_BACK = re.compile(
    r"昨天|昨晚|前天|上次|上回|上周|上个月|之前|前几天|那天|早上|上午|刚才|还是|还没|还不|一直没|怎么样了|进度|又来"
)

_LOOKS = re.compile(rf"{_NUMBER.pattern}|{_BACK.pattern}")


def looks_back(texts: Texts, among: Bools) -> Bools:
    """(texts,) bool: whether a text names a long number or refers to earlier; only texts of the mask are read."""
    return texts.pattern(_LOOKS, among)


def numbers(text: str) -> set[str]:
    """Runs of five or more digits: orders, parcels, phones."""
    return set(_NUMBER.findall(text))


def content(text: str) -> set[str]:
    """Pairs of neighbouring Chinese characters that name something (folded text)."""
    pairs: set[str] = set()
    for run in _WORD.findall(text):
        pairs.update(a + b for a, b in zip(run, run[1:], strict=False) if a not in _EMPTY and b not in _EMPTY)
    return pairs


def same_case(now: str, before: str) -> bool:
    """Whether a buyer's words take up what was said before: the same number, or a look back at the same thing."""
    if numbers(now) & numbers(before):
        return True
    return _BACK.search(now) is not None and any(pair in before for pair in content(now))
