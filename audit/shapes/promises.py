"""Shape: the promise ledger: what agents promised, by when, and what the chat shows of it (rulebook PRC006)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.waits import DAY, NO_TIME, SECOND, Bools, Ints
from audit.shapes.due import When, times
from audit.shapes.terms import in_rows

#: kind → its name in a report
KINDS = {
    "reply": "聊天回复",
    "contact": "电话或联系",
    "ship": "发货",
    "arrive": "送达",
    "refund": "退款补偿",
    "reissue": "补发换货",
    "handle": "处理",
    "follow": "跟进",
}
KEPT, BROKEN, NOT_VISIBLE, PENDING = "kept", "broken", "not visible", "pending"
#: column → dtype. due is int64 ms (NO_TIME = no moment can be reckoned); settled_by −1 = no row settles it; timed: it
#: names its time in so many words
COLUMNS = ("row", "start", "end", "kind", "due", "timed", "status", "settled_by")

_SPLIT = re.compile(r"[，。！？；,!?;\n]")
_STOP = re.compile(r"[。！？；!?;\n]")
_CONTACT = re.compile(r"电话|回电|致电|去电|联系|短信|专员|主管|经理|通知|跟您|和您|与您")
_ANSWERS = re.compile(
    r"回复|答复|解答|回您|回你|给您回|告诉|告知|答案|结果|准信|消息|[稍等]等?[^,，。]{0,4}分钟|给我[^,，。]{0,4}分钟"
)
_REISSUE = re.compile(r"补发|补寄|重发|重新发|重新寄|换|补上|新的")
_MONEY = re.compile(r"退|差|运费|赔|补偿|打款|转给|转[您你]|打给|补[您你]|到账|返|款|红包")
_ARRIVE = re.compile(r"到|送|配送|派")
_DONE = re.compile(
    r"已经?(?!有|收|在|无)|[过完]了|(?:退|发|寄|补|赔|换|转|催|处理|安排|申请|反馈|登记|提交|备注|回复|联系)(?:款|货)?(?:好|完|过|出)?了"
)
_ASKS = re.compile(
    r"[吗么嘛呢](?:亲|呀|哦)?$|是否|要不要|需不需要|是不是|能不能|可不可以|还是|或者|哪|什么时候|怎么|多久"
)
_HEDGE = re.compile(
    r"一般|默认|正常|通常|平时|预计|大概|大约|应该|可能|也许|尽量|争取|差不多|最快|都是|为准|理论上|估计"
)
_IF = re.compile(
    r"如果|要是|假如|假设|若|万一|的话|除非|只要|一旦|才能|否则|有问题|有什么|有任何|有需要|随时|留言|以后|下次|上班|超时|逾期|超过"
)
#: whose turn it is first: the moment cannot be reckoned, so the promise is never judged
_AFTER = re.compile(
    r"收到(?:货|退|[您你](?:寄|退)|后|就|马上|商品|包裹)|签收|退回|寄回|退货(?:后|到)|到仓|仓库收|到货|有货|上架|补货|下单|付款|拍下|审核|确认收货|入库|您(?:付|拍|买|申请)|买(?:后|了)"
)
_OTHERS = re.compile(
    r"寄回|发回|退回来|寄过来|发过来|发来|发我|寄给我|给我们?(?!一?[\d几]|[一两半五十]|点时间)|(?<![给为帮替和与跟])您这?边?(?:先|再|自己|自行|可以|需要|要)|麻烦您|请您|(?:卖家|商家|平台|快递|官方|站点|厂家|系统)那?边?会"
)
_DENIED = re.compile(r"(?:不能|无法|不会|没法|没办法|不可以|不支持|不|没有?|未|别|勿|停止?)[^,，。]{0,3}$")
_SIDE = re.compile(
    r"登记|反馈|上报|备注|记录|提交|加急|放心|留意|保持|理解|谅解|耐心|抱歉|不好意思|对不起|提供|发我|拍|辛苦|麻烦|祝|感谢|谢谢"
)
_ASSENT = re.compile(r"^\W*(?:好的?|嗯+|亲+|哦|是的|行的?|收到|您好|你好)*\W*$")
_TIME_ONLY = re.compile(r"^\W*(?:最晚|最迟|最多|会|在|就|预计|请|亲|哈|哦|左右|之前|以前|前|内|的|可以吗?|吗)*\W*$")

_NOT = r"(?<![有到发货了])(?:没有?|未)"  # not 有没有, 发货没
#: what a buyer says where a promise of the kind was not kept (folded text)
_MISSED: dict[str, re.Pattern[str]] = {
    "reply": re.compile(rf"{_NOT}(?:人)?(?:回|答复|消息|结果|下文|动静)"),
    "contact": re.compile(
        rf"{_NOT}(?:人|谁)?(?:给我|跟我|和我)?(?:联系|打|回电|来电|电话|接到|收到[^,，]{{0,4}}(?:电话|短信)|通知|消息)"
        rf"|{_NOT}[^,，]{{0,6}}(?:联系|电话)"
    ),
    "ship": re.compile(
        rf"{_NOT}(?:给我|有)?(?:发(?!现|票|错|炎|霉|黄)|寄|出库|揽收|物流|(?:快递)?单号)|不(?:给我)?发货(?!吗)|待发货"
    ),
    "arrive": re.compile(rf"{_NOT}(?:给我)?(?:收到|到(?!账)|送|派|拿到)"),
    "refund": re.compile(
        rf"{_NOT}(?:给我)?(?:退|到账|返|补|赔|转|打款|(?:收|看)到[^,，]{{0,6}}(?:款|钱|差价|红包|补偿|赔|运费|元|块))"
        rf"|(?:退款|差价|补偿|运费|赔款|红包|钱)[^,，。]{{0,8}}(?:{_NOT}(?:到|收到|退|补|给|返|转|打)|不到账|呢)"
    ),
    "reissue": re.compile(
        rf"{_NOT}(?:给我)?(?:补|换|重发|寄|发(?!现|票|错|炎|霉|黄))|(?:补发|换货|换的|补的)[^,，。]{{0,8}}(?:{_NOT}|呢)"
    ),
    "handle": re.compile(rf"{_NOT}(?:人)?(?:给我)?(?:处理|解决|管|动静|下文|结果|消息|安排|弄|申请)"),
    "follow": re.compile(rf"{_NOT}(?:人)?(?:跟进|管|动静|下文|结果|消息)"),
}
_ACCUSES = re.compile(
    r"说话不算|不算[数话]|言而无信|骗我|骗人|忽悠|耍我|糊弄我?|说好了?的?|不是(?:说|答应|承诺)|答应(?:我|好|了|的)|承诺"
)
_SPEAKS_OF = re.compile(r"没|不|呢|骗|忽悠|耍|糊弄|吗|哪")
_NOUN: dict[str, re.Pattern[str]] = {
    "reply": re.compile(r"回复|答复|告诉我|结果|消息"),
    "contact": re.compile(r"联系|电话|短信"),
    "ship": re.compile(r"发货|发出|发(?=[,，。!?？！呢吗的]|$)|寄"),
    "arrive": re.compile(r"送到|送货|到货|能到|会到"),
    "refund": re.compile(r"退|差价|补偿|赔|运费|钱|红包|返"),
    "reissue": re.compile(r"补发|补寄|换|重发"),
    "handle": re.compile(r"处理|解决|安排"),
    "follow": re.compile(r"跟进|盯"),
}
_GOT: dict[str, re.Pattern[str]] = {
    "contact": re.compile(r"(?:联系|打电话|来电|电话)(?:过?我)?了|接到(?:了)?电话|接到了"),
    "ship": re.compile(
        r"(?:发货?|寄出?|揽收)了|有(?:物流|单号)了|收到了|收到货|(?<![看听说想找])到了|看到(?:物流|单号)"
    ),
    "arrive": re.compile(r"收到了|收到货|(?<![看听说想找])到了|送到|签收|拿到了"),
    "refund": re.compile(
        r"(?:退|返|补|赔|转)(?:款|差价|运费|钱)?(?:给我|到|过来|好)?了|到账|收到了?(?:退款|差价|红包|补偿|钱|运费|\d)|收到了"
    ),
    "reissue": re.compile(r"收到(?:了)?(?:补|换|新)?|(?:补|换)的?[^,，]{0,4}(?:到|收到)了|(?:补发|换|寄)(?:货|好)?了"),
    "handle": re.compile(r"处理(?:好|完)?了|解决了|弄好了|好了"),
    "follow": re.compile(r"处理(?:好|完)?了|解决了|好了"),
}
_QUESTION = re.compile(r"[?？]|[吗么嘛没](?:[,，。!]|$)|什么时候|为什么|怎么|多久")
_CLAIMED: dict[str, str] = {
    "contact": r"联系|打过?电话|去电|致电",
    "ship": r"发|寄|出库|揽收",
    "arrive": r"送|派|签收|到",
    "refund": r"退|返|补|赔|转|打款|到账",
    "reissue": r"补|换|重发|寄|发",
    "handle": r"处理|解决|安排|申请",
    "follow": r"跟进|催|反馈|联系",
}


@dataclass(frozen=True)
class _Said:
    """A promise in a distinct text, places in the folded text."""

    start: int
    end: int
    kind: str
    when: When | None
    reckoned: bool  # False: after something else has happened


def promises(chats: Chats, days: float = 30) -> pd.DataFrame:
    """The promises of human messages, by row, with the columns COLUMNS.

    Kinds: KINDS. A promise without a time is due like 尽快, 24 hours later; one that waits for something else
    (收到退货后, 有货) has no due time and stays `not visible`. A chat reply is kept by a human message with content in
    the conversation by then: no hold, no further promise to reply, nothing that only notes or asks. Any other promise
    is broken by a buyer's message after its time (at most `days` later) that says so, unless the buyer had it before,
    or the shop set another time before this one passed; without a word of the buyer it is `not visible`. Times to the
    minute: late only if surely late. A due time after as-of is `pending`. Without times nothing is judged.
    """
    human = chats.human & ~chats.recalled
    terms: dict[int, list[tuple[int, int, str]]] = {}
    for found in (chats.texts.matches("promise"), chats.texts.matches("hold", "named_time")):
        for m in np.unique(in_rows(chats, found, human)[1]):
            number = int(found.text[m])
            base = int(chats.texts.view.starts[number])
            place = (int(found.start[m]) - base, int(found.end[m]) - base, found.entries[found.entry[m]].role)
            terms.setdefault(number, []).append(place)
    read = {number: _read(chats.texts.view.text(number), places) for number, places in terms.items()}
    among = chats.texts.of_rows(np.array(list(read), dtype=np.int64))
    row = np.flatnonzero(human & among[chats.text_id])
    rows: list[tuple[int, _Said]] = [(int(r), said) for r in row for said in read[int(chats.text_id[r])]]
    rows = [(r, said) for r, said in rows if said.kind != "reply" or said.when or not _only_hold(chats, r)]
    return _judged(chats, rows, days)


def _only_hold(chats: Chats, row: int) -> bool:
    """Whether a message is a hold that names no time (稍等，给您答复): RSP009's."""
    text = int(chats.text_id[row])
    return bool(chats.texts.has("hold", "hold")[text] and not chats.texts.has("hold", "named_time")[text])


