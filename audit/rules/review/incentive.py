"""REV001 review.incentive 好评返现"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.reviews import INCENTIVE, of_kind, span_hits


@rule(
    "REV001",
    "review.incentive",
    "好评返现",
    unit="message",
    severity="severe",
    topic="规则",
    needs=("lexicon:review_incentive", "lexicon:review_word", "lexicon:review_reward"),
    cite="[003] 二1：不能发好评返现、评论有礼；TB-3；DY-9；网络反不正当竞争暂行规定第九条第五项",
)
def check(chats: Chats) -> pd.DataFrame:
    """用钱、礼品、优惠券、红包等好处换评价、星级、晒图或截图，不论怎么写。"""
    return span_hits(chats, of_kind(chats, INCENTIVE), "用好处换评价：“{quote}”")


EXAMPLES = """
"""
