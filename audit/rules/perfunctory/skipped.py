"""PFN008 perfunctory.skipped 漏答"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.hits import make_hits, no_hits
from audit.shapes.per_session import first_after
from audit.shapes.questions import COMPLAINTS, DECIDABLE, KINDS, Question, questions, tells

#: kinds of question that a turn may join with another; the others are told by too many words
_COUNTED = frozenset((*DECIDABLE, "material", "origin", "gift"))
#: answers several questions at once, or refers to where the answer stands, or puts them off
_MAY_ANSWER = re.compile(
    r"都|全|[链连]接|详情|页面|说明书|图|参数|标[签注]|介绍|以上|上面|下面|分别|看[下一看]|查|核|问[下一]|稍等|等[下一]|马上|一会|回头|稍后|转接|联系|\?|吗"
)
_YES_NO = re.compile(r"[吗嘛]|(?<![什怎])么|(.)不\1|有没有|[是能可]否|[不没]\??$")
_YES = re.compile(r"可以|支持|[能会有是对要行]的|没有|不[能会是行支可]|^\W*[能会有是对行没不]")
#: kinds whose answers look alike: one may be taken for the other
_ALIKE = (
    {"ship_time", "when", "shelf_life", "warranty"},
    {"size", "measure", "quantity"},
    {"price", "freight", "discount", "gift"},
    {"courier", "ship_time", "freight"},
)


@rule(
    "PFN008",
    "perfunctory.skipped",
    "漏答",
    unit="message",
    severity="minor",
    topic="话术",
    needs=("lexicon:buyer_state",),
    cite="[001] 路径4：有问必答",
)
def check(chats: Chats) -> pd.DataFrame:
    """买家一轮里问了几个问题，客服答了其中的，另一个到会话结束也没有人答。

    为什么：有问必答；漏掉的问题买家要再问一遍，或者就走了。
    不算违规：后面的消息补答了；“都可以”“看详情页”一类的总答；图片、卡片；“稍等”“我查一下”；反问买家；
        买家自己说不用了、已解决；一个问题也没答（归响应规则、PFN001、PFN003）。
    已知误报：客服换了个说法作答，例如问运费答“加5块就走顺丰”。
    选项：无。
    依据：[001] 路径4。只看问法和答法都有固定用词的问题（时间、价格、尺码、尺寸、快递、运费、发票、保质期、颜色、保修、
        材质、产地、赠品）；自动和机器人消息不算答；会话未结束时待定。
    """
    rows = np.flatnonzero(chats.buyer & ~chats.recalled & (chats.messages["kind"] == "text").to_numpy())
    several = _asks_several(chats, rows)
    rows = rows[np.isin(chats.turn[rows], chats.turn[rows[several]])] if several.any() else rows[:0]
    if not len(rows):
        return no_hits()
    free = chats.buyer_is("settled") | chats.buyer_is("withdraw")
    found: list[tuple[int, int, int, int, str, str]] = []
    for turn in np.unique(chats.turn[rows]):
        mine = rows[chats.turn[rows] == turn]
        asked = [(int(row), q) for row in mine for q in _counted(chats, int(row))]
        if len(asked) < 2 or len({q.kinds for _, q in asked}) < 2:
            continue
        after = _human_after(chats, int(mine[-1]))
        if not len(after) or first_after(chats, free, mine[-1:])[0] < len(chats):
            continue
        view = chats.texts.view
        replies = [view.text(int(chats.text_id[r])) for r in after]
        whole = "\n".join(replies)
        if _MAY_ANSWER.search(whole) or not (chats.messages["kind"].iloc[after] == "text").all():
            continue
        skipped = _skipped(asked, whole, [view.text(int(chats.text_id[row])) for row, _ in asked])
        if skipped is None:
            continue
        row, question = asked[skipped]
        said = view.text(int(chats.text_id[row]))[question.start : question.end]
        first = next((int(r) for r in after if chats.substance[r]), int(after[0]))
        base = int(view.starts[chats.text_id[row]])
        start, end = view.original_span(np.array([base + question.start]), np.array([base + question.end]))
        found.append((first, row, int(start[0]), int(end[0]), said.strip(), sorted(question.kinds)[0]))
    if not found:
        return no_hits()
    reply = np.array([f[0] for f in found], dtype=np.int64)
    over = chats.over[reply]
    return make_hits(
        reply,
        state=np.where(over, "violation", "pending").astype(object),
        why=[
            f"买家还问了{KINDS[kind].title}“{said}”，到{'会话结束' if o else '目前为止'}没有人答"
            for (*_, said, kind), o in zip(found, over, strict=True)
        ],
        context=[[(row, "context", start, end)] for _, row, start, end, _, _ in found],
    )


def _asks_several(chats: Chats, rows: np.ndarray) -> Bools:
    """(rows,) bool: the row's turn holds at least two question words; a cheap sieve before clauses are cut."""
    texts = chats.texts
    numbers = np.unique(chats.text_id[rows])
    count = np.zeros(len(texts), dtype=np.int64)
    count[numbers] = [len(_WORD.findall(text)) for text in texts.strings(numbers)]
    of_turn = np.zeros(int(chats.turn.max(initial=-1)) + 2, dtype=np.int64)
    np.add.at(of_turn, chats.turn[rows], count[chats.text_id[rows]])
    return np.asarray(of_turn[chats.turn[rows]] >= 2)


