"""PFN001 perfunctory.meaningless 无意义回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PFN001",
    "perfunctory.meaningless",
    "无意义回复",
    unit="message",
    severity="major",
    needs=(),
    cite="",
)
def check(chats: Chats, *, limit: float = 180) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
