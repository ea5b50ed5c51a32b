"""HITS become FINDINGS: policy applied, ids, evidence, provocation, points."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND, Ints
from audit.engine.result import SEVERITIES, WIRE_SCHEMA, Evidence, Finding
from audit.ingest.assemble import labels, message_keys
from audit.policy.model import Clause, Policy
from audit.policy.score import score
from audit.rules.model import Rule
from audit.shapes.hits import join_hits

ZONE = "+08:00"


def iso(ms: int) -> str | None:
    """int64 ms of wall time as ISO 8601 with zone; None where unknown."""
    return iso_many(np.array([ms], dtype=np.int64))[0]


def iso_many(ms: Ints) -> list[str | None]:
    """`iso` for a column."""
    known = np.where(ms == NO_TIME, 0, ms)
    text = np.datetime_as_string(known.view("datetime64[ms]"), unit="s").astype(object) + ZONE
    odd = np.flatnonzero(known % 1000)
    text[odd] = np.datetime_as_string(known[odd].view("datetime64[ms]"), unit="ms").astype(object) + ZONE
    text[ms == NO_TIME] = None
    times: list[str | None] = text.tolist()
    return times


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
        if clause.effective != (None, None):
            hits = hits[clause.mask(at.iloc[hits["row"].to_numpy()].reset_index(drop=True))].reset_index(drop=True)
        severity = hits["severity"].astype("object").to_numpy(dtype=object)
        hits = hits.assign(
            severity=np.where(severity == "", clause.severity, severity), cite=str(clause.cite), rule=rule.code
        )
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
    """Names of sessions, unique over all shops: the export's own id and, after `~`, 8 digits of its conversation's hash
    (some exports count sessions from 1 for every buyer); without an id a hash of the session's first message.
    """
    rows = chats.sessions["first_row"].to_numpy()[sessions]
    given = labels(chats.messages["session"].iloc[rows])
    conversations = labels(chats.messages["conversation_id"].iloc[rows])
    keys = message_keys(chats.messages, rows)
    return [
        f"{own}~{_digest(conversation, 4)}" if own else _digest(key, 8)
        for own, conversation, key in zip(given, conversations, keys, strict=True)
    ]


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def unsettled(chats: Chats, hits: pd.DataFrame) -> pd.DataFrame:
    """HITS with those pending whose reply and deadline both lie after as-of (`--as-of` before the last message).

    The export is complete only until as-of: later messages are read, and a reply among them in time settles the
    matter, but where one seems late an earlier one may be missing. A deadline after as-of is never a violation.
    """
    as_of = chats.as_of[hits["row"].to_numpy()]
    deadline, closed = hits["deadline"].to_numpy(), hits["closed_at"].to_numpy()
    open_ = (as_of != NO_TIME) & (deadline != NO_TIME) & (deadline > as_of) & (closed > as_of)
    open_ &= (hits["state"] == "violation").to_numpy()
    if not open_.any():
        return hits
    why = hits["why"].astype("object").where(~open_, hits["why"] + "；时限晚于数据截止时间，待定")
    return hits.assign(state=hits["state"].astype("object").where(~open_, "pending"), why=why)


class _Quotes:
    """Evidence for some rows of the chats, their columns fetched once."""

    def __init__(self, chats: Chats, rows: Ints) -> None:
        part = chats.messages.iloc[rows]
        self.key = dict(zip(rows.tolist(), message_keys(chats.messages, rows), strict=True))
        columns = (
            labels(part["sender"]), iso_many(chats.time[rows]), labels(part["text"]), labels(part["event"]),
            labels(part["source_file"]), part["source_row"].tolist(),
        )  # fmt: skip
        self._cells = dict(zip(rows.tolist(), zip(*columns, strict=True), strict=True))

    def evidence(
        self, row: int, role: str, start: int = -1, end: int = -1, decoded: str = "", by: str = ""
    ) -> Evidence:
        """The message of a row, or its span [start, end) of the original text (-1 = all of it)."""
        sender, at, text, event, file, line = self._cells[row]
        key = self.key[row]
        if start < 0:
            return Evidence(key, role, sender, at, None, None, text or event, decoded or None, by or None, file, line)
        return Evidence(key, role, sender, at, start, end, text[start:end], decoded or None, by or None, file, line)


def build_findings(chats: Chats, hits: pd.DataFrame, policy: Policy, rules: dict[str, Rule]) -> list[Finding]:
    """Scored findings of one platform's whole shops (so caps and days count rightly), in the order of the hits."""
    if not len(hits):
        return []
    hits = unsettled(chats, hits)
    rows = hits["row"].to_numpy()
    provoked = provocations(chats, rows)
    contexts = [c or () for c in hits["context"]]
    around = np.array([r for c in contexts for r, *_ in c], dtype=np.int64)
    groups = hits["group_row"].to_numpy()
    quotes = _Quotes(chats, np.unique(np.concatenate([rows, provoked[provoked >= 0], around, groups[groups >= 0]])))
    session_numbers, inverse = np.unique(chats.session[rows], return_inverse=True)
    session_names = session_keys(chats, session_numbers)
    anchor = chats.messages.iloc[rows]
    place = zip(*(labels(anchor[c]) for c in ("platform", "shop", "agent", "buyer")), strict=True)
    clocks = [hits[c].to_numpy() for c in ("opened_at", "deadline", "closed_at")]
    opened, _, closed = clocks
    timed = (opened != NO_TIME) & (closed != NO_TIME)
    latency = [s if known else None for s, known in zip(((closed - opened) / SECOND).tolist(), timed, strict=True)]
    clock_texts = zip(*(iso_many(c) for c in clocks), strict=True)
    records = zip(
        rows.tolist(), provoked.tolist(), groups.tolist(), inverse.tolist(), contexts, place, clock_texts, strict=True
    )
    columns = [hits[c].tolist() for c in ("rule", "start", "end", "agent", "state", "severity", "score", "decoded")]
    columns += [hits[c].tolist() for c in ("decoded_by", "why", "decided_by", "cite")]
    seen: dict[str, int] = {}
    points, severities = _scores(chats, hits, provoked >= 0, inverse, policy)
    out = []
    for i, ((row, insult, group, session, context, where, times), hit) in enumerate(
        zip(records, zip(*columns, strict=True), strict=True)
    ):
        code, start, end, agent, state, _, confidence, decoded, decoded_by, why, decided_by, cite = hit
        rule, (platform, shop, account, buyer) = rules[code], where
        items = [quotes.evidence(row, "violation", start, end, decoded, decoded_by)]
        items += [quotes.evidence(r, role, a, b) for r, role, a, b in context]
        keys = [e.message_key for e in items]
        if insult >= 0 and quotes.key[insult] not in keys:
            items.append(quotes.evidence(insult, "provocation"))
        out.append(
            Finding(
                WIRE_SCHEMA,
                _finding_id(rule.name, keys[0], items[0].quote if start >= 0 else "", seen),
                code, rule.name, rule.title, severities[i], state, quotes.key[group] if group >= 0 else None,
                items[0].sent_at, platform, shop, (agent if isinstance(agent, str) else account) or None, buyer,
                session_names[session], keys, items, times[0], times[1], times[2], latency[i],
                why, float(confidence), points[i], insult >= 0, decided_by, policy.name, policy.version, cite,
            )
        )  # fmt: skip
    return out


