"""HITS become FINDINGS: policy applied, ids, evidence, provocation, points."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND
from audit.engine.result import SEVERITIES, WIRE_SCHEMA, Evidence, Finding
from audit.ingest.assemble import message_keys
from audit.policy.model import Clause, Policy
from audit.policy.score import score
from audit.rules.model import Rule
from audit.shapes.hits import join_hits

ZONE = "+08:00"


def iso(ms: int | float) -> str | None:
    """int64 ms of wall time as ISO 8601 with zone; None where unknown."""
    if ms == NO_TIME or ms is None or (isinstance(ms, float) and math.isnan(ms)):
        return None
    stamp = np.datetime64(int(ms), "ms")
    text = np.datetime_as_string(stamp, unit="s" if int(ms) % 1000 == 0 else "ms")
    return str(text) + ZONE


def hits_of(chats: Chats, rule: Rule, clauses: tuple[Clause, ...]) -> pd.DataFrame:
    """HITS of one rule under its clauses: each message is judged by the clause of its date. Adds `rule`, `cite`."""
    at = pd.Series(chats.messages["sent_at"])
    parts = []
    done: dict[str, pd.DataFrame] = {}
    for clause in clauses:
        key = repr(sorted(clause.options.items()))
        if key not in done:
            done[key] = rule.check(chats, **clause.options)
        hits = done[key]
        keep = clause.mask(at.iloc[hits["row"].to_numpy()].reset_index(drop=True))
        hits = hits[keep].reset_index(drop=True)
        severity = hits["severity"].astype("object").to_numpy(dtype=object)
        hits = hits.assign(severity=np.where(severity == "", clause.severity, severity), cite=str(clause.cite), rule=rule.code)
        parts.append(hits)
    return join_hits(*parts)


def provocations(chats: Chats, rows: np.ndarray) -> np.ndarray:
    """For each row the buyer's first insult before it in its session; -1 = none."""
    abuse = chats.buyer_is("abuse")
    if not abuse.any():
        return np.full(len(rows), -1, dtype=np.int64)
    first = np.full(len(chats.sessions), len(chats), dtype=np.int64)
    insults = np.flatnonzero(abuse)
    np.minimum.at(first, chats.session[insults], insults)
    earlier = first[chats.session[rows]]
    return np.where(earlier < rows, earlier, -1)


def session_keys(chats: Chats, sessions: np.ndarray) -> list[str]:
    """The export's own session id, else a hash of the session's first message."""
    rows = chats.sessions["first_row"].to_numpy()[sessions]
    given = chats.messages["session"].astype("str").iloc[rows].tolist()
    keys = message_keys(chats.messages, rows)
    return [
        own or hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        for own, key in zip(given, keys, strict=True)
    ]


