"""What several reports tell alike: totals, ranking, figures by rule and hour, what was not checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from audit.engine.findings import gravity
from audit.engine.result import SEVERITIES, AuditResult, Coverage, Finding
from audit.report.labels import labels

#: Up to this many days the heat map has a line per day, beyond that one per weekday.
HEAT_DAYS = 14


@dataclass(frozen=True)
class Totals:
    """Figures of the first screen. `violations` are scored ones: no notices, nothing suspected, pending or silenced."""

    violations: int
    by_severity: dict[str, int]  # state violation, by severity; "info" are the notices
    suspected: int
    pending: int
    silenced: int
    points: float


def silenced_ids(coverage: Coverage) -> set[str]:
    """Ids of the ignore list that took effect."""
    return {str(s.get("id")) for s in coverage.silenced if s.get("matched")}


def totals(result: AuditResult) -> Totals:
    """Count the findings; silenced ones count only as silenced."""
    silenced = silenced_ids(result.coverage)
    live = [f for f in result.findings if f.id not in silenced]
    by_severity = Counter(f.severity for f in live if f.state == "violation")
    return Totals(
        violations=sum(n for s, n in by_severity.items() if s != "info"),
        by_severity={s: by_severity.get(s, 0) for s in SEVERITIES},
        suspected=sum(f.state == "suspected" for f in live),
        pending=sum(f.state == "pending" for f in live),
        silenced=len(silenced),
        points=sum(f.points for f in live),
    )


def gravest(findings: list[Finding], silenced: set[str], limit: int | None = None) -> list[Finding]:
    """Findings in the engine's order of gravity (state, severity, time), silenced ones last."""
    ordered = sorted(findings, key=lambda f: (f.id in silenced, gravity(f)))
    return ordered if limit is None else ordered[:limit]


def ranked_agents(result: AuditResult) -> list[dict[str, Any]]:
    """The rows of `AuditResult.agents`, most points first; the unassigned row stands last where it has none."""
    frame = result.agents
    if frame.empty:
        return []
    columns = ["points", "severe", "major", "minor", "info", "sessions"]
    ordered = frame.sort_values(
        [*columns, "platform", "shop", "agent"], ascending=[False] * len(columns) + [True] * 3, kind="stable"
    )
    rows = [{str(k): v for k, v in row.items()} for row in ordered.to_dict("records")]
    return [r for r in rows if r["agent"] or r["points"] or r["sessions"] or r["suspected"] or r["pending"]]


def by_rule(result: AuditResult) -> list[dict[str, Any]]:
    """Violations and notices per rule, most frequent first: code, title, severity, count."""
    silenced = silenced_ids(result.coverage)
    live = [f for f in result.findings if f.state == "violation" and f.id not in silenced]
    counts = Counter(f.rule for f in live)
    first = {f.rule: f for f in reversed(live)}
    return [
        {"code": code, "title": first[code].title, "severity": first[code].severity, "count": n}
        for code, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))
    ]


