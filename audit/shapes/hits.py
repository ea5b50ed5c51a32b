"""HITS: what a check gives back, one row per finding-to-be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, Ints

#: column → default. Times are int64 ms (NO_TIME = none). `context` holds lists of (row, role, start, end).
HITS: dict[str, Any] = {
    "row": None,  # the message that the finding is about; it names id, time, agent and session
    "start": -1,  # span in that message's ORIGINAL text; -1 = the whole message
    "end": -1,
    "agent": None,  # the responsible account where it is not the row's own
    "opened_at": NO_TIME,
    "deadline": NO_TIME,
    "closed_at": NO_TIME,
    "state": "violation",
    "severity": "",  # "" = the clause's
    "score": 1.0,
    "decoded": "",
    "decoded_by": "",
    "why": "",
    "context": None,
    "decided_by": "rule",
    "group_row": -1,  # findings that share it (the wait's opening row) are one offence
}


def make_hits(row: Ints | Sequence[int], **columns: Any) -> pd.DataFrame:
    """HITS from arrays or scalars; what is not named takes its default."""
    unknown = set(columns) - set(HITS)
    if unknown:
        raise AssertionError(f"not a column of HITS: {sorted(unknown)}")
    rows = np.asarray(row, dtype=np.int64)
    data: dict[str, Any] = {"row": rows}
    for name, default in HITS.items():
        if name == "row":
            continue
        value = columns.get(name, default)
        scalar = value is None or isinstance(value, (str, int, float, np.integer, np.floating))
        if name in ("agent", "context") or (
            not scalar and name in ("why", "severity", "state", "decoded", "decoded_by")
        ):
            array = np.empty(len(rows), dtype=object)
            array[:] = value if scalar else list(value)
            data[name] = array
        else:
            data[name] = np.full(len(rows), value) if scalar else np.asarray(value)
    return pd.DataFrame(data)


def no_hits() -> pd.DataFrame:
    """HITS without rows."""
    return make_hits([])


def join_hits(*parts: pd.DataFrame) -> pd.DataFrame:
    """Several HITS as one."""
    some = [p for p in parts if len(p)]
    return pd.concat(some, ignore_index=True) if some else no_hits()


def moment(value: Ints) -> list[str]:
    """Times (int64 ms) as `MM-DD HH:MM:SS` for a reason; "" where unknown."""
    stamps = np.datetime_as_string(np.where(value == NO_TIME, 0, value).view("datetime64[ms]"), unit="s").tolist()
    return ["" if v == NO_TIME else f"{t[5:10]} {t[11:]}" for t, v in zip(stamps, value.tolist(), strict=True)]


def span_text(seconds: float) -> str:
    """A duration in Chinese words: 252 → 4分12秒."""
    whole = int(round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "天"), (hours, "小时"), (minutes, "分"), (secs, "秒")]
    return "".join(f"{n}{unit}" for n, unit in parts if n) or "0秒"


def quotes(chats: Chats, rows: Ints) -> list[str]:
    """Texts of rows, cut for a reason."""
    return [t if len(t) <= 20 else t[:19] + "…" for t in chats.messages["text"].iloc[rows].tolist()]
