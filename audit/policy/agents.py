"""agents.csv: the accounts of a shop, who sits behind them and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from audit.errors import did_you_mean
from audit.policy.csvfile import Row, read_csv
from audit.policy.nodes import FileProblems, Problem

AGENTS_NAME = "agents.csv"
AGENT_COLUMNS = ("account", "name", "team", "tier", "shift", "from", "to")
_ALIASES = {
    "账号": "account",
    "客服账号": "account",
    "姓名": "name",
    "团队": "team",
    "组": "team",
    "级别": "tier",
    "班次": "shift",
    "开始": "from",
    "结束": "to",
    "平台": "platform",
    "店铺": "shop",
}


def read_rows(path: Path, problems: list[Problem]) -> list[Row]:
    """The rows of an agents.csv; what is wrong with it goes to `problems`."""
    try:
        return read_csv(path, ("account",), (*AGENT_COLUMNS[1:], "platform", "shop"), _ALIASES, problems)
    except FileProblems as error:
        problems += error.problems
        return []


def is_agents_file(path: Path) -> bool:
    """Whether a file is a table of accounts (and no export of chats that happens to be called agents.csv)."""
    problems: list[Problem] = []
    return bool(read_rows(path, problems)) and not any("column" in p.what for p in problems)


def agents_table(rows: list[Row], tiers: Mapping[str, Any], problems: list[Problem]) -> pd.DataFrame:
    """The accounts: AGENT_COLUMNS as str, from and to as datetime64[ms] (first and last day, NaT = open).

    An account may stand several times for days that do not overlap; a tier must be one of `tiers` where there are any.
    """
    out: list[dict[str, Any]] = []
    spans: dict[str, list[tuple[date, date, int]]] = {}
    for row in rows:
        account, tier = row.values["account"], row.values.get("tier", "")
        start, end = row.day("from", problems), row.day("to", problems)
        if not account:
            problems.append(row.problem("account", "account is empty"))
        if start and end and end < start:
            problems.append(row.problem("to", f"to ({end}) lies before from ({start})"))
        if tier and tiers and tier not in tiers:
            problems.append(row.problem("tier", f"there is no tier {tier!r} in shop.yaml", did_you_mean(tier, tiers)))
        first, last = start or date.min, end or date.max
        for other_first, other_last, line in spans.get(account, []):
            if first <= other_last and other_first <= last:
                what = f"{account} stands twice for the same days"
                problems.append(row.problem("account", what, f"first on line {line}"))
                break
        spans.setdefault(account, []).append((first, last, row.line))
        out.append({**{c: row.values.get(c, "") for c in AGENT_COLUMNS}, "from": start, "to": end})
    return agents_frame(out)


def agents_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A table of accounts with its dtypes, also of no rows."""
    frame = pd.DataFrame(rows, columns=list(AGENT_COLUMNS))
    return frame.astype({c: "datetime64[ms]" if c in ("from", "to") else "str" for c in AGENT_COLUMNS})
