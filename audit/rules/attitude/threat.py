"""ATT003 attitude.threat 威胁恐吓"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.quotation import aimed
from audit.shapes.terms import term_hits


@rule(
    "ATT003",
    "attitude.threat",
    "威胁恐吓",
    unit="message",
    severity="severe",
    topic="话术",
    needs=("lexicon:threat",),
    cite="[001] 一3 案例C；TB-1 威胁他人隐私、名誉、住址、财产、人身",
)
def check(chats: Chats, *, lexicon: str = "threat") -> pd.DataFrame:
    """客服用隐私、名誉、住址、财产、人身、家人、账号、信用、快递、拉黑、起诉来威胁买家。

    为什么：威胁恐吓在各平台都是最重一档，拼多多一次扣 30 分，淘宝情节严重可清退。
    不算违规：劝买家报警处理诈骗；说明平台会怎样处理；复述买家的威胁。
    已知误报：玩笑话。
    选项：lexicon 词库。
    依据：[001]、TB-1、DY-7。
    """
    found = chats.texts.matches(lexicon)
    found = found.take(aimed(chats, found))
    return term_hits(chats, found, chats.human, "客服威胁买家：“{quote}”")


EXAMPLES = """
"""
