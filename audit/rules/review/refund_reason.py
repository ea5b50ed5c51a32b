"""REV005 review.refund_reason 引导修改退款原因"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "REV005",
    "review.refund_reason",
    "引导修改退款原因",
    unit="message",
    severity="major",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
