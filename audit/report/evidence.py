"""One printable page per finding, for an appeal: conversation, clock, the rule and its date, digests of the rows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from audit.engine.result import AuditResult, Finding
from audit.errors import UserError, did_you_mean
from audit.report import summary
from audit.report.conversations import SENDERS, Conversations, Table
from audit.report.html import content_policy, static, template
from audit.report.labels import duration, labels
from audit.report.masking import Masker, printable

#: Columns of a source row that its digest covers, in this order.
DIGEST = ("source_file", "source_row", "sent_at", "sender", "agent", "kind", "text")


def write(
    result: AuditResult,
    ids: Sequence[str],
    path: str | os.PathLike[str],
    lang: str = "zh",
    show_pii: bool = False,
) -> Path:
    """Write one HTML file with a page for each finding, in the order of `ids`.

    `ids` may be shortened as long as they name one finding. Raises UserError for an id that names none or several.
    """
    from markupsafe import Markup

    text, masker = labels(lang), Masker(show_pii)
    findings = pick(result, ids)
    talks = Conversations(result.excerpts, findings, masker, Table())
    digests = _Digests(result)
    style = static("evidence.css")
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    page = template("evidence.html").render(
        t=text,
        lang="zh-CN" if lang == "zh" else lang,
        csp=content_policy([], [style]),
        style=Markup(style),
        pages=[_page(f, result, talks, digests, masker, text, lang) for f in findings],
        as_of=summary.moment(summary.as_of(result)),
        show_pii=show_pii,
    )
    with target.open("w", encoding="utf-8", newline="\n") as f:
        f.write(page)
    return target


def pick(result: AuditResult, ids: Sequence[str]) -> list[Finding]:
    """The findings of these ids or beginnings of ids, each once. Raises UserError for the first that is wrong."""
    known = {f.id: f for f in result.findings}
    out: dict[str, Finding] = {}
    for asked in ids:
        near = [asked] if asked in known else [i for i in known if asked and i.startswith(asked)]
        if not near:
            raise UserError(f"there is no finding {asked!r} in these chats", fix=did_you_mean(asked, known))
        if len(near) > 1:
            raise UserError(
                f"{asked!r} stands for {len(near)} findings", fix=f"write more of it: {', '.join(sorted(near)[:5])}"
            )
        out[near[0]] = known[near[0]]
    return list(out.values())


class _Digests:
    """SHA-256 of the exported rows, as they stand in the excerpts (unmasked)."""

    def __init__(self, result: AuditResult) -> None:
        self.files = {f.path: f.sha256 for f in result.coverage.files}
        self.frame = result.excerpts

    def of(self, finding: Finding) -> dict[str, Any]:
        """`rows`: one digest over the finding's evidence rows ("" where the excerpts lack one); `files` by path."""
        keys = [e.message_key for e in finding.evidence]
        frame = self.frame
        rows = (
            frame[(frame["session_key"] == finding.session) & frame["message_key"].isin(keys)] if len(frame) else frame
        )
        files = list(dict.fromkeys(e.source_file for e in finding.evidence))
        return {
            "rows": row_digest(rows) if len(set(keys)) == len(rows) and keys else "",
            "files": [(path, self.files.get(path, "")) for path in files],
        }


