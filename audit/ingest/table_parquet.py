"""Parquet, by batches of its row groups: never the whole file at once."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audit.errors import UserError
from audit.ingest.model import Source
from audit.ingest.table_batch import SAMPLE_ROWS, Batch, Sheet, cell_text

MAGIC = b"PAR1"
BATCH_ROWS = 1 << 20


def _open(source: Source, dictionary: Sequence[str] = ()) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = source.path or io.BytesIO(source.read_bytes())
    try:
        return pq.ParquetFile(place, read_dictionary=list(dictionary), pre_buffer=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
        raise _damaged(source, error) from None


def _damaged(source: Source, error: Exception) -> UserError:
    return UserError(
        f"a damaged Parquet file ({str(error).split(chr(10))[0]})", where=source.name, fix="export it again"
    )


def peek(source: Source) -> list[Sheet]:
    """The columns and first rows."""
    import pyarrow as pa

    file = _open(source)
    columns = tuple(file.schema_arrow.names)
    if len(set(columns)) != len(columns):
        raise UserError("two columns have the same name", where=source.name, fix="rename one of them")
    try:
        batch = next(file.iter_batches(batch_size=SAMPLE_ROWS), None)
        lists = [c.to_pylist() for c in batch.columns] if batch is not None else []
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError, OverflowError) as error:
        raise _damaged(source, error) from None
    sample = tuple(tuple(cell_text(v) for v in row) for row in zip(*lists, strict=True))
    return [Sheet("parquet", columns, sample, "", 0)]


def batches(source: Source, sheet: Sheet, wanted: Sequence[int], categories: frozenset[int]) -> Iterator[Batch]:
    """The wanted columns; timestamps stay timestamps, other types become text. A row is its number in the file."""
    import pyarrow as pa

    names = {i: sheet.columns[i] for i in wanted}
    schema = _open(source).schema_arrow
    text_like = [names[i] for i in wanted if i in categories and pa.types.is_string(schema.field(names[i]).type)]
    file = _open(source, text_like)
    row = 1
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(names.values())):
            batch.validate(full=True)  # texts must be UTF-8, which Arrow takes on trust
            columns = {i: _texts(batch.column(name)) for i, name in names.items()}
            yield Batch(columns, row + np.arange(batch.num_rows))
            row += batch.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError, OverflowError) as error:
        raise _damaged(source, error) from None


def _texts(array: Any) -> Any:
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return array
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind) or pa.types.is_string(kind):
        return array
    if pa.types.is_floating(kind) or pa.types.is_nested(kind) or pa.types.is_decimal(kind):
        return pa.array([cell_text(v) for v in array.to_pylist()], pa.string())
    if pa.types.is_date(kind):
        return array.cast(pa.timestamp("ms"))
    return array.cast(pa.string())
