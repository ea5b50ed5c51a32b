"""Lines that show that a shop blocked or muted a buyer: the deed itself, neither its threat nor its denial."""

from __future__ import annotations

import re

import numpy as np

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.texts import Texts
from audit.chats.waits import Ints

_ACT = r"(?:拉黑|拉进?小?黑屋|禁言|屏蔽|[加拉列进放关][入进到]?了?[^,，。！？!?;；\n]{0,6}?黑名单|拖黑)"
_YOU = r"(?:你们?|您|你这种|这位亲)(?:的?(?:账号|旺旺|号|id|微信))?"
_THEM = r"(?:[该此这]?(?:个|位)?(?:买家|用户|顾客|客户|消费者)|对方)"
_SHOP = r"(?:商家|店铺|卖家|客服|我们|我|本店|店主|店里|老板|系统)"
#: what an agent writes to the buyer: the buyer is 你/您, or not named
_BY_AGENT = (
    re.compile(rf"(?:把|将|给){_YOU}[^,，。！？!?;；\n]{{0,8}}?{_ACT}(?:了|掉了?|过)?"),
    re.compile(rf"(?:拉黑|屏蔽|禁言|拖黑)(?:掉|了)?{_YOU}(?!们?的)(?:了)?"),
    re.compile(rf"{_YOU}(?:已经?|现在|早就?|目前)?被(?:{_SHOP})?[^,，。！？!?;；\n]{{0,6}}?{_ACT}(?:了)?"),
    re.compile(rf"{_YOU}(?:已经?|现在|早就?)(?:进|在|上)了?(?:{_SHOP}的?)?黑名单(?:了)?"),
    re.compile(
        rf"^(?:{_SHOP})?(?:已经?|刚刚?|都|早就?)(?:被)?(?:{_SHOP})?(?:给)?(?:拉黑|禁言|屏蔽|拖黑)(?:处理)?(?:了)?(?:哈|哦|啊|呢)?$"
    ),
)
#: what the platform prints: the buyer is named, or the shop is and the buyer is 您
_BY_SYSTEM = (
    re.compile(rf"(?:把|将|对){_THEM}[^,，。！？!?;；\n]{{0,8}}?{_ACT}"),
    re.compile(rf"{_THEM}(?:已经?|目前)?被(?:{_SHOP})?[^,，。！？!?;；\n]{{0,6}}?{_ACT}"),
    re.compile(rf"(?:商家|店铺|卖家|客服)已?(?:经)?(?:把|将|对)(?:你|您)[^,，。！？!?;；\n]{{0,6}}?{_ACT}"),
    re.compile(rf"(?:你|您)已?(?:经)?被(?:商家|店铺|卖家|客服)[^,，。！？!?;；\n]{{0,6}}?{_ACT}"),
    re.compile(rf"(?:商家|店铺|卖家|客服)已?(?:经)?(?:拉黑|禁言|屏蔽)(?:了)?{_THEM}"),
)
_DONE = re.compile(r"已|早就|刚|了$|过$|被")
_OPEN = re.compile(
    r"再[^,，]{0,12}[就我]|要是|如果|若|否则|不然|小心|信不信|下次|敢|准备|打算|可以|想|希望|会(?!员)|(?<!想)要(?!求)|别逼"
)
_DENIED = re.compile(
    r"没|不会|不是|未|从不|绝不|解除|移出|移除|取消|恢复|误|吗|是否|是不是|有没有|为什么|怎么|为何|\?|骗子"
)
_OTHERS = re.compile(r"快递|骗子|网点|师傅|供应商|号码|他|她|同行|黄牛|短信|电话|刷单|站点|店铺拉")
_BY_BUYER = re.compile(r"^(?:买家|对方|用户|顾客|客户|消费者)(?:已经?)?(?:把|将)|被(?:买家|对方|用户|顾客|客户|消费者)")


def blocked(chats: Chats, *, system: bool = False) -> Matches:
    """Places where a text shows a block done to a buyer; `system`: as the platform prints it, else as an agent says it.

    Matches without entries: text, start, end in the folded view, at most one per text.
    """
    texts = chats.texts
    found: list[tuple[int, int, int]] = []
    for number in _candidates(texts):
        span = _of_system(texts.view.text(int(number))) if system else _of_agent(texts.view.text(int(number)))
        if span:
            base = int(texts.view.starts[number])
            found.append((int(number), base + span[0], base + span[1]))
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Matches(table[:, 0], table[:, 1], table[:, 2], np.zeros(len(table), dtype=np.int32), (), chats.texts.view)


def _candidates(texts: Texts) -> Ints:
    codes = texts.view.codes
    pairs = (("拉", "黑"), ("黑", "名"), ("禁", "言"), ("屏", "蔽"), ("黑", "屋"), ("拖", "黑"))
    places = np.zeros(max(len(codes) - 1, 0), dtype=bool)
    for a, b in pairs:
        places |= (codes[:-1] == ord(a)) & (codes[1:] == ord(b))
    return np.unique(texts.view.text_of(np.flatnonzero(places)))


def _of_agent(text: str) -> tuple[int, int] | None:
    for pattern in _BY_AGENT[:-1]:
        for m in pattern.finditer(text):
            first, last = clause(text, m.start(), m.end())
            before = text[first : m.start()]
            if _DENIED.search(text[first : last + 1]):
                continue
            if not _DONE.search(before + m[0]) or (_OPEN.search(before) and "已" not in before):
                continue
            return m.start(), m.end()
    for m in re.finditer(r"[^,，。！？!?;；\n]+", text):
        hit = _BY_AGENT[-1].search(m[0].strip())
        if hit and not _OTHERS.search(text) and text[m.end() : m.end() + 1] != "?":
            start = m.start() + m[0].index(hit[0])
            return start, start + len(hit[0])
    return None


def _of_system(text: str) -> tuple[int, int] | None:
    for pattern in _BY_SYSTEM:
        for m in pattern.finditer(text):
            first, last = clause(text, m.start(), m.end())
            if not _DENIED.search(text[first : last + 1]) and not _BY_BUYER.search(text[first:last]):
                return m.start(), m.end()
    return None
