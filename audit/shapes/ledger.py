"""Shape: the ledger of seller messages in a row to one buyer (Qianniu, source 003)."""

from __future__ import annotations

import json

import numpy as np

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints

#: neither counted nor resetting [003 二2]
EXEMPT_EVENTS = (
    "member_push", "welcome_card", "system_invite", "intercept_shipping", "invoice", "subscription", "transfer_notice",
    "red_packet",
)  # fmt: skip


def counted(chats: Chats) -> Bools:
    """Rows that the ledger counts: every human or automatic seller message, recalled ones too."""
    return chats.seller & ~chats.messages["event"].isin(EXEMPT_EVENTS).to_numpy()


def resets(chats: Chats) -> Bools:
    """Rows that reset the count: a buyer message (a click on a card is none), an order once per order."""
    return chats.buyer | new_orders(chats)


def new_orders(chats: Chats) -> Bools:
    """Rows of order events, the first one of each order in a conversation; an order without number counts each time."""
    orders = np.flatnonzero((chats.messages["event"] == "order").to_numpy())
    out = np.zeros(len(chats), dtype=bool)
    seen: set[tuple[int, str]] = set()
    for row, value in zip(orders, chats.messages["event_value"].iloc[orders], strict=True):
        number = _order_id(value)
        key = (int(chats.conversation[row]), number)
        out[row] = not number or key not in seen
        seen.add(key)
    return out


def _order_id(value: str) -> str:
    try:
        return str((json.loads(value) if value else {}).get("order_id") or "")
    except (ValueError, AttributeError):
        return ""


def run_counts(chats: Chats) -> tuple[Ints, Ints]:
    """(count, run): how many counted messages in a row stand at each row, and the number of its run."""
    hit, reset = counted(chats), resets(chats)
    fresh = reset.copy()
    if len(fresh):
        fresh[1:] |= chats.conversation[1:] != chats.conversation[:-1]
        fresh[0] = True
    run = np.cumsum(fresh) - 1
    total = np.cumsum(hit)
    starts = np.flatnonzero(fresh)
    before = (total - hit)[starts] if len(starts) else total
    count = total - before[run] if len(run) else total
    return count.astype(np.int64), run.astype(np.int64)


def nth_in_run(chats: Chats, n: int) -> tuple[Ints, list[list[int]]]:
    """Rows of the n-th counted message of each run, and for each the rows of the run up to it."""
    count, run = run_counts(chats)
    hit = counted(chats)
    rows = np.flatnonzero(hit & (count == n))
    all_rows = np.flatnonzero(hit)
    place = np.searchsorted(all_rows, rows)
    return rows, [all_rows[p - n + 1 : p + 1].tolist() for p in place]


def as_context(groups: list[list[int]], skip: Ints) -> list[list[tuple[int, str, int, int]]]:
    """Rows of a run as context of a hit, the hit's own row left out."""
    return [
        [(r, "context", -1, -1) for r in group if r != own] for group, own in zip(groups, skip.tolist(), strict=True)
    ]
