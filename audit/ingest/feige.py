"""抖店飞鸽 (Douyin Feige): an ASSUMED text layout, and the message objects that its web page works with.

No export layout of Feige is public. What is known are its system sentences and a few fields of the page's message
object (`content`, `hintContent`, `ext`, `type`, `sender_biz_role`). Around these two layouts are assumed here:

Text, blocks of one session each, header lines first and behind every blank line::

    店铺：云岫生活馆
    会话ID：74380001
    买家：小雨要早睡
    2026-11-10 10:00:01 小雨要早睡 在吗
    2026-11-10 10:00:03 飞鸽机器人 您好，请问有什么可以帮您 此消息由机器人自动回复
    2026-11-10 10:00:30 客服阿澄接入
    2026-11-10 10:00:41 阿澄 在的哦
    第二行属于上一条消息

A tab or a space parts name and text. JSON: one object per message with the fields above and, assumed,
`message_id`, `conversation_id`, `create_time`, `sender_name`, `buyer`, `shop_name`.
Any other layout is read as a table with `--map`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from audit.ingest.encodings import decode_with_bad, head_text
from audit.ingest.entries import Rows, finish, joined, nothing
from audit.ingest.jsonsource import field, keys, load, nested, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source

NAME = "feige"
TITLE = "抖店飞鸽（假定的版式，平台未公开导出格式）"

_TIMED = r"^(?P<sent_at>\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d{2}:\d{2})[ \t]+(?P<rest>\S.*)$"
_HEADERS = {
    **dict.fromkeys(("店铺", "店铺名称"), "shop"),
    **dict.fromkeys(("会话ID", "会话id", "会话编号"), "session"),
    **dict.fromkeys(("买家", "用户", "买家昵称", "用户昵称"), "buyer"),
    **dict.fromkeys(("客服", "客服昵称"), "staff"),
}
_HEADER = rf"^(?P<key>{'|'.join(_HEADERS)})\s*[:：]\s*(?P<value>.*?)\s*$"
_TITLE_LINE = r"^\W*(?:抖店)?飞鸽.{0,20}$"
_TITLE_LINES = 5
_ROBOT_MARK = "此消息由机器人自动回复"
_ROBOT_NAME = r"机器人|智能客服|智能助手"
#: System sentences that stand alone behind the time, without a speaker (research §1.3).
_SYSTEM = (
    r"^(?:机器人接待中|系统关闭会话|当前会话已长时间未回复.*|平台可能主动介入.*|服务态度预警.*|会话已被?转交.*|会话已结束.*"
    r"|客服\S+接入|\S+已转交给客服\S*|\S+已由客服\S*接待|\S+撤回了一条消息)$"
)
_NAMED = (r"^客服(?P<a>\S+?)(?:已)?接入$", r"已转交给客服(?P<a>\S+)$", r"已由客服(?P<a>\S+?)接待$")


def sniff(source: Source) -> float:
    """The message objects; or timed lines beside a Feige title, or session headers with Feige's own sentences."""
    found = keys(source)
    if found:
        return 0.95 if "sender_biz_role" in found and found & {"content", "hintContent"} else 0.0
    lines = pd.Series(head_text(source.head).lstrip("\ufeff").split("\n"), dtype="str").str.rstrip("\r")
    timed = lines.str.extract(_TIMED)["rest"].dropna()
    if timed.empty:
        return 0.0
    headers = set(lines.str.extract(_HEADER)["key"].dropna().map(_HEADERS))
    own = timed.str.contains(_SYSTEM).any() or timed.str.contains(_ROBOT_MARK).any()
    if lines.iloc[:_TITLE_LINES].str.contains(_TITLE_LINE).any():
        return 0.95
    if {"session", "buyer"} <= headers:
        return 0.9 if own else 0.7
    return 0.6 if own and headers else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Rows in file order, platform douyin; `source_row` is the line, or the index of the JSON object.

    Whoever the block's 买家 line names is the buyer and everybody else an agent. Without it, those whom 客服接入 and
    转交 sentences or a 客服 line name are agents and the one other speaker is the buyer; where that leaves none or
    several, the block's rows are bad. The robot mark behind a text makes it a robot's and is taken off.
    Raises UserError where no message is found.
    """
    if keys(source):
        yield _objects(source, options)
        return
    text, _, unreadable = decode_with_bad(source.read_bytes(), source.name)
    refused = list(unreadable)
    messages = _messages(source, text, refused)
    if messages.empty:
        raise nothing(source, TITLE, refused)
    messages = _speakers(messages)
    unclear = messages["unclear"]
    refused += [
        BadRow(source.name, int(n), "", "buyer and agent cannot be told apart: the block has no line 买家：")
        for n in messages.loc[unclear, "source_row"]
    ]
    messages = messages[~unclear].reset_index(drop=True)
    if messages.empty:
        raise nothing(source, TITLE, refused)
    columns = {c: messages[c] for c in _COLUMNS}
    columns["shop"] = messages["shop"].where(messages["shop"].ne(""), options.shop)
    yield Chunk(finish(columns, {"platform": "douyin"}, source, options, refused), tuple(refused))


_COLUMNS = ("source_row", "sent_at", "sender", "buyer", "session", "agent", "kind", "text", "auto")


def _messages(source: Source, text: str, refused: list[BadRow]) -> pd.DataFrame:
    """One row per timed line: source_row, sent_at, rest (with its further lines) and what its block's header says."""
    lines = pd.Series(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), dtype="str")
    lines.index = pd.RangeIndex(1, len(lines) + 1)
    blank = lines.str.strip().eq("")
    title = lines.str.contains(_TITLE_LINE) & (lines.index <= _TITLE_LINES)
    timed = lines.str.extract(_TIMED)
    is_timed = timed["rest"].notna()
    header = lines.where(~is_timed, "").str.extract(_HEADER)
    candidate = header["key"].notna()
    run = candidate.ne(candidate.shift()).cumsum()
    opens = (blank | title).shift(fill_value=True)
    is_header = candidate & opens.groupby(run).transform("first")
    block = (is_header & ~is_header.shift(fill_value=False)).cumsum()

    frame = pd.DataFrame({"source_row": lines.index, "block": block, "sent_at": timed["sent_at"]}, index=lines.index)
    names = header["key"].where(is_header).map(_HEADERS)
    for name in ("shop", "session", "buyer", "staff"):
        said = header["value"].where(names.eq(name))
        frame[name] = said.groupby(block).transform("first").fillna("")
    shop = frame["shop"].where(frame["shop"].ne("")).ffill().fillna("")
    frame["shop"] = shop

    message = is_timed.cumsum()
    more = ~is_timed & ~is_header & ~title
    early = more & ~blank & ~is_timed.groupby(block).cummax()
    reason = "neither a header line nor behind a timed line"
    refused += [BadRow(source.name, int(n), "", reason) for n in lines.index[early]]
    body = timed["rest"].where(is_timed, lines)[is_timed | (more & ~early)]
    whole = joined(body, message[body.index])
    frame = frame[is_timed].assign(rest=whole.reindex(message[is_timed]).to_numpy())
    return frame.assign(rest=frame["rest"].str.rstrip()).reset_index(drop=True)


