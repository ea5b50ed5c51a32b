from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import zendesk_chat
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, spelt

VISITOR = {"nick": "visitor:4", "name": "北岸读者"}
LU = {"sender_type": "Agent", "agent_id": 9, "name": "陆遥"}
BAI = {"nick": "agent:10", "name": "白夜"}


def event(n: int, kind: str, who: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"index": n, "type": kind, "timestamp": f"2026-11-10T02:00:{n:02}Z", **who, **more}


CHAT = {
    "id": "2611.400.Sx",
    "type": "chat",
    "timestamp": "2026-11-10T02:00:00Z",
    "visitor": {"id": "400-a", "name": "北岸读者"},
    "zendesk_ticket_id": None,
    "rating": "bad",
    "history": [
        event(1, "chat.memberjoin", VISITOR),
        event(2, "chat.msg", VISITOR, msg="书页有折痕", msg_id="e2"),
        event(3, "chat.msg", {"sender_type": "Trigger", "name": "欢迎"}, msg="请稍等"),
        event(4, "chat.memberjoin", LU),
        event(5, "typing", LU),
        event(6, "chat.msg", LU, msg="给您换一本"),
        event(7, "chat.memberjoin", BAI),
        event(8, "chat.memberleave", LU),
        event(9, "chat.file", VISITOR, attachment={"mime_type": "image/png", "name": "a.png"}),
        event(10, "chat.file", BAI, attachment={"mime_type": "application/pdf", "name": "面单.pdf"}),
        event(11, "chat.request.rating", BAI),
        event(12, "chat.rating", VISITOR, rating=None, new_rating="bad"),
        event(13, "chat.comment", VISITOR, new_comment="太慢"),
        event(14, "chat.memberleave", VISITOR),
        event(15, "chat.memberleave", BAI),
        event(16, "chat.msg", {"name": "?"}, msg="谁"),
        event(17, "chat.rating", VISITOR, new_rating="meh"),
        event(18, "chat.tagged", BAI),
    ],
}


def test_a_chat() -> None:
    frame, bad = read(zendesk_chat, json_source({"chats": [CHAT], "count": 1}), shop="北岸书店")
    assert set(frame["buyer"]) == {"400-a"} and set(frame["session"]) == {"2611.400.Sx"}
    columns = ("source_row", "sender", "agent", "kind", "auto", "text", "event", "event_value")
    assert spelt(frame, *columns) == [
        (2, "buyer", "", "text", "", "书页有折痕", "", {}),
        (3, "agent", "", "text", "true", "请稍等", "", {}),
        (4, "system", "陆遥", "event", "", "陆遥 接入", "", {}),
        (6, "agent", "陆遥", "text", "", "给您换一本", "", {}),
        (7, "system", "白夜", "event", "", "", "transfer", {"from": "陆遥", "to": "白夜", "note": ""}),
        (8, "system", "陆遥", "event", "", "陆遥 离开", "", {}),
        (9, "buyer", "白夜", "image", "", "[图片]", "", {}),
        (10, "agent", "白夜", "file", "", "[文件] 面单.pdf", "", {}),
        (11, "system", "白夜", "event", "", "", "system_invite", {"agent": "白夜"}),
        (12, "buyer", "白夜", "event", "", "", "rating", {"agent": "白夜", "score": 1, "source": ""}),
        (13, "buyer", "", "event", "", "太慢", "", {}),
        (14, "system", "", "event", "", "北岸读者 离开", "close", {"by": "buyer"}),
        (15, "system", "白夜", "event", "", "白夜 离开", "", {}),
        (18, "system", "白夜", "event", "", "[chat.tagged]", "", {}),
    ]
    assert str(frame["sent_at"][0]) == "2026-11-10 10:00:02"
    assert frame["message_id"][0] == "e2"
    assert [(b.row, b.column) for b in bad] == [(16, "sender_type"), (17, "rating")]


def test_offline_messages_and_ratings_without_history() -> None:
    offline = {**CHAT, "id": "o1", "type": "offline_msg", "message": "请回电", "history": [], "rating": "good"}
    frame, bad = read(zendesk_chat, lines_source(offline, {**CHAT, "id": None, "visitor": {}}))
    assert spelt(frame, "source_row", "sent_at", "sender", "text", "event", "event_value") == [
        (1, "2026-11-10 10:00:00", "buyer", "请回电", "", {}),
        (2, "2026-11-10 10:00:00", "buyer", "", "rating", {"agent": "", "score": 5, "source": ""}),
    ]
    assert [(b.row, b.column) for b in bad] == [(3, "id")]


def test_nothing_usable_is_refused() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(zendesk_chat, json_source({"chats": []}))


def test_sniff() -> None:
    assert zendesk_chat.sniff(json_source({"chats": [CHAT]})) > 0.9
    others_are_not(zendesk_chat, *STRANGERS)
