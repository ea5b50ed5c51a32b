"""PRC010 process.escalation 风险未上报"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import make_hits
from audit.shapes.per_session import account_after, first_after
from audit.shapes.terms import in_rows

_NUMBERED = "号码单元￥¥第"  # before 315 or 12315: an order, a phone, a price


@rule(
    "PRC010",
    "process.escalation",
    "风险未上报",
    unit="session",
    severity="minor",
    topic="规则",
    needs=("lexicon:escalation",),
    cite="[002] a 解决方案二：风险客户及时上报主管介入，避免问题升级",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家提到 315/12315、投诉、曝光、起诉或差评，到会话结束没有主管介入、转接，也没有答应回电或上报。

    为什么：这些话出现时再不升级处理，多半会变成平台投诉或监管投诉。
    不算违规：之后有转接、主管事件、主管账号接话，或客服答应主管（专人）回电、上报；
        买家说的是投诉快递、不投诉；曝光指拍照；订单尾号里的 315。
    已知误报：客服在别的系统里上报了，聊天里看不到。
    选项：无；主管账号写在 shop.yaml 的 supervisors。
    依据：[002]。在买家说出之前的转接和承诺不算；一次会话记一次；会话未结束时待定。
    """
    row, start, end = _threats(chats)
    first = np.unique(chats.session[row], return_index=True)[1]
    row, start, end = row[first], start[first], end[first]
    raised = first_after(chats, _raised(chats), row) < len(chats)
    row, start, end = row[~raised], start[~raised], end[~raised]
    texts = chats.messages["text"].iloc[row].tolist()
    over = chats.over[row]
    return make_hits(
        row,
        start=start,
        end=end,
        agent=account_after(chats, row),
        state=np.where(over, "violation", "pending").astype(object),
        why=[
            f"买家提到“{t[a:b]}”，之后没有主管介入、转接或答应回电" for t, a, b in zip(texts, start, end, strict=True)
        ],
    )


def _threats(chats: Chats) -> tuple[Ints, Ints, Ints]:
    """(row, start, end) of the risks that buyers name, spans in the original text, by row."""
    found = chats.texts.matches("escalation", "buyer").merged()
    view = chats.texts.view
    keep = np.ones(len(found), dtype=bool)
    for i in np.flatnonzero(np.isin(view.codes[found.start], [ord(c) for c in "0123456789"])):
        text, place = view.text(int(found.text[i])), int(found.start[i] - view.starts[found.text[i]])
        keep[i] = not any(c in text[max(0, place - 3) : place] for c in _NUMBERED)
    found = found.take(keep)
    row, match = in_rows(chats, found, chats.buyer & ~chats.recalled)
    start, end = view.original_span(found.start[match], found.end[match])
    order = np.lexsort((start, row))
    return row[order], start[order], end[order]


def _raised(chats: Chats) -> Bools:
    """Rows by which a case goes up: a transfer, a supervisor's event or message, a human who promises it."""
    raised = chats.transfer | (chats.messages["event"] == "supervisor").to_numpy()
    raised |= chats.has("escalation", "shop", chats.human & ~chats.recalled)
    for _, profile, rows in chats.shop_rows():
        supervisors = getattr(profile, "supervisors", ())
        if supervisors:
            raised |= rows & chats.human & np.isin(chats.accounts.astype(str), list(supervisors))
    return raised


EXAMPLES = """
# agent=客服1
10:00:00 B 不退钱我就«打12315»
10:00:20 A 亲，耐心等等

10:00:00 B 我要«投诉你们»店
10:00:20 A 抱歉给您带来不便

10:00:00 B 我会在«网上曝光你们»
10:00:20 A 您先别急

10:00:00 B 那我只能«起诉你»们了
10:00:20 A 退款已经在处理

10:00:00 B 再不发货我«给差评»
10:00:20 A 明天发

10:00:00 B 我要«投·诉你»
10:00:20 A 您说哪里不满意

# agent=售后
10:00:00 B @客服1 电视坏了
10:00:20 A @客服1 帮您转接售后
10:00:40 E transfer {"from":"客服1","to":"售后"}
10:01:00 A @售后 您好，正在查看聊天记录
10:01:20 B @售后 再不处理我«打12315»
10:01:40 A @售后 请拍照

10:00:00 B 空调漏水
10:00:20 A 主管明天给您回电话
10:00:40 B 昨天也这么说，我«要曝光你们»
10:01:00 A 您再等等

# agent=unassigned
10:00:00 B 我«要起诉你»们

# as_of=2026-11-10T10:10:00 state=pending
10:00:00 B 我要«投诉»
10:00:20 A 抱歉亲

# supervisors=店长
10:00:00 B 我要«投诉»
10:00:20 A @客服1 抱歉亲

10:00:00 B @客服1 我要打12315
10:00:20 A @客服1 抱歉，帮您处理
10:00:40 E transfer {"from":"客服1","to":"主管"}

10:00:00 B 我要投诉
10:00:20 A 非常抱歉，主管今天下午三点前给您回电话

10:00:00 B 等着我的差评
10:00:20 A 抱歉
10:00:40 A 店长晚上会给您打电话沟通

10:00:00 B 我要起诉
10:00:20 E supervisor {"account":"主管"}
10:00:40 A 您好

# supervisors=店长
10:00:00 B 我要投诉
10:00:20 A @店长 您好，哪里不满意您说

10:00:00 B 这瓶是315ml吗
10:00:20 A 是的，315毫升

10:00:00 B 订单尾号12315发货了吗
10:00:20 A 发了，在路上

10:00:00 B 照片曝光过度怎么办
10:00:20 A 调低感光度就可以

10:00:00 B 快递员骂我，我要投诉快递员
10:00:20 A 可以的，我们也会反馈

10:00:00 B 有差评吗，看到差评说会掉色
10:00:20 A 深色第一次洗有浮色

10:00:00 B 快递员态度差
10:00:20 A 您可以投诉快递员，我们也会反馈
"""
