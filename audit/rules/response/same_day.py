"""RSP001 response.same_day 当天未回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME
from audit.rules.model import rule
from audit.shapes.late_reply import before_23, end_of_day, late_replies


@rule(
    "RSP001",
    "response.same_day",
    "当天未回复",
    unit="wait",
    severity="major",
    topic="规则",
    needs=("times",),
    cite="[001] 一1 案例A：顾客当日23时之前询问，商家当天没有回复",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家在 23 点前提出的问题，当天没有人工回复。

    为什么：拼多多把“当天未回复”记为长时间不回复；其他平台同样按当天统计。
    不算违规：当天（含 23:59:59）有任何人工回复；23 点及以后才提出的问题（归 RSP002）；
        只有致谢、知悉的收尾语；机器人接待中的问题（拼多多除外）。
    已知误报：买家的收尾语写得特别，被当作问题。
    选项：无。
    依据：[001]。自动回复、机器人回复和撤回的消息不算回复。
    """
    waits = chats.waits[~chats.waits["closer"]]
    open_row, close_row = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    opened = chats.time[open_row]
    keep = (opened != NO_TIME) & (before_23(opened))
    return late_replies(
        chats,
        open_row=open_row[keep],
        close_row=close_row[keep],
        deadline=end_of_day(opened[keep]),
        why_late="买家 {opened} 提问，当天没有人工回复，{latency}后（{closed}）才回复",
        why_none="买家 {opened} 提问，当天没有人工回复，此后 24 小时内也没有",
        by_date=True,
    )


EXAMPLES = """
! 10:00:00 B 这款有黑色吗
2026-11-11 09:00:00 A 有的亲

! 22:59:59 B 怎么洗
2026-11-11 00:00:01 A 可以机洗

! 15:00:00 B 尺码怎么选
15:00:02 A(auto) 欢迎光临，请问有什么可以帮您
2026-11-11 08:30:00 A 您身高体重多少

! 15:00:00 B 尺码怎么选
15:05:00 A(recalled) 您穿M
2026-11-11 08:30:00 A 您身高体重多少

! 03:00:00 B 几号发货
2026-11-11 02:00:00 A 今天发

! 12:00:00 B 能便宜点吗

# as_of=2026-11-10T18:00:00 state=pending
! 12:00:00 B 能便宜点吗

# platform=pdd
! 12:00:00 B 能便宜点吗
12:00:05 R 亲亲，价格已经是最低了
12:30:00 B 再问问

10:00:00 B 这款有黑色吗
23:59:59 A 有的亲

23:00:00 B 这款有黑色吗
2026-11-11 12:00:00 A 有的亲

10:00:00 B 这款有黑色吗
10:01:00 A 有的亲
10:01:30 B 好的谢谢

10:00:00 B 这款有黑色吗
10:00:03 R 亲，有黑色和白色
10:00:40 B 会缩水吗
10:00:42 R 亲，水洗缩率在3%以内

10:00:00 S 当前用户来自 商品详情页

22:59:00 B 明天能到吗
23:40:00 A 能到的亲，明天派送

10:00:00 B 这款有黑色吗
10:20:00 A [图片]

10:00:00 B 这款有黑色吗
10:05:00 B 在吗
10:06:00 A 在的，有黑色
2026-11-12 10:00:00 A 亲，新品上架了
"""
