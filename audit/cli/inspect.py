"""`audit inspect`: what a file is, how its columns map and what is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.errors import UserError, writing
from audit.ingest.model import ReadOptions
from audit.ingest.options import input_options

if TYPE_CHECKING:
    from audit.ingest.describe import Description

SHOWN_BAD_ROWS = 5


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--save-map", type=click.Path(dir_okay=False), metavar="FILE", help="write the proposed mapping profile here."
)
@input_options
def inspect(paths: tuple[str, ...], save_map: str | None, read: ReadOptions) -> int:
    """Show what files are: format, encoding, rows, mapping, first rows, and which rules cannot be checked and why.

    \b
    audit inspect export.xlsx
    audit inspect chats.csv --save-map map.yaml
    audit run chats.csv --map map.yaml
    """
    from audit.ingest.describe import describe
    from audit.ingest.discover import discover

    sources, refusals = discover(paths, zip_password=read.zip_password)
    for refusal in refusals:
        click.echo(f"refused: {refusal.name}: {refusal.reason}", err=True)
    descriptions = [describe(source, read) for source in sources]
    for description in descriptions:
        _show(description, save_map)
    if save_map:
        _save(descriptions, save_map)
    return 0 if any(d.rows for d in descriptions) else 2


def _save(descriptions: list[Description], save_map: str) -> None:
    profiles = [d.mapping.to_yaml() for d in descriptions if d.mapping is not None]
    if len(profiles) != 1:
        raise UserError(
            f"{len(profiles)} of the files are tables to map" if profiles else "none of the files is a table to map",
            where="--save-map",
            fix="name exactly one table with other headers",
        )
    with writing(save_map, "choose another place"):
        Path(save_map).write_text(profiles[0], encoding="utf-8")
    click.echo(f"mapping profile: {save_map}")


def not_checkable(d: Description) -> list[tuple[str, str]]:
    """Lines that name the rules that this file alone cannot be checked for, and what it lacks."""
    if not d.rows:
        return []
    from audit.rules.model import all_rules

    lacking: dict[str, list[str]] = {}
    for rule in all_rules().values():
        unmet = [n for n in rule.needs if d.unmet(n)]
        if unmet:
            what = ", ".join("times" if n == "times" else f"{n.removeprefix('event:')} events" for n in unmet)
            lacking.setdefault(what, []).append(f"{rule.code} {rule.title}")
    return [("not checkable", f"without {what}: {'、'.join(rules)}") for what, rules in lacking.items()]


def _show(d: Description, save_map: str | None) -> None:
    from audit.report.masking import printable

    rich = sys.stdout.isatty()
    heading = printable(d.name)
    facts = [(label, printable(value)) for label, value in [*d.facts(), *not_checkable(d)]]
    tables = [(t, [printable(c) for c in h], [[printable(c) for c in r] for r in rows]) for t, h, rows in d.tables()]
    if rich:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        console = Console()
        console.rule(f"[bold]{escape(heading)}")
        grid = Table.grid(padding=(0, 2))
        for label, value in facts:
            grid.add_row(f"[cyan]{label}", escape(value))
        console.print(grid)
        for title, header, rows in tables:
            shown = Table(title=escape(title), title_justify="left", show_lines=False)
            for column in header:
                shown.add_column(escape(column), overflow="fold")
            for row in rows:
                shown.add_row(*map(escape, row))
            console.print(shown)
    else:
        click.echo(f"== {heading}")
        for label, value in facts:
            click.echo(f"{label}: {value}")
        for title, header, rows in tables:
            click.echo(f"{title}:")
            click.echo("  " + " | ".join(header))
            for row in rows:
                click.echo("  " + " | ".join(row))
    for bad in d.bad_rows[:SHOWN_BAD_ROWS]:
        place = f"row {bad.row}" + (f", column {bad.column}" if bad.column else "")
        click.echo(f"bad row: {bad.file}, {place}: {bad.reason}", err=True)
    if d.bad_count > SHOWN_BAD_ROWS:
        click.echo(f"bad rows: {d.bad_count - SHOWN_BAD_ROWS} more", err=True)
    if d.error:
        click.echo(f"error: {d.error}", err=True)
    if d.mapping is not None and not save_map:
        click.echo("mapping profile (save it, complete it, and give it as --map FILE):")
        click.echo("".join(f"  {line}\n" for line in d.mapping.to_yaml().splitlines()), nl=False)
