"""企业微信 (WeCom): decrypted 会话存档 as JSON lines, and 微信客服 kf/sync_msg answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from audit.errors import UserError
from audit.ingest.entries import NOTE, Block, Rows, json_lines, nothing
from audit.ingest.jsonsource import field, keys, load, nested, text_of
from audit.ingest.model import Chunk, ReadOptions, Source

NAME = "wecom"
TITLE = "企业微信会话存档 / 微信客服"

_KINDS = {
    "text": "text", "markdown": "text", "mixed": "text", "image": "image", "emotion": "emoji", "video": "video",
    "voice": "voice", "meeting_voice_call": "voice", "voip_doc_share": "file", "file": "file", "link": "link",
    "news": "link", "docmsg": "link",
}  # fmt: skip
_LABELS = {
    "image": "图片", "emotion": "动画表情", "video": "视频", "voice": "语音", "meeting_voice_call": "语音通话",
    "voip_doc_share": "文件", "file": "文件", "link": "链接", "news": "图文", "docmsg": "在线文档", "card": "名片",
    "business_card": "名片", "location": "位置", "weapp": "小程序", "miniprogram": "小程序", "chatrecord": "聊天记录",
    "merged_msg": "聊天记录", "todo": "待办", "vote": "投票", "collect": "填表", "redpacket": "红包",
    "external_redpacket": "红包", "meeting": "会议", "calendar": "日程", "msgmenu": "菜单消息",
}  # fmt: skip
#: Where the words of a message type lie in its body.
_WORDS = (
    "content", "title", "description", "desc", "wish", "displayname", "filename", "link_title", "corpname", "address",
    "name", "topic", "head_content",
)  # fmt: skip
_CONSENT = {"agree": "[同意存档会话内容]", "disagree": "[不同意存档会话内容]"}
_INTERNAL = "内部沟通"
_ORIGINS = {"3": "buyer", "4": "system", "5": "agent"}
_STATUS = {"1": "online", "2": "suspended", "3": "offline", "4": "offline"}


def sniff(source: Source) -> float:
    """Archive messages (msgid, msgtype, from, tolist), kf messages (origin, send_time), or the encrypted answer."""
    found = keys(source)
    if {"msgid", "msgtype", "from", "tolist"} <= found:
        return 0.96
    if {"msgid", "msgtype", "origin", "send_time"} <= found and found & {"open_kfid", "external_userid"}:
        return 0.96
    return 0.9 if {"encrypt_chat_msg", "encrypt_random_key"} <= found else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Rows in file order; JSON lines in blocks of bounded memory. `source_row` is the line (kf: the message's index).

    Archive: ids that begin wm or wo are customers, wb robots, others staff. In a room the room is the buyer, as its
    messages have several addressees. Messages among staff are kept as system rows without their text, under the
    session 内部沟通; `switch` entries are no messages and left out the same way. A revoke becomes a recall.
    kf: origin 3 customer, 4 system event, 5 staff; session changes become transfers and closes, recalls recalls, the
    staff's switch 拒收客户消息 a blocked buyer, reception changes a status.
    Raises UserError for the still encrypted archive, and where no message is found.
    """
    found = keys(source)
    if "encrypt_chat_msg" in found and "msgtype" not in found:
        raise UserError(
            "the chat archive is still encrypted",
            where=source.name,
            fix="decrypt it with the archive's private key (the WeCom finance SDK) and give the JSON lines",
        )
    seen = False
    rows = Rows(source, options)
    if source.head.lstrip().startswith(b"[") or "msg_list" in found or "chatdata" in found:
        documents = load(source)
        rows.bad_rows += documents.bad_rows
        entries = [e for value in documents.values for e in _entries(value)]
        blocks: Iterator[Block] = iter([(list(range(1, len(entries) + 1)), entries, [])])
    else:
        blocks = json_lines(source)
    for numbers, values, bad in blocks:
        rows.bad_rows += bad
        for number, entry in zip(numbers, values, strict=True):
            if "origin" in entry:
                _kf(rows, number, entry)
            else:
                _archive(rows, number, entry)
        chunk = rows.chunk()
        seen |= len(chunk.frame) > 0
        if not seen:
            rows.bad_rows += chunk.bad_rows
            continue
        yield chunk
    if not seen:
        raise nothing(source, TITLE, rows.bad_rows)


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _entries(item)
    elif isinstance(value, dict):
        if "msgid" in value and ("msgtype" in value or "action" in value):
            yield value
        else:
            for item in value.values():
                if isinstance(item, (dict, list)):
                    yield from _entries(item)


def _is_customer(user: str) -> bool:
    return user.startswith(("wm", "wo"))


def _body(entry: Mapping[str, Any], kind: str) -> Any:
    """The object that holds a message's content: under its type's name, doc and info in two cases."""
    for name in (kind, {"docmsg": "doc", "markdown": "info", "news": "info"}.get(kind, kind)):
        if isinstance(nested(entry.get(name)), (dict, list)):
            return nested(entry[name])
    return {}


