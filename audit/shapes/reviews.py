"""Shape: messages that speak of reviews, read once per Chats for all rules of the family."""

from __future__ import annotations

import re
import weakref
from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.responsible import transfer_ends
from audit.chats.texts import Texts
from audit.chats.waits import DAY, NO_TIME, SECOND, Bools, Ints
from audit.shapes import review_patterns as p
from audit.shapes.classifier import model_hits
from audit.shapes.hits import make_hits
from audit.shapes.repetition import bare_text
from audit.shapes.review_spans import COERCION, INCENTIVE, INVITE, ReviewReader, Span
from audit.shapes.undone import readings

_SECOND_LINE = re.compile(r"[二三2-9](?:线|级)|[Ll][2-9]")
_HOW = re.compile(
    r"(?:怎么|怎样|如何|在?哪里?|哪儿|能不能|可不可以|可以|能)[^，,。]{0,8}(?:评|打分|晒)|(?:评价?|打分|"
    r"晒图)[^，,。]{0,6}(?:怎么|如何|在?哪|入口)"
)
_CHANGE_HOW = re.compile(
    r"(?:怎么|怎样|如何|在?哪里?|哪儿|能不能|可不可以|可以|能|想)[^，,。]{0,8}(?:改|删|撤)[^，,。]{0,6}|"
    r"评[^，,。]{0,6}(?:改|删)[^，,。]{0,4}(?:吗|么|不了|不掉|\?)"
)
_PRESSING = re.compile(r"麻烦|帮忙|请您?[把改删]|求|拜托|好吗|行不|辛苦|先|才|再|就|不然|否则|改成|改为")

#: columns of the frame that `review_talk` gives
COLUMNS = ("row", "start", "end", "kind", "service", "demand", "change", "said", "decoded", "decoded_by")
_CACHE: weakref.WeakKeyDictionary[Chats, pd.DataFrame] = weakref.WeakKeyDictionary()


def review_talk(chats: Chats) -> pd.DataFrame:
    """What the seller's side says about reviews: one row per span, ordered by row and place.

    Columns: row (int64), start, end (int64, in the ORIGINAL text), kind (INCENTIVE, COERCION, INVITE; one span has only
    the first), service (bool: the rating of the service), demand (bool: it names the result), change (bool: asks to
    change or delete), said (str: the bare words of its clauses, the same for the same template), decoded and decoded_by
    (str: what a disguised span says and how it was undone, else ""). Read once per Chats.
    """
    if chats not in _CACHE:
        _CACHE[chats] = _read(chats)
    return _CACHE[chats]


def _read(chats: Chats) -> pd.DataFrame:
    reader = ReviewReader(chats.texts)
    candidates = np.zeros(len(chats.texts), dtype=bool)
    candidates[reader.candidates()] = True
    of_text: dict[int, list[_Told]] = {}
    for number in np.unique(chats.text_id[chats.seller & candidates[chats.text_id]]):
        if found := reader.read(int(number)):
            of_text[int(number)] = [_Told.of(chats.texts, int(number), span) for span in found]
    for number, hidden in _disguised(chats, of_text).items():
        of_text[number] = [*(t for t in of_text.get(number, ()) if _stays(t, hidden)), *hidden]
    speaking = np.zeros(len(chats.texts), dtype=bool)
    speaking[list(of_text)] = True
    rows = np.flatnonzero(chats.seller & speaking[chats.text_id])
    named = _named_before(chats)
    items = [
        (int(row), told)
        for row in rows
        for told in of_text[int(chats.text_id[row])]
        if not told.span.bare or named[row]
    ]
    known = {row for row, told in items if told.span.kind == INCENTIVE}
    items += [
        (row, _Told.of(chats.texts, int(chats.text_id[row]), span))
        for row, span in _affirmed(chats, reader, candidates, known)
    ]
    items.sort(key=lambda item: (item[0], item[1].start))
    spans = [told.span for _, told in items]
    return pd.DataFrame(
        {
            "row": np.array([row for row, _ in items], dtype=np.int64),
            "start": np.array([told.start for _, told in items], dtype=np.int64),
            "end": np.array([told.end for _, told in items], dtype=np.int64),
            "kind": np.array([s.kind for s in spans], dtype=object),
            "service": np.array([s.service for s in spans], dtype=bool),
            "demand": np.array([s.demand for s in spans], dtype=bool),
            "change": np.array([s.change for s in spans], dtype=bool),
            "said": np.array([bare_text(s.said) for s in spans], dtype=object),
            "decoded": np.array([told.decoded for _, told in items], dtype=object),
            "decoded_by": np.array([told.decoded_by for _, told in items], dtype=object),
        },
        columns=list(COLUMNS),
    )


