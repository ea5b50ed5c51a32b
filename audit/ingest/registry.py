"""Which formats there are, and which one a file is: the surest `sniff` of its content decides."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import cast

from audit.errors import UserError
from audit.ingest.encodings import detect as detect_encoding
from audit.ingest.encodings import head_text
from audit.ingest.model import Chunk, Format, ReadOptions, Source

#: Format modules of audit/ingest/, the ones that are surest by nature first; a tie goes to the earlier.
FORMATS = (
    "qianniu_sessions",
    "qianniu_im",
    "alime",
    "pdd",
    "jd_chatlog",
    "jddc",
    "qidian",
    "qiyu",
    "wecom",
    "chatwoot",
    "intercom",
    "zendesk_chat",
    "feige",
    "qianniu_pasted",
    "wangwang_txt",
    "table",
    "table_mapped",
)
#: The least certainty at which a file is read as a format.
SURE_ENOUGH = 0.5


def load(name: str) -> Format:
    """The format module of a name in FORMATS."""
    return cast(Format, importlib.import_module(f"audit.ingest.{name}"))


def scores(source: Source) -> list[tuple[float, Format]]:
    """Every format's certainty, the surest first."""
    found = [(format_.sniff(source), format_) for format_ in map(load, FORMATS)]
    return sorted(found, key=lambda item: -item[0])


def detect(source: Source, options: ReadOptions | None = None) -> Format:
    """The format of a file: by `--map` (options.mapping) any table is the mapped one.

    Raises UserError that shows the first line where no format is sure enough.
    """
    if options is not None and options.mapping is not None:
        from audit.ingest.table import sheets

        if sheets(source):
            return load("table_mapped")
    score, format_ = scores(source)[0]
    if score >= SURE_ENOUGH:
        return format_
    raise UserError(f"not a known chat export: {_what(source)}", where=source.name, fix=_FIX)


_FIX = "run `audit inspect` on it; a table with other headers can be mapped with --map"
_KNOWN_BYTES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PK", "a workbook or office document without a known table"),
    (b"\xd0\xcf\x11\xe0", "an old office document without a known table"),
)


def _what(source: Source) -> str:
    for magic, what in _KNOWN_BYTES:
        if source.head.startswith(magic):
            return what
    text = head_text(source.head).lstrip("\ufeff \t\r\n")
    if text[:5].lower() in ("<html", "<!doc") or "<table" in text[:2000].lower():
        return "a web page (a table saved as .xls is one: open it in Excel or WPS and save it as .xlsx)"
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if not first:
        return "it holds only blanks"
    return f"its first line is {first[:80]!r}" if first.isprintable() else "binary data"


def encoding_of(source: Source) -> str:
    """The text encoding of a file by its head; "" for workbooks, Parquet and other binary files."""
    if source.head.startswith((b"PK", b"PAR1", b"\xd0\xcf\x11\xe0")):
        return ""
    return detect_encoding(source.head)


def read(source: Source, options: ReadOptions, format_: Format | None = None) -> Iterator[Chunk]:
    """The chunks of a file by its format. Raises UserError where none is sure enough."""
    return (format_ or detect(source, options)).read(source, options)
