"""PRC004 process.transfer_note 转接未说明"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC004",
    "process.transfer_note",
    "转接未说明",
    unit="session",
    severity="minor",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
