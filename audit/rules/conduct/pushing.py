"""CND004 conduct.pushing 主动推销"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "CND004",
    "conduct.pushing",
    "主动推销",
    unit="message",
    severity="minor",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
