"""PFN003 perfunctory.off_topic 答非所问"""

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.complaints import own_complaint
from audit.shapes.hits import make_hits, no_hits, quotes
from audit.shapes.questions import KINDS
from audit.shapes.relevance import clearly_beside, exchanges, ignores_complaint, leaves_unanswered, off_topic


@rule(
    "PFN003",
    "perfunctory.off_topic",
    "答非所问",
    unit="message",
    severity="major",
    topic="话术",
    needs=("lexicon:buyer_state", "lexicon:filler"),
    cite="[001] 一2 案例A：顾客说的是产品质量问题，商家回答的不是这个问题",
)
def check(chats: Chats, *, decide: float | None = None, suspect: float | None = None) -> pd.DataFrame:
    """买家提问或投诉，客服回的是另一件事。

    为什么：问时间答尺码、说坏了答颜色，买家等于没有得到答复；拼多多把它列为敷衍。
    不算违规：同一轮里还有图片、卡片或答复；“稍等”、反问订单和尺寸、承诺、补救、致歉；让买家看链接或详情页；
        回的是买家上一轮的话；没有内容的回复（归 PFN001）；辱骂、推诿等（归各自的规则）；自动和机器人消息。
    已知误报：买家用图片或语音问了别的，导出里看不到。
    选项：decide、suspect 模型概率达到多少算违规、算疑似；默认用模型卡上的阈值。
    依据：[001]。问题和答复各属一类、答复里没有所问的一类才由规则判定；模型认为答非所问，问题的类别也明确没有答到，
        才算违规，其余只列为疑似。质量问题按重，其余按轻。
    """
    pairs = exchanges(chats)
    if not len(pairs):
        return no_hits()
    complaint = (own_complaint(chats) & chats.buyer_is("dispute"))[pairs.asked]
    sure = off_topic(chats, pairs)
    classifier = chats.models.relevance
    if classifier is not None:
        limits = classifier.thresholds["off_topic"]
        decide = limits.decide if decide is None else decide
        suspect = limits.suspect if suspect is None else suspect
    keep, state, score, why, by = [], [], [], [], []
    said, answered = quotes(chats, pairs.asked), quotes(chats, pairs.row)
    for i, (question, earlier, reply) in enumerate(zip(pairs.questions, pairs.before, pairs.replies, strict=True)):
        beside = None if complaint[i] or earlier else clearly_beside(question, reply)
        told = ignores_complaint(question, reply) if complaint[i] else None
        if beside:
            reason = f"买家问{KINDS[beside[0]].title}“{said[i]}”，客服答的是{KINDS[beside[1]].title}“{answered[i]}”"
        elif told:
            reason = f"买家反映“{said[i]}”，客服答的是{KINDS[told].title}“{answered[i]}”"
        elif decide is not None and suspect is not None and sure[i] >= min(decide, suspect):
            reason = f"买家说“{said[i]}”，客服回“{answered[i]}”：模型判断为答非所问（{sure[i]:.0%}）"
        else:
            continue
        by_rule = bool(beside or told)
        decided = by_rule or (decide is not None and sure[i] >= decide and leaves_unanswered(question, reply))
        keep.append(i)
        state.append("violation" if decided else "suspected")
        score.append(1.0 if by_rule else sure[i])
        why.append(reason)
        by.append("rule" if by_rule else "model")
    if not keep:
        return no_hits()
    chosen = np.array(keep, dtype=np.int64)
    return make_hits(
        pairs.row[chosen],
        state=state,
        score=score,
        why=why,
        severity=np.where(complaint[chosen], "", "minor").astype(object),
        decided_by=np.array(by, dtype=object),
        context=[[(int(a), "context", -1, -1)] for a in pairs.asked[chosen]],
    )


EXAMPLES = """
# severity=minor
10:00:00 B 几天能到成都
! 10:00:20 A 纯棉的

# severity=minor
10:00:00 B 这双多少钱
! 10:00:20 A 橡胶底

# severity=minor
10:00:00 B 能开发票吗
! 10:00:20 A 打九折

# severity=minor
10:00:00 B 裤长多少
! 10:00:20 A 包邮的

10:00:00 B 发什么快递
! 10:00:20 A 三种颜色

10:00:00 B 质保几年
! 10:00:20 A 黑色的

# severity=major
10:00:00 B 收到的台灯不亮
! 10:00:20 A 木色现货

# severity=major
10:00:00 B 杯子碎了三个
! 10:00:20 A 全场包邮

## automatic messages never answer
10:00:00 B 几天能到成都
10:00:02 R 亲，三天左右到哦
! 10:00:40 A 纯棉的

# severity=major
10:00:00 B 这锅用两次就掉漆了
! 10:00:20 A 绿色现货
10:01:00 B 我说掉漆

10:00:00 B 几天能到成都
10:00:20 A 三天左右

10:00:00 B 几天能到成都
10:00:20 A 纯棉的
10:00:30 A 成都一般后天到

10:00:00 B 收到的台灯不亮
10:00:20 A 换个插座试试，还不亮给您补发

10:00:00 B 这双多少钱
10:00:20 A 您看下链接里的标价哈

10:00:00 B 裤长多少
10:00:20 A 您身高体重多少呢

## a reply to the turn before
10:00:00 B 是什么面料的
10:00:10 A 稍等
10:00:20 B 几天能到
10:00:30 A 纯棉的

10:00:00 B 几天能到成都
10:00:20 A [图片]

10:00:00 B 几天能到成都
10:00:10 A [图片]
10:00:20 A 纯棉的

## PFN001's
10:00:00 B 几天能到成都
10:00:20 A 嗯嗯

10:00:00 B 几天能到成都
10:00:20 A 稍等，我查一下

10:00:00 B 几天能到成都
10:00:03 R 我们家都是正品哈
10:00:40 A 后天就到

10:00:00 B 杯子碎了三个
10:00:20 A 抱歉，给您补发三个

10:00:00 B 能开发票吗
10:00:20 A 可以的，抬头发我

## two questions: which of them is answered is PFN008's
10:00:00 B 几天能到成都？是什么料子的
10:00:20 A 纯棉的
"""