def row_digest(rows: pd.DataFrame) -> str:
    """SHA-256 over excerpt rows: each a JSON array of DIGEST without blanks, in UTF-8, joined by newlines."""
    lines = []
    for row in rows[list(DIGEST)].to_dict("records"):
        values = [
            ("" if pd.isna(v) else v.isoformat()) if isinstance(v, (pd.Timestamp, type(pd.NaT))) else v
            for v in row.values()
        ]
        lines.append(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class _Clock:
    """The clock in the page's drawing: widths in per cent of the bar."""

    limit: str
    waited: str
    late: str
    ok: float
    over: float
    due: float


def _clock(f: Finding, lang: str) -> _Clock | None:
    if not f.opened_at or not f.deadline:
        return None
    opened, deadline = datetime.fromisoformat(f.opened_at), datetime.fromisoformat(f.deadline)
    limit = (deadline - opened).total_seconds()
    waited = f.latency_s
    if waited is None and f.closed_at:
        waited = (datetime.fromisoformat(f.closed_at) - opened).total_seconds()
    pending = waited is None and f.state == "pending"
    end = max(limit if pending else limit * 1.6 if waited is None else max(waited, limit), 1.0)
    over = 0.0 if pending else end - limit
    return _Clock(
        limit=duration(limit, lang),
        waited=duration(waited, lang),
        late=duration(waited - limit, lang) if waited is not None and waited > limit else "",
        ok=round(100 * min(limit, end if waited is None else waited) / end, 3),
        over=round(100 * max(over, 0.0) / end, 3),
        due=round(100 * limit / end, 3),
    )


def _page(
    f: Finding,
    result: AuditResult,
    talks: Conversations,
    digests: _Digests,
    masker: Masker,
    text: dict[str, str],
    lang: str,
) -> dict[str, Any]:
    told = result.rules.get(f.rule, {})
    place = talks.place(f.session)
    evidence = talks.evidence(f)
    digest = digests.of(f)
    return {
        "f": f,
        "title": printable(f.title),
        "reason": masker.text(f.reason, f.buyer),
        "buyer": masker.buyer(f.buyer),
        "shop": printable(f.shop),
        "agent": printable(f.agent or text["unassigned"]),
        "platform": text.get(f"p_{f.platform}", f.platform),
        "at": summary.moment(f.at),
        "opened": summary.moment(f.opened_at),
        "deadline": summary.moment(f.deadline),
        "closed": summary.moment(f.closed_at),
        "clock": _clock(f, lang),
        "decoded": [e for e in evidence if e.get("d")],
        "talk": _talk(talks.lists[place], evidence, masker.buyer(f.buyer), talks.names.values, text)
        if place >= 0
        else [],
        "rule": {k: printable(str(told.get(k) or "")) for k in ("doc", "why", "source")},
        "cite": printable(f.cite),
        "sources": list(dict.fromkeys(e["src"] for e in evidence)),
        "rows_digest": digest["rows"],
        "files": [(masker.text(path), value) for path, value in digest["files"]],
    }


def _talk(
    talk: list[Any], evidence: list[dict[str, Any]], buyer: str, names: list[str], text: dict[str, str]
) -> list[dict[str, Any]]:
    """Messages with their parts; a part is (text, marked)."""
    out: list[dict[str, Any]] = []
    for i, m in enumerate(talk):
        if isinstance(m, int):
            out.append({"gap": text["skipped"].format(n=m)})
            continue
        mine = [e for e in evidence if e["i"] == i]
        body = m[5] or text.get(f"k_{m[4]}", "")
        units = body.encode("utf-16-le", "surrogatepass")
        parts, at = [], 0
        for e in sorted((e for e in mine if e.get("t", 0) > e.get("f", 0)), key=lambda e: e["f"]):
            if e["f"] < at:
                continue
            parts += [(_cut(units, at, e["f"]), False), (_cut(units, e["f"], e["t"]), True)]
            at = e["t"]
        parts.append((_cut(units, at, len(units)), False))
        role = SENDERS[m[0]]
        who = f"{text['buyer']} {buyer}" if m[0] == 0 else f"{text[role]} {names[m[1]] if m[0] == 1 else ''}".strip()
        flags = [text["auto"]] if m[3] & 1 and m[0] == 1 else []
        flags += [text["recalled"]] if m[3] & 2 else []
        kind = min((e["k"] for e in mine), default=9)
        tag = {0: text["waiting" if role == "buyer" else "evidence"], 1: text["provocation"]}.get(kind, "")
        out.append(
            {"role": role, "who": who, "time": m[2], "parts": [p for p in parts if p[0]], "flags": flags, "tag": tag}
        )
    return out


def _cut(units: bytes, start: int, end: int) -> str:
    return units[start * 2 : end * 2].decode("utf-16-le", "replace")
