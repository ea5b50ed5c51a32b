"""REV006 review.bulk_invite 批量邀评"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.hits import no_hits
from audit.shapes.reviews import invitations, open_issue, span_hits, turn_texts

_KEY = ["platform", "shop", "agent"]
_NOT_YET = re.compile(r"还没|还未|没有?(?:到|收到|发|寄|联系|处理|退|补|解决|弄好)|什么时候|多久|错了|弄错|开错|少了")
#: asks for a review of goods that are still to come: the question before it is answered
_LATER = re.compile(r"(?:收到|到货|签收|拿到|用|试|穿|吃|装)(?:了|过|货|好)*(?:之?后|以后|再|满意|喜欢|觉得)")


@rule(
    "REV006",
    "review.bulk_invite",
    "批量邀评",
    unit="message",
    severity="minor",
    topic="话术",
    needs=("lexicon:rating_invite",),
    cite="[002] a：只邀请问题已解决、认可服务的买家，避免批量直接对所有买家邀评",
)
def check(chats: Chats, *, share: float = 0.5, min_sessions: int = 5) -> pd.DataFrame:
    """同一句邀评发给一个账号一半以上的会话，或者问题还没解决就邀评。"""
    asks = invitations(chats).drop_duplicates("row").reset_index(drop=True)
    if not len(asks):
        return no_hits()
    figures = getattr(chats, "shared", {}).get("REV006")
    sessions, total = _reach(chats, asks, summarise(chats) if figures is None else figures)
    bulk = (total >= min_sessions) & (sessions >= share * total)
    early = unsettled(chats, asks["row"].to_numpy())
    keep = bulk | early
    why = [
        "；".join(
            part
            for part, true in (
                (
                    f"同一句邀评发给了该账号 {total[i]} 个会话中的 {sessions[i]} 个（{sessions[i] / max(total[i], 1):.0%}）",
                    bulk[i],
                ),
                ("买家的问题还没解决就邀评", early[i]),
            )
            if true
        )
        for i in np.flatnonzero(keep)
    ]
    return span_hits(chats, asks[keep].reset_index(drop=True), why)


def summarise(chats: Chats) -> pd.DataFrame:
    """How often each account sends each invitation: platform, shop, agent, text (str), sessions, total (int64).

    `total`, the number of sessions in which the account spoke, stands on its row with text "" only (sessions 0 there), so
    that the frames of several parts add up: concat, then groupby platform, shop, agent, text and sum.
    """
    columns = chats.messages[_KEY].astype("str")
    asks = invitations(chats)
    rows = asks["row"].to_numpy()
    said = columns.iloc[rows].assign(text=asks["said"].to_numpy(), session=chats.session[rows]).drop_duplicates()
    texts = said.groupby([*_KEY, "text"], sort=True).size().rename("sessions").reset_index().assign(total=0)
    spoke = columns[chats.seller].assign(session=chats.session[chats.seller]).drop_duplicates()
    everyone = spoke.groupby(_KEY, sort=True).size().rename("total").reset_index().assign(text="", sessions=0)
    return pd.concat([texts, everyone[[*_KEY, "text", "sessions", "total"]]], ignore_index=True)


def _reach(chats: Chats, asks: pd.DataFrame, figures: pd.DataFrame) -> tuple[Ints, Ints]:
    """For each invitation: the sessions that got its text, and all sessions of the account."""
    mine = chats.messages[_KEY].astype("str").iloc[asks["row"].to_numpy()].reset_index(drop=True)
    mine["text"] = asks["said"].to_numpy()
    sessions = figures.groupby([*_KEY, "text"])["sessions"].sum().reset_index()
    total = figures.groupby(_KEY)["total"].sum().reset_index()
    found = mine.merge(sessions, "left", [*_KEY, "text"]).merge(total, "left", _KEY)
    return found["sessions"].fillna(0).to_numpy(np.int64), found["total"].fillna(0).to_numpy(np.int64)


def unsettled(chats: Chats, rows: Ints) -> Bools:
    """(rows,) bool: in a dispute, or the buyer's last turn before it asks, urges or complains and accepts nothing."""
    settled = chats.buyer_is("settled") | chats.buyer_is("thanks")
    issue = open_issue(chats)
    firm = chats.buyer_is("urge") | chats.buyer_is("complaint")
    last = chats.previous(chats.buyer)[rows]
    known = last >= 0
    known[known] = chats.session[last[known]] == chats.session[rows[known]]
    out = chats.in_dispute[rows] & known
    for i in np.flatnonzero(known):
        turn = _turn(chats, int(last[i]))
        if settled[turn].any():
            continue
        pressing = firm[turn].any() or _NOT_YET.search(turn_texts(chats, turn)) is not None
        later = _LATER.search(chats.texts.view.text(int(chats.text_id[rows[i]]))) is not None
        out[i] |= pressing or (issue[turn].any() and not later)
    return out


def _turn(chats: Chats, last: int) -> Ints:
    first = last
    while first > 0 and chats.session[first - 1] == chats.session[last] and chats.side[first - 1] != 1:
        first -= 1
    turn = np.arange(first, last + 1)
    return turn[chats.buyer[turn]]


EXAMPLES = """
"""
