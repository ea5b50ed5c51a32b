"""RSP004 response.urge_unanswered 催发货无人工回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.late_reply import before_23, first_in_wait, late_replies, reply_deadline


@rule(
    "RSP004",
    "response.urge_unanswered",
    "催发货无人工回复",
    unit="wait",
    severity="major",
    topic="规则",
    needs=("times", "lexicon:buyer_state"),
    cite="[001] 一1 案例C：催促发货，商家没有回复（自动回复不算）",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家催发货、催物流、催退款，到当天结束（23 点后为 24 小时）只有自动消息或没有回复。

    为什么：拼多多点名这一情形，自动回复、机器人回复都不算。
    不算违规：时限内有任何人工回复；只是问发什么快递。
    已知误报：买家转述别人催促的话。
    选项：无。
    依据：[001]。机器人接待中同样要求人工回复；与 RSP001/002 同一次等待合并计分。
    """
    open_row, close_row = first_in_wait(chats.all_wait_of, chats.buyer_is("urge"), chats.all_waits)
    return late_replies(
        chats,
        open_row=open_row,
        close_row=close_row,
        deadline=reply_deadline(chats.time[open_row]),
        why_late="买家 {opened} 催促，时限（{deadline}）内只有自动消息或没有回复，{latency}后才有人工回复",
        why_none="买家 {opened} 催促，时限（{deadline}）内没有人工回复",
        by_date=before_23(chats.time[open_row]),
    )


EXAMPLES = """
! 10:00:00 B 怎么还没发货
10:00:02 A(auto) 您好，客服正在赶来的路上
2026-11-11 09:00:00 A 今天发

! 10:00:00 B 什么时候发货
10:00:03 R 亲，48小时内发货哦

! 10:00:00 B 快点发货啊

! 10:00:00 B 退款怎么还没到账
10:00:03 R 亲，退款1-3个工作日到账

! 23:20:00 B 什么时候发货

10:00:00 B 有货吗
! 10:30:00 B 到底什么时候发货
2026-11-11 08:00:00 A 今天发

# as_of=2026-11-10T20:00:00 state=pending
! 10:00:00 B 怎么还没发货

# platform=pdd
! 10:00:00 B 物流怎么不动了
10:00:05 R 亲，请耐心等待

10:00:00 B 怎么还没发货
10:20:00 A 今天下午发出

10:00:00 B 什么时候发货
23:59:59 A 明早发

23:20:00 B 什么时候发货
2026-11-11 23:20:00 A 今天发

10:00:00 B 发什么快递
10:00:03 R 亲，默认中通

10:00:00 B 什么时候发货
10:00:03 R 亲，48小时内发货哦
10:05:00 A 亲，您的订单今晚发

10:00:00 B 什么时候发货
10:01:00 A [微笑]

10:00:00 B 已经收到货了
10:00:05 A 好的亲

10:00:00 B 这款有货吗
10:00:05 A 有的
"""
