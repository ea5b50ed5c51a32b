"""The one exception that people see: it says what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


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

    def __reduce__(self) -> tuple[object, ...]:
        # by position, so that it crosses from a worker process to the one that prints it
        return _again, (self.what, self.where, self.fix)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  → {self.fix}" if self.fix else head


def _again(what: str, where: str, fix: str) -> UserError:
    return UserError(what, where=where, fix=fix)


def check_regular(path: str | os.PathLike[str]) -> None:
    """Raises OSError where a small file to be read is none: reading a pipe or a device might never end."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))


@contextmanager
def writing(where: str | os.PathLike[str], fix: str) -> Iterator[None]:
    """Turns the failure to write a file (no rights, a full disk, a folder of that name) into a UserError.

    The system's own name of the file, where it gives one, goes before `where`.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else os.fspath(where)
        raise UserError(f"cannot be written: {error.strerror or error}", where=str(place), fix=fix) from None


def did_you_mean(name: str, known: Iterable[str], n: int = 3) -> str:
    """A hint such as "did you mean RSP003?", or the list of what exists where nothing is near."""
    names = sorted(set(known))
    lowered = {n_.lower(): n_ for n_ in names}
    near = [lowered[m] for m in difflib.get_close_matches(name.lower(), list(lowered), n=n, cutoff=0.6)]
    if near:
        return f"did you mean {' / '.join(near)}?"
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return f"known: {shown}" if names else "none are known"
