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

B 好的，我考虑一下
! A 你平时打什么游戏呀，加个好友一起上分

B 哈哈
! A 我昨晚跟女朋友吵架了，一晚上没睡，你说我该不该去道歉

B 你们那边冷吗
! A 冷死了，我们这下了三天雪，我早上起都起不来，你们那边呢

B 收到了
! A 你声音肯定很好听，多大了呀，做什么工作的

B 谢谢你
! A 周末打算去哪玩呀，我想去爬山，就是没人陪

B 忙吗
! A 不忙，刚吃完火锅，你晚饭吃的什么呀

B 嗯
! A 我跟你说我们老板可抠了，天天加班不给钱，我都想跳槽了

B 你们那边冷吗
A 我们发货地今天零下，快递会慢一两天，您别着急

B 收到了
A 好的，有问题随时联系我

B 好的，我考虑一下
A 好的，不着急，有疑问您随时问

B 忙吗
A 不忙，您说，我来帮您看

B 什么时候发货
A 今天下午四点前统一发出

B 有没有推荐的
A 新手建议选轻一点的那款，手不累
"""
