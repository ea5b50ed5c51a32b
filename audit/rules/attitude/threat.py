"""ATT003 attitude.threat 威胁恐吓"""

import re

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.blocking import blocked
from audit.shapes.classifier import model_hits
from audit.shapes.denial import denied
from audit.shapes.hits import join_hits
from audit.shapes.places import one_per_message, places, roles, sentence
from audit.shapes.quotation import quoted
from audit.shapes.terms import term_hits

#: somebody else threatens, and the agent warns of him
_THIRD = re.compile(
    r"骗子会|骗子可能|骗子拿|不法分子|诈骗分子|诈骗电话|黑客|冒充|(?:他们?|她|对方|快递员|别人|有人)(?:要是|如果|再)?(?:威胁|恐吓|骚扰|骂|打)"
)
#: 小心 as care for the buyer, not as a threat
_CARE = re.compile(r"雨|雪|路滑|台风|降温|高温|结冰|防滑|烫|割手|漏电|锋利|玻璃渣|碎片|宝宝|孩子碰|宠物|碰到|划伤")
_SALES = re.compile(r"买|拍|优惠|活动|抢|折|价|入手|下单")
_RULES = re.compile(r"规则|规定|逾期|协议|系统会|平台会|按时")
_HANDED = re.compile(r"发(?:给|到|过)?(?:我|来|师傅|快递|站点|仓库|同事|售后|安装|厂家|客服|网点|物流|主管|财务)")
_DELIVERY = re.compile(r"寄|补发|发货|派送|送货|送达|快递|师傅|骑手|物流|核对|改")
_CUE = re.compile(r"闹|堵|砸|等着|等你|收拾|找你|小心|信不信|[再敢]|别忘|试试|晚上|后果|让人|叫人|坐坐|拜访")
_ELSEWHERE = re.compile(r"号码|骗子|短信|电话|快递员|陌生|他|她|对方|黄牛")
_SHARED = re.compile(r"可以|链接|图|发票|合同|付款|帮|您|推荐")


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
    found = found.take(~_harmless(chats, found))
    done = blocked(chats)
    found = found.take(~((roles(found) == "blacklist") & np.isin(found.text, done.text)))
    hits = one_per_message(term_hits(chats, found, chats.human, "客服威胁买家：“{quote}”"))
    silent = chats.human & ~chats.has(lexicon) & ~np.isin(chats.text_id, done.text)
    return join_hits(hits, model_hits(chats, "threat", silent, "威胁恐吓"))


def _harmless(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: care for the buyer, delivery, sales talk, a rule of the platform, or somebody else's threat."""
    out = np.zeros(len(found), dtype=bool)
    for i, (role, (text, start, end)) in enumerate(zip(roles(found), places(chats, found), strict=True)):
        first, last = sentence(text, start, end)
        said, around, before = text[start:end], text[first:start] + "|" + text[end:last], text[first:start]
        reasons = (
            _THIRD.search(text),
            _CARE.search(text) if re.search("[小当]心", said) else None,
            _SALES.search(around) if "后悔" in said else None,
            _RULES.search(around) if role in ("account", "credit") else None,
            _HANDED.match(text[end - 1 :]) if role == "privacy" and said.endswith("发") else None,
            _DELIVERY.search(around) if role == "address" and not _CUE.search(around) else None,
            re.search("[广转报公警劝忠预]$", before) if said.startswith("告你") else None,
            _ELSEWHERE.search(around) if role == "blacklist" and not re.search("[你您]", said + around) else None,
            _SHARED.search(before) if re.match("发给你|告诉你", said) else None,
        )
        visit = re.match("[去到]你", said) is not None and not _CUE.search(said + around)
        out[i] = visit or any(reason is not None for reason in reasons)
    return out


EXAMPLES = """
B 我要给差评
A 你敢差评，我就«把你的电话发到网»上

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
