"""`audit init`: write shop.yaml and agents.csv from an export."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option(
    "--out", "folder", type=click.Path(file_okay=False), help="Folder to write to (default: beside the chats)."
)
@click.option("--platform", default="", help="Platform, where the export names none.")
@click.option("--shop", default="", help="Shop, where the export names none.")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
def init(paths: tuple[str, ...], folder: str | None, platform: str, shop: str, force: bool) -> None:
    """Write shop.yaml and agents.csv with the shops and accounts of the chats in PATHS, to be filled in by hand.

    \b
    audit init chats/
    audit init export.xlsx --platform pdd --shop 某某旗舰店 --out profile/
    """
    import pandas as pd

    from audit.engine.intake import Intake, read_all
    from audit.errors import writing
    from audit.ingest.options import make
    from audit.policy.shop import write_profile

    intake = Intake()
    columns = ["platform", "shop", "sender", "agent"]
    chunks = read_all(list(paths), make(platform, shop, "", os.environ.get("AUDIT_ZIP_PASSWORD", ""), None), intake)
    accounts = [frame[columns].drop_duplicates().astype("str") for frame in chunks]
    for file in intake.files:
        if file.refused:
            click.echo(f"skipped {file.path}: {file.refused}", err=True)
    messages = pd.concat(accounts) if accounts else pd.DataFrame(columns=columns, dtype="str")
    first = Path(paths[0])
    target = Path(folder) if folder else first if first.is_dir() else first.parent
    with writing(target, "choose another --out"):
        written = write_profile(target, messages, force=force)
    for path in written:
        click.echo(f"wrote {path}")