def _scores(
    chats: Chats, hits: pd.DataFrame, provoked: npt.NDArray[np.bool_], session: Ints, policy: Policy
) -> tuple[list[float], list[str]]:
    """(points, severity) of every hit under the policy."""
    rows = hits["row"].to_numpy()
    group = hits["group_row"].to_numpy()
    frame = hits[["rule", "severity", "state"]].assign(
        group=pd.Series([str(g) if g >= 0 else None for g in group.tolist()], dtype="object"),
        at=np.where(chats.time[rows] == NO_TIME, np.datetime64("NaT", "ms"), chats.time[rows].view("datetime64[ms]")),
        session_key=session.astype(str).astype(object),
        agent=np.where(hits["agent"].isna(), chats.accounts[rows], hits["agent"]),
        message=rows,
        id=np.arange(len(hits)).astype(str).astype(object),
        shop=labels(chats.messages["shop"].iloc[rows]),
        provoked=provoked,
    )
    result = score(frame, policy)
    return result["points"].tolist(), result["severity"].astype("object").tolist()


def _finding_id(name: str, key: str, quote: str, seen: dict[str, int]) -> str:
    """Rule name, message key and quote as a hash; a quote that stands twice in a message counts up."""
    identity = f"{name}\x1f{key}\x1f{quote}"
    count = seen.get(identity, 0)
    seen[identity] = count + 1
    return _digest(f"{identity}\x1f{count}" if count else identity, 8)


def gravity(finding: Finding) -> tuple[int, int, str, str]:
    """Sort key: gravest first (state violation before suspected before pending, then severity, time, id)."""
    states = {"violation": 0, "suspected": 1, "pending": 2}
    return (states[finding.state], SEVERITIES.index(finding.severity), finding.at or "", finding.id)
