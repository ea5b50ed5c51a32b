"""PRC005 process.no_apology 未致歉"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND, Ints
from audit.rules.model import rule
from audit.shapes.complaints import own_complaint
from audit.shapes.hits import make_hits, quotes, span_text
from audit.shapes.per_session import account_after, first_row


@rule(
    "PRC005",
    "process.no_apology",
    "未致歉",
    unit="session",
    severity="minor",
    topic="话术",
    needs=("lexicon:buyer_state", "lexicon:apology"),
    cite="[001] 路径4：出现问题先致歉；话术规范",
)
def check(chats: Chats, *, after_wait: float = 180, messages: int = 5) -> pd.DataFrame:
    """买家投诉之后，或让买家等了 3 分钟以上才回复，接下来的 5 条人工消息（不足 5 条的到会话结束）里没有一句致歉。

    为什么：一句抱歉最便宜，也最能让买家愿意继续谈；没有致歉的纠纷更容易变成投诉。
    不算违规：恰好等 180 秒；致歉在第 5 条；之后没有人工消息（归响应类）；致谢、知悉之后的回复；自动消息不占 5 条。
    已知误报：问题不在店铺（物流天气原因），客服只做了解释。
    选项：after_wait 等待超过多少秒应致歉；messages 看几条人工消息。
    依据：[001] 路径4。一次会话记一次：记第一次投诉，否则记迟到的那条回复；会话未结束又不足 5 条时待定。
    """
    human = np.flatnonzero(chats.human & ~chats.recalled)
    complaint = first_row(chats, own_complaint(chats))
    complaint = complaint[complaint < len(chats)]
    late, opened = _late_replies(chats, after_wait)
    row = np.append(complaint, late)
    asked = np.append(complaint, opened)
    from_reply = np.arange(len(row)) >= len(complaint)
    order = np.lexsort((row, chats.session[row])) if len(row) else row
    row, asked, from_reply = row[order], asked[order], from_reply[order]

    human = human[np.argsort(chats.session[human], kind="stable")]
    sorry = np.append(0, np.cumsum(chats.agent_says("apology")[human]))
    key = chats.session[human] * (len(chats) + 1) + human
    first = np.searchsorted(key, chats.session[row] * (len(chats) + 1) + row)
    end = np.searchsorted(key, (chats.session[row] + 1) * (len(chats) + 1))
    last = np.minimum(first + messages, end)
    spoke, silent = last > first, sorry[last] == sorry[first]
    fault = np.flatnonzero(spoke & silent)
    fault = fault[np.unique(chats.session[row[fault]], return_index=True)[1]]
    row, asked, from_reply, first, last = row[fault], asked[fault], from_reply[fault], first[fault], last[fault]
    pending = ~chats.over[row] & (last - first < messages)
    why = []
    for i, text in enumerate(quotes(chats, asked)):
        count = int(last[i] - first[i])
        if from_reply[i]:
            waited = span_text((chats.time[row[i]] - chats.time[asked[i]]) / SECOND)
            why.append(f"买家等了{waited}才有回复，之后 {count} 条人工消息里没有致歉")
        else:
            why.append(f"买家投诉“{text}”，之后 {count} 条人工消息里没有致歉")
    after = account_after(chats, row)
    return make_hits(
        row,
        agent=[str(own) if late else a for own, late, a in zip(chats.accounts[row], from_reply, after, strict=True)],
        state=np.where(pending, "pending", "violation").astype(object),
        why=why,
        context=[None if r else [(int(human[f]), "context", -1, -1)] for r, f in zip(from_reply, first, strict=True)],
    )


def _late_replies(chats: Chats, after_wait: float) -> tuple[Ints, Ints]:
    """(reply, opening message) of the waits that lasted longer than `after_wait` seconds, for sure."""
    waits = chats.waits[~chats.waits["closer"]]
    opened, closed = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    opened, closed = opened[closed >= 0], closed[closed >= 0]
    before, after = chats.time[opened], chats.time[closed]
    timed = (before != NO_TIME) & (after != NO_TIME) & (chats.session[opened] == chats.session[closed])
    slack = np.where(chats.minutes[opened] | chats.minutes[closed], 59 * SECOND, 0)
    late = timed & (after - slack - before > int(after_wait * SECOND))
    return closed[late], opened[late]


EXAMPLES = """
# agent=客服1
! 10:00:00 B 收到的碗碎了两个
10:00:20 A 拍照给我，给您补发

! 10:00:00 B 你们态度太差了，我要投诉
10:00:20 A 您说一下是哪位客服
10:00:40 B 昨天那个
10:01:00 A 好的，已登记

! 10:00:00 B 充电宝鼓包了
10:00:20 A 您好
10:00:30 A 收到
10:00:40 A 请拍照
10:00:50 A 照片要清晰
10:01:00 A 已登记
10:01:10 A 抱歉给您带来麻烦

10:00:00 B 有货吗
! 10:03:01 A 有货

10:00:00 B 在吗
10:02:30 B 有白色吗
! 10:03:30 A 有白色

# after_wait=60
10:00:00 B 有货吗
! 10:01:01 A 有货

# messages=2
! 10:00:00 B 收到的碗碎了
10:00:20 A 您好
10:00:30 A 请拍照
10:00:40 A 抱歉给您添麻烦

! 10:00:00 B 耳机坏了
10:00:02 R 非常抱歉给您带来不便
10:00:20 A 请问保修卡还在吗

10:00:00 B 在吗
10:00:10 A 不好意思刚看到，请讲
! 10:00:30 B 收到的口红是坏的
10:00:50 A 拍个照片

# as_of=2026-11-10T10:10:00 state=pending
! 10:00:00 B 收到的锅变形了
10:00:20 A 请拍照

# agent=售后
! 10:00:00 B 收到的锅变形了
10:00:20 A @售后 可以退货
10:00:40 A @客服2 已经登记了

# times=none
! B 收到的锅变形了
A 请拍照

10:00:00 B 收到的碗碎了两个
10:00:20 A 非常抱歉，马上补发

10:00:00 B 充电宝鼓包了
10:00:20 A 您好
10:00:30 A 收到
10:00:40 A 请拍照
10:00:50 A 照片要清晰
10:01:00 A 抱歉给您带来麻烦

10:00:00 B 充电宝鼓包了
10:00:20 A 您好
10:00:30 A(auto) 请稍候
10:00:40 A(auto) 请描述问题
10:00:50 A(auto) 请留言
10:01:00 A(auto) 客服忙
10:01:10 A 對不起，給您換新

10:00:00 B 有货吗
10:03:00 A 有货

10:00:00 B 有货吗
10:03:01 A 抱歉让您久等，有货

10:00 B 有货吗
10:03 A 有货

10:00:00 B 收到的碗碎了
10:00:02 R 请描述您的问题

10:00:00 B 有货吗
10:00:20 A 有货
10:00:40 B 好的谢谢
10:30:00 A 祝您生活愉快

10:00:00 B 有货吗
10:00:20 A 有货，今天发

# times=none
B 有货吗
A 有货
"""
