"""One part of an audit: the rules over the conversations at hand, platform by platform."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from audit.backends.terms import TermMatcher
from audit.chats.chats import Chats, Settings
from audit.chats.models import shipped
from audit.chats.responsible import responsible
from audit.chats.waits import NO_TIME, Ints
from audit.engine.findings import build_findings, gravity, hits_of, session_keys
from audit.engine.result import Finding
from audit.ingest.assemble import (
    AUTO_SESSIONS,
    as_of_table,
    assemble,
    labels,
    message_keys,
    quick_texts,
    settle_auto,
)
from audit.policy.load import load, load_auto
from audit.policy.model import Policy
from audit.policy.shop import Profiles, profile_for
from audit.rules.model import all_rules
from audit.shapes.hits import join_hits
from audit.text.lexicon import load_all

#: findings whose conversations a part keeps for the reports
EXCERPTS = 10_000
#: findings of one rule about one message; a wall of a thousand insults is told by its first hundred
MOST_PLACES = 100


@dataclass(frozen=True)
class Facts:
    """What one policy group of a part had to work with: decides what could not be checked (engine/coverage.py)."""

    platform: str
    rules: tuple[str, ...]  # codes that ran
    events: frozenset[str]
    shops: frozenset[tuple[str, str]]
    sessions: int
    untimed_sessions: int
    models: frozenset[str]  # the classifiers that were asked


@dataclass
class Part:
    """What one part gives; parts add up (engine/local.py)."""

    findings: list[Finding] = field(default_factory=list)
    excerpts: pd.DataFrame = field(default_factory=pd.DataFrame)
    sessions: pd.DataFrame = field(default_factory=pd.DataFrame)
    agents: pd.DataFrame = field(default_factory=pd.DataFrame)  # platform, shop, agent, sessions, messages
    waits: pd.DataFrame = field(default_factory=pd.DataFrame)  # platform, shop, agent, latency_s, first (bool)
    complaints: pd.DataFrame = field(default_factory=pd.DataFrame)  # text, count
    counts: dict[str, int] = field(default_factory=dict)
    policies: list[dict[str, Any]] = field(default_factory=list)
    disabled: list[dict[str, Any]] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    span: tuple[int, int] | None = None  # first and last message time, int64 ms
    moments: tuple[tuple[str, str, int], ...] = ()  # as-of: platform, shop, int64 ms
    inferred: pd.DataFrame = field(default_factory=pd.DataFrame)  # automatic texts: platform … text, sessions


@dataclass(frozen=True)
class Plan:
    """What every part needs to know: the same for all of them, and picklable."""

    policy: str = "auto"
    as_of: datetime | None = None  # given by the user; None = each shop's last message
    profiles: Profiles = field(default_factory=dict)
    models: bool = True  # whether the shipped classifiers are asked too
    excerpts: bool = True  # whether to keep the conversations around the findings, for the reports
    keep_ids: tuple[str, ...] = ()  # findings whose conversations are kept in any case


def settings_of(policy: Policy) -> Settings:
    """The clock settings of a pack."""
    return Settings(
        policy.session_gap, policy.service_hours, policy.clock, policy.robot_reception, policy.closers_need_reply
    )


@contextmanager
def few_collections() -> Iterator[None]:
    """Fewer passes of the cycle collector: an audit makes many objects and next to no cycles (a tenth of its time)."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def audit_shops(frames: Iterable[pd.DataFrame], plan: Plan) -> Part:
    """Audit identified chunks of whole shops: assemble them, settle what is automatic, run every rule."""
    part = Part()
    for chats, policy, fallback in chats_of(frames, plan, part):
        _run(part, chats, policy, plan, fallback)
    return part