def _speakers(messages: pd.DataFrame) -> pd.DataFrame:
    """Adds sender, buyer, agent, kind, text, auto and `unclear` (a block whose buyer cannot be told)."""
    rest = messages["rest"]
    system = rest.str.contains(_SYSTEM) & ~rest.str.contains("\n", regex=False)
    known = messages["buyer"].where(messages["buyer"].ne(""), "\0")
    fits = pd.Series(
        [r.startswith(b) and r[len(b) : len(b) + 1] in (" ", "\t", "") for r, b in zip(rest, known, strict=True)],
        index=rest.index,
        dtype=bool,
    )
    tab = rest.str.split("\n", n=1).str[0].str.contains("\t", regex=False)
    parts = rest.str.extract(r"(?s)^(?P<name>\S+)(?:[ \t]+(?P<text>.*))?$").fillna("")
    tabbed = rest.str.extract(r"(?s)^(?P<name>[^\t\n]+)\t+(?P<text>.*)$").fillna("")
    name = parts["name"].mask(tab, tabbed["name"]).str.strip().mask(fits, known)
    text = parts["text"].mask(tab, tabbed["text"])
    text = text.mask(fits, [r[len(b) :].lstrip(" \t") for r, b in zip(rest, known, strict=True)])
    # a name glued to its text by no separator is a line of the platform
    lone = text.eq("") & ~system & ~fits & ~tab
    system |= lone
    name, text = name.mask(system, ""), text.mask(system, rest)

    robot = ~system & ~fits & (text.str.endswith(_ROBOT_MARK) | name.str.contains(_ROBOT_NAME))
    text = text.str.removesuffix(_ROBOT_MARK).str.rstrip()
    staff = _staff(messages, rest.where(system, ""))
    pairs = pd.Series(list(zip(messages["block"], name, strict=True)), index=rest.index, dtype=object)
    named = pairs.isin(staff) | name.str.startswith("客服")
    has_buyer = messages["buyer"].ne("")
    buyer = ~system & ~robot & name.eq(known).where(has_buyer, ~named)
    others = name.where(buyer).groupby(messages["block"])
    alone = others.transform("nunique").eq(1) & (named | robot).groupby(messages["block"]).transform("any")
    sender = pd.Series("agent", index=rest.index).mask(buyer, "buyer").mask(robot, "robot").mask(system, "system")
    return messages.assign(
        sender=sender,
        agent=name.where(sender.isin(["agent", "robot"]), ""),
        buyer=messages["buyer"].where(has_buyer, others.transform("first").fillna("")),
        kind=pd.Series("text", index=rest.index).mask(system, "event"),
        text=text,
        auto=pd.Series("", index=rest.index).mask(robot, "true"),
        unclear=~has_buyer & ~alone,
    )


