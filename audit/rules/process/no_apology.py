"""PRC005 process.no_apology 未致歉"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC005",
    "process.no_apology",
    "未致歉",
    unit="session",
    severity="minor",
    needs=(),
    cite="",
)
def check(chats: Chats, *, after_wait: float = 180, messages: int = 5) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
