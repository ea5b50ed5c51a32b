"""RSP006 response.after_ack 知悉后未回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.late_reply import closer_wait_hits


@rule(
    "RSP006",
    "response.after_ack",
    "知悉后未回复",
    unit="wait",
    severity="minor",
    topic="规则",
    needs=("times", "lexicon:buyer_state"),
    cite="[001] 一1 案例D：顾客已经知道如何处理，商家也应立即答复",
)
def check(chats: Chats, *, limit: float | None = None) -> pd.DataFrame:
    """买家表示知道了、问题已解决之后没有人工回复。

    为什么：拼多多把买家知悉后不回复列为长时间不回复的例子。
    不算违规：时限内回复任何话；收尾语里有致谢（归 RSP005）；客服的话以问句结尾，“好的”是回答；其他平台默认不要求。
    已知误报：买家的“好的”紧跟在客服的结束语之后。
    选项：limit 时限，秒；默认按当天（23 点后为 24 小时）。
    依据：[001]。仅当规则包设置 closers_need_reply 时生效（拼多多）。
    """
    return closer_wait_hits(
        chats,
        thanks=False,
        limit=limit,
        why_late="买家 {opened} 表示知悉，{latency}后才有人工回复，超过时限 {deadline}",
        why_none="买家 {opened} 表示知悉，时限（{deadline}）内没有人工回复",
    )


EXAMPLES = """
# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 好的

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 知道了
2026-11-11 09:00:00 A 嗯嗯

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B [微笑]

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 嗯嗯，好的哦
10:01:02 R 感谢您的光临

# platform=pdd limit=180
10:00:00 B 有货吗
10:00:20 A 有的亲
!181s 10:01:00 B 收到
10:04:01 A 好的呢

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 23:30:00 B 好的

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 明白了
10:03:00 A(recalled) 好的

# platform=pdd as_of=2026-11-10T12:00:00 state=pending
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 好的

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 好的
10:02:00 A 嗯嗯

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 好的谢谢

# platform=jd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 好的

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲，需要帮您下单吗
10:01:00 B 好的

# platform=pdd
10:00:00 B 好的

# platform=pdd
10:00:00 B 有货吗
10:00:10 B 好的
10:00:20 A 有的亲

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 好的，什么时候发
10:02:00 A 今天

# platform=pdd limit=180
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 收到
10:04:00 A 好的呢
"""
