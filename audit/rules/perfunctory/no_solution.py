"""PFN004 perfunctory.no_solution 未给解决方案"""

import re

import numpy as np
import pandas as pd

from audit.chats import states
from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.classifier import leaning
from audit.shapes.complaints import own_complaint
from audit.shapes.hits import make_hits, no_hits, quotes
from audit.shapes.per_session import account_after, first_after, first_row, last_row

#: what a human may do about it besides the words of the lexicons: remedies in other words, advice, questions
_SEES_TO = re.compile(
    r"退(?!不)|换(?!不)|补(?!丁)|赔|重新?[发寄做]|寄[新回给]|维修|[来去给]修|上门|报修|返厂|检测|质检|试[试下一]|重启|检查|看[下看]|核[实对查]"
    r"|查[一下看询证到]|帮[您你]|[给为替][您你].{0,4}[处解安申办问查登联]|联系[您你厂仓快售]|拍|照片|图片|视频|截图|订单号?|单号|提供|申请|售后|登记|反馈|工单|专员|主管"
    r"|转接|转给|回电|方案|处理|解决|负责|承担|免费|先[别不把用拿断关擦洗]|建议|您可以|充[满电]|清[洗理]|通风|晾|拧紧|插|单寄|重置|恢复出厂|长按|就医|医院|费用|报销|[我们](?:来)?出$|再送|补?送[您一两新]|寄走|重刻|重做|返工|我们认|算我[请们]"
    r"|就[好行](?!哦?是)|停[用下]|别[用吃喝碰穿戴]|打开|关[掉闭]|按住|泡|擦|剪|蹭|砂纸|扫[下一]|师傅|跟[^,。;]{1,8}(?:说|打过?招呼)"
)
#: a refusal names a remedy to deny it
_REFUSED = re.compile(
    r"(?:不(?:能|可以|可|会|予|给|支持|负责|接受|包|管|提供|受理)?|无法|没法|没办法|不了|难以|拒绝|没有?)"
    r"(?:再|[给为帮][您你]|免费|直接|单独|进行|办理|申请|办|做|任何){0,2}"
    r"(?:退(?!回|货[到后])|换|补|赔|修|处理|解决|负责|承担|受理|售后)|(?:退|换|补|赔|修|处理|解决|负责)[^,。;!?\s]{0,2}(?:不了|不到|不成|不起)"
)
#: says nothing that would mend it: soothes, excuses, praises the goods, denies, blames
_STALLS = re.compile(
    r"抱歉|对不起|不好意思|不愉快|不便|添麻烦|理解|谅解|见谅|体谅|包涵|着急|生气|正常|难免|误差|都[是会]这样|就(?:是)?这样|规定|[没无]办法|不影响|不耽误|知道了|知道啦|收到|记录|特价|便宜|一分[钱价]"
    r"|卖[得的]|销量|好评|正品|大家|别的?人|别的(?:买家|顾客|客户)|没人|不可能|不会|不应该|应该不|应该会|怎么会|发货[前时]|出厂|检查过|打包|包得|自己|人为|不当"
    r"|[穿用]得?(?:比较|太|这么)?久|忙|耐心|等|运输|快递|厂家|跟我们|和我们|不是我们|不归|不清楚|不知道|不了解|没注意|不懂|放心|喜欢|感谢|谢谢|祝您|欢迎|很好|挺好|不错"
)
_ASKS = re.compile(r"吗|几[个包件次条只双本级天]|哪|谁|什么(?!事)|还是|多[少久大]|\?")
_CLAUSE = re.compile(r"[,。;!?\s~]+")


