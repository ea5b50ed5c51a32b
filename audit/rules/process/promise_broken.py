"""PRC006 process.promise_broken 承诺未履行"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND, Bools
from audit.rules.model import rule
from audit.shapes.hits import make_hits, moment, no_hits, quotes, span_text
from audit.shapes.promises import BROKEN, PENDING, promises


@rule(
    "PRC006",
    "process.promise_broken",
    "承诺未履行",
    unit="message",
    severity="major",
    topic="话术",
    needs=("times", "lexicon:promise"),
    cite="[001] 及时履约；TB-4 违背承诺",
)
def check(chats: Chats, *, days: float = 30) -> pd.DataFrame:
    """客服承诺了稍后回复、今天发、24小时内答复、补差价等，聊天显示到时没有做到。

    为什么：说了不做比不说更伤人，平台按违背承诺处理，买家投诉时聊天记录就是证据。
    不算违规：恰好到点做到；说“一般”“预计”“尽量”；带条件或征求意见的话；买家自己说不用了、已解决；到时之前另约了时间（发货、退款等）；
        发货、退款、来电等买家没有说没做到的（看不出，不计分）。
    已知误报：结果在电话或售后单里告知；承诺之后别的客服回答了另一个问题会被当作已答复（漏报）。
    选项：days 到时以后多少天内买家说没做到仍算。
    依据：[001]、TB-4。“今天”到当天 24:00，“稍后”“尽快”和没说时间的为 24 小时，上午、下午到 12:00、18:00，
        “N 天内”到第 N 天 24:00，“N 分钟后”“左右”放宽一倍；“收到退货后”之类先要别人做的，不判。
        只说“稍等”“帮您查”、没有时间的归 RSP009，说了时间或说好再回复的归本条。
        答应在聊天里回复的看聊天，到时只有“稍等”或又一次“尽快回复”不算；
        接连几次答应回复、一直没有下文，只记最早到时的一次。
        答应回复而未到时的列为待定；其他承诺未到时不列，见 audit promises。
    """
    ledger = promises(chats, days)
    reply = (ledger["kind"] == "reply").to_numpy()
    status = ledger["status"].to_numpy(dtype=object)
    keep = (status == BROKEN) | (status == PENDING) & reply
    ledger = ledger[keep & (~reply | _earliest(chats, ledger, keep & reply))]
    if not len(ledger):
        return no_hits()
    row, due, settled = (ledger[c].to_numpy(dtype=np.int64) for c in ("row", "due", "settled_by"))
    reply = (ledger["kind"] == "reply").to_numpy()
    pending = ledger["status"].to_numpy(dtype=object) == PENDING
    start, end = ledger["start"].to_numpy(dtype=np.int64), ledger["end"].to_numpy(dtype=np.int64)
    answered = np.where(reply & (settled >= 0), chats.time[settled], NO_TIME)
    texts = chats.messages["text"].iloc[row].tolist()
    after = [
        "尚未到时"
        if p
        else f"买家 {at} 说“{q}”"
        if not r
        else f"{at} 才有下文，晚了{span_text((t - d) / SECOND)}"
        if s >= 0
        else "到时没有下文"
        for p, r, s, q, at, t, d in zip(
            pending, reply, settled, quotes(chats, np.maximum(settled, 0)), moment(chats.time[settled]), answered, due,
            strict=True,
        )
    ]  # fmt: skip
    said, until = moment(chats.time[row]), moment(due)
    why = [
        f"客服 {at} 承诺“{t[a:b]}”，应在 {d} 前做到，{rest}"
        for at, t, a, b, d, rest in zip(said, texts, start, end, until, after, strict=True)
    ]
    return make_hits(
        row,
        start=start,
        end=end,
        opened_at=chats.time[row],
        deadline=due,
        closed_at=answered,
        state=np.where(pending, "pending", "violation").astype(object),
        why=why,
        context=[[(int(s), "context", -1, -1)] if s >= 0 else None for s in settled],
        decided_by="lexicon",
    )


def _earliest(chats: Chats, ledger: pd.DataFrame, among: Bools) -> Bools:
    """(promises,) bool: of promises to reply with no answer in between, the one that is due first."""
    out = np.zeros(len(ledger), dtype=bool)
    place = np.flatnonzero(among)
    row, due, settled = (ledger[c].to_numpy(dtype=np.int64)[place] for c in ("row", "due", "settled_by"))
    answer = np.where(settled >= 0, settled, len(chats))
    order = np.lexsort((row, due, answer, chats.conversation[row]))
    chain = np.stack([chats.conversation[row], answer])[:, order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (chain[:, 1:] != chain[:, :-1]).any(axis=0)
    out[place[order[first]]] = True
    return out


EXAMPLES = """
## a chat reply: by the end of the day, by the hour, by the minute
10:00:00 B 差价能退吗
10:00:20 A «今天给您答复»

10:00:00 B 发票抬头开错了
10:00:20 A 我去问下财务，«24小时内给您答复»
2026-11-11 10:00:21 A 财务改好了，新发票发您邮箱了

10:00:00 B 包裹三天没动了
10:00:20 A «下午三点前给您回复»
10:30:00 A 稍等哦
15:00:01 A 快递说车坏在路上，明天派

10:00:00 B 这个能改地址吗
10:00:20 A «5分钟内回复您»
10:20:00 B 好了吗
10:20:30 A 改好了，新地址已经生效

