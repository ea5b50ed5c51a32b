"""ATT007 attitude.blocked 拉黑/禁言买家"""

import json

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.blocking import blocked
from audit.shapes.hits import make_hits
from audit.shapes.terms import in_rows


@rule(
    "ATT007",
    "attitude.blocked",
    "拉黑/禁言买家",
    unit="message",
    severity="severe",
    topic="规则",
    needs=(),
    cite="[002] 不得拉黑、禁言买家；DY-1 无故拉黑算消极服务",
)
def check(chats: Chats, *, exempt_abuse: bool = True) -> pd.DataFrame:
    """系统提示、拉黑事件或客服自己的话表明：店铺拉黑或禁言了没有骂人的买家。

    为什么：买家从此找不到人，只能去平台投诉；抖音把无故拉黑列为消极服务。
    不算违规：买家在这之前骂过人；只是威胁要拉黑（归 ATT003）；否认或已经解除；买家拉黑店铺；拉黑快递、骗子。
    已知误报：买家在电话里骂人，聊天里看不到。
    选项：exempt_abuse=false 时买家骂过人也算。
    依据：[002]、DY-1。差评、投诉、催得多都不是骂人。同一会话只记最先表明拉黑的一行。
    """
    start, end = np.full(len(chats), -1, dtype=np.int64), np.full(len(chats), -1, dtype=np.int64)
    event = (chats.messages["event"] == "blocked").to_numpy()
    system = ((chats.messages["sender"] == "system") & (chats.messages["event"] == "")).to_numpy()
    shown = event.copy()
    for among, printed in ((chats.human, False), (system, True)):
        found = blocked(chats, system=printed)
        row, match = in_rows(chats, found, among)
        start[row], end[row] = chats.texts.view.original_span(found.start[match], found.end[match])
        shown[row] = True
    if exempt_abuse:
        shown &= chats.previous(chats.buyer_is("abuse")) < 0
    rows = np.flatnonzero(shown)
    first = np.ones(len(rows), dtype=bool)
    first[1:] = chats.session[rows[1:]] != chats.session[rows[:-1]]
    later = {int(s): rows[~first & (chats.session[rows] == s)].tolist() for s in chats.session[rows[~first]]}
    rows = rows[first]
    texts = chats.messages["text"].iloc[rows]
    why = [
        "导出记录显示店铺拉黑了买家，之前买家没有骂人"
        if a < 0
        else f"“{text[a:b]}”表明店铺拉黑或禁言了买家，之前买家没有骂人"
        for text, a, b in zip(texts, start[rows], end[rows], strict=True)
    ]
    return make_hits(
        rows,
        start=start[rows],
        end=end[rows],
        agent=_agents(chats, rows, event),
        why=why,
        context=[[(r, "context", -1, -1) for r in later.get(int(s), ())] or None for s in chats.session[rows]],
    )


def _agents(chats: Chats, rows: Ints, event: Bools) -> list[str]:
    """The event's agent, else the speaker, else the last human speaker of the conversation; "" = unassigned."""
    account = chats.accounts
    speaker = chats.previous(chats.human)[rows]
    out = []
    for row, last in zip(rows, speaker, strict=True):
        named = _named(chats.messages["event_value"].iloc[row]) if event[row] else ""
        out.append(str(named or account[row] or (account[last] if last >= 0 else "")))
    return out


def _named(value: str) -> str:
    try:
        parsed = json.loads(value) if value else {}
    except ValueError:
        return ""
    return str(parsed.get("agent") or "") if isinstance(parsed, dict) else ""


EXAMPLES = """
B 快递三天没动了
A 等着
! E blocked {"agent":"客服1"}

# agent=客服2
B @客服2 电饭煲不通电，我要退货
A @客服2 退不了
! E blocked {"agent":"客服2"}

# agent=客服1
B 发错尺码了
A 自己看订单
S 商家已«将该买家加入黑名单»

B 赠品没有收到
S 客服已«将该用户禁言»

B 说好的保价呢
A 没有
S «该买家已被商家拉黑»，无法发送消息

B 再问一下发货时间
A 已经«把你拉黑了»，别问了

B 能换大一码吗
A «您已经进了我们的黑名单»，以后不用来了

B 在吗
B 有人吗
A 刷什么屏，«已拉黑»

B 不处理我就差评
! E blocked {"agent":"客服1"}
S 商家已将该买家加入黑名单

B 为什么下不了单
A «你被店里拉黑了»，退货太多

B 你个傻逼，退钱
A 请您文明用语
E blocked {"agent":"客服1"}

B 煞笔店家
S 商家已将该买家加入黑名单

B 再便宜点呗
A 再磨叽我就把你拉黑了

B 你们把我拉黑了吗
A 没有把您拉黑的，可能是网络卡了

B 上次怎么发不了消息
A 之前误把您拉黑了，现在已经解除

B 别给我发广告
S 买家已将店铺拉黑

B 快递员骂人
A 这个快递员我们已拉黑，换一家给您发

B 骚扰短信太多了
A 您在手机设置里把号码拉黑就行

B 你们会拉黑买家吗
A 不会的，我们从来不拉黑您这样的顾客

B 这窗帘遮光吗
A 拉上就全黑，白天也能睡

B 我要拉黑你们

B 怎么发不出去
R 您已被商家拉黑，请稍后再试
A 抱歉，机器人说错了，您请讲
"""