def chats_of(frames: Iterable[pd.DataFrame], plan: Plan, part: Part) -> Iterator[tuple[Chats, Policy, bool]]:
    """The Chats of identified chunks of whole shops, each with its policy and whether that is a fallback.

    `part` takes the counts, the inferred automatic texts, the span and the as-of before the first is given.
    """
    assembled = assemble(frames)
    part.counts = {
        "messages": len(assembled.messages),
        "duplicates": assembled.duplicates,
        "untimed": assembled.untimed,
        "minute_times": assembled.minute_times,
        "masked_conversations": assembled.masked_conversations,
    }
    if not len(assembled.messages):
        return
    counts = quick_texts(assembled.messages)
    part.inferred = counts[counts["sessions"] >= AUTO_SESSIONS].reset_index(drop=True)
    messages = settle_auto(assembled.messages, part.inferred, _given_texts(plan.profiles))
    times = messages["sent_at"].dropna().to_numpy().astype("datetime64[ms]").astype(np.int64)
    part.span = (int(times.min()), int(times.max())) if len(times) else None
    part.moments = _moments(messages, plan.as_of)
    for group, policy, fallback, lexicons in _groups(messages, plan):
        yield _chats(messages, np.flatnonzero(group), plan, part.moments, policy, lexicons), policy, fallback


def _given_texts(profiles: Profiles) -> pd.DataFrame:
    rows = [(p.platform, p.shop, text) for p in profiles.values() for text in p.auto_texts]
    return pd.DataFrame(rows, columns=["platform", "shop", "text"])


def _moments(messages: pd.DataFrame, given: datetime | None) -> tuple[tuple[str, str, int], ...]:
    """The as-of of every shop that has one: platform, shop, int64 ms."""
    table = as_of_table(messages)
    if given is not None:
        table["as_of"] = np.datetime64(given, "ms")
    table = table[table["as_of"].notna()]
    times = table["as_of"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    return tuple(zip(table["platform"], table["shop"], times.tolist(), strict=True))


def _groups(messages: pd.DataFrame, plan: Plan):  # type: ignore[no-untyped-def]
    """Messages by (platform, policy, own lexicons): (mask, policy, fallback, lexicons)."""
    rules = all_rules()
    pairs = messages[["platform", "shop"]].drop_duplicates().astype("str")
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[tuple[str, str]]] = {}
    for platform, shop in pairs.itertuples(index=False):
        profile = profile_for(plan.profiles, platform, shop)
        name = plan.policy if plan.policy != "auto" else (profile.policy if profile and profile.policy else "auto")
        own = tuple(sorted((profile.lexicons if profile else {}).items()))
        groups.setdefault((platform, name, own), []).append((platform, shop))
    for (platform, name, own), shops in sorted(groups.items(), key=lambda g: g[0]):
        policy, fallback = load_auto(platform, rules) if name == "auto" else (load(name, rules), False)
        mask = (messages["platform"] == platform).to_numpy() & messages["shop"].isin([s for _, s in shops]).to_numpy()
        yield mask, policy, fallback, own


_MATCHERS: dict[tuple[tuple[str, str], ...], TermMatcher] = {}


def matcher_for(own: tuple[tuple[str, str], ...] = ()) -> TermMatcher:
    """The compiled lexicons, a shop's own added; compiled once per process."""
    if own not in _MATCHERS:
        _MATCHERS[own] = TermMatcher(load_all(None, tuple((n, Path(p)) for n, p in own)))
    return _MATCHERS[own]


def _chats(
    messages: pd.DataFrame,
    rows: Ints,
    plan: Plan,
    moments: tuple[tuple[str, str, int], ...],
    policy: Policy,
    own: tuple[tuple[str, str], ...],
) -> Chats:
    part = messages if len(rows) == len(messages) else messages.iloc[rows].reset_index(drop=True)
    number = np.full(len(part), NO_TIME, dtype=np.int64)
    platform, shop = part["platform"], part["shop"]
    for p, s, moment in moments:
        mine = (platform == p).to_numpy() & (shop == s).to_numpy()
        number[mine] = moment
    profiles = {
        (p, s): found
        for p, s in part[["platform", "shop"]].drop_duplicates().astype("str").itertuples(index=False)
        if (found := profile_for(plan.profiles, p, s))
    }
    return Chats(part, matcher_for(own), number, settings_of(policy), profiles, shipped() if plan.models else None)


