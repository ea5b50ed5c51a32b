"""PRC011 process.progress 未告知进度"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.cases import repeats, words
from audit.shapes.due import times
from audit.shapes.hits import make_hits, no_hits, quotes
from audit.shapes.per_session import last_row

_CLAUSE = re.compile(r"[^，。！？；,!?;\n]+[？?]?")
_ASKS = re.compile(r"[？?]$|[吗么](?:亲|呀|哦)?$|什么|哪|多少")
#: sounds like a state and tells nothing of the case
_EMPTY = re.compile(
    r"(?:正在|在)(?:为您|帮您|给您|替您)?(?:查看|查询|查|看|翻|核实|确认|咨询|阅读)[^,，。]*|在[的呢哦]|在线|还?在吗"
    r"|已经?(?:收到您|看到您|看到了|了解|知晓|知道|明白|为您接入)[^,，。]*|(?:让|叫)您久等了?|久等了"
)
_STATE = re.compile(
    r"已经?|正在|处理中|审核中|维修中|检测中|派送中|运输中|在(?:路上|途中|派送|处理|审核|维修|检测|安排|生产|排队|走|等)"
    r"|(?:到|发|寄|退|补|换|修|赔|转|催|登记|反馈|联系|提交|安排|申请|处理|上报|通过|驳回|签收|揽收|出库|入库|拦截|取消)"
    r"(?:货|款|回|出|走|好|过|完|件|给您|到账)*了|显示|查到|结果是|通过|驳回|签收|揽收|出库|入库|卡在|停在|丢件|丢了|缺货|没货"
    r"|(?:快递|物流|仓库|师傅|财务|厂家|技术|站点|平台|工厂|主管|领导|售后)(?:那边|这边|部)?(?:说|回|讲|反馈|答复|还没|还在|要|需要?|定|同意|不同意)"
    r"|还(?:没|在|要|差|需|得)|不能|不支持|不可以|无法|没办法|不予|同意|批了|没批|退不了|换不了|补不了"
)
#: the buyer presses for what is still to be done, and does not merely mention it
_PRESSES = re.compile(
    r"没|不(?:到|见|来|退|发|处理)|怎么样|进度|进展|处理|结果|解决|呢(?:$|[\s,，。?？])|什么时候|多久|几天|何时|几时|催|一直|等|拖|怎么还|到现在|说好|答应"
)
_REMEDY = re.compile(r"退|换|补|赔|重发|重新|寄|上门|免费|维修")


@rule(
    "PRC011",
    "process.progress",
    "未告知进度",
    unit="session",
    severity="minor",
    topic="工作台",
    needs=("lexicon:remedy", "lexicon:asks_info"),
    cite="[002] c：多次进线的买家要的是进展，应告知处理到哪一步、下次什么时候答复",
)
def check(chats: Chats, *, case_days: float = 30) -> pd.DataFrame:
    """买家为没办完的事再次进线，到会话结束没有客服说明办到哪一步，或什么时候再答复。

    为什么：反复进线的买家要的是进展；只说“稍等”“尽快”，他还得来第三次，多次进线的满意率最低。
    不算违规：说了现在的状态（已登记、在路上、仓库说……）、结论（不能退也算）、具体时间，提出了方案，或发了图片、卡片；
        客服要资料而买家没有再说话；买家说已解决、不用了；上一次已经办完；没有客服说话（归响应类规则）。
    已知误报：买家只是顺口提到上次的事；进展是在电话里说的。
    选项：case_days 多少天内再次进线可能是同一件事。
    依据：[002] c。同一件事的认定与 PRC004 相同：报同一个订单号，或提到以前并说到同一样东西。
        原来的客服接待也算再次进线。“尽快”“稍后”“帮您催一下”不是时间也不是状态。
        记在最后一条不是结束语的人工消息上；会话未结束时待定。
    """
    found = repeats(chats, case_days)
    if not len(found.session):
        return no_hits()
    told = _told(chats, found.session)
    last_human = last_row(chats, chats.human)
    shows = last_row(chats, chats.human & ~chats.agent_says("closing"))  # what stands beside the farewell
    last_buyer = last_row(chats, chats.buyer)
    over = chats.buyer_is("settled") | chats.buyer_is("withdraw")
    ended = last_row(chats, over)
    asks = chats.agent_says("request")
    for role in ("order_no", "tracking_no", "photo", "phone", "address", "size", "account", "invoice"):
        asks |= chats.has("asks_info", role, chats.human)
    row = last_human[found.session]
    waits = asks[row] & (last_buyer[found.session] < row)
    opening = [_opening(chats, *pair) for pair in zip(found.asked, found.human, strict=True)]
    keep = np.array([_PRESSES.search(said) is not None for said in opening], dtype=bool)
    keep &= ~told[found.session] & (ended[found.session] < 0) & ~waits
    keep &= _open(chats, found.session, found.since, over)
    row, asked = np.where(shows >= 0, shows, last_human)[found.session[keep]], found.refers[keep]
    why = [
        f"买家为没办完的事再次进线：“{q}”，到最后“{r}”也没有说明进度或下次答复的时间"
        for q, r in zip(quotes(chats, asked), quotes(chats, row), strict=True)
    ]
    return make_hits(
        row,
        state=np.where(chats.over[row], "violation", "pending").astype(object),
        why=why,
        context=[[(int(a), "context", -1, -1)] for a in asked],
    )


def _opening(chats: Chats, asked: int, human: int) -> str:
    """What the buyer says before the first human message."""
    rows = np.arange(asked, human)
    return words(chats, rows[chats.buyer[rows]])


def _open(chats: Chats, sessions: Ints, since: Ints, over: Bools) -> Bools:
    """(repeats,) bool: in the earlier contacts the case was not settled after it was last spoken of."""
    begin = chats.sessions["first_row"].to_numpy()
    spoken = chats.buyer_is("complaint") | chats.buyer_is("urge") | chats.human & chats.agent_says("offer")
    done, case = chats.previous(over)[begin[sessions]], chats.previous(spoken)[begin[sessions]]
    return ~((done >= since) & (done >= case))


def _told(chats: Chats, sessions: Ints) -> Bools:
    """(all sessions,) bool: a human tells the case's state, its outcome or a time; only `sessions` are looked at."""
    out = np.zeros(len(chats.sessions), dtype=bool)
    mine = chats.human & ~chats.recalled & np.isin(chats.session, sessions)
    rows = np.flatnonzero(mine)
    shown = chats.messages["kind"].isin(("image", "video", "card", "file", "link")).to_numpy()
    offers = (
        chats.agent_says("offer")
        & chats.texts.pattern(_REMEDY, chats.texts.of_rows(chats.text_id[rows]))[chats.text_id]
    )
    for row in rows:
        if not out[chats.session[row]]:
            text = chats.texts.view.text(int(chats.text_id[row]))
            out[chats.session[row]] = shown[row] or offers[row] or _tells(text)
    return out


