"""CND003 conduct.absolute_claim 极限词"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "CND003",
    "conduct.absolute_claim",
    "极限词",
    unit="message",
    severity="info",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