@rule(
    "PFN004",
    "perfunctory.no_solution",
    "未给解决方案",
    unit="session",
    severity="major",
    topic="话术",
    needs=("lexicon:buyer_state", "lexicon:remedy"),
    cite="[001] 一2 案例B：卖家寄错了货，卖家的回答不能解决问题",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家反映发错、少发或质量问题，到会话结束没有一位客服给出任何办法。

    为什么：发错货、有质量问题是店铺的责任；只道歉、只解释、只安抚，问题还在，拼多多把它列为敷衍。
    不算违规：提出退款、换货、补发、补偿、维修；要照片、视频或订单来处理；说明怎么申请售后；教买家排查；承诺核实跟进、
        转给专人；反问情况后买家没有再回；买家说算了、已解决；没有客服回复（归响应规则）；只是问坏了怎么办。
        回复里有别的实在内容（看不出是不是办法）。
    已知误报：客服在电话里或订单里已经处理，聊天里看不到。
    选项：无。
    依据：[001]。从反映问题起，客服的每一句都只是致歉、安抚、解释、推托、拒绝或没有内容才成立；机器人和自动消息的办法不算；拒绝（不能退换）不是办法；会话未结束时待定。
    """
    problem = first_row(chats, own_complaint(chats) & chats.buyer_is("dispute"))
    problem = problem[problem < len(chats)]
    if not len(problem):
        return no_hits()
    session = chats.session[problem]
    last = last_row(chats, chats.reply)[session]
    gone = first_after(chats, chats.buyer_is("settled") | chats.buyer_is("withdraw"), problem) < len(chats)
    keep = (last > problem) & ~gone
    problem, last = problem[keep], last[keep]
    open_ = np.zeros(len(chats.sessions), dtype=bool)
    open_[chats.session[problem]] = True
    helped = first_after(chats, _helps(chats, open_[chats.session]), problem) < len(chats)
    content = first_after(chats, open_[chats.session] & chats.reply & ~_stalls(chats), problem) < len(chats)
    keep = ~helped & ~content & ~_left_asking(chats, last)
    problem, last = problem[keep], last[keep]
    why = [
        f"买家反映“{q}”，到{'会话结束' if o else '目前为止'}客服没有给出任何办法，最后说“{a}”"
        for q, a, o in zip(quotes(chats, problem), quotes(chats, last), chats.over[last], strict=True)
    ]
    account = chats.accounts[last]
    asked = account_after(chats, problem)
    return make_hits(
        last,
        agent=[str(a) or b for a, b in zip(account, asked, strict=True)],
        state=np.where(chats.over[last], "violation", "pending").astype(object),
        why=why,
        context=[[(int(p), "context", -1, -1)] for p in problem],
    )


def _helps(chats: Chats, among: Bools) -> Bools:
    """Human rows of the mask that hold a remedy, a request, advice or a promise that is not refused in its clause."""
    rows = among & chats.reply
    out = rows & ~chats.messages["kind"].isin(("text", "emoji")).to_numpy()
    known = np.zeros(len(chats.texts), dtype=bool)
    for role in ("offer", "request", "path"):
        known |= chats.texts.has("remedy", role)
    known |= chats.texts.has("promise") | chats.texts.has("asks_info") | chats.texts.has("transfer_note", "tells")
    flags = np.zeros(len(chats.texts), dtype=bool)
    numbers = np.unique(chats.text_id[rows])
    for number, text in zip(numbers.tolist(), chats.texts.strings(numbers), strict=True):
        refused = _REFUSED.search(text) is not None
        kept = [part for part in _CLAUSE.split(text) if not _REFUSED.search(part)]
        flags[number] = known[number] and not refused or any(_SEES_TO.search(part) for part in kept)
    return out | rows & flags[chats.text_id]


def _stalls(chats: Chats) -> Bools:
    """Human rows that offer nothing by their words: empty, excuses, refusals, questions, other rules' replies."""
    texts = chats.texts
    rows = chats.reply
    empty = rows & ~chats.substance
    for lexicon in ("buck_passing", "insult", "insult_coded", "threat", "promotion"):
        empty |= chats.has(lexicon, among=rows)
    for act in ("perfunctory", "unfriendly", "buck_passing", "promotion", "insult", "threat"):
        empty |= leaning(chats, act)
    among = texts.of_rows(chats.text_id[rows & ~empty])
    stalling = texts.pattern(_STALLS, among) | texts.pattern(_REFUSED, among) | texts.pattern(_ASKS, among)
    return empty | rows & stalling[chats.text_id]


def _left_asking(chats: Chats, last: Ints) -> Bools:
    """(last,) bool: the last human message asks something, and the buyer says nothing after it."""
    among = chats.texts.of_rows(chats.text_id[last])
    questions = (states.asks(chats.texts, among) | chats.texts.pattern(_ASKS, among))[chats.text_id[last]]
    return questions & (first_after(chats, chats.buyer, last) == len(chats))


EXAMPLES = """
10:00:00 B 你们发错颜色了，我要的是白色
! 10:00:20 A 啊这样啊，不好意思呢亲

10:00:00 B 收到的杯子碎了
10:00:20 A 抱歉给您带来不愉快
10:00:40 B 然后呢
! 10:01:00 A 我们发货前都是好的哦

10:00:00 B 少发了一双袜子
! 10:00:20 A 仓库最近比较忙，理解一下

10:00:00 B 电饭煲用三天就不加热了
! 10:00:20 A 这款卖得很好的，大家都说好

10:00:00 B 衣服开线了
10:00:20 A 不能退换的哦
! 10:00:40 A 特价款就这样

10:00:00 B 台灯不亮
10:00:02 R 亲，您可以申请退款哦
! 10:00:40 A 运输中难免的

10:00:00 B 你们发错货了
10:00:20 A @客服1 好的知道了
10:00:30 E transfer {"from":"客服1","to":"客服2"}
! 10:00:50 A @客服2 您的心情我理解

# as_of=2026-11-10T10:10:00 state=pending
10:00:00 B 收到的杯子碎了
! 10:00:20 A 怎么会碎呢，包得很严实的

10:00:00 B 鞋子开胶了
10:00:20 A 是哪里开胶了呢
10:00:40 B 鞋头
! 10:01:00 A 哦，穿得比较久吧

10:00:00 B 你们发错颜色了，我要的是白色
10:00:20 A 抱歉亲，给您换白色的

10:00:00 B 收到的杯子碎了
10:00:20 A 麻烦拍张照片发我

10:00:00 B 少发了一双袜子
10:00:20 A 我问下仓库，帮您核实

10:00:00 B 台灯不亮
10:00:20 A 您换个插座试试

10:00:00 B 鞋子开胶了
10:00:20 A 是哪里开胶了呢

10:00:00 B 收到的杯子碎了
10:00:20 A 我们发货前都是好的哦
10:00:40 B 算了吧，不用了

10:00:00 B 收到的杯子碎了

10:00:00 B 这个杯子容易碎吗
10:00:20 A 加厚的，不容易碎

10:00:00 B 评论里有人说收到碎的
10:00:20 A 那是少数哦

10:00:00 B 你们发错货了
10:00:20 A @客服1 好的知道了
10:00:30 E transfer {"from":"客服1","to":"客服2"}
10:00:50 A @客服2 看到记录了，今天给您补发

10:00:00 B 衣服开线了
10:00:20 A 特价款不能退，给您补偿二十元

10:00:00 B 衣服开线了
10:00:20 A 订单里点申请售后，选质量问题

10:00:00 B 几天能到
10:00:20 A 三天
"""
