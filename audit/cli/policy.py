"""`audit policy`: list, show, check and compare policy packs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from audit.errors import UserError
from audit.policy import load as loader
from audit.policy.model import Clause, Policy, hhmm
from audit.policy.nodes import FileProblems, Problem
from audit.rules.model import Rule, all_rules

if TYPE_CHECKING:
    from audit.engine.result import Finding

_SEVERITY_STYLE = {"severe": "bold red", "major": "red", "minor": "yellow", "info": "cyan"}


@click.group()
def policy() -> None:
    """List, show, check and compare policy packs.

    \b
    audit policy show pdd
    audit policy check my_policy.yaml
    audit policy diff taobao my_policy.yaml chats/
    """


@policy.command("list")
def list_() -> None:
    """The shipped packs.

    \b
    audit policy list
    """
    rows = []
    for name in loader.pack_names():
        pack = loader.load(name)
        on, off = len(pack.rules_on()), len(pack.rules_off())
        parents = " → ".join(f.removesuffix(".yaml") for f in pack.source_files[1:])
        rows.append([name, pack.title, parents, pack.version, str(on), str(off)])
    table(["策略", "名称", "继承", "版本", "启用规则", "停用规则"], rows)


@policy.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object, for machines.")
def show(name: str, as_json: bool) -> None:
    """All that a pack or policy file NAME resolves to: settings, clauses, citations, what is off and why.

    \b
    audit policy show taobao
    audit policy show my_policy.yaml --json
    """
    pack = loader.load(name)
    if as_json:
        click.echo(json.dumps(as_dict(pack), ensure_ascii=False, indent=2))
        return
    names = all_rules()
    start, end = pack.service_hours
    click.echo(f"{pack.name} {pack.title} {pack.version}（{' → '.join(pack.source_files)}）")
    points = "、".join(f"{severity} {figure:g}" for severity, figure in pack.points.items())
    table(
        ["设置", "值"],
        [
            ["platform", pack.platform or "（未指定）"],
            ["timezone", pack.timezone],
            ["session_gap", f"{pack.session_gap:g} 秒"],
            ["service_hours", f"{hhmm(start)}–{hhmm(end)}"],
            ["clock", pack.clock],
            ["robot_reception", pack.robot_reception],
            ["closers_need_reply", str(pack.closers_need_reply).lower()],
            ["points", points],
        ],
    )
    on = [
        [c.rule, names[c.rule].name, names[c.rule].title, c.severity, f"{pack.points_of(c, c.severity):g}", c.per,
         "" if c.cap is None else f"{c.cap:g}", options_text(c, names[c.rule]), dates_text(c), str(c.cite)]
        for c in pack.clauses if c.on
    ]  # fmt: skip
    table(["规则", "名称", "标题", "级别", "扣分", "计次", "日上限", "选项", "生效", "依据"], on)
    off = [[c.rule, names[c.rule].name, names[c.rule].title, c.disabled] for c in pack.clauses if not c.on]
    if off:
        table(["停用规则", "名称", "标题", "原因"], off)


@policy.command()
@click.argument("files", nargs=-1, required=True)
def check(files: tuple[str, ...]) -> None:
    """Check policy FILES: every problem of all of them, as `file:line:column what, hint`.

    \b
    audit policy check my_policy.yaml other.yaml
    """
    problems: list[Problem] = []
    for file in files:
        try:
            pack = loader.load(file)
        except FileProblems as error:
            problems += error.problems
        except UserError as error:
            problems.append(Problem(file, 0, 0, error.what, error.fix))
        else:
            click.echo(f"{file}: ok, {pack.name} {pack.version}, {len(pack.rules_on())} rules on")
    if problems:
        raise FileProblems(problems)


@policy.command()
@click.argument("before")
@click.argument("after")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Findings shown; 0 = all.")
def diff(before: str, after: str, paths: tuple[str, ...], limit: int) -> None:
    """What changes on the chats in PATHS when policy AFTER replaces policy BEFORE.

    \b
    audit policy diff taobao my_policy.yaml chats/
    """
    for name in (before, after):
        loader.load(name)
    from audit.engine.local import run

    changes = compare(run(list(paths), policy=before).findings, run(list(paths), policy=after).findings)
    if not changes:
        click.echo(f"no difference between {before} and {after} on these chats")
        return
    counts = Counter((kind, f.rule, f.title) for kind, f, _ in changes)
    table(
        ["变化", "规则", "标题", "条数"],
        [[_KINDS[kind], rule, title, str(n)] for (kind, rule, title), n in sorted(counts.items())],
    )
    shown = changes if limit == 0 else changes[:limit]
    table(
        ["变化", "规则", "标题", "级别", "扣分", "客服", "时间", "原因", "编号"],
        [
            [_KINDS[kind], f.rule, f.title, _step(old, f, "severity"), _step(old, f, "points"), f.agent or "（未归属）",
             f.at or "", f.reason, f.id]
            for kind, f, old in shown
        ],
    )  # fmt: skip
    if len(changes) > len(shown):
        click.echo(f"… and {len(changes) - len(shown)} more (--limit 0 shows all)")


_KINDS = {"added": "+ 新增", "removed": "- 消失", "changed": "~ 改变"}
_COMPARED = ("severity", "state", "points", "agent")


def compare(before: Sequence[Finding], after: Sequence[Finding]) -> list[tuple[str, Finding, Finding | None]]:
    """(added / removed / changed, finding, its earlier form where changed), in the order (time, rule, id)."""
    old, new = {f.id: f for f in before}, {f.id: f for f in after}
    changes: list[tuple[str, Finding, Finding | None]] = [("removed", f, None) for i, f in old.items() if i not in new]
    changes += [("added", f, None) for i, f in new.items() if i not in old]
    changes += [
        ("changed", f, old[i])
        for i, f in new.items()
        if i in old and any(getattr(f, c) != getattr(old[i], c) for c in _COMPARED)
    ]
    return sorted(changes, key=lambda c: (c[1].at or "", c[1].rule, c[1].id))


def _step(old: Finding | None, new: Finding, field: str) -> str:
    """A field as "major → minor" where it changed."""
    values = [getattr(f, field) for f in (old, new) if f is not None]
    shown = [f"{v:g}" if isinstance(v, float | int) else str(v) for v in values]
    return " → ".join(dict.fromkeys(shown))


def options_of(clause: Clause, rule: Rule) -> dict[str, Any]:
    """All options of a rule by name: the clause's values, else the rule's defaults."""
    return {name: clause.options.get(name, option.default) for name, option in rule.options.items()}


def options_text(clause: Clause, rule: Rule) -> str:
    """Options as `limit=180, hours=service`."""
    return ", ".join(f"{name}={json_value(value)}" for name, value in options_of(clause, rule).items())


def json_value(value: Any) -> str:
    """An option's value as a pack writes it."""
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def dates_text(clause: Clause) -> str:
    """The clause's dates as `2021-03-01 起`; "" where it always holds."""
    start, end = clause.effective
    return " ".join([f"{start} 起"] * bool(start) + [f"{end} 止"] * bool(end))


