"""What the audit finds in the written samples: the golden findings, and the promises that the outputs keep.

The golden file is reviewed like code. `UPDATE_GOLDEN=1 python -m pytest tests/test_samples.py` writes it anew.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from audit.cli.convert import convert
from audit.engine import local
from audit.engine.result import AuditResult
from audit.rules.model import all_rules

OUTPUTS = ("findings.jsonl", "coverage.json", "metrics.json", "report.html", "report.xlsx")
GOLDEN = "sample_findings.tsv"
COLUMNS = "source_file row shop buyer rule state severity points agent at quote reason".split()

#: Every chat sample, archive members apart, and the format that must be recognised in it.
FORMATS = {
    "douyin_canonical.jsonl": "table",
    "douyin_feige.txt": "feige",
    "douyin_feige_hook.jsonl": "feige",
    "jd_canonical.parquet": "table",
    "jd_chatlog.json": "jd-chatlog",
    "jd_jddc.tsv": "jddc",
    "jd_mapped.csv": "mapped-table",
    "other_chatwoot.json": "chatwoot",
    "other_intercom.json": "intercom",
    "other_qidian.xlsx": "qidian",
    "other_qiyu.zip!message.txt": "qiyu",
    "other_qiyu.zip!session.txt": "qiyu",
    "other_wecom_archive.jsonl": "wecom",
    "other_wecom_kf.json": "wecom",
    "other_zendesk_chat.json": "zendesk-chat",
    "pdd_canonical.xlsx": "table",
    "pdd_chat.json": "pdd",
    "taobao_canonical.csv": "table",
    "taobao_im.json": "qianniu-im-json",
    "taobao_pasted.txt": "qianniu-pasted",
    "tmall_alime.jsonl": "alime",
    "tmall_canonical_gb18030.csv": "table",
    "tmall_pasted_utf16.txt": "qianniu-pasted",
    "tmall_sessions.xlsx": "qianniu-sessions",
    "tmall_wangwang_gb18030.txt": "wangwang-txt",
}
CHATS = sorted({name.split("!")[0] for name in FORMATS})
COMPANIONS = ("shop.yaml", "agents.csv")


@dataclass(frozen=True)
class Run:
    """One `audit run` over the samples, in a process of its own."""

    out: Path
    stdout: str
    findings: list[dict[str, Any]]
    coverage: dict[str, Any]


def audit_run(samples: Path, out: Path, *, cwd: Path, arguments: tuple[str, ...] = (), **environment: str) -> Run:
    command = [sys.executable, "-m", "audit", "run", str(samples), "--policy", "auto", "--out", str(out), *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "200", **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    coverage = json.loads((out / "coverage.json").read_text(encoding="utf-8"))
    return Run(out, done.stdout + done.stderr, [json.loads(line) for line in lines], coverage)


@pytest.fixture(scope="module")
def run(samples: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return audit_run(samples, tmp_path_factory.mktemp("run") / "report", cwd=repository, PYTHONHASHSEED="1")


@pytest.fixture(scope="module")
def again(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same samples elsewhere, from another folder, time zone and hash seed, with two processes."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    copy = elsewhere / "chats"
    shutil.copytree(samples, copy, copy_function=shutil.copyfile)
    own = {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati"}
    return audit_run(copy, elsewhere / "report", cwd=elsewhere, arguments=("--workers", "2"), **own)


def table(findings: list[dict[str, Any]]) -> list[str]:
    """One line per finding, by the place of what it shows, with the columns COLUMNS."""
    rows = []
    for f in findings:
        shown = [e for e in f["evidence"] if e["role"] == "violation"] or f["evidence"]
        place, quotes = shown[0], " | ".join(e["quote"] for e in shown)
        cells = {
            **f,
            "source_file": place["source_file"],
            "row": place["source_row"],
            "agent": f["agent"] or "-",
            "at": (f["at"] or "-").removesuffix("+08:00"),
            "points": f"{f['points']:g}" + (" provoked" if f["provoked"] else ""),
            "quote": quotes,
        }
        rows.append([str(cells[c]).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") for c in COLUMNS])
    rows.sort(key=lambda r: (r[0], int(r[1]), r[4], r[10], r[11]))
    return ["\t".join(row) for row in [COLUMNS, *rows]]


def test_the_findings_are_the_golden_ones(run: Run, repository: Path) -> None:
    golden = repository / "tests" / "golden" / GOLDEN
    found = table(run.findings)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text("\n".join(found) + "\n", encoding="utf-8", newline="\n")
    wanted = golden.read_text(encoding="utf-8").splitlines()
    changes = [
        line
        for line in difflib.unified_diff(wanted, found, "golden", "found", n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    if changes:
        kinds = Counter((line[0], line.split("\t")[4]) for line in changes)
        summary = ", ".join(f"{sign}{count} {rule}" for (sign, rule), count in sorted(kinds.items()))
        pytest.fail(
            f"{len(changes)} lines differ from tests/golden/{GOLDEN} ({summary});\n"
            "read them, then accept with UPDATE_GOLDEN=1:\n" + "\n".join(changes),
            pytrace=False,
        )


def test_every_rule_is_shown_by_a_violation(run: Run) -> None:
    fired = {f["rule"] for f in run.findings if f["state"] == "violation"}
    assert set(all_rules()) - fired == {"SAT002"}  # a risk is never more than suspected
    assert any(f["rule"] == "SAT002" and f["state"] == "suspected" for f in run.findings)


def test_every_severity_and_a_pending_wait_are_shown(run: Run) -> None:
    assert {f["severity"] for f in run.findings} == {"severe", "major", "minor", "info"}
    assert {f["state"] for f in run.findings} >= {"violation", "pending"}


def test_at_least_half_of_the_sessions_show_nothing_graver_than_a_notice(run: Run) -> None:
    grave = {
        (f["platform"], f["shop"], f["buyer"], f["session"])
        for f in run.findings
        if f["state"] == "violation" and f["severity"] != "info"
    }
    sessions = run.coverage["counts"]["sessions"]
    assert sessions - len(grave) >= len(grave), f"{len(grave)} of {sessions} sessions hold a violation"


def test_the_dispute_answered_after_four_minutes_stands_with_its_agent(run: Run) -> None:
    (late,) = [f for f in run.findings if f["rule"] == "RSP003" and f["shop"] == "青禾家居"]
    assert (late["agent"], late["latency_s"], late["severity"], late["state"]) == ("小禾", 252.0, "major", "violation")
    assert "4分12秒" in late["reason"]
    assert late["opened_at"] == "2026-11-11T14:02:05+08:00"
    assert late["points"] > 0
    assert late["evidence"][0]["quote"].startswith("昨天到的玻璃花瓶")
    page = (run.out / "report.html").read_text(encoding="utf-8")
    assert late["id"] in page
    assert "小禾" in run.stdout


def test_every_sample_is_recognised_and_read_without_a_bad_row(run: Run, samples: Path) -> None:
    assert {f["path"]: f["format"] for f in run.coverage["files"]} == FORMATS
    assert [f for f in run.coverage["files"] if f["refused"] or f["bad_rows"]] == []
    assert run.coverage["counts"]["bad_rows"] == run.coverage["counts"]["duplicates"] == 0
    assert {p.name for p in samples.iterdir()} == {*CHATS, *COMPANIONS}


def test_encodings_and_containers_are_shown(run: Run) -> None:
    encodings = {f["encoding"] for f in run.coverage["files"]}
    assert encodings >= {"utf-8", "utf-8-sig", "gb18030", "utf-16"}
    suffixes = {Path(f["path"].split("!")[0]).suffix for f in run.coverage["files"]}
    assert suffixes == {".csv", ".json", ".jsonl", ".parquet", ".tsv", ".txt", ".xlsx", ".zip"}


@pytest.mark.parametrize("name", OUTPUTS)
def test_another_run_gives_the_same_bytes(name: str, run: Run, again: Run) -> None:
    first, second = (run.out / name).read_bytes(), (again.out / name).read_bytes()
    assert first == second, f"{name}: {len(first)} and {len(second)} bytes differ"


def texts(path: Path) -> str:
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_output_names_the_machine_its_folders_or_the_clock(name: str, run: Run, repository: Path) -> None:
    text = texts(run.out / name)
    for secret in (str(repository), str(run.out), str(Path.home()), sys.prefix, socket.gethostname()):
        if len(secret) > 5:
            assert secret not in text, secret
    now = datetime.now()
    for clock in (f"{now:%Y-%m-%dT%H:}", f"{now:%Y-%m-%d %H:}", f"{now:%Y/%m/%d %H:}", f"{now:%m-%d %H:%M}"):
        assert clock not in text, clock


def test_the_workbook_is_dated_by_the_chats(run: Run) -> None:
    core = zipfile.ZipFile(run.out / "report.xlsx").read("docProps/core.xml").decode()
    newest = max(entry["as_of"] for entry in run.coverage["as_of"])
    dates = re.findall(r"<dcterms:\w+ [^>]*>([^<]+)<", core)
    assert dates
    assert {d[:10] for d in dates} == {newest[:10]}


# -- the same chats as canonical tables ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def converted(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    """The audit of a folder that holds each sample as a canonical CSV of the same name."""
    folder = tmp_path_factory.mktemp("converted")
    for name in CHATS:
        done = CliRunner().invoke(convert, [str(samples / name), str(folder / f"{name}.csv")])
        assert done.exit_code == 0, done.output
    return local.run([folder], shop_profile=samples, excerpts=False)


def said(findings: Iterable[dict[str, Any]], name: str) -> Counter[str]:
    """What the findings of a file say, ids included, without the file and rows that they were read from."""
    own: Counter[str] = Counter()
    for finding in findings:
        if finding["evidence"][0]["source_file"].split("!")[0] == name:
            evidence = [{k: v for k, v in e.items() if not k.startswith("source_")} for e in finding["evidence"]]
            own[json.dumps({**finding, "evidence": evidence}, ensure_ascii=False, sort_keys=True)] += 1
    return own


@pytest.mark.parametrize("name", CHATS)
def test_a_sample_and_its_canonical_table_give_the_same_findings(name: str, run: Run, converted: AuditResult) -> None:
    given = said(run.findings, name)
    table_findings = said((asdict(f) for f in converted.findings), f"{name}.csv")
    assert given
    assert given - table_findings == Counter()
    assert table_findings - given == Counter()


def test_the_canonical_tables_hold_every_message(run: Run, converted: AuditResult) -> None:
    wanted = {k: v for k, v in run.coverage["counts"].items() if k != "files"}
    assert {k: v for k, v in converted.coverage.counts.items() if k != "files"} == wanted
