"""`audit promises`: the ledger of small exports, as a table and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.cli.main import main

CHATS = """sender,buyer,agent,sent_at,text
buyer,晴天小猪,小禾,2026-03-05 10:00:00,能退差价吗
agent,晴天小猪,小禾,2026-03-05 10:00:20,今天给您答复
buyer,晴天小猪,小禾,2026-03-06 09:00:00,人呢
agent,晴天小猪,小麦,2026-03-06 09:01:00,差价不退的
buyer,蓝天,小麦,2026-03-06 09:30:00,什么时候发
agent,蓝天,小麦,2026-03-06 09:30:20,"明天给您发，电话13912345678"
robot,蓝天,服务助手,2026-03-06 09:30:30,客服稍后回复您
"""
SHOP = ("--platform", "taobao", "--shop", "店甲")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(CHATS, encoding="utf-8")

    def promises(*arguments: str) -> tuple[int, str, str]:
        code = main(["promises", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return promises


def test_table(run) -> None:
    code, out, _ = run("x.csv", *SHOP)
    head, broken, pending, total = out.splitlines()
    assert code == 0
    assert head.split("\t")[:3] == ["店铺", "客服", "买家"]
    assert broken.split("\t") == [
        "店甲", "小禾", "晴***", "2026-03-05 10:00:20", "聊天回复", "今天给您答复", "2026-03-05 23:59:59", "未履行",
        "2026-03-06 09:01:00 差价不退的",
    ]  # fmt: skip
    assert pending.split("\t")[4:8] == ["发货", "明天给您发", "2026-03-07 23:59:59", "未到时"]
    assert total == "7 条消息，2 个承诺：未履行 1，未到时 1"


def test_json_is_as_exported(run) -> None:
    code, out, _ = run("x.csv", *SHOP, "--format", "json", "--status", "broken")
    assert code == 0
    assert json.loads(out) == [
        {
            "platform": "taobao",
            "shop": "店甲",
            "buyer": "晴天小猪",
            "agent": "小禾",
            "sent_at": "2026-03-05T10:00:20",
            "kind": "reply",
            "quote": "今天给您答复",
            "due": "2026-03-05T23:59:59",
            "status": "broken",
            "settled_at": "2026-03-06T09:01:00",
            "settled_by": "差价不退的",
            "source_file": "x.csv",
            "source_row": 3,
        }
    ]


def test_as_of_moves_what_is_pending(run) -> None:
    _, out, _ = run("x.csv", *SHOP, "--as-of", "2026-03-09", "--format", "json")
    assert [p["status"] for p in json.loads(out)] == ["broken", "not visible"]


def test_the_ledger_and_the_audit_agree(run, tmp_path: Path) -> None:
    assert main(["run", "x.csv", *SHOP, "--out", "report", "--format", "jsonl", "--quiet"]) == 0
    lines = (tmp_path / "report" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    broken = [f for f in map(json.loads, lines) if f["rule"] == "PRC006"]
    assert [f["evidence"][0]["quote"] for f in broken] == ["今天给您答复"]


def test_buyers_are_shown_when_asked_for(run) -> None:
    assert "晴天小猪" in run("x.csv", *SHOP, "--show-pii")[1]


def test_chats_without_promises_say_so(run) -> None:
    Path("y.csv").write_text("sender,buyer,sent_at,text\nbuyer,甲,2026-03-05 10:00:00,在吗\n", encoding="utf-8")
    code, out, _ = run("y.csv", *SHOP)
    assert (code, out) == (0, "1 条消息，0 个承诺\n")
    assert run("y.csv", *SHOP, "--format", "json")[1] == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("nowhere.csv",), "nowhere.csv"), (("x.csv", *SHOP, "--as-of", "soon"), "--as-of"), ((), "PATHS")],
)
def test_what_cannot_be_done_is_told(run, arguments: tuple[str, ...], told: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2 and told in err


def test_a_refused_file_in_a_folder_is_named(run, tmp_path: Path) -> None:
    (tmp_path / "chats").mkdir()
    (tmp_path / "chats" / "x.csv").write_text(CHATS, encoding="utf-8")
    (tmp_path / "chats" / "z.csv").write_bytes(b"\x00\x01\x02")
    code, out, err = run("chats", *SHOP)
    assert code == 0 and "2 个承诺" in out
    assert "z.csv" in err
