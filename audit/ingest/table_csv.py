"""CSV, tab- and semicolon-separated text: sniffed, decoded, cut at record ends and parsed block by block."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audit.errors import UserError
from audit.ingest.encodings import MIXED, decode_lines, detect, head_text
from audit.ingest.model import HEAD_BYTES, Source
from audit.ingest.table_batch import HEADER_ROWS, SAMPLE_ROWS, BadList, Batch, Ints, Sheet
from audit.ingest.table_headers import header_score

BLOCK_BYTES = 128 * 2**20
PARSER_BYTES = 4 * 2**20  # what the parser works on at a time: fits the cache
#: A quoted field that runs over more lines than this was never closed.
MOST_LINES_OF_A_FIELD = 200
DELIMITERS = (",", "\t", ";", "|")


def peek(source: Source) -> list[Sheet]:
    """The table that the head of a text file shows; empty where it shows none."""
    head = source.head
    encoding = detect(head)
    text = head_text(head).removeprefix("\ufeff")
    if "\0" in text.lstrip("\r\n").split("\n", 1)[0]:
        return []  # binary; further down a NUL is damage to one row
    text = text.replace("\0", "")
    skipped = 0
    if text[:4].lower() == "sep=" and "\n" in text:
        text = text[text.index("\n") + 1 :]
        skipped = 1
    if text.lstrip()[:1] in "{[<":
        return []
    best: Sheet | None = None
    top = 0.0
    for delimiter in DELIMITERS:
        records = _head_records(text, delimiter, cut=len(head) == HEAD_BYTES)
        scores = [header_score(r) if len(r) > 1 else 0 for _, r in records[:HEADER_ROWS]]
        if not scores:
            continue
        place = scores.index(max(scores))
        if not scores[place]:
            place = _first_full(records)
        if place < 0:
            continue
        score = scores[place] + min(len(records[place][1]), 50) / 1000
        if score > top:
            top = score
            best = _sheet(records, place, skipped, encoding, delimiter)
    return [best] if best else []


def _first_full(records: list[tuple[int, list[str]]]) -> int:
    """The first record of two or more fields where most records have as many; −1 where there is none."""
    widths = [len(r) for _, r in records]
    usual = max(set(widths), key=widths.count)
    if usual < 2 or widths.count(usual) < max(2, 0.8 * len(widths)):
        return -1
    return next((i for i, (_, r) in enumerate(records[:HEADER_ROWS]) if len(r) == usual and all(r)), -1)


def _head_records(text: str, delimiter: str, *, cut: bool) -> list[tuple[int, list[str]]]:
    """The first records with the line each starts at; the last one is left out where the head is cut inside it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    out: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for record in reader:
            if record:
                out.append((line, record))
            line = reader.line_num + 1
            if len(out) > SAMPLE_ROWS + HEADER_ROWS:
                return out
    except csv.Error:
        cut = False
    return out[:-1] if cut and len(out) > 1 else out


def _sheet(records: list[tuple[int, list[str]]], place: int, skipped: int, encoding: str, delimiter: str) -> Sheet:
    line, header = records[place]
    columns = tuple(c.strip() for c in header)
    below = [r for _, r in records[place + 1 : place + 1 + SAMPLE_ROWS]]
    width = len(columns)
    longer = [r for r in below if len(r) > width]
    if longer and len(longer) > len(below) / 2 and not any(any(r[width:]) for r in longer):
        width = max(set(map(len, longer)), key=list(map(len, longer)).count)
    sample = tuple(tuple((r + [""] * len(columns))[: len(columns)]) for r in below if any(r))
    known = header_score(columns) > 0
    return Sheet("csv", columns, sample, "", line + skipped, encoding, delimiter, width, known)


def batches(source: Source, sheet: Sheet, wanted: Sequence[int], categories: frozenset[int]) -> Iterator[Batch]:
    """The wanted columns (by place; `categories` dictionary-encoded) in blocks, with rows by their physical line.

    A record's row is the line it starts at. Records with too few or too many fields, and lines that no encoding reads,
    are bad rows.
    """
    line = 1
    for raw in _blocks(source, sheet.encoding):
        bad = BadList(source.name)
        block = _utf8(raw, sheet.encoding, line, bad)
        if not _is_utf8(block):
            bad = BadList(source.name)
            block = _by_lines(raw, line, bad)
        batch, lines = _batch(block, line, sheet, wanted, categories, bad)
        yield batch
        line += lines