@dataclass(frozen=True)
class _Told:
    """A span with its place in the original text, and what it says where it had to be decoded."""

    span: Span
    start: int
    end: int
    decoded: str = ""
    decoded_by: str = ""

    @classmethod
    def of(cls, texts: Texts, number: int, span: Span) -> _Told:
        view, base = texts.view, int(texts.view.starts[number])
        at, behind = np.array([base + span.start]), np.array([base + span.end])
        start, end = view.original_span(at, behind)
        [(word, steps)] = readings(view, at, behind)
        return cls(span, int(start[0]), int(end[0]), word if steps else "", steps)

    def meets(self, other: _Told) -> bool:
        """Whether the two share a character of the original."""
        return self.start < other.end and other.start < self.end


def _disguised(chats: Chats, plain: dict[int, list[_Told]]) -> dict[int, list[_Told]]:
    """Text number → rewards for reviews that a seller's text promises only once it is decoded."""
    reader = ReviewReader(chats.undone)
    out: dict[int, list[_Told]] = {}
    for number in reader.candidates():
        told = [_Told.of(chats.undone, number, span) for span in reader.read(number) if span.kind == INCENTIVE]
        known = [t for t in plain.get(number, ()) if t.span.kind == INCENTIVE]
        if fresh := [t for t in told if t.decoded_by and not any(t.meets(k) for k in known)]:
            out[number] = fresh
    return out


def _stays(told: _Told, hidden: list[_Told]) -> bool:
    """Whether what is told in plain words stands beside the rewards in disguise: one span earns only the first kind."""
    return told.span.kind == INCENTIVE or (told.span.kind == COERCION and not any(told.meets(h) for h in hidden))


def _named_before(chats: Chats) -> Bools:
    """Rows before which their session named a review, a rating or stars."""
    codes = chats.texts.view.codes
    flags = np.zeros(len(chats.texts), dtype=bool)
    flags[chats.texts.view.text_of(np.flatnonzero((codes == ord("评")) | (codes == ord("星"))))] = True
    before = chats.previous(flags[chats.text_id] & (chats.side >= 0))
    out = before >= 0
    out[out] = chats.session[before[out]] == chats.session[out]
    return out


def _affirmed(chats: Chats, reader: ReviewReader, candidates: Bools, known: set[int]) -> list[tuple[int, Span]]:
    """The message of the seller's next turn that says yes, or names the reward, to a buyer who asks for one.

    At most one a turn; `known` are rows whose own words are an incentive already.
    """
    asks: list[int] = []
    verdict: dict[int, bool] = {}
    for row in np.flatnonzero(chats.buyer & candidates[chats.text_id]):
        number = int(chats.text_id[row])
        if number not in verdict:
            verdict[number] = reader.asks_reward(number)
        if verdict[number]:
            asks.append(int(row))
    if not asks:
        return []
    asked = np.array(asks)
    following = np.append(chats.following(chats.seller), len(chats))[asked + 1]
    asked, following = asked[following < len(chats)], following[following < len(chats)]
    following = following[chats.session[following] == chats.session[asked]]
    answers = np.flatnonzero(chats.seller & np.isin(chats.turn, chats.turn[following]))
    out: dict[int, tuple[int, Span]] = {}
    for answer in answers.tolist():
        turn = int(chats.turn[answer])
        if turn not in out and answer not in known and (span := reader.affirms(int(chats.text_id[answer]))):
            out[turn] = (answer, span)
    return list(out.values())


