"""T4: the JSON answers of Qianniu's chat window, `{code, result: [message …]}`.

Source: research §1.1 T4. A message is the buyer's if the account that is logged in is the one it was sent to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audit.errors import UserError
from audit.ingest.accounts import is_masked, platform_of, seller, shops_among
from audit.ingest.jsonsource import MOST_NESTED, chunk, field, keys, load, nested, oldest_first, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.roles import plain_media

NAME = "qianniu-im-json"
TITLE = "千牛 IM JSON"

_CCODE = re.compile(r"(\d+)\.\d+-(\d+)\.\d+#")
_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|webp|bmp)(?:$|[_?!@])", re.IGNORECASE)
_VIDEO = re.compile(r"\.(?:mp4|mov|m4v)(?:$|\?)", re.IGNORECASE)


def sniff(source: Source) -> float:
    """By the keys fromid, toid and loginid beside mcode, cid or originalData."""
    found = keys(source)
    return 0.97 if {"fromid", "toid"} <= found and found & {"loginid", "mcode", "originalData", "ccode"} else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """All messages, oldest first; `source_row` is a message's place in the file.

    `buyer` is the full nick, or the buyer's numeric id where the nick is masked. Raises UserError where the file holds
    only an error answer.
    """
    documents = load(source)
    pages: list[list[Any]] = []
    errors: list[str] = []
    for value in documents.values:
        _collect(value, pages, errors)
    if not any(pages):
        told = f"an error answer ({errors[0]})" if errors else "no messages"
        raise UserError(f"the file holds {told}", where=source.name, fix="export the chats again")
    everyone = [text_of(field(m, f"{side}.nick")) for page in pages for m in page for side in _SIDES]
    shops = shops_among(everyone, options.shop)
    bad: list[BadRow] = list(documents.bad_rows)
    bad += [BadRow(source.name, n, "", f"an error answer instead of messages ({e})") for n, e in enumerate(errors, 1)]
    first = [0]
    for page in pages:
        first.append(first[-1] + len(page))
    order = oldest_first([[_time(message) for message in page] for page in pages], options)
    rows = [
        _message(pages[page][place], shops, options) | {"source_row": first[page] + place + 1} for page, place in order
    ]
    part = chunk(rows, source, options, tuple(bad))
    yield Chunk(part.frame.assign(text=plain_media(part.frame["text"])), part.bad_rows)


_SIDES = ("fromid", "toid", "loginid")


def _collect(value: Any, pages: list[list[Any]], errors: list[str], depth: int = 0) -> None:
    if depth > MOST_NESTED:
        return
    if isinstance(value, list):
        messages = [m for m in value if isinstance(m, dict) and "fromid" in m]
        if messages:
            pages.append(messages)
        for item in value:
            if isinstance(item, dict) and "fromid" not in item:
                _collect(item, pages, errors, depth + 1)
    elif isinstance(value, dict):
        if "fromid" in value:
            pages.append([value])
            return
        result = nested(value.get("result", value.get("data")))
        if isinstance(result, dict):
            result = nested(result.get("msgs", result.get("result")))
        if isinstance(result, list):
            _collect(result, pages, errors, depth + 1)
        elif text_of(value.get("code")) not in ("", "0", "200"):
            errors.append(f"code {text_of(value.get('code'))} {text_of(value.get('subcode'))}".strip())


def _message(message: dict[str, Any], shops: frozenset[str], options: ReadOptions) -> dict[str, Any]:
    sent_by, sent_to, login = (text_of(field(message, f"{side}.nick")).strip() for side in _SIDES)
    sent_by = sent_by or text_of(field(message, "ext.sender_nick"))
    sent_to = sent_to or text_of(field(message, "ext.receiver_nick"))
    from_buyer = seller(sent_by, shops) is None if not login else login == sent_to
    account_nick, buyer_nick = (sent_to, sent_by) if from_buyer else (sent_by, sent_to)
    account = seller(account_nick or login, shops) or ("", account_nick or login)
    shop = account[0] or (seller(login, shops) or (options.shop, ""))[0]
    buyer = buyer_nick.removeprefix("cntaobao")
    session = ""
    if is_masked(buyer):
        ccode = text_of(field(message, "cid.ccode")) or text_of(message.get("cid"))
        uid = text_of(field(message, f"{'fromid' if from_buyer else 'toid'}.targetId"))
        buyer = uid or _other(ccode, text_of(field(message, "loginid.targetId"))) or buyer
        session = ccode if is_masked(buyer) else ""
    kind, text = _content(message)
    return {
        "platform": platform_of(shop, options),
        "shop": shop,
        "buyer": buyer,
        "session": session,
        "message_id": text_of(field(message, "mcode.messageId")) or text_of(field(message, "ext.ww_msgid")),
        "time": _time(message),
        "sender": "buyer" if from_buyer else "agent",
        "agent": account[1],
        "kind": kind,
        "text": text,
    }


def _other(ccode: str, own: str) -> str:
    """The buyer's id in a conversation's code, which names the ids of both sides."""
    found = _CCODE.match(ccode)
    if found is None or own not in found.groups():
        return ""
    return found[2] if found[1] == own else found[1]


def _time(message: dict[str, Any]) -> str:
    return text_of(message.get("sendTime")) or text_of(message.get("sortTimeMicrosecond"))


def _content(message: dict[str, Any]) -> tuple[str, str]:
    """Kind and text: the text, else a picture, video or file, else a card's title, else the summary."""
    data = nested(message.get("originalData"))
    summary = text_of(message.get("summary"))
    if not isinstance(data, dict):
        return "text", text_of(data) or summary
    if text := text_of(data.get("text")):
        return "text", text
    title = " ".join(filter(None, (text_of(field(data, "header.title")), text_of(field(data, "header.summary")))))
    if title or text_of(data.get("actionUrl")):
        return "card", title or summary or "[卡片]"
    address = text_of(data.get("url"))
    if _VIDEO.search(address):
        return "video", "[视频]"
    if _IMAGE.search(address) or (address and not summary):
        return "image", "[图片]"
    if summary:
        return "text", summary
    return ("file", "[文件]") if text_of(data.get("fileId")) else ("card", "[卡片]")