def build_findings(chats: Chats, hits: pd.DataFrame, policy: Policy, rules: dict[str, Rule]) -> list[Finding]:
    """Findings of one platform's chats, in the order of the hits, not scored yet (`scored`)."""
    if not len(hits):
        return []
    rows = hits["row"].to_numpy()
    provoked = provocations(chats, rows)
    contexts = [c or [] for c in hits["context"]]
    wanted = np.unique(np.concatenate([rows, provoked[provoked >= 0], np.array([r for c in contexts for r, *_ in c], dtype=np.int64)]))
    key_of = dict(zip(wanted.tolist(), message_keys(chats.messages, wanted), strict=True))
    m = chats.messages
    part = m.iloc[wanted]
    cells = {
        row: cell
        for row, cell in zip(
            wanted.tolist(),
            zip(
                part["sender"].astype("str").tolist(), part["text"].tolist(), part["source_file"].astype("str").tolist(),
                part["source_row"].tolist(), part["event"].astype("str").tolist(), strict=True,
            ),
            strict=True,
        )
    }  # fmt: skip
    session_numbers, inverse = np.unique(chats.session[rows], return_inverse=True)
    session_names = session_keys(chats, session_numbers)

    def evidence(row: int, role: str, start: int, end: int, decoded: str | None = None, by: str | None = None) -> Evidence:
        sender, text, file, line, event = cells[row]
        spanned = start >= 0
        quote = text[start:end] if spanned else text or event
        return Evidence(
            key_of[row], role, sender, iso(int(chats.time[row])), start if spanned else None, end if spanned else None,
            quote, decoded or None, by or None, file, line,
        )  # fmt: skip

    anchor = m.iloc[rows]
    account = anchor["agent"].astype("str").tolist()
    platform, shop = anchor["platform"].astype("str").tolist(), anchor["shop"].astype("str").tolist()
    buyer = anchor["buyer"].astype("str").tolist()
    groups = hits["group_row"].to_numpy()
    group_rows = np.unique(groups[groups >= 0])
    group_of = dict(zip(group_rows.tolist(), message_keys(m, group_rows), strict=True))
    seen: dict[str, int] = {}
    drafts: list[dict[str, Any]] = []
    columns = hits.to_dict("list")
    for i, row in enumerate(rows.tolist()):
        rule = rules[columns["rule"][i]]
        start, end = int(columns["start"][i]), int(columns["end"][i])
        items = [evidence(row, "violation", start, end, columns["decoded"][i], columns["decoded_by"][i])]
        items += [evidence(int(r), role, int(a), int(b)) for r, role, a, b in contexts[i]]
        if provoked[i] >= 0 and all(e.message_key != key_of[int(provoked[i])] for e in items):
            items.append(evidence(int(provoked[i]), "provocation", -1, -1))
        identity = "\x1f".join((rule.name, key_of[row], items[0].quote if start >= 0 else ""))
        count = seen.get(identity, 0)
        seen[identity] = count + 1
        finding_id = hashlib.blake2b(
            (identity + ("" if not count else f"\x1f{count}")).encode("utf-8", "surrogatepass"), digest_size=8
        ).hexdigest()
        opened, deadline, closed = (int(columns[c][i]) for c in ("opened_at", "deadline", "closed_at"))
        agent = columns["agent"][i]
        group = int(groups[i])
        drafts.append(
            {
                "schema": WIRE_SCHEMA,
                "id": finding_id,
                "rule": rule.code,
                "name": rule.name,
                "title": rule.title,
                "severity": columns["severity"][i],
                "state": columns["state"][i],
                "group": group_of[group] if group >= 0 else None,
                "at": iso(int(chats.time[row])),
                "platform": platform[i],
                "shop": shop[i],
                "agent": (account[i] if agent is None else agent) or None,
                "buyer": buyer[i],
                "session": session_names[inverse[i]],
                "message_keys": [e.message_key for e in items if e.role != "provocation"],
                "evidence": items,
                "opened_at": iso(opened),
                "deadline": iso(deadline),
                "closed_at": iso(closed),
                "latency_s": (closed - opened) / SECOND if closed != NO_TIME and opened != NO_TIME else None,
                "reason": columns["why"][i],
                "confidence": float(columns["score"][i]),
                "points": 0.0,
                "provoked": bool(provoked[i] >= 0),
                "decided_by": columns["decided_by"][i],
                "policy": policy.name,
                "policy_version": policy.version,
                "cite": columns["cite"][i],
            }
        )
    return [Finding(**d) for d in drafts]


def scored(findings: list[Finding], policies: Iterable[Policy]) -> list[Finding]:
    """The findings of all parts with their points, in the same order: caps and days count over everything."""
    by_name = {(p.name, p.version): p for p in policies}
    names = ("rule", "severity", "state", "group", "agent", "id", "platform", "shop", "provoked", "at")
    out = list(findings)
    chosen: dict[tuple[str, str], list[int]] = {}
    for place, f in enumerate(findings):
        chosen.setdefault((f.policy, f.policy_version), []).append(place)
    for key, places in chosen.items():
        frame = pd.DataFrame({n: pd.Series([getattr(findings[i], n) for i in places], dtype="object") for n in names})
        frame["session_key"] = [findings[i].session for i in places]
        frame["message"] = [findings[i].message_keys[0] for i in places]
        frame["at"] = pd.to_datetime(frame["at"].str[:19])
        result = score(frame, by_name[key])
        for i, points, severity in zip(places, result["points"].tolist(), result["severity"].astype("str"), strict=True):
            if points or severity != findings[i].severity:
                out[i] = dataclasses.replace(findings[i], points=points, severity=severity)
    return out


def gravity(finding: Finding) -> tuple[int, int, str, str]:
    """Sort key: gravest first (state violation before suspected before pending, then severity, time, id)."""
    states = {"violation": 0, "suspected": 1, "pending": 2}
    return (states[finding.state], SEVERITIES.index(finding.severity), finding.at or "", finding.id)
