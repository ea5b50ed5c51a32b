"""PFN002 perfunctory.repeated 重复同样回复"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import make_hits, no_hits, quotes
from audit.shapes.repetition import said_only, similar_pairs, turn_text

_EXCEPTED = (("greeting", None), ("closing", None), ("hold", "hold"), ("apology", None))


@rule(
    "PFN002",
    "perfunctory.repeated",
    "重复同样回复",
    unit="session",
    severity="major",
    topic="话术",
    needs=("lexicon:greeting",),
    cite="[001] 一2 反复回答；DY-4 机械重复回复",
)
def check(chats: Chats, *, similarity: float = 0.9, min_chars: int = 4) -> pd.DataFrame:
    """同一会话里，几乎一样的人工回复用来应付两轮或更多不同的买家发言。

    为什么：拼多多把反复回复列为敷衍，抖音把机械重复列为消极服务。
    不算违规：问候、结束、稍等、致歉这几类套话；买家自己重复了同一句话；少于 4 个字；自动和机器人消息。
    已知误报：两个问题的答案恰好一样。
    选项：similarity 相似度；min_chars 最短字数。
    依据：[001]、DY-4。相似度 = 1 − 编辑距离 ÷ 较长一句的字数。每组重复记一次，记在第二次出现的那句上。
    """
    kind = (chats.messages["kind"] == "text").to_numpy()
    candidates = (chats.reply & kind & ~said_only(chats, _EXCEPTED)).nonzero()[0]
    asked = chats.previous(chats.buyer)
    candidates = candidates[asked[candidates] >= 0]
    pairs = similar_pairs(chats, candidates, similarity, min_chars)
    if not len(pairs):
        return no_hits()
    before = chats.turn[asked[pairs["earlier"]]], chats.turn[asked[pairs["later"]]]
    pairs = pairs[before[0] != before[1]]
    from rapidfuzz.distance import Levenshtein

    fresh = [
        Levenshtein.normalized_similarity(turn_text(chats, asked[a]), turn_text(chats, asked[b])) < similarity
        for a, b in pairs.itertuples(index=False)
    ]
    pairs = pairs[np.array(fresh, dtype=bool)].sort_values(["later", "earlier"])
    seen: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    for earlier, later in pairs.itertuples(index=False):
        first = seen.get(earlier, earlier)
        if later not in seen:
            seen[later] = first
            groups.setdefault(first, []).append(later)
    rows = [rows[0] for rows in groups.values()]
    why = [
        f"同一句“{q}”在这次会话里应付了 {len(rows) + 1} 轮不同的提问"
        for q, rows in zip(quotes(chats, np.array(rows, dtype=np.int64)), groups.values(), strict=True)
    ]
    context = [[(r, "context", -1, -1) for r in (first, *more[1:])] for first, more in groups.items()]
    return make_hits(rows, why=why, context=context)


EXAMPLES = """
10:00:00 B 什么时候发货
10:00:20 A 亲，请您耐心等待，仓库会安排的
10:05:00 B 那能退款吗
! 10:05:20 A 亲，请您耐心等待，仓库会安排的

10:00:00 B 杯子碎了
10:00:20 A 这边已经给您反馈了哦
10:05:00 B 反馈给谁了
! 10:05:20 A 这边已经给您反馈了呢亲
10:10:00 B 要等多久
10:10:20 A 这边已经给您反馈了

10:00:00 B 会掉色吗
10:00:20 A 详情页都有的
10:05:00 B 多大码
! 10:05:20 A 详情页都有的！！

10:00:00 B 怎么安装
10:00:20 A 请参考产品说明书进行操作即可
10:05:00 B 少了螺丝
! 10:05:20 A 请参考产品说明书进行操作就可

10:00:00 B 发错颜色了
10:00:20 A @客服1 我们核实后会联系您处理的
10:05:00 B 怎么没人联系我
! 10:05:20 A @客服2 我们核实后会联系您处理的

10:00:00 B 能便宜吗
10:00:20 A 活动价已经是最低价了
10:05:00 B 有赠品吗
! 10:05:20 A 活动价已经是最低价了

10:00:00 B 退货运费谁出
10:00:20 A 以页面显示为准[微笑]
10:05:00 B 几天到账
! 10:05:20 A 以页面显示为准

# min_chars=2
10:00:00 B 有红色吗
10:00:20 A 没有
10:05:00 B 有大码吗
! 10:05:20 A 没有

10:00:00 B 什么时候发货
10:00:20 A 今天下午发出
10:05:00 B 什么时候发货
10:05:20 A 今天下午发出

10:00:00 B 在吗
10:00:20 A 您好，欢迎光临
10:05:00 B 在不在
10:05:20 A 您好，欢迎光临

10:00:00 B 查下快递
10:00:20 A 稍等，我看下
10:05:00 B 还有退款
10:05:20 A 稍等，我看下

10:00:00 B 有红色吗
10:00:20 A 有的
10:05:00 B 有大码吗
10:05:20 A 有的

10:00:00 B 什么时候发货
10:00:20 A 请您耐心等待仓库安排
10:00:25 A 请您耐心等待仓库安排
10:05:00 B 好的

10:00:00 B 有红色吗
10:00:20 A 红色有现货，今天可以发出
10:05:00 B 有蓝色吗
10:05:20 A 蓝色没有了，要等到下周二补货

10:00:00 B 什么时候发货
10:00:03 R 48小时内发货哦
10:05:00 B 能退款吗
10:05:03 R 48小时内发货哦

10:00:00 B 什么时候发货
10:00:20 A 今天下午就会给您安排发出
16:00:00 B 改个地址
16:00:20 A 今天下午就会给您安排发出
"""
