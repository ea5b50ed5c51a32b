"""What the readers of CSV, XLSX, JSON lines and Parquet share: a Sheet is a table of a file, Batches its columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.ingest.model import BadRow

Ints = npt.NDArray[np.int64]
KEPT_BAD_ROWS = 1000
SAMPLE_ROWS = 200
HEADER_ROWS = 10


@dataclass(frozen=True)
class Sheet:
    """One table of a file: a CSV, a sheet of a workbook, the objects of a JSON file, a Parquet file."""

    container: str  # csv / xlsx / jsonl / parquet
    columns: tuple[str, ...]  # header cells as written, trimmed
    sample: tuple[tuple[str, ...], ...]  # some rows under the header, as text
    name: str = ""  # sheet name
    header_row: int = 1  # as a person counts it; 0 where there is none
    encoding: str = ""
    delimiter: str = ""
    width: int = 0  # fields per record, where it differs from the header's
    known: bool = True  # whether any header is a word that headers use; else the first full row is taken for it


@dataclass(frozen=True)
class Batch:
    """Some rows of a Sheet: the wanted columns by their place, as Arrow arrays of one length."""

    columns: dict[int, Any]
    rows: Ints
    bad: tuple[BadRow, ...] = ()


class BadRows(tuple[BadRow, ...]):
    """The first bad rows of a chunk; `total` counts them all."""

    total: int

    @classmethod
    def of(cls, rows: Iterable[BadRow], more: int = 0) -> BadRows:
        """The first rows by their number; `more` were counted elsewhere and not listed."""
        listed = sorted(rows, key=lambda b: b.row)
        made = cls(listed[:KEPT_BAD_ROWS])
        made.total = len(listed) + more
        return made


def count_bad(rows: tuple[BadRow, ...]) -> int:
    """How many bad rows a chunk has, also those that are not listed."""
    return getattr(rows, "total", len(rows))


@dataclass
class BadList:
    """Collects bad rows of one file: all are counted, a bounded number is kept."""

    file: str
    rows: list[BadRow] = field(default_factory=list)
    more: int = 0

    def add(self, row: int, column: str, reason: str) -> None:
        if len(self.rows) < KEPT_BAD_ROWS:
            self.rows.append(BadRow(self.file, row, column, reason))
        else:
            self.more += 1

    def done(self) -> BadRows:
        return BadRows.of(self.rows, self.more)


def cell_text(value: object) -> str:
    """A cell of a workbook or JSON object as text: whole floats without ".0", booleans true/false, objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    if isinstance(value, (dict, list)):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)
