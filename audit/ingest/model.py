"""What a format module works with: a Source goes in, Chunks of canonical rows come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Protocol

import pandas as pd

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read: it is listed in Coverage, never lost."""

    file: str
    row: int  # 1-based, as a person counts it in the file
    column: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Some canonical rows of one file, in file order, and the rows that could not be read."""

    frame: pd.DataFrame  # schema.CANONICAL + schema.PROVENANCE
    bad_rows: tuple[BadRow, ...] = ()


@dataclass(frozen=True)
class ReadOptions:
    """What the user said on the command line about the inputs."""

    platform: str = ""  # fills what a format does not carry
    shop: str = ""
    mapping: dict[str, object] | None = None  # a parsed --map profile
    zip_password: str = ""
    timezone: str = "Asia/Shanghai"
    year: int | None = None  # for times without a year; default: the newest year in which the time is not in the future


@dataclass(frozen=True)
class Source:
    """One file, or one member of an archive, named relative to the input.

    `open_bytes` opens it anew at its start each time. `path` is the real file on disk, empty for archive members.
    """

    name: str
    size: int
    open_bytes: Callable[[], BinaryIO]
    path: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        with self.open_bytes() as f:
            return f.read(HEAD_BYTES)

    def read_bytes(self) -> bytes:
        """All bytes; formats that need the whole file (JSON, XLSX) use it."""
        with self.open_bytes() as f:
            return f.read()


class Format(Protocol):
    """A format module of audit/ingest/ (`NAME`, `TITLE`, `sniff`, `read`); found by content, never by file name."""

    NAME: str  # "qianniu-json"
    TITLE: str  # "千牛 IM JSON"

    def sniff(self, source: Source) -> float:
        """How sure it is from `source.head` that the file is of this format: 0 (not) … 1 (certain)."""

    def read(self, source: Source, options: ReadOptions) -> Iterator[Chunk]:
        """Yield the rows in file order. Raises UserError where the file as a whole cannot be read."""
