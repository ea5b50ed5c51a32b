"""`audit run`: audit chats and write the reports."""

from __future__ import annotations

import errno
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import click

from audit.cli.main import nobody_reads
from audit.errors import UserError, writing
from audit.ingest.model import ReadOptions
from audit.ingest.options import input_options

SEVERITIES = ("severe", "major", "minor", "info")
FORMATS = ("jsonl", "html", "xlsx")


def _moment(value: str | None, option: str, *, end: bool = False) -> datetime | None:
    """A day or moment; a bare day means its beginning, or with `end` its last second."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UserError(f"not a date: {value!r}", where=option, fix="write 2026-11-15 or 2026-11-15T18:00:00") from None
    if moment.tzinfo is not None:
        raise UserError(f"a time with a zone: {value!r}", where=option, fix="write the shop's own clock time")
    return moment + timedelta(days=1, seconds=-1) if end and len(value) <= 10 else moment


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--policy", default="auto", show_default=True, help="a pack's name or file; auto: by platform and shop")
@click.option(
    "--out", type=click.Path(file_okay=False), default="report", show_default=True, help="folder for the reports"
)
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="which reports; default: all")
@click.option("--as-of", help="the moment up to which the chats are complete; default: the last message")
@click.option("--shop-profile", type=click.Path(), help="shop.yaml or its folder; default: found beside the chats")
@click.option("--since", help="only findings from this day or moment on")
@click.option("--until", help="only findings up to this day or moment")
@click.option("--agent", "agents", multiple=True, help="only findings of this account")
@click.option("--rule", "rules", multiple=True, help="only findings of this rule (code or name)")
@click.option("--ignore", type=click.Path(), help="ignore.csv: findings that were settled")
@click.option("--baseline", type=click.Path(), help="an earlier findings.jsonl: marks new, known and gone")
@click.option("--per-agent", is_flag=True, help="also one HTML and XLSX per agent")
@click.option("--show-pii", is_flag=True, help="do not mask phones, addresses and ids in HTML and XLSX")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="language of the report")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="exit 1 where a violation is at least this grave")
@click.option("--strict", is_flag=True, help="a refused file stops the audit")
@click.option(
    "--max-bad-rows", type=float, default=0.01, show_default=True, help="share of unreadable rows allowed, 0 to 1"
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="processes")
@click.option("--no-models", is_flag=True, help="lexicons, rules and clocks only: no classifier is asked")
@click.option("--quiet", is_flag=True, help="print nothing but errors")
@input_options
def run(paths: tuple[str, ...], read: ReadOptions, **given: object) -> int:
    """Audit exported chats and write findings.jsonl, coverage.json, metrics.json, report.html and report.xlsx.

    \b
    audit run chats/ --policy auto --out report
    audit run export.csv --platform taobao --shop 青禾家居 --since 2026-11-09 --until 2026-11-15
    """
    from rich.console import Console

    from audit.engine import local

    _check(given)
    console = Console(quiet=bool(given["quiet"]), stderr=False, soft_wrap=not sys.stdout.isatty())
    steps = Console(stderr=True, quiet=bool(given["quiet"]))
    selection = local.Selection(
        _moment(given["since"], "--since"),  # type: ignore[arg-type]
        _moment(given["until"], "--until", end=True),  # type: ignore[arg-type]
        tuple(given["agents"]),  # type: ignore[arg-type]
        (read.shop,) if read.shop else (),
        tuple(given["rules"]),  # type: ignore[arg-type]
    )
    if selection.since and selection.until and selection.since > selection.until:
        raise UserError(
            f"--since {given['since']} lies after --until {given['until']}", fix="exchange them: no day is in between"
        )
    formats: tuple[str, ...] = tuple(given["formats"]) or FORMATS  # type: ignore[arg-type]
    out = _folder(str(given["out"]))
    with steps.status("读取…") if steps.is_terminal else _Silent() as status:
        result = local.run(
            paths,
            policy=str(given["policy"]),
            options=read,
            as_of=_moment(given["as_of"], "--as-of"),  # type: ignore[arg-type]
            shop_profile=given["shop_profile"],  # type: ignore[arg-type]
            selection=selection,
            ignore=given["ignore"],  # type: ignore[arg-type]
            baseline=given["baseline"],  # type: ignore[arg-type]
            strict=bool(given["strict"]),
            excerpts=formats != ("jsonl",) or bool(given["per_agent"]),
            models=not given["no_models"],
            workers=int(given["workers"]),  # type: ignore[call-overload]
            max_bad_rows=float(given["max_bad_rows"]),  # type: ignore[arg-type]
            progress=lambda name: status.update(f"读取 {name}"),
        )
        status.update("写报告…")
        _write(result, out, formats, given)
    try:
        for record in result.coverage.files:
            if record.refused:
                click.echo(f"skipped {record.path}: {record.refused}", err=True)
        if not given["quiet"]:
            from audit.report import console as table

            table.render(result, console, out, lang=str(given["lang"]), show_pii=bool(given["show_pii"]))
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich leaves by SystemExit; --fail-on still decides the exit code
        nobody_reads()
    worst = given["fail_on"]
    if worst and any(
        f.state == "violation" and SEVERITIES.index(f.severity) <= SEVERITIES.index(str(worst)) for f in result.findings
    ):
        return 1
    return 0


def _check(given: dict[str, object]) -> None:
    """Raises UserError for values that no option can have."""
    share = given["max_bad_rows"]
    if not isinstance(share, float) or not 0 <= share <= 1:
        raise UserError(f"not a share: {share}", where="--max-bad-rows", fix="write 0.05 for five rows in a hundred")
    for name in ("policy", "out", "as_of", "since", "until", "shop_profile", "ignore", "baseline"):
        if given[name] is not None and not str(given[name]).strip():
            raise UserError("the value is empty", where=f"--{name.replace('_', '-')}", fix="leave the option out")


def _folder(name: str) -> Path:
    """The folder for the reports, looked at before the chats are read, so that no work is lost; not yet made."""
    out = Path(name)
    there = next(p for p in (out, *out.absolute().parents) if os.path.lexists(p))
    with writing(out, "choose another --out"):
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
        if not os.access(there, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
    return out


class _Silent:
    """Stands in for a status line where there is no terminal."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, _: str) -> None:
        return None


def _write(result, out: Path, formats: tuple[str, ...], given: dict[str, object]) -> None:  # type: ignore[no-untyped-def]
    from audit.report import jsonl

    show, lang = bool(given["show_pii"]), str(given["lang"])
    fix = "close it where it is open (Excel), free the disk, or choose another --out"
    with writing(out, fix):
        out.mkdir(parents=True, exist_ok=True)
        jsonl.write(result, out)
        if "html" in formats:
            from audit.report import html

            html.write(result, out / "report.html", lang=lang, show_pii=show)
        if "xlsx" in formats:
            from audit.report import xlsx

            xlsx.write(result, out / "report.xlsx", lang=lang, show_pii=show)
        if given["per_agent"]:
            from audit.report import per_agent

            per_agent.write(result, out / "agents", lang=lang, show_pii=show)
