"""ATT001 attitude.insult 辱骂"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "ATT001",
    "attitude.insult",
    "辱骂",
    unit="message",
    severity="severe",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
