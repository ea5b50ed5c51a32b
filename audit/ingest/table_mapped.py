"""Tables with other headers, read by a mapping: the user's profile (`--map`) or the one that the headers propose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from audit.errors import UserError, did_you_mean
from audit.ingest import mapping as mappings
from audit.ingest.mapping import SYSTEM_NAMES, Mapping, role_source
from audit.ingest.model import Chunk, ReadOptions, Source
from audit.ingest.table import batches, is_canonical, missing_columns, sheets
from audit.ingest.table_batch import Batch, Sheet
from audit.ingest.table_headers import not_chats, plain
from audit.ingest.table_rows import Category, Mask, to_chunk
from audit.schema import CANONICAL

NAME = "mapped-table"
TITLE = "其他表格 table with other headers"

_FEW = frozenset({"platform", "shop", "agent", "kind", "auto", "recalled", "event", "role", "sender"})


def sniff(source: Source) -> float:
    """0.65 where the headers tell all that is needed, 0.5–0.55 where they look like chats or a known other sheet."""
    try:
        found = sheets(source)
    except UserError:
        return 0.0
    best = 0.0
    for sheet in found:
        if not sheet.known or (is_canonical(sheet) and not missing_columns(sheet)):
            continue
        proposal = mappings.propose(sheet.columns, sheet.sample)
        if not proposal.missing:
            best = max(best, 0.65)
        elif not_chats(sheet.columns)[0]:
            best = max(best, 0.55)
        elif (
            "text" in proposal.columns
            or len(set(proposal.columns) & {"sent_at", "name", "buyer", "agent", "role"}) >= 2
        ):
            best = max(best, 0.5)
    return best


def plan(source: Source, profile: dict[str, object] | None) -> list[tuple[Sheet, Mapping]]:
    """The sheets to read and their mappings.

    With a profile: the sheet it names, else those that have all its columns. Without: every sheet whose headers tell
    enough, its agents settled over the whole file where only sender and receiver names tell them.
    Raises UserError: columns or sheet not in the file, not chats, or roles that cannot be told (shows the proposal).
    """
    found = sheets(source)
    if not found:
        raise UserError("it holds no table whose headers are known", where=source.name, fix="map them with --map")
    if profile is not None:
        return _by_profile(source, found, mappings.from_profile(profile))
    proposals = [(s, mappings.propose(s.columns, s.sample)) for s in found]
    whole = [(s, m) for s, m in proposals if not m.missing]
    if not whole:
        for sheet, _ in proposals:
            mappings.refuse_not_chats(sheet, source.name)
        raise _untold(source, *max(proposals, key=lambda p: -len(p[1].missing)))
    settled = [(s, settle_agents(source, s, m)) for s, m in whole]
    for sheet, mapping in settled:
        if mapping.missing:
            raise _untold(source, sheet, mapping)
    return settled


def _by_profile(source: Source, found: list[Sheet], mapping: Mapping) -> list[tuple[Sheet, Mapping]]:
    if mapping.sheet:
        named = [s for s in found if s.name == mapping.sheet]
        if not named:
            names = [s.name for s in found]
            raise UserError(
                f"there is no sheet {mapping.sheet!r}", where=source.name, fix=did_you_mean(mapping.sheet, names)
            )
        found = named
    able = [s for s in found if all(_place(s, h) is not None for headers in mapping.columns.values() for h in headers)]
    if not able:
        absent = [(f, h) for f, headers in mapping.columns.items() for h in headers if _place(found[0], h) is None]
        hints = [f"{f} → {h!r}: {did_you_mean(h, found[0].columns)}" for f, h in absent[:5]]
        raise UserError("columns that the mapping names are not in the file", where=source.name, fix="; ".join(hints))
    out = []
    for sheet in able:
        mapping_here = mapping
        if not role_source(mapping) and "role" in mapping.columns:
            proposal = mappings.propose(sheet.columns, sheet.sample)
            if roles := proposal.values.get("role"):
                mapping_here = replace(mapping, values={**mapping.values, "role": roles})
        if problems := mappings.blocking(mapping_here):
            raise UserError(
                "the mapping does not tell enough: " + "; ".join(problems),
                where=source.name,
                fix="add it to the profile",
            )
        out.append((sheet, settle_agents(source, sheet, mapping_here)))
    return out


def _untold(source: Source, sheet: Sheet, mapping: Mapping) -> UserError:
    where = f"{source.name}[{sheet.name}]" if sheet.container == "xlsx" else source.name
    profile = "\n    ".join(replace(mapping, missing=()).to_yaml().splitlines())
    return UserError(
        "; ".join(mapping.missing),
        where=where,
        fix=f"complete this profile, save it as map.yaml and give --map map.yaml:\n    {profile}",
    )


def _place(sheet: Sheet, header: str) -> int | None:
    if header in sheet.columns:
        return sheet.columns.index(header)
    same = [i for i, c in enumerate(sheet.columns) if plain(c) == plain(header)]
    return same[0] if len(same) == 1 else None


def _places(sheet: Sheet, mapping: Mapping) -> dict[str, list[int]]:
    return {f: [p for h in headers if (p := _place(sheet, h)) is not None] for f, headers in mapping.columns.items()}


def settle_agents(source: Source, sheet: Sheet, mapping: Mapping) -> Mapping:
    """The mapping with its agents, where only the names of senders and receivers tell them.

    Who writes with whom is a graph of two sides. The side of a robot or of a shop's name is the agents'; else the one
    whose names have at least twice as many partners. `missing` says so where no side can be told.
    """
    from audit.ingest.roles import is_robot

    if role_source(mapping) != "partners":
        return mapping
    places = _places(sheet, mapping)
    sender, receiver = places["name"][0], places["receiver"][0]
    partners: dict[str, set[str]] = defaultdict(set)
    for batch in batches(source, sheet, [sender, receiver], frozenset({sender, receiver})):
        a, b = Category.encode(batch.columns[sender]), Category.encode(batch.columns[receiver])
        pairs = np.unique(a.codes.astype(np.int64) * (len(b.values) + 1) + b.codes)
        for pair in pairs.tolist():
            one, two = a.values[pair // (len(b.values) + 1)], b.values[pair % (len(b.values) + 1)]
            if one and two and one != two and not {one, two} & SYSTEM_NAMES:
                partners[one].add(two)
                partners[two].add(one)
    agents: set[str] = set()
    seen: set[str] = set()
    for start in sorted(partners):
        if start in seen:
            continue
        sides = _two_sides(start, partners)
        seen |= sides[0] | sides[1] if sides else {start}
        if not sides:
            continue
        marked = [any(is_robot(n) or any(w in n for w in mappings.SHOP_WORDS) for n in side) for side in sides]
        reach = [sum(len(partners[n]) for n in side) / len(side) for side in sides]
        if marked[0] != marked[1]:
            agents |= sides[0] if marked[0] else sides[1]
        elif reach[0] >= 2 * reach[1] or reach[1] >= 2 * reach[0]:
            agents |= sides[0] if reach[0] > reach[1] else sides[1]
    if agents:
        return replace(mapping, agents=tuple(sorted(agents)), certainty={**mapping.certainty, "role": 0.7})
    return replace(
        mapping,
        missing=("who is buyer and who is agent cannot be told from the names: list the accounts in agents: [...]",),
    )


def _two_sides(start: str, partners: dict[str, set[str]]) -> tuple[set[str], set[str]] | None:
    side = {start: 0}
    stack = [start]
    clash = False
    while stack:
        name = stack.pop()
        for other in partners[name]:
            if other not in side:
                side[other] = 1 - side[name]
                stack.append(other)
            clash |= side[other] == side[name]
    if clash:
        return None
    return {n for n, s in side.items() if s == 0}, {n for n, s in side.items() if s == 1}


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Canonical rows by `options.mapping` or the proposed one; see `plan` for the errors."""
    planned = plan(source, options.mapping)
    for sheet, mapping in planned:
        where = f"{source.name}[{sheet.name}]" if len(planned) > 1 else source.name
        places = _places(sheet, mapping)
        few = frozenset(p for f, list_ in places.items() if f in _FEW for p in list_)
        buyers: dict[str, str] = {}
        for batch in batches(source, sheet, [p for list_ in places.values() for p in list_], few):
            yield _chunk(batch, places, mapping, where, options, buyers)


