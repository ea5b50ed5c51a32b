"""ignore.csv: findings that someone answers for and silences; they are counted and listed, never just gone."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.policy.csvfile import read_csv
from audit.policy.nodes import FileProblems, Problem

COLUMNS = ("id", "reason", "by", "date")
_ALIASES = {
    "finding id": "id",
    "finding_id": "id",
    "编号": "id",
    "原因": "reason",
    "处理人": "by",
    "日期": "date",
    "到期": "until",
}


@dataclass(frozen=True)
class Ignored:
    """One row of ignore.csv. `until` is the last day on which it silences; None = for good."""

    id: str
    reason: str
    by: str
    date: datetime.date
    until: datetime.date | None

    def record(self, matched: bool, expired: bool) -> dict[str, Any]:
        """The row as Coverage.silenced holds it."""
        until = self.until.isoformat() if self.until else None
        return {"id": self.id, "reason": self.reason, "by": self.by, "date": self.date.isoformat(), "until": until,
                "matched": matched, "expired": expired}  # fmt: skip


@dataclass(frozen=True)
class Applied:
    """What ignore.csv did to an audit's findings.

    matched : rows that silence a finding; expired : rows of a finding that is shown again, since `until` has passed;
    unknown : rows whose id no finding has (a typo, or a finding that no longer occurs).
    """

    matched: tuple[Ignored, ...]
    expired: tuple[Ignored, ...]
    unknown: tuple[Ignored, ...]

    @property
    def silenced(self) -> frozenset[str]:
        """Ids of the findings to leave out of the report's lists."""
        return frozenset(row.id for row in self.matched)

    def records(self) -> list[dict[str, Any]]:
        """All rows for Coverage.silenced, matched first."""
        return [
            *(r.record(True, False) for r in self.matched),
            *(r.record(False, True) for r in self.expired),
            *(r.record(False, False) for r in self.unknown),
        ]


def read_ignore(path: str | Path) -> list[Ignored]:
    """The rows of an ignore.csv (id, reason, by, date, until), in any encoding; `until` may be empty or left out.

    Raises FileProblems with every missing value, bad date and repeated id.
    """
    problems: list[Problem] = []
    rows = read_csv(Path(path), COLUMNS, ("until",), _ALIASES, problems)
    seen: dict[str, int] = {}
    out: list[Ignored] = []
    for row in rows:
        for column in COLUMNS:
            if not row.values[column]:
                problems.append(row.problem(column, f"{column} is empty", "who silences a finding says why and when"))
        since, until = row.day("date", problems), row.day("until", problems)
        if since and until and until < since:
            problems.append(row.problem("until", f"until ({until}) lies before date ({since})"))
        id_ = row.values["id"]
        if id_ and id_ in seen:
            problems.append(row.problem("id", f"{id_} stands twice", f"first on line {seen[id_]}"))
        seen.setdefault(id_, row.line)
        if since:
            out.append(Ignored(id_, row.values["reason"], row.values["by"], since, until))
    if problems:
        raise FileProblems(problems)
    return out


def apply(rows: Iterable[Ignored], ids: Iterable[str], as_of: datetime.date | None) -> Applied:
    """Match the rows with an audit's finding ids (all of them, before any --since/--agent filter).

    as_of : the moment up to which the chats are complete (no clock is read); None = nothing has expired.
    """
    today = as_of.date() if isinstance(as_of, datetime.datetime) else as_of
    known = set(ids)
    groups: dict[str, list[Ignored]] = {"matched": [], "expired": [], "unknown": []}
    for row in rows:
        if row.id not in known:
            groups["unknown"].append(row)
        elif today is not None and row.until is not None and row.until < today:
            groups["expired"].append(row)
        else:
            groups["matched"].append(row)
    return Applied(*(tuple(groups[k]) for k in ("matched", "expired", "unknown")))
