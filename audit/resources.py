"""Where lexicons, models and other shipped files lie: one function, never the current directory."""

from __future__ import annotations

import os
from pathlib import Path

from audit.errors import UserError


def home(kind: str, override: str | os.PathLike[str] | None = None) -> Path:
    """The folder of `kind` ("lexicons", "models", "sample_transcripts").

    Order: `override` (a flag) > $AUDIT_HOME/<kind> > the repository root of the installed package > bundled in the
    wheel (audit/_bundled/<kind>). Raises UserError where a named place does not hold it.
    """
    if override:
        path = Path(override)
        if not path.is_dir():
            raise UserError(f"no such folder for {kind}: {path}", fix="name an existing folder")
        return path
    if env := os.environ.get("AUDIT_HOME"):
        path = Path(env) / kind
        if not path.is_dir():
            raise UserError(f"AUDIT_HOME holds no folder {kind}: {path}", fix="unset AUDIT_HOME or add the folder")
        return path
    package = Path(__file__).resolve().parent
    root = package.parent
    if (root / "pyproject.toml").is_file() and (root / kind).is_dir():
        return root / kind
    bundled = package / "_bundled" / kind
    if bundled.is_dir():
        return bundled
    raise UserError(f"the shipped folder {kind} is missing", where=str(bundled), fix="install kefu-audit again")
