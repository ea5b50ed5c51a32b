"""T5: the callbacks of 店小蜜 (AliMe), one JSON object per message, the content as JSON inside a string.

Source: research §1.1 T5. `createTime` comes in seconds and in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.errors import UserError
from audit.ingest.accounts import platform_of, seller, shops_among
from audit.ingest.jsonsource import MOST_NESTED, chunk, field, keys, load, nested, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.qianniu_sessions import content
from audit.ingest.roles import plain_media

NAME = "alime"
TITLE = "店小蜜消息回调 JSON"

_IDS = ("messageId", "msgId", "messageUuid", "uuid", "id")
_LISTS = ("messages", "data", "result", "list")


def sniff(source: Source) -> float:
    """By the keys sender, receivers, createTime and content."""
    found = keys(source)
    return 0.97 if {"sender", "receivers", "createTime", "content"} <= found else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """All messages in file order; `source_row` is a message's place in the file.

    Raises UserError where no nick shows which side is the shop (`店铺名:子账号`).
    """
    documents = load(source)
    bad: list[BadRow] = list(documents.bad_rows)
    messages: list[tuple[int, dict[str, Any]]] = []
    for number, value in enumerate(_flat(documents.values), 1):
        if isinstance(value, dict) and isinstance(value.get("sender"), dict):
            messages.append((number, value))
        else:
            bad.append(BadRow(source.name, number, "sender", "no message: it names no sender"))
    if not messages:
        raise UserError("the file holds no messages", where=source.name, fix="export the callbacks again")
    shops = shops_among([nick for _, message in messages for nick in _nicks(message)], options.shop)
    if not shops:
        raise UserError(
            "no nick reads 店铺名:子账号, so sellers and buyers cannot be told apart",
            where=source.name,
            fix="name the shop with --shop",
        )
    rows = [_message(message, shops, options) | {"source_row": number} for number, message in messages]
    part = chunk(rows, source, options, tuple(bad))
    yield Chunk(part.frame.assign(text=plain_media(part.frame["text"])), part.bad_rows)


def _flat(values: list[Any], depth: int = 0) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list) and depth < MOST_NESTED:
            yield from _flat(value, depth + 1)
        elif isinstance(value, dict) and "sender" not in value:
            inner = next((nested(value[name]) for name in _LISTS if name in value), None)
            if isinstance(inner, (list, dict)) and depth < MOST_NESTED:
                yield from _flat(inner if isinstance(inner, list) else [inner], depth + 1)
            else:
                yield value
        else:
            yield value


def _nicks(message: dict[str, Any]) -> list[str]:
    receivers = message.get("receivers")
    others = receivers if isinstance(receivers, list) else [receivers]
    return [text_of(field(one, "nick")).strip() for one in (message.get("sender"), *others)]


def _message(message: dict[str, Any], shops: frozenset[str], options: ReadOptions) -> dict[str, Any]:
    sent_by, *receivers = _nicks(message)
    own = seller(sent_by, shops)
    addressed = next((found for nick in receivers if (found := seller(nick, shops))), None)
    shop, account = own or addressed or (options.shop, "")
    buyer = sent_by if own is None else next((nick for nick in receivers if seller(nick, shops) is None), "")
    value = nested(message.get("content"))
    if isinstance(value, dict) and "templateData" in value:
        value = value["templateData"]
    kind, text = content(value)
    system = text_of(message.get("messageType")) not in ("", "NONE_SYS")
    return {
        "platform": platform_of(shop, options),
        "shop": shop,
        "buyer": buyer.removeprefix("cntaobao"),
        "message_id": next((text_of(message[name]) for name in _IDS if text_of(message.get(name))), ""),
        "time": message.get("createTime"),
        "sender": "system" if system else "agent" if own else "buyer",
        "agent": account,
        "kind": "event" if system else kind,
        "text": text,
    }
