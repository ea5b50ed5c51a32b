"""Words that are denied, forbidden, or warned of: naming a thing in order to keep off it commits nothing."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.waits import Bools
from audit.shapes.places import places

_NEGATION = (
    r"(?:(?<!能)不能|(?<!可)不可以?|不得|(?<!要)不要|不用|不必|(?<!需)不需要?|不允许|(?<!让)不让|不准|不许|不给|不支持"
    r"|(?<!是)不是|不算|并非|不接受|不参[与加]|不属于|不包?含|不提供|不走|(?<!会)不会|不可能|不敢|不应该?|不该|无法|没法|没办法|(?<!有)没有?|禁止|严禁|勿|拒绝|谨防|防止|避免"
    r"|杜绝|(?<!特)(?<!分)(?<!级)别|未|从不|绝不|哪会|哪能|怎么会|怎么可能)"
)
#: what may stand between a negation and the word that it governs; anything else begins a new statement
_BETWEEN = (
    r"(?:您|你|我们?|咱们?|本店|店铺|店里|客服|平台|买家|顾客|客户|亲|任何|任何人|任何形式|其他|陌生|私自|私下|擅自|主动|随意|随便"
    r"|轻易|再|去|给|让|要求|把|将|向|对|跟|和|与|的|在|通过|用|使用|进行|直接|添加|提供|发送?|留|说|索要|泄露|导|引导|会|人|他们|收"
    r"|要|保证|承诺|算|达到|做到|是|出现|为|这么|因此|因为|就)"
)
_DENIED = re.compile(rf"(?:{_NEGATION}{_BETWEEN}{{0,5}}|(?<!要)(?<!看我)(?<!看老子)(?<!看我们)不)$")
_WARNING = re.compile(r"骗子|诈骗|骗局|骗人|骗钱|被骗|受骗|上当|谨防|反诈|假客服|假冒|冒充|不法分子|黑客")


def denied(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether a negation or prohibition before it in its clause governs each match."""
    return np.array(
        [_DENIED.search(text[clause(text, a, b)[0] : a]) is not None for text, a, b in places(chats, found)], dtype=bool
    )


def warned(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether each match stands in a text that warns of swindlers."""
    return np.array([_warns(text) for text, _, _ in places(chats, found)], dtype=bool)


@lru_cache(maxsize=256)
def _warns(text: str) -> bool:
    return _WARNING.search(text) is not None
