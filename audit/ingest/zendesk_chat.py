"""Zendesk Chat: chats with their history of events, as the Chat API answers or exports them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from audit.ingest.entries import Rows, nothing
from audit.ingest.jsonsource import field, keys, load, text_of
from audit.ingest.model import Chunk, ReadOptions, Source

NAME = "zendesk-chat"
TITLE = "Zendesk Chat JSON"

_SCORES = {"good": 5, "bad": 1}
_MEDIA = {"image": "image", "video": "video", "audio": "voice"}
_LABELS = {"image": "[图片]", "video": "[视频]", "voice": "[语音]", "file": "[文件]"}
#: Events that are no messages and leave no trace in the chat.
_PASSING = ("typing", "chat.wait_queue", "chat.queue_position", "chat.delivered", "chat.read")


def sniff(source: Source) -> float:
    """Chats with visitor and history, or offline messages with visitor and department."""
    found = keys(source)
    if {"visitor", "history"} <= found and found & {"msg", "sender_type", "nick", "count", "zendesk_ticket_id"}:
        return 0.95
    return 0.8 if {"visitor", "zendesk_ticket_id", "message"} <= found else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """The history of every chat; `source_row` counts the events. Session = chat id, buyer = visitor id.

    chat.msg and chat.file = messages (of visitor, agent or trigger: automatic, without an account); an agent who joins
    while another one holds the chat = transfer; the first leave of the visitor or of the last agent = close;
    chat.rating = rating (good 5, bad 1; withdrawn ones none); chat.request.rating = system_invite. Typing and queue
    events are passed over. A chat without history gives its `message` (offline_msg) and its `rating`.
    Raises UserError where there is no chat.
    """
    documents = load(source)
    rows = Rows(source, options)
    rows.bad_rows += documents.bad_rows
    numbers = itertools.count(1)
    for chat in (c for value in documents.values for c in _chats(value)):
        _chat(rows, numbers, chat)
    if not len(rows):
        raise nothing(source, TITLE, rows.bad_rows)
    yield rows.chunk()


def _chats(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _chats(item)
    elif isinstance(value, dict):
        if "visitor" in value and ("history" in value or "message" in value):
            yield value
        else:
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from _chats(item)


def _side(event: dict[str, Any]) -> str:
    """buyer, agent or auto, by sender_type or the nick (`visitor…`, `agent:…`, `agent:trigger`); "" = unknown."""
    kind, nick = text_of(event.get("sender_type")).lower(), text_of(event.get("nick")).lower()
    if kind in ("trigger", "system", "bot") or nick.startswith("agent:trigger"):
        return "auto"
    if kind in ("visitor", "end_user") or nick.startswith("visitor"):
        return "buyer"
    return "agent" if kind == "agent" or nick.startswith("agent") or text_of(event.get("agent_id")) else ""


def _chat(rows: Rows, numbers: Iterator[int], chat: dict[str, Any]) -> None:
    session = text_of(chat.get("id"))
    buyer = text_of(field(chat, "visitor.id")) or session
    if not buyer:
        rows.bad(next(numbers), "id", "neither a chat nor a visitor id")
        return
    who: dict[str, Any] = {"buyer": buyer, "session": session}
    history = chat.get("history")
    events = [e for e in history if isinstance(e, dict)] if isinstance(history, list) else []
    if not events and text_of(chat.get("message")):
        rows.add(next(numbers), chat.get("timestamp"), "buyer", text=text_of(chat["message"]), **who)
    present: list[str] = []
    holder, rated, closed, last = "", False, False, chat.get("timestamp")
    for event in events:
        number = next(numbers)
        kind, side = text_of(event.get("type")), _side(event)
        time, name = event.get("timestamp"), text_of(event.get("name")) or text_of(event.get("agent_id"))
        if kind in _PASSING:
            continue
        last = time
        agent = name if side == "agent" else ""
        if kind in ("chat.msg", "chat.file"):
            _say(rows, number, event, side, who | {"agent": agent or (holder if side == "buyer" else "")})
        elif kind == "chat.memberjoin":
            if agent and holder and agent != holder:
                rows.event(number, time, "transfer", {"from": holder, "to": agent, "note": ""}, agent=agent, **who)
            elif agent:
                rows.event(number, time, "", {}, text=f"{agent} 接入", agent=agent, **who)
            holder = agent or holder
            present += [agent] if agent else []
        elif kind == "chat.memberleave":
            present = [p for p in present if p != agent]
            ends = not closed and (side == "buyer" or not present)
            by = {"by": "buyer" if side == "buyer" else "agent"}
            rows.event(number, time, "close" if ends else "", by, text=f"{name} 离开", agent=agent, **who)
            closed |= ends
        elif kind == "chat.rating":
            rated |= _rate(rows, number, time, event.get("new_rating", event.get("rating")), holder, who)
        elif kind == "chat.request.rating":
            rows.event(number, time, "system_invite", {"agent": name}, agent=agent, **who)
        elif kind == "chat.comment":
            said = text_of(event.get("new_comment")) or text_of(event.get("comment"))
            rows.event(number, time, "", {}, sender="buyer", text=said, **who)
        else:
            rows.event(number, time, "", {}, text=f"[{kind}]", agent=agent, **who)
    if not rated and text_of(chat.get("rating")):
        _rate(rows, next(numbers), last, chat["rating"], holder, who)


def _say(rows: Rows, number: int, event: dict[str, Any], side: str, who: dict[str, Any]) -> None:
    if not side:
        rows.bad(number, "sender_type", f"neither visitor nor agent: {text_of(event.get('sender_type'))!r:.40}")
        return
    text, kind = text_of(event.get("msg")), "text"
    if event.get("type") == "chat.file":
        mime = text_of(field(event, "attachment.mime_type") or event.get("mime_type"))
        kind = _MEDIA.get(mime.split("/")[0], "file")
        name = text_of(field(event, "attachment.name") or event.get("file_name"))
        text = _LABELS[kind] if kind != "file" else f"{_LABELS[kind]} {name}".strip()
    rows.add(
        number,
        event.get("timestamp"),
        "buyer" if side == "buyer" else "agent",
        text=text,
        kind=kind,
        message_id=event.get("msg_id"),
        auto="true" if side == "auto" else "",
        **who,
    )


def _rate(rows: Rows, number: int, time: object, rating: object, agent: str, who: dict[str, Any]) -> bool:
    """Whether a rating was given; one that is neither good nor bad is a bad row, an emptied one none."""
    words = text_of(rating).lower()
    if words in _SCORES:
        value = {"agent": agent, "score": _SCORES[words], "source": ""}
        rows.event(number, time, "rating", value, sender="buyer", agent=agent, **who)
    elif words not in ("", "null", "none"):
        rows.bad(number, "rating", f"neither good nor bad: {words!r:.40}")
    return words in _SCORES
