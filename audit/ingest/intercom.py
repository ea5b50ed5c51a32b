"""Intercom: conversations with their parts, as its API (1.x `conversation_message`, 2.x `source`) answers them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from audit.ingest.entries import NOTE, Rows, nothing
from audit.ingest.jsonsource import field, keys, load, text_of
from audit.ingest.model import Chunk, ReadOptions, Source

NAME = "intercom"
TITLE = "Intercom 对话 JSON"

_BUYERS = ("user", "lead", "contact")
_BREAKS = frozenset({"p", "br", "div", "li", "h1", "h2", "h3", "tr", "blockquote"})
_SILENT = frozenset({"script", "style"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append("[图片]")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"[ \t\r\n]+", " ", data))


def html_text(body: str) -> str:
    """The text of an HTML body as a person reads it: a line per paragraph, [图片] for pictures."""
    if "<" not in body and "&" not in body:
        return body.strip()
    parser = _Text()
    parser.feed(body)
    parser.close()
    lines = (line.strip() for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def sniff(source: Source) -> float:
    """Conversations with `conversation_parts`, or their parts with an author."""
    found = keys(source)
    if "conversation_parts" in found:
        return 0.96
    return 0.85 if {"part_type", "author", "body"} <= found else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """The opening message, the parts and the rating of every conversation; `source_row` counts these.

    author user, lead or contact = buyer, admin = agent, bot = robot. Part types: comment and any other with a body =
    message (HTML becomes text); note = system row without its text, as no customer saw it; assignment = transfer to
    `assigned_to`; close = close. Session = conversation id, buyer = the customer's id.
    Raises UserError where there is no conversation.
    """
    documents = load(source)
    rows = Rows(source, options)
    rows.bad_rows += documents.bad_rows
    conversations = [c for value in documents.values for c in _conversations(value)]
    names = {key: name for c in conversations for key, name in _names(c)}
    numbers = itertools.count(1)
    for conversation in conversations:
        _conversation(rows, numbers, conversation, names)
    if not len(rows):
        raise nothing(source, TITLE, rows.bad_rows)
    yield rows.chunk()


def _conversations(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _conversations(item)
    elif isinstance(value, dict):
        if "conversation_parts" in value:
            yield value
        else:
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from _conversations(item)


def _parts(conversation: dict[str, Any]) -> list[dict[str, Any]]:
    parts = conversation["conversation_parts"]
    inner = parts.get("conversation_parts", parts.get("data")) if isinstance(parts, dict) else parts
    return [p for p in inner if isinstance(p, dict)] if isinstance(inner, list) else []


def _opening(conversation: dict[str, Any]) -> dict[str, Any]:
    found = conversation.get("conversation_message") or conversation.get("source")
    return found if isinstance(found, dict) else {}


def _names(conversation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in (_opening(conversation), *_parts(conversation)):
        author = entry.get("author")
        name = text_of(field(author, "name")) or text_of(field(author, "email"))
        if name and text_of(field(author, "type")) not in _BUYERS:
            yield text_of(field(author, "id")), name


def _buyer(conversation: dict[str, Any]) -> str:
    contacts = conversation.get("contacts")
    listed = contacts.get("contacts") if isinstance(contacts, dict) else contacts
    candidates = [field(conversation, "user.id"), field(conversation, "customer.id")]
    candidates += [c.get("id") for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    authors = (e.get("author") for e in (_opening(conversation), *_parts(conversation)))
    candidates += [field(a, "id") for a in authors if text_of(field(a, "type")) in _BUYERS]
    return next((t for c in candidates if (t := text_of(c))), "")


def _conversation(rows: Rows, numbers: Iterator[int], conversation: dict[str, Any], names: dict[str, str]) -> None:
    session = text_of(conversation.get("id"))
    buyer = _buyer(conversation) or session
    if not buyer:
        rows.bad(next(numbers), "id", "neither a conversation nor a customer id")
        return
    who: dict[str, Any] = {"buyer": buyer, "session": session}
    opening = _opening(conversation)
    if text_of(opening.get("body")) or opening.get("attachments"):
        _say(rows, next(numbers), {**opening, "created_at": conversation.get("created_at")}, names, who)
    holder = ""
    for part in _parts(conversation):
        number = next(numbers)
        kind = text_of(part.get("part_type"))
        agent, time = _agent(part.get("author"), names), part.get("created_at")
        if kind == "note" or "note" in kind.split("_"):
            rows.event(number, time, "", {}, text=NOTE, agent=agent, message_id=part.get("id"), **who)
            continue
        if text_of(part.get("body")) or part.get("attachments"):
            _say(rows, number, part, names, who)
        if "assignment" in kind.split("_"):
            to = _agent(part.get("assigned_to"), names)
            value = {"from": holder or agent if to != agent else holder, "to": to, "note": ""}
            rows.event(number, time, "transfer", value, agent=agent, **who)
            holder = to
        elif kind == "close":
            by = text_of(field(part, "author.type"))
            side = "agent" if by == "admin" else "buyer" if by in _BUYERS else "system"
            rows.event(number, time, "close", {"by": side}, agent=agent, **who)
    if text_of(field(conversation, "conversation_rating.rating")):
        _rating(rows, next(numbers), conversation, names, who)


def _agent(author: Any, names: dict[str, str]) -> str:
    if not isinstance(author, dict) or text_of(author.get("type")) in _BUYERS:
        return ""
    key = text_of(author.get("id"))
    return text_of(author.get("name")) or names.get(key) or text_of(author.get("email")) or key


def _say(rows: Rows, number: int, entry: dict[str, Any], names: dict[str, str], who: dict[str, Any]) -> None:
    author = entry.get("author")
    kind = text_of(field(author, "type"))
    sender = "buyer" if kind in _BUYERS else "robot" if kind == "bot" else "agent" if kind in ("admin", "team") else ""
    if not sender:
        rows.bad(number, "author", f"unknown type: {kind!r:.40}")
        return
    text = html_text(text_of(entry.get("body")))
    files = entry.get("attachments")
    image = isinstance(files, list) and files and "image" in text_of(field(files[0], "content_type"))
    shown = text or ("[图片]" if image else "[文件]")
    rows.add(
        number,
        entry.get("created_at"),
        sender,
        text=shown,
        kind="text" if text and text != "[图片]" else "image" if image or text else "file",
        agent=_agent(author, names),
        message_id=entry.get("id"),
        auto="true" if sender == "robot" else "",
        **who,
    )


def _rating(rows: Rows, number: int, conversation: dict[str, Any], names: dict[str, str], who: dict[str, Any]) -> None:
    rating = conversation.get("conversation_rating")
    score = text_of(field(rating, "rating"))
    if score not in ("1", "2", "3", "4", "5"):
        rows.bad(number, "conversation_rating", f"not 1–5: {score!r:.20}")
        return
    agent = _agent(field(rating, "teammate"), names)
    value = {"agent": agent, "score": int(score), "source": "invited"}
    text = text_of(field(rating, "remark"))
    rows.event(number, field(rating, "created_at"), "rating", value, sender="buyer", text=text, agent=agent, **who)
