"""PRC004 process.transfer_note 转接未说明"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.responsible import transfer_ends
from audit.chats.waits import Bools, Ints
from audit.ingest.roles import is_robot
from audit.rules.model import rule
from audit.shapes.cases import content, repeats, words
from audit.shapes.hits import join_hits, make_hits, quotes
from audit.shapes.per_session import first_after, first_row, last_before

_SELLER_TURNS = 2  # telling the buyer counts in the last two seller turns before the transfer


@rule(
    "PRC004",
    "process.transfer_note",
    "转接未说明",
    unit="session",
    severity="minor",
    topic="话术",
    needs=("event:transfer", "lexicon:transfer_note"),
    cite="[002] 解决方案三：优化转接待话术，告知买家正在查看历史聊天记录",
)
def check(chats: Chats, *, case_days: float = 30) -> pd.DataFrame:
    """转接前没有告诉买家；或接手的客服（同一件事再次进线时换了人也算）第一轮没有说明已看前情。

    为什么：买家不知道换了人，还要从头再说一遍，是多次进线满意率低的主要原因。
    不算违规：转接前两轮里说过要转接；接手方说正在看聊天记录、请稍等，或直接针对买家的问题处理；机器人转人工、买家自己点换客服。
    已知误报：转接是在别的窗口里告诉买家的。
    选项：case_days 多少天内再次进线可能是同一件事。
    依据：[002]。两种过失各记各的：没有告知记转出的客服，没有说明记接手的客服；会话未结束、接手方第一轮还没说完时待定。
    """
    moves = _between_people(chats)
    row = moves["row"].to_numpy()
    untold = ~_told(chats, row, moves["source"].to_numpy(dtype=object)) if len(row) else np.zeros(0, dtype=bool)
    silent = make_hits(
        row[untold],
        agent=moves["source"].to_numpy(dtype=object)[untold],
        why=[f"转接{_to(t)}之前没有告诉买家" for t in moves["target"].to_numpy(dtype=object)[untold]],
    )
    first, cause = _receivers(chats, moves)
    again, earlier = _repeats(chats, case_days)
    starts, causes = np.append(first, again), np.append(cause, earlier)
    unread = ~_acknowledged(chats, starts)
    starts, causes = starts[unread], causes[unread]
    after = first_after(chats, chats.buyer, starts)
    done = chats.over[starts] | (after < len(chats))
    passed = chats.transfer[causes]
    why = [
        f"接手{'转接' if p else '同一件事的再次进线'}后，第一轮“{q}”没有说明已看前情"
        for q, p in zip(quotes(chats, starts), passed, strict=True)
    ]
    blank = make_hits(
        starts,
        state=np.where(done, "violation", "pending").astype(object),
        why=why,
        context=[[(int(c), "context", -1, -1)] for c in causes],
    )
    return join_hits(silent, blank)


def _to(target: str) -> str:
    return f"给“{target}”" if target else ""


def _between_people(chats: Chats) -> pd.DataFrame:
    """Transfers from one person to another: row, source, target; a source that is not named is the last speaker."""
    moves = transfer_ends(chats)
    rows = moves["row"].to_numpy(dtype=np.int64)
    if not len(rows):
        return moves
    speaker = last_before(chats, chats.human, rows)
    source = moves["source"].to_numpy(dtype=object)
    source = np.where((source == "") & (speaker >= 0), chats.accounts[np.maximum(speaker, 0)], source)
    target = moves["target"].to_numpy(dtype=object)
    robots = set(chats.accounts[chats.robot]) - {""}
    asked = (chats.messages["event"] == "recovery_click").to_numpy()
    by_buyer = last_before(chats, asked, rows) > speaker
    asking = last_before(chats, chats.buyer, rows) >= 0
    keep = (source != "") & (source != target) & ~by_buyer & asking
    keep &= np.array([s not in robots and not is_robot(str(s)) for s in source], dtype=bool)
    return pd.DataFrame({"row": rows, "source": source, "target": target})[keep].reset_index(drop=True)


def _told(chats: Chats, rows: Ints, source: np.ndarray) -> Bools:
    """(rows,) bool: the buyer was told: in the last seller turns before the transfer, in the rest of the turn by the
    same account, or by the platform's own notice.
    """
    n = len(chats)
    tells = chats.has("transfer_note", "tells", chats.human)
    told = last_before(chats, tells, rows)
    speaker = last_before(chats, chats.human, rows)
    reach = chats.turn[np.maximum(speaker, 0)] - 2 * (_SELLER_TURNS - 1)
    out = (told >= 0) & (chats.turn[np.maximum(told, 0)] >= reach)
    notice = last_before(chats, (chats.messages["event"] == "transfer_notice").to_numpy(), rows)
    out |= (notice >= 0) & (notice > speaker)
    after = first_after(chats, tells, rows)
    late = np.minimum(after, n - 1)
    same = (after < n) & (speaker >= 0) & (chats.turn[late] == chats.turn[np.maximum(speaker, 0)])
    return out | same & (chats.accounts[late] == source)


def _receivers(chats: Chats, moves: pd.DataFrame) -> tuple[Ints, Ints]:
    """(first message of the receiving account, row of the transfer) for transfers that somebody else took up."""
    first, cause = [], []
    rows = moves["row"].to_numpy(dtype=np.int64)
    human = np.flatnonzero(chats.human)
    for row, source, target in moves.itertuples(index=False):
        later = rows[(rows > row) & (chats.session[rows] == chats.session[row])]
        end = later[0] if len(later) else len(chats)
        mine = human[np.searchsorted(human, row) : np.searchsorted(human, end)]
        mine = mine[chats.session[mine] == chats.session[row]]
        account = chats.accounts[mine]
        taken = mine[account == target] if target and (account == target).any() else mine[account != source]
        if len(taken):
            first.append(int(taken[0]))
            cause.append(int(row))
    return np.array(first, dtype=np.int64), np.array(cause, dtype=np.int64)


def _repeats(chats: Chats, days: float) -> tuple[Ints, Ints]:
    """Repeat contacts with a new account: (its first message, the buyer's row that takes the case up)."""
    begin, human = chats.sessions["first_row"].to_numpy(), first_row(chats, chats.human)
    old = chats.previous(chats.human)[begin]
    there = (human < len(chats)) & (old >= 0)
    there[there] = chats.accounts[human[there]] != chats.accounts[old[there]]
    there &= first_row(chats, chats.transfer) > human
    found = repeats(chats, days, there)
    fresh = np.ones(len(found.session), dtype=bool)
    for i, (number, since) in enumerate(zip(found.session, found.since, strict=True)):
        before = np.arange(since, begin[number])
        known = chats.accounts[before[chats.human[before]]]
        fresh[i] = len(known) > 0 and chats.accounts[found.human[i]] not in set(known)
    return found.human[fresh], found.asked[fresh]


def _acknowledged(chats: Chats, starts: Ints) -> Bools:
    """(starts,) bool: the account's first turn says that it has read, asks for a moment, acts, or takes up the matter
    in its own words without asking for it again.
    """
    says = chats.has("transfer_note", "acknowledges") | chats.agent_says("hold") | chats.agent_says("offer")
    asks = chats.has("asks_info", "problem") | chats.has("asks_info", "order_no")
    out = np.zeros(len(starts), dtype=bool)
    human = np.flatnonzero(chats.human)
    for i, start in enumerate(starts):
        turn = human[np.searchsorted(human, start) :][:20]
        turn = turn[(chats.turn[turn] == chats.turn[start]) & (chats.accounts[turn] == chats.accounts[start])]
        said = words(chats, turn)
        if says[turn].any():
            out[i] = True
        elif not asks[turn].any() and "什么" not in said and "哪" not in said:
            earlier = np.arange(max(0, start - 60), start)
            earlier = earlier[chats.buyer[earlier] & (chats.session[earlier] == chats.session[start])]
            out[i] = bool(content(said) & content(words(chats, earlier)))
    return out


EXAMPLES = """
## not told
# agent=客服1
10:00:00 B @客服1 空调不制冷
10:00:20 A @客服1 您好，什么时候买的
! 10:01:00 E transfer {"from":"客服1","to":"客服2"}
10:01:30 A @客服2 您好，正在查看聊天记录，请稍等

10:00:00 B @客服1 充值没到账
! 10:00:40 E transfer {"from":"客服1","to":"客服2"}
10:01:00 A @客服2 您好，我看了您的聊天记录，马上给您核实

# agent=客服1
10:00:00 B 发票能改抬头吗
10:00:20 A @客服1 请提供新抬头
! 10:01:00 E transfer {"to":"财务"}
10:01:30 A @财务 聊天记录我看过了，抬头今天改好

## told, but the second agent starts anew
# agent=售后
10:00:00 B @客服1 电饭煲跳闸
10:00:20 A @客服1 我帮您转接售后同事
10:00:40 E transfer {"from":"客服1","to":"售后"}
! 10:01:00 A @售后 您好，请问有什么可以帮您

10:00:00 B @客服1 面霜过敏了
10:00:20 A @客服1 这边为您转接专员处理
10:00:40 E transfer {"from":"客服1","to":"售后"}
! 10:01:00 A @售后 什么问题

10:00:00 B @客服1 冰箱门关不严
10:00:20 A @客服1 给您转接安装售后
10:00:40 E transfer {"from":"客服1","to":"安装"}
! 10:01:00 A @安装 您好，我是安装客服

## both
10:00:00 B @客服1 草莓压烂了
! 10:00:40 E transfer {"from":"客服1","to":"售后"}
! 10:01:00 A @售后 亲，有什么需要

## repeat contact about the same case
2026-11-10 10:00:00 B @客服1 洗衣机漏水
2026-11-10 10:00:30 A @客服1 您好，已登记，师傅明天联系您
2026-11-11 15:00:00 B @客服2 还是昨天洗衣机漏水的事，师傅没来
! 2026-11-11 15:00:30 A @客服2 您好，请问有什么可以帮您

2026-11-10 10:00:00 B @客服1 订单88001的鞋子开胶了
2026-11-10 10:00:30 A @客服1 您好，给您登记换货
2026-11-12 10:00:00 B @客服2 订单88001换货怎么样了
! 2026-11-12 10:00:30 A @客服2 什么换货

# as_of=2026-11-10T10:05:00 state=pending
10:00:00 B @客服1 电饭煲跳闸
10:00:20 A @客服1 我帮您转接售后同事
10:00:40 E transfer {"from":"客服1","to":"售后"}
! 10:01:00 A @售后 您好，我是售后小林

10:00:00 B @客服1 空调不制冷
10:00:20 A @客服1 我帮您转接售后
10:00:40 E transfer {"from":"客服1","to":"售后"}
10:01:00 A @售后 您好，正在查看聊天记录，请稍等

10:00:00 B @客服1 我要找主管
10:00:20 A @客服1 好的，帮您转接主管
10:00:30 B @客服1 快点
10:00:40 E transfer {"from":"客服1","to":"主管"}
10:01:00 A @主管 您好，您的情况我了解了

10:00:00 B @客服1 鞋子开胶了
10:00:20 A @客服1 帮您转接售后
10:00:40 E transfer {"from":"客服1","to":"售后"}
10:01:00 A @售后 您好，开胶的鞋子给您换一双

10:00:00 B 鞋子开胶了
10:00:02 R 正在为您转人工
10:00:10 E transfer {"from":"店小蜜","to":"客服1"}
10:00:30 A @客服1 您好，麻烦拍张开胶的照片

10:00:00 B @客服1 服务太差了
10:00:20 E recovery_click
10:00:21 E transfer {"from":"客服1","to":"二线"}
10:01:00 A @二线 您好，正在看您和同事的聊天记录

2026-11-10 10:00:00 B @客服1 裙子有S吗
2026-11-10 10:00:30 A @客服1 您好，有S
2026-11-12 10:00:00 B @客服2 电饭煲有几升的
2026-11-12 10:00:30 A @客服2 您好，有三升和五升

2026-11-10 10:00:00 B @客服1 洗衣机漏水
2026-11-10 10:00:30 A @客服1 您好，已登记
2026-11-11 15:00:00 B @客服1 昨天漏水的事师傅还没来
2026-11-11 15:00:30 A @客服1 您好，请问什么问题

2026-11-10 10:00:00 B @客服1 洗衣机漏水
2026-11-10 10:00:30 A @客服1 您好，已登记
2026-11-11 15:00:00 B @客服2 昨天漏水的事还没人来
2026-11-11 15:00:30 A @客服2 您好，正在查看昨天的聊天记录，马上给您催

10:00:00 B @客服1 屏碎了
10:00:20 A @客服1 我幫您轉接售後
10:00:40 E transfer {"from":"客服1","to":"售后"}

10:00:00 B @客服1 谢谢
10:00:20 A @客服1 祝您生活愉快
10:00:40 E close {"by":"客服1"}
"""
