"""The canonical table (docs/design.md) as CSV, XLSX, JSON lines or Parquet; also finds the tables of any file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from audit.errors import UserError, did_you_mean
from audit.ingest import table_csv, table_json, table_parquet, table_xlsx
from audit.ingest.model import Chunk, ReadOptions, Source
from audit.ingest.table_batch import Batch, Sheet
from audit.ingest.table_headers import canonical_name
from audit.ingest.table_rows import to_chunk
from audit.schema import CANONICAL

NAME = "table"
TITLE = "标准表 canonical table"

#: Columns of so few distinct values that the readers encode them as they read.
_FEW = frozenset({"platform", "shop", "sender", "agent", "kind", "auto", "recalled", "event"})
_MUST_SHOW = 2  # canonical columns among `sender`, `text`, `buyer`, `session` before a table counts as canonical


def sheets(source: Source) -> list[Sheet]:
    """The tables in a file, whatever its container; empty where it holds none. Kept for the source's life.

    Raises UserError where it is a damaged workbook or Parquet file.
    """
    memory = source.__dict__
    if "_sheets" not in memory:
        memory["_sheets"] = _sheets(source)
    found: list[Sheet] = memory["_sheets"]
    return found


def _sheets(source: Source) -> list[Sheet]:
    head = source.head
    if head.startswith(table_parquet.MAGIC):
        return table_parquet.peek(source)
    if table_xlsx.is_workbook(head):
        return table_xlsx.peek(source)
    return table_json.peek(source) or table_csv.peek(source)


def batches(source: Source, sheet: Sheet, wanted: Sequence[int], categories: frozenset[int]) -> Iterator[Batch]:
    """The wanted columns of a sheet by place, in batches of bounded size; `categories` hold few distinct values."""
    wanted = sorted(set(wanted))
    if sheet.container == "parquet":
        return table_parquet.batches(source, sheet, wanted, categories)
    if sheet.container == "xlsx":
        return table_xlsx.batches(source, sheet, wanted)
    if sheet.container == "jsonl":
        return table_json.batches(source, sheet, wanted)
    return table_csv.batches(source, sheet, wanted, categories)


def canonical_columns(sheet: Sheet, file: str) -> dict[str, int]:
    """Canonical column → its place in the sheet. Raises UserError where two columns have the same name."""
    places: dict[str, int] = {}
    for place, header in enumerate(sheet.columns):
        if name := canonical_name(header):
            if name in places:
                raise UserError(
                    f"two columns are called {name}", where=_where(sheet, file), fix="rename or delete one of them"
                )
            places[name] = place
    return places


def _where(sheet: Sheet, file: str) -> str:
    return f"{file}[{sheet.name}]:{sheet.header_row}" if sheet.container == "xlsx" else f"{file}:{sheet.header_row}"


def _whole(sheet: Sheet) -> Sheet:
    """The sheet with every canonical column: objects may leave a key out, so that the first ones do not show it."""
    if sheet.container != "jsonl":
        return sheet
    names = {canonical_name(c) for c in sheet.columns}
    return replace(sheet, columns=(*sheet.columns, *(c for c in CANONICAL if c not in names)))


def is_canonical(sheet: Sheet) -> bool:
    """Whether the headers are the canonical table's, complete or nearly."""
    names = {canonical_name(c) for c in sheet.columns} - {""}
    core = names & {"sender", "text", "buyer", "session"}
    if not {"sender", "text"} <= names:
        return len(core) >= _MUST_SHOW and len(names) >= 4 and bool(names & {"sender", "sent_at"})
    place = [canonical_name(c) for c in sheet.columns].index("sender")
    values = [row[place].strip().lower() for row in sheet.sample if row[place].strip()]
    from audit.ingest.table_rows import vocabulary

    words = vocabulary("sender")
    known = sum(v in words for v in values)
    return not values or known * 2 >= len(values) or len(names) >= 6


def missing_columns(sheet: Sheet) -> list[str]:
    """The required columns that a canonical sheet lacks."""
    names = {canonical_name(c) for c in sheet.columns}
    missing = [c for c in ("sender", "text") if c not in names]
    return missing if names & {"buyer", "session"} else [*missing, "buyer or session"]


def sniff(source: Source) -> float:
    """0.97 with all required canonical columns, 0.75 with some of them."""
    try:
        found = [s for s in sheets(source) if is_canonical(s)]
    except UserError:
        head = source.head
        return 0.5 if head.startswith(table_parquet.MAGIC) or table_xlsx.is_workbook(head) else 0.0
    if not found:
        return 0.0
    return 0.97 if any(not missing_columns(s) for s in found) else 0.75


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Every sheet with canonical headers, in chunks; by `options.mapping` where that is given.

    Raises UserError where required columns are missing.
    """
    if options.mapping is not None:
        from audit.ingest import table_mapped

        yield from table_mapped.read(source, options)
        return
    found = [s for s in sheets(source) if is_canonical(s)]
    whole = [s for s in found if not missing_columns(s)]
    if not whole:
        raise _incomplete(source, found)
    for sheet in map(_whole, whole):
        places = canonical_columns(sheet, source.name)
        categories = frozenset(place for name, place in places.items() if name in _FEW)
        for batch in batches(source, sheet, list(places.values()), categories):
            columns = {name: batch.columns[place] for name, place in places.items()}
            where = f"{source.name}[{sheet.name}]" if len(whole) > 1 else source.name
            yield to_chunk(columns, batch.rows, where, options, bad=batch.bad)


def _incomplete(source: Source, found: list[Sheet]) -> UserError:
    if not found:
        return UserError("it holds no table with canonical columns", where=source.name, fix="run `audit inspect` on it")
    missing = missing_columns(found[0])
    others = [c for c in found[0].columns if not canonical_name(c)]
    hints = [f"{m}: {did_you_mean(m, others)}" for m in missing if m in CANONICAL and others]
    return UserError(
        f"required columns are missing: {', '.join(missing)}",
        where=source.name,
        fix=f"add them, or map other columns with --map ({'; '.join(hints) or 'see audit inspect'})",
    )
