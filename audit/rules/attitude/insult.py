"""ATT001 attitude.insult 辱骂"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.classifier import model_hits, offensive_hits
from audit.shapes.hits import join_hits
from audit.shapes.quotation import addressed, aimed
from audit.shapes.terms import term_hits


@rule(
    "ATT001",
    "attitude.insult",
    "辱骂",
    unit="message",
    severity="severe",
    topic="话术",
    needs=("lexicon:insult",),
    cite="[001] 一3 案例A；TB-1 恶意骚扰：辱骂、口头禅、动物指代、诅咒",
)
def check(chats: Chats, *, lexicon: str = "insult", skip_quotes: bool = True) -> pd.DataFrame:
    """客服用明确的脏话或侮辱性词语骂买家；没有对象的脏话口头禅也算。

    为什么：拼多多一次态度恶劣扣 30 分，淘宝、抖音按骚扰他人处罚，投诉成立还要赔付。
    不算违规：复述买家骂人的话；自嘲；商品、疾病里的同形词（垃圾袋、有病史、狗粮）。
    已知误报：地方话里的亲昵说法。
    选项：lexicon 词库；skip_quotes=false 时复述和自嘲也算。
    依据：[001]、TB-1、DY-7。买家先骂人的会注明，但仍然计入。词库和话语模型都没有发现时，通用冒犯语模型只会记为可疑。
    """
    found = addressed(chats, lexicon)
    if skip_quotes:
        found = found.take(aimed(chats, found))
    hits = term_hits(chats, found, chats.human, "客服用语辱骂买家：“{quote}”")
    worded = chats.has(lexicon) | chats.has("insult_coded") | chats.mask(hits["row"].to_numpy())
    silent = chats.human & ~chats.coded & ~worded
    return join_hits(hits, model_hits(chats, "insult", silent, "辱骂"), offensive_hits(chats, silent, "辱骂"))


EXAMPLES = """
B 你们这什么破店
A 你«是不是有病啊»

B 我要投诉
A «傻逼»，随便投

B 质量太差了
A 就你这种«贱人»才退货

B 怎么还没发
A 催什么催，«滚蛋»

B 退货
A 你这个«廢物»，说了不能退

B 能便宜吗
A «傻​逼»买不起别买

B 尺码不对
A 自己不会看尺码表吗，你«脑残»吧

B 好贵
A 你个«死*穷*鬼»

B 我给差评了
A «他妈的»随便你

B 坐垫硬得很
A «神经病»，坐垫不硬还叫坐垫吗

B 页面打不开
A «我他妈也»打不开，烦死了

B 你们不是说包邮吗
A 我们店不欢迎«穷鬼»

B 人呢
A(recalled) 叫什么叫，«蠢货»

B 骂够了没有
A 不要再说傻逼这种话了，我帮您登记换货

B 您是说谁“神经病”
A 抱歉，同事刚才发的“神经病”三个字很不合适，我代他道歉

B 我有病在身，想退货
A 好的亲，给您登记退货

B 老人能吃吗
A 亲，这款不适合有病史的人群

B 送垃圾袋吗
A 送的亲，一卷垃圾袋和一个垃圾桶

B 你就是个傻逼客服
A 您骂我傻逼也解决不了问题，我帮您登记退款

B 傻逼

B 怎么发错了
A 都怪我，我真是个废物，马上给您补发

B 狗狗吃什么
A 狗粮和肉干都有，狗狗都爱吃

B 这个相机难吗
A 很简单的，傻瓜相机，一按就行

B 骂人了
R 亲，请文明用语，不要说傻逼这样的话哦
"""
