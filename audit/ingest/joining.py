"""What belongs together though exports write it differently: accounts and their shops, sessions and buyers."""

from __future__ import annotations

import numpy as np
import pandas as pd


def short_account(account: str, shop: str) -> str:
    """An account without its own shop's name before it: 青禾:小麦 of the shop 青禾 is 小麦."""
    for colon in (":", "："):
        if shop and account.startswith(shop + colon) and len(account) > len(shop) + 1:
            return account[len(shop) + 1 :]
    return account


def with_buyers(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows without a buyer, or with the session's id in its place, joined to the buyer whom their session names.

    `frame`: identified rows of whole shops. Some exports name the buyer in one file and only the session in another.
    Where a session id names several buyers it is a counter and joins nobody; where a buyer's rows have any other
    session, its name is no session's.
    """
    names = [np.asarray(frame[c].cat.categories, dtype=object) for c in ("buyer", "session")]
    buyer, session = (frame[c].cat.codes.to_numpy() for c in ("buyer", "session"))
    shared = sorted((set(names[0]) & set(names[1])) | {""} & set(names[0]))
    if not shared:
        return frame
    place = {name: i for i, name in enumerate(names[1])}
    own = np.array([place.get(name, -2) for name in names[0]])[buyer]  # the session that a buyer is named like
    conversation = frame["conversation_id"].cat.codes.to_numpy()
    stranger = np.bincount(conversation[own != session], minlength=len(frame["conversation_id"].cat.categories)) > 0
    has_session = (names[1] != "")[session]
    lost = has_session & ((names[0] == "")[buyer] | (own == session) & ~stranger[conversation])
    key = pd.factorize(pd.MultiIndex.from_arrays([frame["platform"].cat.codes, frame["shop"].cat.codes, session]))[0]
    wanted = np.bincount(key[lost], minlength=int(key.max()) + 1) > 0
    rows = np.flatnonzero(has_session & ~lost & wanted[key])
    named = pd.DataFrame({"key": key[rows], "conversation": conversation[rows], "row": rows})
    named = named.drop_duplicates(["key", "conversation"])
    named = named[~named["key"].duplicated(keep=False)]
    if not len(named):
        return frame
    model = np.full(int(key.max()) + 1, -1, dtype=np.int64)  # a row of the one buyer of each session
    model[named["key"].to_numpy()] = named["row"].to_numpy()
    at = np.flatnonzero(lost & (model[key] >= 0))
    source = np.arange(len(frame))
    source[at] = model[key[at]]
    columns = ("buyer", "conversation_id", "masked")
    return frame.assign(**{c: frame[c].take(source).reset_index(drop=True) for c in columns})
