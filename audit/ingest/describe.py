"""What a file is, for a person: format, encoding, counts, mapping, first rows and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from audit.errors import UserError
from audit.ingest import registry
from audit.ingest.mapping import Mapping
from audit.ingest.model import BadRow, ReadOptions, Source
from audit.ingest.table_batch import count_bad

FIRST_ROWS = 5
_SHOWN = ("sent_at", "sender", "buyer", "agent", "kind", "text")
_NAMES = ("platform", "shop", "agent", "buyer")


@dataclass
class Description:
    """What `audit inspect` shows of one file.

    `names` holds per column (platform, shop, agent, buyer) the distinct values with their rows; `mapping` is the
    mapping of a table with other headers (also an incomplete one), `columns` its headers.
    """

    name: str
    format: str = ""
    title: str = ""
    encoding: str = ""
    rows: int = 0
    bad_count: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    names: dict[str, pd.Series] = field(default_factory=dict)
    senders: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    timed: int = 0
    minutes_only: int = 0
    sessions: int = 0
    auto_known: int = 0
    head: list[list[str]] = field(default_factory=list)
    mapping: Mapping | None = None
    columns: tuple[str, ...] = ()
    error: UserError | None = None

    def missing(self) -> list[str]:
        """What the file does not say, and what that costs."""
        if not self.rows:
            return []
        out = []
        if not self.timed:
            out.append("times (no time limit can be checked)")
        elif self.timed < self.rows:
            out.append(f"times of {self.rows - self.timed:,} rows")
        if self.minutes_only:
            out.append(f"seconds of {self.minutes_only:,} times (late is only what is late to the minute)")
        if not self.auto_known:
            out.append("the flag of automatic messages (they are inferred)")
        if "" in self.names["agent"].index or not len(self.names["agent"]):
            out.append("agents of some messages (their findings are unassigned)")
        if set(self.names["platform"].index) <= {"", "other"}:
            out.append("the platform (give --platform, else the base rules apply)")
        if set(self.names["shop"].index) <= {""}:
            out.append("the shop (give --shop)")
        if set(self.names["buyer"].index) <= {""}:
            out.append("buyers (conversations are the export's sessions)")
        return out

    def unmet(self, need: str) -> bool:
        """Whether the file lacks what a rule needs: "times", "event:NAME"."""
        if need == "times":
            return not self.timed
        return need.startswith("event:") and need.removeprefix("event:") not in self.events

    def facts(self) -> list[tuple[str, str]]:
        """Label and value per line."""
        if not self.format:
            return [("format", "unknown")]
        out = [("format", f"{self.format} ({self.title})"), ("encoding", self.encoding or "binary")]
        out.append(("rows", f"{self.rows:,}" + (f", bad rows {self.bad_count:,}" if self.bad_count else "")))
        if self.rows:
            if self.first is not None:
                out.append(("time", f"{self.first:%Y-%m-%d %H:%M:%S} … {self.last:%Y-%m-%d %H:%M:%S}"))
            for column in _NAMES:
                counts = self.names[column]
                counts = counts[counts.index != ""]
                shown = ", ".join(n if len(n) <= 40 else f"{n[:39]}…" for n in counts.index[:5])
                shown += " …" if len(counts) > 5 else ""
                label = f"{column}s" if column in ("agent", "buyer") else column
                out.append(
                    (label, f"{len(counts):,}: {shown}" if column in ("agent", "buyer") else shown or "not given")
                )
            out.append(("sessions", f"{self.sessions:,}" if self.sessions else "not given"))
            out.append(("senders", ", ".join(f"{k} {v:,}" for k, v in self.senders.items())))
            if self.events:
                out.append(("events", ", ".join(f"{k} {v:,}" for k, v in self.events.items())))
        for line in self.missing():
            out.append(("missing", line))
        return out

    def tables(self) -> list[tuple[str, list[str], list[list[str]]]]:
        """Title, header and rows of the small tables."""
        out = []
        if self.mapping is not None:
            meant = {h: (f, self.mapping.certainty.get(f)) for f, hs in self.mapping.columns.items() for h in hs}
            rows = []
            for column in self.columns[:60]:
                name, certainty = meant.get(column, ("", None))
                rows.append([column[:40], name or "(not used)", f"{certainty:.0%}" if certainty is not None else ""])
            out.append(("columns", ["header", "meaning", "certainty"], rows))
        if self.head:
            out.append(("first rows", list(_SHOWN), self.head))
        return out


def describe(source: Source, options: ReadOptions) -> Description:
    """Read a whole file and describe it; what stops the reading becomes `error`."""
    out = Description(source.name)
    try:
        found = registry.detect(source, options)
        out.format, out.title = found.NAME, found.TITLE
        out.encoding = registry.encoding_of(source)
        if found.NAME == "mapped-table":
            _mapping(out, source, options)
        _read(out, source, options)
    except UserError as error:
        out.error = error
    return out


def _mapping(out: Description, source: Source, options: ReadOptions) -> None:
    from audit.ingest.mapping import propose
    from audit.ingest.table import sheets
    from audit.ingest.table_headers import not_chats
    from audit.ingest.table_mapped import plan

    try:
        sheet, out.mapping = plan(source, options.mapping)[0]
        out.columns = sheet.columns
    except UserError:
        proposals = [(s, propose(s.columns, s.sample)) for s in sheets(source) if not not_chats(s.columns)[0]]
        if proposals and options.mapping is None:
            sheet, out.mapping = min(proposals, key=lambda p: len(p[1].missing))
            out.columns = sheet.columns
        raise


def _read(out: Description, source: Source, options: ReadOptions) -> None:
    from audit.ingest.roles import settle

    counts: dict[str, list[pd.Series]] = {c: [] for c in (*_NAMES, "sender", "event", "session")}
    for chunk in registry.read(source, options):
        out.bad_count += count_bad(chunk.bad_rows)
        out.bad_rows += chunk.bad_rows[: 1000 - len(out.bad_rows)]
        if not len(chunk.frame):
            continue
        frame = settle(chunk.frame)
        out.rows += len(frame)
        for column, parts in counts.items():
            part = frame[column]
            if column == "agent":
                part = part[frame["sender"].isin(["agent", "robot"])]
            seen = part.value_counts()
            parts.append(seen[seen > 0])
        times = frame["sent_at"].dropna()
        out.timed += len(times)
        if len(times):
            out.first = min(filter(None, [out.first, times.min()]))
            out.last = max(filter(None, [out.last, times.max()]))
        out.minutes_only += int((frame["precision"].eq(60) & frame["sent_at"].notna()).sum())
        out.auto_known += int(np.count_nonzero(frame["auto"] != ""))
        for row in frame[list(_SHOWN)].head(FIRST_ROWS - len(out.head)).astype("str").itertuples(index=False):
            out.head.append(["" if v == "NaT" else " ".join(str(v).split())[:60] for v in row])
    merged = {c: _merged(parts) for c, parts in counts.items()}
    out.names = {c: merged[c] for c in _NAMES}
    out.senders = {str(k): int(v) for k, v in merged["sender"].items()}
    out.events = {str(k): int(v) for k, v in merged["event"].items() if k != ""}
    out.sessions = int((merged["session"].index != "").sum())


def _merged(parts: list[pd.Series]) -> pd.Series:
    if not parts:
        return pd.Series([], dtype="int64", index=pd.Index([], dtype="str"))
    whole = pd.concat([p.set_axis(p.index.astype("str")) for p in parts])
    summed: pd.Series = whole.groupby(level=0).sum().sort_values(ascending=False, kind="stable")
    return summed