def _staff(messages: pd.DataFrame, sentences: pd.Series) -> set[tuple[int, str]]:
    """(block, name) of everybody whom a 客服 line or a sentence of the platform names."""
    found: set[tuple[int, str]] = set()
    for pattern in _NAMED:
        names = sentences.str.extract(pattern)["a"].dropna()
        found |= set(zip(messages.loc[names.index, "block"], names, strict=True))
    listed = messages.drop_duplicates("block")[["block", "staff"]]
    for block, names in zip(listed["block"], listed["staff"], strict=True):
        found |= {(block, n.strip()) for n in re.split(r"[、,，;；]", names) if n.strip()}
    return found


_ROLES = {"buyer": "buyer", "customer": "buyer", "user": "buyer", "robot": "robot", "bot": "robot", "system": "system"}
_TEXT_TYPE = "1000"


def _objects(source: Source, options: ReadOptions) -> Chunk:
    documents = load(source)
    entries = [e for value in documents.values for e in _entries(value)]
    shop = next((text_of(e.get("shop_name")) for e in entries if e.get("shop_name")), "")
    rows = Rows(source, options, platform="douyin", shop=options.shop or shop)
    rows.bad_rows += documents.bad_rows
    buyers = {text_of(e.get("conversation_id")): name for e in reversed(entries) if (name := _buyer(e))}
    for number, entry in enumerate(entries, 1):
        session = text_of(entry.get("conversation_id"))
        buyer = text_of(entry.get("buyer")) or buyers.get(session, session)
        role = text_of(entry.get("sender_biz_role")).lower()
        if not role or not (buyer or session):
            rows.bad(number, "sender_biz_role" if not role else "conversation_id", "empty")
            continue
        sender = _ROLES.get(role, "agent")
        text = text_of(entry.get("content")) or text_of(entry.get("hintContent"))
        kind = "event" if sender == "system" else "text"
        ext = nested(entry.get("ext"))
        if not text and sender != "system":
            card = "[商品卡片]" if field(ext, "goods_id") else "[订单卡片]" if field(ext, "order_id") else ""
            text, kind = (card, "card") if card else (f"[消息类型 {text_of(entry.get('type'))}]", "card")
        if marked := text.endswith(_ROBOT_MARK) and sender != "system":
            text, sender = text.removesuffix(_ROBOT_MARK).rstrip(), "robot"
        rows.add(
            number,
            entry.get("create_time"),
            sender,
            text=text,
            kind=kind,
            buyer=buyer,
            session=session,
            agent=entry.get("sender_name") if sender in ("agent", "robot") else "",
            message_id=entry.get("message_id"),
            auto="true" if marked or sender == "robot" else "",
        )
    if not len(rows):
        raise nothing(source, TITLE, rows.bad_rows)
    return rows.chunk()


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _entries(item)
    elif isinstance(value, dict):
        if "sender_biz_role" in value:
            yield value
        else:
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from _entries(item)


def _buyer(entry: dict[str, Any]) -> str:
    if text_of(entry.get("buyer")):
        return text_of(entry["buyer"])
    by_buyer = _ROLES.get(text_of(entry.get("sender_biz_role")).lower()) == "buyer"
    return text_of(entry.get("sender_name")) if by_buyer else ""
