"""PFN007 perfunctory.asks_again 重复索要信息"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import DAY, NO_TIME, Ints
from audit.rules.model import rule
from audit.shapes.cases import looks_back
from audit.shapes.facts import FACTS, OF_A_CASE, fact_of, given
from audit.shapes.hits import make_hits, quotes
from audit.shapes.per_session import first_after
from audit.shapes.terms import in_rows

_IF = re.compile(
    r"如果|若|要是|的话|到时|收到货|收到后|收货后|以后|下次|退回后|寄出后|寄回后|付款后|下单后|拍下后|签收后|之后再"
    r"|不用|无需|不需要|怎么查|可以在|在哪"
)
_NEW = re.compile(
    r"清晰|清楚|看不清|模糊|重新|重拍|再拍|再发|再补|再提供|近一点|细节|另外|其他|其它|别的|另一|角度|整体|全部"
    r"|新地址|改成|改到|新的|新订单"
)
_PERSON = re.compile(
    r"先生|老公|老婆|爱人|孩子|小孩|宝宝|家人|儿子|女儿|朋友|父母|爸|妈|婆|爷|奶奶|他|她|对象|同事|闺蜜|哥|姐|弟|妹妹"
    r"|另一个|第二"
)
_PHOTO_OF = re.compile(
    r"面单|快递单|外包装|包装|外箱|纸箱|吊牌|水洗标|标签|条码|二维码|合格证|铭牌|身份证|发票|小票|截图|视频|整机|安装"
)
_OTHER_ORDER = re.compile(r"不是这|不是的|另一|另外|以前的|其他|别的|新的|还有一单|还有一个|换一单|又(?:买|拍|下)")
_WHICH = re.compile(r"(?<![您你])的$|[上下这那几两]个$|之前$|以前$")
_AGAIN = re.compile(r"不是|过|刚|前面|上面|之前|昨天|上次|几遍|多少遍|几次|又|还要|重复|记录|从头|自己看|往上")


@rule(
    "PFN007",
    "perfunctory.asks_again",
    "重复索要信息",
    unit="message",
    severity="minor",
    topic="工作台",
    needs=("lexicon:asks_info", "lexicon:info_given"),
    cite="[002] c：多次进线时再重复咨询问题，直接导致不满；尺寸等应有记录，避免反复提供",
)
def check(chats: Chats, *, days: float = 30) -> pd.DataFrame:
    """客服向买家索要买家已经给过的信息（订单号、照片、身高体重、尺寸、电话等），本次或以前的会话都算。

    为什么：翻一下聊天记录就有的东西再要一遍，是多次进线满意率低的主要原因。
    不算违规：第一次索要；要的是另一样东西、别人的尺码、更清楚或别处的照片、新地址；复述来核对；自动消息。
    已知误报：买家有几笔订单，客服问的是另一笔。
    选项：days 多少天以前给的不再算。
    依据：[002] c。订单号、快递单号和照片只认本次会话给的，或买家这次仍在说以前那件事；
        买家回“说过了”的，没有识别出原话也算。
    """
    found = chats.texts.matches("asks_info")
    row, match = in_rows(chats, found, chats.human & ~chats.recalled)
    if not len(row):
        return make_hits([])
    entries = [found.entries[e] for e in found.entry[match]]
    facts = np.array([fact_of(e.role, e.term) for e in entries], dtype=object)
    roles = np.array([e.role for e in entries], dtype=object)
    before = np.full(len(row), -1, dtype=np.int64)
    for name in FACTS:
        mine = facts == name
        if mine.any():
            asked_of = np.isin(chats.conversation, chats.conversation[row[mine]])
            before[mine] = _last_given(chats, given(chats, name, asked_of), row[mine], name, days)
    said = _said_already(chats, row)
    keep = np.zeros(len(row), dtype=bool)
    for i in range(len(row)):
        if before[i] >= 0 or said[i] >= 0:
            place = int(found.start[match[i]] - chats.texts.view.starts[found.text[match[i]]])
            keep[i] = _repeats(chats, int(row[i]), str(facts[i]), int(before[i]), place)
    keep &= (before >= 0) | ((said >= 0) & (roles != "product"))
    start, end = chats.texts.view.original_span(found.start[match], found.end[match])
    order = np.lexsort((start - end, before < 0, row))
    order = order[keep[order]]
    order = order[np.unique(row[order], return_index=True)[1]]
    row, start, end, before, said, facts = (
        row[order],
        start[order],
        end[order],
        before[order],
        said[order],
        facts[order],
    )
    why = []
    for name, quote, b in zip(facts, quotes(chats, np.maximum(before, 0)), before, strict=True):
        what = FACTS[name][0] if name in FACTS else "信息"
        shown = "发来图片" if name == "photo" else f"说过“{quote}”"
        why.append(f"买家已经{shown}，客服又要{what}" if b >= 0 else f"客服又要{what}，买家说已经给过")
    around = [[int(r) for r in (b, s) if r >= 0] for b, s in zip(before, said, strict=True)]
    return make_hits(
        row,
        start=start,
        end=end,
        why=why,
        context=[[(r, "context", -1, -1) for r in rows] or None for rows in around],
        decided_by="lexicon",
    )


def _last_given(chats: Chats, mask: np.ndarray, rows: Ints, name: str, days: float) -> Ints:
    """The last row in which the buyer gave the fact before each of `rows`, where it still holds; -1 = none."""
    out = chats.previous(mask)[rows]
    if name in OF_A_CASE:
        same = (out >= 0) & (chats.session[np.maximum(out, 0)] == chats.session[rows])
        asked = chats.previous(chats.buyer)[rows]
        among = chats.texts.of_rows(chats.text_id[asked[(out >= 0) & ~same & (asked >= 0)]])
        back = looks_back(chats.texts, among)[chats.text_id[np.maximum(asked, 0)]]
        out = np.where(same | ((asked >= 0) & back), out, -1)
    then, now = chats.time[np.maximum(out, 0)], chats.time[rows]
    old = (then != NO_TIME) & (now != NO_TIME) & (now - then > int(days * DAY))
    return np.where(old, -1, out)


def _said_already(chats: Chats, rows: Ints) -> Ints:
    """The buyer's next message where it says that this was given before (我不是说过了吗); -1 = it does not."""
    found = chats.texts.matches("info_given", "already")
    strong = np.zeros(len(chats.texts), dtype=bool)
    for number, entry in zip(found.text, found.entry, strict=True):
        strong[number] |= _AGAIN.search(found.entries[entry].term) is not None
    reply = first_after(chats, chats.buyer, rows)
    spoken = first_after(chats, chats.human, rows)
    there = (reply < len(chats)) & (reply < spoken)
    says = strong[chats.text_id[np.minimum(reply, len(chats) - 1)]]
    return np.where(there & says, reply, -1)


