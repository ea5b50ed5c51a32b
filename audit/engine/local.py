"""The audit on this machine: two passes over the chats, one part or many."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME
from audit.engine.intake import Intake, Progress, read_all
from audit.engine.merge import Gathered, finding_figures, merge, recounted, rule_facts
from audit.engine.part import Part, Plan, audit_shops, chats_of, few_collections, labelled
from audit.engine.result import WIRE_SCHEMA, AuditResult, Finding
from audit.engine.shards import MEMORY_ROWS, SPILL_SHARDS, Shards, audit_shards, fair_shares, shard_frames
from audit.errors import UserError, did_you_mean
from audit.ingest.model import ReadOptions
from audit.policy.baseline import read_baseline
from audit.policy.ignore import read_ignore
from audit.policy.load import load
from audit.policy.shop import Profiles, load_profiles
from audit.rules.model import all_rules, find_rule
from audit.shapes.promises import promises


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which findings to report; never which messages to read."""

    since: datetime | None = None
    until: datetime | None = None
    agents: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@few_collections()
def run(
    paths: Sequence[str | Path],
    *,
    policy: str = "auto",
    options: ReadOptions | None = None,
    as_of: datetime | None = None,
    shop_profile: str | Path | None = None,
    selection: Selection | None = None,
    ignore: str | Path | None = None,
    baseline: str | Path | None = None,
    strict: bool = False,
    max_bad_rows: float = 0.01,
    workers: int = 1,
    models: bool = True,
    excerpts: bool = True,
    keep_ids: Sequence[str] = (),
    progress: Progress | None = None,
) -> AuditResult:
    """Audit every chat under `paths`.

    Parameters
    ----------
    policy : a pack's name or file, or "auto": each shop's own, else its platform's.
    as_of : the moment (wall time) up to which the chats are complete; default: each shop's last message. Later messages
        are read and may settle a wait in time, but a deadline after it is never more than pending.
    max_bad_rows : share of unreadable rows above which nothing is reported.
    models : whether the shipped classifiers are asked too; without them lexicons and clocks decide alone.
    excerpts : whether to keep the conversations around the findings, which HTML and XLSX need.
    keep_ids : findings whose conversations are kept however many graver ones there are.
    workers : processes; the result does not depend on their number.

    Raises UserError where nothing could be checked, or an input, policy, rule, agent or shop is not known.
    """
    if policy != "auto":
        load(policy, all_rules())
    chosen = selection or Selection()
    codes = tuple(find_rule(r).code for r in chosen.rules)
    if ignore:
        read_ignore(ignore)
    if baseline:
        read_baseline(baseline, WIRE_SCHEMA)
    profiles = _profiles(paths, shop_profile)
    intake = Intake()
    robots = tuple(sorted({a for p in profiles.values() for a in p.robot_accounts}))
    frames = read_all(paths, options or ReadOptions(), intake, strict=strict, robot_accounts=robots, progress=progress)
    plan = Plan(policy, as_of, profiles, models, excerpts, tuple(keep_ids))
    held, shards = _collect(frames, workers)
    try:
        _check_readable(intake, max_bad_rows)
        if progress:
            progress("审计")
        parts = [audit_shops(held, plan)] if shards is None else list(audit_shards(shards, plan, workers))
    finally:
        if shards is not None:
            shards.remove()
    gathered = Gathered(parts, intake, as_of is not None, profiles)
    result = merge(gathered, ignore=ignore, baseline=baseline, keep_ids=keep_ids)
    _check_days(result, as_of, chosen)
    return select(result, chosen, codes)


