"""REV006 review.bulk_invite 批量邀评"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "REV006",
    "review.bulk_invite",
    "批量邀评",
    unit="message",
    severity="minor",
    needs=(),
    cite="",
)
def check(chats: Chats, *, share: float = 0.5) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
