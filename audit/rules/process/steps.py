"""PRC003 process.steps 未按标准流程"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC003",
    "process.steps",
    "未按标准流程",
    unit="session",
    severity="minor",
    needs=("profile:steps",),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
