import json
from pathlib import Path
from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import qianniu_im as im
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, source, spelt

SELLER = {"targetId": "2200000000009", "nick": "雨山雨伞旗舰店:小禾"}
BUYER = {"targetId": "80000009", "nick": "阿涛爱下雨"}
SECOND = 1794189600_000  # 2026-11-09 10:00:00


def message(n: int, by_buyer: bool, data: object, summary: str = "", buyer: dict[str, str] = BUYER) -> dict[str, Any]:
    return {
        "templateId": 101,
        "mcode": {"clientId": f"c{n}", "messageId": f"{n}.PNM"},
        "sendTime": str(SECOND + n * 1000),
        "sortTimeMicrosecond": str((SECOND + n * 1000) * 1000),
        "cid": {"ccode": "2200000000009.1-80000009.1#11001@cntaobao"},
        "fromid": buyer if by_buyer else SELLER,
        "toid": SELLER if by_buyer else buyer,
        "loginid": SELLER,
        "summary": summary,
        "originalData": data,
        "ext": {"ww_msgid": str(n)},
    }


def answer(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"code": 0, "subcode": 0, "result": list(messages)}


CHAT = (
    message(1, True, {"text": "伞太小了"}),
    message(2, False, '{"text": "给您换大的/:^_^"}'),
    message(3, False, {"url": "https://img.example.com/a.jpg", "fileId": "f"}, "[图片]"),
    message(4, True, {"actionUrl": "https://item.taobao.com/x", "header": {"title": "大号雨伞", "summary": "¥59"}}),
    message(5, False, {"url": "https://v.example.com/a.mp4"}),
    message(6, False, {"fileId": "f2"}),
    message(7, False, {}, "[语音]"),
    message(8, True, None, "由 小禾 转交给 店长"),
)


def test_rows_are_what_the_answer_says() -> None:
    frame, bad = read(im, json_source(answer(*CHAT)))
    assert bad == []
    assert set(frame["shop"]) == {"雨山雨伞旗舰店"} and set(frame["platform"]) == {"tmall"}
    assert set(frame["buyer"]) == {"阿涛爱下雨"} and set(frame["session"]) == {""} and set(frame["agent"]) == {"小禾"}
    assert spelt(frame, "source_row", "message_id", "sent_at", "sender", "kind", "text") == [
        (1, "1.PNM", "2026-11-09 10:00:01", "buyer", "text", "伞太小了"),
        (2, "2.PNM", "2026-11-09 10:00:02", "agent", "text", "给您换大的/:^_^"),
        (3, "3.PNM", "2026-11-09 10:00:03", "agent", "image", "[图片]"),
        (4, "4.PNM", "2026-11-09 10:00:04", "buyer", "card", "大号雨伞 ¥59"),
        (5, "5.PNM", "2026-11-09 10:00:05", "agent", "video", "[视频]"),
        (6, "6.PNM", "2026-11-09 10:00:06", "agent", "file", "[文件]"),
        (7, "7.PNM", "2026-11-09 10:00:07", "agent", "text", "[语音]"),
        (8, "8.PNM", "2026-11-09 10:00:08", "buyer", "text", "由 小禾 转交给 店长"),
    ]


def test_newest_first_and_several_answers() -> None:
    frame, _ = read(im, lines_source(answer(*CHAT[:4][::-1]), answer(*CHAT[4:])))
    assert frame["message_id"].tolist() == [f"{n}.PNM" for n in range(1, 9)]
    assert frame["source_row"].tolist() == [4, 3, 2, 1, 5, 6, 7, 8]
    listed, _ = read(im, json_source(list(CHAT)))
    assert listed["text"].tolist() == frame["text"].tolist()


def test_a_masked_nick_gives_way_to_the_id() -> None:
    hidden = {"targetId": "80000009", "nick": "阿**"}
    frame, _ = read(im, json_source(answer(message(1, True, {"text": "在"}, buyer=hidden))))
    assert spelt(frame, "buyer", "session", "sender") == [("80000009", "", "buyer")]
    nameless = message(2, False, {"text": "在"}, buyer={"nick": "阿**"})
    frame, _ = read(im, json_source(answer(nameless)))
    assert spelt(frame, "buyer", "session", "sender") == [("80000009", "", "agent")]
    nameless["cid"] = {"ccode": "chat-77"}
    frame, _ = read(im, json_source(answer(nameless)))
    assert spelt(frame, "buyer", "session") == [("阿**", "chat-77")]


def test_answers_that_are_errors() -> None:
    with pytest.raises(UserError, match="code 40001 login"):
        read(im, json_source({"code": 40001, "subcode": "login", "result": None}))
    frame, bad = read(im, lines_source(answer(CHAT[0]), {"code": 5, "result": None}))
    assert len(frame) == 1 and "error answer" in bad[0].reason
    with pytest.raises(UserError, match="breaks off"):
        read(im, source(json.dumps(answer(*CHAT))[:-40]))


def test_sniff() -> None:
    assert im.sniff(json_source(answer(*CHAT))) == 0.97
    others_are_not(im, *(text for text in STRANGERS if "fromid" not in str(text)))


def test_sample(samples: Path) -> None:
    frame, bad = read(im, source((samples / "taobao_im.json").read_bytes()))
    assert (len(frame), frame["buyer"].nunique(), set(frame["shop"]), bad) == (35, 7, {"小满零食铺"}, [])
    assert frame["sent_at"].is_monotonic_increasing and frame["message_id"].is_unique
