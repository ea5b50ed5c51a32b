"""PRC001 process.greeting 缺少欢迎语"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND, Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import make_hits, quotes
from audit.shapes.per_session import first_after, first_row, turn_has


@rule(
    "PRC001",
    "process.greeting",
    "缺少欢迎语",
    unit="session",
    severity="info",
    topic="话术",
    needs=("lexicon:greeting",),
    cite="[001] 路径2：标准接待流程，先问好再答复",
)
def check(chats: Chats, *, return_within: float = 86_400) -> pd.DataFrame:
    """买家进店，到第一轮人工回复为止，店铺没有任何一句问候。

    为什么：问好是标准接待流程的第一步；上来就答，买家不知道有没有人真正接待。
    不算违规：自动欢迎语、机器人或同事已经问好；欢迎卡片；买家 24 小时内再次进线；没有人工回复的会话（归响应类）。
    已知误报：只说“亲”“在的”是否算问好，各店口径不同，这里不算。
    选项：return_within 多少秒内再次进线不必问好，从上一条消息算起。
    依据：[001] 路径2。没有时间的记录，每段会话都当作初次进线。
    """
    opening = first_row(chats, chats.buyer)
    opening = opening[opening < len(chats)]
    reply = first_after(chats, chats.reply, opening)
    answered = reply < len(chats)
    opening, reply = opening[answered], reply[answered]
    welcome = (chats.messages["event"] == "welcome_card").to_numpy()
    greets = chats.agent_says("greeting") | welcome
    greeted = first_row(chats, greets)[chats.session[reply]] <= reply
    greeted |= turn_has(chats, greets & chats.human)[reply]
    rows = reply[~greeted & ~_returns(chats, opening, return_within)]
    return make_hits(rows, why=[f"第一轮人工回复“{q}”没有问候，之前也没有欢迎语" for q in quotes(chats, rows)])


def _returns(chats: Chats, opening: Ints, within: float) -> Bools:
    """Which sessions are a return: the buyer was here before, at most `within` seconds after the last message."""
    first = chats.sessions["first_row"].to_numpy()[chats.session[opening]]
    known = chats.previous(chats.buyer)[first] >= 0
    last = chats.previous(chats.side >= 0)[first]
    before, now = chats.time[np.maximum(last, 0)], chats.time[opening]
    timed = (before != NO_TIME) & (now != NO_TIME)
    return known & timed & (now - before <= int(within * SECOND))


EXAMPLES = """
10:00:00 B 这款会缩水吗
! 10:00:20 A 不会缩水，机洗就可以

10:00:00 B 您好，几天能到广州
! 10:00:20 A 三天左右

10:00:00 B 有没有实拍
! 10:00:20 A [图片]

10:00:00 B 多少钱一盒
10:00:02 A(auto) 当前排队人数较多，请耐心等待
! 10:00:40 A 39元一盒

10:00:00 B 查一下物流
10:00:02 R 请点击订单查看物流
! 10:00:40 A 包裹到郑州了

10:00:00 B 能用电磁炉吗
! 10:00:20 A 可以用
10:01:00 B 会糊底吗
10:01:20 A 您好，不会糊底

10:00:00 B 有小号吗
! 10:00:20 A 有的
10:00:22 R 您好，很高兴为您服务

2026-11-10 10:00:00 B 有黑色吗
2026-11-10 10:00:20 A 您好，有黑色
2026-11-11 10:00:21 B 白色呢
! 2026-11-11 10:00:41 A 白色也有

# return_within=3600
2026-11-10 10:00:00 B 有黑色吗
2026-11-10 10:00:20 A 您好，有黑色
2026-11-10 15:00:00 B 白色呢
! 2026-11-10 15:00:20 A 白色也有

10:00:00 B 这款会缩水吗
10:00:20 A 您好，不会缩水

10:00:00 B 这款会缩水吗
10:00:02 A(auto) 您好，欢迎光临
10:00:20 A 不会缩水

10:00:00 B 查一下物流
10:00:02 R 您好，很高兴为您服务
10:00:40 A 包裹到郑州了

10:00:00 B @客服1 发票开了吗
10:00:20 A @客服1 您好，帮您转给财务
10:00:30 E transfer {"from":"客服1","to":"财务"}
10:01:00 A @财务 已经开好了

2026-11-10 10:00:00 B 有黑色吗
2026-11-10 10:00:20 A 您好，有黑色
2026-11-11 10:00:20 B 白色呢
2026-11-11 10:00:40 A 白色也有

10:00:00 A 您订的裤子明天发出，请留意

10:00:00 B 怎么还没人理我
10:00:02 R 人工客服忙碌中

10:00:00 B 有货吗
10:00:20 A 有现货
10:00:24 A 您好呀，今天就能发

10:00:00 E welcome_card
10:00:05 B 有货吗
10:00:20 A 有现货

# times=none
B 有黑色吗
A 您好，有黑色
"""
