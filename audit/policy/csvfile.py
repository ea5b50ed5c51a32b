"""Strict reading of the small CSV files that people keep by hand: any encoding, every problem with its row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audit.errors import check_regular, did_you_mean
from audit.policy.decode import decode_text
from audit.policy.nodes import FileProblems, Problem

MAX_BYTES = 16_000_000
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?: 0{1,2}:00(?::00)?)?\Z", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One row: values by column name; `line` and the columns' positions as a person counts them."""

    file: str
    line: int
    values: dict[str, str]
    positions: Mapping[str, int]

    def problem(self, column: str, what: str, hint: str = "") -> Problem:
        """A problem in a cell of this row."""
        return Problem(self.file, self.line, self.positions.get(column, 1), what, hint)

    def day(self, column: str, problems: list[Problem]) -> date | None:
        """A cell as a date (2026-08-12, or 2026/8/12 as Excel rewrites it); empty = None."""
        value = self.values.get(column, "")
        if not value:
            return None
        match = _DATE.match(value)
        try:
            if match:
                return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            pass
        problems.append(self.problem(column, f"{column} must be a date such as 2026-08-12", f"not {value[:40]!r}"))
        return None


def read_csv(
    path: Path,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    aliases: Mapping[str, str],
    problems: list[Problem],
) -> list[Row]:
    """The rows of a CSV with a header; blank rows are skipped. Commas, semicolons or tabs separate.

    required, optional : the columns that it may have; aliases : other headers → column. Header problems go to
    `problems`; a file that cannot be read raises FileProblems.
    """
    shown = str(path)
    try:
        check_regular(path)
        if path.stat().st_size > MAX_BYTES:
            raise FileProblems([Problem(shown, 0, 0, f"the file is larger than {MAX_BYTES:,} bytes")])
        text = decode_text(path.read_bytes())
    except OSError as error:
        raise FileProblems([Problem(shown, 0, 0, f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError:
        hint = "save it as UTF-8"
        raise FileProblems([Problem(shown, 0, 0, "the text is neither UTF-8, UTF-16 nor GB18030", hint)]) from None
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    rows: list[Row] = []
    positions: dict[str, int] = {}
    try:
        for cells in reader:
            cells = [c.strip() for c in cells]
            if not any(cells):
                continue
            if not positions:
                positions = _header(shown, reader.line_num, cells, required, optional, aliases, problems)
                if not positions:
                    return []
                width = len(cells)
                continue
            if len(cells) > width:
                what = f"the row has {len(cells)} cells, the header {width}"
                problems.append(Problem(shown, reader.line_num, width + 1, what, "quote cells that hold the separator"))
                continue
            values = {name: cells[at - 1] if at <= len(cells) else "" for name, at in positions.items()}
            rows.append(Row(shown, reader.line_num, values, positions))
    except csv.Error as error:
        problems.append(Problem(shown, max(reader.line_num, 1), 1, f"not valid CSV: {error}"))
    if not positions:
        problems.append(Problem(shown, 1, 1, "the file is empty", f"the header needs {', '.join(required)}"))
    return rows


def _header(
    shown: str,
    line: int,
    cells: list[str],
    required: tuple[str, ...],
    optional: tuple[str, ...],
    aliases: Mapping[str, str],
    problems: list[Problem],
) -> dict[str, int]:
    """Column → 1-based position; nothing where a required column is missing."""
    positions: dict[str, int] = {}
    for at, cell in enumerate(cells, 1):
        name = aliases.get(cell.lower(), cell.lower())
        if not cell:
            continue
        if name not in (*required, *optional):
            problems.append(
                Problem(shown, line, at, f"unknown column {cell[:40]!r}", did_you_mean(name, [*required, *optional]))
            )
        elif name in positions:
            problems.append(
                Problem(shown, line, at, f"column {name} stands twice", f"first in column {positions[name]}")
            )
        else:
            positions[name] = at
    missing = [name for name in required if name not in positions]
    if missing:
        problems.append(
            Problem(shown, line, 1, f"missing column {', '.join(missing)}", f"needed: {', '.join(required)}")
        )
        return {}
    return positions