def _read(text: str, terms: list[tuple[int, int, str]]) -> list[_Said]:
    """The promises of one folded text; one a clause and kind."""
    out: dict[tuple[int, str], _Said] = {}
    whens = times(text)
    for start, end, role in sorted(terms):
        first = max((m.end() for m in _SPLIT.finditer(text, 0, start)), default=0)
        after = _SPLIT.search(text, end)
        last = after.start() if after else len(text)
        words = text[first:last]
        lead = text[max((m.end() for m in _STOP.finditer(text, 0, start)), default=0) : first]
        kind = _kind(role, text[start:end], words)
        held = out.get((first, kind))
        if held and start <= held.end:
            out[first, kind] = replace(held, end=max(end, held.end))
        if held or not kind:
            continue
        if (
            (after and after[0] in "?？")
            or _ASKS.search(words)
            or _HEDGE.search(words)
            or _IF.search(lead[-16:] + words)
        ):
            continue
        if _DENIED.search(text[first:start]) or _OTHERS.search(words) or _DONE.search(words):
            continue
        when = _time_of(text, whens, first, last, start, end)
        if kind == "follow" and not (when and when.definite):
            continue
        inside = when is not None and first <= when.start and when.end <= last
        begin, stop = (min(start, when.start), max(end, when.end)) if when and inside else (start, end)
        reckoned = kind == "reply" or not _AFTER.search(lead[-16:] + words)
        if kind == "reply" and re.search(r"收到货|签收|有货|到货|上架|补货", lead[-16:] + words):
            reckoned = False
        out[first, kind] = _Said(begin, stop, kind, when, reckoned)
    return list(out.values())