def _run(part: Part, chats: Chats, policy: Policy, plan: Plan, fallback: bool) -> None:
    rules = all_rules()
    on = policy.rules_on()
    chosen = {code: rule for code, rule in rules.items() if code in on}
    platform = str(chats.messages["platform"].iat[0])
    part.policies.append(
        {
            "platform": platform,
            "policy": policy.name,
            "version": policy.version,
            "messages": len(chats),
            "fallback": fallback,
        }
    )
    part.disabled += [
        {"rule": code, "title": rules[code].title, "platform": platform, "policy": policy.name, "reason": reason}
        for code, reason in policy.rules_off().items()
        if code in rules and code not in on
    ]
    untimed = chats.time == NO_TIME
    part.facts.append(
        Facts(
            platform, tuple(chosen), frozenset(chats.messages["event"].astype("str").unique()),
            frozenset(name for name, *_ in chats.shop_rows()), len(chats.sessions),
            len(np.unique(chats.session[untimed])), chats.models.names,
        )
    )  # fmt: skip
    hits = join_hits(*(_bounded(part, hits_of(chats, rule, on[code])) for code, rule in chosen.items()))
    found = build_findings(chats, hits, policy, rules)
    part.findings += found
    _people(part, chats)
    if plan.excerpts:
        _sessions(part, chats, hits, found, plan.keep_ids)
        _complaints(part, chats)
    for name, value in (
        ("sessions", len(chats.sessions)),
        ("conversations", len(np.unique(chats.conversation))),
        ("buyer_messages", int(chats.buyer.sum())),
        ("human_messages", int(chats.human.sum())),
        ("robot_messages", int((chats.robot | (chats.seller & chats.auto)).sum())),
        ("waits", int((~chats.waits["closer"]).sum())),
        ("complaint_messages", int(chats.buyer_is("complaint").sum())),
    ):
        part.counts[name] = part.counts.get(name, 0) + value


def _bounded(part: Part, hits: pd.DataFrame) -> pd.DataFrame:
    """A rule's HITS with at most MOST_PLACES of one message; further ones are counted."""
    if len(hits) <= MOST_PLACES:
        return hits
    keep = (hits.groupby("row").cumcount() < MOST_PLACES).to_numpy()
    if keep.all():
        return hits
    part.counts["further_places"] = part.counts.get("further_places", 0) + int((~keep).sum())
    return hits[keep].reset_index(drop=True)


def labelled(chats: Chats, rows: Ints, column: str) -> np.ndarray:
    """A categorical column of some rows as an array of strings."""
    return np.array(labels(chats.messages[column].iloc[rows]), dtype=object)


def _people(part: Part, chats: Chats) -> None:
    """Messages, sessions and waits of every agent account."""
    rows = np.flatnonzero(chats.human)
    frame = pd.DataFrame({c: labelled(chats, rows, c) for c in ("platform", "shop", "agent")})
    frame["session"] = chats.session[rows]
    per = frame.groupby(["platform", "shop", "agent"], sort=True).agg(
        sessions=("session", "nunique"), messages=("session", "size")
    )
    part.agents = _stack(part.agents, per.reset_index())
    waits = chats.waits[~chats.waits["closer"]]
    open_row, close_row = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    account = chats.accounts
    agent = np.where(close_row >= 0, account[np.maximum(close_row, 0)], "")
    due = np.full(len(open_row), NO_TIME, dtype=np.int64)
    nobody = np.flatnonzero(close_row < 0)
    agent[nobody] = responsible(chats, open_row[nobody], close_row[nobody], due[nobody])
    first = np.zeros(len(open_row), dtype=bool)
    first[np.unique(chats.session[open_row], return_index=True)[1]] = True
    part.waits = _stack(
        part.waits,
        pd.DataFrame(
            {
                "platform": labelled(chats, open_row, "platform"), "shop": labelled(chats, open_row, "shop"),
                "agent": agent, "latency_s": waits["latency_s"].to_numpy(), "answered": close_row >= 0, "first": first,
            }
        ),
    )  # fmt: skip