def of_kind(chats: Chats, kind: str) -> pd.DataFrame:
    """The spans of one kind (columns of `review_talk`)."""
    talk = review_talk(chats)
    return talk[talk["kind"] == kind].reset_index(drop=True)


def talk_by_model(chats: Chats, act: str, among: Bools, title: str) -> pd.DataFrame:
    """HITS of rows that the agent-act model takes for talk about reviews.

    Not of those that only thank for a review, tell what reviews show, or ask for nothing: that is written.
    """
    hits = model_hits(chats, act, among, title)
    among_texts = chats.texts.of_rows(chats.text_id[hits["row"].to_numpy()])
    idle = np.zeros(len(chats.texts), dtype=bool)
    for pattern in (p.INFO, p.THANKS, p.NO_ASK):
        idle |= chats.texts.pattern(pattern, among_texts)
    return hits[~idle[chats.text_id[hits["row"].to_numpy()]]].reset_index(drop=True)


def span_hits(chats: Chats, spans: pd.DataFrame, why: str | list[str], **columns: object) -> pd.DataFrame:
    """HITS of spans; `why` is one sentence for each, or one for all that may name {quote}."""
    if isinstance(why, str):
        texts = chats.messages["text"].iloc[spans["row"].to_numpy()].tolist()
        places = zip(texts, spans["start"].tolist(), spans["end"].tolist(), strict=True)
        why = [why.format(quote=text[a:b]) for text, a, b in places]
    return make_hits(
        spans["row"].to_numpy(),
        start=spans["start"].to_numpy(),
        end=spans["end"].to_numpy(),
        **{
            "why": why,
            "decided_by": "lexicon",
            "decoded": spans["decoded"].tolist(),
            "decoded_by": spans["decoded_by"].tolist(),
            **columns,
        },
    )


