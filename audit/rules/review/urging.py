"""REV004 review.urging 频繁催评"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Ints
from audit.rules.model import rule
from audit.shapes.hits import make_hits, no_hits
from audit.shapes.reviews import INCENTIVE, invitations, of_kind, pressure, within_a_day


@rule(
    "REV004",
    "review.urging",
    "频繁催评",
    unit="message",
    severity="major",
    topic="规则",
    needs=("times", "lexicon:rating_invite"),
    cite="DY-7 骚扰他人：频繁联系消费者要求好评或修改评价",
)
def check(chats: Chats, *, turns: int = 2) -> pd.DataFrame:
    """24 小时内对同一买家有两轮或更多的消息要好评、要评价或要求改评。"""
    asks = pd.concat([invitations(chats), pressure(chats), of_kind(chats, INCENTIVE)], ignore_index=True)
    if not len(asks):
        return no_hits()
    asks = asks.sort_values(["row", "start"]).drop_duplicates("row")
    asks = asks.assign(turn=chats.turn[asks["row"].to_numpy()]).drop_duplicates("turn")
    hits = _windows(chats, asks["row"].to_numpy(), turns)
    start = dict(zip(asks["row"], zip(asks["start"], asks["end"], strict=True), strict=True))
    places = [start[rows[turns - 1]] for rows in hits]
    return make_hits(
        [rows[turns - 1] for rows in hits],
        start=[a for a, _ in places],
        end=[b for _, b in places],
        why=[f"24 小时内第 {turns} 轮向同一买家要评价（这段时间共 {len(rows)} 轮）" for rows in hits],
        context=[[(int(r), "context", *start[r]) for r in rows if r != rows[turns - 1]] for rows in hits],
        decided_by="lexicon",
    )


def _windows(chats: Chats, rows: Ints, turns: int) -> list[list[int]]:
    """Asking rows of a conversation within 24 h of the first of them, where there are enough; windows do not overlap."""
    out: list[list[int]] = []
    window: list[int] = []
    ordered = rows[np.lexsort((rows, chats.conversation[rows]))]
    for row in ordered.tolist():
        same = bool(window) and chats.conversation[window[0]] == chats.conversation[row]
        near = same and bool(within_a_day(chats, np.array([window[0]]), np.array([row]))[0])
        if near:
            window.append(row)
            continue
        if len(window) >= turns:
            out.append(window)
        # turns of the window that ended may still lie within a day of this one
        window = (
            []
            if len(window) >= turns or not same
            else [r for r in window[1:] if within_a_day(chats, np.array([r]), np.array([row]))[0]]
        )
        window.append(row)
    if len(window) >= turns:
        out.append(window)
    return out


EXAMPLES = """
"""
