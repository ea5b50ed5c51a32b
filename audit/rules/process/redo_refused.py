"""PRC009 process.redo_refused 重做承诺未履行"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.complaints import own_complaint
from audit.shapes.hits import make_hits, no_hits, quotes
from audit.shapes.per_session import account_after, first_after, first_row, last_row
from audit.shapes.service_date import days_since

_REFUSED = re.compile(
    r"不能|不可以|不会|不给|不予|不支持|不包|不负责|不免费|无法|没法|没办法|做不了|收费|加钱|加收|另付|付费|自费|一半|部分"
)


@rule(
    "PRC009",
    "process.redo_refused",
    "重做承诺未履行",
    unit="session",
    severity="major",
    topic="规则",
    needs=("profile:redo_promise", "lexicon:redo", "lexicon:buyer_state"),
    cite="[000] 五(一) 服务重做与退款补偿：7 天内出现质量问题无条件重做，未履行则全额退款并赔付，最高 500 元",
)
def check(chats: Chats, *, days: int = 7) -> pd.DataFrame:
    """承诺重做的店铺，买家在服务后 7 天内反映质量问题，到会话结束没有客服提出重做或全额退款，或有客服拒绝。

    为什么：未履行承诺要全额退款，另赔买家，最高 500 元。
    不算违规：提出重做或全额退款（另一位客服提出也算）；服务已超过 7 天；没说服务日期（看不出）；买家说算了、已解决。
    已知误报：买家说的日期不是服务日期。
    选项：days 服务后多少天内。
    依据：[000] 五(一)。机器人和自动消息的承诺不算；一经拒绝即成立，之后别人再答应也不抵消；会话未结束时待定。
    """
    problem, age = _problems(chats, days)
    if not len(problem):
        return no_hits()
    offers, refusals = _offers(chats)
    refused = first_after(chats, refusals & ~_same_breath(chats, offers), problem)
    offered = first_after(chats, offers, problem) < len(chats)
    gone = first_after(chats, chats.buyer_is("settled") | chats.buyer_is("withdraw"), problem) < len(chats)
    denied = refused < len(chats)
    keep = denied | (~offered & ~gone)
    problem, age, denied, refused = problem[keep], age[keep], denied[keep], refused[keep]
    last = last_row(chats, chats.human)[chats.session[problem]]
    row = np.where(denied, refused, np.where(last > problem, last, problem))
    ended = chats.over[row]
    why = [
        f"买家在服务后第 {a} 天反映“{q}”，" + ("客服拒绝重做或全额退款" if d else "没有客服提出重做或全额退款")
        + "，风险：全额退款，另赔最高 500 元"
        for a, q, d in zip(age, quotes(chats, problem), denied, strict=True)
    ]  # fmt: skip
    account = chats.accounts[row]
    asked = account_after(chats, problem)
    return make_hits(
        row,
        agent=[str(a) or b for a, b in zip(account, asked, strict=True)],
        state=np.where(denied | ended, "violation", "pending").astype(object),
        why=why,
        context=[[(int(p), "context", -1, -1)] if p != r else None for p, r in zip(problem, row, strict=True)],
    )


def _same_breath(chats: Chats, offers: Bools) -> Bools:
    """Human rows whose account offers one of the two in the same turn (不能退款，但可以免费重做)."""
    code = chats.messages["agent"].cat.codes.to_numpy().astype(np.int64)
    key = chats.turn * (int(code.max(initial=0)) + 1) + code
    return chats.human & np.isin(key, key[offers])


def _problems(chats: Chats, days: int) -> tuple[Ints, Ints]:
    """(first complaint of each session of a shop with the promise, days since the service), not older than `days`."""
    promised = np.zeros(len(chats), dtype=bool)
    for _, profile, rows in chats.shop_rows():
        promised |= rows & bool(getattr(profile, "redo_promise", False))
    none = np.zeros(0, dtype=np.int64)
    if not promised.any():
        return none, none
    first = first_row(
        chats, promised & (own_complaint(chats) | chats.has("redo", "problem", chats.buyer & ~chats.recalled))
    )
    first = first[first < len(chats)]
    ages = _service_ages(chats, chats.session[first])
    recent = (ages >= 0) & (ages <= days)
    return first[recent], ages[recent]


def _service_ages(chats: Chats, sessions: Ints) -> Ints:
    """(sessions,) days since the service that the buyer names first in each session; -1 = names none."""
    codes = chats.texts.view.codes
    dated = np.zeros(len(chats.texts), dtype=bool)
    dated[chats.texts.view.text_of(np.flatnonzero(np.isin(codes, [ord(c) for c in "天晚日早刚周期拜月号年"])))] = True
    wanted = np.zeros(len(chats.sessions), dtype=bool)
    wanted[sessions] = True
    found = np.full(len(chats.sessions), -1, dtype=np.int64)
    for row in np.flatnonzero(chats.buyer & dated[chats.text_id] & wanted[chats.session]):
        if found[chats.session[row]] < 0:
            age = days_since(chats.texts.view.text(int(chats.text_id[row])), int(chats.time[row]))
            found[chats.session[row]] = -1 if age is None else age
    return found[sessions]


def _offers(chats: Chats) -> tuple[Bools, Bools]:
    """Human rows that offer a redo or a full refund, and human rows that refuse one."""
    found = chats.texts.matches("redo", "offer")
    refusing = chats.texts.has("redo", "refuse").copy()
    offering = np.zeros(len(chats.texts), dtype=bool)
    for number, start, end in zip(found.text, found.start, found.end, strict=True):
        text, base = chats.texts.view.text(int(number)), int(chats.texts.view.starts[number])
        first, last = clause(text, int(start) - base, int(end) - base)
        (refusing if _REFUSED.search(text[first:last]) else offering)[number] = True
    return chats.human & offering[chats.text_id], chats.human & refusing[chats.text_id]


EXAMPLES = """
# redo_promise=true
10:00:00 B 昨天做的空调清洗，今天还有臭味没洗干净
! 10:00:20 A 洗完就这样，不能重做

