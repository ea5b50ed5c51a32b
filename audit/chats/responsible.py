"""Who is responsible for a wait (rulebook §1, first match of four)."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import DAY, NO_TIME, Ints
from audit.ingest.joining import short_account


def transfer_ends(chats: Chats) -> pd.DataFrame:
    """Transfer events: row, source, target (accounts without their shop's name, "" = not named), by row."""
    rows = np.flatnonzero(chats.transfer)
    values = [_parsed(v) for v in chats.messages["event_value"].iloc[rows]]
    shops = chats.messages["shop"].iloc[rows].astype("str").tolist()

    def accounts(end: str) -> list[str]:
        return [short_account(str(v.get(end) or ""), shop) for v, shop in zip(values, shops, strict=True)]

    return pd.DataFrame({"row": rows, "source": accounts("from"), "target": accounts("to")})


def _parsed(value: str) -> dict[str, object]:
    try:
        parsed = json.loads(value) if value else {}
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def responsible(chats: Chats, open_row: Ints, close_row: Ints, deadline: Ints) -> list[str]:
    """The account that answers for each wait; "" = unassigned.

    (1) a wait passed on while still open: who held the buyer when the deadline passed; (2) who closed it; (3) the
    account named on the buyer's row, else the last human speaker, else the target of the last transfer before it opened
    (the `from` of a later one names the holder too); (4) nobody. `deadline` in ms, NO_TIME = none.
    """
    account = chats.accounts
    named = account[open_row] if len(open_row) else np.zeros(0, dtype=object)
    speaker = chats.previous(chats.human)[open_row]
    closer = np.where(close_row >= 0, account[np.maximum(close_row, 0)], "")
    out = np.where(named != "", named, np.where(speaker >= 0, account[np.maximum(speaker, 0)], ""))

    moves = transfer_ends(chats)
    row, source, target = (moves[c].to_numpy() for c in ("row", "source", "target"))
    conversation = chats.conversation
    of_move = conversation[row]
    first = np.searchsorted(of_move, conversation[open_row], side="left")
    last = np.searchsorted(of_move, conversation[open_row], side="right")
    for i in np.flatnonzero(last > first):
        opened, same = open_row[i], np.arange(first[i], last[i])
        earlier, later = same[row[same] < opened], same[row[same] > opened]
        if out[i] == "" and len(earlier):
            out[i] = target[earlier[-1]]
        if out[i] == "" and len(later):
            out[i] = source[later[0]]
        end = close_row[i] if close_row[i] >= 0 else len(conversation)
        during = later[row[later] < end]
        if close_row[i] < 0 and chats.time[opened] != NO_TIME:
            during = during[chats.time[row[during]] - chats.time[opened] <= DAY]
        if len(during):
            passed = during[chats.time[row[during]] <= deadline[i]] if deadline[i] != NO_TIME else during
            holder = target[passed[-1]] if len(passed) else source[during[0]] or out[i]
            closer[i] = holder or closer[i]
    return [str(c or o) for c, o in zip(closer, out, strict=True)]