10:00:00 B 退货运费谁出
10:00:20 A «稍后回复您»
2026-11-12 09:00:00 B 在吗
2026-11-12 09:01:00 A 运费我们出，您先垫付

## a second promise is no reply; one finding
10:00:00 B 什么时候有黑色
10:00:20 A «今天下午给您答复»
17:00:00 B 有消息没
17:01:00 A 尽快回复您

## a hold with a named time
10:00:00 B 订单怎么显示关闭
10:00:20 A «稍等5分钟»哦
10:40:00 A 超时未付款自动关了

## other promises: the buyer says so after their time
10:00:00 B 我的衣服怎么还没动静
10:00:20 A 亲，«今天给您发»
2026-11-11 09:00:00 B 昨天说好的，怎么还没发货
2026-11-11 09:01:00 A 抱歉

10:00:00 B 刚买就降了20
10:00:20 A 好的，«给您退差价»20元
2026-11-12 09:00:00 B 差价一直没退
2026-11-12 09:01:00 A 我看下

10:00:00 B 少了两个杯子
10:00:20 A «明天给您补发»
2026-11-13 09:00:00 B 补发的没有物流啊，你们说话不算数
2026-11-13 09:01:00 A 我看下

10:00:00 B 洗衣机怎么装
10:00:20 A «48小时内专员会电话联系您»
2026-11-13 09:00:00 B 没人联系我啊
2026-11-13 09:01:00 A 我催一下

# agent=客服1
10:00:00 B @客服1 我要的赠品没给
10:00:20 A @客服1 赠品«明天发»
2026-11-12 10:00:00 B @客服2 赠品到现在也没寄
2026-11-12 10:01:00 A @客服2 给您看下

# as_of=2026-11-10T20:00:00 state=pending
10:00:00 B 差价能退吗
10:00:20 A «今天给您答复»

## untimed hold words that promise to come back, and shorter grace where it is said
# days=1
10:00:00 B 坏了怎么换
10:00:20 A «一会儿给您回复»
2026-11-11 10:00:21 A 换新已经登记

## kept: in time, exactly in time
10:00:00 B 差价能退吗
10:00:20 A 今天给您答复
23:59:59 A 可以退您8元，已经提交

10:00:00 B 发票抬头开错了
10:00:20 A 24小时内给您答复
2026-11-11 10:00:20 A 财务改好了，请查收邮箱

10:00:00 B 包裹三天没动了
10:00:20 A 我问下快递，稍后回复您
10:40:00 A 快递说车坏在路上，明天派

## kept by another agent
10:00:00 B @客服1 能改地址吗
10:00:20 A @客服1 10分钟内回复您
10:05:00 A @客服2 改好了，发到新地址

## not visible: the buyer says nothing, or speaks before the time is up
10:00:00 B 什么时候发
10:00:20 A 今天给您发
2026-11-11 10:00:00 B 这个能机洗吗
2026-11-11 10:00:20 A 可以的

10:00:00 B 什么时候发
10:00:20 A 明天给您发
15:00:00 B 还没发货啊
15:00:20 A 说的是明天哦

## the buyer had it before
10:00:00 B 少了两个杯子
10:00:20 A 明天给您补发
2026-11-13 09:00:00 B 补发的收到了
2026-11-15 09:00:00 B 杯垫没有发，是要单买吗
2026-11-15 09:01:00 A 要单买

## another time is set before the first one has passed
10:00:00 B 今天能发吗
10:00:20 A 今天给您发
18:00:00 B 发了吗
18:00:30 A 抱歉仓库盘点，明天给您发
2026-11-11 09:00:00 B 还没发货
2026-11-11 09:00:30 A 今晚出库

## withdrawn, settled
10:00:00 B 这个能改颜色吗
10:00:20 A 我问下仓库，稍后回复您
10:30:00 B 不用了，就要白的

10:00:00 B 优惠券用不了
10:00:20 A 技术在看，今天给您答复
10:30:00 B 现在可以用了，谢谢

## waits for something else
10:00:00 B 退货的钱呢
10:00:20 A 仓库收到退货就给您退款
2026-11-13 09:00:00 B 还没退
2026-11-13 09:00:20 A 仓库还没签收呢

## hedged, asked, under a condition, of the buyer
10:00:00 B 发货要多久
10:00:20 A 一般48小时内发货
2026-11-13 09:00:00 B 还没发货
2026-11-13 09:00:20 A 今天出库

10:00:00 B 杯子碎了一个
10:00:20 A 给您补发一个可以吗
2026-11-13 09:00:00 B 你们也没补发啊
2026-11-13 09:00:20 A 您没回我，这就登记

10:00:00 B 买贵了
10:00:20 A 如果七天内降价，给您退差价
2026-11-13 09:00:00 B 差价没退啊
2026-11-13 09:00:20 A 七天内没降过价哦

10:00:00 B 衣服不合身
10:00:20 A 您明天寄回来就行
2026-11-12 09:00:00 B 我还没寄
2026-11-12 09:00:20 A 不急

## a plain hold is RSP009's
10:00:00 B 能退差价吗
10:00:20 A 稍等，我看下

## a robot promises nothing
10:00:00 B 能退差价吗
10:00:02 R 客服稍后回复您
"""
