from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import chatwoot
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, spelt

T = 1794276000  # 2026-11-10 10:00:00


def message(n: int, kind: object, content: object, **more: Any) -> dict[str, Any]:
    common = {
        "id": n,
        "inbox_id": 2,
        "conversation_id": 40,
        "created_at": T + n,
        "private": False,
        "content_type": "text",
    }
    return {**common, "message_type": kind, "content": content, **more}


CONTACT = {"id": 77, "name": "北岸读者", "type": "contact"}
AGENT = {"id": 5, "name": "陆遥", "type": "user"}
PAYLOAD = {
    "meta": {"contact": CONTACT},
    "payload": [
        message(1, 3, "您好，稍后为您接入客服"),
        message(2, 0, "书页有折痕", sender=CONTACT, sender_type="Contact"),
        message(3, 2, "Assigned to 陆遥 by 白夜"),
        message(4, 1, "给您换一本", sender=AGENT, sender_type="User"),
        message(5, 1, "这位是老客户，补偿别超过十元", sender=AGENT, private=True),
        message(
            6, 1, "自助查询", sender={"id": 1, "name": "小助理"}, sender_type="AgentBot", content_type="input_select"
        ),
        message(7, 0, None, sender=CONTACT, attachments=[{"file_type": "image", "data_url": "x"}]),
        message(8, 1, "This message was deleted", sender=AGENT, content_attributes={"deleted": True}),
        message(9, 3, "请为本次服务打分", content_type="input_csat"),
        message(10, 2, "Conversation was marked resolved by 陆遥"),
        message(11, 2, "陆遥 added vip"),
    ],
}


def test_a_conversation() -> None:
    frame, bad = read(chatwoot, json_source(PAYLOAD), shop="北岸书店")
    assert bad == []
    assert set(frame["buyer"]) == {"77"} and set(frame["session"]) == {"40"} and set(frame["shop"]) == {"北岸书店"}
    assert frame["message_id"].tolist() == [str(n) for n in range(1, 12)]
    columns = ("source_row", "sent_at", "sender", "agent", "kind", "auto", "text", "event", "event_value")
    assert spelt(frame, *columns) == [
        (1, "2026-11-10 10:00:01", "agent", "", "text", "true", "您好，稍后为您接入客服", "", {}),
        (2, "2026-11-10 10:00:02", "buyer", "", "text", "", "书页有折痕", "", {}),
        (3, "2026-11-10 10:00:03", "system", "", "event", "", "Assigned to 陆遥 by 白夜", "transfer",
         {"from": "白夜", "to": "陆遥", "note": ""}),
        (4, "2026-11-10 10:00:04", "agent", "陆遥", "text", "", "给您换一本", "", {}),
        (5, "2026-11-10 10:00:05", "system", "陆遥", "event", "", "[内部备注]", "", {}),
        (6, "2026-11-10 10:00:06", "robot", "小助理", "card", "true", "自助查询", "", {}),
        (7, "2026-11-10 10:00:07", "buyer", "", "image", "", "[图片]", "", {}),
        (8, "2026-11-10 10:00:08", "agent", "陆遥", "text", "", "This message was deleted", "", {}),
        (9, "2026-11-10 10:00:09", "system", "", "event", "", "请为本次服务打分", "system_invite", {}),
        (10, "2026-11-10 10:00:10", "system", "", "event", "", "Conversation was marked resolved by 陆遥", "close",
         {"by": "agent"}),
        (11, "2026-11-10 10:00:11", "system", "", "event", "", "陆遥 added vip", "", {}),
    ]  # fmt: skip
    assert frame["recalled"].tolist() == [n == 8 for n in range(1, 12)]


def test_webhook_lines_and_an_answered_survey() -> None:
    survey = message(
        3, "template", "请打分", content_type="input_csat",
        content_attributes={"submitted_values": {"csat_survey_response": {"rating": 2, "feedback_message": "太慢"}}},
        conversation={"meta": {"assignee": {"name": "陆遥"}, "sender": {"id": 78}}}, updated_at="2026-11-10T03:00:00Z",
    )  # fmt: skip
    frame, bad = read(
        chatwoot,
        lines_source(
            message(1, "incoming", "在吗", sender=CONTACT, created_at="2026-11-10T02:00:01.000Z"),
            message(2, "outgoing", "在的", sender=AGENT),
            {**survey, "conversation_id": 41},
            message(4, "unknown", "?"),
            message(5, "outgoing", "x", conversation_id=None),
        ),
    )
    assert spelt(frame, "sent_at", "sender", "buyer", "agent", "text", "event", "event_value") == [
        ("2026-11-10 10:00:01", "buyer", "77", "", "在吗", "", {}),
        ("2026-11-10 10:00:02", "agent", "77", "陆遥", "在的", "", {}),
        ("2026-11-10 11:00:00", "buyer", "78", "陆遥", "太慢", "rating",
         {"agent": "陆遥", "score": 2, "source": "invited"}),
    ]  # fmt: skip
    assert [(b.row, b.column) for b in bad] == [(4, "message_type"), (5, "conversation_id")]


def test_nothing_usable_is_refused() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(chatwoot, json_source({"payload": []}))


def test_sniff() -> None:
    assert chatwoot.sniff(json_source(PAYLOAD)) > 0.9
    others_are_not(chatwoot, *STRANGERS)
