"""REV003 review.manual_invite 人工邀评"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "REV003",
    "review.manual_invite",
    "人工邀评",
    unit="message",
    severity="minor",
    needs=(),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
