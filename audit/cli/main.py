"""`audit`: the command line. Each command group is a file of its own, imported only when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from audit import __version__
from audit.errors import UserError, did_you_mean

#: command → module of audit/cli that holds it under the same name
COMMANDS = {
    "run": "run",
    "inspect": "inspect",
    "convert": "convert",
    "init": "init",
    "rules": "rules",
    "policy": "policy",
    "lexicon": "lexicon",
    "evidence": "evidence",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when it is called, so that `audit --help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"audit.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]):  # type: ignore[no-untyped-def]
        if args and args[0] not in COMMANDS:
            raise UserError(f"there is no command {args[0]!r}", fix=did_you_mean(args[0], COMMANDS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, HELP[name]) for name in COMMANDS])


HELP = {
    "run": "audit exported chats and write the reports",
    "inspect": "show what a file is, how its columns map and what is missing",
    "convert": "turn any known export into the canonical table",
    "init": "write shop.yaml and agents.csv from an export",
    "rules": "list, show, test and start rules",
    "policy": "list, show, check and compare policy packs",
    "lexicon": "list and check the lexicons",
    "evidence": "one printable page per finding, for an appeal",
}


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="audit")
def cli() -> None:
    """Audits exported customer-service chats: who broke which platform rule, with the evidence.

    \b
    audit run chats/ --policy auto --out report
    audit inspect export.xlsx
    audit rules show RSP003
    """


def main(argv: list[str] | None = None) -> int:
    """Run the command line. Exit codes: 0 ran, 1 only --fail-on, 2 could not check, 3 a bug, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = cli.main(args=argv, prog_name="audit", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except UserError as error:
        click.echo(f"error: {error}", err=True)
        return 2
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the one place that may catch everything: it asks for a report
        if os.environ.get("AUDIT_DEBUG"):
            raise
        click.echo(
            f"bug: {type(error).__name__}: {error}\n"
            "  → this is our fault, not yours: please report it with the output of the same command "
            "under AUDIT_DEBUG=1",
            err=True,
        )
        return 3
