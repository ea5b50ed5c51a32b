"""Assembly: chunks of many files become MESSAGES: conversations, order, no duplicates, automatic texts settled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.ingest.joining import short_account, with_buyers
from audit.schema import MESSAGES

NO_TIME = np.iinfo(np.int64).min
#: inferred automatic texts (rulebook §1): length, seconds after the buyer's message, sessions
AUTO_LENGTH, AUTO_SECONDS, AUTO_SESSIONS = 8, 2, 5
AUTO_SOURCES = pd.Index(["", "flag", "role", "inferred"], dtype="str")
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)


@dataclass
class Assembled:
    """MESSAGES of some conversations and what was dropped or assumed on the way."""

    messages: pd.DataFrame
    duplicates: int = 0
    masked_conversations: int = 0  # buyers known by a masked nick only
    untimed: int = 0  # messages without a time
    minute_times: int = 0  # messages whose time is known to the minute only


@dataclass(frozen=True)
class FileIdentity:
    """What tells one input file from another: its name for people, its content for identity."""

    name: str
    sha256: str
    size: int = 0
    extra: dict[str, str] = field(default_factory=dict)


def _times(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    stamps = frame["sent_at"].to_numpy().astype("datetime64[ms]")
    return np.where(np.isnat(stamps), NO_TIME, stamps.astype(np.int64))


def identify(frame: pd.DataFrame, file: FileIdentity, platform: str = "", shop: str = "") -> pd.DataFrame:
    """A canonical chunk of one file with `conversation_id`, `source_file` and defaults for platform and shop.

    A buyer is the uid or full nick; a masked nick (`景**`) identifies nobody beyond its session id, else its file. A
    conversation without any time is itself only: its identity is its content, so that the same transcript in two files
    is one.
    """
    frame = frame.copy(deep=False)
    frame["platform"] = _filled(frame["platform"], platform or "other")
    frame["shop"] = _filled(frame["shop"], shop)
    frame["agent"] = _sub_accounts(frame["agent"], frame["shop"])
    frame["event_value"] = _named_accounts(frame["event_value"], frame["shop"])
    columns = [frame[c] for c in ("platform", "shop", "buyer", "session")]
    names = [np.asarray(c.cat.categories, dtype=object) for c in columns]
    key = np.zeros(len(frame), dtype=np.int64)
    for column, values in zip(columns, names, strict=True):
        key = key * (len(values) + 1) + column.cat.codes.to_numpy()
    group, _ = pd.factorize(key)
    first = np.flatnonzero(~pd.Series(group).duplicated().to_numpy())
    platforms, shops, buyers, sessions = (
        values[column.cat.codes.to_numpy()[first]] for column, values in zip(columns, names, strict=True)
    )
    untimed = np.ones(len(first), dtype=bool)
    untimed[group[frame["sent_at"].notna().to_numpy()]] = False
    unknown = np.array([not b or "*" in b or "＊" in b for b in buyers], dtype=bool)
    ids = []
    for number, (p, s, buyer, session) in enumerate(zip(platforms, shops, buyers, sessions, strict=True)):
        head = f"{p}:{s}:{buyer}"
        block = f"#{session}" if session else f"@{file.sha256[:12]}"
        ids.append(head + block if unknown[number] else head)
    timed = {ids[number] for number in np.flatnonzero(~untimed)}
    alone = untimed & np.array([i not in timed for i in ids], dtype=bool)
    for number, content in _content_hashes(frame, group, alone).items():
        ids[number] = f"{platforms[number]}:{shops[number]}:{buyers[number]}@{content}"
    frame["conversation_id"] = _categorical(group, ids)
    frame["masked"] = unknown[group]
    frame["source_file"] = pd.Categorical.from_codes(
        np.zeros(len(frame), dtype=np.int8), pd.Index([file.name], dtype="str")
    )
    return frame


def _sub_accounts(agent: pd.Series, shop: pd.Series) -> pd.Series:
    """Accounts without their own shop's name before them: 青禾:小麦 → 小麦, as transfer lines write them."""
    names, shops = [str(a) for a in agent.cat.categories], [str(s) for s in shop.cat.categories]
    if not any(":" in name or "：" in name for name in names):
        return agent
    width = len(shops) + 1
    number, pairs = pd.factorize(agent.cat.codes.to_numpy().astype(np.int64) * width + shop.cat.codes.to_numpy())
    short = [short_account(names[int(pair) // width], shops[int(pair) % width]) for pair in pairs]
    return pd.Series(_categorical(number, short), index=agent.index)


def _named_accounts(value: pd.Series, shop: pd.Series) -> pd.Series:
    """Event values whose accounts lost their shop's name as the rows' own accounts did."""
    rows = np.flatnonzero((value != "").to_numpy())
    shops = [str(s) for s in shop.cat.categories if s]
    if not len(rows) or not shops:
        return value
    old = value.iloc[rows].tolist()
    new = old
    for name in shops:
        new = [v.replace(f'"{name}:', '"') for v in new]
    if new == old:
        return value
    whole = value.to_numpy(dtype=object).copy()
    whole[rows] = new
    return pd.Series(whole, index=value.index, dtype="str")


def _categorical(codes: npt.NDArray[Any], names: Sequence[str]) -> pd.Categorical:
    """Codes with labels that may repeat, as a Categorical."""
    distinct = list(dict.fromkeys(names))
    place = {name: i for i, name in enumerate(distinct)}
    new = np.array([place[name] for name in names], dtype=np.int32)
    return pd.Categorical.from_codes(new[codes] if len(codes) else codes, pd.Index(distinct, dtype="str"))


def _filled(column: pd.Series, default: str) -> pd.Series:
    if default and "" in column.cat.categories:
        names = [default if c == "" else str(c) for c in column.cat.categories]
        return pd.Series(_categorical(column.cat.codes.to_numpy(), names), index=column.index)
    return column


def _content_hashes(frame: pd.DataFrame, group: npt.NDArray[np.intp], loose: npt.NDArray[np.bool_]) -> dict[int, str]:
    """Hash of sender and text of every group that lacks times."""
    rows = np.flatnonzero(loose[group]) if len(group) else group
    out: dict[int, str] = {}
    if not len(rows):
        return out
    part = pd.DataFrame(
        {
            "group": group[rows],
            "line": [
                f"{sender}\x1f{text}"
                for sender, text in zip(labels(frame["sender"].iloc[rows]), frame["text"].iloc[rows], strict=True)
            ],
        }
    )
    for number, lines in part.groupby("group", sort=False)["line"]:
        out[int(str(number))] = hashlib.blake2b(
            "\x1e".join(lines).encode("utf-8", "surrogatepass"), digest_size=6
        ).hexdigest()
    return out


def assemble(frames: Iterable[pd.DataFrame]) -> Assembled:
    """MESSAGES from identified chunks (`identify`): merged, ordered, without duplicates; `auto` still as flagged.

    Rows of one conversation are ordered by time, then by file order; rows without a time follow the row before them.
    Overlapping exports are deduplicated by message key: the export's own id and the time, else platform, shop, buyer,
    time, sender, text and the ordinal among equals in the file. Rows that name a session but no buyer belong to the
    buyer whom other rows of the session name.
    """
    parts = [f for f in frames if len(f)]
    if not parts:
        return Assembled(pd.DataFrame())
    frame = with_buyers(_concat(parts))
    file_of = frame["source_file"].cat.codes.to_numpy()
    time = _times(frame)
    conversation = frame["conversation_id"].cat.codes.to_numpy().astype(np.int64)
    sort_time = _carried(time, conversation, file_of)
    order = np.argsort(sort_time, kind="stable")
    order = order[np.argsort(conversation[order], kind="stable")]
    sorted_already = bool((order[1:] > order[:-1]).all()) if len(order) else True
    if not sorted_already:
        frame = frame.take(order)
        time, conversation, file_of = time[order], conversation[order], file_of[order]
    frame = frame.reset_index(drop=True)

    ordinal, duplicate = _duplicates(frame, time, conversation, file_of)
    frame["ordinal"] = ordinal
    dropped = int(duplicate.sum())
    if dropped:
        frame = frame[~duplicate].reset_index(drop=True)
    number = pd.factorize(frame["conversation_id"].cat.codes.to_numpy())[0]
    frame["conversation"] = number.astype(np.int32)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    frame["seq"] = (np.arange(len(frame)) - np.repeat(starts, np.diff(np.append(starts, len(frame))))).astype(np.int32)
    _recalls(frame)
    masked = int(pd.Series(number[frame["masked"].to_numpy()]).nunique())
    untimed = int(frame["sent_at"].isna().sum())
    minute = int((frame["precision"] == 60).sum())
    frame["auto_source"] = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), AUTO_SOURCES)
    return Assembled(frame.drop(columns="masked"), dropped, masked, untimed, minute)


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    from pandas.api.types import union_categoricals

    columns = {}
    for name in parts[0].columns:
        pieces = [p[name] for p in parts]
        if isinstance(pieces[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.Series(union_categoricals(pieces))
        else:
            columns[name] = pd.concat(pieces, ignore_index=True)
    return pd.DataFrame(columns)


def _carried(
    time: npt.NDArray[np.int64], conversation: npt.NDArray[np.int64], file_of: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """Times for sorting: a row without one takes the time of the row before it in the same conversation and file."""
    missing = time == NO_TIME
    if not missing.any():
        return time
    known = pd.Series(np.where(missing, np.nan, time.astype(float)))
    filled = known.groupby([conversation, file_of]).ffill().to_numpy()
    return np.where(missing, np.where(np.isnan(filled), NO_TIME, np.nan_to_num(filled)), time).astype(np.int64)


def _duplicates(
    frame: pd.DataFrame,
    time: npt.NDArray[np.int64],
    conversation: npt.NDArray[np.int64],
    file_of: npt.NDArray[np.integer],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """(ordinal among equals in the file, whether the row repeats an earlier one).

    An id that comes back at another time is another message (some exports count from 1 in every session): its ordinal
    is its place among the messages of this id.
    """
    text = pd.factorize(frame["text"])[0].astype(np.uint64)
    ids = frame["message_id"]
    has_id = (ids != "").to_numpy()
    with np.errstate(over="ignore"):
        key = conversation.astype(np.uint64) * np.uint64(_MIX[0])
        body = time.astype(np.uint64) * np.uint64(_MIX[1])
        body ^= (frame["sender"].cat.codes.to_numpy().astype(np.uint64) + np.uint64(1)) * np.uint64(_MIX[2])
        body ^= _scramble(text * np.uint64(_MIX[3]) + np.uint64(7))
        body ^= _scramble(frame["event"].cat.codes.to_numpy().astype(np.uint64) * np.uint64(_MIX[1]) + np.uint64(3))
        if has_id.any():
            own = _scramble(pd.factorize(ids)[0].astype(np.uint64) * np.uint64(_MIX[3]) + np.uint64(11))
            stamp = time.astype(np.uint64) + frame["event"].cat.codes.to_numpy().astype(np.uint64)
            body = np.where(has_id, own ^ _scramble(stamp), body)
        key = _scramble(key) ^ _scramble(body)
    ordinal = np.zeros(len(frame), dtype=np.int32)
    again = pd.Series(key).duplicated(keep=False).to_numpy()
    duplicate = np.zeros(len(frame), dtype=bool)
    if again.any():
        rows = np.flatnonzero(again)
        part = pd.DataFrame({"key": key[rows], "file": file_of[rows], "own": has_id[rows]})
        count = part.groupby(["key", "file"]).cumcount().to_numpy()
        ordinal[rows] = np.where(part["own"], 0, count)
        part["ordinal"] = ordinal[rows]
        duplicate[rows] = part.duplicated(["key", "ordinal"]).to_numpy()
    if has_id.any():
        rows = np.flatnonzero(has_id & ~duplicate)
        same = pd.DataFrame({"conversation": conversation[rows], "own": own[rows]})
        ordinal[rows] = same.groupby(["conversation", "own"]).cumcount().to_numpy()
    return ordinal, duplicate


def _scramble(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(_MIX[1])
        x = (x ^ (x >> np.uint64(27))) * np.uint64(_MIX[2])
    return x ^ (x >> np.uint64(31))


def _recalls(frame: pd.DataFrame) -> None:
    """Mark the messages that recall events name."""
    rows = np.flatnonzero((frame["event"] == "recall").to_numpy())
    if not len(rows):
        return
    named = set()
    part = frame[["conversation", "event_value"]].iloc[rows]
    for conversation, value in zip(part["conversation"].tolist(), part["event_value"].tolist(), strict=True):
        try:
            value = json.loads(value or "{}")
        except ValueError:
            continue
        if isinstance(value, dict) and value.get("message_id"):
            named.add((conversation, str(value["message_id"])))
    if named:
        spoken = (frame["event"] != "recall").to_numpy()
        candidates = np.flatnonzero(frame["message_id"].isin({m for _, m in named}).to_numpy() & spoken)
        keys = zip(frame["conversation"].iloc[candidates], frame["message_id"].iloc[candidates], strict=True)
        recalled = frame["recalled"].to_numpy(copy=True)
        recalled[[c for c, key in zip(candidates, keys, strict=True) if key in named]] = True
        frame["recalled"] = recalled


def quick_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """How often an account sent a text within 2 s of the buyer's message: platform, shop, agent, text, sessions.

    Over messages whose automatic flag is unknown; a session is the export's own, else a day of the conversation. Counts
    of different conversations add up.
    """
    unknown = (frame["sender"] == "agent").to_numpy() & (frame["auto"].astype("str") == "").to_numpy()
    unknown &= (frame["kind"] == "text").to_numpy() & (frame["precision"] == 1).to_numpy()
    buyer = (frame["sender"] == "buyer").to_numpy() & (frame["kind"] != "event").to_numpy()
    time = _times(frame)
    n = len(frame)
    last = np.maximum.accumulate(np.where(buyer, np.arange(n), -1)) if n else np.zeros(0, dtype=int)
    ok = unknown & (last >= 0) & (time != NO_TIME)
    at = last[ok]
    conversation = frame["conversation"].to_numpy()
    near = (conversation[at] == conversation[ok]) & (time[at] != NO_TIME)
    near &= time[ok] - time[at] <= AUTO_SECONDS * 1000
    rows = np.flatnonzero(ok)[near]
    part = frame.iloc[rows]
    part = part[(part["text"].str.len() >= AUTO_LENGTH).to_numpy()]
    columns = ["platform", "shop", "agent", "text"]
    if not len(part):
        return pd.DataFrame(columns=[*columns, "sessions"])
    plain = part[columns].astype("str")
    day = part["sent_at"].dt.floor("D")
    session = part["session"].astype("str")
    plain["unit"] = part["conversation_id"].astype("str") + "|" + np.where(session != "", session, day.astype("str"))
    return plain.drop_duplicates().groupby(columns, sort=True).size().rename("sessions").reset_index()


def settle_auto(frame: pd.DataFrame, inferred: pd.DataFrame, given: pd.DataFrame | None = None) -> pd.DataFrame:
    """MESSAGES with `auto` as bool and `auto_source`: robots by role, flags as given, texts inferred or named.

    `inferred`: rows of `quick_texts` that reach AUTO_SESSIONS; `given`: platform, shop, text of `auto_texts`.
    """
    frame = frame.copy(deep=False)
    flag = frame["auto"].astype("str").to_numpy(dtype=object)
    robot = (frame["sender"] == "robot").to_numpy()
    agent = (frame["sender"] == "agent").to_numpy()
    flagged = flag == "true"
    source = np.where(robot, 2, np.where(flagged, 1, 0)).astype(np.int8)
    unknown = agent & (flag == "")
    for known, columns in ((inferred, ["platform", "shop", "agent", "text"]), (given, ["platform", "shop", "text"])):
        if known is None or not len(known):
            continue
        candidates = np.flatnonzero(unknown & frame["text"].isin(set(known["text"])).to_numpy())
        if len(candidates):
            rows = frame.iloc[candidates][columns].astype("str")
            match = pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(known[columns].astype("str")))
            source[candidates[match]] = 3
    frame["auto"] = source > 0
    frame["auto_source"] = pd.Categorical.from_codes(source, AUTO_SOURCES)
    return frame


def labels(column: pd.Series) -> list[str]:
    """The values of a text or category column as plain strings; quick for categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        values: list[str] = np.asarray(column.cat.categories, dtype=object)[column.cat.codes.to_numpy()].tolist()
        return values
    return column.tolist()


def message_keys(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> list[str]:
    """Stable keys of the messages in these rows: the export's own id in its namespace, else a hash of the content."""
    part = frame[["platform", "shop", "conversation_id", "message_id", "sender", "text", "event", "sent_at", "ordinal"]]
    part = part.iloc[rows]
    stamps = np.datetime_as_string(part["sent_at"].to_numpy().astype("datetime64[ms]"))
    columns = [
        labels(part[c]) for c in ("platform", "shop", "conversation_id", "message_id", "sender", "event", "text")
    ]
    keys = []
    for platform, shop, conversation, own, sender, event, text, stamp, ordinal in zip(
        *columns, stamps.tolist(), part["ordinal"].tolist(), strict=True
    ):
        if own:
            keys.append(f"{conversation}:{own}~{ordinal}" if ordinal else f"{conversation}:{own}")
        else:
            body = f"{platform}\x1f{shop}\x1f{conversation}\x1f{stamp}\x1f{sender}\x1f{event}\x1f{text}\x1f{ordinal}"
            keys.append(hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest())
    return keys


def as_of_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The last message time of each shop: platform, shop, as_of (datetime64[ms])."""
    some = frame[["platform", "shop", "sent_at"]]
    table = some.groupby(["platform", "shop"], observed=True)["sent_at"].max().rename("as_of").reset_index()
    return table.astype({"platform": "str", "shop": "str"})


def check_contract(frame: pd.DataFrame) -> None:
    """Raise SchemaError where MESSAGES breaks its contract."""
    from audit.schema import check

    check(frame, MESSAGES, "MESSAGES")
