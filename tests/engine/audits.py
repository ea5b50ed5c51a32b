"""Small exports in canonical form, written in any encoding, and audits of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from audit.engine import local
from audit.engine.result import AuditResult
from audit.report import jsonl
from audit.rules.model import all_rules

COLUMNS = (
    "platform", "shop", "buyer", "session", "message_id", "sent_at", "sender", "agent", "kind", "auto", "recalled",
    "text", "event", "event_value",
)  # fmt: skip
START = pd.Timestamp("2026-11-10 10:00:00")
Rows = Sequence[dict[str, Any]]


def line(at: float | str | None, sender: str, text: str = "", **more: Any) -> dict[str, str]:
    """One canonical row; `at` in seconds after START, or as written."""
    when = at if isinstance(at, str) else "" if at is None else str(START + pd.Timedelta(seconds=at))
    row = {"platform": "taobao", "shop": "青禾家居", "buyer": "买家甲", "sent_at": when, "sender": sender, "text": text}
    row |= {"agent": "小麦"} if sender == "agent" else {}
    row |= {"kind": "event" if more.get("event") else "text", "auto": "true" if sender == "robot" else "false"}
    return dict.fromkeys(COLUMNS, "") | row | {k: str(v) for k, v in more.items()}


def write(path: Path, rows: Rows, form: str = "utf-8", columns: Sequence[str] = COLUMNS) -> Path:
    """Rows as a file: an encoding means CSV in it, else xlsx, jsonl, parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(list(columns))
        for row in rows:
            sheet.append([row[c] for c in columns])
        book.save(path)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    elif form == "parquet":
        pd.DataFrame([{c: r[c] for c in columns} for r in rows]).to_parquet(path)
    else:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row[c] for c in columns] for row in rows)
        path.write_bytes(out.getvalue().encode(form))
    return path


#: rules that need nothing but clocks and the small lexicons: for properties that must be quick
CORE = ("RSP001", "RSP002", "RSP003", "RSP005", "RSP007", "RSP009", "PFN001", "ATT001", "DST001", "DST003", "PRC001")


def core_policy(folder: Path) -> str:
    """A policy with the CORE rules only."""
    off = [f"  - {{rule: {code}, disable: 测试}}" for code in all_rules() if code not in CORE]
    path = folder / "core.yaml"
    on = [f"  - {{rule: {code}}}" for code in CORE]
    head = ["policy: core", "extends: base", "closers_need_reply: true", "clauses:"]
    path.write_text("\n".join([*head, *on, *off]) + "\n", encoding="utf-8")
    return str(path)


def audit(*paths: Path, **options: Any) -> AuditResult:
    return local.run(list(paths), **options)


def wire(result: AuditResult, out: Path) -> bytes:
    """findings.jsonl as written."""
    jsonl.write(result, out)
    return (out / "findings.jsonl").read_bytes()


def told(written: bytes) -> list[dict[str, Any]]:
    """Findings without the place in the file, which other files and formats do not share."""
    out = []
    for text in written.decode().splitlines():
        finding = json.loads(text)
        for item in finding["evidence"]:
            del item["source_file"], item["source_row"]
        out.append(finding)
    return out


def codes(result: AuditResult) -> list[str]:
    return [f.rule for f in result.findings]
