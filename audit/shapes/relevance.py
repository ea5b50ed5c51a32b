"""Shape: whether a reply is about what the buyer asked: the features of a pair, and what the relevance model thinks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.backends.linear import Bag, Floats, flags, ngrams
from audit.chats.chats import Chats
from audit.chats.texts import Bools, Ints
from audit.shapes import questions
from audit.shapes.classifier import leaning
from audit.shapes.fillers import fillers, needs_answer
from audit.shapes.per_session import last_before, turn_has
from audit.text.normalise import View, fold

_FORMS = {
    "closed": re.compile(r"[吗么嘛]|(.)不\1|有没有|[是能可]否|[不没]\??$"),
    "open": re.compile(r"什么|啥|怎么|咋|如何|怎样|哪|谁|几|多少|多[久大长重高宽厚远]"),
    "why": re.compile(r"为什么|为啥|为何|咋回事|怎么回事|怎么这么|怎么还"),
    "number": re.compile(r"几|多少|多[久大长重高宽厚远]"),
    "wish": re.compile(r"帮我|给我|麻烦|想要?|能不能|可以.{0,6}吗|行不行"),
    "again": re.compile(r"我问|问你|问了|说了|到底|回答"),
}
_REPLY_FORMS = {
    "yes": re.compile(
        r"^\W*(?:亲+|您好|宝贝?|姐妹?)?[,~!\s]*(?:可以|能|会|有|是|对|支持|行|好|要|包(?!邮)|在|中|得|嗯|ok)"
    ),
    "no": re.compile(r"^\W*(?:亲+|您好|宝贝?|姐妹?)?[,~!\s]*(?:不|没|别|暂|抱歉|无|非)"),
    "negates": re.compile(r"不|没|无|别"),
    "number": re.compile(r"[\d一二两三四五六七八九十百半]"),
    "asks": re.compile(r"\?|吗|呢[~。!]*$"),
    "sorry": re.compile(r"抱歉|对不起|不好意思|对唔住"),
    "acts": re.compile(r"[给帮替为][您你]|我[去来查问看马]|已经|这就|马上|安排|登记|稍等|核实"),
    "tells_to": re.compile(r"建议|可以|先|再|您[^,。]{0,6}[试看点选拍发]|直接"),
    "because": re.compile(r"因为|原因|所以|才|是因|由于|正常"),
    "vaunts": re.compile(r"我们家|咱家|本店|本品|这款|我们的|放心购买|喜欢|可选"),
}
#: what the agent-act model may take a reply for that is another rule's
OTHER_ACTS = (
    "insult", "threat", "unfriendly", "buck_passing", "rating_invite", "review_incentive", "review_coercion",
    "off_platform",
)  # fmt: skip
_OPEN = re.compile(r"什么|啥|哪|几|多少|多[久大长重高宽厚远]|怎么卖|何时")
#: a reply with one of these may answer anything: it asks back, refers to a place, acts, or speaks of the case
_MAY_ANSWER = re.compile(
    r"\[\w{2,4}x\]|\*\*|完[毕成]|\?|吗|[链连]接|详情|页面|说明书|图片|截图|标[注签签]|参数|链|联系|核实|帮[您你]|[给为][您你]|我[去来查问看马]|稍等|这就|安排|不确定|不清楚"
    r"|看您|取决|根据|因|都一样|一样|随机|默认|以.{1,6}为准|取消|成功|没|未|不"
)
#: kinds that are no part of seeing to a complaint
_ADVERTISED = ("colour", "material", "freight", "discount", "origin", "stock", "measure")
_IN_MOTION = re.compile(r"寄|送到|[今明后]天|今晚|明[早晚]|路上|到了|单号|别|钱|危险|留")
#: kinds whose answer names them or begins with yes or no (包邮吗, 能开发票吗)
_NAMED = frozenset(("courier", "freight", "invoice", "warranty"))
_OVERLAPS = (0.001, 0.08, 0.2, 0.4)
_GRAM = 2
_SOLID = re.compile(r"[^\w]|[亲您你的了吗呢哦哈啊呀我是有]")


def pair_bag(asked: Sequence[str], replies: Sequence[str]) -> Bag:
    """Features of (buyer's question, agent's reply) pairs: n-grams apart and by kind, kinds crossed."""
    ask, say = fold(asked), fold(replies)
    asked, replies = [ask.text(i) for i in range(len(asked))], [say.text(i) for i in range(len(replies))]
    kinds, topics = questions.asked(asked), questions.about(replies)
    return Bag.joined(
        [
            ngrams(ask, (2, 3), "ask"),
            ngrams(say, (1, 2, 3), "reply"),
            *_by_kind(say, kinds, "reply"),
            *_by_kind(ask, topics, "ask"),
            _crossed(asked, replies, kinds, topics),
            _overlap(asked, replies),
        ]
    )


def _by_kind(view: View, kinds: Bools, side: str) -> list[Bag]:
    """The bigrams of one side once more for each kind that the other side has; each bag is of all the pairs."""
    bags = []
    for column, name in enumerate(questions.KINDS):
        mask = kinds[:, column]
        if mask.any():
            bags.append(ngrams(view.only(mask), (_GRAM,), f"{side}|{name}"))
    return bags


def _crossed(asked: Sequence[str], replies: Sequence[str], kinds: Bools, topics: Bools) -> Bag:
    names = list(questions.KINDS)
    left = np.column_stack([kinds, ~kinds.any(axis=1), _matches(_FORMS, asked)])
    left_names = [*names, "none", *_FORMS]
    right = np.column_stack([topics, ~topics.any(axis=1), _matches(_REPLY_FORMS, replies), _long(replies)])
    right_names = [*names, "none", *_REPLY_FORMS, "short", "long"]
    cross = (left[:, :, None] & right[:, None, :]).reshape(len(asked), -1)
    apart = left[:, : len(names)] & ~right[:, : len(names)]
    return flags(
        [*(f"asks:{a}" for a in left_names), *(f"says:{b}" for b in right_names),
         *(f"{a}>{b}" for a in left_names for b in right_names), *(f"misses:{a}" for a in names)],
        np.hstack([left, right, cross, apart]),
    )  # fmt: skip


def _matches(patterns: dict[str, re.Pattern[str]], texts: Sequence[str]) -> Bools:
    return np.array([[p.search(t) is not None for p in patterns.values()] for t in texts], dtype=bool).reshape(
        len(texts), len(patterns)
    )


def _long(texts: Sequence[str]) -> Bools:
    size = np.array([len(t) for t in texts], dtype=np.int64)
    return np.column_stack([size <= 8, size >= 40])


def _overlap(asked: Sequence[str], replies: Sequence[str]) -> Bag:
    """How much of the question's characters and bigrams come back in the reply, in steps."""
    table = np.zeros((len(asked), 2 * (len(_OVERLAPS) + 1)), dtype=bool)
    for row, (a, b) in enumerate(zip(asked, replies, strict=True)):
        a, b = _SOLID.sub("", a), _SOLID.sub("", b)
        for place, size in enumerate((1, 2)):
            mine = {a[i : i + size] for i in range(len(a) - size + 1)}
            share = sum(g in b for g in mine) / max(len(mine), 1)
            step = int(np.searchsorted(_OVERLAPS, share, side="right"))
            table[row, place * (len(_OVERLAPS) + 1) + step] = True
    return flags([f"echo{n}:{k}" for n in (1, 2) for k in range(len(_OVERLAPS) + 1)], table)