def _kind(role: str, term: str, words: str) -> str:
    """The kind of a promise by the term and its clause; "" = none."""
    if role == "reply":
        return "contact" if _CONTACT.search(term) else "reply"
    if role == "deliver":
        if _REISSUE.search(words):
            return "reissue"
        return "arrive" if _ARRIVE.search(term) and "发" not in term else "ship"
    if role == "refund":
        if _REISSUE.search(term) or (not _MONEY.search(term) and _REISSUE.search(words)):
            return "reissue"
        return "refund" if _MONEY.search(words) else "handle"
    if role == "named_time":  # a hold that names its time: RSP009 leaves it to this ledger
        return "contact" if _CONTACT.search(words) else "reply" if _ANSWERS.search(words) else ""
    return "follow" if role == "follow" else ""


def _time_of(text: str, whens: list[When], first: int, last: int, start: int, end: int) -> When | None:
    """The time of a promise: in its clause (a named one before 稍后 and the like, the nearest), else in a clause beside
    it that says nothing else (今天下午三点前，给您答复).
    """
    here = [w for w in whens if first <= w.start and w.end <= last]
    if here:
        return min(here, key=lambda w: (not w.definite, max(w.start - end, start - w.end, 0)))
    for w in whens:
        if not w.definite:
            continue
        opened = max((m.end() for m in _SPLIT.finditer(text, 0, w.start)), default=0)
        closed = _SPLIT.search(text, w.end)
        shut = closed.start() if closed else len(text)
        if (shut + 1 == first or opened == last + 1) and _TIME_ONLY.match(text[opened : w.start] + text[w.end : shut]):
            return w
    return None


