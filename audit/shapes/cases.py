"""Shape: whether two talks are about the same case, and who comes back about one."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from audit.chats.chats import Chats
from audit.chats.texts import Bools, Ints, Texts
from audit.chats.waits import DAY, NO_TIME
from audit.shapes.per_session import first_row, last_row

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


@dataclass(frozen=True)
class Repeats:
    """Sessions in which a buyer takes an earlier case up again, each array (repeats,) long.

    Attributes
    ----------
    session : its number.
    asked : the buyer's first row in it.
    refers : the buyer's first row that looks back.
    human : the first human message of the session.
    since : the first row of the conversation that is not too old; the case lies between it and the session.
    """

    session: Ints
    asked: Ints
    refers: Ints
    human: Ints
    since: Ints


def repeats(chats: Chats, days: float, among: Bools | None = None) -> Repeats:
    """Repeat contacts: the buyer, before any human speaks in the session, takes up a case (a complaint, an urge, an
    offer or promise of the shop) of the last `days` in which a human had spoken. `among`: (sessions,) which to look at.
    """
    begin = chats.sessions["first_row"].to_numpy()
    human, buyer = first_row(chats, chats.human), first_row(chats, chats.buyer & ~chats.recalled)
    case = chats.buyer_is("complaint") | chats.buyer_is("urge")
    case |= chats.human & (chats.agent_says("offer") | chats.agent_says("promise"))
    found = (buyer < human) & (human < len(chats)) & (chats.previous(chats.human)[begin] >= 0)
    found &= chats.previous(case)[begin] >= 0
    if among is not None:
        found &= among
    opening = chats.buyer & (np.arange(len(chats)) < human[chats.session]) & found[chats.session]
    read = chats.texts.of_rows(chats.text_id[opening])
    refers = opening & looks_back(chats.texts, read)[chats.text_id]
    out = []
    for number in np.flatnonzero(last_row(chats, refers) >= 0):
        asked = np.arange(begin[number], human[number])
        asked = asked[opening[asked] & (chats.session[asked] == number)]
        before = _recent(chats, int(begin[number]), int(days * DAY))
        if same_case(words(chats, asked), words(chats, before[chats.buyer[before]])):
            since = before[0] if len(before) else begin[number]
            out.append((number, asked[0], asked[refers[asked]][0], human[number], since))
    return Repeats(*np.array(out, dtype=np.int64).reshape(-1, 5).T)


def words(chats: Chats, rows: Ints) -> str:
    """The folded texts of rows, one a line."""
    return "\n".join(chats.texts.view.text(int(i)) for i in chats.text_id[rows])


def _recent(chats: Chats, begin: int, within: int) -> Ints:
    """Rows of the conversation before `begin`, not older than `within` ms."""
    old = np.arange(np.searchsorted(chats.conversation, chats.conversation[begin]), begin)
    now = chats.time[begin]
    return old[(chats.time[old] == NO_TIME) | (now - chats.time[old] <= within)] if now != NO_TIME else old
