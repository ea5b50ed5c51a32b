"""SAT002 satisfaction.at_risk 不满意风险"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import no_hits
from audit.shapes.risk import risk_hits


@rule(
    "SAT002",
    "satisfaction.at_risk",
    "不满意风险",
    unit="session",
    severity="info",
    topic="工作台",
    needs=("lexicon:buyer_state", "lexicon:escalation", "model:agent-act"),
    cite="[000] 不满意挽回；[003] 客服预警",
)
def check(chats: Chats, *, suspect: float = 0.5) -> pd.DataFrame:
    """没有评价的会话，从聊天看多半会让买家不满意：按风险从高到低列出，供主管挽回。

    为什么：多数不满意的买家不打分就走；在差评、投诉之前回访一次，比事后挽回容易。
    不算违规：这是提醒，永远只是“疑似”，不计分也不计数；已有评价（或改评）的会话不列，看评价即可。
    已知误报：买家脾气急但问题已在电话里解决；长时间等待是买家自己离开后又回来。
    选项：suspect 从多大的风险起列出（0–1）。
    依据：[000]、[003]。风险 = 逻辑函数（常数 + 各因素权重之和）：抱怨、催促、重复、辱骂、要投诉、要离开、等待、
        未回复、转接、客服的疑似冒犯和敷衍加分，最后致谢、说已解决减分。权重是人工设定的，没有用评价数据训练，
        百分数只用来排序；权重写在 models/session-risk/card.json，原因里列出分量最重的三条。
    """
    return risk_hits(chats, suspect) if chats.models.acts else no_hits()


EXAMPLES = """
# state=suspected
! 10:00:00 B 收到的锅盖裂了
10:20:00 A 哦
10:20:30 B 质量太差了，怎么处理
10:45:00 A 不清楚
10:46:00 B 那我去投诉你们

# state=suspected
! 10:00:00 B 什么时候发货
10:01:00 A 在安排了
12:00:00 B 什么时候发货
12:30:00 A 快了
14:00:00 B 到底什么时候发货，催了几次了
14:01:00 A 再等等
15:00:00 B 算了不要了

# state=suspected agent=客服1
! 10:00:00 B 鞋子开胶了，太差了
10:00:20 A 请拍照
10:01:00 B 拍了，怎么处理
10:01:20 A 您这种人真难伺候
10:02:00 B 你什么态度，我要投诉

# state=suspected agent=unassigned as_of=2026-11-12T10:00:00
! 10:00:00 B 收到的杯子碎了
10:05:00 B 有人吗，杯子碎了怎么办
10:30:00 B 收到的杯子碎了，没人管吗

# state=suspected
! 10:00:00 B 转人工
10:00:02 R 请描述您的问题
10:00:20 B 转人工，洗衣机漏水了
10:00:22 R 请描述您的问题
10:00:40 B 转人工，洗衣机漏水了，气死了

# state=suspected agent=售后
! 10:00:00 B 空调不制冷
10:00:20 A @客服1 帮您转一下
10:00:30 E transfer {"from":"客服1","to":"售后"}
10:30:00 B 还是不制冷，你们到底管不管
10:50:00 A @售后 什么问题
10:51:00 B 我说了空调不制冷，再也不买你们家的了

# state=suspected
! 10:00:00 B 退款怎么还没到，骗子
10:40:00 A 等通知
10:41:00 B 骗子店铺，我打12315
10:41:30 A 随便

# state=suspected suspect=0.2
! 10:00:00 B 收到的毛巾掉毛很厉害
10:00:20 A 第一次用都会有浮毛的

# state=suspected times=none
! B 收到的被子有霉点，太恶心了
A 嗯
B 什么态度，霉点怎么处理
A 不知道
B 我要给差评

# state=suspected
10:00:00 B 有货吗
10:00:20 A 有的亲，今天发
10:01:00 B 好的谢谢

# state=suspected
10:00:00 B 收到的碗碎了两个
10:00:20 A 非常抱歉，马上给您补发
10:01:00 B 好的，谢谢

# state=suspected
10:00:00 B 收到的锅盖裂了
10:20:00 A 哦
10:20:30 B 质量太差了，怎么处理
10:45:00 A 不清楚
10:46:00 B 那我去投诉你们
10:50:00 E rating {"agent":"客服1","score":1}

# state=suspected
10:00:00 B 什么时候发货
10:00:20 A 今天下午发
18:00:00 B 发了吗
18:00:30 A 已经发出了，单号在订单里
18:01:00 B 看到了

# state=suspected
10:00:00 B 怎么还没发货
10:02:00 A 抱歉让您久等，仓库已经打包，今晚发出
10:02:30 B 好吧

# state=suspected suspect=0.95
10:00:00 B 鞋子开胶了，太差了
10:00:20 A 请拍照
10:20:00 B 拍了，怎么处理

# state=suspected
10:00:00 A 亲，您的订单已发货

# state=suspected
10:00:00 B 这件会掉色吗
10:04:00 A 深色第一次洗有一点浮色
10:05:00 B 多少钱
10:05:20 A 八十九
10:06:00 B 我再看看

# state=suspected
10:00:00 B 转人工
10:00:02 R 请描述您的问题
10:00:20 A 您好，我是人工客服
10:00:40 B 怎么改地址
10:01:00 A 您发新地址给我，我来改
10:02:00 B 改好了，谢谢

# state=suspected times=none
B 尺码偏大吗
A 正常码
B 行
"""