def _is_utf8(block: bytes) -> bool:
    """Whether the block is UTF-8 throughout: Arrow looks at 128 MiB in hundredths of a second."""
    import pyarrow as pa

    offsets = pa.py_buffer(np.array([0, len(block)], np.int64))
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(block)])
    try:
        whole.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _blocks(source: Source, encoding: str) -> Iterator[bytes]:
    """The file in blocks that end where a record ends; UTF-16 becomes UTF-8, other encodings stay."""
    import codecs

    carry = b""
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding.startswith("utf-16") else None
    with source.open_bytes() as f:
        while True:
            data = f.read(BLOCK_BYTES)
            piece = decoder.decode(data, final=not data).encode("utf-8", "replace") if decoder else data
            block = carry + piece
            if not data:
                if block:
                    yield block
                return
            cut = _record_end(block)
            if cut:
                yield block[:cut]
            carry = block[cut:]
            if len(carry) > 4 * BLOCK_BYTES:
                raise UserError(
                    f"a record longer than {4 * BLOCK_BYTES / 2**20:.0f} MiB: a quote is probably never closed",
                    where=source.name,
                    fix="save it as XLSX or export it again",
                )


def _record_end(block: bytes) -> int:
    """Behind the last line end at which the quotes are balanced, 0 where there is none."""
    end = len(block)
    if b'"' not in block:
        return block.rfind(b"\n") + 1
    open_quotes = block.count(b'"') % 2
    for _ in range(MOST_LINES_OF_A_FIELD):
        place = block.rfind(b"\n", 0, end)
        if place < 0:
            return 0
        open_quotes = (open_quotes + block.count(b'"', place, end)) % 2
        if not open_quotes:
            return place + 1
        end = place
    return block.rfind(b"\n") + 1


def _utf8(raw: bytes, encoding: str, line: int, bad: BadList) -> bytes:
    r"""The block as UTF-8 (not checked where it should be UTF-8 already), its line ends \n or \r\n.

    Lines that no encoding reads, and lines with NUL bytes, are blanked and listed.
    """
    if line == 1:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    if encoding == MIXED:
        return _by_lines(raw, line, bad)
    block = raw
    if encoding == "gb18030":
        try:
            block = raw.decode("gb18030").encode("utf-8")
        except UnicodeDecodeError:
            return _by_lines(raw, line, bad)
    return _without_nuls(block, line, bad)


def _by_lines(raw: bytes, line: int, bad: BadList) -> bytes:
    if line == 1:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    lines, unreadable, _ = decode_lines(raw.replace(b"\r\n", b"\n").replace(b"\r", b" "))
    for number in unreadable:
        bad.add(line + number, "encoding", "neither UTF-8 nor GB18030")
    return _without_nuls("\n".join(lines).encode("utf-8", "replace"), line, bad)


def _without_nuls(block: bytes, line: int, bad: BadList) -> bytes:
    if b"\0" not in block:
        return block
    parts = block.split(b"\n")
    for number, part in enumerate(parts):
        if b"\0" in part:
            bad.add(line + number, "encoding", "NUL bytes: the file is damaged here")
            parts[number] = b""
    return b"\n".join(parts)


def _record_starts(block: bytes) -> tuple[Ints, Ints]:
    """Offsets of the records that are not blank, and the 0-based lines they start at, by balanced quotes."""
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    quotes = np.flatnonzero(data == 34)
    outside = np.searchsorted(quotes, ends) % 2 == 0
    starts = np.concatenate(([0], ends[outside] + 1))
    lines = np.concatenate(([0], np.flatnonzero(outside) + 1))
    inside = starts < len(data)
    starts, lines = starts[inside], lines[inside]
    first = data[starts]
    after = data[np.minimum(starts + 1, len(data) - 1)]
    blank = (first == 10) | ((first == 13) & (after == 10))
    return starts[~blank], lines[~blank]


def _after_line(block: bytes, lines: int) -> int:
    """The offset behind the record that starts `lines` lines below the block's start."""
    starts, numbers = _record_starts(block[: 4 * HEAD_BYTES])
    later = starts[numbers > lines]
    return int(later[0]) if len(later) else len(block)


def _batch(
    block: bytes, line: int, sheet: Sheet, wanted: Sequence[int], categories: frozenset[int], bad: BadList
) -> tuple[Batch, int]:
    """The batch and the block's number of lines."""
    skip = _after_line(block, sheet.header_row - line) if line <= sheet.header_row else 0
    above = block.count(b"\n", 0, skip)
    below = block.count(b"\n", skip)
    batch = _parse(block, skip, below, line + above, sheet, wanted, categories, bad)
    return batch, above + below


