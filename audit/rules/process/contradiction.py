"""PRC007 process.contradiction 前后不一"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.claims import PROMISED, TOPICS, contradictions
from audit.shapes.hits import make_hits, no_hits


@rule(
    "PRC007",
    "process.contradiction",
    "前后不一",
    unit="message",
    severity="major",
    topic="商品",
    cite="[002] #01 变脸：前一位客服答应的事，后一位不认",
)
def check(chats: Chats, *, days: float = 30, fact_days: float = 1) -> pd.DataFrame:
    """前一位客服答应买家的事，后一位不认；或同店客服（同一位也算）对同一件事说法不同：能不能退换、有没有货、哪天发货送达、多少钱。

    为什么：买家按客服的话做了决定，换个人就变脸，是升级投诉和差评的常见起因。
    不算违规：两种颜色、尺码、订单或商品；有条件、预计、一般之类的话；买家补充了新情况（用过、坏了、超过几天）；刚卖完、刚补货、改期；
        补偿加码；明说“刚才说错了”的更正（事实）。
    已知误报：买家换了一件商品问而没有点名。
    选项：days 承诺与不认之间最多几天；fact_days 两种事实说法之间最多几天。
    依据：[002]。更正怎么算：规则说“答应了又不认”就是违规，所以另一位客服推翻前一位答应的退换、补偿、金额，道歉、说前一位说错了也算；
        库存、日期、价格这类事实，以及同一位客服的话，明说“说错了、看错了”的更正不算，光说“抱歉”不是更正。
        记在后说的那一句和说它的人；说好的日子过了才改口的归 PRC006。
    """
    pairs = contradictions(chats, days, fact_days)
    if not len(pairs):
        return no_hits()
    row, old = pairs["row"].to_numpy(dtype=np.int64), pairs["old_row"].to_numpy(dtype=np.int64)
    start, end = pairs["start"].to_numpy(dtype=np.int64), pairs["end"].to_numpy(dtype=np.int64)
    first, last = pairs["old_start"].to_numpy(dtype=np.int64), pairs["old_end"].to_numpy(dtype=np.int64)
    text = chats.messages["text"]
    now = [t[a:b] for t, a, b in zip(text.iloc[row].tolist(), start, end, strict=True)]
    before = [t[a:b] for t, a, b in zip(text.iloc[old].tolist(), first, last, strict=True)]
    same = chats.accounts[row] == chats.accounts[old]
    why = [
        f"{TOPICS[topic.split(':')[0]]}：{'客服先' if s else '前一位客服'}"
        f"{'答应' if topic in PROMISED else '说'}“{b}”，{'又' if s else '这位客服'}说“{n}”"
        for topic, s, b, n in zip(pairs["topic"], same, before, now, strict=True)
    ]
    return make_hits(
        row,
        start=start,
        end=end,
        why=why,
        context=[[(int(o), "context", int(a), int(b))] for o, a, b in zip(old, first, last, strict=True)],
    )


EXAMPLES = """
## promised and denied by a colleague
# agent=客服2
2026-11-10 10:00:00 B @客服1 刚买就降价了
2026-11-10 10:00:20 A @客服1 亲，可以给您退差价
2026-11-11 10:00:00 B @客服2 昨天说退差价的，刚买就降价了
2026-11-11 10:00:20 A @客服2 我们«不支持退差价»

# agent=客服2
10:00:00 B @客服1 裙子颜色不喜欢
10:00:20 A @客服1 颜色不喜欢可以退货的
10:01:00 E transfer {"from":"客服1","to":"客服2"}
10:02:00 B @客服2 那帮我退了吧
10:02:20 A @客服2 亲，这款«不能退货»哦

10:00:00 B @客服1 饼干少了一包
10:00:20 A @客服1 给您补发一包
10:30:00 B @客服2 什么时候补
10:30:20 A @客服2 食品«没法补发»的

2026-11-10 10:00:00 B @客服1 退货运费谁出
2026-11-10 10:00:20 A @客服1 运费可以给您报销，我们会承担运费
2026-11-12 10:00:00 B @客服2 上次说退货运费你们出的
2026-11-12 10:00:20 A @客服2 «运费不支持»报销

## an apology does not bring a promise back
10:00:00 B @客服1 刚买就降价了
10:00:20 A @客服1 给您退差价
10:02:00 E transfer {"from":"客服1","to":"客服2"}
10:03:00 A @客服2 抱歉，前一位同事说错了，«不能退差价»

## amounts
# agent=客服2
10:00:00 B @客服1 扣子掉了一颗
10:00:20 A @客服1 给您补偿20元可以吧
10:02:00 E transfer {"from":"客服1","to":"客服2"}
10:03:00 B @客服2 可以
10:03:20 A @客服2 好的，给您补偿«10元»

10:00:00 B @客服1 空调安装收钱吗
10:00:20 A @客服1 安装费100元
11:00:00 B @客服2 再问下安装多少钱
11:00:20 A @客服2 «安装费150元»

## stock
10:00:00 B @客服1 灰色风衣M码有货吗
10:00:20 A @客服1 有货的
11:00:00 B @客服2 灰色风衣M码有货吧
11:00:20 A @客服2 这个«没货»

