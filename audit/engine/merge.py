"""The parts of an audit as one result: points, silenced findings, tables, Coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from audit.engine.coverage import coverage_of
from audit.engine.findings import ZONE, gravity, iso
from audit.engine.intake import Intake
from audit.engine.part import EXCERPTS, Part
from audit.engine.result import SEVERITIES, WIRE_SCHEMA, AuditResult, Coverage, Finding
from audit.policy.baseline import compare, read_baseline
from audit.policy.ignore import apply, read_ignore
from audit.policy.shop import Profiles
from audit.rules.model import GROUPS, all_rules

_GRADES = (*SEVERITIES, "suspected", "pending")
Moments = tuple[tuple[str, str, int], ...]  # platform, shop, as-of in int64 ms


@dataclass(frozen=True)
class Gathered:
    """What both passes left behind."""

    parts: list[Part]
    intake: Intake
    given_as_of: bool
    profiles: Profiles

    @property
    def moments(self) -> Moments:
        """The as-of of every shop."""
        return tuple(sorted(m for p in self.parts for m in p.moments))


def merge(
    gathered: Gathered,
    *,
    ignore: str | Path | None = None,
    baseline: str | Path | None = None,
    keep_ids: Collection[str] = (),
) -> AuditResult:
    """One AuditResult. What `ignore` silences is counted in Coverage only; `baseline` marks new and known findings."""
    parts = gathered.parts
    everything = sorted(
        (f for p in parts for f in p.findings),
        key=lambda f: (f.at or "", f.platform, f.shop, f.buyer, f.rule, f.id),
    )
    silenced, records = _silenced(everything, ignore, gathered.moments)
    findings = [f for f in everything if f.id not in silenced]
    coverage = coverage_of(
        parts, findings, gathered.intake, gathered.moments, gathered.given_as_of, gathered.profiles
    )  # fmt: skip
    coverage.silenced = records
    unknown = [r["id"] for r in records if not r["matched"] and not r["expired"]]
    if unknown:
        coverage.notes.append(f"ignore.csv 里有 {len(unknown)} 个编号这次没有出现：{'、'.join(unknown[:5])}")
    status: dict[str, str] = {}
    if baseline:
        compared = compare([f.id for f in everything], read_baseline(baseline, WIRE_SCHEMA))
        status = {f.id: compared.status[f.id] for f in findings}
        shown = list(status.values())
        coverage.baseline = {"new": shown.count("new"), "known": shown.count("known"), "gone": len(compared.gone)}
    excerpts = _by_session([p.excerpts for p in parts])
    if len(findings) > EXCERPTS and len(excerpts):
        keep = {f.session for f in sorted(findings, key=gravity)[:EXCERPTS]}
        keep |= {f.session for f in findings if f.id.startswith(tuple(keep_ids))}
        excerpts = excerpts[excerpts["session_key"].isin(keep)]
    waits = _concat([p.waits for p in parts])
    complaints = _concat([p.complaints for p in parts])
    words = complaints.groupby("text")["count"].sum() if len(complaints) else pd.Series(dtype=int)
    return AuditResult(
        findings=findings,
        excerpts=excerpts,
        sessions=_by_session([p.sessions for p in parts]),
        agents=_agents(_concat([p.agents for p in parts]), waits, findings, gathered.profiles),
        complaints=[(str(t), int(n)) for t, n in words.sort_index().items()],
        metrics=_metrics(coverage, findings, waits, [p.span for p in parts if p.span]),
        coverage=coverage,
        rules=rule_facts(findings),
        status=status,
    )


def _silenced(
    findings: list[Finding], ignore: str | Path | None, moments: Moments
) -> tuple[frozenset[str], list[dict[str, Any]]]:
    """Ids that ignore.csv silences, and its rows as Coverage holds them; `until` is judged by the latest as-of."""
    if not ignore:
        return frozenset(), []
    latest = max((t for *_, t in moments), default=None)
    now = datetime.fromisoformat((iso(latest) or "").removesuffix(ZONE)) if latest is not None else None
    applied = apply(read_ignore(ignore), [f.id for f in findings], now)
    return applied.silenced, applied.records()


def _concat(frames: list[pd.DataFrame]) -> pd.DataFrame:
    some = [f for f in frames if len(f)]
    return pd.concat(some, ignore_index=True) if some else (frames[0] if frames else pd.DataFrame())


def _by_session(frames: list[pd.DataFrame]) -> pd.DataFrame:
    table = _concat(frames)
    return table.sort_values("session_key", kind="stable", ignore_index=True) if len(table) else table


def _agents(people: pd.DataFrame, waits: pd.DataFrame, findings: list[Finding], profiles: Profiles) -> pd.DataFrame:
    """One row per account, those without findings too (AuditResult.agents)."""
    keys = ["platform", "shop", "agent"]
    base = people.groupby(keys)[["sessions", "messages"]].sum() if len(people) else pd.DataFrame()
    marks = pd.DataFrame(
        {
            "platform": [f.platform for f in findings], "shop": [f.shop for f in findings],
            "agent": [f.agent or "" for f in findings], "what": [_grade(f) for f in findings],
            "points": np.array([f.points for f in findings], dtype=float),
        }
    )  # fmt: skip
    what = pd.crosstab([marks[k] for k in keys], marks["what"]) if len(marks) else pd.DataFrame()
    points = marks.groupby(keys)["points"].sum() if len(marks) else pd.Series(dtype=float)
    if len(waits):
        grouped = waits.groupby(keys)
        timing = pd.DataFrame(
            {
                "first_response_median_s": waits[waits["first"]].groupby(keys)["latency_s"].median(),
                "response_mean_s": grouped["latency_s"].mean(),
                "waits": grouped.size(),
                "unanswered": grouped["answered"].agg(lambda a: int((~a).sum())),
            }
        )
    else:
        timing = pd.DataFrame()
    index = base.index
    for other in (what, points, timing):
        if len(other):
            index = index.union(other.index) if len(index) else other.index
    out = pd.DataFrame(index=index)
    for name in ("sessions", "messages"):
        out[name] = base[name].reindex(index).fillna(0).astype(int) if len(base) else 0
    for name in _GRADES:
        out[name] = what[name].reindex(index).fillna(0).astype(int) if name in what else 0
    out["points"] = points.reindex(index).fillna(0.0) if len(points) else 0.0
    for name in ("first_response_median_s", "response_mean_s"):
        out[name] = timing[name].reindex(index) if len(timing) else np.nan
    for name in ("waits", "unanswered"):
        out[name] = timing[name].reindex(index).fillna(0).astype(int) if len(timing) else 0
    table = out.reset_index() if len(index) else pd.DataFrame(columns=[*keys, *out.columns])
    staff = {
        (p, s, row["account"]): row for (p, s), profile in profiles.items() for row in profile.agents.to_dict("records")
    }
    accounts = list(table[keys].itertuples(index=False, name=None))
    for position, name in ((3, "name"), (4, "team")):
        table.insert(position, name, [str(staff.get(a, {}).get(name) or "") for a in accounts])
    return table


def _metrics(
    coverage: Coverage, findings: list[Finding], waits: pd.DataFrame, spans: list[tuple[int, int]]
) -> dict[str, Any]:
    answered = waits[waits["answered"]] if len(waits) else waits
    latency = answered["latency_s"].dropna() if len(answered) else pd.Series(dtype=float)
    first = answered.loc[answered["first"], "latency_s"].dropna() if len(answered) else latency
    return {
        "schema": WIRE_SCHEMA,
        "messages": coverage.counts.get("messages", 0),
        "sessions": coverage.counts.get("sessions", 0),
        "conversations": coverage.counts.get("conversations", 0),
        **finding_figures(findings),
        "first_message_at": iso(min(a for a, _ in spans)) if spans else None,
        "last_message_at": iso(max(b for _, b in spans)) if spans else None,
        "waits": int(len(waits)),
        "unanswered": int((~waits["answered"]).sum()) if len(waits) else 0,
        "first_response_median_s": _figure(first.median()),
        "response_mean_s": _figure(latency.mean()),
        "response_within_180s": _figure((latency <= 180).mean() if len(latency) else float("nan")),
    }


def finding_figures(findings: list[Finding]) -> dict[str, Any]:
    """What metrics.json says about the findings alone: by severity and state, points, violations by rule."""
    by_rule = Counter(f.rule for f in findings if f.state == "violation")
    grades = Counter(_grade(f) for f in findings)
    return {
        "findings": {name: grades[name] for name in _GRADES},
        "points": round(sum(f.points for f in findings), 4),
        "by_rule": dict(sorted(by_rule.items())),
    }


def _grade(finding: Finding) -> str:
    """The severity of a violation, else the state: what tables count by."""
    return finding.severity if finding.state == "violation" else finding.state


def recounted(agents: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """The agents' table with the counts and points of these findings only."""
    names = _GRADES
    table = agents.assign(**dict.fromkeys(names, 0), points=0.0)
    place = {key: i for i, key in enumerate(zip(table["platform"], table["shop"], table["agent"], strict=True))}
    counts = np.zeros((len(table), len(names) + 1))
    for f in findings:
        row = place[f.platform, f.shop, f.agent or ""]
        counts[row, names.index(_grade(f))] += 1
        counts[row, -1] += f.points
    whole = {name: counts[:, i].astype(int) for i, name in enumerate(names)}
    return table.assign(**whole, points=counts[:, -1])


def _figure(value: float) -> float | None:
    return None if value != value else round(float(value), 4)


def rule_facts(findings: list[Finding]) -> dict[str, dict[str, Any]]:
    """What the reports print about the rules of these findings, by code."""
    rules = all_rules()
    facts = {}
    for code in sorted({f.rule for f in findings}):
        rule = rules[code]
        facts[code] = {
            "code": code, "name": rule.name, "title": rule.title, "group": GROUPS[rule.group], "unit": rule.unit,
            "severity": rule.severity, "topic": rule.topic, "source": rule.cite, "doc": rule.doc,
            "why": rule.doc.split("\n")[0],
        }  # fmt: skip
    return facts
