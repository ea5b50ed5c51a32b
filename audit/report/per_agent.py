"""One HTML page and one workbook per agent, to hand out: nothing of the other agents' findings is inside."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from audit.engine.result import AuditResult, Coverage
from audit.report import html, summary, xlsx
from audit.report.labels import labels
from audit.report.masking import printable

#: also marks that turn the direction of writing: a name must not read as another one
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ufffd\s\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+')
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_BYTES = 120


def write(
    result: AuditResult,
    out_dir: str | os.PathLike[str],
    lang: str = "zh",
    show_pii: bool = False,
    limit: int = 10_000,
) -> list[Path]:
    """Write `out_dir/<agent>.html` and `.xlsx` for each row of `result.agents`; return the paths.

    The unassigned row gets files only where it has findings.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    findings: dict[tuple[str, str, str], list[int]] = {}
    for i, f in enumerate(result.findings):
        findings.setdefault((f.platform, f.shop, f.agent or ""), []).append(i)
    several = len({(r["platform"], r["shop"]) for r in summary.ranked_agents(result)}) > 1
    groups = result.excerpts.groupby("session_key", sort=False, observed=True).indices if len(result.excerpts) else {}
    by_session = {str(k): np.asarray(v) for k, v in groups.items()}
    used: set[str] = set()
    out = []
    rows = sorted(summary.ranked_agents(result), key=lambda r: (r["platform"], r["shop"], r["agent"]))
    for row in rows:
        key = (row["platform"], row["shop"], row["agent"])
        mine = findings.get(key, [])
        if not row["agent"] and not mine:
            continue
        name = row["agent"] or labels(lang)["unassigned"]
        if several:
            name = f"{row['platform']}-{row['shop']}-{name}"
        stem = safe_name(name, used)
        part = _part(result, key, mine, by_session)
        scope = summary.agent_label(row, lang)
        out.append(html.write(part, folder / f"{stem}.html", lang, show_pii, limit, scope))
        out.append(xlsx.write(part, folder / f"{stem}.xlsx", show_pii, lang, scope))
    return out


def safe_name(name: str, used: set[str]) -> str:
    """A file name (without ending) that every system takes, different from those in `used`, to which it is added."""
    stem = _UNSAFE.sub("_", printable(name)).strip("._ ")
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    stem = stem.encode("utf-8")[:_BYTES].decode("utf-8", "ignore").rstrip("._ ") or "_"
    unique, n = stem, 1
    while unique.casefold() in used:
        n += 1
        unique = f"{stem}-{n}"
    used.add(unique.casefold())
    return unique


def _part(
    result: AuditResult, key: tuple[str, str, str], places: list[int], by_session: dict[str, np.ndarray]
) -> AuditResult:
    """The result as far as it concerns one agent."""
    findings = [result.findings[i] for i in places]
    ids = {f.id for f in findings}
    sessions = {f.session for f in findings}
    frames = [by_session[s] for s in sorted(sessions) if s in by_session]
    rows = np.concatenate(frames) if frames else np.empty(0, dtype="int64")
    agents = result.agents
    mask = (agents["platform"].astype("str") == key[0]) & (agents["shop"].astype("str") == key[1])
    row = agents[mask & (agents["agent"].astype("str") == key[2])]
    cover = result.coverage
    coverage = Coverage(
        counts={"messages": int(row["messages"].sum()), "sessions": int(row["sessions"].sum())},
        as_of=[a for a in cover.as_of if (a.get("platform"), a.get("shop")) == key[:2]],
        policies=[p for p in cover.policies if p.get("platform") == key[0]],
        not_checkable=cover.not_checkable,
        disabled=cover.disabled,
        pending={**cover.pending, "count": sum(f.state == "pending" for f in findings)} if findings else {},
        inferred_auto=[a for a in cover.inferred_auto if a.get("agent") == key[2]],
        silenced=[s for s in cover.silenced if s.get("id") in ids],
        notes=cover.notes,
    )
    return replace(
        result,
        findings=findings,
        excerpts=result.excerpts.iloc[rows].reset_index(drop=True),
        sessions=result.sessions[result.sessions["session_key"].isin(sessions)]
        if len(result.sessions)
        else result.sessions,
        agents=row,
        complaints=[],
        metrics={},
        coverage=coverage,
        sections=[],
        status={i: s for i, s in result.status.items() if i in ids},
    )
