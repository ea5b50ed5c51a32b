"""ATT006 attitude.hostile_emoticon 敌意表情"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "ATT006",
    "attitude.hostile_emoticon",
    "敌意表情",
    unit="message",
    severity="major",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
