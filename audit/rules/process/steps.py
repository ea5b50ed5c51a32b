"""PRC003 process.steps 未按标准流程"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import join_hits, make_hits, no_hits
from audit.shapes.per_session import first_from, first_row, last_row
from audit.shapes.phrases import holds_phrase


@rule(
    "PRC003",
    "process.steps",
    "未按标准流程",
    unit="session",
    severity="minor",
    topic="话术",
    needs=("profile:steps",),
    cite="[001] 路径2：制定标准化接待流程",
)
def check(chats: Chats) -> pd.DataFrame:
    """店铺档案写明的接待步骤，会话里少了一步，或顺序颠倒。

    为什么：标准流程保证每位买家得到同样完整的接待，新客服也不会漏掉关键一步。
    不算违规：一步只要说出任一用语就算完成，自动消息和机器人说的也算；几步写在同一句里；没有买家提问或没有人工回复的会话。
    已知误报：用意思相同、档案里没有列出的话完成了这一步。
    选项：无；步骤和用语写在 shop.yaml 的 steps。
    依据：[001] 路径2。一次会话记一次，列出全部缺漏；会话未结束时待定。
    """
    asks = first_row(chats, chats.needs_reply) < len(chats)
    last = last_row(chats, chats.human)
    parts = []
    for _, profile, rows in chats.shop_rows():
        steps = getattr(profile, "steps", ())
        if not steps:
            continue
        mine = np.flatnonzero(asks & (last >= 0) & rows[chats.sessions["first_row"].to_numpy()])
        if len(mine):
            said = [chats.seller & holds_phrase(chats.texts, s.any_of)[chats.text_id] for s in steps]
            parts.append(_faults(chats, mine, last[mine], [s.name for s in steps], said))
    return join_hits(*parts) if parts else no_hits()


def _faults(chats: Chats, sessions: Ints, last: Ints, names: Sequence[str], said: Sequence[Bools]) -> pd.DataFrame:
    """HITS of the sessions in which a step is missing or stands before the one that it ought to follow."""
    n = len(chats)
    begin = chats.sessions["first_row"].to_numpy()[sessions]
    firsts = [first_row(chats, rows)[sessions] for rows in said]
    place = begin
    missing, early = [], []
    for first, rows in zip(firsts, said, strict=True):
        found = first_from(chats, rows, sessions, place)
        missing.append(first == n)
        early.append((found == n) & (first < n))
        place = np.where(found < n, found, place)
    row = np.where(missing[0], first_from(chats, chats.human, sessions, begin), last)
    for first, wrong in zip(firsts[::-1], early[::-1], strict=True):
        row = np.where(wrong, first, row)
    bad = np.flatnonzero(np.any(missing, axis=0) | np.any(early, axis=0))
    why = []
    for i in bad:
        lacking = "、".join(f"“{name}”" for name, m in zip(names, missing, strict=True) if m[i])
        astray = "、".join(f"“{name}”" for name, m in zip(names, early, strict=True) if m[i])
        faults = (f"缺少步骤{lacking}" if lacking else "", f"步骤{astray}顺序不对" if astray else "")
        told = "；".join(f for f in faults if f)
        why.append(f"按本店流程应依次为{'、'.join(names)}，这次会话{told}")
    over = chats.over[row[bad]]
    return make_hits(row[bad], why=why, state=np.where(over, "violation", "pending").astype(object))


EXAMPLES = """
# steps=问候:您好|在的;核对:订单号|核对
10:00:00 B 发货了吗
! 10:00:20 A 请发一下订单号

# steps=问候:您好|在的;核对:订单号|核对
10:00:00 B 发货了吗
10:00:20 A 您好
! 10:00:40 A 今天发

# steps=问候:您好;核对:订单号;结束:生活愉快
10:00:00 B 物流停了
10:00:20 A 您好，请发一下订单号
10:00:40 B 88002
! 10:01:00 A 已经催件

# steps=问候:您好|在的;核对:订单号|核对
10:00:00 B 发货了吗
! 10:00:20 A 请发一下订单号
10:00:40 B 88001
10:01:00 A 您好，今天发

# steps=致歉:抱歉|对不起;方案:补发|退款
10:00:00 B 碗碎了
! 10:00:20 A 给您补发

# steps=致歉:抱歉|对不起;方案:补发|退款
10:00:00 B 少一件
! 10:00:20 A 给您补发
10:00:40 B 好
10:01:00 A 抱歉给您添麻烦

# steps=问候:您好;核对:订单号
10:00:00 B 您好，我的订单号是88001
10:00:20 A 您好
! 10:00:40 A 今天发出

# steps=问候:您好;核对:订单号 as_of=2026-11-10T10:30:00 state=pending
10:00:00 B 发货了吗
! 10:00:20 A 您好，我看一下

# steps=问候:您好|在的;核对:订单号|核对
10:00:00 B 发货了吗
10:00:20 A 您好，请发一下订单号

# steps=问候:您好|在的;核对:订单号|核对
10:00:00 B 有货吗
10:00:20 A 在的，有货
10:05:00 B 那我拍了
10:05:20 A 麻烦核对一下地址

# steps=问候:您好;核对:订单号
10:00:00 B 物流
10:00:20 A 您好，请提供訂單號
10:00:40 B 88001
10:01:00 A 您好，查到了

# steps=问候:您好;核对:订单号
10:00:00 B 物流
10:00:02 R 您好，很高兴为您服务
10:00:20 A 请发一下订单号

# steps=问候:您好;核对:订单号
10:00:00 B 物流
10:00:20 A 请发一下订单号，您好

# steps=问候:您好;核对:订单号
10:00:00 B 物流
10:00:02 R 请点击订单查看

# steps=问候:您好;核对:订单号
10:00:00 A 您的包裹明天送到，请留意

# steps=问候:您好;核对:订单号
10:00:00 A 您好，您的订单号88001已发货
10:00:40 B 好的
10:01:00 A 祝您生活愉快

10:00:00 B 发货了吗
10:00:20 A 今天发
"""
