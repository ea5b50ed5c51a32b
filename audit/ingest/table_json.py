"""JSON lines (one object per line) and a JSON array of flat objects, as columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audit.errors import UserError
from audit.ingest.encodings import decode_lines, decode_with_bad, detect, head_text
from audit.ingest.model import HEAD_BYTES, Source
from audit.ingest.table_batch import SAMPLE_ROWS, BadList, Batch, Sheet, cell_text
from audit.ingest.table_headers import header_score

BLOCK_BYTES = 32 * 2**20
LONG_HEAD_BYTES = 16 * 2**20
_KEY = re.compile(r'"(\w{1,20})"\s*:')
_MOST_KEYS = 2000


def peek(source: Source) -> list[Sheet]:
    """The keys of the objects in the head; empty where it holds none."""
    encoding = detect(source.head)
    text = head_text(source.head).removeprefix("\ufeff").lstrip()
    if text[:1] not in ("{", "["):
        return []
    array = text[0] == "["
    objects = _array_objects(text) if array else _line_objects(text, cut=len(source.head) == HEAD_BYTES)
    if not objects and len(source.head) == HEAD_BYTES and {"sender", "text"} <= set(_KEY.findall(text)):
        with source.open_bytes() as f:  # its first object alone is longer than the head
            text = head_text(f.read(LONG_HEAD_BYTES)).removeprefix("\ufeff").lstrip()
        objects = _array_objects(text) if array else _line_objects(text, cut=True)
    if not objects:
        return []
    keys = list(dict.fromkeys(k for o in objects for k in o))[:_MOST_KEYS]
    sample = tuple(tuple(_sane(cell_text(o.get(k))) for k in keys) for o in objects[:SAMPLE_ROWS])
    return [
        Sheet(
            "jsonl",
            tuple(map(_sane, keys)),
            sample,
            "array" if array else "",
            0,
            encoding,
            known=header_score(keys) > 0,
        )
    ]


def _sane(text: str) -> str:
    """The text without half surrogates, which JSON can write but no column can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _line_objects(text: str, *, cut: bool) -> list[dict[str, Any]]:
    lines = [line for line in text.split("\n") if line.strip()]
    good = []
    for line in lines[: SAMPLE_ROWS + 1]:
        value = _object(line)
        if value is not None:
            good.append(value)
    tried = min(len(lines), SAMPLE_ROWS + 1) - (1 if cut and len(lines) <= SAMPLE_ROWS + 1 else 0)
    return good if len(good) * 2 >= max(tried, 1) else []


def _array_objects(text: str) -> list[dict[str, Any]]:
    decoder = json.JSONDecoder()
    place = 1
    out: list[dict[str, Any]] = []
    while len(out) < SAMPLE_ROWS:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        if place >= len(text) or text[place] != "{":
            break
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        out.append(value)
    return out


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def batches(source: Source, sheet: Sheet, wanted: Sequence[int]) -> Iterator[Batch]:
    """The wanted keys as text columns; a row is the line (or, in an array, the object's number)."""
    names = {i: sheet.columns[i] for i in wanted}
    if sheet.name == "array":
        yield _array(source, names)
        return
    utf16 = sheet.encoding.startswith("utf-16")
    line, carry = 1, b""
    with source.open_bytes() as f:
        while True:
            data = f.read(-1 if utf16 else BLOCK_BYTES)
            block = carry + data
            cut = len(block) if not data or utf16 else block.rfind(b"\n") + 1
            carry = block[cut:]
            if cut:
                lines, batch = _block(source, block[:cut], sheet.encoding, line, names)
                line += lines
                yield batch
            if not data:
                return


def _block(source: Source, data: bytes, encoding: str, line: int, names: dict[int, str]) -> tuple[int, Batch]:
    if encoding == "utf-8" and b"\0" not in data and (batch := _arrow_block(data, line, names)):
        return data.count(b"\n"), batch
    lines, unreadable, _ = decode_lines(data)
    bad = BadList(source.name)
    for number in unreadable:
        bad.add(line + number, "encoding", "neither UTF-8 nor GB18030")
    skip = set(unreadable)
    objects, rows = [], []
    for number, text in enumerate(lines):
        text = text.strip("\ufeff \t")
        if not text or number in skip:
            continue
        value = _object(text)
        if value is None:
            bad.add(line + number, "", "not a JSON object")
            continue
        objects.append(value)
        rows.append(line + number)
    return len(lines) - 1, _batch(objects, rows, names, bad)


def _arrow_block(data: bytes, line: int, names: dict[int, str]) -> Batch | None:
    """The block by Arrow's parser, where all wanted values are texts, flags or whole numbers and no line is blank."""
    import pyarrow as pa
    import pyarrow.json as pj

    first = [_object(text) for text in data[: 1 << 16].decode("utf-8", "ignore").split("\n")[:50]]
    kinds: dict[str, Any] = {}
    for value in first:
        for name in names.values():
            cell = (value or {}).get(name)
            if cell is None:
                continue
            kind = {str: pa.string(), bool: pa.bool_(), int: pa.int64()}.get(type(cell))
            if kind is None or kinds.setdefault(name, kind) != kind:
                return None
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names.values()])
    try:
        table = pj.read_json(
            pa.BufferReader(data),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError):
        return None
    if table.num_rows != data.count(b"\n") + (not data.endswith(b"\n")):
        return None
    columns = {i: table.column(name).cast(pa.string()).fill_null("") for i, name in names.items()}
    return Batch(columns, line + np.arange(table.num_rows))


def _array(source: Source, names: dict[int, str]) -> Batch:
    text, _, unreadable = decode_with_bad(source.read_bytes(), source.name)
    bad = BadList(source.name, list(unreadable))
    try:
        values = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"not valid JSON ({error})", where=source.name, fix="export it again") from None
    objects, rows = [], []
    for number, value in enumerate(values, 1):
        if isinstance(value, dict):
            objects.append(value)
            rows.append(number)
        else:
            bad.add(number, "", "not a JSON object")
    return _batch(objects, rows, names, bad)


def _batch(objects: list[dict[str, Any]], rows: list[int], names: dict[int, str], bad: BadList) -> Batch:
    import pyarrow as pa

    columns = {}
    for i, name in names.items():
        texts = [cell_text(o.get(name)) for o in objects]
        try:
            columns[i] = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            columns[i] = pa.array([t.encode("utf-8", "replace").decode("utf-8") for t in texts], pa.string())
    return Batch(columns, np.array(rows, np.int64), bad.done())
