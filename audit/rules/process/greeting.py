"""PRC001 process.greeting 缺少欢迎语"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC001",
    "process.greeting",
    "缺少欢迎语",
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
