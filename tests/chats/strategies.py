"""Random conversations for the properties: mostly short steps, now and then hours or a day."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .reference import LINES, Row, classify

STEPS = (1, 2, 59, 60, 180, 181, 3_600, 7_199, 7_200, 7_201, 9_000, 40_000, 86_399, 86_400, 86_401, 100_000)


def conversations(codes: tuple[str, ...] = tuple(LINES), most: int = 25) -> st.SearchStrategy[list[Row]]:
    lines = st.tuples(st.sampled_from(codes), st.sampled_from(STEPS))

    def build(pairs: list[tuple[str, int]]) -> list[Row]:
        rows, now = [], 0.0
        for code, step in pairs:
            now += step
            rows.append(Row(code, now))
        classify(rows)
        return rows

    return st.lists(lines, min_size=1, max_size=most).map(build)


def as_rows(rows: list[Row], buyer: str = "买家甲", session: str = "") -> list[dict[str, Any]]:
    """What an export would say of these rows."""
    out = []
    for row in rows:
        sender, auto, recalled, text = LINES[row.code]
        event = "transfer" if row.code == "move" else ""
        out.append(
            {
                "at": row.time, "buyer": buyer, "session": session, "sender": sender, "text": text,
                "recalled": recalled,
                "agent": {"agent": "客服1", "robot": "小店机器人"}.get(sender, ""), "event": event,
                "kind": "event" if sender == "system" else "text", "auto": "true" if auto else "false",
            }
        )  # fmt: skip
    return out
