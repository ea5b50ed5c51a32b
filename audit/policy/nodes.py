"""Strict YAML: a tree of nodes that know their place; every problem of every file is collected before it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from audit.errors import UserError, check_regular, did_you_mean
from audit.policy.decode import decode_text

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INT = re.compile(r"[+-]?\d{1,15}\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)\Z", re.ASCII)
_NULLS = ("", "~", "null", "Null", "NULL")
T = TypeVar("T")


@dataclass(frozen=True)
class Node:
    """A place in a file and what stands there.

    `value` is a scalar's text, a list's Nodes, or a mapping's (key, value) Nodes.
    """

    file: str
    line: int  # 1-based, as an editor shows it
    column: int
    kind: str  # scalar / list / mapping
    value: Any
    plain: bool = True  # a scalar without quotes

    @property
    def is_null(self) -> bool:
        """Whether nothing (or null, ~) is written here."""
        return self.kind == "scalar" and self.plain and self.value in _NULLS


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend."""

    file: str
    line: int
    column: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place} {self.what}" + (f", {self.hint}" if self.hint else "")


class FileProblems(UserError):
    """All problems of the files that were read, one line each: `file:line:column what, hint`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        head = "" if len(self.problems) == 1 else f"{len(self.problems)} problems\n  "
        super().__init__(head + "\n  ".join(map(str, self.problems)), fix="mend the places named above")


@dataclass
class Problems:
    """Collects problems, so that one run tells them all."""

    found: list[Problem] = field(default_factory=list)

    def add(self, node: Node, what: str, hint: str = "") -> None:
        """Note a problem at a node."""
        self.found.append(Problem(node.file, node.line, node.column, what, hint))

    def check(self) -> None:
        """Raise FileProblems if there are any."""
        if self.found:
            raise FileProblems(self.found)


def read(path: Path, shown: str = "") -> Node:
    """The node tree of a YAML file. Anchors, aliases, tags, deep nesting and files over 1 MB are refused.

    `shown` is the name that problems carry (default: the path as given). Raises FileProblems.
    """
    shown = shown or str(path)
    try:
        check_regular(path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            _stop(shown, f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read")
        data = path.read_bytes()
    except OSError as error:
        _stop(shown, f"cannot be read: {error.strerror or error}")
    return parse(data, shown)


def parse(data: bytes, file: str) -> Node:
    """`read` for bytes already at hand. An empty file is an empty mapping."""
    try:
        text = decode_text(data)
    except UnicodeDecodeError:
        _stop(file, "the text is neither UTF-8, UTF-16 nor GB18030", "save it as UTF-8")
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        _stop(file, f"control character U+{ord(bad[0]):04X}", "remove it", line, column)
    try:
        return _build(yaml.parse(text, Loader=_LOADER), file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(filter(None, (error.context, error.problem)))
        _stop(file, f"not valid YAML: {what}", "", mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)
    except yaml.YAMLError as error:
        _stop(file, f"not valid YAML: {error}")


def _stop(file: str, what: str, hint: str = "", line: int = 0, column: int = 0) -> NoReturn:
    raise FileProblems([Problem(file, line, column, what, hint)])


def _build(events: Iterable[Any], file: str) -> Node:
    """The tree from the parser's events, without recursion: nesting cannot exhaust the stack."""
    roots: list[Node] = []
    open_: list[tuple[str, list[Node], int, int]] = []

    def place(node: Node) -> None:
        (open_[-1][1] if open_ else roots).append(node)

    for event in events:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _stop(file, "anchors and aliases (& and *) are not allowed", "write the value out", line, column)
        if getattr(event, "tag", None):
            _stop(file, f"tags are not allowed ({event.tag})", "remove the tag", line, column)
        if isinstance(event, yaml.ScalarEvent):
            place(Node(file, line, column, "scalar", event.value, not event.style))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(open_) >= MAX_DEPTH:
                _stop(file, f"nested deeper than {MAX_DEPTH} levels", "", line, column)
            open_.append(("list" if isinstance(event, yaml.SequenceStartEvent) else "mapping", [], line, column))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            kind, items, at, col = open_.pop()
            value: Any = items if kind == "list" else list(zip(items[::2], items[1::2], strict=True))
            place(Node(file, at, col, kind, value))
        elif isinstance(event, yaml.DocumentStartEvent) and roots:
            _stop(file, "more than one YAML document", "keep one document per file", line, column)
    return roots[0] if roots and not roots[0].is_null else Node(file, 1, 1, "mapping", [])


def mapping(node: Node, problems: Problems, what: str, known: Iterable[str] | None = None) -> dict[str, Node]:
    """Keys → value nodes. Duplicate keys, unknown keys (where `known` is given) and other kinds are problems."""
    if node.kind != "mapping":
        problems.add(node, f"{what} must be a mapping of keys to values", f"not a {node.kind}")
        return {}
    out: dict[str, Node] = {}
    names = None if known is None else list(known)
    first: dict[str, Node] = {}
    for key, value in node.value:
        if key.kind != "scalar":
            problems.add(key, f"a key of {what} must be a plain word")
        elif key.value in first:
            problems.add(key, f"duplicate key {key.value!r} in {what}", f"first on line {first[key.value].line}")
        elif names is not None and key.value not in names:
            problems.add(key, f"unknown key {key.value!r} in {what}", did_you_mean(key.value, names))
        else:
            first[key.value] = key
            out[key.value] = value
    return out