def joined(spans: list[tuple[int, int]], reach: int = 0) -> list[tuple[int, int]]:
    """Spans that overlap, or stand at most `reach` characters apart, as one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1] + reach:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


# -- what came before ------------------------------------------------------------------------------------------------


def last_buyer_texts(chats: Chats, rows: Ints) -> list[str]:
    """For each row the folded text of the last buyer row before it in its session; "" = none."""
    before = chats.previous(chats.buyer)[rows]
    same = before >= 0
    same[same] = chats.session[before[same]] == chats.session[rows[same]]
    numbers = np.where(same, chats.text_id[before], -1)
    return [chats.texts.view.text(int(i)) if i >= 0 else "" for i in numbers]


def turn_texts(chats: Chats, rows: Ints) -> str:
    """The folded texts of rows, one a line."""
    return "\n".join(chats.texts.view.text(int(i)) for i in chats.text_id[rows])


def accepted(chats: Chats, rows: Ints) -> Bools:
    """(rows,) bool: after help the buyer thanked, agreed or said that it is settled, and nothing was asked since."""
    said = chats.buyer_is("thanks") | chats.buyer_is("settled") | (chats.buyer_is("ack") & chats.buyer_is("closer"))
    helped = chats.previous(chats.seller)
    helped_here = helped >= 0
    helped_here[helped_here] = chats.session[helped[helped_here]] == chats.session[helped_here]
    return _later(chats, rows, said & helped_here, open_issue(chats))


def solved(chats: Chats, rows: Ints) -> Bools:
    """(rows,) bool: the buyer said that it is settled, or thanked, and complained or asked nothing since."""
    said = chats.buyer_is("settled") | chats.buyer_is("thanks")
    return _later(chats, rows, said, open_issue(chats))


def open_issue(chats: Chats) -> Bools:
    """Buyer rows that leave something open: a question, an urge, a complaint."""
    asks = chats.buyer_is("question") | chats.buyer_is("urge") | chats.buyer_is("complaint")
    return (asks | chats.buyer_is("human_requested")) & ~chats.buyer_is("settled")


def _later(chats: Chats, rows: Ints, good: Bools, bad: Bools) -> Bools:
    yes, no = chats.previous(good)[rows], chats.previous(bad & ~good)[rows]
    out = (yes >= 0) & (yes > no)
    out[out] = chats.session[yes[out]] == chats.session[rows[out]]
    return out


# -- pressure --------------------------------------------------------------------------------------------------------


def pressure(chats: Chats) -> pd.DataFrame:
    """Coercion that counts: no answer to a buyer who asked how, no second-line agent's one word about a rating."""
    spans = of_kind(chats, COERCION)
    if not len(spans):
        return spans
    own = [chats.texts.view.text(int(i)) for i in chats.text_id[spans["row"].to_numpy()]]
    asked = last_buyer_texts(chats, spans["row"].to_numpy())
    how = [
        "评" in before and _CHANGE_HOW.search(before) is not None and _PRESSING.search(text) is None
        for before, text in zip(asked, own, strict=True)
    ]
    spans = spans[~(spans["change"].to_numpy() & np.array(how, dtype=bool))].reset_index(drop=True)
    rows = spans["row"].to_numpy()
    free = spans["service"].to_numpy() & spans["change"].to_numpy() & second_line(chats, rows) & solved(chats, rows)
    account = chats.accounts[rows]
    key = pd.DataFrame({"session": chats.session[rows], "agent": account, "row": rows})
    first = key[free].groupby(["session", "agent"])["row"].transform("min").reindex(key.index)
    return spans[~(free & (first == key["row"]).to_numpy())].reset_index(drop=True)


def second_line(chats: Chats, rows: Ints) -> Bools:
    """(rows,) bool: the account is second line: by its tier in the profile, else where the session came to it."""
    account = chats.accounts
    out = np.zeros(len(rows), dtype=bool)
    moves = transfer_ends(chats)
    received = (
        set(zip(chats.session[moves["row"].to_numpy()].tolist(), moves["target"].tolist(), strict=True))
        if len(moves)
        else set()
    )
    for _, profile, mine in chats.shop_rows():
        agents = getattr(profile, "agents", None)
        tiers = dict(zip(agents["account"], agents["tier"], strict=True)) if agents is not None and len(agents) else {}
        for i in np.flatnonzero(mine[rows]):
            tier = str(tiers.get(account[rows[i]], "") or "")
            out[i] = (
                _SECOND_LINE.search(tier) is not None
                if tier
                else (int(chats.session[rows[i]]), account[rows[i]]) in received
            )
    return out


# -- invitations -----------------------------------------------------------------------------------------------------


def invitations(chats: Chats) -> pd.DataFrame:
    """Requests for a review or rating, by hand or not; telling a buyer who asked where to rate is none."""
    spans = of_kind(chats, INVITE)
    if not len(spans):
        return spans
    how = [_HOW.search(before) is not None for before in last_buyer_texts(chats, spans["row"].to_numpy())]
    return spans[~(~spans["demand"].to_numpy() & np.array(how, dtype=bool))].reset_index(drop=True)


def within_a_day(chats: Chats, earlier: Ints, later: Ints) -> Bools:
    """(n,) bool: row `later` follows `earlier` within 24 h, surely so where times are known to the minute."""
    first, second = chats.time[earlier], chats.time[later]
    slack = np.where(chats.minutes[earlier] | chats.minutes[later], 59 * SECOND, 0)
    return (first != NO_TIME) & (second != NO_TIME) & (second - first + slack <= DAY)
