"""REV003 review.manual_invite 人工邀评"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME
from audit.rules.model import rule
from audit.shapes.hits import no_hits
from audit.shapes.reviews import accepted, invitations, span_hits, within_a_day


@rule(
    "REV003",
    "review.manual_invite",
    "人工邀评",
    unit="message",
    severity="minor",
    topic="规则",
    needs=("lexicon:rating_invite",),
    cite="[003] 一4：2021 年 3 月全平台下架手动邀评；[004] 抖音 2021-11-25 起不支持客服邀评；[002] a",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服手动请买家评价服务或商品（好评、五星、晒图、追评），没有给好处。"""
    asked = invitations(chats)
    by_hand = asked[chats.human[asked["row"].to_numpy()]].reset_index(drop=True)
    if not len(by_hand):
        return no_hits()
    rows = by_hand["row"].to_numpy()
    platform = chats.messages["platform"].astype("str").to_numpy(dtype=object)[rows]
    mild = np.isin(platform, ("taobao", "tmall")) & ~by_hand["demand"].to_numpy() & accepted(chats, rows)
    asking = np.zeros(len(chats), dtype=bool)
    asking[asked["row"].to_numpy()] = True
    before = chats.previous(asking)[rows]
    again = (before >= 0) & (within_a_day(chats, np.maximum(before, 0), rows) | (chats.time[rows] == NO_TIME))
    return span_hits(
        chats,
        by_hand,
        "客服手动邀请买家评价：“{quote}”",
        severity=np.where(mild & ~again, "info", "").astype(object),
    )


EXAMPLES = """
"""
