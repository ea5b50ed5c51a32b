import json
from pathlib import Path
from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import alime
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, source, spelt


def call(sender: str, receiver: str, content: object, at: object, kind: str = "NONE_SYS") -> dict[str, Any]:
    return {
        "messageType": kind,
        "createTime": at,
        "sender": {"nick": sender, "domain": "cntaobao"},
        "receivers": [{"nick": receiver, "domain": "cntaobao"}],
        "contentType": 1,
        "content": content,
        "channelType": "bc",
    }


def templated(text: str) -> str:
    return json.dumps({"templateId": "1", "templateData": {"text": text}}, ensure_ascii=False)


CHAT = (
    call("阿涛爱下雨", "雨山雨伞旗舰店:服务助手", templated("伞什么颜色"), 1794189600),
    call("雨山雨伞旗舰店:服务助手", "阿涛爱下雨", templated("黑白两色"), 1794189601000),
    call("cntaobao雨山雨伞旗舰店:小禾", "阿涛爱下雨", {"templateData": {"text": "还有灰的"}}, "1794189660"),
    call("雨山雨伞旗舰店", "阿涛爱下雨", "不是 JSON 的字", 1794189661),
    call("雨山雨伞旗舰店:小禾", "阿涛爱下雨", '{"templateData":{"url":"https://img.example.com/a.jpg"}}', 1794189662),
    call("雨山雨伞旗舰店:小禾", "阿涛爱下雨", '{"templateData":{"title":"优惠券 5 元"}}', 1794189663),
    call("阿涛爱下雨", "雨山雨伞旗舰店:小禾", templated("会话已结束"), 1794189664, "SYS"),
)


def test_rows_are_what_the_callbacks_say() -> None:
    frame, bad = read(alime, lines_source(*CHAT))
    assert bad == []
    assert set(frame["shop"]) == {"雨山雨伞旗舰店"} and set(frame["buyer"]) == {"阿涛爱下雨"}
    assert spelt(frame, "source_row", "sent_at", "sender", "agent", "kind", "text") == [
        (1, "2026-11-09 10:00:00", "buyer", "服务助手", "text", "伞什么颜色"),
        (2, "2026-11-09 10:00:01", "agent", "服务助手", "text", "黑白两色"),
        (3, "2026-11-09 10:01:00", "agent", "小禾", "text", "还有灰的"),
        (4, "2026-11-09 10:01:01", "agent", "雨山雨伞旗舰店", "text", "不是 JSON 的字"),
        (5, "2026-11-09 10:01:02", "agent", "小禾", "text", "[图片]"),
        (6, "2026-11-09 10:01:03", "agent", "小禾", "card", "优惠券 5 元"),
        (7, "2026-11-09 10:01:04", "system", "小禾", "event", "会话已结束"),
    ]


@pytest.mark.parametrize("wrap", [list, lambda m: {"data": list(m)}, lambda m: {"result": json.dumps(list(m))}])
def test_lists_and_wrapped_lists(wrap: Any) -> None:
    frame, _ = read(alime, json_source(wrap(CHAT)))
    assert frame["text"].tolist() == read(alime, lines_source(*CHAT))[0]["text"].tolist()


def test_what_is_no_message_is_a_bad_row() -> None:
    frame, bad = read(alime, lines_source(CHAT[0], {"ping": 1}, CHAT[1] | {"messageId": 7}))
    assert [(b.row, b.column) for b in bad] == [(2, "sender")]
    assert frame["message_id"].tolist() == ["", "7"]


def test_files_that_cannot_be_read() -> None:
    plain = call("阿涛", "小禾", "在", 1794189600)
    with pytest.raises(UserError, match="told apart"):
        read(alime, json_source([plain]))
    frame, _ = read(alime, json_source([plain]), shop="小禾")
    assert spelt(frame, "sender", "agent", "shop") == [("buyer", "小禾", "小禾")]
    with pytest.raises(UserError, match="no messages"):
        read(alime, json_source({"data": []}))


def test_sniff() -> None:
    assert alime.sniff(lines_source(*CHAT)) == 0.97
    others_are_not(alime, *(text for text in STRANGERS if "receivers" not in str(text)))


def test_sample(samples: Path) -> None:
    frame, bad = read(alime, source((samples / "tmall_alime.jsonl").read_bytes()))
    assert (len(frame), frame["buyer"].nunique(), bad) == (26, 5, [])
    assert frame["sent_at"].min().year == frame["sent_at"].max().year == 2026