def heat(result: AuditResult, lang: str = "zh") -> dict[str, Any]:
    """Violations per day (or weekday) and hour: {"weekday", "rows": names, "cells": [hour, row, count]}."""
    silenced = silenced_ids(result.coverage)
    moments = [
        (f.at[:10], int(f.at[11:13]))
        for f in result.findings
        if f.at and f.state == "violation" and f.severity != "info" and f.id not in silenced
    ]
    days = sorted({d for d, _ in moments})
    span = (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days + 1 if days else 0
    weekday = span > HEAT_DAYS
    if weekday:
        rows = labels(lang)["weekdays"].split(",")
        cells = Counter((h, date.fromisoformat(d).weekday()) for d, h in moments)
    else:
        first = date.fromisoformat(days[0]).toordinal() if days else 0
        rows = [date.fromordinal(first + i).isoformat() for i in range(span)]
        cells = Counter((h, date.fromisoformat(d).toordinal() - first) for d, h in moments)
    return {"weekday": weekday, "rows": rows, "cells": [[h, r, n] for (h, r), n in sorted(cells.items())]}


def period(result: AuditResult) -> tuple[str, str]:
    """First and last day of the excerpts, or of the findings; "" where no time is known."""
    times = result.excerpts["sent_at"].dropna() if len(result.excerpts) else pd.Series([], dtype="datetime64[ms]")
    given = result.metrics.get("first_message_at"), result.metrics.get("last_message_at")
    if all(given):
        return str(given[0])[:10], str(given[1])[:10]
    if len(times):
        return str(times.min())[:10], str(times.max())[:10]
    days = sorted(f.at[:10] for f in result.findings if f.at)
    return (days[0], days[-1]) if days else ("", "")


def as_of(result: AuditResult) -> str:
    """The latest moment up to which the export is complete, ISO 8601; "" where unknown."""
    return max((str(a.get("as_of") or "") for a in result.coverage.as_of), default="")


def moment(iso: str | None) -> str:
    """`2026-03-02T10:10:15+08:00` as people read it: `2026-03-02 10:10:15`."""
    return iso[:19].replace("T", " ") if iso else ""


def _listed(names: list[str], most: int = 6) -> str:
    unique = list(dict.fromkeys(names))
    return "、".join(unique[:most]) + (" …" if len(unique) > most else "")


def _rules(rows: list[dict[str, Any]]) -> tuple[int, str]:
    names = [" ".join(x for x in (str(r.get("rule", "")), str(r.get("title", ""))) if x) for r in rows]
    return len(set(names)), _listed(names)


def unchecked(coverage: Coverage) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of Coverage.not_checkable: rules that were checked nowhere, and those that were checked in part only."""
    rules: dict[str, list[dict[str, Any]]] = {}
    for row in coverage.not_checkable:
        rules.setdefault(str(row.get("rule")), []).append(row)
    platforms = {str(p.get("platform")) for p in coverage.policies}
    whole: list[dict[str, Any]] = []
    partly: list[dict[str, Any]] = []
    for rows in rules.values():
        full = [r for r in rows if r["count"] >= r.get("total", r["count"])]
        everywhere = {str(r.get("platform", "")) for r in full} >= platforms or "platform" not in rows[0]
        (whole if full and everywhere else partly).extend(rows)
    return whole, partly


def warnings(coverage: Coverage, lang: str = "zh") -> list[str]:
    """One sentence per kind of thing that was not read or not checked."""
    text = labels(lang)
    out: list[str] = []
    refused = [f for f in coverage.files if f.refused]
    if refused:
        out.append(
            text["w_refused"].format(n=len(refused), what=_listed([f"{f.path}（{f.refused}）" for f in refused], 3))
        )
    bad = max(sum(f.bad_rows for f in coverage.files), len(coverage.bad_rows))
    if bad:
        out.append(text["w_bad_rows"].format(n=bad))
    if coverage.counts.get("untimed"):
        out.append(text["w_untimed"].format(n=coverage.counts["untimed"]))
    whole, partly = unchecked(coverage)
    for key, rows in (("w_not_checkable", whole), ("w_partly_checkable", partly)):
        if rows:
            n, what = _rules(rows)
            out.append(text[key].format(n=n, what=what))
    fallback = [str(p.get("platform") or "") for p in coverage.policies if p.get("fallback")]
    if fallback:
        out.append(text["w_fallback"].format(what=_listed([text.get(f"p_{p}", p) for p in fallback])))
    unknown = [str(s.get("id")) for s in coverage.silenced if not s.get("matched") and not s.get("expired")]
    if unknown:
        out.append(text["w_unknown_silenced"].format(n=len(unknown), what=_listed(unknown, 3)))
    return out


def remarks(coverage: Coverage, lang: str = "zh") -> list[str]:
    """What the figures depend on without being a gap: pending findings and rules that the policy switches off."""
    text = labels(lang)
    out: list[str] = []
    pending = int(coverage.pending.get("count") or 0)
    if pending:
        when = moment(coverage.pending.get("settled_by"))
        out.append(
            text["w_pending"].format(n=pending, when=when) if when else text["w_pending_plain"].format(n=pending)
        )
    if coverage.disabled:
        n, what = _rules(coverage.disabled)
        out.append(text["w_disabled"].format(n=n, what=what))
    return out


def agent_label(row: dict[str, Any], lang: str = "zh") -> str:
    """`小甲（店铺:客服01）`, or the account, or 未分配."""
    account, name = str(row.get("agent") or ""), str(row.get("name") or "")
    if not account:
        return labels(lang)["unassigned"]
    return f"{name}（{account}）" if name and name != account else account