# redo_promise=true
10:00:00 B 前天做的保洁，玻璃没擦干净
! 10:00:20 A 抱歉亲，阿姨可能没注意

# redo_promise=true
10:00:00 B 三天前贴的膜开裂了
! 10:00:20 A 给您补偿20元

# redo_promise=true
10:00:00 B 11月3号洗的沙发没洗干净
! 10:00:20 A 污渍太久了洗不掉

# redo_promise=true agent=unassigned
! 10:00:00 B 昨天装的窗帘轨道坏了
10:00:02 R 请描述您的问题

# redo_promise=true
10:00:00 B 昨天洗的鞋子开胶了
10:00:02 A(auto) 七天内免费重洗或全额退款
! 10:00:40 A 鞋子本来就旧

# redo_promise=true
10:00:00 B 昨天做的美缝裂了，给我重做
! 10:00:20 A 重做要另外收费

# redo_promise=true agent=客服1
10:00:00 B @客服1 昨天做的保洁没擦干净
! 10:00:20 A @客服1 不能重做，也不退款
10:01:00 E transfer {"from":"客服1","to":"主管"}
10:02:00 A @主管 抱歉，给您安排免费重做

# redo_promise=true as_of=2026-11-10T10:10:00 state=pending
10:00:00 B 昨天做的玻璃清洗没洗干净
! 10:00:30 A 请拍照片给我看下

# redo_promise=true days=3
10:00:00 B 三天前贴的膜开裂了
! 10:00:20 A 是您自己没贴好

# redo_promise=true
10:00:00 B 昨天做的空调清洗没洗干净
10:00:20 A 抱歉亲，安排师傅明天免费重做

# redo_promise=true
10:00:00 B 前天做的保洁没擦干净
10:00:20 A 非常抱歉，給您全額退款

# redo_promise=true
10:00:00 B 前天做的保洁没擦干净
10:00:20 A 不能退款，但可以给您免费重做

# redo_promise=true
10:00:00 B 11月2号洗的沙发没洗干净
10:00:20 A 已经过了7天，不能重做了

# redo_promise=true
10:00:00 B 你们洗的油烟机没洗干净
10:00:20 A 油烟机老化了

# redo_promise=true
10:00:00 B 昨天收到的碗碎了
10:00:20 A 给您补偿20元

10:00:00 B 昨天做的保洁没擦干净
10:00:20 A 阿姨可能没注意

# redo_promise=true
10:00:00 B 昨天洗的鞋子很干净，谢谢
10:00:20 A 谢谢您的认可

# redo_promise=true
10:00:00 B 昨天约的空调清洗几点来
10:00:20 A 师傅下午两点到

# redo_promise=true
10:00:00 B 前天做的保洁没擦干净
10:00:20 A 请拍照看下
10:00:40 B 算了，我自己擦，不用了
"""
