"""RSP009 response.hold_then_silence 稍等后无下文"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND, Bools
from audit.rules.model import rule
from audit.shapes.hits import make_hits, moment


@rule(
    "RSP009",
    "response.hold_then_silence",
    "稍等后无下文",
    unit="message",
    severity="major",
    topic="话术",
    needs=("lexicon:hold",),
    cite="DY-4 消极应对：“稍等/我看下”等之后无回复",
)
def check(chats: Chats, *, limit: float = 900) -> pd.DataFrame:
    """客服说了稍等、我看下、帮您查，之后 15 分钟内（或到会话结束）没有下文。

    为什么：抖音把“稍等后无回复”列为消极服务；买家白等一场，比不回还伤人。
    不算违规：恰好 15 分钟给出内容；买家自己说不用了；说了具体时间的承诺（归 PRC006）。第二句“稍等”不算下文。
    已知误报：结果在电话或售后单里告知，聊天里看不到。
    选项：limit 时限，秒。
    依据：DY-4。一连几句“稍等”只记第一句。
    """
    hold = holds(chats)
    content = chats.substance & chats.reply & ~hold
    said = np.flatnonzero(hold & ~chats.has("hold", "named_time"))
    earlier = chats.previous(hold)[said]
    first = ~(
        (earlier >= 0) & (earlier > chats.previous(content)[said]) & (chats.session[earlier] == chats.session[said])
    )
    rows = said[first]
    after = np.append(chats.following(content), len(chats))[rows + 1]
    same = after < len(chats)
    same[same] = chats.session[after[same]] == chats.session[rows[same]]
    time, deadline = chats.time[rows], chats.time[rows] + int(limit * SECOND)
    closed = np.where(same, np.append(chats.time, NO_TIME)[after], NO_TIME)
    timed = time != NO_TIME
    minutes = np.where(chats.minutes[rows], 59 * SECOND, 0)
    late = same & timed & (closed - minutes > deadline)
    nothing = ~same
    pending = nothing & timed & ~chats.over[rows] & (deadline + minutes > chats.as_of[rows])
    keep = (late | nothing) & ~_withdrawn(chats, rows, np.where(timed, deadline, NO_TIME))
    rows, closed, deadline, pending, late = rows[keep], closed[keep], deadline[keep], pending[keep], late[keep]
    at = moment(chats.time[rows])
    why = [
        (f"客服 {at[i]} 让买家稍等，" if at[i] else "客服让买家稍等，")
        + (f"{(closed[i] - chats.time[r]) / SECOND / 60:.0f} 分钟后才有下文" if late[i] else "之后没有下文")
        for i, r in enumerate(rows)
    ]
    return make_hits(
        rows,
        opened_at=chats.time[rows],
        deadline=np.where(chats.time[rows] == NO_TIME, NO_TIME, deadline),
        closed_at=np.where(late, closed, NO_TIME),
        state=np.where(pending, "pending", "violation").astype(object),
        why=why,
    )


def holds(chats: Chats, most: int = 8) -> Bools:
    """Human rows that only put the buyer off: a hold phrase, and at most `most` further characters of content."""
    small = (
        chats.texts.residue((("hold", None), ("greeting", None), ("apology", None), ("buyer_state", "particle")))
        <= most
    )
    return chats.human & ~chats.recalled & chats.has("hold", "hold") & small[chats.text_id]


def _withdrawn(chats: Chats, rows: np.ndarray, deadline: np.ndarray) -> Bools:
    withdraw = chats.buyer_is("withdraw") | chats.buyer_is("settled")
    at = chats.following(withdraw)[rows]
    out = at < len(chats)
    inside = at[out]
    out[out] = (chats.session[inside] == chats.session[rows[out]]) & (
        (deadline[out] == NO_TIME) | (chats.time[inside] <= deadline[out])
    )
    return out


EXAMPLES = """
10:00:00 B 我的快递到哪了
! 10:00:20 A 稍等，我看下

10:00:00 B 我的快递到哪了
! 10:00:20 A 稍等，我看下
10:15:21 A 今天派送，请注意查收

10:00:00 B 我的快递到哪了
! 10:00:20 A 帮您查一下
10:05:00 A 稍等哦

10:00:00 B 能退差价吗
! 10:00:20 A 亲稍等一下
10:10:00 B 好了吗
10:40:00 A 可以退5元

10:00:00 B 能退差价吗
! 10:00:20 A 我帮您核实一下
10:05:00 A [微笑]

10:00:00 B 能退差价吗
! 10:00:20 A 请稍等
10:05:00 A(auto) 客服忙碌中，请耐心等待

# times=none
B 能退差价吗
! A 稍等，我看下
B 好的

# as_of=2026-11-10T10:10:00 state=pending
10:00:00 B 我的快递到哪了
! 10:00:20 A 稍等，我看下

10:00:00 B 我的快递到哪了
10:00:20 A 稍等，我看下
10:15:20 A 今天派送，请注意查收

10:00:00 B 我的快递到哪了
10:00:20 A 稍等，我看下
10:02:00 B 不用了，我查到了

10:00:00 B 我的快递到哪了
10:00:20 A 稍等，我看下
10:01:00 A [图片]

10:00:00 B 发什么快递
10:00:20 A 默认发中通，48小时内发出

10:00:00 B 能退差价吗
10:00:20 A 稍等
10:01:00 A 我看下
10:03:00 A 可以退5元，已经为您登记

10:00:00 B 能等到双十二吗
10:00:20 A 活动价不等人，建议现在下单

# times=none
B 能退差价吗
A 稍等，我看下
A 可以退5元

10:00:00 B 在吗
10:00:20 A 在的，请讲
"""
