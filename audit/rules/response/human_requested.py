"""RSP010 response.human_requested 转人工未接"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import SECOND
from audit.rules.model import rule
from audit.shapes.late_reply import late_replies


@rule(
    "RSP010",
    "response.human_requested",
    "转人工未接",
    unit="wait",
    severity="minor",
    topic="工作台",
    needs=("times", "lexicon:buyer_state"),
    cite="TB-8：机器人接待之后的人工响应；own 时限",
)
def check(chats: Chats, *, limit: float = 180) -> pd.DataFrame:
    """买家要求人工，3 分钟内没有人工回复。

    为什么：点名要人工的买家已经对机器人失去耐心，没人接就是下一个差评。
    不算违规：恰好 180 秒；服务时间以外；买家只是问到人工费、手工、人工智能。
    已知误报：买家提到“人工”但不是要转接。
    选项：limit 时限，秒。
    依据：时限 own，取 3 分钟人工响应率的口径。
    """
    asked = np.flatnonzero(chats.asks_human)
    reply = chats.following(chats.reply)[asked]
    stretch = np.unique(np.column_stack([chats.conversation[asked], reply]), axis=0, return_index=True)[1]
    open_row, reply = asked[stretch], reply[stretch]
    inside = chats.in_service(open_row, chats.time[open_row])
    open_row, reply = open_row[inside], reply[inside]
    return late_replies(
        chats,
        open_row=open_row,
        close_row=np.where(reply < len(chats), reply, -1),
        deadline=chats.time[open_row] + int(limit * SECOND),
        why_late="买家 {opened} 要求人工，{latency}后才有人工回复，超时{over}",
        why_none="买家 {opened} 要求人工，一直没有人工回复，时限为 {deadline}",
    )


EXAMPLES = """
10:00:00 B 有黑色吗
10:00:03 R 亲，有的
!181s 10:01:00 B 转人工
10:04:01 A 您好

!600s 10:00:00 B 人工客服
10:10:00 A 在的

! 10:00:00 B 我要人工
10:00:02 R 正在为您转接

!300s 10:00:00 B 转人工
10:02:00 B 人工呢
10:05:00 A 您好

10:00:00 B 有黑色吗
10:00:20 A 有的
!400s 10:01:00 B 换个人工客服来
10:07:40 A 您好，我是主管

# platform=pdd
! 10:00:00 B 转人工

# limit=60
!61s 10:00:00 B 转人工
10:01:01 A 您好

# as_of=2026-11-10T10:01:00 state=pending
! 10:00:00 B 转人工

10:00:00 B 转人工
10:03:00 A 您好

23:10:00 B 转人工
2026-11-11 09:00:00 A 您好

07:00:00 B 转人工
08:10:00 A 您好

10:00:00 B 安装人工费多少
10:10:00 A 免费安装

10:00:00 B 是纯手工的吗
10:10:00 A 是的

10:00:00 B 支持人工智能语音吗
10:10:00 A 支持

10:00:00 B 有黑色吗
10:00:03 R 亲，有的

10:00:00 B 转人工
10:01:00 A [图片]
"""
