"""Shape: a question or complaint that is met with a filler."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from audit.chats.chats import Chats
from audit.chats.waits import NO_TIME, SECOND, Bools, Ints
from audit.shapes.classifier import leaning

#: what an agent's message may be made of without saying anything; 可以的 and the like are `answers`
_EMPTY = (("filler", None), ("greeting", None), ("closing", None), ("hold", "hold"), ("apology", None))
_CLOSED = re.compile(r"[吗嘛]|(.)不\1|有没有|对吧|好吧|吧[?~。!\s]*$|可否|能否|是否")
_OPEN = re.compile(r"什么|怎么|怎样|为什么|为啥|多少|多久|多[大高长重宽厚远]|几|哪|谁|啥|咋|如何|还是")
#: assent: it answers a request, not a question of fact (查到了吗)
_ASSENT = re.compile(r"^\W*(?:亲亲?)?\W*(?:好+|ok|行|收到)[的嘞哒滴呢哦呀哈啊吧亲]*\W*$")
_REQUEST = re.compile(r"帮|麻烦|请|能|可以|可否|行[吗不]|好[吗不]|给我|发我|要")
#: what settles a yes-or-no question, and a question for a number
_VERDICT = re.compile(r"可以|支持|能(?!力|量)|有的|有货|没有|不[会能行可支用是]|会的|是的|对的|包邮|没问题")
_HOW_MANY = re.compile(r"几|多少|多[久大高长重宽厚远]|什么时候|哪天")
_FIGURE = re.compile(r"\d|[一二两三四五六七八九十半][个件天点元块斤码号月年小分米周度片包]|今天|明天|后天|今晚")
#: solid characters from which a reply may be perfunctory by its wording
SHORTEST = 5
_GREETING_ONLY = (
    ("buyer_state", "greeting"),
    ("buyer_state", "address"),
    ("buyer_state", "particle"),
    ("greeting", None),
)
#: asks only whether somebody is there; a question before it stays asked
_PRESENCE = re.compile(
    r"^\W*(?:亲|客服|妹子|小二)?\W*(?:人呢|人去哪(?:儿|里)?了?|还?在[吗不么嘛没]|有人[吗没么]|在不在|还有人[吗没]|理我)\W*$"
)


@dataclass(frozen=True)
class Fillers:
    """Human messages that say nothing in answer to a question or complaint, one per answer, each array (fillers,) long.

    Attributes
    ----------
    row : the filler; asked : the buyer message that it answers.
    content : the first human row with substance after it in the session, -1 = none.
    deadline : the later of the buyer's next message and `limit` after the filler, int64 ms; NO_TIME = untimed.
    in_time : content came by then (untimed: before the buyer's next message).
    opened_at : when the wait that the filler closed had opened, int64 ms.
    """

    row: Ints
    asked: Ints
    content: Ints
    deadline: Ints
    in_time: Bools
    opened_at: Ints


def needs_answer(chats: Chats) -> Bools:
    """Buyer rows that are a question, an urge or a complaint, and more than a bare greeting."""
    bare = (chats.texts.residue(_GREETING_ONLY) == 0)[chats.text_id]
    asks = (chats.buyer_is("question") | chats.buyer_is("complaint") | chats.buyer_is("urge")) & ~bare & ~chats.recalled
    brief = np.zeros(len(chats.texts), dtype=bool)
    brief[chats.text_id[asks]] = True
    brief &= chats.texts.solid <= 8
    return asks & ~chats.texts.pattern(_PRESENCE, brief)[chats.text_id]


def answers(chats: Chats, asks: Bools) -> Bools:
    """Human replies that say something: substance, or a short yes or no to what can be answered so.

    可以的 answers 能发顺丰吗 and 麻烦发顺丰, but neither 几天到 nor a complaint; 好的 no question of fact (查到了吗).
    """
    hold = chats.agent_says("hold")
    worded = (chats.texts.residue((*_EMPTY, ("buyer_state", "ack"))) >= 2)[chats.text_id]
    content = (chats.substance | worded & ~hold) & chats.reply
    brief = (chats.texts.residue(_EMPTY) > 0)[chats.text_id]
    short = np.flatnonzero(brief & chats.reply & ~content & ~hold)
    asked = chats.previous(asks)[short]
    short, asked = short[asked >= 0], asked[asked >= 0]
    among = chats.texts.of_rows(chats.text_id[asked])
    closed = chats.texts.pattern(_CLOSED, among)
    simple = closed | ~chats.texts.pattern(_OPEN, among)
    said = chats.text_id[short]
    assent, fact = np.zeros(len(chats.texts), dtype=bool), closed & ~chats.texts.pattern(_REQUEST, closed)
    assent[said] = True
    assent = chats.texts.pattern(_ASSENT, assent)
    yes_no = (
        ~(assent[said] & fact[chats.text_id[asked]])
        & simple[chats.text_id[asked]]
        & (closed[chats.text_id[asked]] | ~chats.buyer_is("complaint")[asked])
    )
    content[short[yes_no]] = True
    return content


def _by_model(chats: Chats, asks: Bools, content: Bools) -> Bools:
    """Replies that the agent-act model takes for perfunctory, apart from what the question makes an answer.

    The model reads the reply alone: 可以的, and a yes, a no or a figure to a question that asks for it, are answers.
    """
    out = leaning(chats, "perfunctory") & content & (chats.texts.solid >= SHORTEST)[chats.text_id]
    rows = np.flatnonzero(out)
    asked = chats.previous(asks)[rows]
    rows, asked = rows[asked >= 0], asked[asked >= 0]
    texts = chats.texts
    closed = texts.pattern(_CLOSED, texts.of_rows(chats.text_id[asked]))[chats.text_id[asked]]
    verdict = texts.pattern(_VERDICT, texts.of_rows(chats.text_id[rows]))[chats.text_id[rows]]
    counted = texts.pattern(_HOW_MANY, texts.of_rows(chats.text_id[asked]))[chats.text_id[asked]]
    figure = texts.pattern(_FIGURE, texts.of_rows(chats.text_id[rows]))[chats.text_id[rows]]
    out[rows[closed & verdict | counted & figure]] = False
    return out


def fillers(chats: Chats, limit: float) -> Fillers:
    """Every filler that is the first human answer to a turn with a question or complaint; holds are RSP009's."""
    n = len(chats)
    hold = chats.agent_says("hold") & chats.reply
    asks = needs_answer(chats)
    content = answers(chats, asks)
    content &= ~_by_model(chats, asks, content)
    empty = chats.reply & ~content & ~hold
    spoken = chats.buyer | chats.reply
    before = chats.previous(spoken)
    first = empty & (before >= 0)
    first[first] = chats.buyer[before[first]] & (chats.session[before[first]] == chats.session[first])
    row = np.flatnonzero(first)
    last_reply = chats.previous(chats.reply)[row]
    asked = chats.previous(asks)[row]
    ok = (asked >= 0) & (asked > last_reply)
    ok[ok] = chats.session[asked[ok]] == chats.session[row[ok]]
    row, asked = row[ok], asked[ok]

    def after(mask: Bools) -> Ints:
        found = np.append(chats.following(mask), n)[row + 1]
        inside = found < n
        inside[inside] = chats.session[found[inside]] == chats.session[row[inside]]
        return np.where(inside, found, n)

    buyer, later_content, later_hold = after(chats.buyer), after(content), after(hold)
    turned = later_hold < np.minimum(buyer, later_content)
    keep = ~turned
    row, asked, buyer, later_content = row[keep], asked[keep], buyer[keep], later_content[keep]
    time = np.append(chats.time, NO_TIME)
    own = time[row]
    deadline = np.where(own == NO_TIME, NO_TIME, np.maximum(own + int(limit * SECOND), time[buyer]))
    timed = (deadline != NO_TIME) & (time[later_content] != NO_TIME)
    in_time = (later_content < n) & np.where(timed, time[later_content] <= deadline, later_content < buyer)
    waits = chats.all_waits
    wait = chats.all_wait_of[asked]
    opened = np.full(len(row), NO_TIME, dtype=np.int64)
    known = wait >= 0
    opened[known] = chats.time[waits["open_row"].to_numpy()[wait[known]]]
    return Fillers(row, asked, np.where(later_content < n, later_content, -1), deadline, in_time, opened)
