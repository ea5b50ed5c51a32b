"""PFN006 perfunctory.clock_stopper 刷响应"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PFN006",
    "perfunctory.clock_stopper",
    "刷响应",
    unit="message",
    severity="minor",
    needs=(),
    cite="",
)
def check(chats: Chats, *, limit: float = 180) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
