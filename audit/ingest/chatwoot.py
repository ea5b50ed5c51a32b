"""Chatwoot: messages of conversations as its API answers them, as a list, or as webhook lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audit.ingest.entries import NOTE, Rows, nothing
from audit.ingest.jsonsource import field, keys, load, text_of
from audit.ingest.model import Chunk, ReadOptions, Source

NAME = "chatwoot"
TITLE = "Chatwoot 消息 JSON"

_TYPES = {
    "0": "incoming", "1": "outgoing", "2": "activity", "3": "template",
    "incoming": "incoming", "outgoing": "outgoing", "activity": "activity", "template": "template",
}  # fmt: skip
_MEDIA = {"image": "image", "audio": "voice", "video": "video", "file": "file", "location": "card", "contact": "card"}
_LABELS = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]", "card": "[卡片]"}
_CARDS = ("input_select", "cards", "form", "article", "integrations")
_ASSIGNED = re.compile(
    r"^(?:Assigned to (?P<to>.+?) by (?P<from>.+?)|(?P<self>.+?) self-assigned this conversation)\.?$"
)
_RESOLVED = re.compile(r"^(?:Conversation was marked resolved|对话(?:已)?被标记为已解决)", re.IGNORECASE)


def sniff(source: Source) -> float:
    """Messages with `message_type` beside `conversation_id` and a field that only Chatwoot has."""
    found = keys(source)
    if "message_type" not in found:
        return 0.0
    return (
        0.95
        if len(found & {"inbox_id", "content_type", "private", "content_attributes", "conversation_id"}) >= 3
        else 0.0
    )


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Every message object, in file order; `source_row` is its index. Session = conversation_id, buyer = contact id.

    incoming = buyer, outgoing = agent (an AgentBot: robot), activity = system (assignments become transfers,
    resolutions closes), template = an automatic message without an account. A private note is kept as a system row
    without its text: no customer saw it. An answered input_csat becomes a rating. A deleted message is `recalled`.
    Raises UserError where there is no message.
    """
    documents = load(source)
    rows = Rows(source, options)
    rows.bad_rows += documents.bad_rows
    entries = [pair for value in documents.values for pair in _entries(value, "")]
    buyers: dict[str, str] = {}
    for entry, contact in entries:
        if contact or _type(entry) == "incoming":
            sender = text_of(field(entry, "sender.id")) if _type(entry) == "incoming" else ""
            buyers.setdefault(text_of(entry.get("conversation_id")), contact or sender)
    for number, (entry, _) in enumerate(entries, 1):
        _message(rows, number, entry, buyers)
    if not len(rows):
        raise nothing(source, TITLE, rows.bad_rows)
    yield rows.chunk()


def _type(entry: dict[str, Any]) -> str:
    return _TYPES.get(text_of(entry.get("message_type")), "")


def _entries(value: Any, contact: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Message objects with the contact that the object around them names."""
    if isinstance(value, list):
        for item in value:
            yield from _entries(item, contact)
    elif isinstance(value, dict):
        if "message_type" in value and "content" in value:
            named = field(value, "conversation.meta.sender.id") or field(value, "conversation.contact_inbox.contact_id")
            yield value, text_of(named) or contact
        else:
            found = field(value, "meta.contact.id") or field(value, "meta.sender.id")
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from _entries(item, text_of(found) or contact)


def _message(rows: Rows, number: int, entry: dict[str, Any], buyers: dict[str, str]) -> None:
    kind = _type(entry)
    session = text_of(entry.get("conversation_id")) or text_of(field(entry, "conversation.id"))
    if not kind or not session:
        column = "conversation_id" if kind else "message_type"
        rows.bad(number, column, f"unknown or empty: {text_of(entry.get(column))!r:.40}")
        return
    time = entry.get("created_at")
    name = text_of(field(entry, "sender.name")) or text_of(field(entry, "sender.id"))
    who: dict[str, Any] = {
        "buyer": buyers.get(session) or session,
        "session": session,
        "agent": "" if kind == "incoming" else name,
        "message_id": entry.get("id"),
    }
    text = text_of(entry.get("content"))
    if entry.get("private") is True:
        rows.event(number, time, "", {}, text=NOTE, **who)
    elif kind == "activity":
        _activity(rows, number, time, text, who)
    elif text_of(entry.get("content_type")) == "input_csat":
        _survey(rows, number, entry, who)
    else:
        media = _media(entry)
        bot = "bot" in text_of(entry.get("sender_type") or field(entry, "sender.type")).lower()
        sender = "buyer" if kind == "incoming" else "robot" if bot else "agent"
        deleted = field(entry, "content_attributes.deleted") is True
        rows.add(
            number,
            time,
            sender,
            text=text or _LABELS.get(media, ""),
            kind=media if media and not text else "card" if entry.get("content_type") in _CARDS else "text",
            auto="true" if bot or kind == "template" else "",
            recalled=deleted,
            **who,
        )


def _media(entry: dict[str, Any]) -> str:
    attachments = entry.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else None
    return _MEDIA.get(text_of(field(first, "file_type")), "file") if first else ""


def _activity(rows: Rows, number: int, time: object, text: str, who: dict[str, Any]) -> None:
    if found := _ASSIGNED.match(text):
        to = found["to"] or found["self"]
        rows.event(number, time, "transfer", {"from": found["from"] or "", "to": to, "note": ""}, text=text, **who)
    elif _RESOLVED.match(text):
        rows.event(number, time, "close", {"by": "agent" if " by " in text else "system"}, text=text, **who)
    else:
        rows.event(number, time, "", {}, text=text, **who)


def _survey(rows: Rows, number: int, entry: dict[str, Any], who: dict[str, Any]) -> None:
    """A rating where the survey was answered, else the invitation that the system sent."""
    answer = field(entry, "content_attributes.submitted_values.csat_survey_response")
    score = text_of(field(answer, "rating"))
    if answer is None:
        rows.event(number, entry.get("created_at"), "system_invite", {}, text=text_of(entry.get("content")), **who)
    elif score in ("1", "2", "3", "4", "5"):
        agent = text_of(field(entry, "conversation.meta.assignee.name"))
        time = field(answer, "created_at") or entry.get("updated_at") or entry.get("created_at")
        text = text_of(field(answer, "feedback_message"))
        value = {"agent": agent, "score": int(score), "source": "invited"}
        rows.event(number, time, "rating", value, sender="buyer", text=text, **{**who, "agent": agent})
    else:
        rows.bad(number, "content_attributes", f"a rating that is not 1–5: {score!r:.20}")