def items(node: Node, problems: Problems, what: str) -> list[Node]:
    """The nodes of a list."""
    if node.kind != "list":
        problems.add(node, f"{what} must be a list", f"not a {node.kind}")
        return []
    return list(node.value)


def text(node: Node, problems: Problems, what: str, *, empty: bool = False) -> str:
    """A scalar as text, whatever YAML would make of it (no, 08:00 and 007 stay as written)."""
    if node.kind != "scalar":
        problems.add(node, f"{what} must be text", f"not a {node.kind}")
        return ""
    value = "" if node.is_null else str(node.value).strip()
    if not value and not empty:
        problems.add(node, f"{what} is empty")
    return value


def integer(node: Node, problems: Problems, what: str) -> int | None:
    """A whole number ≥ 0."""
    if node.kind == "scalar" and node.plain and _INT.match(node.value):
        return _not_negative(int(node.value), node, problems, what)
    problems.add(node, f"{what} must be a whole number", f"not {shown(node)}")
    return None


def number(node: Node, problems: Problems, what: str) -> float | None:
    """A number ≥ 0 (durations: seconds)."""
    if node.kind == "scalar" and node.plain and _NUMBER.match(node.value):
        return _not_negative(float(node.value), node, problems, what)
    problems.add(node, f"{what} must be a number", f"not {shown(node)}")
    return None


def _not_negative(value: T, node: Node, problems: Problems, what: str) -> T | None:
    if value < 0:  # type: ignore[operator]
        problems.add(node, f"{what} must not be negative", f"not {shown(node)}")
        return None
    return value


def boolean(node: Node, problems: Problems, what: str) -> bool | None:
    """A flag, true or false; yes/no/on/off are refused, since YAML versions disagree about them."""
    if node.kind == "scalar" and node.plain and node.value.lower() in ("true", "false"):
        return bool(node.value.lower() == "true")
    problems.add(node, f"{what} must be true or false", f"not {shown(node)}")
    return None


def one_of(node: Node, problems: Problems, what: str, allowed: Sequence[str]) -> str | None:
    """One of a few words."""
    if node.kind == "scalar" and node.value in allowed:
        return str(node.value)
    hint = did_you_mean(node.value, allowed) if node.kind == "scalar" else ""
    what = f"{what} must be one of {' / '.join(allowed)}, not {shown(node)}"
    problems.add(node, what, hint if hint.startswith("did you mean") else "")
    return None


def day(node: Node, problems: Problems, what: str) -> date | None:
    """A date YYYY-MM-DD."""
    if node.kind == "scalar" and _DATE.match(node.value):
        try:
            return date.fromisoformat(node.value)
        except ValueError:
            pass
    problems.add(node, f"{what} must be a date such as 2026-08-12", f"not {shown(node)}")
    return None


def day_range(node: Node, problems: Problems, what: str) -> tuple[date | None, date | None] | None:
    """[from, to], both inclusive; null or empty = open."""
    parts = items(node, problems, what)
    if node.kind == "list" and len(parts) != 2:
        problems.add(node, f"{what} must be [from, to]", "null for an open end")
    if len(parts) != 2:
        return None
    start, end = (None if p.is_null else day(p, problems, what) for p in parts)
    if start and end and start > end:
        problems.add(node, f"{what} ends ({end}) before it begins ({start})")
        return None
    return start, end


def hours(node: Node, problems: Problems, what: str) -> tuple[int, int] | None:
    """["08:00", "23:00"] → seconds after midnight, the end excluded ("24:00" is allowed)."""
    parts = items(node, problems, what)
    seconds: list[int] = []
    for part in parts:
        match = _CLOCK.match(part.value) if part.kind == "scalar" else None
        at = int(match[1]) * 3600 + int(match[2]) * 60 if match else -1
        if not 0 <= at <= 86_400:
            problems.add(part, f"{what} must be a time such as 08:00", f"not {shown(part)}")
        seconds.append(at)
    if node.kind == "list" and (len(parts) != 2 or (min(seconds) >= 0 and seconds[0] >= seconds[1])):
        problems.add(node, f'{what} must be [start, end] within one day, such as ["08:00", "23:00"]')
        return None
    return (seconds[0], seconds[1]) if len(seconds) == 2 and min(seconds) >= 0 else None


def texts(node: Node, problems: Problems, what: str) -> tuple[str, ...]:
    """A list of texts without repeats."""
    out: list[str] = []
    for part in items(node, problems, what):
        value = text(part, problems, f"an entry of {what}")
        if value and value in out:
            problems.add(part, f"{value!r} stands twice in {what}")
        elif value:
            out.append(value)
    return tuple(out)


def timezone(node: Node, problems: Problems, what: str) -> str | None:
    """A zone name such as Asia/Shanghai."""
    from zoneinfo import available_timezones

    value = text(node, problems, what)
    if value and value not in available_timezones():
        problems.add(node, f"{what} {value!r} is unknown", did_you_mean(value, available_timezones()))
        return None
    return value or None


def shown(node: Node) -> str:
    """A node as an error quotes it."""
    if node.kind != "scalar":
        return f"a {node.kind}"
    value = node.value if len(node.value) <= 40 else node.value[:39] + "…"
    return repr(value) + ("" if node.plain else " in quotes")


Typed = Callable[[Node, Problems, str], Any]
