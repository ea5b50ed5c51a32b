"""The one exception that people see: it says what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A problem that the user can mend. The command line prints it without a traceback and exits with 2.

    Parameters
    ----------
    what : what is wrong, one sentence.
    where : file, row, column or option, as exactly as it is known.
    fix : what to do about it.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  → {self.fix}" if self.fix else head


def did_you_mean(name: str, known: Iterable[str], n: int = 3) -> str:
    """A hint such as "did you mean RSP003?", or the list of what exists where nothing is near."""
    names = sorted(set(known))
    lowered = {n_.lower(): n_ for n_ in names}
    near = [lowered[m] for m in difflib.get_close_matches(name.lower(), list(lowered), n=n, cutoff=0.6)]
    if near:
        return f"did you mean {' / '.join(near)}?"
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return f"known: {shown}" if names else "none are known"
