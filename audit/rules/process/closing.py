"""PRC002 process.closing 缺少结束语"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC002",
    "process.closing",
    "缺少结束语",
    unit="session",
    severity="info",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
