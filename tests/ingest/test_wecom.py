from typing import Any

import pytest

from audit.errors import UserError
from audit.ingest import entries, wecom
from tests.ingest.written import STRANGERS, json_source, lines_source, others_are_not, read, spelt

T = 1794276000000  # 2026-11-10 10:00:00


def archived(
    n: int, kind: str, sender: str, *to: str, room: str = "", action: str = "send", **body: Any
) -> dict[str, Any]:
    return {
        "msgid": f"m{n}", "action": action, "from": sender, "tolist": list(to), "roomid": room, "msgtime": T + n * 1000,
        "msgtype": kind, **body,
    }  # fmt: skip


ARCHIVE = (
    archived(1, "text", "wmAlpha01", "LuYao", text={"content": "这款有现货吗"}),
    archived(2, "text", "LuYao", "wmAlpha01", text={"content": "有的"}),
    archived(3, "image", "LuYao", "wmAlpha01", image={"sdkfileid": "x"}),
    archived(4, "revoke", "LuYao", "wmAlpha01", action="recall", revoke={"pre_msgid": "m2"}),
    archived(5, "text", "wbHelper", "wmAlpha01", text={"content": "您好"}),
    archived(6, "link", "wmAlpha01", "LuYao", link={"title": "订单页", "link_url": "https://shop.example"}),
    archived(7, "mixed", "woBeta", "LuYao", room="wrRoom1", mixed={"item": [
        {"type": "text", "content": "{\"content\":\"坏了\"}"}, {"type": "image", "content": "{\"sdkfileid\":\"x\"}"}]}),
    archived(8, "text", "LuYao", "BaiYe", text={"content": "这个客户好烦"}),
    {"msgid": "m9", "action": "switch", "time": T + 9000, "user": "LuYao"},
    archived(10, "agree", "wmAlpha01", "LuYao", agree={"userid": "wmAlpha01"}),
    archived(11, "card", "BaiYe", "wmAlpha01", card={"corpname": "北岸书店", "userid": "BaiYe"}),
    archived(12, "chatrecord", "wmAlpha01", "LuYao", chatrecord={"title": "聊天记录", "item": [
        {"type": "ChatRecordText", "content": "{\"content\":\"上次说的\"}"}]}),
    archived(13, "emotion", "wmAlpha01", "LuYao", emotion={"type": 1}),
)  # fmt: skip


def test_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, bad = read(wecom, lines_source(*ARCHIVE), shop="北岸书店", platform="other")
    assert bad == []
    assert frame["source_row"].tolist() == list(range(1, 14))
    assert str(frame["sent_at"][0]) == "2026-11-10 10:00:01"
    columns = ("message_id", "sender", "buyer", "session", "agent", "kind", "auto", "text", "event", "event_value")
    assert spelt(frame, *columns) == [
        ("m1", "buyer", "wmAlpha01", "", "LuYao", "text", "", "这款有现货吗", "", {}),
        ("m2", "agent", "wmAlpha01", "", "LuYao", "text", "", "有的", "", {}),
        ("m3", "agent", "wmAlpha01", "", "LuYao", "image", "", "[图片]", "", {}),
        ("m4", "system", "wmAlpha01", "", "LuYao", "recall", "", "", "recall", {"message_id": "m2"}),
        ("m5", "robot", "wmAlpha01", "", "wbHelper", "text", "true", "您好", "", {}),
        ("m6", "buyer", "wmAlpha01", "", "LuYao", "link", "", "[链接] 订单页", "", {}),
        ("m7", "buyer", "wrRoom1", "", "LuYao", "text", "", "坏了\n[图片]", "", {}),
        ("m8", "system", "", "内部沟通", "LuYao", "event", "", "[内部备注]", "", {}),
        ("m9", "system", "", "内部沟通", "LuYao", "event", "", "", "", {}),
        ("m10", "system", "wmAlpha01", "", "LuYao", "event", "", "[同意存档会话内容]", "", {}),
        ("m11", "agent", "wmAlpha01", "", "BaiYe", "card", "", "[名片] 北岸书店", "", {}),
        ("m12", "buyer", "wmAlpha01", "", "LuYao", "card", "", "[聊天记录] 上次说的", "", {}),
        ("m13", "buyer", "wmAlpha01", "", "LuYao", "emoji", "", "[动画表情]", "", {}),
    ]
    real = entries.line_blocks
    monkeypatch.setattr(entries, "line_blocks", lambda s: real(s, 500))
    assert read(wecom, lines_source(*ARCHIVE), shop="北岸书店")[0].equals(frame)
    monkeypatch.undo()
    listed, _ = read(wecom, json_source(list(ARCHIVE)), shop="北岸书店")
    assert listed.equals(frame)


