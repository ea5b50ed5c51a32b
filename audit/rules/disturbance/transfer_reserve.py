"""DST004 disturbance.transfer_reserve 转接未预留"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.responsible import transfer_ends
from audit.rules.model import rule
from audit.shapes.hits import make_hits
from audit.shapes.ledger import counted, run_counts


@rule(
    "DST004",
    "disturbance.transfer_reserve",
    "转接未预留",
    unit="run",
    severity="info",
    topic="规则",
    cite="[003] 三3③：5条消息统计的是全店账号，转接不能刷新数量，记得预留2条或以上",
)
def check(chats: Chats, *, at: int = 4) -> pd.DataFrame:
    """已经连续发了 4 条以上才转接，接手的客服一开口就触发拒收提示。只提示，不计分。

    为什么：转接不清零，接手的人没有余量。
    不算违规：转接时连续不到 4 条；转接前买家刚回复过。
    已知误报：导出缺了买家的消息。
    选项：at 条数。
    依据：[003]。记在转出的账号上。
    """
    count, _ = run_counts(chats)
    moves = transfer_ends(chats)
    row = moves["row"].to_numpy(dtype=np.int64)
    over = count[row] >= at if len(row) else np.zeros(0, dtype=bool)
    row, source = row[over], moves["source"].to_numpy()[over]
    last = chats.previous(counted(chats))[row]
    speaker = chats.accounts[last]
    agents = [s or a for s, a in zip(source, speaker, strict=True)]
    why = [f"转接时已连续发送 {int(n)} 条消息，没有给接手的客服预留" for n in count[row]]
    return make_hits(row, agent=agents, why=why, context=[[(int(r), "context", -1, -1)] for r in last])


EXAMPLES = """
10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4
! 10:00:30 E transfer {"from":"客服1","to":"客服2"}
10:00:40 A @客服2 您好

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4
10:00:24 A 5
! 10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:01 A(auto) 欢迎
10:00:20 A 1
10:00:21 A 2
10:00:22 A 帮您转接
! 10:00:30 E transfer {"to":"客服2"}

# at=2
10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
! 10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A @客服3 3
10:00:23 A @客服3 4
! 10:00:30 E transfer {"from":"客服3","to":"客服2"}

10:00:00 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4
! 10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:20 R 1
10:00:21 R 2
10:00:22 R 3
10:00:23 R 4
! 10:00:30 E transfer {"from":"服务助手","to":"客服2"}

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A [图片]
10:00:24 E card_click {}
! 10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4
10:00:25 B 好的
10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:30 E transfer {"from":"客服1","to":"客服2"}
10:00:40 A @客服2 1
10:00:41 A @客服2 2
10:00:42 A @客服2 3
10:00:43 A @客服2 4

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 E member_push {}
10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4
10:00:25 E order {"order_id":"D9"}
10:00:30 E transfer {"from":"客服1","to":"客服2"}

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4
10:00:30 E transfer {"from":"客服1","to":"客服2"}

10:00:00 B 有货吗
10:00:20 A 1
10:00:21 A 2
10:00:22 A 3
10:00:23 A 4

10:00:00 B 有货吗
10:00:20 A 帮您转接售后
10:00:30 E transfer {"from":"客服1","to":"客服2"}
"""
