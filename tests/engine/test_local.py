"""An audit from end to end: what is chosen, refused, silenced, compared, and how it ends."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from audit.cli.main import main
from audit.engine import local
from audit.engine.result import AuditResult
from audit.errors import UserError

from .audits import audit, codes, core_policy, line, wire, write

pytestmark = pytest.mark.usefixtures("small_home")

#: two agents, two shops, two days: ATT001 by 小麦, RSP003 by 小禾, a wait of the second shop that stays open
ROWS = [
    line("2026-11-10 10:00:00", "buyer", "有货吗"),
    line("2026-11-10 10:00:20", "agent", "您好，你是笨蛋"),
    line("2026-11-11 10:00:00", "buyer", "杯子碎了", buyer="买家乙"),
    line("2026-11-11 10:00:30", "robot", "智能客服为您服务", buyer="买家乙", agent="小店机器人"),
    line("2026-11-11 10:05:00", "agent", "您好，给您补发", buyer="买家乙", agent="小禾"),
    line("2026-11-11 20:00:00", "buyer", "多少钱", buyer="买家丙", shop="云岫家居"),
]


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    return write(tmp_path / "chats.csv", ROWS)


@pytest.fixture
def policy(tmp_path: Path) -> str:
    return core_policy(tmp_path)


def of(result: AuditResult) -> list[tuple[str, str, str | None]]:
    return [(f.rule, f.state, f.agent) for f in result.findings]


EVERYTHING = [
    ("ATT001", "violation", "小麦"), ("RSP003", "violation", "小禾"),
    ("RSP001", "pending", None), ("RSP002", "pending", None),
]  # fmt: skip


def test_what_these_chats_hold(chats: Path, policy: str) -> None:
    assert of(audit(chats, policy=policy)) == EVERYTHING


# -- choosing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"rules": ("ATT001",)}, EVERYTHING[:1]),
        ({"rules": ("attitude.insult", "rsp003")}, EVERYTHING[:2]),
        ({"agents": ("小禾",)}, EVERYTHING[1:2]),
        ({"shops": ("云岫家居",)}, EVERYTHING[2:]),
        ({"since": datetime(2026, 11, 11)}, EVERYTHING[1:]),
        ({"since": datetime(2026, 11, 11, 10, 0, 0), "until": datetime(2026, 11, 11, 10, 0, 0)}, EVERYTHING[1:2]),
        ({"until": datetime(2026, 11, 10, 23, 59, 59)}, EVERYTHING[:1]),
        ({"agents": ("小禾",), "rules": ("ATT001",)}, []),
        ({}, EVERYTHING),
    ],
)
def test_selection_chooses_findings_and_never_messages(chats, policy, choice: dict[str, Any], wanted) -> None:
    whole, result = audit(chats, policy=policy), audit(chats, policy=policy, selection=local.Selection(**choice))
    assert of(result) == wanted
    assert result.coverage.counts == whole.coverage.counts
    assert result.metrics["waits"] == whole.metrics["waits"] and result.metrics["messages"] == len(ROWS)
    assert set(result.sessions["session_key"]) == {f.session for f in result.findings}
    assert set(result.excerpts["session_key"]) == {f.session for f in result.findings}
    assert set(result.rules) == {f.rule for f in result.findings}
    assert any("只列出所选" in note for note in result.coverage.notes) == bool(choice)


def test_the_tables_count_what_is_listed(chats: Path, policy: str) -> None:
    result = audit(chats, policy=policy, selection=local.Selection(rules=("RSP003",)))
    table = result.agents.set_index("agent")
    assert table["major"].to_dict() == {"小麦": 0, "小禾": 1, "": 0} and table["severe"].sum() == 0
    assert table["pending"].sum() == 0 and table["messages"].sum() == 2
    assert table.loc["小禾", "points"] == 5 and table["points"].sum() == 5
    assert result.metrics["by_rule"] == {"RSP003": 1} and result.metrics["points"] == 5
    assert result.metrics["findings"]["major"] == 1 and result.metrics["findings"]["severe"] == 0


def test_a_table_without_choice_is_the_same_as_counted_anew(chats: Path, policy: str) -> None:
    from audit.engine.merge import recounted

    result = audit(chats, policy=policy)
    assert recounted(result.agents, result.findings)[result.agents.columns].equals(result.agents)


@pytest.mark.parametrize(
    ("choice", "what", "hint"),
    [
        ({"rules": ("ATT01",)}, "ATT01", "ATT001"),
        ({"rules": ("attitude.insul",)}, "attitude.insul", "attitude.insult"),
        ({"agents": ("小禾苗",)}, "小禾苗", "小禾"),
        ({"shops": ("青禾家具",)}, "青禾家具", "青禾家居"),
    ],
)
def test_unknown_names_are_errors_with_a_suggestion(chats, choice: dict[str, Any], what: str, hint: str) -> None:
    with pytest.raises(UserError) as error:
        audit(chats, selection=local.Selection(**choice))
    assert what in error.value.what and hint in error.value.fix


def test_an_unknown_policy_is_an_error_with_a_suggestion(chats: Path) -> None:
    with pytest.raises(UserError, match="taobao"):
        audit(chats, policy="taobaoo")


# -- how it ends -----------------------------------------------------------------------------------------------------


def ended(*arguments: object) -> int:
    return main(["run", *map(str, arguments), "--format", "jsonl", "--quiet"])


@pytest.mark.parametrize(
    ("severity", "chosen", "code"),
    [
        ("severe", [], 1), ("severe", ["--rule", "RSP003"], 0), ("major", ["--rule", "RSP003"], 1),
        ("info", ["--agent", "小禾"], 1),
        ("info", ["--rule", "RSP001"], 0), ("severe", ["--since", "2026-11-11"], 0),
    ],
)  # fmt: skip
def test_fail_on_looks_at_listed_violations_only(
    chats, policy, tmp_path, severity: str, chosen: list[str], code: int
) -> None:
    assert ended(chats, "--policy", policy, "--out", tmp_path / "out", "--fail-on", severity, *chosen) == code
    assert ended(chats, "--policy", policy, "--out", tmp_path / "out", *chosen) == 0


def test_a_bug_is_3_and_an_interruption_130(chats, tmp_path, monkeypatch, capsys) -> None:
    def raising(error: BaseException):
        def run(*_: object, **__: object) -> None:
            raise error

        return run

    monkeypatch.setattr(local, "run", raising(ZeroDivisionError("oh")))
    assert ended(chats, "--out", tmp_path / "out") == 3
    assert "AUDIT_DEBUG" in capsys.readouterr().err
    monkeypatch.setattr(local, "run", raising(KeyboardInterrupt()))
    assert ended(chats, "--out", tmp_path / "out") == 130
    monkeypatch.setattr(local, "run", raising(UserError("no", fix="do")))
    assert ended(chats, "--out", tmp_path / "out") == 2


@pytest.mark.parametrize(
    "given", [["missing.csv"], ["empty"], ["head.csv"], ["notes.bin"], ["--rule", "XXX999", "chats.csv"]]
)
def test_what_cannot_be_checked_is_2(chats, tmp_path, given: list[str], capsys) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "head.csv", [])
    (tmp_path / "notes.bin").write_bytes(b"\x00\x01\x02" * 400)
    places = [a if a.startswith("--") or a == "XXX999" else str(tmp_path / a) for a in given]
    assert ended(*places, "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "out" / "findings.jsonl").exists(), "no report that looks like a shop without violations"


def bad_rows(tmp_path: Path, bad: int, good: int = 99) -> Path:
    rows = [line(n, "buyer", "有货吗", buyer=f"买家{n}") for n in range(good)]
    wrong = [line(n, "谁", "有货吗", buyer=f"买家{n}") for n in range(bad)]
    return write(tmp_path / "rows.csv", [*rows, *wrong])


def test_too_many_bad_rows_stop_it(tmp_path: Path, policy: str) -> None:
    result = audit(bad_rows(tmp_path, 1), policy=policy)
    assert result.coverage.counts["bad_rows"] == 1
    assert result.coverage.bad_rows[0] | {"reason": ""} == {
        "file": "rows.csv",
        "row": 101,
        "column": "sender",
        "reason": "",
    }
    with pytest.raises(UserError, match="2 of 101 rows") as error:
        audit(bad_rows(tmp_path, 2), policy=policy)
    assert "rows.csv:101 sender" in error.value.where
    assert audit(bad_rows(tmp_path, 2), policy=policy, max_bad_rows=0.02).coverage.counts["bad_rows"] == 2


def test_a_refused_file_in_a_folder_is_passed_over_and_told_a_named_one_stops(
    tmp_path: Path, policy: str, capsys
) -> None:
    folder = tmp_path / "chats"
    write(folder / "a.csv", ROWS)
    (folder / "notes.bin").write_bytes(b"\x00\x01\x02" * 400)
    result = audit(folder, policy=policy)
    assert of(result) == EVERYTHING
    (refused,) = [f for f in result.coverage.files if f.refused]
    assert refused.path == "notes.bin" and any("notes.bin" in note for note in result.coverage.notes)
    assert ended(folder, "--policy", policy, "--out", tmp_path / "out") == 0
    assert "skipped notes.bin" in capsys.readouterr().err
    for given in ({"strict": True, "paths": [folder]}, {"paths": [folder / "a.csv", folder / "notes.bin"]}):
        with pytest.raises(UserError):
            audit(*given.pop("paths"), policy=policy, **given)


# -- silencing and comparing -----------------------------------------------------------------------------------------


def ignoring(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "ignore.csv"
    path.write_text("id,reason,by,date,until\n" + "".join(r + "\n" for r in rows), encoding="utf-8")
    return path


def test_ignore_csv_silences_and_is_listed(tmp_path: Path, chats: Path, policy: str) -> None:
    insult, late, *_ = (f.id for f in audit(chats, policy=policy).findings)
    file = ignoring(
        tmp_path,
        f"{insult},误判,组长,2026-11-11,",
        f"{late},误判,组长,2026-11-10,2026-11-10",
        "ffff,误判,组长,2026-11-11,",
    )
    result = audit(chats, policy=policy, ignore=file)
    assert of(result) == EVERYTHING[1:], "what has expired is shown again"
    assert [(r["id"], r["matched"], r["expired"]) for r in result.coverage.silenced] == [
        (insult, True, False), (late, False, True), ("ffff", False, False),
    ]  # fmt: skip
    assert any("ffff" in note for note in result.coverage.notes)
    assert (
        result.agents["severe"].sum() == 0
        and result.metrics["findings"]["severe"] == 0
        and result.metrics["points"] == 5
    )
    until = audit(chats, policy=policy, ignore=file, as_of=datetime(2026, 11, 10, 23))
    assert late not in {f.id for f in until.findings}, "expired is judged by as-of, not by a clock"


def test_baseline_marks_new_known_and_gone(tmp_path: Path, policy: str) -> None:
    old = audit(write(tmp_path / "old.csv", ROWS[:2]), policy=policy)
    wire(old, tmp_path / "old")
    lines = (tmp_path / "old" / "findings.jsonl").read_text(encoding="utf-8")
    lines += json.dumps(json.loads(lines.splitlines()[0]) | {"id": "feedfeedfeedfeed"}) + "\n"
    (tmp_path / "old" / "findings.jsonl").write_text(lines, encoding="utf-8")
    result = audit(write(tmp_path / "new.csv", ROWS), policy=policy, baseline=tmp_path / "old")
    assert result.coverage.baseline == {"new": 3, "known": 1, "gone": 1}
    assert [result.status[f.id] for f in result.findings] == ["known", "new", "new", "new"]


def test_what_is_silenced_is_neither_new_nor_gone(tmp_path: Path, chats: Path, policy: str) -> None:
    first = audit(chats, policy=policy)
    file = ignoring(tmp_path, f"{first.findings[0].id},误判,组长,2026-11-11,")
    for before in (first, audit(chats, policy=policy, ignore=file)):
        wire(before, tmp_path / "old")
        again = audit(chats, policy=policy, ignore=file, baseline=tmp_path / "old")
        assert again.coverage.baseline == {"new": 0, "known": 3, "gone": 0}
        assert set(again.status) == {f.id for f in again.findings}


# -- shop profiles and as-of -----------------------------------------------------------------------------------------


def profile(folder: Path, text: str) -> Path:
    path = folder / "shop.yaml"
    path.write_text("platform: taobao\nshop: 青禾家居\n" + text, encoding="utf-8")
    return path


SLOW = [line("2026-11-10 10:00:00", "buyer", "有货吗"), line("2026-11-10 10:02:00", "agent", "您好，有")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["RSP007"]),
        ('service_hours: ["10:00", "18:00"]\n', ["RSP007"]),
        ('service_hours: ["10:01", "18:00"]\n', []),
        ('service_hours: ["08:00", "10:00"]\n', []),
        ("holidays: [2026-11-10]\n", []),
        ("holidays: [[2026-11-08, 2026-11-11]]\n", []),
        ("holidays: [2026-11-09, 2026-11-11]\n", ["RSP007"]),
    ],
)
def test_hours_and_holidays_of_the_shops_own_profile(tmp_path: Path, policy: str, text: str, wanted: list[str]) -> None:
    chats = write(tmp_path / "chats" / "a.csv", SLOW)
    profile(tmp_path / "chats", text)
    assert codes(audit(chats, policy=policy)) == wanted, "beside a named file"
    assert codes(audit(tmp_path / "chats", policy=policy)) == wanted, "in the folder"
    other = write(tmp_path / "elsewhere.csv", SLOW)
    assert codes(audit(other, policy=policy)) == ["RSP007"]
    assert codes(audit(other, policy=policy, shop_profile=tmp_path / "chats" / "shop.yaml")) == wanted


def test_a_profile_of_another_shop_changes_nothing_and_is_told(tmp_path: Path, policy: str) -> None:
    chats = write(tmp_path / "chats" / "a.csv", [r | {"shop": "云岫家居"} for r in SLOW])
    profile(tmp_path / "chats", "holidays: [2026-11-10]\n")
    result = audit(chats, policy=policy)
    assert codes(result) == ["RSP007"] and any("青禾家居" in note for note in result.coverage.notes)


def test_a_profiles_automatic_texts_and_robots_answer_nothing(tmp_path: Path, policy: str) -> None:
    rows = [
        line(0, "buyer", "有货吗"),
        line(1, "agent", "您好，请留言", auto=""),
        line(2, "agent", "有", agent="小店机", auto=""),
    ]
    chats = write(tmp_path / "chats" / "a.csv", rows)
    assert audit(chats, policy=policy).metrics["unanswered"] == 0
    profile(tmp_path / "chats", "auto_texts: [您好，请留言]\nrobot_accounts: [小店机]\n")
    assert audit(chats, policy=policy).metrics["unanswered"] == 1


def state(chats: Path, policy: str, as_of: datetime | None) -> list[tuple[str, str, str | None]]:
    result = audit(chats, policy=policy, as_of=as_of, selection=local.Selection(rules=("RSP001", "RSP003")))
    return [(f.rule, f.state, f.deadline) for f in result.findings]


def test_as_of_is_the_last_message_of_the_shop_unless_given(chats: Path, policy: str) -> None:
    result = audit(chats, policy=policy)
    assert result.coverage.as_of == [
        {"platform": "taobao", "shop": "云岫家居", "as_of": "2026-11-11T20:00:00+08:00", "given": False},
        {"platform": "taobao", "shop": "青禾家居", "as_of": "2026-11-11T10:05:00+08:00", "given": False},
    ]
    assert result.coverage.pending == {"count": 2, "waits": 1, "settled_by": "2026-11-12T20:00:00+08:00"}
    settled = audit(chats, policy=policy, as_of=datetime(2026, 11, 12, 20))
    assert [f.state for f in settled.findings] == ["violation"] * 4
    assert settled.coverage.pending["count"] == 0 and all(row["given"] for row in settled.coverage.as_of)


def test_a_deadline_after_as_of_is_pending_and_the_deadline_itself_is_not(tmp_path: Path, policy: str) -> None:
    chats = write(tmp_path / "a.csv", [line("2026-11-10 10:00:00", "buyer", "杯子碎了")])
    deadline = "2026-11-10T10:03:00+08:00"
    assert ("RSP001", "pending", "2026-11-10T23:59:59.999+08:00") in state(chats, policy, None)
    assert ("RSP003", "pending", deadline) in state(chats, policy, datetime(2026, 11, 10, 10, 2, 59))
    assert ("RSP003", "violation", deadline) in state(chats, policy, datetime(2026, 11, 10, 10, 3, 0))


def test_what_is_answered_after_an_early_as_of(tmp_path: Path, policy: str) -> None:
    """Later messages are read: one in time settles the wait; a late one proves nothing, an earlier may be missing."""
    late = [line("2026-11-10 10:00:00", "buyer", "杯子碎了"), line("2026-11-10 10:05:00", "agent", "您好，给您补发")]
    chats = write(tmp_path / "late.csv", late)
    assert [s for r, s, _ in state(chats, policy, None) if r == "RSP003"] == ["violation"]
    early = datetime(2026, 11, 10, 10, 1)
    assert [s for r, s, _ in state(chats, policy, early) if r == "RSP003"] == ["pending"]
    (found,) = audit(chats, policy=policy, as_of=early, selection=local.Selection(rules=("RSP003",))).findings
    assert found.points == 0 and found.reason.endswith("待定") and found.closed_at == "2026-11-10T10:05:00+08:00"
    between = datetime(2026, 11, 10, 10, 4)
    assert [s for r, s, _ in state(chats, policy, between) if r == "RSP003"] == ["violation"]
    in_time = [late[0], late[1] | {"sent_at": "2026-11-10 10:02:00"}]
    assert state(write(tmp_path / "in_time.csv", in_time), policy, early) == []
