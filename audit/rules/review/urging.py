"""REV004 review.urging 频繁催评"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Ints
from audit.rules.model import rule
from audit.shapes.hits import make_hits, no_hits
from audit.shapes.review_spans import INCENTIVE
from audit.shapes.reviews import invitations, of_kind, pressure, within_a_day


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
    """24 小时内对同一买家有两轮或更多的消息要好评、要评价或要求改评。

    为什么：抖音把频繁联系消费者要好评、改评价列为骚扰他人；买家说了不评还催，最容易换来差评。
    不算违规：同一轮里的几句；相隔超过 24 小时；系统邀评；感谢评价、说明规则、回答在哪里评价。
    已知误报：两轮分属不同订单。
    选项：turns 几轮算频繁。
    依据：DY-7。按整个对话计算，不分账号和会话；人工、自动、机器人消息都算；记在第二轮上，
    24 小时内更多轮并入同一条。恰好 24 小时算在内。
    """
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
    """Asking rows of a conversation within 24 h of the first, where there are enough; windows do not overlap."""
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
B 收到了
A 满意请给个好评哦
B 好
A «别忘了好评»哦

10:00:00 B 收到了
10:01:00 A 求个五星
15:00:00 B 有安装视频吗
15:01:00 A 有的，发您了，«麻烦给个好评»

2026-11-10 10:00:00 B 收到了
2026-11-10 10:01:00 A 求个好评
2026-11-11 10:00:00 B 怎么洗
2026-11-11 10:01:00 A 可以机洗，«记得给个好评»

B 谢谢
A 麻烦给我的服务打个分
B 嗯
A «点个非常满意»就行

B 到了
A(auto) 满意请给五星好评
B 好
A «麻烦给个好评»

B @客服1 到了
A @客服1 求个好评
B @客服2 发票呢
A @客服2 开好了，«麻烦给个五星»

# platform=pdd
B 到了
A 求五星好评
B 在忙
A 忙完«记得五星好评»

B 差评我写的
A 麻烦把差评删一下
B 不删
A «差评就撤了吧，麻烦改成好评»

B 到了
A 求好评
B 等下
A «记得好评»哦
B 知道了
A 好评别忘了哦

# turns=3
B 到了
A 求好评
B 等下
A 记得好评哦
B 知道了
A «别忘了好评»哦

B 收到了
A 满意请给个好评
A 带图更好哦

2026-11-10 10:00:00 B 收到了
2026-11-10 10:01:00 A 求个好评
2026-11-11 10:00:00 B 怎么洗
2026-11-11 10:01:01 A 可以机洗，记得给个好评

B 收到了
A 求个好评
E order {"order_id":"5501"}
A 麻烦给个五星

B 收到了
E system_invite
B 好
A 满意请给个好评

B 收到了
A 求个好评
B 给了
A 谢谢您的好评

B 收到了
A 求个好评
B 有返现吗
A 平台不允许好评返现的

B 收到了
A 求个好评
B 黑色好看吗
A 好看，评价区有买家晒图

B 怎么评价
A 订单页点评价
B 然后呢
A 选星级再提交就可以
"""