@dataclass(frozen=True)
class Exchanges:
    """Questions or complaints of a buyer, and the human turns that follow them, each array (exchanges,) long.

    Attributes
    ----------
    row : the first human row of the turn that says something; asked : the buyer's last question or complaint before it.
    questions : what the buyer's turn says, folded, one line each.
    before : what the buyer's turn before that says (the reply may belong to it), folded; "" = there is none.
    replies : the human messages of the turn, folded, one line each.
    """

    row: Ints
    asked: Ints
    questions: list[str]
    before: list[str]
    replies: list[str]

    def __len__(self) -> int:
        return len(self.row)


def exchanges(chats: Chats) -> Exchanges:
    """Exchanges in which the human turn is text with substance that neither sees to the case nor is another rule's.

    Left out: turns with a picture or card; that hold, promise, offer, apologise or ask for what the case needs; that
    open with a filler (PFN001, PFN006); that are abuse, a threat or buck-passing.
    """
    other = np.zeros(len(chats), dtype=bool)
    for act in ("hold", "offer", "request", "path", "promise", "apology"):
        other |= chats.agent_says(act)
    for lexicon in ("asks_info", "transfer_note", "insult", "insult_coded", "threat", "buck_passing"):
        other |= chats.has(lexicon)
    for act in OTHER_ACTS:
        other |= leaning(chats, act)
    other |= ~chats.messages["kind"].isin(("text", "emoji")).to_numpy()
    other &= chats.human
    other[fillers(chats, 180).row] = True
    rows = np.flatnonzero(chats.substance & chats.reply & ~turn_has(chats, other))
    rows = rows[np.unique(chats.turn[rows], return_index=True)[1]]
    asked = last_before(chats, needs_answer(chats), rows)
    ok = asked >= 0
    ok[ok] = chats.turn[asked[ok]] == chats.turn[rows[ok]] - 1
    return _worded(chats, rows[ok], asked[ok])


