"""ATT008 attitude.unfriendly 冷漠不友善"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.classifier import tone_hits


@rule(
    "ATT008",
    "attitude.unfriendly",
    "冷漠不友善",
    unit="message",
    severity="major",
    topic="话术",
    needs=("model:agent-act",),
    cite="[001] 案例D 没有友善的服务态度；路径4 态度强硬",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服冷冰冰、硬邦邦地顶回买家，爱买不买，没有挖苦也没有训斥。

    为什么：拼多多把“没有友善的服务态度”列为态度恶劣；买家感到被嫌弃。
    不算违规：客气地拒绝；简短但正确的回答（“L”“可以机洗”）；说明规定并给出办法。
    已知误报：极短的事实回答。
    选项：无；判定和可疑的门槛写在模型卡里。
    依据：[001] 案例D、路径4。由话语模型判断，原因里列出分量最重的字词；拿不准的只记为可疑。
    """
    return tone_hits(chats, "cold", "冷漠或顶撞")


EXAMPLES = """
B 能便宜点吗
! A 就这个价，爱买不买

B 我不满意
! A 不满意就退，又没人求你买

B 不能退吗
! A 规定就是规定，跟我说没用

B 穿几码
A L

B 能便宜点吗
A 不好意思亲，这款没有优惠了，收藏店铺有三元券可以用

B 不能退吗
A 拆封后影响二次销售，按规定没法无理由退，如果有质量问题请拍给我，马上处理

B 你们态度好点行吗
! A 我就这态度，不想买可以走

B 给个说法
! A 没什么好说的，你爱怎么样怎么样

B 我去投诉你们
! A 随便你，去吧

B 可以送个小礼物吗
! A 不送，嫌贵别家买去

B 不合适怎么办
! A 自己想办法，跟我们没关系

B 我不要了
A 好的，您申请退款，我这边马上同意，运费险会赔您运费

B 可以送个小礼物吗
A 这款没有赠品呢，不过我给您申请一张两元券，您看可以吗

B 给个说法
A 确实是我们漏发了，今天就给您补，单号晚上八点前发您

B 我去投诉你们
A 非常抱歉让您这么生气，您先告诉我是哪一单，我现在就查

B 不合适怎么办
A 七天内不影响二次销售可以退，您申请后我们一天内处理
"""
