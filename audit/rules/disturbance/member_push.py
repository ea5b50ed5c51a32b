"""DST005 disturbance.member_push 专属客服推送过频"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import DAY, NO_TIME
from audit.rules.model import rule
from audit.shapes.hits import make_hits


@rule(
    "DST005",
    "disturbance.member_push",
    "专属客服推送过频",
    unit="message",
    severity="minor",
    topic="规则",
    needs=("times", "event:member_push"),
    cite="[003] 三3④：专属客服7天可以发送一条消息",
)
def check(chats: Chats, *, days: float = 7) -> pd.DataFrame:
    """7 天内给同一买家推送了不止一条专属客服消息。

    为什么：专属客服的额度是 7 天一条，多推就是打扰。
    不算违规：与上一条间隔满 7 天。
    已知误报：导出没有专属客服事件时无法检查（列入覆盖）。
    选项：days 天数。
    依据：[003]。
    """
    rows = np.flatnonzero((chats.messages["event"] == "member_push").to_numpy() & (chats.time != NO_TIME))
    before = np.roll(rows, 1)
    again = chats.conversation[rows] == chats.conversation[before]
    again[:1] = False
    again &= chats.time[rows] - chats.time[before] < days * DAY
    gap = (chats.time[rows] - chats.time[before])[again] / DAY
    return make_hits(
        rows[again],
        why=[f"距上一条专属客服推送只有 {g:.1f} 天，不足 {days:g} 天" for g in gap],
        context=[[(int(b), "context", -1, -1)] for b in before[again]],
    )


EXAMPLES = """
10:00:00 E member_push {}
! 2026-11-12 10:00:00 E member_push {}

10:00:00 E member_push {}
! 2026-11-17 09:59:59 E member_push {}

10:00:00 E member_push {}
! 10:00:01 E member_push {}

10:00:00 E member_push {}
! 2026-11-13 10:00:00 E member_push {}
! 2026-11-15 10:00:00 E member_push {}

10:00:00 E member_push {}
2026-11-11 10:00:00 B 有货吗
2026-11-11 10:00:30 A 有的
! 2026-11-12 10:00:00 E member_push {}

# days=3
10:00:00 E member_push {}
! 2026-11-12 10:00:00 E member_push {}

10:00:00 E member_push {}
2026-11-11 10:00:00 E order {"order_id":"D1"}
! 2026-11-12 10:00:00 E member_push {}

10:00:00 B 你好
10:00:10 A 您好
10:01:00 E member_push {}
! 2026-11-14 10:00:00 E member_push {}

10:00:00 E member_push {}

10:00:00 E member_push {}
2026-11-17 10:00:00 E member_push {}

10:00:00 E member_push {}
2026-11-18 10:00:00 E member_push {}

10:00:00 E welcome_card {}
10:00:10 E welcome_card {}

10:00:00 E member_push {}
10:05:00 A 亲，看到消息了吗

# days=1
10:00:00 E member_push {}
2026-11-12 10:00:00 E member_push {}

# platform=douyin
10:00:00 E member_push {}
2026-11-12 10:00:00 E member_push {}

10:00:00 B 有货吗
10:00:10 A 有的
"""
