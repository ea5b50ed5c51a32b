"""CND003 conduct.absolute_claim 极限词"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.denial import denied
from audit.shapes.places import places
from audit.shapes.quotation import quoted
from audit.shapes.terms import term_hits

_MENTION = re.compile(r"广告法|极限词|违禁词|敏感词|违规词|不让说|不能说|不敢说|不可以说|不许说")


@rule(
    "CND003",
    "conduct.absolute_claim",
    "极限词",
    unit="message",
    severity="info",
    topic="规则",
    needs=("lexicon:absolute_claim",),
    cite="广告法 9(3) “国家级”“最高级”“最佳”等用语",
)
def check(chats: Chats, *, lexicon: str = "absolute_claim") -> pd.DataFrame:
    """卖家用“国家级”“最高级”“最佳”以及全网最低、销量第一、独一无二一类绝对化用语夸商品。

    为什么：广告法罚款 20 万元起，聊天记录也被当作宣传证据；只提示，不计分。
    不算违规：否认（不是最低价）；说明广告法不让说；最晚、最近、第一次、第一步、最佳赏味期等普通用法；买家自己的话。
    已知误报：商品名里带“至尊”“顶级”；在自家款式之间比较。
    选项：lexicon 词库。
    依据：广告法第九条第三项；法条之外的词是执法中常见的同类词。自动回复和机器人的话同样算。
    """
    found = chats.texts.matches(lexicon)
    mention = np.array([_MENTION.search(text) is not None for text, _, _ in places(chats, found)], dtype=bool)
    found = found.take(~mention & ~quoted(chats, found) & ~denied(chats, found))
    return term_hits(chats, found, chats.seller, "卖家用了绝对化用语“{quote}”，广告法不允许这样宣传")


EXAMPLES = """
B 茶叶怎么样
A 我们家是«国家级»茶叶

B 面料好吗
A 用的是«最高级»的羊绒

B 送长辈选哪个
A 送长辈的«最佳»选择

B 能便宜吗
A 已经是«全网最低»了

B 牌子靠谱吗
A «销量第一»的老牌子

B 手链特别吗
A «独一无二»的设计

B 在吗
A(auto) 欢迎光临，本店主营«顶级»牛排

B 好喝吗
R 亲，这是«国*家·级»名茶哦

B 面霜保湿吗
A «市面上最好的»面霜

B 草莓甜不甜
A «全国最»甜的草莓

B 什么时候发
A 最晚明天发出

B 第一次买怎么选
A 第一次买建议先拍小包装

B 是最好的吗
A 广告法不让说最佳，质量您看检测报告

B 你们是不是全网最低
A 不敢保证，不是最低价，赠品多一些

B 听说你们全国第一
A 谢谢认可

B 保质期多久
A 开封后最佳赏味期三天

B 怎么洗
A 最好用温水手洗

B 选哪个快递
A 最便宜的快递是邮政

B 几级能效
A 国家一级能效

B 怎么装
A 最好的办法是两个人一起装
"""