def _parse(
    block: bytes,
    skip_bytes: int,
    newlines: int,
    first: int,
    sheet: Sheet,
    wanted: Sequence[int],
    categories: frozenset[int],
    bad: BadList,
) -> Batch:
    """The records behind `skip_bytes`, the first of which stands on line `first`; the block is UTF-8."""
    import pyarrow as pa
    import pyarrow.csv as pc

    width = sheet.width or len(sheet.columns)
    invalid: list[tuple[int, int, str]] = []

    def skip(row: Any) -> str:
        invalid.append((row.number, row.actual_columns, row.text if "\n" in row.text else ""))
        return "skip"

    quoted = b'"' in block

    def parse(block_size: int) -> Any:
        invalid.clear()
        return pc.read_csv(
            pa.BufferReader(pa.py_buffer(block).slice(skip_bytes)),
            read_options=pc.ReadOptions(
                use_threads=False, block_size=block_size, column_names=[str(i) for i in range(width)]
            ),
            parse_options=pc.ParseOptions(
                delimiter=sheet.delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                invalid_row_handler=skip,
                ignore_empty_lines=True,
            ),
            convert_options=pc.ConvertOptions(
                column_types={str(i): kind for i, kind in kinds.items()},
                include_columns=[str(i) for i in wanted],
                strings_can_be_null=False,
                check_utf8=False,
            ),
            memory_pool=pa.system_memory_pool(),
        )

    kinds = {i: pa.dictionary(pa.int32(), pa.string()) if i in categories else pa.string() for i in wanted}
    try:
        try:
            table = parse(PARSER_BYTES)
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error):
                raise
            table = parse(max(len(block), 1))
    except pa.ArrowInvalid as error:
        if len(block) > skip_bytes and "Empty CSV" not in str(error):
            return _recover(block[skip_bytes:], first, sheet, wanted, bad)
        empty = {i: pa.array([], pa.string()) for i in wanted}
        return Batch(empty, np.array([], np.int64), bad.done())
    if any(text for _, _, text in invalid):
        return _recover(block[skip_bytes:], first, sheet, wanted, bad)
    records = table.num_rows + len(invalid)
    if newlines == records or (newlines == records - 1 and not block.endswith(b"\n")):
        lines = first + np.arange(records)
    else:
        body = block[skip_bytes:]
        offsets, starts = _record_starts(body)
        spans = np.diff(starts, append=newlines + 1)
        if spans.max(initial=0) > MOST_LINES_OF_A_FIELD or (quoted and newlines > records and body.count(b'"') % 2):
            return _recover(body, first, sheet, wanted, bad)
        if quoted and _torn(body, offsets, spans, sheet.delimiter):
            return _recover(body, first, sheet, wanted, bad)
        lines = first + (starts if len(starts) == records else np.arange(records))
    valid = np.ones(records, bool)
    for number, fields, _ in invalid:
        valid[number - 1] = False
        bad.add(int(lines[number - 1]), "", f"{fields} fields instead of {width}")
    return Batch({i: table.column(str(i)) for i in wanted}, lines[valid].astype(np.int64), bad.done())


def _torn(body: bytes, offsets: Ints, lines: Ints, delimiter: str) -> bool:
    """Whether a record of several lines is no CSV: the quote that seems to close its field opens another one.

    Lines are swallowed so where an export writes a message's own leading quote as it is.
    """
    ends = np.append(offsets[1:], len(body))
    records = (body[offsets[i] : ends[i]].rstrip(b"\r\n") for i in np.flatnonzero(lines > 1).tolist())
    return any(b"\n" in r and not _sound(r.decode("utf-8", "replace"), delimiter) for r in records)


def _sound(record: str, delimiter: str) -> bool:
    """Whether quotes stand in a record as CSV has them."""
    try:
        list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "field larger" in str(error)
    return True


def _recover(block: bytes, first: int, sheet: Sheet, wanted: Sequence[int], bad: BadList) -> Batch:
    """Record by record, where a quote is never closed: the line that opens it is bad, the next line counts again."""
    import pyarrow as pa

    width = sheet.width or len(sheet.columns)
    lines = [line.removesuffix("\r") for line in block.decode("utf-8", "replace").split("\n")]
    columns: dict[int, list[str]] = {i: [] for i in wanted}
    rows: list[int] = []
    place = 0
    while place < len(lines):
        if not lines[place]:
            place += 1
            continue
        ahead = lines[place : place + MOST_LINES_OF_A_FIELD]
        reader = csv.reader(itertools.chain((f"{line}\n" for line in ahead), ["\n"]), delimiter=sheet.delimiter)
        try:
            fields = next(reader)
        except csv.Error:
            fields = []
        taken = reader.line_num
        if taken > len(ahead) or (taken > 1 and not _sound("\n".join(ahead[:taken]), sheet.delimiter)):
            bad.add(first + place, "", "a quote is never closed")
            taken = 1
        elif len(fields) != width:
            bad.add(first + place, "", f"{len(fields)} fields instead of {width}")
            taken = 1
        else:
            rows.append(first + place)
            for i in wanted:
                columns[i].append(fields[i])
        place += taken
    arrays = {i: pa.array(values, pa.string()) for i, values in columns.items()}
    return Batch(arrays, np.array(rows, np.int64), bad.done())
