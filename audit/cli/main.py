"""`audit`: the command line. Each command group is a file of its own, imported only when it is called."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

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
    "model": "model",
    "evidence": "evidence",
    "promises": "promises",
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
    "model": "list, train and measure the classifiers",
    "evidence": "one printable page per finding, for an appeal",
    "promises": "what agents promised, by when, and whether it was kept",
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


#: what goes wrong outside: disk full, no rights, too many open files … OSErrors of another kind are bugs
_OUTSIDE = frozenset(
    getattr(errno, name)
    for name in (
        "EACCES EPERM EROFS ENOSPC EDQUOT EFBIG EIO EMFILE ENFILE ENOMEM EISDIR ENOTDIR ENAMETOOLONG EBUSY ETXTBSY"
    ).split()
    if hasattr(errno, name)
)


def main(argv: list[str] | None = None) -> int:
    """Run the command line. Exit codes: 0 ran, 1 only --fail-on, 2 could not check, 3 a bug, 130 interrupted."""
    _streams()
    try:
        with _stoppable():
            return _main(argv)
    except KeyboardInterrupt:  # while an error was being told
        return _failed("interrupted", 130)


def _main(argv: list[str] | None) -> int:
    code: object = 0
    try:
        code = cli.main(args=argv, prog_name="audit", standalone_mode=False)
        sys.stdout.flush()
    except UserError as error:
        return _failed(f"error: {error}", 2)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        return _failed("interrupted", 130)
    except (BrokenPipeError, SystemExit):  # click and rich leave by SystemExit where nobody reads on
        nobody_reads()
    except Exception as error:  # the one place that may catch everything: it asks for a report
        if os.environ.get("AUDIT_DEBUG"):
            raise
        if isinstance(error, MemoryError):
            return _failed("error: not enough memory\n  → audit fewer files at a time, or close other programs", 2)
        if isinstance(error, OSError) and error.errno in _OUTSIDE:
            where = f"{error.filename}: " if error.filename else ""
            return _failed(f"error: {where}{error.strerror}\n  → check the disk and your rights there", 2)
        return _failed(
            f"bug: {type(error).__name__}: {error}\n"
            "  → this is our fault, not yours: please report it with the output of the same command "
            "under AUDIT_DEBUG=1",
            3,
        )
    return code if isinstance(code, int) else 0


def _failed(told: str, code: int) -> int:
    with suppress(OSError):
        click.echo(told, err=True)
    return code


def nobody_reads() -> None:
    """What is still to be printed goes nowhere: the reader of the pipe has left."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _streams() -> None:
    """Standard streams that can be written to: one that was closed goes nowhere, characters it lacks become `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Takes the request to end, and the end of the terminal, for an interruption, so that temporary files go."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
