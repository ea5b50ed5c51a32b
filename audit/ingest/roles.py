"""Who really speaks: robots, the platform's own sentences, cards and pictures, whatever name an export gives them.

Patterns are anchored to the whole message: a person who writes such words inside a sentence stays a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.ingest.entries import event_json
from audit.schema import EVENTS, KINDS, SENDERS
from audit.text.emoticons import EMOTICON, PICTOGRAPH

#: Account names that the platforms give their robots, after the shop's name (source: research §1.1 T1, T5; the
#: product names of Alibaba 店小蜜, JD 京小智, Douyin 飞鸽机器人, NetEase 七鱼机器人).
ROBOT_ACCOUNTS = ("服务助手", "官方助手", "小蜜", "阿里小蜜")
#: The same inside any account name. 智能辅助 is a person's tool and no robot.
ROBOT_NAME_PARTS = ("机器人", "店小蜜", "智能客服", "智能助手", "京小智", "chatbot")
_ROBOT_LATIN = re.compile(r"(?<![a-z])robot(?![a-z])")

_NAME = r"[^，。！？,!?；;\n]{1,40}?"
_MAY_HOLD_EMOTICON = f"/:|#E-|\\[|\u20e3|{PICTOGRAPH}"
_ONLY_EMOTICONS = re.compile(rf"(?:(?:{EMOTICON.pattern})(?:\s|&nbsp;)*)+")

_IMAGE_URL = r"https?://[^\s<>\"]+\.(?:png|jpe?g|gif|webp|bmp)(?:[_?!@][^\s<>\"]*)?"
#: Raw HTML of a picture in a chat.
IMG_TAG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_MEDIA: tuple[tuple[str, str], ...] = (
    ("image", rf"(?:(?:[\[【](?:图片|图片消息|image)[\]】]|<img\b[^<>]*>|{_IMAGE_URL}(?=\s|$))\s*)+"),
    (
        "video",
        r"(?:(?:[\[【](?:视频|短视频|视频消息|video)[\]】]|https?://[^\s<>\"]+\.(?:mp4|mov|m4v)(?:\?\S*)?(?=\s|$))\s*)+",
    ),
    ("voice", r"(?:[\[【](?:语音|语音消息|voice)[\]】]\s*)+(?:\d+[\"″秒s])?"),
    ("file", r"[\[【](?:文件|文件消息|file)[\]】]\s*\S{0,100}"),
    (
        "card",
        r"[\[【](?:卡片|卡片消息|商品|商品卡片|商品链接|宝贝|订单|订单卡片|优惠券|退款卡片|退款申请|评价卡片|card)[\]】]\s*[^\n]{0,120}"
        r"|目前版本不支持该功能[,，]请升级.{0,20}|当前版本暂不支持查看此消息[,，].{0,20}",
    ),
    (
        "card",
        r"https?://(?:[\w-]+\.)*(?:item\.taobao\.com|detail\.tmall\.com|detail\.m\.tmall\.com|h5\.m\.taobao\.com"
        r"|mobile\.yangkeduo\.com|item\.jd\.com|item\.m\.jd\.com|haohuo\.jinritemai\.com)/\S+",
    ),
    ("link", r"https?://\S+"),
)
_TRANSFERS: tuple[str, ...] = (
    r"由\s+(?P<from>\S{1,40}?)\s*转交给\s*(?P<to>\S{1,40})",
    rf"(?P<from>{_NAME})\s*将(?:该|此)会话转移给\s*(?P<to>{_NAME})(?:\s*[，,]\s*并?留言\s*[:：]\s*(?P<note>.*))?",
    r"会话已被?(?:转交|转接)(?:给\s*(?P<to>[^\s，。！？,!?]{1,40}))?[。.]?",
    r"(?!问题|您|亲|我|这边|已经|情况|稍)[^\s，。！？,!?]{1,24}已转交给客服\s*"
    r"(?!.*(?:处理|跟进|核实|查询|联系|回复|了|哦|呢|啦|哈)$)(?P<to>[^\s，。！？,!?]{0,24})",
)
#: The platforms' own sentences in a seller's name: pattern and the event that it tells of (research §1.2, 1.3, 1.5).
_SYSTEM: tuple[tuple[str, str], ...] = (
    ("close", r"(?:系统关闭会话|会话已结束|本次会话已结束)[。.]?"),
    ("close", r"(?:\[系统消息\]\s*)?(?:客服|买家|用户|消费者)超时未回复[，,]\s*会话关闭[。.]?"),
    ("read", r"(?:对方|买家|消费者)?已读"),
    ("rejected", r"(?:买家|消费者|用户|对方)已?(?:点击|选择)?了?拒收了?(?:您|本店|店铺)的?(?:消息|信息)[。.]?"),
    ("", r"您接待过此(?:消费者|用户|买家).{0,20}机器人已(?:暂停|停止)接待.{0,40}"),
    ("", r"\[?消费者已(?:同意|拒绝)您发起的.{1,30}\]?|\[退款成功\]"),
    ("", r"平台已帮您梳理(?:售后|相关)?问题[。.]?|[\[【]?消费者服务工单[\]】]?"),
    ("", r"此消息由机器人(?:发送|自动回复|推荐)|机器人接待中"),
    ("", r"当前会话已长时间未回复[^您亲]{0,60}|平台可能主动介入[。.]?|服务态度预警[^您亲]{0,80}"),
    ("", r"客服(?!.*(?:马上|稍后|正在|即将|尽快|会|将|来))[^\s，。！？,!?]{1,24}接入(?:会话)?"),
    ("", r"[^\s，。！？,!?]{1,30}已由客服[^\s，。！？,!?]{0,24}接待"),
    ("", r"\[系统消息\].{0,200}|【防诈贴士】.{0,300}"),
)
_RECALL = r"(?!.*(?:怎么|为什么|刚才|刚刚))[^，。！？,.!?\n]{0,24}撤回了一条(?:消息|信息)"
_SOURCE = (
    r"当前(?:用户|消费者|买家)来自.{1,60}|来自(?:商品|宝贝|店铺|订单)详情页(?:[\s:：>\[【].{0,80})?"
    r"|(?:买家|客户|顾客|用户|消费者)正在(?:查看|浏览|咨询)(?!.*(?:稍等|请|您)).{0,100}"
    r"|咨询(?:订单|商品)(?:号|编号)[:：]\s*\S+(?:\s*订单金额[:：]\s*\S+)?(?:\s*下单时间[:：].{1,40})?"
)
_SOURCE_BUYER = r"正在(?:查看|浏览|咨询)(?:商品|订单|宝贝|店铺)(?:\s*[:：].{0,100})?"
_AUTOMATIC = re.compile(r"\s*[\[【(（](?:系统)?自动回复(?:消息)?[\]】)）].+", re.DOTALL)
_ROBOT_MARK = re.compile(r".+[\s\[【(（]此消息由机器人(?:发送|自动回复)[\]】)）。]?\s*", re.DOTALL)
_ASSISTED = re.compile(r".*[\s\[【(（]智能辅助[\]】)）]?\s*", re.DOTALL)

#: A cheap look at every row (RE2): only rows that may be anything of the above are looked at more closely.
_CANDIDATE = (
    r"转交|会话转移给|会话已|系统关闭|系统消息|自动回复|未回复|已读\s*$|由机器人|机器人接待中|此消费者|消费者已|消费者服务|已帮您梳理|服务态度预警"
    r"|机器人已|平台可能|^\s*客服.*接入|已由客服|防诈贴士|撤回了一条|来自.*详情页|当前(?:用户|消费者|买家)来自|正在(?:查看|浏览|咨询)|咨询(?:订单|商品)"
    r"|退款成功\]|智能辅助|拒收|不支持|^[\s\x{3000}]*(?:[\[【/\\#]|https?://|<(?i:img)|[0-9#*]\x{fe0f}?\x{20e3}|"
    rf"{PICTOGRAPH})"
)


@dataclass(frozen=True)
class Meaning:
    """What a whole message is, by its words alone."""

    what: str = ""  # one of _WHATS
    kind: str = ""
    event: str = ""
    value: str = ""


def _compile() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return (
        *(("transfer", "transfer", re.compile(p, re.DOTALL)) for p in _TRANSFERS),
        ("recall", "recall", re.compile(_RECALL)),
        ("source", "", re.compile(_SOURCE)),
        ("buyer_source", "", re.compile(_SOURCE_BUYER)),
        *(("seller_system", event, re.compile(p, re.DOTALL)) for event, p in _SYSTEM),
        ("robot", "", _ROBOT_MARK),
        ("assisted", "", _ASSISTED),
        ("auto", "", _AUTOMATIC),
        *(("media", kind, re.compile(p, re.IGNORECASE)) for kind, p in _MEDIA),
        ("emoji", "emoji", _ONLY_EMOTICONS),
    )


_MEANINGS = _compile()
_PLAIN = Meaning()


def meaning(text: str) -> Meaning:
    """What a message is as a whole, by its words alone; an ordinary one has no `what`."""
    text = text.strip()
    if len(text) > 2_000:
        return _PLAIN
    for what, name, pattern in _MEANINGS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        if what == "transfer":
            parts = transfer_parts(text)
            return Meaning(what, "event", "transfer", event_json(parts) if parts else "")
        if what == "recall":
            return Meaning(what, "recall", "recall")
        if what == "seller_system":
            return Meaning(what, "event", name, event_json({"by": "system"}) if name == "close" else "")
        if what in ("source", "buyer_source"):
            return Meaning(what, "card")
        return Meaning(what, name)
    return _PLAIN


def transfer_parts(text: str) -> dict[str, str]:
    """`from`, `to` and `note` that a transfer sentence names; empty where the text is none."""
    for pattern in _TRANSFERS:
        if found := re.fullmatch(pattern, text.strip(), re.DOTALL):
            return {k: v.strip() for k, v in found.groupdict().items() if v and v.strip()}
    return {}


def is_robot(account: str, robot_accounts: Iterable[str] = ()) -> bool:
    """Whether an account's name (with or without `店铺名:` before it) is a robot's."""
    name = re.split("[:：]", account)[-1].strip().lower()
    known = {*ROBOT_ACCOUNTS, *(a.strip().lower() for a in robot_accounts)}
    if name.rstrip("0123456789") in known or name in known or account.strip().lower() in known:
        return bool(name)
    return any(part in name for part in ROBOT_NAME_PARTS) or bool(_ROBOT_LATIN.search(name))


_WHATS = tuple(" transfer recall source buyer_source seller_system robot assisted auto media emoji".split(" "))


def _rows_with(texts: pd.Series, pattern: str) -> npt.NDArray[np.int64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    array: Any = pa.array(texts)
    found = pc.fill_null(pc.match_substring_regex(array, pattern), False)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.to_numpy())


def _replaced(texts: pd.Series, rows: npt.NDArray[np.int64], new: list[str]) -> pd.Series:
    """`texts` (str) with other texts in `rows` (ascending), without a Python object per row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array: Any = pa.array(texts)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows] = True
    changed = pc.replace_with_mask(array, pa.array(mask), pa.array(new, type=array.type))
    return pd.Series(pd.array(changed, dtype="str"), index=texts.index)


