"""ATT006 attitude.hostile_emoticon 敌意表情"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.terms import find_terms


@rule(
    "ATT006",
    "attitude.hostile_emoticon",
    "敌意表情",
    unit="message",
    severity="major",
    topic="话术",
    needs=("lexicon:hostile_emoticon",),
    cite="DY-7 表情、表情包形式的辱骂；研究资料 T7 旺旺表情编码",
)
def check(chats: Chats, *, lexicon: str = "hostile_emoticon") -> pd.DataFrame:
    """客服对买家发了带敌意的表情（鄙视、大怒、欠扁、中指、炸弹……）。

    为什么：表情和文字同等对待，买家截图投诉一样成立。
    不算违规：微笑、流汗、大哭等一般表情；买家自己发的表情。
    已知误报：用“吐”表情描述商品气味。
    选项：lexicon 词库。
    依据：DY-7。
    """
    return find_terms(chats, lexicon, chats.human, "客服发了带敌意的表情“{quote}”（{note}）")


EXAMPLES = """
"""
