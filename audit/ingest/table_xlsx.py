"""Workbooks (.xlsx, .xls, .ods) through python-calamine: values as shown, formulas by their cached values."""

from __future__ import annotations

import datetime
import functools
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audit.errors import UserError
from audit.ingest.model import Source
from audit.ingest.table_batch import HEADER_ROWS, SAMPLE_ROWS, BadList, Batch, Sheet, cell_text
from audit.ingest.table_headers import header_score

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_BYTES = 2 * 2**30
MOST_RATIO = 200
MOST_RATIO_FROM = 200 * 10**6
CHUNK_ROWS = 200_000
#: Cells that the reader makes room for, empty ones too: one stray cell far down on the right makes a sheet this large.
MOST_CELLS = 60_000_000
#: As most programs write it, and as XML allows.
_USUAL = re.compile(rb'<row r="(\d+)'), re.compile(rb'<c r="([A-Z]{2,4})')
_ANY = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr\s*=\s*[\"'](\d{1,9})"), re.compile(rb"\sr\s*=\s*[\"']([A-Z]{2,4})\d")
_ROW_START = re.compile(rb"<(?:\w+:)?row\b")
_CELL_START = re.compile(rb"<(?:\w+:)?c\b")
_BLOCK = 16 * 2**20


def is_workbook(head: bytes) -> bool:
    """Whether a head's bytes are a zip or OLE container (discover has opened the zips that are archives)."""
    return head.startswith((b"PK\x03\x04", OLE))


def _open(source: Source) -> Any:
    import python_calamine

    fix = "open it in Excel or WPS and save it as .xlsx without a password"
    data = source.read_bytes()
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                size = sum(i.file_size for i in archive.infolist())
                fits = size <= MOST_BYTES and (size <= MOST_RATIO_FROM or size <= MOST_RATIO * len(data))
                if fits and "_spans" not in source.__dict__:
                    source.__dict__["_spans"] = [_span(archive, i) for i in archive.infolist()]
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError) as error:
            raise UserError(f"a damaged or truncated workbook ({error})", where=source.name, fix=fix) from None
        if not fits:
            raise UserError(
                f"the workbook unpacks to {size / 2**20:,.0f} MiB", where=source.name, fix="save the sheet as CSV"
            )
        for rows, columns in source.__dict__["_spans"]:
            if rows * columns > MOST_CELLS:
                raise UserError(
                    f"a sheet spans {rows:,} rows × {columns:,} columns, more than {MOST_CELLS:,} cells",
                    where=source.name,
                    fix="delete stray cells far below or beside the table, or save the sheet as CSV",
                )
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except BaseException as error:  # calamine panics are no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise UserError(f"not a readable workbook ({error})", where=source.name, fix=fix) from None


def _span(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """The last row and column that a worksheet names; (0, 0) where the member is no worksheet."""
    rows = columns = 0
    with archive.open(member) as f:
        block = f.read(_BLOCK)
        if not re.search(rb"<(?:\w+:)?worksheet\b", block[:4096]):
            return 0, 0
        while block:
            usual = block.count(b"<row ") == block.count(b'<row r="') and block.count(b"<c ") == block.count(b'<c r="')
            usual &= b"<c>" not in block and b":c" not in block and b"<row>" not in block
            row, far = _USUAL if usual else _ANY
            rows = max(rows, max(map(int, row.findall(block)), default=0))
            columns = max(columns, max(map(_number, set(far.findall(block))), default=26))
            if not usual:  # cells may stand by their order
                pieces = _ROW_START.split(block)
                columns = max(columns, max(len(_CELL_START.findall(piece)) for piece in pieces))
                rows = max(rows, len(pieces))
            more = f.read(_BLOCK)
            block = block[-200:] + more if more else b""
    return rows, min(columns, 16_384)


def _number(letters: bytes) -> int:
    """A column's letters as its number: A = 1."""
    return functools.reduce(lambda n, letter: n * 26 + letter - 64, letters, 0)


def _rows(book: Any, name: str, where: str) -> Iterator[list[object]]:
    try:
        sheet = book.get_sheet_by_name(name)
        if not sheet.height:
            return
        top = sheet.start[0] if sheet.start else 0
        for _ in range(top):
            yield []
        left = [""] * (sheet.start[1] if sheet.start else 0)
        for row in sheet.to_python(skip_empty_area=True):
            yield [*left, *row]
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit)):
            raise
        raise UserError(
            f"the sheet {name!r} cannot be read ({error})", where=where, fix="save the workbook again as .xlsx"
        ) from None


def peek(source: Source) -> list[Sheet]:
    """Every sheet that is not empty, with the row of the first ten that holds most header words."""
    book = _open(source)
    sheets = []
    for name in book.sheet_names:
        rows = []
        for row in _rows(book, name, source.name):
            rows.append([_cell(v).strip() for v in row])
            if len(rows) > SAMPLE_ROWS + HEADER_ROWS:
                break
        scores = [header_score(r) for r in rows[:HEADER_ROWS]]
        if not scores:
            continue
        place = scores.index(max(scores))
        if not scores[place]:
            place = next((i for i, r in enumerate(rows[:HEADER_ROWS]) if sum(map(bool, r)) > 1), 0)
        columns = list(rows[place])
        while columns and not columns[-1]:
            columns.pop()
        width = len(columns)
        sample = [tuple((r + [""] * width)[:width]) for r in rows[place + 1 : place + 1 + SAMPLE_ROWS] if any(r)]
        sheets.append(Sheet("xlsx", tuple(columns), tuple(sample), name, place + 1, known=max(scores) > 0))
    return sheets


def _cell(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return str((datetime.datetime.min + value).time().isoformat()) if value.days == 0 else str(value)
    return cell_text(value)


def _column(values: list[object]) -> list[str]:
    """One column as text. Where a workbook's datetimes all show no seconds, neither does the text: Excel cut them."""
    moments = [v for v in values if isinstance(v, datetime.datetime)]
    if not moments:
        return [_cell(v) for v in values]
    timespec = "seconds" if any(v.second or v.microsecond for v in moments) else "minutes"
    return [
        v.isoformat(" ", timespec="milliseconds" if v.microsecond else timespec)
        if isinstance(v, datetime.datetime)
        else f"{v.isoformat()} 00:00{':00' if timespec == 'seconds' else ''}"
        if isinstance(v, datetime.date)
        else _cell(v)
        for v in values
    ]


def batches(source: Source, sheet: Sheet, wanted: Sequence[int]) -> Iterator[Batch]:
    """The wanted columns of one sheet as text; blank rows are passed over, rows are counted as Excel shows them."""
    import pyarrow as pa

    width = len(sheet.columns)
    rows: list[int] = []
    columns: dict[int, list[object]] = {i: [] for i in wanted}
    bad = BadList(source.name)

    def batch() -> Batch:
        arrays = {i: pa.array([_sane(t) for t in _column(values)], pa.string()) for i, values in columns.items()}
        return Batch(arrays, np.array(rows, np.int64), bad.done())

    for number, row in enumerate(_rows(_open(source), sheet.name, source.name), 1):
        if number <= sheet.header_row or not any(v != "" and v is not None for v in row):
            continue
        if any(v != "" for v in row[width:]):
            bad.add(number, "", f"{len(row)} cells under {width} column names")
            continue
        rows.append(number)
        for i in wanted:
            columns[i].append(row[i] if i < len(row) else "")
        if len(rows) >= CHUNK_ROWS:
            yield batch()
            rows, columns, bad = [], {i: [] for i in wanted}, BadList(source.name)
    yield batch()


def _sane(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
