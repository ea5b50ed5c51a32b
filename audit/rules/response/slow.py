"""RSP008 response.slow 慢响应"""

import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import SECOND
from audit.rules.model import rule
from audit.shapes.late_reply import last_before_reply, late_replies


@rule(
    "RSP008",
    "response.slow",
    "慢响应",
    unit="wait",
    severity="info",
    topic="工作台",
    needs=("times",),
    cite="TB-7、TB-8、PD-2、KS-1：3分钟人工响应率",
)
def check(chats: Chats, *, limit: float = 180) -> pd.DataFrame:
    """一次等待超过 3 分钟。只提示，不计分。

    为什么：各平台的 3 分钟人工响应率按轮次或按人统计，慢响应直接拉低它。
    不算违规：恰好 180 秒；服务时间以外；机器人接待中的问题（拼多多除外）；收尾语。
    已知误报：买家自言自语，不需要回答。
    选项：limit 时限，秒。规则包设置 clock=last 时从回复前最后一句买家的话计时。
    依据：TB-7 近30天 8:00–23:00 买家提问后 3 分钟内人工回复。
    """
    waits = chats.waits[~chats.waits["closer"]]
    open_row, close_row = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    clock = last_before_reply(chats, open_row, close_row) if chats.settings.clock == "last" else chats.time[open_row]
    inside = chats.in_service(open_row, chats.time[open_row])
    open_row, close_row, clock = open_row[inside], close_row[inside], clock[inside]
    return late_replies(
        chats,
        open_row=open_row,
        close_row=close_row,
        deadline=clock + int(limit * SECOND),
        clock_from=clock,
        why_late="买家等了{latency}（{opened} 至 {closed}），超过慢响应线{over}",
        why_none="买家 {opened} 的话没有人工回复，慢响应线为 {deadline}",
    )


EXAMPLES = """
!181s 10:00:00 B 有黑色吗
10:03:01 A 有的亲

!1200s 10:00:00 B 有黑色吗
10:10:00 B 人呢
10:20:00 A 有的亲

! 10:00:00 B 有黑色吗

10:00:00 B 有黑色吗
10:00:30 A 有的
!200s 10:01:00 B 会缩水吗
10:04:20 A 不会

!300s 10:00:00 B 有黑色吗
10:00:02 A(auto) 欢迎光临
10:05:00 A 有的

# platform=pdd
!300s 10:00:00 B 有黑色吗
10:00:02 R 有黑色和白色
10:05:00 A 有的

# limit=30
!31s 10:00:00 B 有黑色吗
10:00:31 A 有的亲

! 10:00 B 有黑色吗
10:04 A 有的亲

10:00 B 有黑色吗
10:03 A 有的亲

10:00:00 B 有黑色吗
10:03:00 A 有的亲

# clock=last
10:00:00 B 有黑色吗
10:10:00 B 人呢
10:13:00 A 有的亲

23:30:00 B 有黑色吗
23:50:00 A 有的

10:00:00 B 有黑色吗
10:00:02 R 有黑色和白色
10:05:00 A 有的

10:00:00 B 有黑色吗
10:01:00 A 有的
10:02:00 B 好的谢谢
10:30:00 A 不客气

07:00:00 B 有黑色吗
08:30:00 A 有的

10:00:00 A 亲，您的包裹到了
"""
