"""`audit promises`: the promise ledger of chats."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from audit.cli.moments import moment
from audit.ingest.model import ReadOptions
from audit.ingest.options import input_options

if TYPE_CHECKING:
    import pandas as pd

STATUSES = {"broken": "未履行", "kept": "已履行", "not visible": "看不出", "pending": "未到时"}


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@click.option(
    "--status", "statuses", multiple=True, type=click.Choice(tuple(STATUSES)), help="only these; default: all"
)
@click.option("--policy", default="auto", show_default=True, help="a pack's name or file, as for `audit run`")
@click.option("--as-of", help="the moment up to which the chats are complete; default: the last message")
@click.option("--shop-profile", type=click.Path(), help="shop.yaml or its folder; default: found beside the chats")
@click.option("--show-pii", is_flag=True, help="do not mask buyers, phones and addresses in the table")
@input_options
def promises(
    paths: tuple[str, ...],
    read: ReadOptions,
    form: str,
    statuses: tuple[str, ...],
    policy: str,
    as_of: str | None,
    shop_profile: str | None,
    show_pii: bool,
) -> int:
    """List every promise of an agent: what, by when, kept, broken, not visible in the chat or not yet due.

    JSON holds one object per promise, with buyer and texts as exported. PRC006 reports the broken ones.

    \b
    audit promises chats/
    audit promises chats/ --status broken --status pending --as-of 2026-11-15T18:00:00
    audit promises export.csv --platform taobao --shop 青禾家居 --format json > promises.json
    """
    from audit.engine.local import promise_ledger

    table, intake = promise_ledger(paths, policy=policy, options=read, as_of=moment(as_of), shop_profile=shop_profile)
    for record in intake.files:
        if record.refused:
            click.echo(f"skipped {record.path}: {record.refused}", err=True)
    for bad in intake.bad_rows[:5]:
        click.echo(f"bad row: {bad['file']}, row {bad['row']}: {bad['reason']}", err=True)
    counts = table["status"].value_counts()
    chosen = table[table["status"].isin(statuses)] if statuses else table
    if form == "json":
        click.echo(json.dumps(_records(chosen), ensure_ascii=False, indent=1))
        return 0
    _show(chosen, show_pii)
    told = "，".join(f"{STATUSES[s]} {counts[s]}" for s in STATUSES if s in counts)
    click.echo(f"{intake.rows} 条消息，{len(table)} 个承诺" + (f"：{told}" if told else ""))
    return 0


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One JSON object per promise; times are ISO 8601 of the shop's wall time, null where unknown."""
    columns: dict[str, list[Any]] = {str(name): table[name].tolist() for name in table}
    for name in ("sent_at", "due", "settled_at"):
        columns[name] = [None if t != t else str(t)[:19].replace(" ", "T") for t in columns[name]]  # NaT is not itself
    columns["settled_by"] = [said or None for said in columns["settled_by"]]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _show(table: pd.DataFrame, show_pii: bool) -> None:
    from audit.report.masking import Masker
    from audit.shapes.promises import KINDS

    mask = Masker(show_pii)
    header = ("店铺", "客服", "买家", "承诺时间", "承诺", "原话", "应在", "结果", "依据")
    rows = []
    for r in _records(table):
        sent, due, settled = ((r[c] or "").replace("T", " ") for c in ("sent_at", "due", "settled_at"))
        who, said = mask.buyer(r["buyer"]), mask.text(r["quote"], r["buyer"])
        proof = f"{settled} {mask.text(r['settled_by'] or '', r['buyer'])[:40]}".strip()
        rows.append((r["shop"], r["agent"], who, sent, KINDS[r["kind"]], said, due, STATUSES[r["status"]], proof))
    if sys.stdout.isatty() and rows:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        shown = Table(*header)
        for row in rows:
            shown.add_row(*(escape(str(cell)) for cell in row))
        Console().print(shown)
        return
    if rows:
        click.echo("\t".join(header))
    for row in rows:
        click.echo("\t".join(" ".join(str(cell).split()) for cell in row))
