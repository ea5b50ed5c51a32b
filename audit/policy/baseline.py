"""--baseline: what an earlier findings.jsonl held already, what is new and what is gone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from audit.errors import UserError, check_regular


@dataclass(frozen=True)
class Baseline:
    """status : finding id → "new" / "known"; gone : ids that only the earlier report has, in its order."""

    status: dict[str, str]
    gone: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """{"new", "known", "gone"} → how many, as Coverage.baseline holds it."""
        known = sum(s == "known" for s in self.status.values())
        return {"new": len(self.status) - known, "known": known, "gone": len(self.gone)}


def read_baseline(path: str | Path, schema: int) -> list[str]:
    """Ids of an earlier findings.jsonl (or of the folder that holds one), in its order.

    schema : the wire schema that is read (engine.result.WIRE_SCHEMA). An empty file is a report without findings.
    Raises UserError with the line that is not a finding of this schema.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "findings.jsonl"
    fix = "give the findings.jsonl that an earlier `audit run` wrote"
    ids: list[str] = []
    try:
        check_regular(file)
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    ids.append(_id(line, schema, f"{file}:{number}", fix))
    except OSError as error:
        raise UserError(f"the baseline cannot be read: {error.strerror or error}", where=str(file), fix=fix) from None
    except UnicodeDecodeError:
        raise UserError("the baseline is not UTF-8", where=str(file), fix=fix) from None
    return list(dict.fromkeys(ids))


def _id(line: str, schema: int, where: str, fix: str) -> str:
    try:
        finding = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError("the line is not JSON", where=where, fix=fix) from None
    if not isinstance(finding, dict) or not isinstance(finding.get("id"), str) or not finding["id"]:
        raise UserError("the line is no finding: it has no id", where=where, fix=fix)
    if finding.get("schema") != schema:
        what = f"the finding has schema {finding.get('schema')!r}, this version reads {schema}"
        raise UserError(what, where=where, fix="run the earlier chats again with this version")
    return str(finding["id"])


def compare(ids: Iterable[str], old: Iterable[str]) -> Baseline:
    """Mark an audit's finding ids (before any filter) against the earlier ones."""
    now, before = dict.fromkeys(ids), dict.fromkeys(old)
    return Baseline({i: "known" if i in before else "new" for i in now}, tuple(i for i in before if i not in now))
