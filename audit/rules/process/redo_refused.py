"""PRC009 process.redo_refused 重做承诺未履行"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits


@rule(
    "PRC009",
    "process.redo_refused",
    "重做承诺未履行",
    unit="session",
    severity="major",
    needs=("profile:redo_promise",),
    cite="",
)
def check(chats: Chats) -> pd.DataFrame:
    """SKELETON"""
    return no_hits()


EXAMPLES = """
"""
