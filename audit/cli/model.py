"""`audit model`: the classifiers in models/: list, cards, training, evaluation, export."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from audit.errors import UserError, did_you_mean
from audit.resources import home


@click.group()
def model() -> None:
    """List, train, evaluate and export the classifiers."""


def _cards() -> dict[str, Path]:
    return {p.parent.name: p for p in sorted(home("models").glob("*/card.json"))}


def _known(name: str) -> Path:
    cards = _cards()
    if name not in cards:
        raise UserError(f"there is no model {name!r}", where=str(home("models")), fix=did_you_mean(name, cards))
    return cards[name]


@model.command("list")
def list_() -> None:
    """Every model with its tier, size and classes.

    \b
    audit model list
    """
    for name, path in _cards().items():
        card = json.loads(path.read_text(encoding="utf-8"))
        size = card.get("weights", {}).get("bytes", 0) / 1e6
        click.echo(f"{name:18} {card.get('tier', ''):8} {size:6.1f} MB  {'、'.join(card.get('classes', []))}")


@model.command()
@click.argument("name")
def card(name: str) -> None:
    """A model's card: data, thresholds, figures, licence, how to rebuild.

    \b
    audit model card agent-act
    """
    click.echo(_known(name).read_text(encoding="utf-8").rstrip())


@model.command()
@click.argument("names", nargs=-1)
@click.option("--data", type=click.Path(exists=True, file_okay=False), help="folder with dev/, cold/, … (README: Data)")
@click.option("--out", type=click.Path(file_okay=False), help="folder for the models (default: the shipped one)")
def train(names: tuple[str, ...], data: str | None, out: str | None) -> None:
    """Train models again (all of them without NAMES) and write weights and cards.

    \b
    audit model train agent-act --data ../shared/data
    """
    from audit.learn.recipes import recipes

    known = recipes()
    for name in names or tuple(known):
        if name not in known:
            raise UserError(f"there is no recipe for {name!r}", fix=did_you_mean(name, known))
        click.echo(f"{name}: training")
        folder = Path(out) if out else home("models")
        card = known[name](Path(data) if data else None, folder, lambda told: click.echo(f"  {told}"))
        click.echo(f"  {card}")


@model.command("eval")
@click.argument("names", nargs=-1)
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False), required=True, help="folder with dev/, cold/, ssa/, jddc/"
)
@click.option(
    "--half", type=click.Choice(["report", "work"]), default="report", show_default=True, help="of development sets"
)
@click.option("--write", "keep", is_flag=True, help="write the figures to the cards and to docs/models.md")
def evaluate(names: tuple[str, ...], data: str, half: str, keep: bool) -> None:
    """Measure what the audit decides, thresholds as shipped, on data that it was not trained on.

    \b
    audit model eval --data ../shared/data
    """
    from audit.learn.report import measurements, store, tables

    known = measurements()
    for name in names:
        if name not in known:
            raise UserError(f"nothing is measured under {name!r}", fix=did_you_mean(name, known))
    figures = {}
    for name in names or tuple(known):
        found = known[name](Path(data), half)
        if found is None:
            click.echo(f"{name}: its data is not in {data}", err=True)
            continue
        figures[name] = found
        click.echo(tables(name, found))
    if keep:
        for path in store(figures):
            click.echo(f"written: {path}")


@model.command()
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False))
def export(name: str, folder: str) -> None:
    """Copy a model with its card to FOLDER/NAME, to be used elsewhere through AUDIT_HOME.

    \b
    audit model export agent-act /tmp/models
    """
    place = _known(name).parent
    target = Path(folder) / name
    if target.exists():
        raise UserError("it is there already", where=str(target), fix="choose another folder, or remove it")
    shutil.copytree(place, target)
    click.echo(str(target))
