"""What the entry-by-entry formats share: JSON and line sources in bounded blocks, and a collector of canonical rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from audit.errors import UserError
from audit.ingest.encodings import decode_with_bad, detect
from audit.ingest.jsonsource import loads, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.times import parse_times, why_bad
from audit.schema import canonical

BLOCK_BYTES = 8 * 1024 * 1024
NOTE = "[内部备注]"  # stands for a text that no customer saw

#: Row numbers, as many objects, and the rows that are none.
Block = tuple[list[int], list[dict[str, Any]], list[BadRow]]

_FIELDS = (
    "source_row", "sent_at", "sender", "buyer", "session", "agent", "kind", "text", "message_id", "auto", "recalled",
    "event", "event_value",
)  # fmt: skip
_FLAGS = {"true": True, "1": True, "是": True, "y": True, "false": False, "0": False, "否": False, "n": False}


def truth(value: object) -> bool | None:
    """A flag as exports write it (true, 1, "1", "true", 是); None where it is none."""
    return _FLAGS.get(text_of(value).strip().lower())


def event_json(value: Mapping[str, object]) -> str:
    """The JSON of an event_value cell."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def line_blocks(source: Source, size: int = BLOCK_BYTES) -> Iterator[tuple[int, list[str], tuple[BadRow, ...]]]:
    r"""Blocks of about `size` bytes: number of the first line (1-based), the lines, and the lines no encoding reads.

    Lines end at \n only (a \r before it is dropped). UTF-16, whose line ends no byte search finds, comes in one block.
    """
    whole = detect(source.head).startswith("utf-16")
    first, rest = 1, b""
    with source.open_bytes() as f:
        while data := f.read(-1 if whole else size):
            data = rest + data
            cut = len(data) if whole else data.rfind(b"\n") + 1
            data, rest = data[:cut], data[cut:]
            if data:
                yield (block := _block(source, first, data))
                first += len(block[1])
    if rest:
        yield _block(source, first, rest)


def _block(source: Source, first: int, data: bytes) -> tuple[int, list[str], tuple[BadRow, ...]]:
    text, _, bad = decode_with_bad(data, source.name)
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    if not lines[-1] and data.endswith((b"\n", b"\n\0", b"\0\n")):
        lines.pop()
    return first, lines, tuple(BadRow(b.file, b.row + first - 1, b.column, b.reason) for b in bad)


def joined(lines: pd.Series, group: pd.Series) -> pd.Series:
    """The lines (str) of each group as one text, indexed by group; `group` ascends."""
    texts, numbers = lines.tolist(), group.to_numpy()
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    ends = np.append(starts, len(numbers))[1:]
    whole = ["\n".join(texts[a:b]) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return pd.Series(whole, index=numbers[starts], dtype="str")


def json_lines(source: Source) -> Iterator[Block]:
    """Blocks of a file with one JSON object per line: line numbers, the objects, and the lines that are none.

    Reads in bounded memory; blank lines are passed over.
    """
    for first, lines, unreadable in line_blocks(source):
        numbers: list[int] = []
        values: list[dict[str, Any]] = []
        bad = list(unreadable)
        for number, line in enumerate(lines, first):
            if not line.strip():
                continue
            try:
                value = loads(line)
            except ValueError:
                value = None
            if isinstance(value, dict):
                numbers.append(number)
                values.append(value)
            else:
                bad.append(BadRow(source.name, number, "", "not a JSON object"))
        yield numbers, values, bad


def nothing(source: Source, title: str, bad: Iterable[BadRow] = ()) -> UserError:
    """The refusal of a file that holds no usable message."""
    first = next(iter(bad), None)
    why = f"; its row {first.row} says: {first.reason}" if first else ""
    return UserError(
        f"no usable message of the format {title}{why}", where=source.name, fix="run `audit inspect` on it"
    )


class Rows:
    """Collects canonical rows in file order; `chunk()` makes them a Chunk and starts anew.

    Times are given as the export writes them. A row whose time is unreadable becomes a BadRow; an empty time stays
    unknown, but an event without one takes that of the row before it.
    """

    def __init__(self, source: Source, options: ReadOptions, *, platform: str = "", shop: str = "") -> None:
        self._source = source
        self._options = options
        self._constants = {"platform": platform or options.platform or "other", "shop": shop or options.shop}
        self._rows: list[tuple[object, ...]] = []
        self.bad_rows: list[BadRow] = []

    def __len__(self) -> int:
        return len(self._rows)

    def bad(self, row: int, column: str, reason: str) -> None:
        """List a row that could not be read."""
        self.bad_rows.append(BadRow(self._source.name, row, column, reason))

    def add(
        self,
        row: int,
        time: object,
        sender: str,
        *,
        text: str = "",
        kind: str = "text",
        buyer: object = "",
        session: object = "",
        agent: object = "",
        message_id: object = "",
        auto: str = "",
        recalled: bool = False,
    ) -> None:
        """One message. `sender` of schema.SENDERS, `kind` of schema.KINDS."""
        ids = (text_of(buyer), text_of(session), text_of(agent))
        self._rows.append((row, time, sender, *ids, kind, text, text_of(message_id), auto, recalled, "", ""))

    def event(
        self,
        row: int,
        time: object,
        event: str,
        value: Mapping[str, object],
        *,
        sender: str = "system",
        text: str = "",
        buyer: object = "",
        session: object = "",
        agent: object = "",
        message_id: object = "",
    ) -> None:
        """One event of schema.EVENTS ("" = a system line of no such kind), with its event_value."""
        kind = "recall" if event == "recall" else "event"
        ids = (text_of(buyer), text_of(session), text_of(agent))
        cells = (event, event_json(value) if event else "")
        if not text_of(time) and self._rows:
            time = self._rows[-1][1]
        self._rows.append((row, time, sender, *ids, kind, text, text_of(message_id), "", False, *cells))

    def chunk(self) -> Chunk:
        """The rows so far as a Chunk; may hold none."""
        columns: dict[str, list[Any]] = dict(zip(_FIELDS, map(list, zip(*self._rows, strict=True)), strict=False))
        self._rows = []
        if not columns:
            bad, self.bad_rows = tuple(self.bad_rows), []
            return Chunk(canonical({}, 0), bad)
        frame = finish(columns, self._constants, self._source, self._options, self.bad_rows)
        bad, self.bad_rows = tuple(self.bad_rows), []
        return Chunk(frame, bad)


def finish(
    columns: dict[str, Any],
    constants: Mapping[str, object],
    source: Source,
    options: ReadOptions,
    bad_rows: list[BadRow],
) -> pd.DataFrame:
    """Canonical rows of equally long `columns` (lists or Series; `sent_at` as written, `source_row` given).

    Rows with an unreadable time are left out and appended to `bad_rows`.
    """
    times = pd.Series(columns["sent_at"], dtype=None if isinstance(columns["sent_at"], pd.Series) else object)
    times = times.reset_index(drop=True)
    parsed, precision, bad = parse_times(times, timezone=options.timezone, year=options.year)
    frame = canonical({**constants, **columns, "sent_at": parsed, "precision": precision}, len(times))
    if bad.any():
        for place in bad.nonzero()[0]:
            row = int(frame["source_row"].iloc[place])
            bad_rows.append(
                BadRow(source.name, row, "sent_at", f"{why_bad(times.iloc[place])}: {times.iloc[place]!s:.40}")
            )
        frame = frame[~bad].reset_index(drop=True)
    return frame
