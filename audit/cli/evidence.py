"""`audit evidence`: one printable page per finding, for an appeal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from audit.cli.moments import moment
from audit.errors import UserError, did_you_mean, writing
from audit.ingest.model import ReadOptions
from audit.ingest.options import input_options

_ID = re.compile(r"[0-9A-Za-z_-]{4,64}")


@click.command()
@click.argument("items", metavar="ID... PATH...", nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(dir_okay=False), default="evidence.html", show_default=True, help="the file to write"
)
@click.option("--report", type=click.Path(file_okay=False), help="folder that `audit run` wrote: its ids and its as-of")
@click.option("--policy", default="auto", show_default=True, help="a pack's name or file, as for `audit run`")
@click.option("--as-of", help="the moment up to which the chats are complete, as for `audit run`")
@click.option("--shop-profile", type=click.Path(), help="shop.yaml or its folder, as for `audit run`")
@click.option("--show-pii", is_flag=True, help="do not mask phones, addresses, ids and the buyer")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="language of the labels")
@input_options
def evidence(
    items: tuple[str, ...],
    read: ReadOptions,
    out: str,
    report: str | None,
    policy: str,
    as_of: str | None,
    shop_profile: str | None,
    show_pii: bool,
    lang: str,
) -> int:
    """Write one printable page per finding: conversation, clock, the rule with its date, SHA-256 of the source rows.

    ID is a finding's id from the report, or its beginning; PATH are the chats that were audited: they are audited
    again, so that the page shows what the export itself says.

    \b
    audit evidence 3fa94c1b chats/ --report report --out appeal.html
    """
    from audit.engine import local
    from audit.report import evidence as pages

    ids, paths = split(items)
    if any(Path(p).resolve() == Path(out).resolve() for p in paths):
        raise UserError("the page would overwrite the chats", where=out, fix="name another --out")
    if report:
        ids, settled = from_report(Path(report), ids)
        as_of = as_of or settled
    result = local.run(paths, policy=policy, options=read, as_of=moment(as_of), shop_profile=shop_profile, keep_ids=ids)
    chosen = pages.pick(result, ids)
    with writing(out, "choose another --out"):
        target = pages.write(result, ids, out, lang=lang, show_pii=show_pii)
    click.echo(f"{len(chosen)} → {target}")
    return 0


def split(items: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Ids and chats of the command line: what exists on disk are chats. Raises UserError where either is missing."""
    paths = [i for i in items if Path(i).exists()]
    ids = [i for i in items if i not in paths]
    for name in ids:
        if not _ID.fullmatch(name):
            raise UserError(
                f"neither a file nor a finding's id: {name!r}", fix="name ids first, then the audited chats"
            )
    if not ids:
        raise UserError("no finding's id was given", fix="copy one from report.html or findings.jsonl")
    if not paths:
        raise UserError("no chats were given", fix=f"audit evidence {ids[0]} chats/ --out evidence.html")
    return ids, paths


def from_report(folder: Path, ids: list[str]) -> tuple[list[str], str | None]:
    """The full ids as the report's findings.jsonl has them, and its as-of where that was given by hand.

    Raises UserError where the folder holds no report or an id is not in it.
    """
    try:
        lines = (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()
        coverage = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
        known = [str(json.loads(line)["id"]) for line in lines if line]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"this folder holds no readable report ({error})", where=str(folder), fix="name the --out of `audit run`"
        ) from None
    full = []
    for asked in ids:
        near = [asked] if asked in known else [i for i in known if i.startswith(asked)]
        if len(near) != 1:
            problem = "is not in the report" if not near else f"stands for {len(near)} findings"
            raise UserError(
                f"{asked!r} {problem}", where=str(folder / "findings.jsonl"), fix=did_you_mean(asked, known)
            )
        full.append(near[0])
    given = [str(row["as_of"]) for row in coverage.get("as_of", []) if row.get("given")]
    return full, given[0][:19] if given else None