def kf(n: int, origin: int, kind: str, body: Any, **more: Any) -> dict[str, Any]:
    ids = {} if kind == "event" else {"open_kfid": "wk1", "external_userid": "wmBeta02"}
    return {"msgid": f"k{n}", **ids, "send_time": T // 1000 + n, "origin": origin, "msgtype": kind, kind: body, **more}


def kf_event(n: int, what: str, **more: Any) -> dict[str, Any]:
    return kf(n, 4, "event", {"event_type": what, "open_kfid": "wk1", "external_userid": "wmBeta02", **more})


def test_weixin_kf() -> None:
    answer = {
        "errcode": 0,
        "next_cursor": "c",
        "msg_list": [
            kf_event(1, "enter_session", scene="1"),
            kf(2, 3, "text", {"content": "人呢"}),
            kf(3, 5, "text", {"content": "在的"}, servicer_userid="LuYao"),
            kf_event(
                4, "session_status_change", change_type=2, old_servicer_userid="LuYao", new_servicer_userid="BaiYe"
            ),
            kf_event(5, "servicer_recall_msg", recall_msgid="k3", servicer_userid="LuYao"),
            kf_event(6, "reject_customer_msg_switch_change", reject_switch=1, servicer_userid="BaiYe"),
            kf_event(7, "servicer_status_change", status=2, servicer_userid="BaiYe"),
            kf_event(8, "session_status_change", change_type=3, old_servicer_userid="BaiYe"),
            kf(9, 9, "text", {"content": "?"}),
        ],
    }
    frame, bad = read(wecom, json_source(answer))
    assert set(frame["buyer"]) == {"wmBeta02"}
    assert spelt(frame, "source_row", "sent_at", "sender", "agent", "text", "event", "event_value") == [
        (1, "2026-11-10 10:00:01", "system", "", "[enter_session]", "", {}),
        (2, "2026-11-10 10:00:02", "buyer", "", "人呢", "", {}),
        (3, "2026-11-10 10:00:03", "agent", "LuYao", "在的", "", {}),
        (4, "2026-11-10 10:00:04", "system", "BaiYe", "", "transfer", {"from": "LuYao", "to": "BaiYe", "note": ""}),
        (5, "2026-11-10 10:00:05", "system", "LuYao", "", "recall", {"message_id": "k3"}),
        (6, "2026-11-10 10:00:06", "system", "BaiYe", "", "blocked", {"agent": "BaiYe"}),
        (7, "2026-11-10 10:00:07", "system", "BaiYe", "", "status", {"agent": "BaiYe", "status": "suspended"}),
        (8, "2026-11-10 10:00:08", "system", "BaiYe", "", "close", {"by": "agent"}),
    ]
    assert [(b.row, b.column) for b in bad] == [(9, "origin")]


def test_bad_lines_and_refusals() -> None:
    frame, bad = read(wecom, lines_source(ARCHIVE[0], "{", archived(3, "", "wmAlpha01", "LuYao")))
    assert len(frame) == 1
    assert [(b.row, b.column) for b in bad] == [(2, ""), (3, "msgtype")]
    with pytest.raises(UserError, match="no usable message"):
        read(wecom, lines_source(archived(3, "", "wmAlpha01", "LuYao")))
    with pytest.raises(UserError, match="encrypted"):
        read(
            wecom,
            json_source({"chatdata": [{"seq": 1, "msgid": "x", "encrypt_random_key": "k", "encrypt_chat_msg": "m"}]}),
        )


def test_sniff() -> None:
    assert wecom.sniff(lines_source(*ARCHIVE)) > 0.9
    assert wecom.sniff(json_source({"msg_list": [kf(1, 3, "text", {"content": "在"})]})) > 0.9
    assert wecom.sniff(json_source({"chatdata": [{"encrypt_random_key": "k", "encrypt_chat_msg": "m"}]})) > 0.8
    others_are_not(wecom, *STRANGERS)
