"""REV002 review.coercion 诱导改/删评价"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.classifier import leaning
from audit.shapes.hits import join_hits
from audit.shapes.reviews import pressure, review_talk, span_hits, talk_by_model


@rule(
    "REV002",
    "review.coercion",
    "诱导改/删评价",
    unit="message",
    severity="severe",
    topic="规则",
    needs=("lexicon:review_coercion",),
    cite="[003] 二1、三1b：切忌在千牛平台上发送改评价的相关消息；TB-3；DY-7",
)
def check(chats: Chats) -> pd.DataFrame:
    """要求买家改、删差评或中评，或者把处理问题与评价挂钩。

    为什么：改评删评的消息在千牛上一条就触发拒收提示，抖音按骚扰他人处罚；
    拿售后换好评最伤买家。
    不算违规：说评价由买家自己决定；感谢买家已经改好；买家问怎么改评价时的说明；
    二线客服在问题解决后说一次服务评价可以修改（商品和订单评价不行）。
    已知误报：转述上级要求删评的话；买家先提出改评时客服的确认。
    选项：无。
    依据：[003] 二1、三1b、TB-3、DY-7。二线看店铺档案的等级，没写等级的看会话是否转给了这个账号；
    花钱请买家改评归 REV001。
    """
    hits = span_hits(chats, pressure(chats), "要求买家改评、删评，或以评价为处理条件：“{quote}”")
    settled = chats.mask(review_talk(chats)["row"].to_numpy())  # read already: a span earns the first of REV001–003
    silent = chats.seller & ~settled & ~leaning(chats, "review_incentive")
    return join_hits(hits, talk_by_model(chats, "review_coercion", silent, "要求改评删评或以评价为条件"))


EXAMPLES = """
B 差评我写的
A 亲，麻烦您«把差评删一下»可以吗

B 打了三星
A «三星能不能改成五星»呀

B 锅漏水了怎么办
A «先给五星好评，我们才给您换新»

B 什么时候补发
A 您«删评后»给您补

B 不改
A «不改评价的话这边没法给您退款»

B 差评我写的
A «那条评价麻烦您撤掉»，感谢

B 东西不行，一星
A 求求您了，«一星改回五星»吧

B 我写的都是事实
A(auto) «请先删除差评再联系售后»

# tier=2线
B 差评是因为漏发
A 已经补发了
B 收到了，解决了，谢谢
A 不客气，商品«评价方便修改一下»吗

# tier=1线
B 解决了谢谢
A 不客气，您刚才的«服务评价可以改成满意»

# tier=2线
B 还没到账，我打了不满意
A «服务评价麻烦改成满意»

# tier=2线
B 好了，解决了，谢谢
A 不客气，服务评价可以在窗口里修改
B 嗯
A «服务评价帮忙改成满意»哦

B 差评不删
A 随您，评价由您自己决定，先给您处理退款

# tier=2线
B 退款到了，解决了，谢谢
A 不客气，您之前的服务评价可以在聊天窗口修改

B 我先前打了不满意
E transfer {"from":"客服1","to":"客服2"}
A @客服2 已经给您全额退款了
B @客服2 到账了，解决了
A @客服2 好的，之前的服务评价可以修改的

B 怎么修改评价
A 在订单里点评价，进去就能修改

B 我已经改成好评了
A 看到您改成好评了，谢谢

B 会让我删差评吗
A 不会要求您删差评的

B 上次有人让我删差评
A 您说上次有人让您删差评，我们会处理这位同事

B 改一下地址
A 好的，地址已经修改好了

B 坏了一个
A 您先拍照，我才能给您登记补发

B 收到了
A 满意请给个好评哦

B 给了差评
A 抱歉，您的意见我们会改进
"""
