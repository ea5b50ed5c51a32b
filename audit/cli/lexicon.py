"""`audit lexicon`: what the lexicons hold, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import click

from audit.errors import UserError, did_you_mean
from audit.resources import home
from audit.text.lexicon import load_all, read_tsv


@click.group()
def lexicon() -> None:
    """List and check the lexicons."""


@lexicon.command("list")
def list_() -> None:
    """Every lexicon with its roles and number of terms.

    \b
    audit lexicon list
    """
    for name, lex in load_all().items():
        roles = "、".join(r for r in lex.roles if r)
        terms = sum(len(e.spellings) for e in lex.entries)
        click.echo(f"{name:20} {terms:5} terms  {roles}")


@lexicon.command()
@click.argument("name")
@click.option("--role", help="only this role")
def show(name: str, role: str | None) -> None:
    """The terms of a lexicon with exceptions and sources.

    \b
    audit lexicon show insult
    """
    found = load_all()
    if name not in found:
        raise UserError(f"there is no lexicon {name!r}", fix=did_you_mean(name, found))
    for e in found[name].entries:
        if role in (None, e.role):
            exceptions = f"  （不含 {'、'.join(e.exceptions)}）" if e.exceptions else ""
            click.echo(f"{e.role:12} {'、'.join(e.spellings)}{exceptions}  [{e.source}]")


@lexicon.command()
@click.argument("files", nargs=-1, type=click.Path())
def lint(files: tuple[str, ...]) -> int:
    """Find terms that can never match or that another term shadows (all shipped lexicons without an argument).

    \b
    audit lexicon lint shop/insult.tsv
    """
    from audit.backends.lint import problems

    paths = [Path(f) for f in files] or sorted(home("lexicons").glob("*.tsv"))
    found = [p for path in paths for p in problems(read_tsv(path))]
    for problem in found:
        click.echo(problem)
    click.echo(f"{len(paths)} lexicons, {len(found)} problems")
    return 1 if found else 0
