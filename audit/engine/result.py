"""What an audit gives back: findings, the sessions around them, metrics and Coverage. Reports are functions of this."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

SEVERITIES = ("severe", "major", "minor", "info")  # gravest first
STATES = ("violation", "suspected", "pending")
WIRE_SCHEMA = 1


# Never changed once made; `frozen` would cost nine times as long per object, `slots` three times as long in JSON.
@dataclass
class Evidence:
    """One message of a finding. `start`/`end` index the original text; -1 where the whole message is meant."""

    message_key: str
    role: str  # violation / provocation / context
    sender: str
    sent_at: str | None  # ISO 8601 with zone
    start: int | None
    end: int | None
    quote: str
    decoded: str | None
    decoded_by: str | None
    source_file: str
    source_row: int


@dataclass
class Finding:
    """One violation of one rule, in the order of the wire schema (docs/wire-schema.md)."""

    schema: int
    id: str
    rule: str  # "RSP003"
    name: str  # "response.dispute_3min"
    title: str
    severity: str
    state: str
    group: str | None  # joins the findings of one wait
    at: str | None
    platform: str
    shop: str
    agent: str | None  # None = unassigned
    buyer: str
    session: str
    message_keys: list[str]
    evidence: list[Evidence]
    opened_at: str | None
    deadline: str | None
    closed_at: str | None
    latency_s: float | None
    reason: str  # one Chinese sentence with the numbers
    confidence: float
    points: float
    provoked: bool
    decided_by: str  # rule / lexicon / model
    policy: str
    policy_version: str
    cite: str


@dataclass(frozen=True)
class FileRecord:
    """What became of one input file."""

    path: str
    format: str  # "" where refused
    encoding: str
    rows: int
    bad_rows: int
    sha256: str
    refused: str = ""  # why it was not read


@dataclass
class Coverage:
    """What was read, dropped, skipped and why. A report without it would be a silent clean."""

    files: list[FileRecord] = field(default_factory=list)
    bad_rows: list[dict[str, Any]] = field(default_factory=list)  # file, row, column, reason (first 1,000)
    counts: dict[str, int] = field(default_factory=dict)  # messages, sessions, conversations, duplicates, untimed, …
    as_of: list[dict[str, Any]] = field(default_factory=list)  # platform, shop, as_of, given (bool)
    policies: list[dict[str, Any]] = field(default_factory=list)  # platform, policy, version, messages, fallback (bool)
    not_checkable: list[dict[str, Any]] = field(default_factory=list)  # rule, platform, reason, unit, count, total
    disabled: list[dict[str, Any]] = field(default_factory=list)  # rule, policy, reason
    pending: dict[str, Any] = field(default_factory=dict)  # count, settled_by (ISO time after which none is pending)
    inferred_auto: list[dict[str, Any]] = field(default_factory=list)  # platform, shop, agent, text, sessions
    silenced: list[dict[str, Any]] = field(default_factory=list)  # id, reason, by, date, until, matched (bool)
    baseline: dict[str, int] = field(default_factory=dict)  # new, known, gone
    notes: list[str] = field(default_factory=list)  # Chinese sentences for people


@dataclass
class AuditResult:
    """All that the reports need; no report reads anything else.

    Attributes
    ----------
    findings : every finding, ordered by (at, platform, shop, buyer, rule, id).
    excerpts : messages of the sessions that hold findings (at least of the 10,000 gravest), columns
        session_key, platform, shop, buyer, message_key, sent_at (datetime64[ms]), sender, agent, kind, auto, recalled,
        text, event, source_file, source_row; sorted by session_key and order in the chat.
        `session_key` equals Finding.session.
    sessions : one row per session with findings: session_key, platform, shop, buyer, started_at, ended_at, messages,
        buyer_messages, human_messages, agents (list of str), first_response_s (float, NaN = none), findings (int).
    agents : one row per (platform, shop, agent), also of agents without findings: platform, shop, agent, name, team,
        sessions, messages, severe, major, minor, info, suspected, pending, points, first_response_median_s,
        response_mean_s, waits, unanswered. agent "" = unassigned.
    complaints : (distinct buyer text classed as complaint, count), for the hot words.
    metrics : shop-wide figures (plain JSON types) that metrics.json holds.
    sections : optional sections of the platforms' systems (a later issue): list of {title, html, table}.
    """

    findings: list[Finding]
    excerpts: pd.DataFrame
    sessions: pd.DataFrame
    agents: pd.DataFrame
    complaints: list[tuple[str, int]]
    metrics: dict[str, Any]
    coverage: Coverage
    sections: list[dict[str, Any]] = field(default_factory=list)
    #: rule code → {code, name, title, group, severity, why, source, doc}: what the reports print beside a finding
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)  # finding id → new/known (with --baseline)