def _judged(chats: Chats, rows: list[tuple[int, _Said]], days: float) -> pd.DataFrame:
    n = len(rows)
    row = np.array([r for r, _ in rows], dtype=np.int64)
    due = np.full(n, NO_TIME, dtype=np.int64)
    for i, (r, said) in enumerate(rows):
        if chats.time[r] != NO_TIME and said.reckoned:
            at = int(chats.time[r])
            until = said.when.until(at) if said.when else at + DAY
            due[i] = NO_TIME if until is None else until
    kind = np.array([said.kind for _, said in rows], dtype=object)
    status = np.full(n, NOT_VISIBLE, dtype=object)
    settled = np.full(n, -1, dtype=np.int64)
    judge = _Judge(chats, days)
    following: dict[tuple[int, str], list[int]] = {}
    for i in range(n - 1, -1, -1):
        same = following.setdefault((int(chats.conversation[row[i]]), str(kind[i])), [])
        again = next((r for r in reversed(same) if chats.turn[r] != chats.turn[row[i]]), -1)
        status[i], settled[i] = judge(int(row[i]), str(kind[i]), int(due[i]), again)
        same.append(int(row[i]))
    base = chats.texts.view.starts[chats.text_id[row]] if n else np.zeros(0, dtype=np.int64)
    start, end = chats.texts.view.original_span(
        base + np.array([s.start for _, s in rows], dtype=np.int64),
        base + np.array([s.end for _, s in rows], dtype=np.int64),
    )
    timed = np.array([bool(s.when and s.when.definite) for _, s in rows], dtype=bool)
    data = (row, start, end, kind, due, timed, status, settled)
    return pd.DataFrame(dict(zip(COLUMNS, data, strict=True)))


