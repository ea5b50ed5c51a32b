"""CND005 conduct.chitchat 闲聊"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.classifier import model_hits


@rule(
    "CND005",
    "conduct.chitchat",
    "闲聊",
    unit="message",
    severity="info",
    topic="话术",
    needs=("model:agent-act",),
    cite="[001] 路径4：不与买家闲聊",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服和买家聊与店铺无关的私事。只提示，不计分。

    为什么：闲聊占用接待时间，越聊越容易说错话。
    不算违规：跟着买家的话寒暄一句；与商品用途有关的问话（孩子多大、给谁买）。
    已知误报：为推荐尺码、口味而问的生活习惯。
    选项：无；判定和可疑的门槛写在模型卡里。
    依据：[001] 路径4。由话语模型判断；拿不准的只记为可疑。
    """
    return model_hits(chats, "chitchat", chats.human, "闲聊")


EXAMPLES = """
B 好的谢谢
! A 你是哪里人呀，有没有对象，下班一起打游戏不

B 给孩子买的
A 孩子多大啦？三岁以下建议选无小零件的那款

B 谢谢
A 不客气，祝您生活愉快
"""
