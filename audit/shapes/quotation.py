"""Who a hostile word is aimed at: words quoted from somebody, or said of oneself, are no abuse."""

from __future__ import annotations

import re

import numpy as np

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.texts import Texts
from audit.chats.waits import Bools
from audit.shapes.places import places, roles, sentence

PROFANITY = "profanity"  # role of the terms that no speaker applies to himself: profanity needs no target (TB-1)

#: somebody says the word that follows: 您骂我们…, 别再说…, 说成"…
_QUOTED = re.compile(
    r"(?:骂|说|讲|喊|叫|称|形容)(?:我们?|人|客服|别人|小二|店家|商家|咱们?|俺)(?:是|为|成|个|们)*[\"“'‘「『:]*$"
    r"|(?:不要|不能|不可以|不许|不该|不应该|不会|别|请勿|勿|禁止)(?:再|用|随便|乱)?(?:说|骂|讲|发|用|打|写|出现)"
    r"[^,，。！？!?;；\n]{0,6}$"
)
_SAID = re.compile(r"[说骂讲喊叫称写问提字词]|话")
_KIND = r"(?:这样|这种|这类|这些|此类|之类|等|一类|那种|那样|这两个|这个|这句|这几个)"
_MENTIONED = re.compile(
    rf"^(?:[\"”'’」』》】]{_KIND}?|{_KIND})的?(?:字|词|话|语言|用语)|^[\"”'’」』》】].{{0,4}}[您你](?:这么|这样|刚才)?[说骂]"
)
_OPEN, _CLOSE = "\"“'‘「『《【", "\"”'’」』》】"
#: the speaker is the subject, and nobody is given, met, served or told anything in between
_SELF = re.compile(
    r"(?:^|[^为跟和给对让把被])(?:我|咱|俺|小的|小妹|本人|人家)"
    r"(?!们?(?:看|说|觉得|认为|想|劝|告诉|问|草|操|日|去|靠|呸|艹|曰))[^给卖送迎见遇碰骂对跟让叫找怕理惹欠服伺侍待养懒]{0,10}$"
)
_LETTER = re.compile(r"[a-z0-9]")  # 2b alone answers a question about pencils
#: the word is a title or a name of goods
_TITLE = re.compile(r"书名|这本书|绘本|小说|电影名|歌名|店名|品牌名|商品名|游戏名|《[^》]*$")
_BUYER = re.compile(r"[你您]")


def aimed(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether each match may be aimed at the buyer: not quoted from somebody, nor said of oneself."""
    own = roles(found) != PROFANITY
    for i, (text, start, end) in enumerate(places(chats, found)):
        own[i] &= _is_own(text, start, end)
    return ~(own.astype(bool) | quoted(chats, found))


def quoted(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether each match repeats what somebody else said, or speaks of the word itself."""
    return np.array([_is_quoted(*place) for place in places(chats, found)], dtype=bool)


def addressed(chats: Chats, lexicon: str, texts: Texts | None = None) -> Matches:
    """Matches whose frame holds, and those that are the whole first clause of their text: vocatives.

    `texts`: the texts as they are to be read, where they are not simply folded.
    """
    texts = texts or chats.texts
    found = texts.scan.matches(lexicon)
    keep = np.isin(found.start, texts.matches(lexicon).start)
    for i, (text, start, end) in enumerate(places(chats, found)):
        last = clause(text, start, end)[1]
        lone = not text[:start].strip() and not text[end:last].strip(" 啊吧呀呢嘛~.…。")
        keep[i] |= lone and _LETTER.search(text[start:end]) is None
    return found.take(keep)


def _is_quoted(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    first, last = sentence(text, start, end)
    if _TITLE.search(text[first:start]) or _TITLE.search(text[end:last]):
        return True
    if _QUOTED.search(before) or _MENTIONED.match(after):
        return True
    opened = max((before.rfind(c) for c in _OPEN), default=-1)
    return opened >= 0 and any(c in after for c in _CLOSE) and _SAID.search(text[:start]) is not None


def _is_own(text: str, start: int, end: int) -> bool:
    first, last = clause(text, start, end)
    around = text[first:last]
    return _SELF.search(around[: start - first]) is not None and not _BUYER.search(around)
