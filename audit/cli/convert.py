"""`audit convert`: any known export as the canonical table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.errors import UserError
from audit.ingest.model import ReadOptions, Source
from audit.ingest.options import input_options

if TYPE_CHECKING:
    import pandas as pd

SHOWN_BAD_ROWS = 20


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="IN... OUT")
@input_options
def convert(paths: tuple[str, ...], read: ReadOptions) -> int:
    """Write chats of any known format as one canonical table; the suffix of OUT (.csv .jsonl .parquet .xlsx) decides.

    \b
    audit convert exports/ chats.csv
    audit convert session.zip chats.parquet --zip-password 0123456789ab
    """
    from audit.ingest.discover import discover
    from audit.ingest.write import writer

    *inputs, out = paths
    if not inputs:
        raise UserError("there is only one path", where="audit convert", fix="name the input and the output: IN OUT")
    if any(Path(p).resolve() == Path(out).resolve() for p in inputs):
        raise UserError("the output is one of the inputs", where=out, fix="name another output")
    sources, refusals = discover(inputs, zip_password=read.zip_password)
    sources = [s for s in sources if not s.path or Path(s.path).resolve() != Path(out).resolve()]
    for refusal in refusals:
        if refusal.named:
            raise UserError(refusal.reason, where=refusal.name, fix="leave it out, or export it again")
        click.echo(f"refused: {refusal.name}: {refusal.reason}", err=True)
    named = {str(Path(p).resolve()) for p in inputs if Path(p).is_file()}
    total = _Total()
    with writer(out) as write:
        for source in sources:
            try:
                total.add(source, read, write)
            except UserError as error:
                if source.path and str(Path(source.path).resolve()) in named:
                    raise
                click.echo(f"refused: {error}", err=True)
        if not total.rows:
            raise UserError("no message could be read", where=", ".join(inputs), fix="run `audit inspect` on the files")
    if total.bad > SHOWN_BAD_ROWS:
        click.echo(f"bad rows: {total.bad - SHOWN_BAD_ROWS:,} more", err=True)
    if total.cut:
        click.echo(f"{total.cut:,} texts are longer than a cell of Excel and were cut: write .csv instead", err=True)
    click.echo(f"{out}: {total.rows:,} rows from {total.files:,} files, {total.bad:,} bad rows", err=True)
    return 0


class _Total:
    """What was converted so far."""

    def __init__(self) -> None:
        self.rows = self.bad = self.files = self.cut = 0

    def add(self, source: Source, options: ReadOptions, write: Callable[[pd.DataFrame], int]) -> None:
        """Convert one file, naming its first bad rows on stderr."""
        from audit.ingest.registry import read
        from audit.ingest.roles import settle
        from audit.ingest.table_batch import count_bad

        for chunk in read(source, options):
            for bad in chunk.bad_rows[: max(SHOWN_BAD_ROWS - self.bad, 0)]:
                column = f", column {bad.column}" if bad.column else ""
                click.echo(f"bad row: {bad.file}, row {bad.row}{column}: {bad.reason}", err=True)
            self.bad += count_bad(chunk.bad_rows)
            if len(chunk.frame):
                self.cut += write(settle(chunk.frame))
                self.rows += len(chunk.frame)
        self.files += 1
