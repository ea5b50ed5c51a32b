"""DST002 disturbance.four_in_a_row 连续4条预警"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import make_hits
from audit.shapes.ledger import as_context, nth_in_run


@rule(
    "DST002",
    "disturbance.four_in_a_row",
    "连续4条预警",
    unit="run",
    severity="info",
    topic="规则",
    cite="[003] 三3⑥：控制发送数量在4条内",
)
def check(chats: Chats, *, at: int = 4) -> pd.DataFrame:
    """对同一买家连续发送了 4 条消息，再发一条就触发拒收提示。只提示，不计分。

    为什么：第 5 条触发平台的拒收提示，第 4 条是最后的提醒。
    不算违规：买家回复、新订单之后重新计数；不计入的系统类消息同 DST001。
    已知误报：导出缺了买家的消息。
    选项：at 条数。
    依据：[003]。
    """
    rows, runs = nth_in_run(chats, at)
    return make_hits(rows, why=f"已连续发送 {at} 条消息，再发一条将触发拒收提示", context=as_context(runs, rows))


EXAMPLES = """
10:00:00 B 有货吗
10:00:20 A 有的亲
10:00:25 A 这款卖得很好
10:00:30 A 今天下单送运费险
! 10:00:35 A 48小时内发货

10:00:00 B 有货吗
10:00:01 A(auto) 欢迎光临
10:00:20 A 有的亲
10:00:25 A [图片]
! 10:00:30 A [微笑]

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
! 10:00:23 A 4
10:00:24 A 5
10:00:25 A 6

10:00:00 A @客服1 亲，您有一笔订单未付款
10:00:10 A @客服1 库存不多了
10:00:20 A @客服2 今天最后一天优惠
! 10:00:30 A @客服2 需要帮您保留吗

# at=2
10:00:00 B 有货吗
10:00:20 A 有
! 10:00:21 A 的

10:00:00 B 有货吗
10:00:20 R 1
10:00:21 R 2
10:00:22 R 3
! 10:00:23 R 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 E card_click {}
! 10:00:24 A 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A(recalled) 3
! 10:00:23 A 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 B 嗯
10:00:24 A 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 E order {"order_id":"D1"}
10:00:24 A 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 E invoice {}
10:00:24 E subscription {}

# platform=jd
10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 S 已读
10:00:22 A 2
10:00:23 A 3

10:00:00 B 1
10:00:01 B 2
10:00:02 B 3
10:00:03 B 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 E intercept_shipping {}
10:00:24 E transfer_notice {}
"""
