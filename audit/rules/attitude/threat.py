"""ATT003 attitude.threat 威胁恐吓"""

import re

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.blocking import blocked
from audit.shapes.denial import denied
from audit.shapes.places import one_per_message, places, roles
from audit.shapes.quotation import quoted
from audit.shapes.terms import term_hits

#: somebody else threatens, and the agent warns of him
_THIRD = re.compile(
    r"骗子会|骗子可能|骗子拿|不法分子|诈骗分子|诈骗电话|黑客|冒充|(?:他们?|她|对方|快递员|别人|有人)(?:要是|如果|再)?(?:威胁|恐吓|骚扰|骂|打)"
)
#: 小心 as care for the buyer, not as a threat
_CARE = re.compile(r"雨|雪|路滑|台风|降温|高温|结冰|防滑|烫|割手|漏电|锋利|玻璃渣|碎片")


@rule(
    "ATT003",
    "attitude.threat",
    "威胁恐吓",
    unit="message",
    severity="severe",
    topic="话术",
    needs=("lexicon:threat",),
    cite="[001] 一3 案例C；TB-1 威胁他人隐私、名誉、住址、财产、人身",
)
def check(chats: Chats, *, lexicon: str = "threat") -> pd.DataFrame:
    """客服用隐私、名誉、住址、财产、人身、家人、账号、信用、快递、拉黑、起诉来威胁买家。

    为什么：威胁恐吓在各平台都是最重一档，拼多多一次扣 30 分，淘宝情节严重可清退。
    不算违规：劝买家报警处理诈骗；说明平台会怎样处理；复述买家的威胁；否认（不会起诉您）；已经拉黑的事实（归 ATT007）。
    已知误报：玩笑话；“雨天出门小心点”一类的关心。
    选项：lexicon 词库。
    依据：[001]、TB-1、DY-7。一条消息记一次，各处原话都列出。买家先骂人或先威胁的会注明，但仍然计入。
    """
    found = chats.texts.matches(lexicon)
    found = found.take(~quoted(chats, found) & ~denied(chats, found))
    found = found.take(~_of_others(chats, found))
    done = blocked(chats)
    found = found.take(~((roles(found) == "blacklist") & np.isin(found.text, done.text)))
    return one_per_message(term_hits(chats, found, chats.human, "客服威胁买家：“{quote}”"))


def _of_others(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: the agent warns of somebody else's threat, or asks the buyer to take care."""
    out = np.zeros(len(found), dtype=bool)
    for i, (text, start, end) in enumerate(places(chats, found)):
        care = re.search("[小当]心", text[start:end]) is not None and _CARE.search(text) is not None
        out[i] = care or _THIRD.search(text) is not None
    return out


EXAMPLES = """
B 我要给差评
A 你敢差评，我就«把你的电话发»到网上

B 我要投诉到底
A 再闹我就«曝光你»，让大家都看看

B 不退我就申诉
A «别忘了我们有你地址»

B 碗是碎的
A 再啰嗦«找人收拾你»

B 我申请平台介入了
A 你«小心你家»里人

B 窗帘装歪了
A 再投诉就«把你家玻璃砸»了

B 我要退款
A 你再退我就«举报你账号»，让你号被封

B 催一下快递
A 再催你的快递就«别想收到»了

B 没人理我
A 再烦我就«把你拉黑»

B 我就给一星
A 那就«法庭见»，等着收律师函吧

B 扣费不对
A 不付就«让你上征信»

B 我要起诉你们
A 非常抱歉，我马上转给主管处理

B 我要曝光你们
A 您说要曝光我们，我理解，先给您退款好吗

B 会泄露我的信息吗
A 放心，我们不会公开您的信息

B 你们会起诉我吗
A 不会起诉您的，退款今天到账

B 为什么不能聊了
A 已经把你拉黑了，别再发了

B 有人打电话说要封我号
A 那是冒充的，说让你账号冻结的都是骗子，您可以报警

B 下大雨了能送吗
A 能送，下雨路滑您出门小心点哦

B 菜刀锋利吗
A 很锋利，小心割手

B 我要去砸你们店
A 亲别生气，我们马上赔付

B 花呗会上征信吗
A 按时还款不会影响您征信的

B 你们把我拉黑了？
A 没有把您拉黑哦，系统延迟
"""
