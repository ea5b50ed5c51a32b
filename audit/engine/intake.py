"""Intake: every input file read, its roles settled, its conversations named; what could not be read is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from audit.engine.result import FileRecord
from audit.errors import UserError
from audit.ingest.assemble import FileIdentity, identify
from audit.ingest.discover import discover
from audit.ingest.model import ReadOptions, Source
from audit.ingest.registry import detect
from audit.ingest.roles import settle
from audit.ingest.table_batch import count_bad

LISTED_BAD_ROWS = 1_000
Progress = Callable[[str], None]


@dataclass
class Intake:
    """What reading left behind besides the rows: grows while `frames` is consumed."""

    files: list[FileRecord] = field(default_factory=list)
    bad_rows: list[dict[str, Any]] = field(default_factory=list)
    bad_row_count: int = 0
    rows: int = 0
    notes: list[str] = field(default_factory=list)


def read_all(
    paths: Sequence[str | Path],
    options: ReadOptions,
    intake: Intake,
    *,
    strict: bool = False,
    robot_accounts: Sequence[str] = (),
    progress: Progress | None = None,
) -> Iterator[pd.DataFrame]:
    """Identified canonical chunks of every file under `paths`; `intake` records files, bad rows and refusals.

    In a folder a refused file is recorded and passed over; with `strict`, and where it was named on the command line,
    it raises UserError.
    """
    sources, refusals = discover(paths, zip_password=options.zip_password)
    for refusal in refusals:
        if strict or refusal.named:
            raise UserError(refusal.reason, where=refusal.name, fix="leave the file out, or export it again")
        intake.files.append(FileRecord(refusal.name, "", "", 0, 0, "", refusal.reason))
    named = {str(Path(p).resolve()) for p in paths if Path(p).is_file()}
    for source in sources:
        if progress:
            progress(source.name)
        try:
            yield from _read_one(source, options, intake, robot_accounts)
        except (UserError, OSError) as error:
            refused = error if isinstance(error, UserError) else _unreadable(error, source.name)
            if strict or (source.path and str(Path(source.path).resolve()) in named):
                raise refused from None
            intake.files.append(FileRecord(source.name, "", "", 0, 0, _digest(source), _reason(refused, source.name)))


def _unreadable(error: OSError, name: str) -> UserError:
    return UserError(f"cannot be read: {error.strerror or error}", where=name, fix="check the disk and your rights")


def _reason(error: UserError, name: str) -> str:
    """Why a file was refused, on one line and without its name, which stands beside it."""
    place = error.where.removeprefix(name).strip(": ")
    return "；".join(part for part in (place, error.what, error.fix) if part)


def _read_one(
    source: Source, options: ReadOptions, intake: Intake, robot_accounts: Sequence[str]
) -> Iterator[pd.DataFrame]:
    form = detect(source, options)
    identity = FileIdentity(source.name, _sha256(source), source.size)
    rows = bad = 0
    chunks = []
    for chunk in form.read(source, options):
        rows += len(chunk.frame)
        bad += count_bad(chunk.bad_rows)
        for row in chunk.bad_rows[: max(0, LISTED_BAD_ROWS - len(intake.bad_rows))]:
            intake.bad_rows.append({"file": row.file, "row": row.row, "column": row.column, "reason": row.reason})
        if len(chunk.frame):
            frame = settle(chunk.frame, robot_accounts=robot_accounts)
            chunks.append(identify(frame, identity, options.platform, options.shop))
    intake.files.append(FileRecord(source.name, form.NAME, _encoding(source), rows, bad, identity.sha256))
    intake.rows += rows
    intake.bad_row_count += bad
    yield from chunks


def _encoding(source: Source) -> str:
    from audit.ingest.encodings import detect as detect_encoding

    head = source.head
    if head[:2] == b"PK" or head[:4] == b"PAR1":
        return ""
    return detect_encoding(head)


def _digest(source: Source) -> str:
    """The SHA-256 of a file that was refused; "" where it cannot even be read."""
    try:
        return _sha256(source)
    except (UserError, OSError):
        return ""


def _sha256(source: Source) -> str:
    digest = hashlib.sha256()
    with source.open_bytes() as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
