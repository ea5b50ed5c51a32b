"""RSP007 response.first_reply 首次响应超时"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import SECOND, Ints
from audit.rules.model import rule
from audit.shapes.late_reply import last_before_reply, late_replies


@rule(
    "RSP007",
    "response.first_reply",
    "首次响应超时",
    unit="wait",
    severity="minor",
    topic="工作台",
    needs=("times",),
    cite="own：首次响应时长，各平台考核首响",
)
def check(chats: Chats, *, limit: float = 60) -> pd.DataFrame:
    """一次会话里，第一句人工回复来得太晚。

    为什么：首响慢，买家转身就走；各平台都考核首次响应时长。
    不算违规：恰好在时限内；服务时间以外进线；机器人接待中的问题（从机器人接待结束起计时）；客服先开口的会话；
        整场没有人工回复（归 RSP001/002）。
    已知误报：买家进线后隔一会儿才真正提问。
    选项：limit 时限，秒。规则包设置 clock=last 时从回复前最后一句买家的话计时。
    依据：首次响应时长的时限由规则包给出，默认 60 秒。
    """
    open_row, close_row, clock = first_waits(chats)
    answered = close_row >= 0
    inside = chats.in_service(open_row, clock)
    keep = answered & inside
    open_row, close_row, clock = open_row[keep], close_row[keep], clock[keep]
    return late_replies(
        chats,
        open_row=open_row,
        close_row=close_row,
        deadline=clock + int(limit * SECOND),
        clock_from=clock,
        why_late="会话首次人工回复用了{latency}（{opened} 至 {closed}），超时{over}",
        why_none="会话一直没有人工回复",
    )


def first_waits(chats: Chats) -> tuple[Ints, Ints, Ints]:
    """The first wait of every session that no human opened: (open_row, close_row, clock start in int64 ms)."""
    waits = chats.waits[~chats.waits["closer"]]
    open_row, close_row = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    clock = last_before_reply(chats, open_row, close_row) if chats.settings.clock == "last" else chats.time[open_row]
    handed_row, handed_close, handed_clock = _handed_over(chats)
    asked_again = np.isin(handed_close, close_row[close_row >= 0])
    handed_row, handed_close = handed_row[~asked_again], handed_close[~asked_again]
    handed_clock = handed_clock[~asked_again]
    open_row = np.concatenate([open_row, handed_row])
    close_row, clock = np.concatenate([close_row, handed_close]), np.concatenate([clock, handed_clock])
    session = chats.session[open_row]
    order = np.lexsort((open_row, session))
    first = order[np.unique(session[order], return_index=True)[1]]
    count = len(chats.sessions)
    spoke = np.full(count, len(chats), dtype=np.int64)
    rows = np.flatnonzero(chats.human)
    np.minimum.at(spoke, chats.session[rows], rows)
    first = first[open_row[first] < spoke[chats.session[open_row[first]]]]
    return open_row[first], close_row[first], clock[first]


def _handed_over(chats: Chats) -> tuple[Ints, Ints, Ints]:
    """Questions asked in robot reception that a transfer ended: their clock runs from the transfer."""
    none = np.zeros(0, dtype=np.int64)
    if chats.settings.robot_reception != "exempt" or not chats.reception.any():
        return none, none, none
    before = chats.previous(chats.reception)
    moves = np.flatnonzero(chats.transfer & ~chats.reception & (before >= 0))
    moves = moves[chats.session[moves] == chats.session[before[moves]]]
    moves = moves[np.unique(chats.session[moves], return_index=True)[1]]
    asked = chats.previous(chats.needs_reply & chats.reception)[moves]
    moves, asked = moves[asked >= 0], asked[asked >= 0]
    same = chats.session[moves] == chats.session[asked]
    moves, asked = moves[same], asked[same]
    reply = chats.following(chats.reply)[moves]
    close = np.where(reply < len(chats), reply, -1)
    return asked, close, chats.time[moves]


EXAMPLES = """
!61s 10:00:00 B 有黑色吗
10:01:01 A 有的亲

!120s 10:00:00 B 在吗
10:00:02 A(auto) 欢迎光临
10:02:00 A 在的

!90s 10:00:00 B 在吗
10:01:00 B 有黑色吗
10:01:30 A 有的

10:00:00 B 有黑色吗
10:00:03 R 亲，有的
!100s 10:01:00 B 转人工
10:02:40 A 您好

10:00:00 B 有黑色吗
10:00:30 A 有的
10:01:00 B 好的
!70s 15:00:00 B 还有白色吗
15:01:10 A 有的

# limit=30
!31s 10:00:00 B 有黑色吗
10:00:31 A 有的亲

!86399s 22:59:59 B 有黑色吗
2026-11-11 22:59:58 A 有的亲

# clock=last
!61s 10:00:00 B 在吗
10:01:00 B 有黑色吗
10:02:01 A 有的

10:00:00 B 有黑色吗
10:01:00 A 有的亲

# clock=last
10:00:00 B 在吗
10:01:00 B 有黑色吗
10:02:00 A 有的

10:00:00 B 有黑色吗
10:00:30 A 有的亲
10:01:00 B 会缩水吗
10:05:00 A 不会

07:59:59 B 有黑色吗
08:30:00 A 有的亲

23:00:00 B 有黑色吗
23:30:00 A 有的亲

10:00:00 A 亲，您昨天看的那款到货了
10:01:00 B 多少钱
10:05:00 A 59元

10:00:00 B 有黑色吗
10:00:03 R 亲，有的
10:10:00 A 有黑色哦

10:00:00 B 有黑色吗
"""
