"""ATT004 attitude.sarcasm 阴阳怪气"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.classifier import tone_hits


@rule(
    "ATT004",
    "attitude.sarcasm",
    "阴阳怪气",
    unit="message",
    severity="major",
    topic="话术",
    needs=("model:agent-act",),
    cite="[001] 一3；DY-1：嘲讽、阴阳怪气、质疑买家动机",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服嘲讽、说反话、挖苦买家，或者暗指买家动机不纯。

    为什么：不带脏字的挖苦同样是态度恶劣，截图投诉一样成立，也最容易被发到网上。
    不算违规：自嘲；对快递、天气的感叹；跟着买家的玩笑接一句；真心的夸奖；说了脏话的归 ATT001，威胁的归 ATT003。
    已知误报：语气亲昵的熟客闲聊。
    选项：无；判定和可疑的门槛写在模型卡里。
    依据：[001]、DY-1。由话语模型判断，原因里列出分量最重的字词；拿不准的只记为可疑。
    """
    return tone_hits(chats, "sarcasm", "阴阳怪气")


EXAMPLES = """
B 这个价能再少点吗
! A 就您这预算，建议去夜市地摊碰碰运气呢

B 裙子洗一次就缩水了
! A 哟，您这是拿开水煮的吧，真会过日子

B 我要投诉你们
! A 好怕怕哦，投诉去呀，看谁理你

B 快递太慢了
A 这快递真是气死人了，我先帮您催一下

B 你们家东西真不错
A 谢谢夸奖，您这眼光也是没谁了，下次来给您挑最新鲜的

B 尺码拍错了
A 没关系的，我帮您改成L，还没发货呢

B 能便宜点吗
A 抱歉亲，已经是活动价了，没办法再低

B 我笨死了，又拍错颜色
A 哈哈没事，我也常拍错，给您换成白色了

B 你们这质量也太差了
! A 是是是，您说得都对，您是专家，我们哪敢跟您比

B 二十块的东西都能坏
! A 二十块您还想买个传家宝呀

B 我家里人都说是假货
! A 您家里人鉴定水平这么高，怎么不去故宫上班呢

B 我要退货
! A 用了半个月才想起来退，这算盘打得我在外地都听见了

B 怎么还不发货
! A 要不您自己飞过来取？看把您急得

B 下次还来买
A 好嘞，等您哦，到时候给您挑个最大的

B 这么多步骤我都看晕了
A 哈哈我刚学的时候也晕，我录个视频给您看
"""