def _repeats(chats: Chats, row: int, name: str, before: int, place: int) -> bool:
    """Whether the message asks for the same thing again: no condition, no new picture, no other person, no check."""
    text = chats.texts.view.text(int(chats.text_id[row]))
    if _IF.search(text) or _NEW.search(text):
        return False
    if before < 0:
        return True
    told = chats.texts.view.text(int(chats.text_id[before]))
    if any(n in told for n in re.findall(r"\d{2,}", text)):
        return False
    between = np.arange(before, row)
    words = [chats.texts.view.text(int(t)) for t in chats.text_id[between[chats.buyer[between]]]]
    if name in ("order_no", "tracking_no"):
        return not _WHICH.search(text[:place]) and not any(_OTHER_ORDER.search(w) for w in words)
    if name == "photo":
        near = np.arange(max(0, before - 2), min(len(chats), before + 3))
        near = near[chats.buyer[near] & (chats.session[near] == chats.session[before])]
        shown = "\n".join(chats.texts.view.text(int(t)) for t in chats.text_id[near])
        return all(part in shown for part in _PHOTO_OF.findall(text))
    if name in ("body", "foot", "code", "girth", "measure"):
        return not _PERSON.search(text) and not any(_PERSON.search(w) for w in words)
    return True


EXAMPLES = """
10:00:00 B 订单号3342198765001234567，帮我查下发货没
10:00:20 A 好的亲
10:00:40 B 发了吗
10:01:00 A 麻烦«提供一下订单号»

10:00:00 B 我身高165，体重110斤，穿什么码
10:00:20 A 有S到XL的
10:00:40 B 那我穿哪个
10:01:00 A 您«身高体重多少»呢

10:00:00 B 收到的碗碎了
10:00:05 B [图片]
10:00:40 B 怎么赔
10:01:00 A 麻烦«拍张照片»发过来

## after a transfer
10:00:00 B @客服1 订单号5501238899，少发一袋
10:00:20 A @客服1 给您转售后
10:00:30 E transfer {"from":"客服1","to":"客服2"}
10:01:00 A @客服2 您好，«订单号发»我一下

## an earlier session
2026-11-10 10:00:00 B 我身高172体重65公斤，这件要多大
2026-11-10 10:00:20 A L码合适
2026-11-11 15:00:00 B 黑色也是那个码吗
2026-11-11 15:00:20 A 您的«身高体重报»一下

2026-11-10 10:00:00 B 订单号2211334455667，退款怎么没到
2026-11-10 10:00:20 A 帮您反馈财务了
2026-11-11 15:00:00 B 退款还没到
2026-11-11 15:00:20 A «订单号多少»

10:00:00 B 脚长24.5厘米，选多大
10:00:20 A 有36到40码
10:00:40 B 我选多大
10:01:00 A 您«脚长多少»厘米

## 说过了 alone is enough
10:00:00 B 我上次告诉客服了
10:00:20 A 您«手机号多少»
10:00:40 B 我不是说过了吗

10:00:00 B 收货电话13900001111
10:00:20 A 好的
10:00:40 B 改好了吗
10:01:00 A «联系电话发»我一下

10:00:00 B 帮我查下发货没
10:00:20 A 订单号发我一下
10:00:40 B 3342198765001234567
10:01:00 A 今天下午发

10:00:00 B 订单号5501238899，少发一袋
10:00:20 A 麻烦拍张照片发过来

10:00:00 B 我身高165体重50公斤选什么
10:00:20 A M码
10:00:40 B 我老公也要一件
10:01:00 A 您先生身高体重多少呢

10:00:00 B 订单号7788990011
10:00:20 A 是7788990011这单吗，订单号发错了没有

10:00:00 B 碗碎了
10:00:05 B [图片]
10:00:20 A 看不清楚，麻烦再拍张照片

10:00:00 B 碗碎了
10:00:05 B [图片]
10:00:20 A 麻烦再拍下快递面单照片发我

10:00:00 B 订单号7788990022，退货
10:00:02 R 亲，请提供您的订单号
10:00:40 A 退货已同意

10:00:00 B 身高170，体重60公斤，裤子选什么码
10:00:20 A L码
10:00:40 B 鞋子呢
10:01:00 A 您脚长多少厘米

2026-11-10 10:00:00 B 这个色差大吗
2026-11-10 10:00:05 B [图片]
2026-11-10 10:00:20 A 正常的
2026-11-15 10:00:00 B 碗碎了
2026-11-15 10:00:20 A 麻烦拍张照片

10:00:00 B 订单号5501238800，改地址
10:00:20 A 新地址发我一下

10:00:00 B [图片]
10:00:20 A 收到货有问题拍照发我就行
"""
