"""PRC008 process.authority 越权"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC008",
    "process.authority",
    "越权",
    unit="message",
    severity="major",
    needs=("profile:tiers",),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