@few_collections()
def promise_ledger(
    paths: Sequence[str | Path],
    *,
    policy: str = "auto",
    options: ReadOptions | None = None,
    as_of: datetime | None = None,
    shop_profile: str | Path | None = None,
) -> tuple[pd.DataFrame, Intake]:
    """Every promise of human agents in the chats under `paths` (shapes/promises.py), and what reading left behind.

    Columns: platform, shop, buyer, agent, sent_at, kind, quote, due, status, settled_at, settled_by, source_file,
    source_row; times are datetime64[ms] of wall time (NaT = none), ordered by shop, time and place. Whole shops are
    read, as for an audit, so that automatic texts are no promises. Raises UserError as `run` does.
    """
    if policy != "auto":
        load(policy, all_rules())
    profiles = _profiles(paths, shop_profile)
    intake = Intake()
    robots = tuple(sorted({a for p in profiles.values() for a in p.robot_accounts}))
    held, shards = _collect(read_all(paths, options or ReadOptions(), intake, robot_accounts=robots), 1)
    plan = Plan(policy, as_of, profiles, excerpts=False)
    try:
        _check_readable(intake, 1.0)
        groups = [held] if shards is None else [shard_frames(folder) for folder in shards.names]
        tables = [_promised(chats) for frames in groups for chats, _, _ in chats_of(frames, plan, Part())]
    finally:
        if shards is not None:
            shards.remove()
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values(
        ["platform", "shop", "sent_at", "source_file", "source_row"], kind="stable", ignore_index=True
    ), intake


def _promised(chats: Chats) -> pd.DataFrame:
    """The ledger of some chats with names, texts and times."""
    ledger = promises(chats)
    row, settled = ledger["row"].to_numpy(dtype=np.int64), ledger["settled_by"].to_numpy(dtype=np.int64)
    sent = chats.messages["sent_at"].to_numpy().astype("datetime64[ms]")
    text = chats.messages["text"]
    due = ledger["due"].to_numpy(dtype=np.int64)
    quote = [t[a:b] for t, a, b in zip(text.iloc[row].tolist(), ledger["start"], ledger["end"], strict=True)]
    there = settled >= 0
    return pd.DataFrame(
        {
            **{c: labelled(chats, row, c) for c in ("platform", "shop", "buyer", "agent")},
            "sent_at": sent[row],
            "kind": ledger["kind"].to_numpy(dtype=object),
            "quote": np.array(quote, dtype=object),
            "due": np.where(due == NO_TIME, np.datetime64("NaT", "ms"), due.view("datetime64[ms]")),
            "status": ledger["status"].to_numpy(dtype=object),
            "settled_at": np.where(there, sent[settled], np.datetime64("NaT", "ms")),
            "settled_by": np.where(there, np.array(text.iloc[np.maximum(settled, 0)].tolist(), dtype=object), ""),
            "source_file": labelled(chats, row, "source_file"),
            "source_row": chats.messages["source_row"].to_numpy()[row],
        }
    )


def _collect(frames: Iterable[pd.DataFrame], workers: int) -> tuple[list[pd.DataFrame], Shards | None]:
    """Chunks in memory, or laid out as shards where they are too many or several processes share them."""
    held: list[pd.DataFrame] = []
    rows = 0
    shards: Shards | None = None
    for frame in frames:
        rows += len(frame)
        held.append(frame)
        if shards is None and rows > MEMORY_ROWS:
            shards = Shards.create(SPILL_SHARDS)
        if shards is not None:
            for part in held:
                shards.add(part)
            held = []
    if shards is None and workers > 1 and rows:
        shards = Shards.create(workers, fair_shares(held, workers))
        for part in held:
            shards.add(part)
        held = []
    return held, shards


def _profiles(paths: Sequence[str | Path], named: str | Path | None) -> Profiles:
    if named:
        return load_profiles(named)
    places: dict[Path, None] = {}
    for given in map(Path, paths):
        if given.is_dir():
            places[given.resolve()] = None
        else:
            beside = (given.resolve().parent / name for name in ("shop.yaml", "shop.yml"))
            places.update((p, None) for p in beside if p.is_file())
    profiles: Profiles = {}
    for place in places:
        for key, profile in load_profiles(place).items():
            if key in profiles and profiles[key].source_files != profile.source_files:
                raise UserError(
                    f"{'/'.join(key)} has two shop profiles", where=str(place), fix="choose one with --shop-profile"
                )
            profiles[key] = profile
    return profiles


