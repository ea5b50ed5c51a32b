"""ATT005 attitude.impatience 不耐烦/训斥"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.classifier import tone_hits


@rule(
    "ATT005",
    "attitude.impatience",
    "不耐烦/训斥",
    unit="message",
    severity="major",
    topic="话术",
    needs=("model:agent-act",),
    cite="[001] 路径4：责备训斥、语气生硬、拖腔",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服训斥买家、催促买家，或者表现得不耐烦。

    为什么：“我说了多少遍了”一句就能让一次好评变成投诉。
    不算违规：耐心地再讲一遍；请买家当心安全；说明为什么要重复核对。
    已知误报：写得太短的操作步骤。
    选项：无；判定和可疑的门槛写在模型卡里。
    依据：[001] 路径4。由话语模型判断，原因里列出分量最重的字词；拿不准的只记为可疑。
    """
    return tone_hits(chats, "impatience", "不耐烦或训斥")


EXAMPLES = """
B 到底怎么装啊
! A 我都说了八百遍了，说明书上有图，自己不会看吗

B 发货了吗
! A 催什么催，催就能快吗，等着

B 还是连不上
! A 都跟你说了先看图再问，说了又不听，烦不烦

B 还是连不上
A 没关系，我们再试一次：先关掉路由器，等十秒再打开

B 什么时候发货
A 今天下午发，发出后我把单号给您

B 我又忘了怎么装
A 不着急，我再给您讲一遍，先装底板

B 怎么用啊
! A 说明书上写得明明白白，你不识字吗

B 到底能不能退
! A 说了不能退就是不能退，听不懂话吗，别再问了

B 你还没回答我
! A 你急什么急，我又不是只有你一个客户

B 那我拍哪个
! A 刚才不是告诉你了吗，怎么又问

B 在吗在吗
! A 别刷了行不行，烦不烦

B 你能再说一遍吗
! A 同样的问题问三遍了，能不能用点脑子看

B 在吗在吗
A 在的在的，刚才在核对库存，让您久等了

B 怎么用啊
A 先按住开关三秒，灯亮了就可以用，有不清楚的随时问我

B 你还没回答我
A 不好意思，漏看了您上面那句，可以改地址，您把新地址发我

B 那我拍哪个
A 拍第二个链接，选灰色大号就行

B 你能再说一遍吗
A 当然可以，第一步先把电池取出来
"""
