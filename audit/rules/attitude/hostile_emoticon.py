"""ATT006 attitude.hostile_emoticon 敌意表情"""

import re

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import join_hits, make_hits
from audit.shapes.places import places, roles
from audit.shapes.terms import in_rows
from audit.text.emoticons import EMOTICON

_HOSTILE = re.compile(r"你|等着|试试|小心|闭嘴|滚|再说|敢")
_SOOTHED = re.compile(r"消气|别生气|不生气|息怒|不要生气|抱歉|对不起|不好意思|理解|辛苦|久等")
_OTHERS = re.compile(r"快递|物流|仓库|系统|骗子|天气|厂家|工厂|网点|师傅|站点|他们|气味|味道|异味|我")


@rule(
    "ATT006",
    "attitude.hostile_emoticon",
    "敌意表情",
    unit="message",
    severity="major",
    topic="话术",
    needs=("lexicon:hostile_emoticon",),
    cite="DY-7 表情、表情包形式的辱骂；研究资料 T7 旺旺表情编码",
)
def check(chats: Chats, *, lexicon: str = "hostile_emoticon") -> pd.DataFrame:
    """客服对买家发了带敌意的表情（中指、鄙视、咒骂、发怒、刀、炸弹……）。

    为什么：表情和文字同等对待，买家截图投诉一样成立。
    不算违规：微笑、流汗、大哭等一般表情；买家自己发的表情；菜刀、炸弹、便便等说的是商品；怒、吐等表情说的是快递、天气或自己，或同句在安抚买家。
    已知误报：用“吐”表情描述商品气味。
    选项：lexicon 词库（open 一律算；face 表情绪；thing 是物件，单独发出或同句有“你”、威胁词时才算）。
    依据：DY-7。紧挨着的几个表情记一次。
    """
    found = chats.texts.matches(lexicon)
    found = found.take(_hostile(chats, found))
    row, match = in_rows(chats, found, chats.human)
    keep = (roles(found)[match] == "open") | _at_buyer(chats, found, row, match)
    row, match = row[keep], match[keep]
    order = np.lexsort((found.start[match], row))
    row, match = row[order], match[order]
    start, end = chats.texts.view.original_span(found.start[match], found.end[match])
    parts = []
    fresh = np.ones(len(row), dtype=bool)
    fresh[1:] = (row[1:] != row[:-1]) | (found.start[match][1:] > found.end[match][:-1])
    for run in np.split(np.arange(len(row)), np.flatnonzero(fresh)[1:]) if len(row) else []:
        at, a, b = int(row[run[0]]), int(start[run[0]]), int(end[run[-1]])
        entry = found.entries[found.entry[match[run[0]]]]
        quote = chats.messages["text"].iloc[at][a:b]
        why = f"客服对买家发了带敌意的表情“{quote}”（{entry.note.split('、')[0]}）"
        parts.append(make_hits([at], start=a, end=b, why=[why], decided_by="lexicon"))
    return join_hits(*parts)


def _hostile(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: feelings not about a third party or oneself, not negated, and not beside words that soothe."""
    keep = np.ones(len(found), dtype=bool)
    for i, (role, (text, start, end)) in enumerate(zip(roles(found), places(chats, found), strict=True)):
        first, last = clause(text, start, end)
        about = text[first:last]
        soothed = _SOOTHED.search(text) or text[:start].endswith(("别", "不要"))
        keep[i] = role != "face" or (not soothed and ("你" in about or not _OTHERS.search(about)))
    return keep


def _at_buyer(chats: Chats, found: Matches, row: Ints, match: Ints) -> Bools:
    """(pairs,) bool: no side speaks of such goods or such an ailment; things only alone or at a person."""
    lone = (chats.texts.solid == 0)[found.text[match]]
    asked = chats.previous(chats.buyer)[row]
    role = roles(found)[match]
    keep = np.zeros(len(row), dtype=bool)
    for i, (text, start, end) in enumerate(places(chats, found.take(match))):
        first, last = clause(text, start, end)
        words = text
        if asked[i] >= 0 and chats.session[asked[i]] == chats.session[row[i]]:
            words += chats.texts.view.text(int(chats.text_id[asked[i]]))
        words = EMOTICON.sub("", words)
        topic = any(noun in words for noun in found.entries[found.entry[match[i]]].note.split("、"))
        if role[i] == "face":
            keep[i] = "你" in text[first:last] or not topic
        else:
            keep[i] = not topic and (lone[i] or _HOSTILE.search(text[first:last]) is not None)
    return keep


EXAMPLES = """
B 这衣服掉色
A «🖕»

B 退货
A 退吧退吧«🖕🖕🖕»

B 能再便宜吗
A «[鄙视]»

B 量错尺寸了
A 自己量错怪谁«/:p»

B 我要差评
A «[菜刀]»

B 你们太慢了
A 你再催一句«🔪»试试

B 客服呢
A «🤬»又来了

B 想看实拍
A 看见你就«🤮»

B 再不发货就退
A «💣»

B 有没有大码
A «🙄»详情页不会看吗

B 骗子
A «👊»等着瞧

B 快点
A(recalled) «💩»

B 谢谢
A [微笑]

B 菜刀包邮吗
A 这把菜刀🔪包邮，您收好

B 猫砂好用吗
A 结团快，铲💩方便，你放心

B 骗子店🖕
A 实在抱歉，马上给您处理

B 蜡烛有生日款吗
A 🕯

B 快递怎么还没到
A 快递也太慢了😡我帮您催

B 等半天了
A 让您久等了😤今天咨询太多

B 双十一有活动吗
A 爆款来袭💣全场五折

B 发错货了
A 实在对不起[大哭]马上补发

B 万圣节有什么装饰
A 南瓜灯🎃和骷髅💀贴纸都有

B 人呢
R [鄙视]没有听懂您的问题

B 有拳击手套吗
A 有的👊儿童款也有
"""