10:00:00 B 帐篷四人款有货吗
10:00:20 A 有货的亲
10:05:00 B 帐篷四人款我拍了，确定有货？
10:05:20 A 亲，«缺货»哦

## days
10:00:00 B @客服1 今天拍哪天发
10:00:20 A @客服1 今天发出
11:00:00 B @客服2 我那单呢
11:00:20 A @客服2 «后天发货»

10:00:00 B @客服1 冰箱哪天送到
10:00:20 A @客服1 明天送到
15:00:00 B @客服2 早上说冰箱明天送到，几点送
15:00:20 A @客服2 冰箱«周五送达»

10:00:00 B @客服1 包邮吗
10:00:20 A @客服1 包邮的
10:10:00 B @客服2 我付款了怎么还有运费，说好的
10:10:20 A @客服2 这款«不包邮»

## known miss: denied in general words
10:00:00 B @客服1 坏的这个能赔吗
10:00:20 A @客服1 给您补偿15元
12:00:00 B @客服2 你们答应补偿的15元呢
? 12:00:20 A @客服2 没有人答应过您

## two things
10:00:00 B 灰色风衣M码有货吗
10:00:20 A 有货的
10:01:00 B 黑色风衣M码有货吗
10:01:20 A 没货

10:00:00 B M码有货吗
10:00:20 A 有货的
10:01:00 B L码呢
10:01:20 A L码没货哦

10:00:00 B @客服1 鞋子能退货吗
10:00:20 A @客服1 鞋子可以退货
10:01:00 B @客服1 袜子呢
10:01:20 A @客服1 袜子不能退货

10:00:00 B 鞋子能退货吗
10:00:20 A 鞋子可以退货
10:01:00 B 袜子也能退货吗
10:01:20 A 袜子不能退货

10:00:00 B 发上海哪天送到
10:00:20 A 明天送到
10:01:00 B 发乌鲁木齐哪天送到
10:01:20 A 下周三送到

## conditions on both sides
10:00:00 B @客服1 可以退货吗
10:00:20 A @客服1 没拆封可以退货
10:10:00 B @客服2 可以退吗
10:10:20 A @客服2 拆封了不能退货

## the buyer adds something that changes the answer
10:00:00 B 可以退货吗
10:00:20 A 可以退货的
10:01:00 B 我穿过两次了
10:01:20 A 那不能退货了

## the world has changed, and it is said
10:00:00 B @客服1 帐篷四人款有货吗
10:00:20 A @客服1 有货的
11:00:00 B @客服2 帐篷四人款有货吗
11:00:20 A @客服2 没货了，刚刚卖完

2026-11-10 10:00:00 B @客服1 帐篷四人款有货吗
2026-11-10 10:00:20 A @客服1 有货的
2026-11-13 15:00:00 B @客服2 帐篷四人款有货吗
2026-11-13 15:00:20 A @客服2 没货

## the date was moved and it is said; once it has passed it is PRC006's
10:00:00 B @客服1 今天拍哪天发
10:00:20 A @客服1 明天发出
11:00:00 B @客服2 我那单呢
11:00:20 A @客服2 暴雪路封了，推迟到后天发货

2026-11-10 10:00:00 B @客服1 今天拍哪天发
2026-11-10 10:00:20 A @客服1 今天发出
2026-11-11 10:00:00 B @客服2 还没发啊
2026-11-11 10:00:20 A @客服2 抱歉，明天发货

## a correction of a fact, in so many words
10:00:00 B 帐篷四人款有货吗
10:00:20 A 有货的
10:00:50 A 抱歉刚才看错了，帐篷四人款没货

10:00:00 B @客服1 空调安装收钱吗
10:00:20 A @客服1 安装费100元
10:05:00 A @客服2 更正一下，安装费150元

## the same agent corrects what he offered
10:00:00 B 刚买就降价了
10:00:20 A 可以给您退差价
10:00:40 A 不好意思刚才说错了，活动款不支持退差价

## hedged; more; a range of time
10:00:00 B @客服1 哪天发
10:00:20 A @客服1 预计明天发货
10:10:00 B @客服2 哪天发
10:10:20 A @客服2 后天发货

10:00:00 B @客服1 扣子掉了
10:00:20 A @客服1 给您补偿10元
10:10:00 B @客服2 太少了
10:10:20 A @客服2 给您补偿20元

10:00:00 B @客服1 哪天发
10:00:20 A @客服1 48小时内发货
10:10:00 B @客服2 哪天发
10:10:20 A @客服2 明天发货

## refused first, then granted: to the buyer's good
10:00:00 B @客服1 能退差价吗
10:00:20 A @客服1 不支持退差价
10:10:00 B @客服2 能退差价吗
10:10:20 A @客服2 这次给您退差价

## asked, not stated
10:00:00 B @客服1 杯子有裂纹
10:00:20 A @客服1 给您退款可以吗
10:10:00 B @客服2 那换新
10:10:20 A @客服2 好的，换新已登记，就不退款了

## another order
2026-11-10 10:00:00 B @客服1 订单770012的鞋子能退吗
2026-11-10 10:00:20 A @客服1 可以退货
2026-11-11 10:00:00 B @客服2 订单990045的袜子能退吗
2026-11-11 10:00:20 A @客服2 不能退货
"""