_WORD = re.compile(r"[吗么嘛?几哪谁啥咋呢]|多少|多[久大长重]|怎|何|(.)不\1|有没有|包邮|发票")


def _counted(chats: Chats, row: int) -> list[Question]:
    """The questions of a row whose kinds have words of their own, none of them a complaint."""
    text = chats.texts.view.text(int(chats.text_id[row]))
    return [q for q in questions(text) if q.kinds and q.kinds <= _COUNTED and not q.kinds & set(COMPLAINTS)]


def _human_after(chats: Chats, row: int) -> np.ndarray:
    """Human messages after a row until its session ends."""
    last = int(chats.sessions["last_row"].iloc[chats.session[row]])
    rows = np.arange(row + 1, last + 1)
    return rows[chats.reply[rows] & (chats.session[rows] == chats.session[row])]


def _skipped(asked: list[tuple[int, Question]], reply: str, texts: list[str]) -> int | None:
    """The question that the reply does not answer while it answers another of an unlike kind; None = no such one."""
    answered = [any(tells(k, reply) for k in q.kinds) for _, q in asked]
    for number, ((_, question), text) in enumerate(zip(asked, texts, strict=True)):
        if answered[number]:
            continue
        if _YES_NO.search(text[question.start : question.end]) and _YES.search(reply):
            continue
        others = [q for (_, q), yes in zip(asked, answered, strict=True) if yes]
        if any(_unlike(question.kinds, q.kinds) for q in others):
            return number
    return None


def _unlike(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one & other and not any(one & group and other & group for group in _ALIKE)


EXAMPLES = """
10:00:00 B 几天能到成都？是什么面料的
! 10:00:20 A 纯棉的

10:00:00 B 多少钱
10:00:05 B 发什么快递
! 10:00:20 A 39元

10:00:00 B 裤长多少，质保几年
! 10:00:20 A 长98厘米

10:00:00 B 什么颜色好看，多少钱一条
! 10:00:20 A 灰色好看哦

10:00:00 B 这款多重？发什么快递？
! 10:00:20 A 重2公斤的亲
10:00:40 B 哦哦
10:01:00 A 喜欢可以拍哦

10:00:00 B 什么材质，几天能到北京
10:00:03 R 亲，三天左右到
! 10:00:20 A 头层牛皮哦

10:00:00 B 多少钱一箱，保质期多久
! 10:00:20 A 59块钱一箱哈

# as_of=2026-11-10T10:10:00 state=pending
10:00:00 B 几天能到成都？是什么面料的
! 10:00:20 A 纯棉的

10:00:00 B 发哪家快递，多少钱一双
! 10:00:20 A 中通哈

10:00:00 B 几天能到成都？是什么面料的
10:00:20 A 纯棉的，三天到

10:00:00 B 几天能到成都？是什么面料的
10:00:20 A 纯棉的
10:03:00 A 成都大概后天

10:00:00 B 多少钱
10:00:05 B 发什么快递
10:00:20 A 39元，走中通

10:00:00 B 多少钱，能开发票吗
10:00:20 A 39元，可以的

10:00:00 B 什么颜色，什么材质
10:00:20 A 您看下详情页，都有写的

10:00:00 B 几天能到成都？是什么面料的
10:00:20 A 纯棉的
10:00:40 A [图片]

10:00:00 B 几天能到成都？是什么面料的
10:00:20 A 纯棉的
10:00:40 B 算了，不用了

10:00:00 B 几天能到成都？是什么面料的
10:00:20 A 嗯嗯

10:00:00 B 几天能到成都？是什么面料的
10:00:20 A 纯棉的，物流我查一下

10:00:00 B 几天能到，几天能发
10:00:20 A 三天

10:00:00 B 是什么面料的
10:00:20 A 纯棉的
10:00:40 B 几天能到
"""
