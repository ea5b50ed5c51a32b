"""PFN005 perfunctory.buck_passing 推诿"""

import re

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.classifier import model_hits
from audit.shapes.hits import join_hits, make_hits
from audit.shapes.per_session import last_before, turn_has
from audit.shapes.terms import in_rows

#: who acts in 找/问/联系…: the shop itself, for the buyer
_OURSELVES = re.compile(
    r"(?:我们?|这边|咱们?|小妹|妹子|小店|店里|本店|客服|同事|仓库|主管|售后)(?:这边|们|也|就|先|再|都|会|已经?|正在|马上|现在|立即|立刻|去|来|需要?"
    r"|可以|要|得|负责|在|帮[您你]|给[您你]|为[您你])*$|(?:帮|给|为|替)(?:[您你亲])?(?:去|再|先|来)?$|(?:已经?|正在|会|马上|立即)(?:再|去|先)?$"
)
_SUBJECT = re.compile(r"我们?|这边|咱们?|小妹|(?<![给为帮替让])[您你]|自己|自行|建议|麻烦|请")
_DIRECTS = re.compile(r"^(?:去|再)?(?:找|问|联系|跟|和|与|让|向|催)")
#: whose fault it is: 是我们系统的问题 owns up
_OWNED = re.compile(r"的(?:问题|责任|事|原因)$")
_OURS = re.compile(r"我们|我这边|这边|咱|本店|小店")
#: a way to apply that only names somebody else's door
_ELSEWHERE = re.compile(r"电话|热线|平台|网点|维修点|厂家|师傅")


@rule(
    "PFN005",
    "perfunctory.buck_passing",
    "推诿",
    unit="message",
    severity="major",
    topic="话术",
    needs=("lexicon:buck_passing", "lexicon:remedy"),
    cite="[001] 路径3：不推诿，店铺该处理的事由店铺处理",
)
def check(chats: Chats, *, lexicon: str = "buck_passing") -> pd.DataFrame:
    """本该店铺处理的事，让买家自己去找快递、厂家、平台、仓库或别的客服，没有给任何帮助。

    为什么：买家是跟店铺买的；让买家自己去找别人，问题没有解决，还多一层怨气。
    不算违规：同一轮里给了补救、答应核实跟进、让买家稍等去查、说明了申请售后的步骤；店铺自己去联系快递、厂家；买家只是问快递电话；自动和机器人消息。
    已知误报：大件家电按保修规定本来就该由厂家上门，客服只说了联系厂家。
    选项：lexicon 词库。
    依据：[001] 路径3。一轮人工回复记一次。
    """
    found = chats.texts.matches(lexicon)
    found = found.take(_passed_on(chats, found)).merged()
    asked = last_before(chats, chats.needs_reply, np.arange(len(chats))) >= 0
    row, match = in_rows(chats, found, chats.human & asked & ~turn_has(chats, _helps(chats, found)))
    start, end = chats.texts.view.original_span(found.start[match], found.end[match])
    order = np.lexsort((start - end, row))
    row, start, end = row[order], start[order], end[order]
    one = np.unique(chats.turn[row], return_index=True)[1]
    others = {int(t): np.unique(row[chats.turn[row] == t]) for t in chats.turn[row[one]]}
    row, start, end = row[one], start[one], end[one]
    texts = chats.messages["text"].iloc[row].tolist()
    hits = make_hits(
        row,
        start=start,
        end=end,
        why=[f"让买家另找别人，没有给出帮助：“{t[a:b]}”" for t, a, b in zip(texts, start, end, strict=True)],
        context=[[(int(o), "context", -1, -1) for o in others[int(chats.turn[r])] if o != r] or None for r in row],
        decided_by="lexicon",
    )
    silent = chats.human & asked & ~turn_has(chats, _helps(chats, found) | chats.mask(row))
    return join_hits(hits, model_hits(chats, "buck_passing", silent, "推诿"))


