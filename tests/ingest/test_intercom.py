from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import intercom
from tests.ingest.written import STRANGERS, json_source, others_are_not, read, spelt

T = 1794276000  # 2026-11-10 10:00:00
CUSTOMER = {"type": "user", "id": "u1", "name": "北岸读者"}
LU = {"type": "admin", "id": "9", "name": "陆遥"}
BAI = {"type": "admin", "id": "10", "name": "白夜"}


def part(n: int, kind: str, author: dict[str, str], body: object = None, **more: Any) -> dict[str, Any]:
    return {"id": f"p{n}", "part_type": kind, "author": author, "body": body, "created_at": T + n, **more}


OLD = {
    "type": "conversation",
    "id": "c1",
    "created_at": T,
    "user": {"type": "user", "id": "u1"},
    "conversation_message": {"id": "m0", "body": "<p>书页有<b>折痕</b></p><p>能换吗&nbsp;？</p>", "author": CUSTOMER},
    "conversation_parts": {
        "type": "conversation_part.list",
        "conversation_parts": [
            part(1, "comment", {"type": "bot", "id": "b", "name": "小助理"}, "<p>正在为您接入</p>"),
            part(2, "assignment", LU, "<p>我来处理</p>", assigned_to={"type": "admin", "id": "10"}),
            part(3, "note", BAI, "<p>这个客户补十块就行</p>"),
            part(4, "comment", BAI, '<img src="https://a/b.png">'),
            part(5, "comment", CUSTOMER, "", attachments=[{"content_type": "application/pdf"}]),
            part(6, "away_mode_assignment", LU, None, assigned_to={"type": "admin", "id": "9"}),
            part(7, "close", LU, None),
            part(8, "comment", {"type": "alien", "id": "?"}, "<p>x</p>"),
        ],
    },
    "conversation_rating": {
        "rating": 2,
        "remark": "太慢",
        "created_at": T + 60,
        "teammate": {"type": "admin", "id": "10"},
    },
}
NEW = {
    "id": "c2",
    "created_at": T,
    "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "k2"}]},
    "source": {"id": "s0", "delivered_as": "admin_initiated", "body": "<p>您的书到了</p>", "author": LU},
    "conversation_parts": {"conversation_parts": []},
}


def test_conversations_of_both_versions() -> None:
    frame, bad = read(intercom, json_source({"conversations": [OLD, NEW]}), shop="北岸书店")
    columns = ("source_row", "sent_at", "sender", "agent", "kind", "auto", "message_id", "text", "event", "event_value")
    assert spelt(frame[frame["session"] == "c1"], *columns) == [
        (1, "2026-11-10 10:00:00", "buyer", "", "text", "", "m0", "书页有折痕\n能换吗\xa0？", "", {}),
        (2, "2026-11-10 10:00:01", "robot", "小助理", "text", "true", "p1", "正在为您接入", "", {}),
        (3, "2026-11-10 10:00:02", "agent", "陆遥", "text", "", "p2", "我来处理", "", {}),
        (3, "2026-11-10 10:00:02", "system", "陆遥", "event", "", "", "", "transfer",
         {"from": "陆遥", "to": "白夜", "note": ""}),
        (4, "2026-11-10 10:00:03", "system", "白夜", "event", "", "p3", "[内部备注]", "", {}),
        (5, "2026-11-10 10:00:04", "agent", "白夜", "image", "", "p4", "[图片]", "", {}),
        (6, "2026-11-10 10:00:05", "buyer", "", "file", "", "p5", "[文件]", "", {}),
        (7, "2026-11-10 10:00:06", "system", "陆遥", "event", "", "", "", "transfer",
         {"from": "白夜", "to": "陆遥", "note": ""}),
        (8, "2026-11-10 10:00:07", "system", "陆遥", "event", "", "", "", "close", {"by": "agent"}),
        (10, "2026-11-10 10:01:00", "buyer", "白夜", "event", "", "", "太慢", "rating",
         {"agent": "白夜", "score": 2, "source": "invited"}),
    ]  # fmt: skip
    assert spelt(frame[frame["session"] == "c2"], "source_row", "sender", "buyer", "agent", "text") == [
        (11, "agent", "k2", "陆遥", "您的书到了")
    ]
    assert [(b.row, b.column) for b in bad] == [(9, "author")]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("没有标签", "没有标签"),
        ("3 &lt; 5 &amp; 好的", "3 < 5 & 好的"),
        ("<div>一<br>二</div><script>alert(1)</script><ul><li>三</li></ul>", "一\n二\n三"),
        ('看<a href="https://x">这里</a>\n  再说', "看这里 再说"),
        ("<p>没有关上", "没有关上"),
    ],
)
def test_html_becomes_text(body: str, text: str) -> None:
    assert intercom.html_text(body) == text


def test_nothing_usable_is_refused() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(intercom, json_source({"conversations": []}))


def test_sniff() -> None:
    assert intercom.sniff(json_source(OLD)) > 0.9
    others_are_not(intercom, *STRANGERS)