def _check_readable(intake: Intake, max_bad_rows: float) -> None:
    total = intake.rows + intake.bad_row_count
    if total and intake.bad_row_count > max_bad_rows * total:
        first = intake.bad_rows[0] if intake.bad_rows else {}
        raise UserError(
            f"{intake.bad_row_count} of {total} rows could not be read, more than {max_bad_rows:.1%}; the first: "
            f"{first.get('reason', '')}",
            where=f"{first.get('file', '')}:{first.get('row', '')} {first.get('column', '')}".strip(),
            fix="mend the export, or allow more with --max-bad-rows",
        )
    if not intake.rows:
        refused = [f"{f.path}: {f.refused}" for f in intake.files if f.refused]
        empty = [f"{f.path}: no message in it" for f in intake.files if not f.refused]
        told = (refused + empty)[:5] or ["there is no file to read"]
        if len(intake.files) > len(told):
            told.append(f"… and {len(intake.files) - len(told):,} more")
        raise UserError(
            "\n  ".join(["nothing to check: no readable chat", *told]), fix="look at one file with `audit inspect FILE`"
        )


def _check_days(result: AuditResult, as_of: datetime | None, chosen: Selection) -> None:
    """Raises UserError where the moments of the command line miss the chats: the report would be clean for nothing."""
    first, last = (str(result.metrics.get(k) or "")[:19] for k in ("first_message_at", "last_message_at"))
    if not first:
        return
    runs = f"the chats run from {first} to {last}"
    if as_of and as_of.isoformat() < first:
        raise UserError(f"it lies before every message: {runs}", where="--as-of", fix="give a moment at their end")
    if chosen.since and chosen.since.isoformat() > last:
        raise UserError(f"it lies after every message: {runs}", where="--since", fix="choose days among them")
    if chosen.until and chosen.until.isoformat() < first:
        raise UserError(f"it lies before every message: {runs}", where="--until", fix="choose days among them")
    if as_of and as_of.isoformat() < last:
        result.coverage.notes.append(
            f"有消息晚于 --as-of {as_of.isoformat(' ')}（最后一条在 {last.replace('T', ' ')}）"
        )


def select(result: AuditResult, selection: Selection, codes: tuple[str, ...]) -> AuditResult:
    """The result with only the chosen findings: lists, counts and points; messages, sessions and waits stay whole.

    An unknown agent or shop is an error with a suggestion.
    """
    known_agents = set(result.agents["agent"]) if len(result.agents) else set()
    known_shops = {row["shop"] for row in result.coverage.as_of} | {f.shop for f in result.findings}
    known_shops |= set(result.agents["shop"]) if len(result.agents) else set()
    for name in selection.agents:
        if name not in known_agents:
            raise UserError(f"no agent {name!r} in these chats", where="--agent", fix=did_you_mean(name, known_agents))
    for name in selection.shops:
        if name not in known_shops:
            raise UserError(f"no shop {name!r} in these chats", where="--shop", fix=did_you_mean(name, known_shops))
    if not (selection.since or selection.until or selection.agents or selection.shops or codes):
        return result
    since = selection.since.isoformat(timespec="seconds") if selection.since else ""
    until = selection.until.isoformat(timespec="seconds") if selection.until else ""

    def wanted(f: Finding) -> bool:
        at = (f.at or "")[:19]  # to the second
        return (
            (not since or at >= since)
            and (not until or (at != "" and at <= until))
            and (not selection.agents or f.agent in selection.agents)
            and (not selection.shops or f.shop in selection.shops)
            and (not codes or f.rule in codes)
        )

    findings = [f for f in result.findings if wanted(f)]
    shown = dict(zip(("since", "until"), (since, until), strict=True))
    result.coverage.notes.append(
        f"只列出所选的 {len(findings)} 条（共 {len(result.findings)} 条）："
        + "，".join(
            [f"{k}={v}" for k, v in shown.items() if v]
            + [f"agent={a}" for a in selection.agents]
            + [f"shop={s}" for s in selection.shops]
            + [f"rule={c}" for c in codes]
        )
    )
    keep: Mapping[str, bool] = {f.session: True for f in findings}
    excerpts = result.excerpts[result.excerpts["session_key"].isin(keep)] if len(result.excerpts) else result.excerpts
    sessions = result.sessions[result.sessions["session_key"].isin(keep)] if len(result.sessions) else result.sessions
    return dataclasses.replace(
        result,
        findings=findings,
        excerpts=excerpts,
        sessions=sessions,
        agents=recounted(result.agents, findings),
        metrics=result.metrics | finding_figures(findings),
        rules=rule_facts(findings),
    )
