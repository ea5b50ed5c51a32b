"""Writes the figures of bench/out/bench.json into docs/performance.md, between its two marks.

python bench/report.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; columns after the first are right-aligned where they hold figures."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def goals_table(found: dict[str, Any]) -> str:
    """What was to be reached, what was measured, and whether it was reached."""
    rows = []
    for goal in found["goals"]:
        sign = "≥" if goal["at_least"] else "≤"
        figure = "–" if goal["figure"] is None else f"{goal['figure']:,.4g} {goal['unit']}"
        reached = {True: "reached", False: "**not reached**", None: "not measured"}[goal["reached"]]
        note = f" ({goal['note']})" if goal["note"] else ""
        rows.append([goal["name"], f"{sign} {goal['limit']:g} {goal['unit']}", figure, reached + note])
    return table(["what", "goal", "measured", ""], rows)


def page(found: dict[str, Any]) -> str:
    """The generated part of docs/performance.md."""
    machine, facts, figures, where = (found[name] for name in ("machine", "facts", "figures", "where"))
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    said = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in facts.items())
    total = sum(where["modules"].values())
    modules = [[f"`{m}`", f"{s:.2f}", f"{s / total:.0%}"] for m, s in where["modules"].items() if s / total >= 0.005]
    functions = [[f"`{f}`", f"{s:.2f}", f"{s / total:.0%}"] for f, s in list(where["functions"].items())[:15]]
    rules = ", ".join(f"{rule} {count:,}" for rule, count in found["findings"]["by_rule"].items())
    flat = [[name.replace("_", " "), _plain(value)] for name, value in figures.items()]
    if found["folder"]:
        flat += [[f"folder {name.replace('_', ' ')}", _plain(value)] for name, value in found["folder"].items()]
    parts = [
        f"Measured on {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"Python {machine['python']} ({packages}); medians of {found['rounds']} rounds.",
        goals_table(found),
        f"The messages: {said}.",
        *(f"**The messages are not as stated:** {problem}." for problem in found["broken_promises"]),
        f"Findings: {found['findings']['all']:,} ({rules}).",
        "## All figures",
        table(["figure", ""], flat),
        "## Where the time goes",
        f"One audit of the CSV to findings.jsonl on one core under a sampling profiler ({where['total_s']:.1f} s); "
        "pandas' and pyarrow's time is charged to the function that called them.",
        table(["module", "seconds", "share"], modules),
        table(["function", "seconds", "share"], functions),
    ]
    return "\n\n".join(parts)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_plain(v)}" for k, v in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def main() -> int:
    source, target = HERE / "out" / "bench.json", HERE.parent / "docs" / "performance.md"
    if not source.is_file():
        print(f"error: {source} is missing\n  → run `make bench` first", file=sys.stderr)
        return 2
    text = target.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print(f"error: {target} lacks the marks {BEGIN} and {END}", file=sys.stderr)
        return 2
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    found = json.loads(source.read_text(encoding="utf-8"))
    target.write_text(f"{before}{BEGIN}\n\n{page(found)}\n\n{END}{after}", encoding="utf-8")
    print(f"written: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
