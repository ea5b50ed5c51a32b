"""REV006 review.bulk_invite 批量邀评"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import no_hits
from audit.shapes.reviews import invitations, open_issue, span_hits, turn_texts

_NOT_YET = re.compile(
    r"还没|还未|没有?(?:到|收到|发|寄|联系|处理|退|补|解决|弄好)|什么时候|多久|错了|弄错|开错|少了|"
    r"[断坏裂破碎漏烂脏]了"
)
#: the agent's own words that something is still to be done
_PENDING = re.compile(
    r"(?:给|帮|为)[您你](?:处理|登记|核实|申请|催)|正在|稍等|在申请|在处理|重开|还没|还未|[今明后]天(?:寄|补)|"
    r"天内(?:到|退|处理|寄|补|回复)"
)
#: asks for a review of goods that are still to come: the question before it is answered
_LATER = re.compile(r"(?:收到|到货|签收|拿到|用|试|穿|吃|装)(?:了|过|货|好)*(?:之?后|以后|再|满意|喜欢|觉得)")


@rule(
    "REV006",
    "review.bulk_invite",
    "批量邀评",
    unit="message",
    severity="minor",
    topic="话术",
    needs=("lexicon:rating_invite",),
    cite="[002] a：只邀请问题已解决、认可服务的买家，避免批量直接对所有买家邀评",
)
def check(chats: Chats, *, share: float = 0.5, min_sessions: int = 5) -> pd.DataFrame:
    """同一句邀评发给一个账号一半以上的会话，或者问题还没解决就邀评。

    为什么：不看人、不看时机地邀评拉低满意率；问题没解决时邀评，等于请买家给差评。
    不算违规：买家认可处理结果之后的邀评，且同一句没有发给一半会话；系统邀评；答完问题请买家收到货以后评价。
    已知误报：买家的话是反问或寒暄，被当作没解决的问题。
    选项：share 同一句邀评占该账号会话的比例；min_sessions 账号至少有几个会话才算比例。
    依据：[002] a。同一句指去掉标点、表情和语气词后一样的小句；自动和机器人消息也算；每条这样的邀评记一次。
    """
    asks = invitations(chats).drop_duplicates("row").reset_index(drop=True)
    if not len(asks):
        return no_hits()
    sessions, total = reach(chats, asks["row"].to_numpy(), asks["said"].tolist())
    bulk = (total >= min_sessions) & (sessions >= share * total)
    early = unsettled(chats, asks["row"].to_numpy())
    keep = bulk | early
    why = [
        "；".join(
            part
            for part, true in (
                (
                    f"同一句邀评发给了该账号 {total[i]} 个会话中的 {sessions[i]} 个"
                    f"（{sessions[i] / max(total[i], 1):.0%}）",
                    bulk[i],
                ),
                ("买家的问题还没解决就邀评", early[i]),
            )
            if true
        )
        for i in np.flatnonzero(keep)
    ]
    return span_hits(chats, asks[keep].reset_index(drop=True), why)


def reach(chats: Chats, rows: Ints, said: list[str]) -> tuple[Ints, Ints]:
    """For each invitation: in how many sessions its account sent this text, and in how many the account spoke."""
    shop, account = chats.shop_number, pd.factorize(chats.accounts)[0]
    owner = pd.factorize(shop * (int(account.max(initial=0)) + 1) + account)[0].astype(np.int64)
    width = len(chats.sessions) + 1
    spoke = np.unique(owner[chats.seller] * width + chats.session[chats.seller])
    total = np.bincount(spoke // width, minlength=int(owner.max(initial=0)) + 1)
    text = pd.factorize(np.array(said, dtype=object))[0].astype(np.int64)
    sent = pd.factorize(owner[rows] * (int(text.max(initial=0)) + 1) + text)[0].astype(np.int64)
    pairs = np.unique(sent * width + chats.session[rows])
    return np.bincount(pairs // width, minlength=int(sent.max(initial=0)) + 1)[sent], total[owner[rows]]


def unsettled(chats: Chats, rows: Ints) -> Bools:
    """(rows,) bool: in a dispute, or the buyer's last turn before it asks, urges or complains and accepts nothing."""
    settled = chats.buyer_is("settled") | chats.buyer_is("thanks")
    issue = open_issue(chats)
    complaint = chats.buyer_is("complaint")
    last = chats.previous(chats.buyer)[rows]
    known = last >= 0
    known[known] = chats.session[last[known]] == chats.session[rows[known]]
    out = chats.in_dispute[rows] & known
    for i in np.flatnonzero(known):
        turn = _turn(chats, int(last[i]))
        if settled[turn].any():
            continue
        answer = turn_texts(chats, np.arange(last[i] + 1, rows[i] + 1))
        waits = _NOT_YET.search(turn_texts(chats, turn)) is not None
        later = _LATER.search(answer) is not None and not waits and not complaint[turn].any()
        out[i] |= waits or _PENDING.search(answer) is not None or (issue[turn].any() and not later)
    return out


def _turn(chats: Chats, last: int) -> Ints:
    first = last
    while first > 0 and chats.session[first - 1] == chats.session[last] and chats.side[first - 1] != 1:
        first -= 1
    turn = np.arange(first, last + 1)
    return turn[chats.buyer[turn]]


EXAMPLES = """
B 退款怎么还没到
! A 三天内到，麻烦先给个好评哦

B 杯子裂了
! A 麻烦给我的服务打个分

B 这个能机洗吗
! A 满意请给个五星好评

B 发货了吗
! A 还没呢，求个好评支持一下

B 会员没到账
! A(auto) 服务满意请给五星

B 师傅什么时候来
! A 正在派单，麻烦给客服五星

# platform=douyin
B 口红断了
! A 给您处理，先给个五星好评吧

B 裤子破洞了
A 抱歉，给您补发
B 我要退款
! A 求个五星好评

# min_sessions=2
B(s=1) 白色有吗
A(s=1) 有的
B(s=1) 好的谢谢
! A(s=1) 满意请给个好评哦
B(s=2) 几天到
A(s=2) 三天
B(s=2) 知道了谢谢
! A(s=2) 满意请给个好评

# min_sessions=3
B(s=1) 白色有吗
A(s=1) 有的
B(s=1) 好的谢谢
A(s=1) 满意请给个好评哦
B(s=2) 几天到
A(s=2) 三天
B(s=2) 知道了谢谢
A(s=2) 满意请给个好评

# min_sessions=2
B(s=1) 白色有吗
A(s=1) 有的
B(s=1) 好的谢谢
A(s=1) 满意请给个好评哦
B(s=2) 几天到
A(s=2) 三天
B(s=2) 知道了谢谢
A(s=2) 不客气
B(s=3) 包邮吗
A(s=3) 包邮的

B 少了一个螺丝
A 已经补发了
B 收到了，解决了谢谢
A 麻烦给个好评哦

B 明天能到吗
A 能到，收到后满意请给个好评

B 谢谢
E system_invite

B 怎么还没到
E system_invite
A 明天到

B 碎了
A 抱歉，给您补发
B 谢谢
A 不客气

B 在哪里评价
A 订单页就能评价

B 处理好我就给好评
A 马上给您处理
"""
