"""PFN007 perfunctory.asks_again 重复索要信息"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PFN007",
    "perfunctory.asks_again",
    "重复索要信息",
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
