"""A policy: which rules apply on a platform, since when, how grave they are and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

PER = ("message", "wait", "session", "day")
CLOCKS = ("first", "last")
ROBOT_RECEPTIONS = ("exempt", "count")
#: A run's finding is one already, so it is counted like a wait: each finding for itself.
PER_OF_UNIT = {"message": "message", "wait": "wait", "session": "session", "run": "wait"}
DEFAULT_POINTS = {"severe": 10.0, "major": 5.0, "minor": 2.0, "info": 0.0}
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Cite:
    """Where a clause comes from: what an appeal quotes. Dates are ISO strings; "" where unknown.

    `effective` is the first day of the text that was read: an earlier version may have held before.
    """

    id: str = ""  # "TB-1"; "" for a citation written into its clause
    title: str = ""
    source: str = ""  # address or document
    effective: str = ""
    read: str = ""  # when the text was read
    text: str = ""  # what it says, in our own words

    def __str__(self) -> str:
        dates = [f"现行文本 {self.effective} 起"] if self.effective else []
        dates += [f"{self.read} 查阅"] if self.read else []
        head = self.title or self.source or self.text
        named = f"{head} [{self.id}]" if self.id else head
        return f"{named}（{'；'.join(dates)}）" if dates else named


@dataclass(frozen=True)
class Clause:
    """One rule under one policy, for a range of dates. A rule has one clause, or several whose dates do not overlap.

    Attributes
    ----------
    points : what a finding costs; None = by its severity (Policy.points).
    per : a rule costs its points once per message / wait / session / day of an agent.
    cap : the most that the rule can cost one agent on one day; None = no limit.
    options : keyword arguments for the rule's check, only those that the policy names; durations in seconds.
    effective : first and last day (inclusive) in the shop's time; None = open. A chat is judged by its own date.
    provoked : severity of a finding whose buyer insulted first; "" = unchanged.
    disabled : why the rule is off; "" = on.
    """

    rule: str
    severity: str
    points: float | None = None
    per: str = "message"
    cap: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    effective: tuple[date | None, date | None] = (None, None)
    cite: Cite = field(default_factory=Cite)
    provoked: str = ""
    disabled: str = ""

    @property
    def on(self) -> bool:
        """Whether the rule is checked at all."""
        return not self.disabled

    def covers(self, day: date | None) -> bool:
        """Whether the clause holds on `day`. An undated message (None) is judged by the clause without an end."""
        start, end = self.effective
        if day is None:
            return end is None
        return (start is None or start <= day) and (end is None or day <= end)

    def mask(self, at: pd.Series) -> np.ndarray:
        """`covers` for a column: at (n,) datetime64, NaT = undated → (n,) bool."""
        start, end = self.effective
        keep = np.ones(len(at), dtype=bool)
        if start is None and end is None:
            return keep
        undated = at.isna().to_numpy()
        if start is not None:
            keep &= (at >= pd.Timestamp(start)).to_numpy(dtype=bool) | undated
        if end is not None:
            keep &= (at < pd.Timestamp(end) + pd.Timedelta(days=1)).to_numpy(dtype=bool)
        return keep


@dataclass(frozen=True)
class Policy:
    """A loaded pack. Every known rule has at least one clause; what is off says why.

    Attributes
    ----------
    version : the pack's own version and the fingerprint of what it resolves to ("2026.11.22+1a2b3c4d"): a changed
        figure changes it even where the file's version was forgotten.
    source_files : file names from the pack to its last ancestor.
    session_gap : seconds of silence that end a session.
    service_hours : (start, end) in seconds after midnight, end excluded.
    clock : first = a wait runs from the first unanswered message, last = from the last (RSP007, RSP008, metrics).
    robot_reception : exempt / count.
    closers_need_reply : a closing word of the buyer opens a wait.
    points : default points by severity.
    """

    name: str
    version: str
    clauses: tuple[Clause, ...]
    platform: str = ""
    title: str = ""
    source_files: tuple[str, ...] = ()
    timezone: str = "Asia/Shanghai"
    session_gap: float = 7200.0
    service_hours: tuple[int, int] = (8 * 3600, 23 * 3600)
    clock: str = "first"
    robot_reception: str = "exempt"
    closers_need_reply: bool = False
    points: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_POINTS))

    def clauses_of(self, code: str) -> tuple[Clause, ...]:
        """All clauses of a rule, in the order of their dates."""
        return tuple(c for c in self.clauses if c.rule == code)

    def clause_for(self, code: str, day: date | None) -> Clause | None:
        """The clause of a rule on a day (None = undated); None where no clause holds then. It may be a disabled one."""
        return next((c for c in self.clauses_of(code) if c.covers(day)), None)

    def rules_on(self) -> dict[str, tuple[Clause, ...]]:
        """Rule code → its clauses, for every rule that is on at some date; in code order."""
        on: dict[str, tuple[Clause, ...]] = {}
        for clause in self.clauses:
            if clause.on:
                on[clause.rule] = (*on.get(clause.rule, ()), clause)
        return on

    def rules_off(self) -> dict[str, str]:
        """Rule code → why it is off, for Coverage."""
        return {c.rule: c.disabled for c in self.clauses if not c.on}

    def points_of(self, clause: Clause, severity: str) -> float:
        """What one violation of `severity` costs under `clause`; a notice (info) never costs anything."""
        if severity == "info":
            return 0.0
        return self.points[severity] if clause.points is None else clause.points


def hhmm(seconds: int) -> str:
    """Seconds after midnight as "HH:MM"."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