def _tells(text: str) -> bool:
    """Whether an agent's folded text tells a state, an outcome or a time."""
    for clause in _CLAUSE.findall(text):
        if _ASKS.search(clause):
            continue
        words = _EMPTY.sub("", clause)
        if _STATE.search(words) or any(w.definite for w in times(words)):
            return True
    return False


EXAMPLES = """
2026-11-10 10:00:00 B 洗衣机漏水
2026-11-10 10:00:30 A 您好，给您登记，安排师傅上门
2026-11-12 15:00:00 B 昨天漏水的事还没人来
! 2026-11-12 15:00:30 A 亲，请您耐心等待

2026-11-10 10:00:00 B @客服1 订单88001的鞋子开胶了
2026-11-10 10:00:30 A @客服1 给您登记换货
2026-11-12 10:00:00 B @客服2 订单88001换货怎么样了
2026-11-12 10:00:30 A @客服2 您好，我看下
! 2026-11-12 10:01:30 A @客服2 抱歉给您添麻烦，这边尽快给您处理

2026-11-10 10:00:00 B 包裹三天没动，催一下
2026-11-10 10:00:30 A 好的，给您催
2026-11-11 10:00:00 B 包裹还没动
! 2026-11-11 10:00:30 A 我帮您催一下哦

2026-11-10 10:00:00 B 少发了一个杯子
2026-11-10 10:00:30 A 给您补发
2026-11-14 10:00:00 B 上次少发的杯子还没收到
! 2026-11-14 10:00:30 A 好的，我反馈一下

2026-11-10 10:00:00 B 退款怎么还不到账
2026-11-10 10:00:30 A 给您反馈财务
2026-11-12 10:00:00 B 我来问退款进度
! 2026-11-12 10:00:30 A 正在帮您查询，请稍等

# agent=客服3
2026-11-10 10:00:00 B @客服1 空调外机异响
2026-11-10 10:00:30 A @客服1 给您登记维修
2026-11-12 10:00:00 B @客服2 前天报的空调异响，师傅没联系我
2026-11-12 10:00:30 A @客服2 帮您转接售后
2026-11-12 10:00:40 E transfer {"from":"客服2","to":"客服3"}
! 2026-11-12 10:01:00 A @客服3 亲，您的心情我理解

2026-11-10 10:00:00 B 窗帘发错颜色了
2026-11-10 10:00:30 A 给您换货
2026-11-13 10:00:00 B 上次窗帘发错的事呢
2026-11-13 10:00:30 A 您好，请问有什么可以帮您
2026-11-13 10:01:00 B 换货啊
! 2026-11-13 10:01:30 A 好的亲

2026-11-10 10:00:00 B 花瓶碎了要赔
2026-11-10 10:00:30 A 给您申请赔付
2026-11-12 10:00:00 B 之前花瓶碎了，赔付呢
! 2026-11-12 10:00:30 A 已看到您的消息，稍后给您回复

# as_of=2026-11-12T10:30:00 state=pending
2026-11-10 10:00:00 B 花瓶碎了要赔
2026-11-10 10:00:30 A 给您申请赔付
2026-11-12 10:00:00 B 之前花瓶碎了，赔付呢
! 2026-11-12 10:00:30 A 请稍等哦

2026-11-10 10:00:00 B 洗衣机漏水
2026-11-10 10:00:30 A 给您登记，安排师傅上门
2026-11-12 15:00:00 B 昨天漏水的事还没人来
! 2026-11-12 15:00:30 A(recalled) 师傅明天上午到
2026-11-12 15:01:00 B 好

## the state
2026-11-10 10:00:00 B 洗衣机漏水
2026-11-10 10:00:30 A 给您登记，安排师傅上门
2026-11-12 15:00:00 B 昨天漏水的事还没人来
2026-11-12 15:00:30 A 师傅那边说配件还没到货，一到就联系您

2026-11-10 10:00:00 B 包裹三天没动，催一下
2026-11-10 10:00:30 A 好的，给您催
2026-11-11 10:00:00 B 包裹还没动
2026-11-11 10:00:30 A 已经催了，包裹卡在武汉中转站

## the next time
2026-11-10 10:00:00 B 订单88001的鞋子开胶了
2026-11-10 10:00:30 A 给您登记换货
2026-11-12 10:00:00 B 订单88001换货怎么样了
2026-11-12 10:00:30 A 明天下午三点前给您答复

## the outcome
2026-11-10 10:00:00 B 退款怎么还不到账
2026-11-10 10:00:30 A 给您反馈财务
2026-11-12 10:00:00 B 我来问退款进度
2026-11-12 10:00:30 A 银行退回了，需要您提供新卡号

2026-11-10 10:00:00 B 花瓶碎了要赔
2026-11-10 10:00:30 A 给您申请赔付
2026-11-12 10:00:00 B 之前花瓶碎了，赔付呢
2026-11-12 10:00:30 A 抱歉，主管没有通过，不能赔付

## an offer; a picture
2026-11-10 10:00:00 B 少发了一个杯子
2026-11-10 10:00:30 A 给您登记
2026-11-14 10:00:00 B 上次少发的杯子还没收到
2026-11-14 10:00:30 A 给您退款一个杯子的钱

2026-11-10 10:00:00 B 包裹三天没动，催一下
2026-11-10 10:00:30 A 好的，给您催
2026-11-11 10:00:00 B 包裹还没动
2026-11-11 10:00:30 A [图片]

## asked for what is needed, and the buyer is silent
2026-11-10 10:00:00 B 窗帘发错颜色了
2026-11-10 10:00:30 A 给您换货
2026-11-13 10:00:00 B 上次窗帘发错的事呢
2026-11-13 10:00:30 A 麻烦提供一下订单号

## settled, withdrawn
2026-11-10 10:00:00 B 退款怎么还不到账
2026-11-10 10:00:30 A 给您反馈财务
2026-11-12 10:00:00 B 昨天问的退款
2026-11-12 10:00:10 B 看到了，退款到账了
2026-11-12 10:00:30 A 好的亲

2026-11-10 10:00:00 B 少发了一个杯子
2026-11-10 10:00:30 A 给您补发
2026-11-12 10:00:00 B 杯子收到了，解决了
2026-11-12 10:00:30 A 好的
2026-11-14 10:00:00 B 上次那个杯子挺好看
2026-11-14 10:00:30 A 谢谢亲

## another matter; the first contact; nobody speaks
2026-11-10 10:00:00 B 裙子有S吗
2026-11-10 10:00:30 A 您好，有S
2026-11-12 10:00:00 B 昨天看的电饭煲几升
2026-11-12 10:00:30 A 您好，在的

2026-11-10 10:00:00 B 昨天买的洗衣机漏水
2026-11-10 10:00:30 A 请您耐心等待

2026-11-10 10:00:00 B 洗衣机漏水
2026-11-10 10:00:30 A 给您登记
2026-11-12 15:00:00 B 昨天漏水的事还没人来
2026-11-12 15:00:02 A(auto) 客服正忙，请稍等

## too long ago
# case_days=3
2026-11-10 10:00:00 B 洗衣机漏水
2026-11-10 10:00:30 A 给您登记
2026-11-18 15:00:00 B 上次漏水的事还没人来
2026-11-18 15:00:30 A 请您耐心等待
"""
