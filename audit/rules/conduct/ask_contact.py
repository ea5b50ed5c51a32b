"""CND002 conduct.ask_contact 索要联系方式"""

import re

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.classifier import ONLY_SUSPECTED, model_hits
from audit.shapes.denial import denied, warned
from audit.shapes.hits import join_hits
from audit.shapes.places import one_per_message, places, roles, sentence
from audit.shapes.quotation import quoted
from audit.shapes.terms import in_rows, term_hits

_WHAT = {"wechat": "微信、QQ 等账号", "phone": "电话", "sensitive": "敏感信息"}
#: the agent gives a number, or speaks of whose number it is, instead of asking for the buyer's
_GIVEN = re.compile(r"(?:我们?|店铺|客服|师傅|快递员?|站点|网点|厂家|商家|售后|官方|品牌)的?(?:联系)?$")


@rule(
    "CND002",
    "conduct.ask_contact",
    "索要联系方式",
    unit="message",
    severity="major",
    topic="规则",
    needs=("lexicon:ask_contact",),
    cite="TB-2 索要电话、微信；DY-10 超出履约需要获取信息",
)
def check(chats: Chats, *, lexicon: str = "ask_contact", sensitive: bool = False) -> pd.DataFrame:
    """卖家索要买家的微信、QQ 或电话，而收货、安装、售后并不需要。

    为什么：淘宝把索要微信、电话算作诱导第三方，抖音算作不当获取信息；买家此后被骚扰也会算到店铺头上。
    不算违规：改地址、补发、派送、安装、维修、开票、充值要的电话；核对订单里的号码；拒绝买家给的号码；提醒买家防骗；买家自己要的。
    已知误报：买家要求电话回访，客服才问号码。
    选项：lexicon 词库（need 一类是正当需要）；sensitive=true 时索要身份证号、验证码、密码也算。
    依据：TB-2、DY-10。一条消息记一次。微信、QQ 一律算；电话要看同句和买家上一句有没有正当需要。
    """
    found = chats.texts.matches(lexicon)
    asked = ["wechat", "phone", "sensitive"] if sensitive else ["wechat", "phone"]
    found = found.take(np.isin(roles(found), asked))
    found = found.take(~quoted(chats, found) & ~denied(chats, found) & ~warned(chats, found) & ~_given(chats, found))
    found = found.merged()
    row, match = in_rows(chats, found, chats.seller)
    hits = term_hits(chats, found, chats.seller, "卖家向买家索要联系方式：“{quote}”")
    kinds = roles(found)[match]
    hits["why"] = [f"{why}（{_WHAT[kind]}）" for why, kind in zip(hits["why"], kinds, strict=True)]
    keep = (kinds != "phone") | ~_needed(chats, lexicon, found, row, match)
    hits = one_per_message(hits[keep])
    silent = chats.seller & ~chats.has(lexicon)  # whether a number is needed is told by what surrounds the words
    return join_hits(hits, model_hits(chats, "ask_contact", silent, "索要联系方式", decide=ONLY_SUSPECTED))


def _given(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: somebody else's number."""
    return np.array([_GIVEN.search(text[:start]) is not None for text, start, _ in places(chats, found)], dtype=bool)


def _needed(chats: Chats, lexicon: str, found: Matches, row: Ints, match: Ints) -> Bools:
    """(pairs,) bool: the sentence, or the buyer's last message, names a delivery or service that needs a number."""
    need = chats.texts.matches(lexicon, "need")
    spoken = chats.texts.has(lexicon, "need")
    before = chats.previous(chats.buyer)[row]
    known = before >= 0
    known[known] = chats.session[before[known]] == chats.session[row[known]]
    out = np.zeros(len(row), dtype=bool)
    out[known] = spoken[chats.text_id[before[known]]]
    base = chats.texts.view.starts
    for i, (text, start, end) in enumerate(places(chats, found.take(match))):
        number = int(found.text[match[i]])
        first, last = sentence(text, start, end)
        here = need.text == number
        at = need.start[here] - base[number]
        out[i] |= bool(((at >= first) & (at < last)).any())
    return out


EXAMPLES = """
B 这个灯有别的颜色吗
A «您微信多少»，我发您看

B 怎么搭配
A «方便留个微信»吗

B 还在考虑
A «留个手机号»吧，有活动通知您

B 想买两台
A «您电话多少»，我打给您详聊

B 有视频吗
A «您vx»发一下

B 皮肤怎么领
A «把您的QQ号给»我一下

B 在吗
A(auto) 亲，请«留下您的手机号»，专属顾问为您服务

B 优惠
R 请留下«您的微信号»，客服会加您

B 充电宝能上飞机吗
A(recalled) 可以的，您«电话发我»

# sensitive=true
B 怎么登录
A «验证码发我»，我帮您登

B 收货电话填错了
A 新的收货手机号发我，帮您改

B 帮我改地址
A 请把收货人、电话、地址发我

B 换货寄哪
A 我们补发，提供一下您的姓名和电话

B 怎么没送
A 快递说打不通，您留个电话，我转给快递

B 热水器要装
A 安装需要您提供手机号，师傅好联系

B 发票怎么开
A 请提供抬头和手机号

B 要不要加你微信
A 不用的，平台也不允许

B 我手机号发你吧
A 不用提供手机号，订单里有

B 你微信多少
A 抱歉，不能提供

B 有人冒充你们要我手机号
A 谨防骗子，我们不会让您提供手机号

B 付款方式
A 微信支付和支付宝都可以

B 售后找谁
A 快递的联系方式是多少我帮您查，店铺电话在首页

B 怎么登录
A 验证码发我也没用，您自己填就行
"""
