"""Rules tried on their EXAMPLES: the same harness serves the tests, `audit rules test` and `audit rules new`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pandas as pd

from audit.chats.chats import Chats, Settings
from audit.chats.models import shipped
from audit.chats.waits import NO_TIME
from audit.engine.examples import BUYER, SHOP, Example, parse
from audit.engine.part import matcher_for, settings_of
from audit.ingest.assemble import FileIdentity, assemble, identify, settle_auto
from audit.ingest.roles import settle
from audit.policy.load import load_auto
from audit.policy.model import Policy
from audit.policy.shop import ShopProfile, Step, Tier
from audit.rules.model import Rule, all_rules
from audit.schema import canonical
from audit.shapes.hits import no_hits

_SETTINGS = ("session_gap", "clock", "robot_reception", "closers_need_reply")
_PROFILE = ("tier", "tier_limit", "tier_topics", "redo_promise", "no_promotion", "steps", "supervisors")
_EXPECT = ("platform", "as_of", "state", "agent", "count", "severity", "times")


@dataclass(frozen=True)
class Outcome:
    """How a rule did on one example. `problems` is empty where it did as marked."""

    example: Example
    problems: tuple[str, ...]
    caught_miss: bool = False  # a `?` line is caught now: promote it

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not self.problems


def try_rule(rule: Rule, examples: str | Iterable[Example] | None = None, *, exact: bool = True) -> list[Outcome]:
    """Run a rule on its EXAMPLES (or on others). `exact`: marked spans must be met to the character."""
    source = rule.examples if examples is None else examples
    parsed = parse(source) if isinstance(source, str) else source
    return [try_example(rule, example, exact=exact) for example in parsed]


def try_example(rule: Rule, example: Example, *, exact: bool = True) -> Outcome:
    """Compare what the rule finds in one example with its marks.

    What a model merely suspects is no finding here, unless the header says `state=suspected`.
    """
    hits, chats = find(rule, example)
    if example.header.get("state") != "suspected":
        hits = hits[hits["state"] != "suspected"]
    place = chats.messages["source_row"].to_numpy() - 1
    records: list[dict[str, Any]] = [{str(k): v for k, v in h.items()} for h in hits.to_dict("records")]
    found = [(int(place[hit["row"]]), hit) for hit in records]
    problems: list[str] = []
    if "count" in example.header and not example.expects_hit:
        if len(found) != int(example.header["count"]):
            problems.append(f"{len(found)} findings, not {example.header['count']}: {_lines(example, found)}")
        return Outcome(example, tuple(problems))
    by_line: dict[int, list[dict[str, Any]]] = {}
    for place_of, hit in found:
        by_line.setdefault(place_of, []).append(hit)
    caught = False
    for number, line in enumerate(example.lines):
        hits_here = by_line.pop(number, [])
        if line.missed:
            caught |= bool(hits_here)
            continue
        if not line.flagged and not line.spans:
            problems += [f"line {number + 1} must be clean: {line.text!r} [{h['why']}]" for h in hits_here]
            continue
        if not hits_here:
            problems.append(f"line {number + 1} not found: {line.text!r}")
            continue
        problems += _compare(example, number, hits_here, exact)
    if caught:
        problems.append("a known miss (?) is caught now: mark it «» or !")
    return Outcome(example, tuple(problems), caught)


def _lines(example: Example, found: list[tuple[int, dict[str, Any]]]) -> list[str]:
    return [f"{example.lines[n].text} [{h['why']}]" for n, h in found]


def _compare(example: Example, number: int, hits: list[dict[str, Any]], exact: bool) -> list[str]:
    line = example.lines[number]
    problems = []
    if line.spans:
        got = sorted((int(h["start"]), int(h["end"])) for h in hits)
        if exact and got != sorted(line.spans):
            shown = [line.text[a:b] for a, b in got]
            problems.append(f"line {number + 1}: spans {shown}, not {[line.text[a:b] for a, b in line.spans]}")
        if not exact and not all(any(a < d and c < b or a < 0 for a, b in got) for c, d in line.spans):
            problems.append(f"line {number + 1}: spans {[line.text[a:b] for a, b in got]} miss a marked one")
    elif "count" not in example.header and exact and len(hits) > 1 and not all(int(h["start"]) >= 0 for h in hits):
        problems.append(f"line {number + 1}: {len(hits)} findings, not 1")
    hit = hits[0]
    if line.clock is not None:
        answered = hit["closed_at"] != NO_TIME and hit["opened_at"] != NO_TIME
        latency = (hit["closed_at"] - hit["opened_at"]) / 1000 if answered else None
        if latency != line.clock:
            got_clock = f"{latency:g}s" if answered else "without an end"
            problems.append(f"line {number + 1}: clock {got_clock}, not {line.clock:g}s")
    for name in ("state", "severity"):
        want = example.header.get(name, "violation" if name == "state" else "")
        if want and hit[name] != want:
            problems.append(f"line {number + 1}: {name} {hit[name]}, not {want}")
    want_agent = example.header.get("agent")
    if want_agent is not None:
        account = hit["agent"] if isinstance(hit["agent"], str) else line.account
        if (account or "unassigned") != want_agent:
            problems.append(f"line {number + 1}: agent {account or 'unassigned'}, not {want_agent}")
    return problems


def find(rule: Rule, example: Example) -> tuple[pd.DataFrame, Chats]:
    """(HITS, Chats) of a rule on one example, under the platform's pack with the header's changes."""
    header = example.header
    policy = _policy(header.get("platform", "taobao"))
    wanted = "closers_need_reply" in header  # switches on what the pack has off
    clauses = [c for c in policy.clauses_of(rule.code) if c.on or wanted]
    changes = {k: _typed(v, type(getattr(Settings(), k))) for k, v in header.items() if k in _SETTINGS}
    chats = build_chats(example, dataclasses.replace(settings_of(policy), **changes))
    own = {k: _option(v, rule.options[k].type) for k, v in header.items() if k in rule.options}
    unknown = [k for k in header if k not in (*_SETTINGS, *_PROFILE, *_EXPECT, *rule.options)]
    if unknown:
        raise ValueError(f"{rule.code}: unknown header {unknown} in {example.source!r}")
    at = pd.Series(chats.messages["sent_at"])
    for clause in clauses:
        hits = rule.check(chats, **{**clause.options, **own})
        keep = clause.mask(at.iloc[hits["row"].to_numpy()].reset_index(drop=True))
        if keep.any() or not len(hits):
            severity = hits["severity"].astype("object")
            return hits.assign(severity=severity.where(severity != "", clause.severity))[keep], chats
    return no_hits(), chats


@functools.cache
def _policy(platform: str) -> Policy:
    return load_auto(platform, all_rules())[0]


def _typed(value: str, kind: type) -> Any:
    return value in ("true", "True", "1") if kind is bool else value if kind is str else float(value)


def _option(value: str, kind: Any) -> Any:
    kinds = get_args(kind) or (kind,)
    if get_origin(kind) is Literal:
        return value
    for one in (bool, int, float):
        if one in kinds:
            return value == "true" if one is bool else one(float(value))
    return value


def build_chats(example: Example, settings: Settings) -> Chats:
    """Chats of one example: one buyer, one shop, every message through the same path as an export."""
    lines, header = example.lines, example.header
    platform = header.get("platform", "taobao")
    frame = canonical(
        {
            "platform": platform, "shop": SHOP, "buyer": BUYER,
            "session": [x.session for x in lines],
            "sent_at": pd.array([x.at for x in lines], dtype="datetime64[ms]"),
            "sender": [x.sender for x in lines],
            "agent": [x.account for x in lines],
            "kind": [x.kind for x in lines],
            "auto": [x.auto for x in lines],
            "recalled": [x.recalled for x in lines],
            "text": [x.text for x in lines],
            "event": [x.event for x in lines],
            "event_value": [x.value for x in lines],
            "precision": [60 if x.minutes else 1 for x in lines],
        },
        len(lines),
    )  # fmt: skip
    assembled = assemble([identify(settle(frame), FileIdentity("example", "0" * 64))])
    messages = settle_auto(assembled.messages, pd.DataFrame())
    times = [x.at for x in lines if x.at]
    as_of = NO_TIME
    if times:
        end = header.get("as_of") or max(times) + timedelta(days=60)
        as_of = int(np.datetime64(end, "ms").astype(np.int64))
    moments = np.full(len(messages), as_of, dtype=np.int64)
    profile = _profile(platform, header)
    return Chats(messages, matcher_for(), moments, settings, {(platform, SHOP): profile} if profile else {}, shipped())


def _profile(platform: str, header: Mapping[str, str]) -> ShopProfile | None:
    if not any(k in header for k in _PROFILE):
        return None
    steps = tuple(
        Step(name, tuple(words.split("|")))
        for name, _, words in (part.partition(":") for part in header.get("steps", "").split(";") if part)
    )
    tier = header.get("tier", "")
    limit = header.get("tier_limit")
    topics = tuple(t for t in header.get("tier_topics", "").split(",") if t)
    agents = pd.DataFrame({"account": ["客服1", "客服2"], "tier": [tier, tier]}) if tier else pd.DataFrame()
    profile = ShopProfile(
        SHOP,
        platform,
        redo_promise=header.get("redo_promise") == "true",
        no_promotion=header.get("no_promotion") == "true",
        steps=steps,
        supervisors=tuple(s for s in header.get("supervisors", "").split(",") if s),
        tiers={tier: Tier(float(limit) if limit else None, topics)} if tier else {},
    )
    return dataclasses.replace(profile, agents=agents) if tier else profile