def _worded(chats: Chats, rows: Ints, asked: Ints) -> Exchanges:
    order = np.argsort(chats.turn, kind="stable")
    starts = np.searchsorted(chats.turn[order], np.arange(int(chats.turn.max(initial=-1)) + 2))
    view = chats.texts.view

    def said(turn: int, mask: Bools) -> str:
        mine = order[starts[turn] : starts[turn + 1]]
        return "\n".join(view.text(int(t)) for t in chats.text_id[mine[mask[mine]]])

    buyer, reply = chats.buyer & ~chats.recalled, chats.reply
    turn = chats.turn[asked].tolist()
    known = [
        t >= 2 and chats.session[order[starts[t - 2]]] == s for t, s in zip(turn, chats.session[asked], strict=True)
    ]
    return Exchanges(
        rows,
        asked,
        [said(t, buyer) for t in turn],
        [said(t - 2, buyer) if k else "" for t, k in zip(turn, known, strict=True)],
        [said(t + 1, reply) for t in turn],
    )


def clearly_beside(question: str, reply: str) -> tuple[str, str] | None:
    """(kind asked, kind told) where a folded reply to one question speaks of something else, and answers nothing.

    Only questions whose answer has words of its own (几天到, 多少钱, 包邮吗); one question.
    """
    asked = questions.questions(question)
    if len(asked) != 1:
        return None
    kinds = asked[0].kinds
    if not kinds <= _NAMED and not _OPEN.search(question[asked[0].start : asked[0].end]):
        return None
    if not kinds or not kinds <= set(questions.DECIDABLE) or any(questions.tells(k, reply) for k in kinds):
        return None
    if _MAY_ANSWER.search(reply) or _REPLY_FORMS["yes"].search(reply) or _REPLY_FORMS["no"].search(reply):
        return None
    told = [k for k in questions.CATALOGUE if k not in kinds and questions.KINDS[k].about.search(reply)]
    return (sorted(kinds)[0], told[0]) if told else None


def ignores_complaint(complaint: str, reply: str) -> str | None:
    """The kind that a folded reply to a complaint tells of, where it advertises and sees to nothing; else None."""
    if questions.tells("defect", reply) or len(_SOLID.sub("", reply)) < 3:
        return None
    if _IN_MOTION.search(reply):
        return None
    told = [k for k in _ADVERTISED if questions.KINDS[k].about.search(reply)]
    told = [k for k in told if k != "measure" or _REPLY_FORMS["vaunts"].search(reply)]
    return told[0] if told and not any(questions.KINDS[k].asks.search(complaint) for k in told) else None


def off_topic(chats: Chats, pairs: Exchanges) -> Floats:
    """(exchanges,) float64: how sure the relevance model is that a reply belongs to neither question; 0 without it.

    The reply is held against the buyer's turn and, where there is one, against the turn before it too.
    """
    classifier = chats.models.relevance
    if classifier is None or not len(pairs):
        return np.zeros(len(pairs))
    out = classifier.model.probabilities(pair_bag(pairs.questions, pairs.replies))[:, 0]
    late = np.flatnonzero([bool(text) for text in pairs.before])
    if len(late):
        earlier = pair_bag([pairs.before[i] for i in late], [pairs.replies[i] for i in late])
        out[late] = np.minimum(out[late], classifier.model.probabilities(earlier)[:, 0])
    return np.asarray(out)


def leaves_unanswered(question: str, reply: str) -> bool:
    """Whether a folded question is of a kind that is known, and the folded reply holds nothing that may answer it."""
    kinds = [name for name, kind in questions.KINDS.items() if kind.asks.search(question)]
    return bool(kinds) and not (
        any(questions.tells(k, reply) for k in kinds) or _MAY_ANSWER.search(reply) or _REPLY_FORMS["yes"].search(reply)
    )
