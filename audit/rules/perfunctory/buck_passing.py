"""PFN005 perfunctory.buck_passing 推诿"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PFN005",
    "perfunctory.buck_passing",
    "推诿",
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
