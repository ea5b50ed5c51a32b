"""PRC002 process.closing 缺少结束语"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.hits import make_hits, quotes
from audit.shapes.per_session import last_before, last_row, turn_has


@rule(
    "PRC002",
    "process.closing",
    "缺少结束语",
    unit="session",
    severity="info",
    topic="话术",
    needs=("lexicon:buyer_state", "lexicon:closing"),
    cite="[001] 路径2：标准接待流程，以结束语收尾",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家已经收尾（致谢、知悉、道别），最后一轮人工回复里没有结束语。

    为什么：结束语是标准接待流程的最后一步，也让买家知道可以再来问。
    不算违规：最后一轮里任何一句有结束语；买家最后还在提问或投诉；买家的“好的”是在回答提问，或在答应稍等。
    已知误报：买家只是客气一句，其实还要继续说。
    选项：无。
    依据：[001] 路径2。自动消息和机器人的结束语不算人工结束语；会话未结束时待定。
    """
    last_buyer = last_row(chats, chats.buyer & ~chats.recalled)
    closed = last_buyer >= 0
    closed[closed] = _closes(chats)[last_buyer[closed]]
    last_human = last_row(chats, chats.human)
    closing = turn_has(chats, chats.agent_says("closing") & chats.human)
    closed &= last_human >= 0
    row, said = last_human[closed], last_buyer[closed]
    missing = ~closing[row]
    row, said = row[missing], said[missing]
    over = chats.over[row]
    return make_hits(
        row,
        state=np.where(over, "violation", "pending").astype(object),
        why=[f"买家已用“{b}”收尾，最后一轮人工回复没有结束语" for b in quotes(chats, said)],
        context=[[(int(b), "context", -1, -1)] for b in said],
    )


def _closes(chats: Chats) -> Bools:
    """Buyer rows that end the talk in words; after a mere hold, thanks and 好的 only agree to wait."""
    worded = chats.buyer_is("thanks") | chats.buyer_is("ack") | chats.buyer_is("farewell")
    out = chats.closer & worded
    rows = np.flatnonzero(out & ~chats.buyer_is("farewell"))
    before = last_before(chats, chats.human, rows)
    put_off = before >= 0
    put_off[put_off] = (chats.agent_says("hold") & ~chats.substance)[before[put_off]]
    out[rows[put_off]] = False
    return out


EXAMPLES = """
10:00:00 B 几天能到
! 10:00:20 A 三天左右
10:00:40 B 好的谢谢

10:00:00 B 有L码吗
! 10:00:20 A 有L码
10:00:40 B 再见

10:00:00 B 发什么快递
! 10:00:20 A 默认中通
10:00:40 B 知道了

10:00:00 B 退款要多久
10:00:20 A 三天内到账
10:00:40 B 好的谢谢
! 10:01:00 A 嗯

10:00:00 B 尺码表发我
! 10:00:20 A [图片]
10:00:40 B 谢谢

10:00:00 B 能机洗吗
! 10:00:20 A 能机洗
10:00:40 B 谢谢
10:00:42 A(auto) 感谢光临，祝您生活愉快

10:00:00 B 有红色吗
10:00:20 A 有的，祝您购物愉快
10:00:40 B 几天到
! 10:01:00 A 三天到
10:01:20 B 好的，谢谢

# as_of=2026-11-10T10:30:00 state=pending
10:00:00 B 几天能到
! 10:00:20 A 三天左右
10:00:40 B 好的谢谢

# times=none
B 几天能到
! A 三天左右
B 谢谢

10:00:00 B 几天能到
10:00:20 A 三天左右
10:00:40 B 好的谢谢
10:01:00 A 祝您生活愉快，再见

10:00:00 B 几天能到
10:00:20 A 三天左右，祝您购物愉快
10:00:40 B 好的谢谢

10:00:00 B 几天能到
10:00:20 A 三天左右
10:00:40 B 发什么快递

10:00:00 B 我想退货
10:00:20 A 给您换一件新的可以吗
10:00:40 B 好的

10:00:00 B 我的快递到哪了
10:00:20 A 请稍等
10:00:40 B 好的

10:00:00 B 几天能到
10:00:20 A 三天左右
10:00:40 B [微笑]

10:00:00 B 谢谢
10:00:20 A 不客气，祝您生活愉快
10:00:40 A [微笑]

10:00:00 B 几天能到
10:00:20 A 三天左右
10:00:40 B 那我明天再来看看

10:00:00 B 查物流
10:00:02 R 包裹在郑州
10:00:20 B 好的谢谢
"""
