"""Shape: what agents state of refund, stock, dates and amounts, and which statements contradict each other (PRC007)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import DAY, NO_TIME, Ints
from audit.shapes.cases import content, numbers, same_case
from audit.shapes.due import times
from audit.shapes.money import grants, yuan

#: topic → its name in a report
TOPICS = {
    "price_gap": "退差价",
    "freight": "承担运费",
    "compensation": "补偿",
    "reissue": "补发",
    "exchange": "换货",
    "refund": "退款",
    "postage": "包邮",
    "stock": "库存",
    "ship": "发货时间",
    "arrive": "送达时间",
    "granted": "补偿金额",
    "price": "价格",
    "fee": "费用",
}
#: topics in which a yes is a promise to this buyer; in the others it is a fact
PROMISED = frozenset({"price_gap", "freight", "compensation", "reissue", "exchange", "refund", "granted"})
#: column → one claim; lo, hi: 1 and 1 = yes, 0 and 0 = no, days since 1970, or yuan
COLUMNS = ("row", "start", "end", "topic", "lo", "hi")

_CLAUSE = re.compile(r"[^，。！？；,!?;\n]+[？?]?")
_OBJECT = (
    (
        "price_gap",
        r"(?:退|补|返)(?:您|你|一下|个|回)?(?:差价|差额|价差)|(?:差价|差额|价差)(?:会|可以|也|都)?(?:退|补|返)",
    ),
    ("freight", r"运费|邮费"),
    ("compensation", r"补偿|赔偿|赔付|赔"),
    ("reissue", r"补发|补寄|重发|重新发"),
    ("exchange", r"换货|更换|换新|调换"),
    ("refund", r"退货退款|退货|退款|退钱|退(?=[您你吧哈哦呢的掉。]|$)"),
)
_FILL = (
    r"(?:再|给|为|帮|替|您|你|亲|办理|申请|进行|直接|安排|报销|承担|退|返|补|赔|出|付|全额|部分|免费|这个|的|来|做)"
    r"{0,5}"
)
_NO = r"(?:不能|不可以?|不支持|无法|没法|没办法|不给|不予|(?<!会)不会|不(?=[退换补赔返]))"
_YES = r"(?:可以|能够?|支持|同意|会|[给帮为](?:您|你|亲))"
_AFTER_NO = r"(?:您|你|这个|方面|这边|的话|是)?(?:不了|不行|不可以|不支持|没有(?!问题)|没办法|做不了|办不了)"
_YES_NO = {
    topic: (
        re.compile(rf"{_NO}{_FILL}(?:{words})|(?:{words}){_AFTER_NO}"),
        re.compile(rf"(?<![不没])(?<!可不)(?<!能不){_YES}{_FILL}(?:{words})(?!不了|不行|不可以|不支持)"),
    )
    for topic, words in _OBJECT
} | {
    "postage": (re.compile(r"不包邮|不免邮|不免运费"), re.compile(r"(?<![不没])(?:包邮|免邮)(?!的话|吗)")),
    "stock": (
        re.compile(r"(?<!不是)(?<!不会)(?:没有?|无|缺|断)现?货(?!通知|登记)|卖完|售罄|卖光|没有?库存"),
        re.compile(
            r"(?<![没无缺断])(?<!没有)(?<!是否)(?:有现?货(?!先|的先|的[商订颜款]|就|会|后|通知|时)|现货(?=[哦哈呢,，。]|的[哦哈呢,，。]|的?$|充足)|库存充足)"
        ),
    ),
}
#: not a clear statement: asked, conditional, hedged, general, quoted, or about a change in the world
_UNCLEAR = re.compile(
    r"[？?]$|[吗么嘛](?:亲|呀|哦)?$|是否|是不是|有没有|能不能|可不可以|要不要|如果|要是|假如|若|万一|的话|只要|除非|否则|才[能可会]"
    r"|一般|正常|默认|预计|大概|应该|可能|也许|尽量|争取|估计|左右|还是|或者|哪|怎么|多少|什么|仅限|前提|之前|以前|原来|通常"
    r"|未|没拆|没穿|不影响|拆封|拆开|开封|用过|使用|穿过|洗过|吊牌|定制|质量问题|人为|超过|超出|过了|以内|内(?=可|支持|能|不)"
    r"|收到(?:货|退)|签收|退回|返回|拒收|到仓|定金|押金|预售|附近|显示|提示|来不及|寄回|审核|核实|同时|单独|部分|重复|其[他它]|别的|另|平台|快递|银行|[他她]|运费险|大促|活动"
)
_CHANGED = re.compile(
    r"刚刚?(?:卖|售|被|到|补|来)|补货|到货|又有|恢复|重新上|最后一|被拍|抢|推迟|延[迟后期误]|改[到成为]|提前|临时|突然|爆仓|暴[雨雪]"
)
_SHIP = re.compile(r"^[^，。,\d]{0,6}?(?:发货|发出|发走|寄出|出库|揽收|[发寄](?=[的哦哈呢亲了。]|$))")
_ARRIVE = re.compile(r"^[^，。,\d发寄]{0,6}?(?:送达|送到|派送|送货|配送|能到|会到|就到|到(?=[的哦哈呢亲。]|$))")
_DENIES = re.compile(r"不能|无法|没法|不会|不是|不了|没有?|不$|别|未")
_AMOUNT = re.compile(
    r"(?P<price>到手价?|券后价?|售价|价格|现价|活动价)(?:是|为|就是|一共|只要|都是)?\s?[¥￥]?(?P<paid>\d{1,5}(?:\.\d{1,2})?)(?:\s?元|\s?块|(?=$|[哦哈呢的亲,，。]))"
    r"|(?P<fee>安装费|上门费|维修费|检测费|加急费|运费|邮费|押金|定金|服务费)(?:是|为|要|需要|一共|都是|收|共)?\s?[¥￥]?"
    r"(?P<cost>\d{1,5}(?:\.\d{1,2})?)(?:\s?元|\s?块|(?=$|[哦哈呢的亲,，。]))"
)
_MONEY = re.compile(r"[元块¥￥圆]|rmb")
_KEY = re.compile(r"差|[运邮装门修测急务]费|押金|定金|赔|补|换|重新?发|退|[包免]邮|货|卖[完光]|售罄|库存|到手|价")
_DAYS = re.compile(r"(?:今|明|后|当[天日]|[上下]午|晚|点|[号日周]|星期|礼拜).{0,12}[发寄出揽送到派配]")
_ONLY = re.compile(r"最多|只能|只有|只可以|顶多|最高")
_PARTLY = re.compile(r"先|剩|其余|余下|每|单个|一[个件袋瓶盒只双条]|各")
_COLOUR = re.compile(r"[黑白红蓝绿黄灰粉紫棕橙咖杏]色?|米色|银色|金色|卡其|藏青|香槟")
_SIZE = re.compile(r"(?<![a-z0-9])(?:\d{0,2}x{0,4}[sml]|\d{2,3})(?=码|号|$|[^a-z0-9元块天小点])|[大中小加]码|均码")
_OTHER = re.compile(
    r"另外?一?[个件款双条]|其[他它]|别的|换成|还有一|第二|那[个款件双种][^,，。]{0,6}(?:呢|有|能|可)"
    r"|(?:^|[,，。?？!])(?![^,，。]*(?:我|单|差价|款|钱|货))[^,，。]{1,6}呢[?？]?$"
)
#: what a buyer adds that may change the answer
_NEWS = re.compile(
    r"用过|用了|拆|洗|穿|剪|吃|丢|扔|激活|安装了|装好|超过|天了|个?月|买的|坏|碎|破|裂|漏|划痕|瑕疵|质量|发错|少发|漏发|不退了|算了|不要了"
)
_CORRECTS = re.compile(
    r"(?:刚才|刚刚|前面|之前|上面|我)?[^,，。]{0,4}(?:说|看|打|查|记|弄|搞|报|算|回复?)错了?|更正|口误|误导|以这[条个]为准|纠正"
)
_STOCK_WORDS = re.compile(
    r"现货|有货|没货|无货|缺货|断货|库存|卖完|售罄|还有|什么时候|请问|您好|你好|这款|那款|这个|那个|可以|不能"
    r"|发货|送到|送达|到货|收到|付款|运费|邮费|包邮|说好|安装费|多少钱|怎么|麻烦|客服"
    r"|退货|退款|差价|补偿|赔偿|补发|换货|退回|退掉|答应|承诺|同事|刚才|不是|是不是|一下|这样"
)


@dataclass(frozen=True)
class _Claim:
    start: int
    end: int
    topic: str
    lo: float
    hi: float


def claims(chats: Chats) -> pd.DataFrame:
    """Clear statements of human messages by row, with the columns COLUMNS; places in the original text.

    Only conversations in which people made two statements or more are read twice: dates depend on their time.
    """
    human = chats.human & ~chats.recalled
    talks = chats.texts.of_rows(chats.text_id[human]) & (chats.texts.solid >= 2)
    told = human & chats.texts.pattern(_ANY, talks)[chats.text_id]
    rows = np.flatnonzero(told)
    of, count = np.unique(chats.conversation[rows], return_counts=True)
    rows = rows[np.isin(chats.conversation[rows], of[count > 1])]
    found: list[tuple[int, _Claim]] = []
    plain: dict[int, list[_Claim]] = {}
    for place in rows.tolist():
        number = int(chats.text_id[place])
        text = chats.texts.view.text(number)
        if number not in plain:
            plain[number] = _plain(text)
        found += [(place, c) for c in plain[number]]
        if chats.time[place] != NO_TIME:
            found += [(place, c) for c in _dated(text, int(chats.time[place]))]
    row = np.array([r for r, _ in found], dtype=np.int64)
    base = chats.texts.view.starts[chats.text_id[row]] if len(row) else np.zeros(0, dtype=np.int64)
    start, end = chats.texts.view.original_span(
        base + np.array([c.start for _, c in found], dtype=np.int64),
        base + np.array([c.end for _, c in found], dtype=np.int64),
    )
    topic = np.array([c.topic for _, c in found], dtype=object)
    lo, hi = np.array([c.lo for _, c in found], dtype=float), np.array([c.hi for _, c in found], dtype=float)
    return pd.DataFrame(dict(zip(COLUMNS, (row, start, end, topic, lo, hi), strict=True)))


def _plain(text: str) -> list[_Claim]:
    """Yes, no and amounts in a folded text."""
    out: list[_Claim] = []
    for clause in _CLAUSE.finditer(text):
        words, base = clause[0], clause.start()
        if not _KEY.search(words) or _UNCLEAR.search(words) or _CHANGED.search(words):
            continue
        for topic, (no, yes) in _YES_NO.items():
            for value, pattern in ((0.0, no), (1.0, yes)):
                m = pattern.search(words)
                if m:
                    out.append(_Claim(base + m.start(), base + m.end(), topic, value, value))
                    break
            else:
                continue
            break
        for m in _AMOUNT.finditer(words):
            value = yuan(m["paid"] or m["cost"])
            topic = "price" if m["price"] else f"fee:{m['fee']}"
            out.append(_Claim(base + m.start(), base + m.end(), topic, value, value))
    for grant in grants(text) if _MONEY.search(text) else ():
        if not grant.more and not _PARTLY.search(grant.clause) and not _UNCLEAR.search(grant.clause):
            out.append(_Claim(grant.start, grant.end, "granted", grant.yuan, grant.yuan))
    return out


def _dated(text: str, at: int) -> list[_Claim]:
    """Definite days of shipping and delivery in a folded text said at `at`."""
    out = []
    for clause in _CLAUSE.finditer(text):
        words, base = clause[0], clause.start()
        if not _DAYS.search(words) or _UNCLEAR.search(words) or _CHANGED.search(words) or _DENIES.search(words):
            continue
        for when in times(words):
            days = when.days(at) if when.kind in ("day", "date", "week") else None
            if days is None:
                continue
            for topic, pattern in (("ship", _SHIP), ("arrive", _ARRIVE)):
                m = pattern.match(words[when.end :])
                if m:
                    out.append(_Claim(base + when.start, base + when.end + m.end(), topic, days[0], days[1]))
                    break
    return out


_ANY = re.compile(rf"{_KEY.pattern}|{_MONEY.pattern}|{_DAYS.pattern}")


def contradictions(chats: Chats, days: float, fact_days: float) -> pd.DataFrame:
    """Pairs of claims of one conversation that contradict each other: columns of the later claim, those of the earlier
    one with the prefix `old_`; at most one a later row and topic.

    `days` bounds the time between a promise and its denial, `fact_days` between two facts.
    """
    said = claims(chats)
    row = said["row"].to_numpy(dtype=np.int64)
    lo, hi = said["lo"].to_numpy(), said["hi"].to_numpy()
    old: list[int] = []
    new: list[int] = []
    for topic, places in _differing(said, chats.conversation[row]):
        reach = int((days if topic in PROMISED else fact_days) * DAY)
        for k in range(1, len(places)):
            j = places[k]
            for i in places[:k][::-1]:
                if _apart(chats, row[i], row[j]) > reach:
                    break
                values = (lo[i], hi[i]), (lo[j], hi[j])
                pair = int(row[i]), int(row[j])
                if row[i] != row[j] and _opposed(chats, topic, values, pair) and _same_thing(chats, topic, *pair):
                    old.append(int(i))
                    new.append(int(j))
                    break
    before = said.iloc[old].reset_index(drop=True).add_prefix("old_")
    pairs = pd.concat([said.iloc[new].reset_index(drop=True), before], axis=1)
    return pairs.sort_values(["row", "start"], ignore_index=True)


def _differing(said: pd.DataFrame, conversation: Ints) -> Iterator[tuple[str, Ints]]:
    """(topic, places of its claims by row) for each conversation's topics in which not all claims say the same."""
    topic, names = pd.factorize(said["topic"])
    order = np.lexsort((said["row"], topic, conversation))
    if not len(order):
        return
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(conversation[order]) != 0) | (np.diff(topic[order]) != 0)
    first = np.append(np.flatnonzero(fresh), len(order))
    group = np.cumsum(fresh) - 1
    values = said[["lo", "hi"]].to_numpy()[order]
    changed = (np.diff(values, axis=0) != 0).any(axis=1) & ~fresh[1:]
    for number in np.unique(group[1:][changed]):
        places = order[first[number] : first[number + 1]]
        yield str(names[topic[places[0]]]), places