class _Judge:
    """What a conversation shows of a promise."""

    def __init__(self, chats: Chats, days: float) -> None:
        self.chats = chats
        self.reach = int(days * DAY)
        self.minutes = np.where(chats.minutes, 59 * SECOND, 0)
        self.answers = self._list(_content(chats))
        self.given_up = self._list(chats.buyer_is("withdraw") & ~chats.recalled)
        self.done = self._list(chats.buyer_is("settled") & ~chats.recalled)
        self.buyers = self._list(chats.buyer & ~chats.recalled)
        self.humans = self._list(chats.reply)

    def _list(self, mask: Bools) -> tuple[Ints, Ints]:
        """(rows of the mask, their conversations)."""
        rows = np.flatnonzero(mask)
        return rows, self.chats.conversation[rows]

    def __call__(self, row: int, kind: str, due: int, again: int) -> tuple[str, int]:
        """(status, the row that settles it or −1). `again`: the next turn that promises the same kind, −1 = none."""
        if due == NO_TIME:
            return NOT_VISIBLE, -1
        return self.reply(row, due) if kind == "reply" else self.action(row, kind, due, again)

    def reply(self, row: int, due: int) -> tuple[str, int]:
        answer = next((r for r in self._after(self.answers, row) if self._is_answer(row, r)), -1)
        end = answer if answer >= 0 else len(self.chats)
        for rows, status in ((self.done, KEPT), (self.given_up, NOT_VISIBLE)):
            for r in self._after(rows, row)[:1]:
                if r < end and self._in_time(r, due):
                    return status, r
        if answer >= 0:
            return (KEPT if self._in_time(answer, due) else BROKEN), answer
        return (PENDING if due + self.minutes[row] > self.chats.as_of[row] else BROKEN), -1

    def action(self, row: int, kind: str, due: int, again: int) -> tuple[str, int]:
        chats = self.chats
        moved = again >= 0 and self._in_time(again, due)
        for r in self._after(self.buyers, row):
            if chats.time[r] - chats.time[row] > self.reach + max(0, due - chats.time[row]):
                break
            text = self._text(r)
            if chats.time[r] - self.minutes[r] > due and not moved and _missed(kind, text):
                return BROKEN, r
            if _GOT[kind].search(text) and not _MISSED[kind].search(text) and not _QUESTION.search(text):
                return KEPT, r
        claim = next((r for r in self._after(self.humans, row) if _claims(kind, self._text(r))), -1)
        if claim >= 0:
            return KEPT, claim
        return (PENDING if due + self.minutes[row] > chats.as_of[row] else NOT_VISIBLE), -1

    def _in_time(self, row: int, due: int) -> bool:
        return bool(self.chats.time[row] - self.minutes[row] <= due)

    def _text(self, row: int) -> str:
        return _string(self.chats, row)

    def _after(self, listed: tuple[Ints, Ints], row: int) -> list[int]:
        """Those of the listed rows that follow the row in its conversation."""
        rows, conversation = listed
        first = int(np.searchsorted(rows, row, side="right"))
        last = int(np.searchsorted(conversation, self.chats.conversation[row], side="right"))
        found: list[int] = rows[first:last].tolist()
        return found

    def _is_answer(self, row: int, answer: int) -> bool:
        """Content that stands in the promise's own turn and only notes, soothes or asks is no answer yet."""
        chats = self.chats
        if chats.turn[answer] != chats.turn[row]:
            return True
        clauses = [c for c in _SPLIT.split(self._text(answer)) if not _ASSENT.match(c)]
        return not clauses or any(not _SIDE.search(c) for c in clauses)


def _content(chats: Chats) -> Bools:
    """Human replies that say something beyond a hold and a promise to reply."""
    put_off = chats.has("hold") | chats.has("promise", "reply")
    small = chats.texts.residue(
        (("hold", None), ("promise", "reply"), ("greeting", None), ("apology", None), ("closing", None),
         ("filler", None), ("buyer_state", "particle"))
    ) <= 8  # fmt: skip
    return chats.substance & chats.reply & ~(put_off & small[chats.text_id])


def _string(chats: Chats, row: int) -> str:
    return chats.texts.view.text(int(chats.text_id[row]))


@functools.lru_cache(maxsize=4096)
def _missed(kind: str, text: str) -> bool:
    """Whether a buyer says that a promise of the kind was not kept."""
    if _MISSED[kind].search(text):
        return True
    return bool(_ACCUSES.search(text) and _NOUN[kind].search(text) and _SPEAKS_OF.search(text))


@functools.lru_cache(maxsize=4096)
def _claims(kind: str, text: str) -> bool:
    """Whether an agent says that it is done."""
    said = _CLAIMED[kind]
    found = re.search(
        rf"(?:已经?|刚刚?)[^,，。不没]{{0,6}}(?:{said})|(?:{said})[^,，。不没]{{0,2}}[好完出]?了(?![吗么嘛])", text
    )
    return found is not None and not _QUESTION.search(text)
