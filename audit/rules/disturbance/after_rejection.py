"""DST003 disturbance.after_rejection 拒收后仍发送"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import make_hits
from audit.shapes.ledger import as_context, new_orders


@rule(
    "DST003",
    "disturbance.after_rejection",
    "拒收后仍发送",
    unit="run",
    severity="major",
    topic="规则",
    needs=("event:rejected",),
    cite="[003] 四3③：买家拒收消息后，店铺所有账号都不能给买家推送消息",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家点了“拒收消息”之后，店铺仍给他发消息（专属客服推送也算）。

    为什么：拒收之后继续打扰会被投诉、加重限制。
    不算违规：买家自己又发来消息，或有了新订单之后。
    已知误报：导出没有拒收事件时无法检查（列入覆盖）。
    选项：无。
    依据：[003]。每次拒收记一条，列出其后的全部消息，记在第一条消息的账号上。
    """
    event = chats.messages["event"]
    rejected = np.flatnonzero((event == "rejected").to_numpy())
    sent = chats.seller | (event == "member_push").to_numpy()
    again = chats.buyer | new_orders(chats)
    until = chats.following(again)[rejected]
    last = np.searchsorted(chats.conversation, chats.conversation[rejected], side="right")
    next_rejection = np.append(rejected[1:], len(chats)) if len(rejected) else rejected
    until = np.minimum(np.minimum(until, last), next_rejection)
    sent_rows = np.flatnonzero(sent)
    a, b = np.searchsorted(sent_rows, rejected), np.searchsorted(sent_rows, until)
    some = b > a
    groups = [sent_rows[i:j].tolist() for i, j in zip(a[some], b[some], strict=True)]
    rows = np.array([g[0] for g in groups], dtype=np.int64)
    context = as_context(groups, rows)
    for notes, click in zip(context, rejected[some].tolist(), strict=True):
        notes.insert(0, (click, "context", -1, -1))
    return make_hits(rows, why=[f"买家拒收消息后，仍发送了 {len(g)} 条" for g in groups], context=context)


EXAMPLES = """
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 E rejected {}
! 10:02:00 A 亲，还需要吗

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
! 2026-11-12 10:00:00 A 亲，新品上架

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
! 10:02:00 E member_push {}

10:00:00 A @客服1 亲，活动开始了
10:01:00 E rejected {}
! 10:02:00 A @客服2 亲，在吗
10:03:00 A @客服3 亲，优惠券要到期了

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
! 10:02:00 A(auto) 您的订单待付款

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
! 10:02:00 R 猜您喜欢

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
! 10:02:00 A 亲，还需要吗
10:03:00 B 别发了
10:04:00 A 好的，打扰了
10:05:00 E rejected {}
! 10:06:00 A 祝您生活愉快

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
10:01:30 E card_click {}
! 10:02:00 A 亲，还需要吗

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
10:05:00 B 有货吗
10:05:20 A 有的

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
10:05:00 E order {"order_id":"D2"}
10:05:20 A 感谢下单

10:00:00 A 亲，活动开始了
10:00:30 A 亲，在吗
10:01:00 E reject_prompt {}
10:02:00 A 打扰了

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
10:02:00 S 系统消息

# platform=douyin
10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
10:02:00 A 亲，还需要吗

10:00:00 A 亲，活动开始了
10:01:00 E rejected {}
10:02:00 E red_packet {}

10:00:00 B 有货吗
10:01:00 A 有的
"""