def _apart(chats: Chats, i: int, j: int) -> int:
    """Milliseconds between two rows; 0 where a time is unknown."""
    known = chats.time[i] != NO_TIME and chats.time[j] != NO_TIME
    return int(chats.time[j] - chats.time[i]) if known else 0


def _opposed(
    chats: Chats, topic: str, values: tuple[tuple[float, float], tuple[float, float]], rows: tuple[int, int]
) -> bool:
    """Whether two values (lo, hi), the earlier and the later, contradict each other."""
    (a, b), (i, j) = values, rows
    other = chats.accounts[i] != chats.accounts[j]
    if topic in ("ship", "arrive"):
        # a day that has passed is a matter of the promise ledger
        return bool((a[1] < b[0] or b[1] < a[0]) and chats.time[j] // DAY <= a[1])
    if topic == "granted":  # more is no contradiction, less is
        return b[1] < a[0] and (other or _ONLY.search(_string(chats, j)) is not None)
    if topic in PROMISED:
        return a[0] == 1 and b[0] == 0
    return a[0] != b[0]


def _same_thing(chats: Chats, topic: str, i: int, j: int) -> bool:
    """Whether rows i < j speak of one thing in one state, so that one of them must be wrong."""
    same_agent = chats.accounts[i] == chats.accounts[j]
    turn = _turn(chats, j)
    if (same_agent or topic not in PROMISED) and _CORRECTS.search(turn):
        return False
    if _CHANGED.search(turn):
        return False
    between = np.arange(i + 1, j)
    asked = _texts(chats, between[chats.buyer[between]])
    if any(_NEWS.search(t) or _OTHER.search(t) for t in asked):
        return False
    a, b = _subject(chats, i), _subject(chats, j)
    known = [(set(p.findall(a)), set(p.findall(b))) for p in (_COLOUR, _SIZE)] + [(numbers(a), numbers(b))]
    if any(x and y and not x & y for x, y in known):
        return False
    if chats.session[i] == chats.session[j]:
        if topic in PROMISED or topic in ("ship", "arrive", "postage") or topic.startswith("fee"):
            return _goes_on(chats, i, j)
        if any(bool(x) != bool(y) for x, y in known[:2]):
            return False
        shared = content(_STOCK_WORDS.sub(" ", a)) & content(_STOCK_WORDS.sub(" ", b))
        return bool(shared) or any(x & y for x, y in known)
    begin = int(chats.sessions["first_row"].to_numpy()[chats.session[j]])
    now = "\n".join(_texts(chats, np.arange(begin, j)[chats.buyer[begin:j]]))
    first = int(chats.sessions["first_row"].to_numpy()[chats.session[i]])
    before = "\n".join(_texts(chats, np.arange(first, i + 1)[~chats.robot[first : i + 1]]))
    return same_case(now, before)


def _goes_on(chats: Chats, i: int, j: int) -> bool:
    """Whether what the buyer asked before row j names nothing that was not spoken of by row i (another city, goods)."""
    asked = content(_STOCK_WORDS.sub(" ", _asked(chats, j)))
    return not asked or bool(asked & content(_STOCK_WORDS.sub(" ", _subject(chats, i))))


def _turn(chats: Chats, row: int) -> str:
    """What the account says in the turn of the row."""
    near = np.arange(max(0, row - 5), min(len(chats), row + 6))
    near = near[
        chats.human[near] & (chats.turn[near] == chats.turn[row]) & (chats.accounts[near] == chats.accounts[row])
    ]
    return "\n".join(_texts(chats, near))


def _asked(chats: Chats, row: int) -> str:
    """The buyer's last turn before a row in its session."""
    near = np.arange(max(0, row - 8), row)
    near = near[chats.buyer[near] & (chats.session[near] == chats.session[row])]
    return "\n".join(_texts(chats, near[chats.turn[near] == chats.turn[near[-1]]] if len(near) else near))


def _subject(chats: Chats, row: int) -> str:
    """What a statement is about: itself and the buyer's last turn before it in the session."""
    return "\n".join([_asked(chats, row), _string(chats, row)])


def _texts(chats: Chats, rows: Ints) -> list[str]:
    return [_string(chats, int(r)) for r in rows]


def _string(chats: Chats, row: int) -> str:
    return chats.texts.view.text(int(chats.text_id[row]))
