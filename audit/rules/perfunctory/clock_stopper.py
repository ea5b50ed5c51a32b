"""PFN006 perfunctory.clock_stopper 刷响应"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND
from audit.rules.model import rule
from audit.shapes.fillers import fillers
from audit.shapes.hits import make_hits, quotes, span_text


@rule(
    "PFN006",
    "perfunctory.clock_stopper",
    "刷响应",
    unit="message",
    severity="minor",
    topic="话术",
    needs=("times", "lexicon:filler"),
    cite="[003] 三3⑤：不能为了首响或者答问比，回复一些无用信息",
)
def check(chats: Chats, *, limit: float = 180) -> pd.DataFrame:
    """先用一句没有内容的话停住计时，真正的答复在买家提问 3 分钟之后才来。

    为什么：响应数据好看了，买家等的时间一点没少。
    不算违规：提问后 180 秒内给出了实质内容；一直没有实质内容（归 PFN001）；“稍等”一类（归 RSP009）。
    已知误报：买家的话分几句说完，客服先应一声。
    选项：limit 自提问起的时限，秒。
    依据：[003]。与 PFN001 不同时成立。
    """
    found = fillers(chats, limit)
    content = np.maximum(found.content, 0)
    timed = (found.opened_at != NO_TIME) & (chats.time[content] != NO_TIME) if len(content) else found.in_time
    wait = np.where(timed, chats.time[content] - found.opened_at, 0) if len(content) else found.opened_at
    slack = np.where(chats.minutes[content], 59 * SECOND, 0) if len(content) else wait
    late = found.in_time & timed & (wait - slack > limit * SECOND)
    row, asked, content = found.row[late], found.asked[late], content[late]
    why = [
        f"先回“{a}”停住计时，实质内容在提问{span_text(w / SECOND)}后才来"
        for a, w in zip(quotes(chats, row), wait[late], strict=True)
    ]
    return make_hits(
        row,
        opened_at=found.opened_at[late],
        deadline=found.opened_at[late] + int(limit * SECOND),
        closed_at=chats.time[content],
        why=why,
        context=[
            [(int(a), "context", -1, -1), (int(c), "context", -1, -1)] for a, c in zip(asked, content, strict=True)
        ],
    )


EXAMPLES = """
10:00:00 B 这款会缩水吗
! 10:02:50 A 在的
10:04:00 A 不会缩水的

10:00:00 B 这款会缩水吗
! 10:00:20 A 嗯
10:03:01 A 不会缩水的

10:00:00 B 这款会缩水吗
! 10:00:20 A [微笑]
10:03:20 A 不会缩水的

10:00:00 B 这款会缩水吗
! 10:00:20 A 您好
10:09:00 A 不会缩水的，放心
10:10:00 B 好

10:00:00 B 什么时候发货
10:00:30 B 急用
! 10:02:00 A 在的亲
10:04:30 A 今天下午发出

10:00:00 B 碗碎了怎么办
! 10:02:00 A 哦
10:05:00 A 给您补发一个

# limit=60
10:00:00 B 这款会缩水吗
! 10:00:20 A 嗯
10:01:01 A 不会缩水的

10:00:00 B 怎么洗
! 10:02:30 A 亲亲
10:05:00 A 冷水手洗就可以

10:00:00 B 这款会缩水吗
10:00:20 A 嗯
10:03:00 A 不会缩水的

10:00:00 B 这款会缩水吗
10:00:20 A 嗯
10:00:40 A 不会缩水的

10:00:00 B 这款会缩水吗
10:00:20 A 嗯

10:00:00 B 这款会缩水吗
10:00:20 A 稍等
10:04:00 A 不会缩水的

10:00:00 B 在吗
10:02:00 A 在的
10:05:00 B 会缩水吗
10:05:30 A 不会缩水的

10:00:00 B 这款会缩水吗
10:03:30 A 不会缩水的

# times=none
B 这款会缩水吗
A 嗯
A 不会缩水的

10:00:00 B 那我下单了
10:02:00 A 嗯嗯
10:05:00 A 今天给您发货
"""