def _chunk(
    batch: Batch,
    places: dict[str, list[int]],
    mapping: Mapping,
    where: str,
    options: ReadOptions,
    buyers: dict[str, str],
) -> Chunk:
    n = len(batch.rows)
    raw = {f: batch.columns[list_[0]] for f, list_ in places.items() if f not in ("sent_at", "text", "message_id")}
    cats = {f: Category.encode(a) for f, a in raw.items() if f != "event_value"}
    for column, words in mapping.values.items():
        if column in cats and column != "role":
            lowered = {k.lower(): v for k, v in words.items()}
            cats[column] = cats[column].recode(lambda v, w=lowered: w.get(v.lower(), v))  # type: ignore[misc]
    cats["sender"] = sender = _senders(cats, mapping, n)
    from_buyer = sender.where(lambda v: v == "buyer")
    blank = Category.constant("", n)
    name = cats.get("name")
    receiver = cats.get("receiver", blank)
    if "buyer" not in cats and name is not None:
        if "receiver" in cats:
            cats["buyer"] = _choose(from_buyer, name, receiver)
        else:
            cats["buyer"] = _by_session(_choose(from_buyer, name, blank), cats.get("session", blank), buyers)
    spoken = cats.get("agent", blank) if name is None else name
    addressed = cats.get("agent", receiver)
    from_shop = sender.where(lambda v: v in ("agent", "robot"))
    cats["agent"] = _choose(from_buyer, addressed, _choose(from_shop, spoken, blank))
    for constant, value in mapping.constants.items():
        cats[constant] = cats.get(constant, blank).fill(vocab(constant, value))
    columns: dict[str, Any] = {
        f: batch.columns[places[f][0]] for f in ("text", "message_id", "event_value") if f in places
    }
    if "sent_at" in places:
        columns["sent_at"] = _moments([batch.columns[p] for p in places["sent_at"]], mapping.time_format)
    kept = {f: c for f, c in cats.items() if f in CANONICAL}
    return to_chunk(columns, batch.rows, where, options, bad=batch.bad, categories=kept)


