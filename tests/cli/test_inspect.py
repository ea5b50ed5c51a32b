from __future__ import annotations

from pathlib import Path

import pytest

from audit.cli.main import main

CANONICAL_CSV = """sender,buyer,agent,sent_at,text
buyer,甲,小禾,2026-03-05 10:00:01,在吗
agent,甲,小禾,2026-03-05 10:00:09,在的
boss,甲,,,坏行
"""
MAPPED_CSV = """发送时间,发送者,接收者,消息内容
2026/3/5 10:00,晴川旗舰店:小禾,甲,您好
2026/3/5 10:01,甲,晴川旗舰店:小禾,有货吗
"""
UNTOLD_CSV = "发送时间,发送者,消息内容\n2026/3/5 10:00,甲,您好\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)

    def inspect(*arguments: str) -> tuple[int, str, str]:
        code = main(["inspect", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return inspect


def test_a_canonical_table(run) -> None:
    Path("x.csv").write_text(CANONICAL_CSV, encoding="gb18030")
    code, out, err = run("x.csv", "--platform", "taobao", "--shop", "店甲")
    assert code == 0
    for line in (
        "format: table",
        "encoding: gb18030",
        "rows: 2, bad rows 1",
        "platform: taobao",
        "shop: 店甲",
        "agents: 1: 小禾",
        "buyers: 1: 甲",
        "time: 2026-03-05 10:00:01 … 2026-03-05 10:00:09",
        "senders: agent 1, buyer 1",
        "missing: the flag of automatic messages",
    ):
        assert line in out
    assert "2026-03-05 10:00:09 | agent | 甲 | 小禾 | text | 在的" in out
    assert "missing: times" not in out
    assert "mapping profile" not in out
    assert "bad row: x.csv, row 4, column sender: unknown sender 'boss'" in err


def test_a_mapped_table_shows_and_saves_its_profile(run) -> None:
    Path("x.csv").write_text(MAPPED_CSV, encoding="utf-8")
    code, out, _ = run("x.csv")
    assert code == 0
    assert "发送者 | name | 95%" in out
    assert "  agent_if_sender_contains: 晴川旗舰店" in out
    assert "missing: seconds of 2 times" in out
    code, out, _ = run("x.csv", "--save-map", "map.yaml")
    assert code == 0
    assert "mapping profile: map.yaml" in out
    assert "name: 发送者" in Path("map.yaml").read_text(encoding="utf-8")
    assert main(["convert", "x.csv", "out.csv", "--map", "map.yaml"]) == 0


def test_an_incomplete_mapping_says_what_is_missing_and_still_gives_a_profile(run) -> None:
    Path("x.csv").write_text(UNTOLD_CSV, encoding="utf-8")
    code, out, err = run("x.csv", "--save-map", "map.yaml")
    assert code == 2
    assert "发送者 | name" in out
    assert "who is buyer and who is agent cannot be told" in err
    profile = Path("map.yaml").read_text(encoding="utf-8")
    assert profile.startswith("# who is buyer and who is agent")
    Path("map.yaml").write_text(profile + "agents: [乙]\n", encoding="utf-8")
    code, _, err = run("x.csv", "--map", "map.yaml")
    assert code == 2
    assert "tells the buyers apart" in err


def test_missing_times_name_the_rules_that_cannot_be_checked(run) -> None:
    Path("x.csv").write_text("sender,session,text\nbuyer,1,在吗\n", encoding="utf-8")
    code, out, _ = run("x.csv")
    assert code == 0
    assert "missing: times (no time limit can be checked)" in out
    assert "without times: " in out
    assert "RSP001" in out.split("without times: ")[1].splitlines()[0]


def test_other_files_are_named_for_what_they_are(run) -> None:
    Path("perf.csv").write_text("客服账号,咨询人数,询单人数,平均响应时长\n小禾,1,2,3\n", encoding="utf-8")
    Path("note.txt").write_text("没有聊天\n", encoding="utf-8")
    code, out, err = run("perf.csv", "note.txt")
    assert code == 2
    assert "客服绩效表" in err
    assert "没有聊天" in err
    assert "format: unknown" in out
    code, _, err = run("perf.csv", "--save-map", "m.yaml")
    assert code == 2
    assert "none of the files is a table to map" in err


def test_folders_are_inspected_file_by_file(run) -> None:
    Path("in").mkdir()
    Path("in/a.csv").write_text(CANONICAL_CSV, encoding="utf-8")
    Path("in/b.csv").write_text(MAPPED_CSV, encoding="utf-8")
    Path("in/c.7z").write_bytes(b"7z\xbc\xaf\x27\x1cxx")
    code, out, err = run("in")
    assert code == 0
    assert out.index("== a.csv") < out.index("== b.csv")
    assert "refused: c.7z: a 7z archive" in err
