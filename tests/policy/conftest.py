"""A small set of rules made by the real decorator, to test policies against."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from audit.rules.model import Rule, rule


@rule("RSP001", "response.same_day", "当天未回复", unit="wait", severity="major", cite="source A")
def same_day(ctx: Any) -> None:
    """Has no options."""


@rule("RSP003", "response.dispute_3min", "纠纷3分钟未回复", unit="wait", severity="major", cite="source B")
def dispute(ctx: Any, *, limit: int = 180, hours: Literal["service", "any"] = "service") -> None:
    """Has a limit."""


@rule("RSP005", "response.after_thanks", "致谢后未回复", unit="wait", severity="minor", cite="source C")
def after_thanks(ctx: Any, *, limit: float | None = None) -> None:
    """Needs closers_need_reply."""


@rule("ATT001", "attitude.insult", "辱骂", unit="message", severity="severe", cite="source D")
def insult(
    ctx: Any, *, lexicon: str = "insult", skip_quotes: bool = True, views: tuple[str, ...] = ("folded",)
) -> None:
    """Has options of every other type."""


@rule("REV003", "review.manual_invite", "人工邀评", unit="message", severity="minor", cite="source E")
def manual_invite(ctx: Any) -> None:
    """Has dates."""


@rule("REV006", "review.bulk_invite", "批量邀评", unit="session", severity="major", cite="source F")
def bulk_invite(ctx: Any, *, share: float = 0.5) -> None:
    """Has a share."""


@rule("DST001", "disturbance.five_in_a_row", "连续5条消息", unit="run", severity="major", cite="source G")
def five(ctx: Any, *, limit: int = 5) -> None:
    """Is about a run."""


RULES: dict[str, Rule] = {
    r.code: r for r in (same_day, dispute, after_thanks, insult, manual_invite, bulk_invite, five)
}


@pytest.fixture
def rules() -> dict[str, Rule]:
    return RULES


@pytest.fixture
def pack(tmp_path: Path):
    """Write a policy file into a folder of its own; returns its path."""

    def write(text: str, name: str = "own.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
