"""RSP002 response.within_24h 超过24小时未回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import SECOND
from audit.rules.model import rule
from audit.shapes.late_reply import late_replies


@rule(
    "RSP002",
    "response.within_24h",
    "超过24小时未回复",
    unit="wait",
    severity="major",
    topic="规则",
    needs=("times",),
    cite="[001] 一1 长时间不回复：超过24小时未回复",
)
def check(chats: Chats, *, limit: float = 86400) -> pd.DataFrame:
    """买家的问题提出后 24 小时内没有人工回复。

    为什么：平台把超过 24 小时未回复记为长时间不回复；23 点及以后提出的问题只看这一条。
    不算违规：恰好 24 小时回复；机器人接待中的问题（拼多多除外）；只有致谢、知悉的收尾语。
    已知误报：买家在别处（电话、售后单）已得到答复，聊天里看不到。
    选项：limit 时限，秒。
    依据：[001]。与 RSP001 同一次等待合并为一次“长时间不回复”，只计一次分。
    """
    waits = chats.waits[~chats.waits["closer"]]
    open_row = waits["open_row"].to_numpy()
    return late_replies(
        chats,
        open_row=open_row,
        close_row=waits["close_row"].to_numpy(),
        deadline=chats.time[open_row] + int(limit * SECOND),
        why_late="买家 {opened} 提问，{latency}后才有人工回复，超过 24 小时",
        why_none="买家 {opened} 提问，24 小时内（至 {deadline}）没有人工回复",
    )


EXAMPLES = """
! 23:00:00 B 怎么洗
2026-11-11 23:00:01 A 可以机洗

! 23:30:00 B 还有货吗

! 10:00:00 B 还有货吗
2026-11-12 09:00:00 A 有的

! 10:00:00 B 还有货吗
10:00:02 A(auto) 欢迎光临小店，客服忙碌中

# platform=pdd
! 10:00:00 B 还有货吗
10:00:02 R 亲，有货的

# as_of=2026-11-11T09:59:00 state=pending
! 10:00:00 B 还有货吗

! 23:10:00 B 衣服起球了
2026-11-11 20:00:00 A(recalled) 您好

! 23:50 B 还有货吗
2026-11-12 00:00 A 有的

23:00:00 B 怎么洗
2026-11-11 23:00:00 A 可以机洗

10:00:00 B 还有货吗
2026-11-11 09:59:59 A 有的

23:50 B 还有货吗
2026-11-11 23:50 A 有的

10:00:00 B 还有货吗
10:01:00 A 有的亲
10:02:00 B 好的

10:00:00 B 还有货吗
10:00:03 R 亲，有货的

10:00:00 B 还有货吗
2026-11-11 08:00:00 B 人呢
2026-11-11 09:00:00 A 在的，有货

23:59:59 B 还有货吗
2026-11-11 08:00:00 A 有货

10:00:00 S 订单已付款
"""
