"""ATT002 attitude.insult_coded 暗语辱骂"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.quotation import aimed
from audit.shapes.terms import in_rows, term_hits


@rule(
    "ATT002",
    "attitude.insult_coded",
    "暗语辱骂",
    unit="message",
    severity="severe",
    topic="话术",
    needs=("lexicon:insult_coded",),
    cite="[001] 一3 案例B；DY-7 拼音、首字母、同音词、表情等形式的辱骂",
)
def check(chats: Chats, *, lexicon: str = "insult_coded", skip_quotes: bool = True) -> pd.DataFrame:
    """客服用同音字、拼音、首字母、表情等变形骂买家。

    为什么：平台明文把变形的辱骂与明说同等处罚；只查明文的词库看不见。
    不算违规：型号、单位、英文词里的同样字母（USB、500nm）；普通含义（沙雕作品、下雨撒币）；复述与自嘲。
    已知误报：年轻人的口头缩写。
    选项：lexicon 词库；skip_quotes=false 时复述和自嘲也算。
    依据：[001]、DY-7。只用词库列明的暗语；注明还原成什么、经过哪一步。
    """
    found = chats.texts.matches(lexicon)
    if skip_quotes:
        found = found.take(aimed(chats, found))
    found = found.merged()
    hits = term_hits(chats, found, chats.human, "客服用暗语辱骂买家：“{quote}”，意思是“{note}”")
    _, match = in_rows(chats, found, chats.human)
    return hits.assign(decoded=[found.entries[e].note for e in found.entry[match]], decoded_by="词库暗语")


EXAMPLES = """
B 你们这什么破店
A 你是«煞笔»吗

B 我要投诉
A 你个«sb»，投吧

B 退货
A «nmsl»

B 怎么还没发
A «特么»的催什么

B 好贵
A 你个«憨批»买不起就别看

B 差评
A «ＣＮＭ»

B 尺码不对
A «tmd»自己不会量吗

B 会不会缩水
A 说了不会，«傻x»

B 有数据线吗
A 有的亲，USB接口的

B 滤镜多少nm
A 500nm的亲

B sb

B 您这是沙雕画吗
A 是沙雕艺术画，手工做的

B 型号是多少
A 型号SB-200和NT3000

B 刚才谁说的sb
A 您说我是sb我也很难过，先帮您处理

B 有几把椅子
A 一套有几把椅子看您选的规格

B 莎士比亚的书有吗
A 有的亲，萨比娜译本

B 写tm是什么意思
A 是商标的意思哦
"""
