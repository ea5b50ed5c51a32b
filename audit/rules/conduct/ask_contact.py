"""CND002 conduct.ask_contact 索要联系方式"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "CND002",
    "conduct.ask_contact",
    "索要联系方式",
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