def _words(kind: str, body: Any) -> str:
    """The text that a person reads: the words themselves, or `[类型] words`."""
    if isinstance(body, dict) and isinstance(body.get("item"), list):
        parts = [_words(_item_kind(i), nested(i.get("content"))) for i in body["item"] if isinstance(i, dict)]
        text = "\n".join(p for p in parts if p)
    elif isinstance(body, dict):
        text = next((t for name in _WORDS if (t := text_of(body.get(name)))), "")
    else:
        text = text_of(body)
    if _KINDS.get(kind) == "text":
        return text
    return " ".join(p for p in (f"[{_LABELS.get(kind, kind)}]", text) if p)


def _item_kind(item: Mapping[str, Any]) -> str:
    return text_of(item.get("type")).removeprefix("ChatRecord").lower() or "text"


def _archive(rows: Rows, number: int, entry: Mapping[str, Any]) -> None:
    """One message of the archive."""
    time, sender = entry.get("msgtime") or entry.get("time"), text_of(entry.get("from"))
    to = entry.get("tolist")
    listed = [text_of(t) for t in to] if isinstance(to, list) else [text_of(to)]
    kind, message_id = text_of(entry.get("msgtype")), text_of(entry.get("msgid"))
    if text_of(entry.get("action")) == "switch":
        rows.event(number, time, "", {}, session=_INTERNAL, agent=entry.get("user"), message_id=message_id)
        return
    if not sender or not kind:
        rows.bad(number, "from" if not sender else "msgtype", "empty")
        return
    customers = [u for u in (sender, *listed) if _is_customer(u)]
    room = text_of(entry.get("roomid"))
    staff = next((u for u in (sender, *listed) if u and not _is_customer(u) and not u.startswith("wb")), "")
    who: dict[str, Any] = {
        "buyer": room or next(iter(customers), ""),
        "session": "",
        "agent": staff,
        "message_id": message_id,
    }
    if not customers:
        rows.event(number, time, "", {}, text=NOTE, **{**who, "buyer": "", "session": _INTERNAL})
    elif kind == "revoke":
        rows.event(number, time, "recall", {"message_id": text_of(field(entry, "revoke.pre_msgid"))}, **who)
    elif kind in _CONSENT:
        rows.event(number, time, "", {}, text=_CONSENT[kind], **who)
    else:
        robot = sender.startswith("wb")
        rows.add(
            number,
            time,
            "buyer" if _is_customer(sender) else "robot" if robot else "agent",
            text=_words(kind, _body(entry, kind)),
            kind=_KINDS.get(kind, "card"),
            auto="true" if robot else "",
            **{**who, "agent": sender if robot else staff},
        )


def _kf(rows: Rows, number: int, entry: Mapping[str, Any]) -> None:
    """One message of 微信客服."""
    kind = text_of(entry.get("msgtype"))
    body = _body(entry, kind)
    sender = _ORIGINS.get(text_of(entry.get("origin")))
    buyer = text_of(entry.get("external_userid")) or text_of(field(body, "external_userid"))
    staff = text_of(entry.get("servicer_userid")) or text_of(field(body, "servicer_userid"))
    time = entry.get("send_time")
    if sender is None:
        rows.bad(number, "origin", f"neither 3, 4 nor 5: {text_of(entry.get('origin'))!r:.20}")
        return
    who: dict[str, Any] = {"buyer": buyer, "agent": staff, "message_id": entry.get("msgid")}
    if kind == "event":
        _kf_event(rows, number, time, body, who)
    elif not buyer:
        rows.bad(number, "external_userid", "empty")
    elif sender == "system":
        rows.event(number, time, "", {}, text=_words(kind, body), **who)
    else:
        rows.add(number, time, sender, text=_words(kind, body), kind=_KINDS.get(kind, "card"), **who)


def _kf_event(rows: Rows, number: int, time: object, body: Any, who: dict[str, Any]) -> None:
    what = text_of(field(body, "event_type"))
    old, new = text_of(field(body, "old_servicer_userid")), text_of(field(body, "new_servicer_userid"))
    change = text_of(field(body, "change_type"))
    if what == "session_status_change" and change == "2":
        rows.event(number, time, "transfer", {"from": old, "to": new, "note": ""}, **{**who, "agent": new})
    elif what == "session_status_change" and change == "3":
        rows.event(number, time, "close", {"by": "agent" if old else "system"}, **{**who, "agent": old})
    elif what in ("user_recall_msg", "servicer_recall_msg"):
        rows.event(number, time, "recall", {"message_id": text_of(field(body, "recall_msgid"))}, **who)
    elif what == "reject_customer_msg_switch_change" and text_of(field(body, "reject_switch")) == "1":
        rows.event(number, time, "blocked", {"agent": who["agent"]}, **who)
    elif what == "servicer_status_change":
        status = _STATUS.get(text_of(field(body, "status")), "offline")
        rows.event(number, time, "status", {"agent": who["agent"], "status": status}, **{**who, "session": _INTERNAL})
    else:
        rows.event(number, time, "", {}, text=f"[{what or '事件'}]", **{**who, "agent": who["agent"] or new})
