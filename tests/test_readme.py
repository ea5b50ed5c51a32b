"""What the two READMEs say exists: the rules with title and severity, commands and options, linked files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from audit.cli.main import COMMANDS, cli
from audit.rules.model import all_rules

SEVERITY = {
    "README.md": {"severe": "severe", "major": "major", "minor": "minor", "notice": "info"},
    "README.zh-CN.md": {"严重": "severe", "较重": "major", "轻微": "minor", "提示": "info"},
}


@pytest.fixture(params=sorted(SEVERITY))
def readme(request: pytest.FixtureRequest, repository: Path) -> Path:
    return repository / str(request.param)


def test_table_lists_every_rule(readme: Path) -> None:
    rows = re.findall(r"^\| ([A-Z]{3}\d{3}) \| (.+?) \| .+ \| (\S+) \|$", readme.read_text(encoding="utf-8"), re.M)
    said = {code: (title, SEVERITY[readme.name][severity]) for code, title, severity in rows}
    assert said == {code: (rule.title, rule.severity) for code, rule in all_rules().items()}


def test_commands_and_options_exist(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    calls = re.findall(r"^ *(audit .+?)(?: +#.*)?$", text, re.M) + re.findall(r"`(audit [^`]+)`", text)
    assert len(calls) >= 8
    context = click.Context(cli)
    for call in calls:
        words = shlex.split(call)[1:]
        assert words[0] in COMMANDS, call
        command = cli.get_command(context, words[0])
        if isinstance(command, click.Group):
            assert words[1] in command.commands, call
            command = command.commands[words[1]]
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
        assert {w for w in words if w.startswith("--")} <= known, call
    run = cli.get_command(context, "run")
    assert run is not None
    known = {option for parameter in run.params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= known


def test_links_lead_somewhere(readme: Path, repository: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (repository / link).exists()] == []
