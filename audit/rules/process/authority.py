"""PRC008 process.authority 越权"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import DAY, NO_TIME, Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import join_hits, make_hits, no_hits
from audit.shapes.money import Grant, grants

_TOPICS = ("topic_delay", "topic_install", "topic_price_gap")
_DEFECT = "质量问题"
_DEFECT_NAMES = ("质量", "破损", "损坏", "瑕疵", "错发", "发错", "漏发", "少件", "少发", "坏", "售后", "退换")


@rule(
    "PRC008",
    "process.authority",
    "越权",
    unit="message",
    severity="major",
    topic="工作台",
    needs=("profile:tiers", "lexicon:authority"),
    cite="[002] b 解决方案二：客服分 1/2/3 线，各有权限；1 线处理延期发货、安装、退差价等，退款上限 30 元",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服答应的补偿、退差价等金额，同一会话累计超过本级的上限，或答应的问题不归本级处理。

    为什么：越权的承诺要么兑现不了，要么让店铺多赔；超过权限的应当转给上一级。
    不算违规：正好等于上限；没有给客服定级；没有说出金额（看不出）；拒绝、有条件的规则、商品价格、优惠活动、整单退货退款；重复说同一笔。
    已知误报：原先答应的一笔改了数，被当成两笔。
    选项：无；上限和问题种类写在 shop.yaml 的 tiers，客服的级别写在 agents.csv。
    依据：[002]。同一会话同一级别的各笔相加；同一问题的两个数按较大的一个算，说了“再、另外、还”的相加。
    """
    parts = []
    for _, profile, rows in chats.shop_rows():
        tiers, agents = getattr(profile, "tiers", None), getattr(profile, "agents", None)
        if not tiers or agents is None or not len(agents):
            continue
        spoken = np.flatnonzero(chats.human & rows & _names_money(chats))
        tier = _tiers(chats, spoken, agents)
        parts.append(_overruns(chats, spoken[tier != ""], tier[tier != ""], tiers))
    return join_hits(*parts) if parts else no_hits()


@dataclass
class _Account:
    """What one tier has offered in one session."""

    sums: dict[str, float] = field(default_factory=dict)  # topic → yuan
    rows: list[int] = field(default_factory=list)
    reported: bool = False

    def add(self, topic: str, grant: Grant) -> None:
        if grant.more:
            self.sums[topic] = self.sums.get(topic, 0.0) + grant.yuan
        elif topic in self.sums:
            self.sums[topic] = max(self.sums[topic], grant.yuan)
        elif topic or grant.yuan not in self.sums.values():
            self.sums[topic] = grant.yuan

    @property
    def total(self) -> float:
        return sum(self.sums.values())


def _overruns(chats: Chats, rows: Ints, tiers: np.ndarray, limits: dict[str, Any]) -> pd.DataFrame:
    """HITS for the offers by which a tier goes beyond its limit in a session, or beyond its topics."""
    accounts: dict[tuple[int, str], _Account] = {}
    topics = {role: chats.texts.has("authority", role) for role in _TOPICS}
    names = {role: chats.texts.matches("authority", role).entries for role in _TOPICS}
    label = {r: next((e.note or e.term for e in entries if e.role == r), r) for r, entries in names.items()}
    defect = chats.texts.has("buyer_state", "dispute")
    hits: list[tuple[int, int, int, str, list[int]]] = []
    for row, name in zip(rows.tolist(), tiers.tolist(), strict=True):
        limit: Any = limits.get(name)
        text = int(chats.text_id[row])
        words = chats.texts.view.text(text)
        found = grants(words) if limit is not None else []
        if not found:
            continue
        account = accounts.setdefault((int(chats.session[row]), name), _Account())
        about = [label[r] for r in _TOPICS if topics[r][text]] + ([_DEFECT] if defect[text] else [])
        for grant in found:
            account.add(_topic(grant, about), grant)
            base = int(chats.texts.view.starts[text])
            start, end = chats.texts.view.original_span(np.array([base + grant.start]), np.array([base + grant.end]))
            why = ""
            if limit.limit is not None and account.total > limit.limit and not account.reported:
                parts = "、".join(f"{k or '补偿'} {v:g} 元" for k, v in account.sums.items())
                over = account.total - limit.limit
                why = (
                    f"{name}权限 {limit.limit:g} 元，本次会话累计答应 {account.total:g} 元（{parts}），超出 {over:g} 元"
                )
            elif limit.topics and about and not any(_covers(limit.topics, topic, words) for topic in about):
                why = f"{name}只处理{'、'.join(limit.topics)}，却答应了“{about[0]}”的 {grant.yuan:g} 元"
            if why and not account.reported:
                account.reported = True
                hits.append((row, int(start[0]), int(end[0]), why, [r for r in account.rows if r != row]))
            account.rows.append(row)
    return make_hits(
        [h[0] for h in hits],
        start=np.array([h[1] for h in hits], dtype=np.int64),
        end=np.array([h[2] for h in hits], dtype=np.int64),
        why=[h[3] for h in hits],
        context=[[(r, "context", -1, -1) for r in dict.fromkeys(h[4])] or None for h in hits],
    )


