"""PFN002 perfunctory.repeated 重复同样回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PFN002",
    "perfunctory.repeated",
    "重复同样回复",
    unit="message",
    severity="major",
    needs=(),
    cite="",
)
def check(chats: Chats, *, similarity: float = 0.9, min_chars: int = 4) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
