"""REV001 review.incentive 好评返现"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import join_hits
from audit.shapes.review_spans import INCENTIVE
from audit.shapes.reviews import of_kind, span_hits, talk_by_model


@rule(
    "REV001",
    "review.incentive",
    "好评返现",
    unit="message",
    severity="severe",
    topic="规则",
    needs=("lexicon:review_incentive", "lexicon:review_word", "lexicon:review_reward"),
    cite="[003] 二1：不能发好评返现、评论有礼；TB-3；DY-9；网络反不正当竞争暂行规定第九条第五项",
)
def check(chats: Chats) -> pd.DataFrame:
    """用钱、礼品、优惠券、红包等好处换评价、星级、晒图或截图，不论怎么写。

    为什么：平台规则和法律都禁止；千牛一条这样的消息就会让买家看到拒收提示，被认定后商品下架、收违约金。
    不算违规：说明不能返现（只免去那一小句）；复述买家或卡片上的话；平台自己的评价有礼、京豆；
    与评价无关的返利（下单、收藏、差价、运费、质量补偿）。
    已知误报：先送了礼品、后面另起一句才请好评，有时难分是不是交换。
    选项：无。
    依据：[003] 二1、TB-3、DY-9、网络反不正当竞争暂行规定第九条第五项。花钱请买家改评、删评也算这一条；
    自动和机器人消息同样检查；买家问评价有没有好处，客服答“有的”也算。
    """
    hits = span_hits(chats, of_kind(chats, INCENTIVE), "用好处换评价：“{quote}”")
    silent = chats.seller & ~chats.mask(hits["row"].to_numpy())
    return join_hits(hits, talk_by_model(chats, "review_incentive", silent, "用好处换评价"))


EXAMPLES = """
B 衣服收到了，挺好
A 喜欢的话«好评返现»，找我登记就行

B 到货了
A 亲，写«二十字好评，送您10元优惠券»

B 零食好吃
A «带图评价截图发来，领个3元红包»

B 收到
A «五星好·评 返 5 元»哦

B 鞋子不错
A 来个«好坪反现2块»

B 杯子收到了
A «⭐⭐⭐⭐⭐加图片，🧧3元»

B 差评是我写的
A 您把«差评撤了，我这边私人转您20元»

B 谢谢
A(auto) 感谢惠顾，«晒图联系客服领取小礼品一份»

B 签收了
R «五星好评可得5元现金红包»

B 评价有返现吗
A «有的»亲

B 写评价返多少呀
A 亲，«返3元»，写完找我

B 垫子不错
A «送您一包湿巾，麻烦帮忙打个五星»

B 能便宜吗
A 平台不让直接减价，收货后«好评返您8元»

B 好评返现吗
A 平台不允许返现的哦

B 写好评有红包吗
A 亲，我们没有好评返现活动，如实评价就好

B 卡片上写着晒图领5元
A 您说的晒图返现卡片不是我们放的，请勿相信

B 有什么活动
A 收藏店铺送湿巾一包，截图给客服登记

B 怎么便宜些
A 首页领红包，拍下再返5元

B 我买贵了
A 差价8元返还给您了，请查收

B 评价有奖励吗
A 那是平台的评价有礼，评价后平台自动给积分

B 这款怎么样
A 评价区有很多买家晒图，今天下单送袜子

B 碗碎了一个
A 非常抱歉，给您补偿5元

B 送礼合适吗
A 合适的，这款好评很多，包装也好看

B 写好评返3元吧

B 谢谢
A 满意的话给个五星好评哦

B 到了
A «毫坪截图给我，fan现三元»

B 裙子很好
A 五★«带图，🎁一份小样»

B 用着呢
A «haoping加晒图，红苞两块»

B 纸厚吗
A 平价款，返修免费，收藏送礼

B 瓶子多大
A 好瓶子送一个杯刷，下单就有

B 手串呢
A 五行手串配红包袋，下单送一个
"""
