"""Pinduoduo's chat JSON (`plateau/chat/list` pages, pushes, or lists of messages), newest first as the site gives it.

Source: research §1.2, which lists the message types. System hints come under the seller's role `mall_cs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from audit.errors import UserError
from audit.ingest.accounts import digest, is_masked
from audit.ingest.entries import event_json
from audit.ingest.jsonsource import MOST_NESTED, chunk, field, keys, load, nested, oldest_first, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.roles import plain_media, transfer_parts

NAME = "pdd"
TITLE = "拼多多聊天 JSON"

TEXT, IMAGE, EMOTION, ORDER, VIDEO, REFUND, READ, TRANSFER, PUSH, HINT, SOURCE, FAQ, GOODS, REFUND_EVENT, UPLOAD = (
    0, 1, 5, 8, 14, 19, 20, 24, 30, 31, 41, 56, 64, 90, 97,
)  # fmt: skip
WITHDRAW = 1002
#: What the platform itself says: type → kind and event.
_PLATFORM = {
    READ: ("event", "read"),
    TRANSFER: ("event", "transfer"),
    PUSH: ("event", ""),
    HINT: ("event", ""),
    SOURCE: ("card", ""),
    REFUND_EVENT: ("event", ""),
    WITHDRAW: ("recall", "recall"),
}
#: What people (and 56: the robot) send: type → kind and the text that stands for it.
_SHOWN = {
    IMAGE: ("image", "[图片]"),
    VIDEO: ("video", "[视频]"),
    ORDER: ("card", "[订单]"),
    REFUND: ("card", "[退款卡片]"),
    FAQ: ("card", "[常见问题]"),
    GOODS: ("card", "[商品]"),
    UPLOAD: ("file", "[文件]"),
}
_ROBOT_HINT = "此消息由机器人发送"
_GOODS_KEYS = ("goodsID", "goodsId", "goods_id")
_ORDER_KEYS = ("orderSequenceNo", "order_sn", "orderSn")
_TITLES = ("goodsName", "goods_name", "title", "text", "orderSequenceNo", "order_sn")
_LISTS = ("messages", "message", "result", "data", "list", "pages")


def sniff(source: Source) -> float:
    """By the keys from, to, msg_id and ts (old: time) beside Pinduoduo's own ones."""
    found = keys(source)
    if not {"from", "to", "msg_id"} <= found or not found & {"ts", "time"}:
        return 0.0
    own = found & {"mall_id", "pre_msg_id", "client_msg_id", "sub_type", "nickname", "template_name", "csid", "cs_uid"}
    return min(0.97, 0.6 + 0.15 * len(own)) if b"mall_cs" in source.head or len(own) > 2 else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """All messages, oldest first; `source_row` is a message's place in the file.

    `buyer` is the uid, else the nickname; `agent` the csid. A withdrawn message that the file holds is marked recalled.
    """
    documents = load(source)
    bad: list[BadRow] = list(documents.bad_rows)
    pages: list[list[tuple[int, dict[str, Any]]]] = [[]]
    for value in documents.values:
        _collect(value, pages)
    count = 0
    for page in pages:
        for place, (_, message) in enumerate(page):
            count += 1
            page[place] = (count, message)
    for page in pages:
        bad += [BadRow(source.name, n, "from", "no message: it names no sender") for n, m in page if not _is_message(m)]
    kept = [[item for item in page if _is_message(item[1])] for page in pages]
    kept = [page for page in kept if page]
    if not kept:
        raise UserError("the file holds no messages", where=source.name, fix="export the chats again")
    order = oldest_first([[_time(message) for _, message in page] for page in kept], options)
    kept = [[kept[n][place] for _, place in places] for n, places in groupby(order, key=lambda item: item[0])]
    accounts = frozenset(csid for page in kept for _, m in page if (csid := _csid(m)))
    rows = [row for page in kept for row in _page(page, accounts, options)]
    _withdraw(rows)
    _mark_robots(rows)
    part = chunk(rows, source, options, tuple(sorted(bad, key=lambda b: b.row)))
    yield Chunk(part.frame.assign(text=plain_media(part.frame["text"])), part.bad_rows)


def _is_message(value: dict[str, Any]) -> bool:
    return isinstance(value.get("from"), dict) and ("content" in value or "type" in value)


def _collect(value: Any, pages: list[list[tuple[int, dict[str, Any]]]], depth: int = 0) -> None:
    """Sort messages into pages: a list is a page, messages that stand alone share one."""
    if depth > MOST_NESTED:
        return
    if isinstance(value, list):
        if any(isinstance(item, dict) and _is_message(item) for item in value):
            pages.append([(0, item if isinstance(item, dict) else {}) for item in value])
            pages.append([])
            return
        for item in value:
            _collect(item, pages, depth + 1)
    elif isinstance(value, dict):
        if _is_message(value):
            pages[-1].append((0, value))
            return
        for name in _LISTS:
            inner = nested(value.get(name))
            if isinstance(inner, (list, dict)):
                _collect(inner, pages, depth + 1)
                return


def _time(message: dict[str, Any]) -> str:
    return text_of(message.get("ts")) or text_of(message.get("time"))


def _csid(message: dict[str, Any]) -> str:
    side = "from" if field(message, "from.role") != "user" else "to"
    names = (f"{side}.csid", f"{side}.cs_uid", "csid", "cs_uid")
    return next((found for name in names if (found := text_of(field(message, name)))), "")


def _first(info: Any, names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := text_of(field(info, name)).strip())), "")


