"""`audit rules`: list, show, test and start rules; write docs/rules.md."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import click

from audit.errors import UserError, writing
from audit.rules.model import GROUPS, SEVERITIES, Rule, all_rules, find_rule

LABELS = {"severe": "严重", "major": "较重", "minor": "轻微", "info": "提示"}


@click.group()
def rules() -> None:
    """List, show, test and start rules."""


@rules.command("list")
@click.option("--group", type=click.Choice(list(GROUPS)), help="only this family")
def list_(group: str | None) -> None:
    """Every rule: code, name, title, default severity.

    \b
    audit rules list --group response
    """
    from rich.console import Console
    from rich.table import Table

    table = Table("code", "name", "title", "severity", "unit", box=None)
    for rule in all_rules().values():
        if group in (None, rule.group):
            table.add_row(rule.code, rule.name, rule.title, rule.severity, rule.unit)
    Console(soft_wrap=True).print(table)


@rules.command()
@click.argument("code")
def show(code: str) -> None:
    """What a rule means, what does not count, its options, source and examples.

    \b
    audit rules show RSP003
    """
    click.echo(page(find_rule(code)))


@rules.command()
@click.argument("codes", nargs=-1)
def test(codes: tuple[str, ...]) -> int:
    """Run rules on the EXAMPLES in their own files (all rules without an argument).

    \b
    audit rules test ATT001
    """
    from audit.engine.trial import try_rule

    chosen = [find_rule(c) for c in codes] or list(all_rules().values())
    failed = 0
    for rule in chosen:
        outcomes = try_rule(rule)
        bad = [o for o in outcomes if not o.ok]
        click.echo(f"{rule.code} {rule.title}: {len(outcomes) - len(bad)} of {len(outcomes)} examples as marked")
        for outcome in bad:
            failed += 1
            click.echo(f"--- {outcome.example.header}\n{outcome.example.source}")
            for problem in outcome.problems:
                click.echo(f"  ✗ {problem}")
    return 1 if failed else 0


@rules.command()
@click.argument("name")
@click.option("--title", required=True, help="the Chinese title")
@click.option("--severity", type=click.Choice(SEVERITIES), default="minor", show_default=True)
@click.option("--lexicon", default="", help="start from this lexicon")
def new(name: str, title: str, severity: str, lexicon: str) -> None:
    """Write the skeleton of a new rule with the next free code.

    \b
    audit rules new attitude.mocking --title 嘲讽 --lexicon insult
    """
    group, _, short = name.partition(".")
    if group not in GROUPS or not re.fullmatch(r"[a-z][a-z0-9_]*", short) or keyword.iskeyword(short):
        raise UserError(f"not a rule name: {name!r}", fix=f"write group.name with a group of {', '.join(GROUPS)}")
    if not title.isprintable() or '"' in title or "\\" in title or not title.strip():
        raise UserError(f"not a title: {title!r}", where="--title", fix="write a few words without quotes")
    if lexicon and not re.fullmatch(r"[a-z][a-z0-9_]*", lexicon):
        raise UserError(f"not a lexicon's name: {lexicon!r}", where="--lexicon", fix="see `audit lexicon list`")
    known = all_rules()
    prefixes = {r.group: r.code[:3] for r in known.values()}
    prefix = prefixes.get(group, group[:3].upper())
    used = {int(c[3:]) for c in known if c.startswith(prefix)}
    code = f"{prefix}{next(n for n in range(1, 1000) if n not in used):03d}"
    path = Path(__file__).parents[1] / "rules" / group / f"{short}.py"
    if path.exists():
        raise UserError(f"{name} exists already", where=str(path), fix="choose another name")
    path.parent.mkdir(exist_ok=True)
    init = path.parent / "__init__.py"
    if not init.exists():
        init.write_text(f'"""Rules of the group {group}."""\n', encoding="utf-8")
    path.write_text(
        SKELETON.format(code=code, name=name, title=title, severity=severity, lexicon=lexicon or "insult"),
        encoding="utf-8",
    )
    click.echo(
        f"{code} {name}: {path}\n"
        f"write its docstring and EXAMPLES, name it in packs/base.yaml, then: audit rules test {code}"
    )


SKELETON = '''"""{code} {name} {title}"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.terms import find_terms


@rule(
    "{code}",
    "{name}",
    "{title}",
    unit="message",
    severity="{severity}",
    topic="话术",
    needs=("lexicon:{lexicon}",),
    cite="own",
)
def check(chats: Chats, *, lexicon: str = "{lexicon}") -> pd.DataFrame:
    """一句话说明什么算违规。

    为什么：
    不算违规：
    已知误报：
    选项：lexicon 词库。
    依据：
    """
    return find_terms(chats, lexicon, chats.human, "“{{quote}}”")


EXAMPLES = """
"""
'''


@rules.command()
@click.option("--check", "check_only", is_flag=True, help="only say whether the page is stale (exit 1)")
@click.option("--out", type=click.Path(), default="docs/rules.md", show_default=True)
def docs(check_only: bool, out: str) -> int:
    """Write docs/rules.md from the rules.

    \b
    audit rules docs --check
    """
    text = document()
    path = Path(out)
    if check_only:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            click.echo(f"{out} is stale: run `audit rules docs`", err=True)
            return 1
        return 0
    with writing(path, "choose another --out"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{out}: {len(all_rules())} rules")
    return 0


def page(rule: Rule, level: str = "#") -> str:
    """One rule as Markdown with fixed headings."""
    options = "\n".join(f"- `{o.name}` = `{o.default}`" for o in rule.options.values()) or "- 无"
    return (
        f"{level} {rule.code} {rule.title}\n\n`{rule.name}` · {LABELS[rule.severity]} · {GROUPS[rule.group]}"
        f" · 培训主题：{rule.topic}\n\n{rule.doc}\n\n出处：{rule.cite}\n\n选项：\n{options}\n\n"
        f"例子：\n\n```text\n{rule.examples.strip()}\n```\n"
    )


def document() -> str:
    """docs/rules.md: all rules by family."""
    lines = [
        "# 规则",
        "",
        "由 `audit rules docs` 从规则文件生成，请勿手改。",
        "",
        "`«»` 标出证据，`!` 标出违规的消息或等待，没有标记的对话不违规。",
        "",
    ]
    for group, title in GROUPS.items():
        mine = [r for r in all_rules().values() if r.group == group]
        if mine:
            lines += [f"## {title}（{group}）", "", *(page(r, "###") for r in mine)]
    return "\n".join(lines).rstrip() + "\n"