class _Column:
    """A categorical column as codes over known values first, so that rows can be set by comparing numbers."""

    def __init__(self, column: pd.Series, values: tuple[str, ...]) -> None:
        own = [str(value) for value in column.cat.categories]
        self.values = [*values, *(value for value in own if value not in values)]
        place = {value: n for n, value in enumerate(self.values)}
        table = np.array([*(place[value] for value in own), place[""]], dtype=np.int32)
        self.codes = table[column.cat.codes.to_numpy()]
        self.place = place

    def series(self, index: pd.Index) -> pd.Series:
        used = np.unique(self.codes)
        table = np.zeros(len(self.values), dtype=np.int32)
        table[used] = np.arange(len(used))
        names = pd.Index([self.values[n] for n in used], dtype="str")
        return pd.Series(pd.Categorical.from_codes(table[self.codes], names), index=index)


def settle(frame: pd.DataFrame, *, robot_accounts: Iterable[str] = ()) -> pd.DataFrame:
    """The canonical frame with its roles settled: the same rows and texts, corrected sender, kind, auto and event.

    Robot accounts (by name, and `robot_accounts`) and texts that say that a robot sent them get sender robot, and
    every robot's message is automatic. The platforms' own sentences, transfers, recalls and source cards get sender
    system with their event, whoever's name they carry. Pictures, cards, bare links and emoticon-only texts get their
    kind where the export says no more than "text". A robot that a buyer's row addresses is dropped from it: no robot is
    responsible for an answer. Rows whose event is known already keep it. Settling twice changes
    nothing more. Sources: research §1.1–1.5; rulebook §1, Message.
    """
    sender = _Column(frame["sender"], ("", *SENDERS))
    kind = _Column(frame["kind"], ("", *KINDS))
    event = _Column(frame["event"], ("", *EVENTS))
    auto = _Column(frame["auto"], ("", "true", "false"))
    buyer, agent, robot, system = (sender.place[name] for name in SENDERS)
    extra = tuple(robot_accounts)

    account = _Column(frame["agent"], ("",))
    by_robot = np.array([is_robot(name, extra) for name in account.values])[account.codes]
    sender.codes[(sender.codes == agent) & by_robot] = robot
    account.codes[(sender.codes == buyer) & by_robot] = 0
    kind.codes[(kind.codes == 0) & (event.codes == 0)] = kind.place["text"]
    kind.codes[kind.codes == 0] = kind.place["event"]

    values = frame["event_value"]
    rows = _rows_with(frame["text"], _CANDIDATE)
    rows = rows[event.codes[rows] == 0]
    if len(rows):
        number, distinct = pd.factorize(frame["text"].iloc[rows])
        meanings = [meaning(str(text)) for text in distinct]
        what = np.array([_WHATS.index(m.what) for m in meanings], dtype=np.int8)[number]
        new_kind = np.array([kind.place[m.kind] for m in meanings], dtype=np.int32)[number]
        new_event = np.array([event.place[m.event] for m in meanings], dtype=np.int32)[number]
        who = sender.codes[rows]

        def are(*names: str) -> npt.NDArray[np.bool_]:
            return np.isin(what, [_WHATS.index(name) for name in names])

        seller = (who == agent) | (who == robot)
        platform = are("transfer", "recall", "source")
        platform |= are("seller_system") & (seller | (who == system))
        platform |= are("buyer_source") & ((who == buyer) | (who == system))
        sender.codes[rows[platform]] = system
        kind.codes[rows[platform]] = new_kind[platform]
        event.codes[rows[platform]] = new_event[platform]
        told = np.flatnonzero(platform & np.array([bool(m.value) for m in meanings])[number])
        if len(told):
            values = _replaced(values, rows[told], [meanings[n].value for n in number[told]])

        by_hand = who == agent
        sender.codes[rows[by_hand & are("robot")]] = robot
        auto.codes[rows[by_hand & are("assisted")]] = auto.place["false"]
        flagged = rows[by_hand & are("auto")]
        auto.codes[flagged[auto.codes[flagged] == 0]] = auto.place["true"]
        shown = rows[are("media", "emoji") & (who != system) & (kind.codes[rows] == kind.place["text"])]
        kind.codes[shown] = new_kind[np.searchsorted(rows, shown)]

    auto.codes[sender.codes == robot] = auto.place["true"]
    index = frame.index
    return frame.assign(
        sender=sender.series(index),
        agent=account.series(index),
        kind=kind.series(index),
        auto=auto.series(index),
        event=event.series(index),
        event_value=values,
    )


def strip_emoticons(texts: pd.Series) -> pd.Series:
    """`texts` (str) without their emoticons of every kind: 旺旺 and JD codes, bracket names, emoji. Index is kept."""
    rows = _rows_with(texts, _MAY_HOLD_EMOTICON)
    if not len(rows):
        return texts.copy()
    number, distinct = pd.factorize(texts.iloc[rows])
    stripped = [EMOTICON.sub("", str(text)) for text in distinct]
    return _replaced(texts, rows, [stripped[n] for n in number])


def plain_media(texts: pd.Series) -> pd.Series:
    """`texts` (str) with picture HTML and bare picture addresses shown as `[图片]`, as the chat window does."""
    out = texts.str.replace(IMG_TAG, "[图片]", regex=True)
    return out.mask(out.str.fullmatch(rf"\s*{_IMAGE_URL}\s*"), "[图片]")