def _topic(grant: Grant, about: list[str]) -> str:
    """The topic of one amount: the message's only one, else the one whose name its clause holds."""
    named = [t for t in about if t[-2:] in grant.clause or t[:2] in grant.clause]
    return named[0] if named else about[0] if len(about) == 1 else ""


def _covers(topics: tuple[str, ...], topic: str, words: str) -> bool:
    """Whether a tier's topics hold the topic of an offer, or are named in it."""
    if any(t in words or t in topic or topic in t for t in topics):
        return True
    return topic == _DEFECT and any(n in t for t in topics for n in _DEFECT_NAMES)


def _names_money(chats: Chats) -> Bools:
    """Rows whose text holds a unit of money."""
    view = chats.texts.view
    flags = np.zeros(len(chats.texts), dtype=bool)
    flags[view.text_of(np.flatnonzero(np.isin(view.codes, [ord(c) for c in "元块圆¥￥"])))] = True
    return flags[chats.text_id]


def _tiers(chats: Chats, rows: Ints, agents: pd.DataFrame) -> np.ndarray:
    """The tier of the account that speaks in each row, on that day; "" = none set."""
    out = np.full(len(rows), "", dtype=object)
    account, time = chats.accounts[rows], chats.time[rows]
    for name, tier, first, last in _spans(agents):
        mine = account == name
        known = time != NO_TIME
        mine &= ~known | ((time >= first) & (time <= last))
        out[mine] = tier
    return out


def _spans(agents: pd.DataFrame) -> list[tuple[str, str, int, int]]:
    """(account, tier, first, last moment in ms) of each row of the table that names a tier."""
    found = []
    low, high = np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max
    for entry in agents.to_dict("records"):
        first, last = entry.get("from"), entry.get("to")
        begin = low if first is None or pd.isna(first) else int(pd.Timestamp(first).timestamp() * 1000)
        end = high if last is None or pd.isna(last) else int(pd.Timestamp(last).timestamp() * 1000) + DAY - 1
        if entry["tier"]:
            found.append((str(entry["account"]), str(entry["tier"]), begin, end))
    return found


EXAMPLES = """
# tier=1线 tier_limit=30 tier_topics=延期发货,安装,退差价
10:00:00 B 昨天买今天降价了
10:00:20 A 您好，给您退差价«50元»

# tier=1线 tier_limit=30
10:00:00 B 降价了能补吗
10:00:20 A 可以，退差价«31元»

# tier=1线 tier_limit=30 tier_topics=延期发货,安装,退差价
10:00:00 B 师傅收了我安装费
10:00:20 A 安装费我们补给您«八十块»

# tier=1线 tier_limit=30 tier_topics=延期发货,安装,退差价
10:00:00 B 延期发货怎么赔
10:00:20 A 延期发货给您补偿20元
10:00:40 B 差价呢
10:01:00 A 差价再退您«15元»

# tier=1线 tier_limit=30
10:00:00 B 赔点吧
10:00:20 A 给您补偿20元
10:00:40 B 太少
10:01:00 A 另外再补您«20块»

# tier=2线 tier_limit=100
10:00:00 B 延期十天了
10:00:20 A 延期发货给您补偿«120元»

# tier=1线 tier_limit=30
10:00:00 B 差价
10:00:20 A 退差价«４５.5元»给您

# tier=1线 tier_limit=30 tier_topics=延期发货,安装,退差价
10:00:00 B 杯子碎了
10:00:20 A 杯子碎了给您赔偿«10元»

# tier=1线 tier_limit=30
10:00:00 B 差价
10:00:20 A 给您退差价30元

# tier=1线 tier_limit=30
10:00:00 B 延期了
10:00:20 A 延期发货补偿您15元
10:00:40 B 差价
10:01:00 A 差价退您15元

# tier=1线 tier_limit=30
10:00:00 B 延期了
10:00:20 A 延期发货补偿您20元
10:00:40 B 多久到
10:01:00 A 补偿的20元已经打款给您了

10:00:00 B 降价了
10:00:20 A 给您退差价200元

# tier=1线 tier_limit=30
10:00:00 B 延期了
10:00:20 A 延期发货给您申请补偿

# tier=1线 tier_limit=30
10:00:00 B 延期赔我50
10:00:20 A 抱歉，50元补偿不了

# tier=1线 tier_limit=30
10:00:00 B 有优惠吗
10:00:20 A 现在满300减50元，到手250元

# tier=1线 tier_limit=30
10:00:00 B 退货的钱呢
10:00:20 A 退货退款299元已原路退回

# tier=1线 tier_limit=30
10:00:00 B 晚发怎么办
10:00:20 A 如果超时发货，会赔您50元

# tier=1线 tier_limit=30
10:00:00 B 补多少
10:00:20 A 换大号的话，您补40元差价就可以

# tier=1线 tier_limit=30
2026-11-10 10:00:00 B 差价
2026-11-10 10:00:20 A 给您退差价20元
2026-11-12 10:00:00 B 延期发货
2026-11-12 10:00:20 A 延期发货给您补偿20元

# tier=1线 tier_limit=30
10:00:00 B 必须赔我200元
10:00:20 A 我帮您向主管申请
"""
