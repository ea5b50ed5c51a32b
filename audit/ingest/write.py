"""Writes canonical frames as CSV, JSON lines, Parquet or XLSX; the table reader gives the same frame back."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from audit.errors import UserError, did_you_mean
from audit.ingest.times import MINUTES
from audit.schema import CANONICAL

SUFFIXES = (".csv", ".jsonl", ".parquet", ".xlsx")
EXCEL_CELL = 32_767
EXCEL_ROWS = 1_048_575


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The canonical columns as text; a time of which only minutes are known has no seconds.

    Times are `YYYY-MM-DD HH:MM:SS[.fff]` or `YYYY-MM-DD HH:MM`. NUL characters, which no container carries, are
    dropped.
    """
    out = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    for name, dtype in CANONICAL.items():
        column = frame[name].reset_index(drop=True)
        if name == "sent_at":
            out[name] = _times(column, frame["precision"].to_numpy())
        elif dtype == "bool":
            out[name] = pd.Series(np.where(column, "true", "false"), dtype="str")
        else:
            text = column.astype("str")
            out[name] = text.str.replace("\0", "", regex=False) if dtype == "str" else text
    return out


def _times(column: pd.Series, precision: Any) -> pd.Series:
    moments = column.to_numpy().astype("datetime64[ms]")
    known = ~np.isnat(moments)
    safe = np.where(known, moments, np.datetime64(0, "ms"))
    text = np.char.replace(np.datetime_as_string(safe, unit="s"), "T", " ").astype("<U23")
    fraction = known & (safe.astype(np.int64) % 1000 != 0)
    if fraction.any():
        text[fraction] = np.char.replace(np.datetime_as_string(safe[fraction], unit="ms"), "T", " ")
    minutes = known & (precision == MINUTES) & (safe.astype(np.int64) % 60_000 == 0)
    text[minutes] = text[minutes].astype("<U16")
    text[~known] = ""
    return pd.Series(text.tolist(), dtype="str")


@contextmanager
def writer(path: str | Path) -> Iterator[Callable[[pd.DataFrame], int]]:
    """A function that appends a canonical frame to a new file and returns how many texts had to be cut (XLSX only).

    The suffix decides the container. The file appears whole when all is written, or not at all.
    Raises UserError for an unknown suffix and where the file cannot be written.
    """
    path = Path(path)
    opened = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet, ".xlsx": _xlsx}.get(path.suffix.lower())
    if opened is None:
        raise UserError(
            f"unknown output type {path.suffix or path.name!r}",
            where=str(path),
            fix=did_you_mean(path.suffix, SUFFIXES),
        )
    part = path.with_name(f".{path.name}.part")
    try:
        with opened(part) as write:
            yield lambda frame: write(as_text(frame))
        os.replace(part, path)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror or error}", where=str(path), fix="choose another place"
        ) from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _csv(path: Path) -> Iterator[Callable[[pd.DataFrame], int]]:
    with open(path, "w", encoding="utf-8-sig", newline="") as f:
        csv.writer(f, lineterminator="\n").writerow(CANONICAL)

        def write(frame: pd.DataFrame) -> int:
            frame.to_csv(f, index=False, header=False, lineterminator="\n")
            return 0

        yield write


@contextmanager
def _jsonl(path: Path) -> Iterator[Callable[[pd.DataFrame], int]]:
    with open(path, "w", encoding="utf-8", newline="\n") as f:

        def write(frame: pd.DataFrame) -> int:
            if len(frame):
                f.write(frame.to_json(orient="records", lines=True, force_ascii=False))
            return 0

        yield write


@contextmanager
def _parquet(path: Path) -> Iterator[Callable[[pd.DataFrame], int]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in CANONICAL])
    with pq.ParquetWriter(path, schema, compression="zstd") as file:

        def write(frame: pd.DataFrame) -> int:
            file.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
            return 0

        yield write


@contextmanager
def _xlsx(path: Path) -> Iterator[Callable[[pd.DataFrame], int]]:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False})
    sheets: list[Any] = []
    row = 0

    def write(frame: pd.DataFrame) -> int:
        nonlocal row
        cut = 0
        for values in frame.itertuples(index=False, name=None):
            if not sheets or row > EXCEL_ROWS:
                sheets.append(book.add_worksheet(f"messages{len(sheets) + 1 if sheets else ''}"))
                sheets[-1].write_row(0, 0, list(CANONICAL))
                sheets[-1].freeze_panes(1, 0)
                row = 1
            for place, value in enumerate(values):
                if value:
                    cut += len(value) > EXCEL_CELL
                    sheets[-1].write_string(row, place, value[:EXCEL_CELL])
            row += 1
        return cut

    try:
        yield write
        if not sheets:
            write_header = book.add_worksheet("messages")
            write_header.write_row(0, 0, list(CANONICAL))
    finally:
        book.close()
