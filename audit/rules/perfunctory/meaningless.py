"""PFN001 perfunctory.meaningless 无意义回复"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME
from audit.rules.model import rule
from audit.shapes.classifier import leaning, probability
from audit.shapes.fillers import SHORTEST, fillers
from audit.shapes.hits import make_hits, quotes


@rule(
    "PFN001",
    "perfunctory.meaningless",
    "无意义回复",
    unit="message",
    severity="major",
    topic="话术",
    needs=("lexicon:filler",),
    cite="[001] 一2 案例C：顾客询问，商家的回答毫无意义",
)
def check(chats: Chats, *, limit: float = 180) -> pd.DataFrame:
    """买家提问或投诉，客服整轮只回“嗯”“在的”、一个表情或“不清楚”，之后也没有实质内容。

    为什么：拼多多把无意义回复列为敷衍；买家看到的是“有人在，但不管”。
    不算违规：买家下一句之前或 180 秒内补上了实质内容；“稍等”一类（归 RSP009）；对“在吗”“人呢”回“在的”；
        用“可以的”“没有”回答是非问句；图片和卡片。
    已知误报：“嗯”其实是在回答是非问句。
    选项：limit 补充内容的时限，秒。
    依据：[001]。以买家下一句和 180 秒两者中较晚的为准。
    """
    found = fillers(chats, limit)
    missing = ~found.in_time
    row, asked, deadline = found.row[missing], found.asked[missing], found.deadline[missing]
    answers = quotes(chats, row)
    why = [f"买家问“{q}”，客服只回“{a}”，之后没有实质内容" for q, a in zip(quotes(chats, asked), answers, strict=True)]
    by_model = leaning(chats, "perfunctory")[row] & (chats.texts.solid >= SHORTEST)[chats.text_id[row]]
    why = [f"{w}（模型判断为敷衍）" if m else w for w, m in zip(why, by_model, strict=True)]
    pending = (deadline != NO_TIME) & (deadline > chats.as_of[row]) & ~chats.over[row]
    return make_hits(
        row,
        why=why,
        state=np.where(pending, "pending", "violation").astype(object),
        context=[[(int(a), "context", -1, -1)] for a in asked],
        score=np.where(by_model, probability(chats, "perfunctory")[row], 1.0),
        decided_by=np.where(by_model, "model", "rule").astype(object),
    )


EXAMPLES = """
10:00:00 B 这款会缩水吗
! 10:00:20 A 嗯

10:00:00 B 这款会缩水吗
! 10:00:20 A 在的
10:01:00 B 会不会啊
10:05:00 A 不会缩水，放心购买

10:00:00 B 衣服开线了怎么办
! 10:00:20 A [微笑]

10:00:00 B 什么时候发货
! 10:00:20 A 不清楚

10:00:00 B 多少钱
! 10:00:20 A 哦
10:03:21 B 人呢

10:00:00 B 碗碎了两个
! 10:00:20 A 嗯嗯
10:10:00 B 给个说法
10:12:00 A 给您补发

# times=none
B 尺码偏大吗
! A 亲
B 喂

# as_of=2026-11-10T10:02:00 state=pending
10:00:00 B 这款会缩水吗
! 10:00:20 A 嗯

10:00:00 B 怎么洗
! 10:00:20 A 您好

10:00:00 B 这款会缩水吗
10:00:20 A 嗯
10:00:40 A 不会缩水的，放心购买

10:00:00 B 这款会缩水吗
10:00:20 A 在的
10:03:20 A 不会缩水的

10:00:00 B 这款会缩水吗
10:00:20 A 稍等
10:20:00 A 不会缩水的

10:00:00 B 在吗
10:00:20 A 在的

10:00:00 B 这款会缩水吗
10:00:20 A [图片]

10:00:00 B 那我拍了
10:00:20 A 嗯嗯

10:00:00 B 这款会缩水吗
10:00:20 A 在的
10:09:00 A 不会缩水的
10:10:00 B 好

10:00:00 B 这款会缩水吗
10:00:03 R 在的
10:00:30 A 不会缩水的

10:00:00 B 会缩水吗
10:00:20 A 不会

10:00:00 B 能发顺丰吗
10:00:20 A 可以的

10:00:00 B 人呢
10:00:20 A 在的亲

10:00:00 B 查到了吗
! 10:00:20 A 好的

10:00:00 B 能备注一下吗
10:00:20 A 好的

## 可以的 answers no question of how long
10:00:00 B 几天能到
! 10:00:20 A 可以的
"""
