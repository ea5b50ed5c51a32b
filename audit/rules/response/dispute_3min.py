"""RSP003 response.dispute_3min 纠纷3分钟未回复"""

from typing import Literal

import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import SECOND
from audit.rules.model import rule
from audit.shapes.late_reply import first_in_wait, late_replies


@rule(
    "RSP003",
    "response.dispute_3min",
    "纠纷3分钟未回复",
    unit="wait",
    severity="major",
    topic="规则",
    needs=("times", "lexicon:buyer_state"),
    cite="[001] 一1 案例B：因货物质量问题发生争议，应当在3分钟内回复",
)
def check(chats: Chats, *, limit: float = 180, hours: Literal["service", "any"] = "service") -> pd.DataFrame:
    """质量纠纷中，买家的话 3 分钟内没有人工回复。

    为什么：拼多多要求质量纠纷 3 分钟内人工回复，超时即“长时间不回复”；纠纷中的等待最容易升级成投诉和差评。
    不算违规：恰好 180 秒回复；服务时间以外提出；纠纷已了结（买家致谢、撤回、说已解决、接受所给方案）之后的话；收尾语。
    已知误报：买家只是担心质量（会不会掉色），被当作纠纷。
    选项：limit 时限，秒；hours=any 时全天计时。
    依据：[001]。机器人接待中同样计时，自动回复不算回复。
    """
    open_row, close_row = first_in_wait(chats.all_wait_of, chats.buyer & chats.in_dispute, chats.all_waits)
    if hours == "service":
        inside = chats.in_service(open_row, chats.time[open_row])
        open_row, close_row = open_row[inside], close_row[inside]
    return late_replies(
        chats,
        open_row=open_row,
        close_row=close_row,
        deadline=chats.time[open_row] + int(limit * SECOND),
        why_late="质量纠纷中，买家 {opened} 的话过了{latency}才有人工回复，超时{over}",
        why_none="质量纠纷中，买家 {opened} 的话一直没有人工回复，时限为 {deadline}",
    )


EXAMPLES = """
!181s 10:00:00 B 收到的杯子碎了
10:03:01 A 抱歉亲，麻烦拍张照片

!600s 10:00:00 B 你们发错货了，我要的是白色
10:00:02 A(auto) 您好，客服正在赶来的路上
10:10:00 A 抱歉，给您补发

!240s 10:00:00 B 裤子刚穿就开线了
10:00:03 R 亲，很抱歉给您带来不便
10:04:00 A 给您换一条

10:00:00 B 少发了一包
10:02:00 A 抱歉亲，麻烦拍张照片
! 10:05:00 B [图片]
10:09:00 A 收到，给您补发

10:00:00 B 这个怎么安装
!200s 10:02:00 B 而且有个零件坏了
10:05:20 A 抱歉亲，给您补发零件

! 09:00:00 B 衣服掉色严重

# hours=any
! 23:30:00 B 衣服掉色严重
23:40:00 A 抱歉

! 10:00 B 收到的杯子碎了
10:04 A 抱歉亲

10:00:00 B 收到的杯子碎了
10:03:00 A 抱歉亲，麻烦拍张照片

23:30:00 B 衣服掉色严重
23:40:00 A 抱歉

10:00:00 B 这款会掉色吗
10:05:00 A 不会的亲

10:00:00 B 收到的杯子碎了
10:01:00 A 抱歉亲，给您全额退款可以吗
10:01:30 B 可以
10:02:00 A 已经为您退款
10:10:00 B 你们还有别的杯子吗
10:20:00 A 有的，店铺首页可以看

10:00:00 B 少发了一包
10:02:00 A 抱歉亲，马上给您补发
10:02:30 B 谢谢
10:10:00 B 再问下几天到
10:20:00 A 三天左右

10:00 B 收到的杯子碎了
10:03 A 抱歉亲

10:00:00 B 少发了一包
10:02:00 A 抱歉亲，马上给您补发
10:02:30 B 不用了，我找到了
10:10:00 B 再问下几天到
10:20:00 A 三天左右

10:00:00 B 多大尺码合适
10:10:00 A M码
"""
