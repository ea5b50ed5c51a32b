"""EXAMPLES: written conversations with marks, as tests, documentation and first training rows (docs/design.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audit.errors import did_you_mean
from audit.schema import EVENTS

START = datetime(2026, 11, 10, 10, 0, 0)
STEP = timedelta(seconds=10)
SHOP, BUYER, AGENT = "示例店", "买家甲", "客服1"

_LINE = re.compile(
    r"^(?P<mark>[!?](?:(?P<clock>\d+)s)?\s+)?"
    r"(?:(?P<date>\d{4}-\d\d-\d\d)[ T])?(?P<time>\d\d:\d\d(?::\d\d)?)?(?P<plus>\+\d+s)?\s*"
    r"(?P<who>[BARSE])(?:\((?P<flags>[^)]+)\))?(?:\s+@(?P<account>\S+))?(?:\s+(?P<text>.*))?$"
)
_SENDER = {"B": "buyer", "A": "agent", "R": "robot", "S": "system", "E": "system"}
_KINDS = {"[图片]": "image", "[视频]": "video", "[语音]": "voice", "[卡片]": "card"}
_BUYER_EVENTS = ("card_click", "rating", "rejected", "recovery_click")


class ExampleError(ValueError):
    """An example that cannot be read."""


@dataclass(frozen=True)
class Line:
    """One line of an example."""

    sender: str
    account: str
    text: str
    at: datetime | None
    minutes: bool
    kind: str
    auto: str
    recalled: bool
    event: str
    value: str
    flagged: bool  # `!`: the whole message or the wait that it opens
    missed: bool  # `?`: a known miss
    clock: float | None  # expected latency in seconds
    spans: tuple[tuple[int, int], ...]  # «»
    session: str = ""


@dataclass(frozen=True)
class Example:
    """One conversation with its header settings."""

    lines: tuple[Line, ...]
    header: dict[str, str] = field(default_factory=dict)
    number: int = 0
    source: str = ""

    @property
    def expects_hit(self) -> bool:
        """Whether any line is marked."""
        return any(line.flagged or line.spans for line in self.lines)


def parse(text: str) -> Iterator[Example]:
    """Conversations of an EXAMPLES text: blocks parted by blank lines, `# key=value` headers, `## ` comments.

    A line is `[!|?] [HH:MM[:SS] | YYYY-MM-DD HH:MM:SS | +190s] B|A|R|S|E[(flags)] [@account] text`; flags: auto,
    recalled, card, image …, s=<session>. Without a time a line follows 10 s after the one before.
    """
    number = 0
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = [line for line in block.splitlines() if line.strip()]
        header: dict[str, str] = {}
        body = []
        for line in lines:
            if line.startswith("##"):
                continue
            if line.startswith("#"):
                for part in re.findall(r"(\S+?)=(\"[^\"]*\"|\S+)", line[1:]):
                    header[part[0]] = part[1].strip('"')
            else:
                body.append(line)
        if not body:
            if header:
                raise ExampleError(f"a header without a conversation under it: {block.strip()!r}")
            continue
        number += 1
        yield Example(tuple(_lines(body, header)), header, number, "\n".join(body))


def _lines(body: list[str], header: dict[str, str]) -> Iterator[Line]:
    now = START - STEP
    untimed = header.get("times") == "none"
    for raw in body:
        m = _LINE.match(raw.strip())
        if not m:
            raise ExampleError(f"cannot read the line {raw!r}")
        now = _moment(m, now)
        flags = {f.strip() for f in (m["flags"] or "").split(",")} - {""}
        text, spans = _unmark(m["text"] or "")
        sender = _SENDER[m["who"]]
        event, value, kind = "", "", _KINDS.get(text.strip(), "text")
        if m["who"] == "E":
            event, _, value = text.partition(" ")
            value = value.strip()
            if event not in EVENTS:
                raise ExampleError(f"{did_you_mean(event, EVENTS)} in the line {raw!r}")
            try:
                json.loads(value or "{}")
            except ValueError:
                raise ExampleError(f"no JSON: {value!r} in the line {raw!r}") from None
            kind, text = "event", ""
            if event in _BUYER_EVENTS and not value.startswith('{"agent"'):
                sender = "buyer" if event != "rating" else "system"
        elif m["who"] == "S" and "card" not in flags:
            kind = "event"
        for name in ("image", "card", "video", "voice", "emoji", "link", "file"):
            if name in flags:
                kind = name
        account = m["account"] or (AGENT if sender == "agent" else "服务助手" if sender == "robot" else "")
        mark = (m["mark"] or "")[:1]
        yield Line(
            sender, account, text, None if untimed else now, bool(m["time"]) and m["time"].count(":") == 1, kind,
            "true" if "auto" in flags or sender == "robot" else "false", "recalled" in flags, event, value,
            mark == "!", mark == "?", float(m["clock"]) if m["clock"] else None, spans,
            next((f[2:] for f in flags if f.startswith("s=")), ""),
        )  # fmt: skip


def _moment(m: re.Match[str], now: datetime) -> datetime:
    if m["plus"]:
        return now + timedelta(seconds=int(m["plus"][1:-1]))
    if not m["time"]:
        return now + STEP
    clock = datetime.strptime(m["time"], "%H:%M:%S" if m["time"].count(":") == 2 else "%H:%M")
    day = datetime.strptime(m["date"], "%Y-%m-%d") if m["date"] else now
    return day.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0)


def _unmark(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    plain, spans, start = "", [], -1
    for char in text:
        if char == "«" and start < 0:
            start = len(plain)
        elif char == "»" and 0 <= start < len(plain):
            spans.append((start, len(plain)))
            start = -1
        elif char in "«»":
            raise ExampleError(f"« and » do not enclose a quote in {text!r}")
        else:
            plain += char
    if start >= 0:
        raise ExampleError(f"« without » in {text!r}")
    return plain, tuple(spans)
