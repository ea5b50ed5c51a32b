"""REV002 review.coercion 诱导改/删评价"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.reviews import pressure, span_hits


@rule(
    "REV002",
    "review.coercion",
    "诱导改/删评价",
    unit="message",
    severity="severe",
    topic="规则",
    needs=("lexicon:review_coercion",),
    cite="[003] 二1、三1b：切忌在千牛平台上发送改评价的相关消息；TB-3；DY-7",
)
def check(chats: Chats) -> pd.DataFrame:
    """要求买家改、删差评或中评，或者把处理问题与评价挂钩。"""
    spans = pressure(chats)
    return span_hits(chats, spans, "要求买家改评、删评，或以评价为处理条件：“{quote}”")


EXAMPLES = """
"""
