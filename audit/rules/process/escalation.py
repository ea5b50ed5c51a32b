"""PRC010 process.escalation 风险未上报"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC010",
    "process.escalation",
    "风险未上报",
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