def _passed_on(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: the buyer is sent off; where the shop itself goes to ask, it helps."""
    view = chats.texts.view
    keep = np.ones(len(found), dtype=bool)
    for i in range(len(found)):
        number = int(found.text[i])
        text, base = view.text(number), int(view.starts[number])
        start, end = int(found.start[i]) - base, int(found.end[i]) - base
        first, _ = clause(text, start, end)
        if _OWNED.search(text[start:end]):
            keep[i] = not _OURS.search(text[first:start])
        elif _DIRECTS.search(text[start:end]):
            keep[i] = not _OURSELVES.search(text[first:start]) and not _continues(text[:start], text[start:end])
    return keep


def _continues(before: str, term: str) -> bool:
    """Whether 联系/跟… goes on with what the shop does (我给您取消了，并且联系厂家处理)."""
    subjects = _SUBJECT.findall(re.split(r"[。！？!?;\n]", before)[-1])
    return not term.startswith(("找", "问", "去")) and bool(subjects) and subjects[-1][0] in "我这咱小"


def _helps(chats: Chats, passing: Matches) -> Bools:
    """Human rows that help: a remedy, a promise to act, a hold to look into it, the way to apply.

    Words that belong to the buck-passing itself (我们处理不了, 您问仓库) are no help.
    """
    out = np.zeros(len(chats.texts), dtype=bool)
    order = np.argsort(passing.start)
    first, last = passing.start[order], passing.end[order]
    for lexicon, role in (("remedy", "offer"), ("hold", "hold"), ("promise", None), ("remedy", "path")):
        found = chats.texts.matches(lexicon, role)
        if role == "path":
            found = found.take(_own_door(chats, found))
        before = np.searchsorted(first, found.end) - 1
        overlaps = before >= 0
        overlaps[overlaps] = last[before[overlaps]] > found.start[overlaps]
        out[found.text[~overlaps]] = True
    return chats.human & out[chats.text_id]


def _own_door(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: a way to apply with the shop, not somebody else's hotline or counter."""
    elsewhere = np.array([_ELSEWHERE.search(e.term) is not None for e in found.entries], dtype=bool)
    return ~elsewhere[found.entry] if len(found) else np.zeros(0, dtype=bool)


EXAMPLES = """
10:00:00 B 收到的杯子碎了三个
10:00:20 A 路上摔的，«您找快递赔»

10:00:00 B 电饭煲用三天就不加热了
10:00:20 A 质量问题«您找厂家»，我们只管卖

10:00:00 B 你们发错颜色了
10:00:20 A «我们处理不了»，您去找平台

10:00:00 B 少发了一双袜子
10:00:20 A 这边是客服，您«问仓库»吧

10:00:00 B 昨天答应补发的螺丝怎么还没寄
10:00:20 A «谁答应您找谁»

10:00:00 B 发票开错抬头了
10:00:20 A 发票«不归我管»

10:00:00 B 物流三天没动了
10:00:20 A 亲，您«问物流去»哦

10:00:00 B 充值没到账怎么办
10:00:20 A 这个«您自己想办法»

10:00:00 B 热水器装完漏水
10:00:20 A 安装的事«跟我们没关系»
10:00:30 A 您联系安装的人

10:00:00 B 收到的杯子碎了
10:00:20 A 这是快递的问题，我们会找快递索赔，先给您补发

10:00:00 B 快递显示签收了我没收到
10:00:20 A 亲别急，我们联系快递处理，稍后回复您

10:00:00 B 收到的杯子碎了
10:00:20 A 您在订单里点申请退款，选商品破损就可以

10:00:00 B 少发了一双袜子
10:00:20 A 我去问仓库，稍等

10:00:00 B 中通的客服电话是多少
10:00:20 A 中通客服95311

10:00:00 B 空调不制冷
10:00:20 A 我问厂家了，师傅明天上门
10:00:30 A 已经帮您报修

10:00:00 B 快递破了
10:00:02 R 亲，您可以找快递处理
10:00:40 A 拍张照片给我，我来赔

10:00:00 B 想改取件时间
10:00:20 A 取件前会打给您，时间当场说就行

10:00:00 B 物流三天没动了
10:00:20 A 物流那边您问物流也可以
10:00:30 A 我现在帮您催件

10:00:00 B 这是哪个厂家生产的
10:00:20 A 是自有工厂生产的
"""