def as_dict(pack: Policy) -> dict[str, Any]:
    """A policy as plain JSON types."""
    plain: dict[str, Any] = {
        name: getattr(pack, name)
        for name in ("name", "version", "platform", "title", "timezone", "session_gap", "clock", "robot_reception",
                     "closers_need_reply")
    }  # fmt: skip
    plain["source_files"] = list(pack.source_files)
    plain["service_hours"] = [hhmm(s) for s in pack.service_hours]
    plain["points"] = dict(pack.points)
    rules = all_rules()
    plain["clauses"] = [
        {
            "rule": c.rule,
            "severity": c.severity,
            "points": pack.points_of(c, c.severity),
            "per": c.per,
            "cap": c.cap,
            "options": options_of(c, rules[c.rule]),
            "effective": [d.isoformat() if d else None for d in c.effective],
            "cite": {"id": c.cite.id, "title": c.cite.title, "source": c.cite.source, "effective": c.cite.effective,
                     "read": c.cite.read, "text": c.cite.text},
            "provoked": c.provoked,
            "disabled": c.disabled,
        }
        for c in pack.clauses
    ]  # fmt: skip
    return plain


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: rich on a terminal, tab-separated and uncut elsewhere, so that it can be searched and piped."""
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*heads, box=box.SIMPLE_HEAD)
    for row in rows:
        shown.add_row(*(Text(cell, style=_SEVERITY_STYLE.get(cell, "")) for cell in row))
    Console().print(shown)
