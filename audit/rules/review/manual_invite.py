"""REV003 review.manual_invite 人工邀评"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME
from audit.rules.model import rule
from audit.shapes.classifier import leaning
from audit.shapes.hits import join_hits
from audit.shapes.reviews import accepted, invitations, review_talk, span_hits, talk_by_model, within_a_day


@rule(
    "REV003",
    "review.manual_invite",
    "人工邀评",
    unit="message",
    severity="minor",
    topic="规则",
    needs=("lexicon:rating_invite",),
    cite="[003] 一4：2021 年 3 月全平台下架手动邀评；[004] 抖音 2021-11-25 起不支持客服邀评；[002] a",
)
def check(chats: Chats) -> pd.DataFrame:
    """客服手动请买家评价服务或商品（好评、五星、晒图、追评），没有给好处。

    为什么：淘宝、天猫 2021 年 3 月、抖音 2021 年 11 月 25 日起不再允许客服邀评，评价由系统邀请或买家自己发起。
    不算违规：系统邀评；自动和机器人消息（是否过频看 REV004、REV006）；感谢已有的评价；
    说明评价区有什么；买家问在哪里评价。
    已知误报：请买家评价物流、快递员的话。
    选项：无。
    依据：[003] 一4、[004]、[002] a。淘宝、天猫上买家认可处理结果之后的一次中性邀请（不点名好评、五星、满意，
    24 小时内第一次）只作提示；有好处的归 REV001，要求改评的归 REV002。
    """
    asked = invitations(chats)
    by_hand = asked[chats.human[asked["row"].to_numpy()]].reset_index(drop=True)
    rows = by_hand["row"].to_numpy()
    platform = chats.messages["platform"].astype("str").to_numpy(dtype=object)[rows]
    mild = np.isin(platform, ("taobao", "tmall")) & ~by_hand["demand"].to_numpy() & accepted(chats, rows)
    asking = np.zeros(len(chats), dtype=bool)
    asking[asked["row"].to_numpy()] = True
    before = chats.previous(asking)[rows]
    again = (before >= 0) & (within_a_day(chats, np.maximum(before, 0), rows) | (chats.time[rows] == NO_TIME))
    hits = span_hits(
        chats,
        by_hand,
        "客服手动邀请买家评价：“{quote}”",
        severity=np.where(mild & ~again, "info", "").astype(object),
    )
    silent = chats.human & ~chats.mask(review_talk(chats)["row"].to_numpy())
    silent &= ~leaning(chats, "review_incentive") & ~leaning(chats, "review_coercion")
    return join_hits(hits, talk_by_model(chats, "rating_invite", silent, "手动邀评"))


EXAMPLES = """
B 收到了
A «喜欢的话麻烦给个好评»哦

B 好用
A 亲，«求个五星»呀

B 裙子好看
A «欢迎晒图»给大家看看

B 用了一个月
A «方便的话追评一下»

B 谢谢
A 麻烦«对我的服务打个分»

B 好的
A «服务满意的话点个非常满意»

# platform=douyin
2021-11-25 10:00:00 B 到货了
2021-11-25 10:00:20 A «给个五星好评»哦

# platform=tmall
2021-03-01 10:00:00 B 到货了
2021-03-01 10:00:20 A «期待您的好评»

# severity=info
B 少了一个配件
A 今天给您补发
B 好的，谢谢
A 不客气，«方便的话给本次服务做个评价»

# severity=minor
B 少了一个配件
A 今天给您补发
B 好的，谢谢
A 不客气，«麻烦给个五星好评»

B 到货了
A(recalled) «求好评»

B 明天能到吗
A 能到，收到后«记得给个好评»

# platform=douyin
2021-11-24 10:00:00 B 到货了
2021-11-24 10:00:20 A 给个五星好评哦

2021-02-28 10:00:00 B 到货了
2021-02-28 23:59:59 A 满意请给个好评

# platform=pdd
B 到货了
A 满意请给个好评

B 收到
A 好评返3元哦

B 差评我写的
A 麻烦把差评删一下

B 收到
A(auto) 满意请给五星好评

B 收到
R 请对本次服务进行评价

B 谢谢
E system_invite

B 我给了好评
A 谢谢您的好评

B 有实拍图吗
A 评价区有很多买家晒图，您可以看看

B 要给好评吗
A 不用特意给好评的，如实评价就行

B 在哪里评价
A 订单页点评价就可以了

B 厚不厚
A 五星酒店同款，很厚实

B 处理好了
A 您对这个处理方案满意吗
"""
