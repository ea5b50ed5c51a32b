"""findings.jsonl, coverage.json and metrics.json: the contract for machines (docs/wire-schema.md). Never masked."""

from __future__ import annotations

import dataclasses
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd

from audit.engine.result import WIRE_SCHEMA, AuditResult

_CHUNK = 5_000


def write(result: AuditResult, out_dir: str | os.PathLike[str]) -> list[Path]:
    """Write the three files into `out_dir`, which is made where it is missing; return their paths.

    UTF-8, Unix line ends, keys in the order of the schema; the same result gives the same bytes.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    findings = folder / "findings.jsonl"
    with findings.open("wb") as f:
        for start in range(0, len(result.findings), _CHUNK):
            lines = [orjson.dumps(x, option=orjson.OPT_APPEND_NEWLINE) for x in result.findings[start : start + _CHUNK]]
            f.write(b"".join(lines))
    coverage = folder / "coverage.json"
    coverage.write_bytes(_document({"schema": WIRE_SCHEMA, **dataclasses.asdict(result.coverage)}))
    metrics = folder / "metrics.json"
    agents = [{**row, "agent": row["agent"] or None} for row in records(result.agents)]
    metrics.write_bytes(_document({"schema": WIRE_SCHEMA, **result.metrics, "agents": agents}))
    return [findings, coverage, metrics]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as plain JSON types; NaN and NaT become None."""
    return [{str(k): plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def plain(value: Any) -> Any:
    """A value as plain JSON types: numpy scalars and arrays, timestamps, tuples and NaN included."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value


def _document(content: dict[str, Any]) -> bytes:
    return orjson.dumps(plain(content), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