def _buyer(message: dict[str, Any]) -> str:
    for side in ("from", "to"):
        if field(message, f"{side}.role") == "user" and (uid := text_of(field(message, f"{side}.uid"))):
            return uid
    if field(message, "from.role") in ("mall_cs", "system") and field(message, "to.role") is None:
        return text_of(field(message, "to.uid"))
    return ""


def _page(
    page: list[tuple[int, dict[str, Any]]], accounts: frozenset[str], options: ReadOptions
) -> list[dict[str, Any]]:
    uids = Counter(uid for _, message in page if (uid := _buyer(message)))
    nicks = Counter(nick for _, message in page if (nick := text_of(message.get("nickname"))))
    usual = next(iter(uids)) if len(uids) == 1 else ""
    session = ""
    if not uids:
        nick = nicks.most_common(1)[0][0] if nicks else ""
        session = digest(nick, text_of(page[0][1].get("msg_id")), _time(page[0][1])) if is_masked(nick) else ""
    rows = []
    for number, message in page:
        nick = text_of(message.get("nickname"))
        row = _message(message, accounts) | {"source_row": number, "session": session}
        row["platform"] = options.platform or "pdd"
        row["shop"] = _shop(message, options)
        row["buyer"] = _buyer(message) or (usual if uids else nick or (nicks.most_common(1)[0][0] if nicks else ""))
        rows.append(row)
    shops = Counter(row["shop"] for row in rows if row["shop"])
    for row in rows:
        row["shop"] = row["shop"] or (shops.most_common(1)[0][0] if shops else "")
    return rows


def _shop(message: dict[str, Any], options: ReadOptions) -> str:
    if options.shop:
        return options.shop
    names = ("mall_name", "to.mall_name", "from.mall_name", "to.mall_id", "from.mall_id", "mall_id")
    if found := next((text for name in names if (text := text_of(field(message, name)))), ""):
        return found
    seller = next((side for side in ("from", "to") if field(message, f"{side}.role") == "mall_cs"), "")
    return text_of(field(message, f"{seller}.uid")) if seller else ""


def _number(value: Any) -> int:
    text = text_of(value).strip()
    return int(text) if text.lstrip("-").isdigit() and len(text) < 10 else -1


def _message(message: dict[str, Any], accounts: frozenset[str]) -> dict[str, Any]:
    code = _number(message.get("type", TEXT))
    info = nested(message.get("info"))
    said = text_of(message.get("content")).strip()
    role = text_of(field(message, "from.role"))
    row: dict[str, Any] = {
        "message_id": text_of(message.get("msg_id")),
        "after": text_of(field(info, "msg_id")) or text_of(message.get("pre_msg_id")),
        "time": _time(message),
        "sender": {"user": "buyer", "mall_cs": "agent"}.get(role, "system"),
        "agent": _csid(message),
        "kind": "text",
        "text": said,
    }
    if code in _PLATFORM:
        row["kind"], row["event"] = _PLATFORM[code]
        row["sender"] = "system"
        if code == TRANSFER:
            row["event_value"] = _transfer(said, info, accounts)
        elif code == WITHDRAW:
            row["text"] = said or _first(info, ("withdraw_hint",))
            named = text_of(field(info, "msg_id"))
            row["event_value"] = event_json({"message_id": named}) if named else ""
    elif code in _SHOWN:
        row["kind"], stands_for = _SHOWN[code]
        keep = row["kind"] == "card" and said and not said.startswith(("http", "{"))
        row["text"] = said if keep else _first(info, _TITLES) or stands_for if row["kind"] == "card" else stands_for
        if code == FAQ and row["sender"] == "agent":
            row |= {"sender": "robot", "auto": "true"}
    elif code == EMOTION:
        row["kind"], row["text"] = "emoji", f"[{_first(info, ('description',)) or said.strip('[]') or '表情'}]"
    elif code == TEXT:
        goods, order = _first(info, _GOODS_KEYS), _first(info, _ORDER_KEYS)
        if goods or order or _number(message.get("sub_type")) in (1, 2):
            row["kind"] = "card"
            row["text"] = said or _first(info, _TITLES) or ("[订单]" if order else "[商品]")
    elif not said:
        row["kind"], row["text"] = "card", _first(info, _TITLES) or f"[类型{code}的消息]"
    return row


def _transfer(said: str, info: Any, accounts: frozenset[str]) -> str:
    """{from, to, note}: the account ids where the file knows them, else the names in the sentence."""
    parts = transfer_parts(said)
    value: dict[str, str] = {}
    for side, names in (("from", ("origin_id", "origin_csid")), ("to", ("new_csid", "target_id"))):
        ids = [found for name in names if (found := text_of(field(info, name)))]
        known = [found for found in ids if found in accounts]
        if chosen := next(iter([*known, *filter(None, [parts.get(side, "")]), *ids]), ""):
            value[side] = chosen
    if note := parts.get("note") or _first(info, ("note", "remark")):
        value["note"] = note
    return event_json(value) if value else ""


def _withdraw(rows: list[dict[str, Any]]) -> None:
    gone = {(row["buyer"], row["after"]) for row in rows if row.get("event") == "recall" and row["event_value"]}
    for row in rows:
        row["recalled"] = row.get("event") != "recall" and (row["buyer"], row["message_id"]) in gone


def _mark_robots(rows: list[dict[str, Any]]) -> None:
    """A hint that a robot sent "this message" stands under the message whose id it names."""
    sent = {(row["buyer"], row["message_id"]): row for row in rows if row["sender"] == "agent" and row["message_id"]}
    for row in rows:
        if row["sender"] == "system" and row["text"] == _ROBOT_HINT:
            told = sent.get((row["buyer"], row["after"]))
            if told is not None:
                told |= {"sender": "robot", "auto": "true"}
