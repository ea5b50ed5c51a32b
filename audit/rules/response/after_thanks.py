"""RSP005 response.after_thanks 致谢后未回复"""

import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.late_reply import closer_wait_hits


@rule(
    "RSP005",
    "response.after_thanks",
    "致谢后未回复",
    unit="wait",
    severity="minor",
    topic="规则",
    needs=("times", "lexicon:buyer_state"),
    cite="[001] 一1 案例E：顾客道谢之后，商家应该回复",
)
def check(chats: Chats, *, limit: float | None = None) -> pd.DataFrame:
    """买家道谢之后没有人工回复。

    为什么：拼多多把道谢后不回复列为长时间不回复的例子；[001] 要求对感谢谦逊回应。
    不算违规：时限内回复任何话（不客气、表情也算）；客服的话以问句结尾，买家的“好的谢谢”是回答；其他平台默认不要求。
    已知误报：买家道谢时客服已先说了不客气。
    选项：limit 时限，秒；默认按当天（23 点后为 24 小时）。
    依据：[001]。仅当规则包设置 closers_need_reply 时生效（拼多多）。
    """
    return closer_wait_hits(
        chats,
        thanks=True,
        limit=limit,
        why_late="买家 {opened} 道谢，{latency}后才有人工回复，超过时限 {deadline}",
        why_none="买家 {opened} 道谢，时限（{deadline}）内没有人工回复",
    )


EXAMPLES = """
# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 谢谢

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 好的
10:01:05 B 谢谢啦
2026-11-11 09:00:00 A 不客气

# platform=pdd limit=180
10:00:00 B 有货吗
10:00:20 A 有的亲
!181s 10:01:00 B 多谢
10:04:01 A 不客气

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 谢谢
10:01:02 A(auto) 感谢您的光临，祝您生活愉快

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 23:01:00 B 谢谢
2026-11-11 23:01:01 A 不客气

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 感谢
10:02:00 B 对了，几天能到
2026-11-11 10:00:00 A 三天

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 好的，谢谢亲

# platform=pdd as_of=2026-11-10T12:00:00 state=pending
10:00:00 B 有货吗
10:00:20 A 有的亲
! 10:01:00 B 谢谢

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 谢谢
10:01:30 A 不客气

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 谢谢
23:59:00 A [微笑]

# platform=taobao
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 谢谢

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 知道了

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲，给您发顺丰可以吗
10:01:00 B 好的谢谢

# platform=pdd
10:00:00 B 谢谢

# platform=pdd
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 谢谢，几天到
10:01:30 A 三天

# platform=pdd limit=180
10:00:00 B 有货吗
10:00:20 A 有的亲
10:01:00 B 多谢
10:04:00 A 不客气
"""