def vocab(name: str, value: str) -> str:
    """A constant as its canonical value."""
    from audit.ingest.table_rows import vocabulary

    return vocabulary(name).get(value.lower(), value)


def _senders(cats: dict[str, Category], mapping: Mapping, n: int) -> Category:
    from audit.ingest.roles import is_robot

    source = role_source(mapping)
    agents = set(mapping.agents)
    part = mapping.agent_if_sender_contains

    def by_name(value: str, other: str = "buyer") -> str:
        if not value:
            return ""
        if value in SYSTEM_NAMES:
            return "system"
        if is_robot(value):
            return "robot"
        return "agent" if value in agents or (part and part in value) else other

    if source == "role":
        given = cats["sender"] if "sender" in cats else cats["role"]
        words = {k.lower(): v for k, v in mapping.values.get("role", mapping.values.get("sender", {})).items()}
        senders = given.recode(lambda v: words.get(v.lower(), v))
        if "name" in cats:  # a robot writes under the agents' role
            robot = cats["name"].where(is_robot) & senders.where(lambda v: v == "agent")
            senders = _choose(robot, Category.constant("robot", n), senders)
        return senders
    names = cats["name"]
    as_agent = names.recode(lambda v: by_name(v, "agent"))
    if source == "columns":
        if "buyer" in cats:
            return _choose(_same(names, cats["buyer"]), Category.constant("buyer", n), as_agent)
        return _choose(_same(names, cats["agent"]), as_agent, names.recode(by_name))
    senders = names.recode(by_name)
    if "receiver" in cats:
        listed = names.where(lambda v: by_name(v) != "buyer") | cats["receiver"].where(lambda v: by_name(v) != "buyer")
        senders = _choose(listed, senders, names.recode(lambda v: f"{v}: no side is a known agent"))
    return senders


def _same(one: Category, two: Category) -> Mask:
    """Rows in which both have the same value that is not ""."""
    places = {v: i for i, v in enumerate(one.values)}
    to = np.array([places.get(v, -1) if v else -1 for v in two.values] or [-1], np.int64)
    return one.codes == to[two.codes] if len(two.codes) else np.zeros(0, bool)


def _choose(mask: Mask, yes: Category, no: Category) -> Category:
    """`yes` where the mask holds, else `no`."""
    if mask.all():
        return yes
    if not mask.any():
        return no
    return Category.of(np.where(mask, yes.codes, no.codes + len(yes.values)), [*yes.values, *no.values])


def _by_session(buyer: Category, session: Category, known: dict[str, str]) -> Category:
    """The buyer of each row's session where the row itself names none; `known` carries sessions over batches."""
    frame = pd.DataFrame({"session": session.codes, "buyer": buyer.codes})[~buyer.is_empty()].drop_duplicates("session")
    for s, b in zip(frame["session"], frame["buyer"], strict=True):
        if session.values[s]:
            known.setdefault(session.values[s], buyer.values[b])
    return _choose(buyer.is_empty(), session.recode(lambda v: known.get(v, "")), buyer)


def _moments(arrays: list[Any], time_format: str) -> Any:
    """The time column: several are joined by a space; a given format is applied and shown as ISO."""
    import pyarrow as pa

    if len(arrays) == 1 and not time_format:
        return arrays[0]
    texts = [pd.Series(a.to_pandas()).astype("str").fillna("") for a in arrays]
    joined = texts[0].str.replace(r"[ T]00:00(:00)?(\.0+)?$", "", regex=True) if len(texts) > 1 else texts[0]
    for more in texts[1:]:
        joined = (joined + " " + more).str.strip()
    if not time_format:
        return pa.array(joined.tolist(), pa.string())
    try:
        times = pd.to_datetime(joined.where(joined.ne("")), format=time_format, errors="coerce")
    except (ValueError, re.error) as error:
        raise UserError(
            f"time_format {time_format!r} cannot be used ({error})", where="--map", fix="e.g. %d.%m.%Y %H:%M"
        ) from None
    seconds = any(p in time_format for p in ("%S", "%T", "%s", "%X", "%c"))
    shown = times.dt.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M").astype("str").fillna("")
    wrong = joined.ne("") & shown.eq("")
    return pa.array(shown.where(~wrong, joined + f" (not {time_format})").tolist(), pa.string())
