"""Moments as options give them, for the commands that read `--as-of` as an audit wrote it."""

from __future__ import annotations

from datetime import datetime

from audit.errors import UserError


def moment(value: str | None) -> datetime | None:
    """The moment that `--as-of` names, its zone left out; None where it is not given. Raises UserError for no date."""
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        raise UserError(
            f"not a date: {value!r}", where="--as-of", fix="write 2026-11-15 or 2026-11-15T18:00:00"
        ) from None
