import io
from pathlib import Path

import pytest

from audit.errors import UserError
from audit.ingest import entries, qiyu
from audit.ingest.discover import discover
from tests.ingest.written import STRANGERS, lines_source, others_are_not, read, source, spelt

T = 1794276000000  # 2026-11-10 10:00:00
MESSAGES = (
    {"sessionId": 501, "time": T, "from": 1, "staffId": 0, "msgId": "m1", "msg": "发票怎么开", "msgType": "TEXT"},
    {"sessionId": 501, "time": T + 1000, "from": 0, "staffId": -1, "staffName": "小七", "msg": "请问是个人发票吗"},
    {"sessionId": 501, "time": T + 60000, "from": 0, "staffId": 31, "staffName": "陆遥", "msg": "您好", "autoReply": 1},
    {"sessionId": 501, "time": T + 90000, "from": 0, "staffId": 31, "msg": {"url": "https://a"}, "msgType": "PICTURE"},
    {"sessionId": 502, "time": T, "from": 1, "staffId": 31, "userId": "u9", "msg": '{"content":"在吗"}'},
)  # fmt: skip


def test_messages() -> None:
    frame, bad = read(qiyu, lines_source(*MESSAGES, "exported 5"), shop="北岸书店")
    assert bad == []  # the junk last line of every export is no bad row
    assert set(frame["shop"]) == {"北岸书店"}
    columns = ("source_row", "sent_at", "sender", "buyer", "session", "agent", "kind", "auto", "message_id", "text")
    assert spelt(frame, *columns) == [
        (1, "2026-11-10 10:00:00", "buyer", "501", "501", "", "text", "", "m1", "发票怎么开"),
        (2, "2026-11-10 10:00:01", "robot", "501", "501", "小七", "text", "true", "", "请问是个人发票吗"),
        (3, "2026-11-10 10:01:00", "agent", "501", "501", "陆遥", "text", "true", "", "您好"),
        (4, "2026-11-10 10:01:30", "agent", "501", "501", "31", "image", "", "", "[图片]"),
        (5, "2026-11-10 10:00:00", "buyer", "u9", "502", "31", "text", "", "", "在吗"),
    ]


def test_bad_lines_are_listed_but_not_the_junk_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    given = lines_source(
        MESSAGES[0], "cut off {", {**MESSAGES[1], "from": 7}, {**MESSAGES[1], "time": "昨天"}, MESSAGES[2], "junk", ""
    )
    expected = [(2, ""), (3, "from"), (4, "sent_at")]
    for size in (40, 1 << 20):
        real = entries.line_blocks
        monkeypatch.setattr(entries, "line_blocks", lambda s, size=size, real=real: real(s, size))
        frame, bad = read(qiyu, given)
        assert spelt(frame, "source_row") == [(1,), (5,)]
        assert [(b.row, b.column) for b in bad] == expected
        monkeypatch.undo()


def test_sessions_become_events() -> None:
    one = {
        "id": 501, "startTime": T, "endTime": T + 600000, "sType": 0, "relatedType": 4, "fromStaff": "陆遥",
        "interaction": 0, "closeReason": 0, "evaluation": 25, "evaluationType": 5, "evaluationRemark": "等太久",
        "staffName": "白夜", "staffId": 32,
    }  # fmt: skip
    frame, bad = read(
        qiyu,
        lines_source(
            one,
            {**one, "id": 502, "relatedType": 0, "closeReason": 5, "evaluation": 0, "evaluationRemark": ""},
            {**one, "id": 503, "relatedType": 0, "closeReason": 2, "evaluation": 7},
            {**one, "id": None},
            "junk",
        ),
    )
    assert spelt(frame, "source_row", "sent_at", "sender", "buyer", "session", "event", "event_value", "text") == [
        (1, "2026-11-10 10:00:00", "system", "501", "501", "transfer", {"from": "陆遥", "to": "白夜", "note": ""}, ""),
        (1, "2026-11-10 10:10:00", "system", "501", "501", "close", {"by": "agent"}, ""),
        (
            1,
            "2026-11-10 10:10:00",
            "buyer",
            "501",
            "501",
            "rating",
            {"agent": "白夜", "score": 2, "source": ""},
            "等太久",
        ),
        (2, "2026-11-10 10:10:00", "system", "502", "502", "transfer", {"from": "白夜", "to": "", "note": ""}, ""),
        (3, "2026-11-10 10:10:00", "system", "503", "503", "close", {"by": "system"}, ""),
    ]
    assert [(b.row, b.column) for b in bad] == [(3, "evaluation"), (4, "id")]


def test_only_junk_is_refused() -> None:
    with pytest.raises(UserError, match="no usable message"):
        read(qiyu, source("junk\n"))


def test_members_of_the_encrypted_archive(tmp_path: Path) -> None:
    pyzipper = pytest.importorskip("pyzipper")
    made = io.BytesIO()
    with pyzipper.AESZipFile(made, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"0123456789ab")
        archive.writestr("message.txt", lines_source(*MESSAGES, "junk").read_bytes())
    (tmp_path / "qiyu.zip").write_bytes(made.getvalue())
    sources, refusals = discover([tmp_path / "qiyu.zip"], zip_password="0123456789ab")
    assert refusals == [] and [s.name for s in sources] == ["qiyu.zip!message.txt"]
    assert qiyu.sniff(sources[0]) > 0.9
    assert len(read(qiyu, sources[0])[0]) == 5


def test_sniff() -> None:
    assert qiyu.sniff(lines_source(*MESSAGES)) > 0.9
    assert qiyu.sniff(lines_source({"id": 1, "startTime": T, "sType": 0, "relatedType": 0, "closeReason": 0})) > 0.9
    others_are_not(qiyu, *STRANGERS)