def _stack(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    return new if not len(old) else pd.concat([old, new], ignore_index=True) if len(new) else old


def _sessions(part: Part, chats: Chats, hits: pd.DataFrame, found: list[Finding], keep_ids: tuple[str, ...]) -> None:
    """Sessions with findings, and the messages of those that hold the gravest."""
    if not found:
        return
    numbers = chats.session[hits["row"].to_numpy()]
    distinct, inverse = np.unique(numbers, return_inverse=True)
    keys = session_keys(chats, distinct)
    first = chats.sessions["first_row"].to_numpy()[distinct]
    inside = np.isin(chats.session, distinct)
    rows = np.flatnonzero(inside)
    place = np.searchsorted(distinct, chats.session[rows])

    def count(mask: np.ndarray) -> np.ndarray:
        return np.bincount(place[mask[rows]], minlength=len(distinct))

    speakers = pd.DataFrame({"place": place, "agent": labelled(chats, rows, "agent")})[
        chats.human[rows]
    ].drop_duplicates()
    agents = speakers.groupby("place")["agent"].agg(list)
    waits = chats.waits[~chats.waits["closer"]]
    opening = chats.session[waits["open_row"].to_numpy()]
    latency = (
        pd.Series(waits["latency_s"].to_numpy()).groupby(opening).first() if len(waits) else pd.Series(dtype=float)
    )
    frame = pd.DataFrame(
        {
            "session_key": keys,
            "platform": labelled(chats, first, "platform"),
            "shop": labelled(chats, first, "shop"),
            "buyer": labelled(chats, first, "buyer"),
            "started_at": chats.sessions["started_at"].to_numpy()[distinct],
            "ended_at": chats.sessions["ended_at"].to_numpy()[distinct],
            "messages": count(np.ones(len(chats), dtype=bool)),
            "buyer_messages": count(chats.buyer),
            "human_messages": count(chats.human),
            "agents": [agents.get(i, []) for i in range(len(distinct))],
            "first_response_s": latency.reindex(distinct).to_numpy(),
            "findings": np.bincount(inverse, minlength=len(distinct)),
        }
    )
    part.sessions = _stack(part.sessions, frame)
    gravest = sorted(range(len(found)), key=lambda i: gravity(found[i]))[:EXCERPTS]
    gravest += [i for i, f in enumerate(found) if f.id.startswith(keep_ids)]
    chosen = np.zeros(len(distinct), dtype=bool)
    chosen[inverse[gravest]] = True
    part.excerpts = _stack(
        part.excerpts, _excerpts(chats, rows[chosen[place]], dict(zip(distinct.tolist(), keys, strict=True)))
    )


def _excerpts(chats: Chats, rows: Ints, key_of: Mapping[int, str]) -> pd.DataFrame:
    m = chats.messages
    frame = pd.DataFrame({"session_key": [key_of[int(s)] for s in chats.session[rows]]})
    for column in ("platform", "shop", "buyer", "sender", "agent", "kind", "event", "source_file"):
        frame[column] = labelled(chats, rows, column)
    frame["message_key"] = message_keys(m, rows)
    frame["sent_at"] = m["sent_at"].to_numpy()[rows]
    frame["text"] = m["text"].iloc[rows].to_numpy()
    for column in ("auto", "recalled", "source_row"):
        frame[column] = m[column].to_numpy()[rows]
    return frame


def _complaints(part: Part, chats: Chats) -> None:
    rows = np.flatnonzero(chats.buyer_is("complaint"))
    ids, count = np.unique(chats.text_id[rows], return_counts=True)
    part.complaints = _stack(
        part.complaints, pd.DataFrame({"text": [chats.texts.values[i] for i in ids], "count": count})
    )
