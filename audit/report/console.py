"""The per-agent table on the terminal, what was not checked, and where the report lies."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit.engine.result import AuditResult, Finding
from audit.report import summary
from audit.report.labels import duration, labels
from audit.report.masking import Masker, printable

_STYLES = {"severe": "bold red", "major": "yellow", "minor": "cyan", "info": "dim"}
_MOST_AGENTS = 30
_QUOTE = 24


def render(
    result: AuditResult, console: Console, out_dir: str | os.PathLike[str], lang: str = "zh", show_pii: bool = False
) -> None:
    """Print the result: totals, a row per agent with the worst three findings, Coverage warnings, the report's place.

    Where the console is no terminal the table has plain lines without colours, one agent a line.
    """
    text, masker = labels(lang), Masker(show_pii)
    total = summary.totals(result)
    counts = result.coverage.counts
    head = Text.assemble(
        f"{text['messages']} {counts.get('messages', 0):,} · {text['sessions']} {counts.get('sessions', 0):,} · ",
        (f"{text['violations']} {total.violations:,}", "bold"),
        " (",
        *_counts(total.by_severity, text),
        f") · {text['points']} {total.points:,.10g} · {text['pending']} {total.pending:,}"
        f" · {text['suspected']} {total.suspected:,} · {text['notices']} {total.by_severity['info']:,}",
    )
    console.print(head, soft_wrap=True)
    _agents(result, console, text, lang, masker)
    warned = summary.warnings(result.coverage, lang)
    if warned:
        console.print(Text(text["unchecked_title"], style="bold yellow"))
        for line in warned:
            console.print(Text(f"  · {masker.text(line)}"), soft_wrap=True)
    else:
        console.print(Text(text["all_checked"], style="green"))
    for line in summary.remarks(result.coverage, lang):
        console.print(Text(f"  · {masker.text(line)}", style="dim"), soft_wrap=True)
    console.print(Text(f"{text['report_at']}: {printable(os.fspath(out_dir))}"), soft_wrap=True)


def _counts(by_severity: dict[str, int], text: dict[str, str]) -> list[Any]:
    out: list[Any] = []
    for severity in ("severe", "major", "minor"):
        out += [" / " if out else "", (f"{text[severity]} {by_severity[severity]:,}", _STYLES[severity])]
    return out


def _agents(result: AuditResult, console: Console, text: dict[str, str], lang: str, masker: Masker) -> None:
    rows = summary.ranked_agents(result)
    worst = _worst(result)
    if not console.is_terminal:
        _plain(rows, worst, console, text, lang, masker)
        return
    table = Table(show_lines=False, header_style="bold", pad_edge=False)
    table.add_column(text["agent"], overflow="fold", min_width=10)
    for key in ("sessions", "messages", "severe", "major", "minor", "info", "points"):
        table.add_column(text[key], justify="right", no_wrap=True)
    table.add_column(text["first_response"], justify="right", no_wrap=True)
    table.add_column(text["worst"], overflow="fold", ratio=1, min_width=20)
    for row in rows[:_MOST_AGENTS]:
        lines = Text("\n").join(
            Text.assemble((printable(f.title), _STYLES.get(f.severity, "")), f" {_quote(f, masker)}")
            for f in worst[_key(row)]
        )
        table.add_row(
            Text(printable(summary.agent_label(row, lang))),
            f"{row['sessions']:,}",
            f"{row['messages']:,}",
            *(Text(f"{row[s]:,}", style=_STYLES[s] if row[s] else "dim") for s in _STYLES),
            f"{row['points']:,.10g}",
            duration(row["first_response_median_s"], lang) or "—",
            lines,
        )
    console.print(table)
    if len(rows) > _MOST_AGENTS:
        console.print(Text(f"  … {len(rows) - _MOST_AGENTS:,} {text['agents']} → report.html"))


def _plain(
    rows: list[dict[str, Any]],
    worst: dict[tuple[str, str, str], list[Finding]],
    console: Console,
    text: dict[str, str],
    lang: str,
    masker: Masker,
) -> None:
    for row in rows:
        figures = [
            printable(summary.agent_label(row, lang)),
            *(f"{text[k]} {row[k]:,}" for k in ("sessions", "messages", *_STYLES)),
            f"{text['points']} {row['points']:,.10g}",
            f"{text['first_response']} {duration(row['first_response_median_s'], lang) or '—'}",
        ]
        console.print(Text(" | ".join(figures)), soft_wrap=True)
        for f in worst[_key(row)]:
            console.print(Text(f"    {f.rule} {printable(f.title)} {_quote(f, masker)}"), soft_wrap=True)


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["platform"], row["shop"], row["agent"]


def _worst(result: AuditResult) -> dict[tuple[str, str, str], list[Finding]]:
    """The three gravest violations of each agent."""
    silenced = summary.silenced_ids(result.coverage)
    out: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for f in summary.gravest([f for f in result.findings if f.state == "violation"], silenced):
        mine = out[(f.platform, f.shop, f.agent or "")]
        if len(mine) < 3 and f.severity != "info" and f.id not in silenced:
            mine.append(f)
    return out


def _quote(finding: Finding, masker: Masker) -> str:
    first = next((e for e in finding.evidence if e.role == "violation"), None)
    quote = " ".join(masker.text(first.quote, finding.buyer).split()) if first else ""
    if finding.opened_at and finding.latency_s is not None:
        return duration(finding.latency_s)
    return f"“{quote[:_QUOTE]}{'…' if len(quote) > _QUOTE else ''}”" if quote else ""
