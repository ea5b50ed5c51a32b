"""Shape: what a text says about reviews: rewards for them, pressure on them, requests for them; per distinct text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audit.backends.terms import Matches
from audit.chats.texts import Texts
from audit.shapes import review_patterns as p
from audit.text.lexicon import GAP

INCENTIVE, COERCION, INVITE = "incentive", "coercion", "invite"
#: characters between a review word and the reward that is promised for it
_REACH = 40
#: characters between two spans of one kind in a sentence that are one request
_NEAR = 16


@dataclass(frozen=True)
class Span:
    """One thing said about reviews in a folded text.

    Attributes
    ----------
    start, end : place in the folded text. kind : INCENTIVE, COERCION or INVITE.
    service : it is about the rating of the service, not of goods or an order.
    demand : an invitation that names the result (好评, 五星, 满意), so it is not neutral.
    bare : it names no review: it counts only where the session spoke of one before.
    change : pressure that asks for a change (not help that depends on a review).
    said : the clauses that hold it.
    """

    start: int
    end: int
    kind: str
    service: bool = False
    demand: bool = False
    bare: bool = False
    change: bool = False
    said: str = ""


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    role: str
    gapped: bool


class _Table:
    """Matches of a lexicon (role) by text, places relative to it."""

    def __init__(self, texts: Texts, lexicon: str, role: str | None = None) -> None:
        self.found: Matches = texts.matches(lexicon, role)
        base = texts.view.starts[self.found.text]
        self.by_text: dict[int, list[_Hit]] = {}
        rows = zip(
            self.found.text.tolist(), (self.found.start - base).tolist(), (self.found.end - base).tolist(),
            self.found.entry.tolist(), strict=True,
        )  # fmt: skip
        for text, start, end, entry in rows:
            of = self.found.entries[entry]
            literal = any(end - start == len(spelling) and GAP not in spelling for spelling in of.spellings)
            self.by_text.setdefault(text, []).append(_Hit(start, end, of.role, not literal))

    def __getitem__(self, text: int) -> list[_Hit]:
        return self.by_text.get(text, [])


class ReviewReader:
    """Reads the texts that hold a review word or phrase; every other text costs nothing."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.phrase = _Table(texts, "review_incentive")
        self.word = _Table(texts, "review_word")
        self.reward = _Table(texts, "review_reward")
        self.coerce = _Table(texts, "review_coercion")
        self.invite = _Table(texts, "rating_invite")
        self.refusal = _Table(texts, "review_refusal")
        self.service = _Table(texts, "service_rating_word")

    def candidates(self) -> list[int]:
        """Numbers of the texts that may say something about reviews."""
        tables = (self.phrase, self.word, self.coerce, self.invite, self.service)
        view = self.texts.view
        hints = np.isin(view.codes, [ord(c) for c in "评星删撤晒"])
        hints[:-1] |= (view.codes[:-1] == ord("满")) & (view.codes[1:] == ord("意"))
        named = view.text_of(np.flatnonzero(hints))
        return sorted({text for table in tables for text in table.by_text}.union(named.tolist()))

    def read(self, number: int) -> list[Span]:
        """What one text says, incentives first; no span of a lower kind touches one of a higher."""
        text = self.texts.view.text(number)
        return _Reading(self, number, text).spans()

    def asks_reward(self, number: int) -> bool:
        """Whether a buyer's text asks what a review pays."""
        text = self.texts.view.text(number)
        if not p.QUESTION.search(text):
            return False
        return any(s.kind == INCENTIVE for s in _Reading(self, number, text).spans())

    def affirms(self, number: int) -> Span | None:
        """The part of an answer that says yes or names the reward; None where it does neither, or refuses."""
        text = self.texts.view.text(number)
        if self.refusal[number] or p.NO.search(text):
            return None
        if yes := p.YES.match(text):
            return Span(yes.start(1), yes.end(1), INCENTIVE)
        return _Reading(self, number, text).named_reward()


class _Reading:
    """One text under the tables."""

    def __init__(self, reader: ReviewReader, number: int, text: str) -> None:
        self.text = text
        self.service = reader.service[number]
        self.rewards = reader.reward[number]
        edges = [0, *(m.end() for m in p.CLAUSE.finditer(text)), len(text) + 1]
        self.clauses = list(zip(edges[:-1], edges[1:], strict=True))
        ends = [0, *(m.end() for m in p.SENTENCE.finditer(text)), len(text) + 1]
        self.sentences = list(zip(ends[:-1], ends[1:], strict=True))
        self.silent = self._silent(reader.refusal[number])
        self.words = [h for h in reader.word[number] if h.role == "review"]
        self.shots = [h for h in reader.word[number] if h.role == "screenshot"]
        self.phrases = reader.phrase[number]
        self.coerce = reader.coerce[number]
        self.invites = reader.invite[number]

    def spans(self) -> list[Span]:
        """All spans, resolved."""
        first = self._joined(self.incentives())
        second = _clear(self._joined(self.coercions()), first)
        # what is asked for beside a reward is not unrewarded
        third = [] if first else _clear(self._joined(self.requests()), second)
        return [dataclasses.replace(self._whole(s), said=self._around(s)) for s in (*first, *second, *third)]

    def _whole(self, span: Span) -> Span:
        """The span without the particles at its end, with the amount or the wished rating that follows it."""
        end = span.end
        if more := p.TAIL.match(self.text, end):
            end = more.end()
        while end - span.start > 1 and self.text[end - 1] in p.PARTICLES:
            end -= 1
        return dataclasses.replace(span, end=end)

    def _around(self, span: Span) -> str:
        return self.text[self.clause(span.start)[0] : self.clause(max(span.start, span.end - 1))[1]]

    def _joined(self, spans: list[Span]) -> list[Span]:
        """Spans of one kind that stand close together in a sentence as one."""
        out: list[Span] = []
        for span in sorted(spans, key=lambda s: (s.start, -s.end)):
            last = out[-1] if out else None
            if last and span.start <= last.end + _NEAR and self.sentence(span.start) == self.sentence(last.end - 1):
                out[-1] = dataclasses.replace(
                    last,
                    end=max(last.end, span.end),
                    service=last.service or span.service,
                    demand=last.demand or span.demand,
                    bare=last.bare and span.bare,
                    change=last.change and span.change,
                )
            else:
                out.append(span)
        return out

    # -- clauses -----------------------------------------------------------------------------------------------------

    def clause(self, place: int) -> tuple[int, int]:
        """The clause that holds a place."""
        return next(c for c in self.clauses if c[0] <= place < c[1])

    def sentence(self, place: int) -> tuple[int, int]:
        """The sentence that holds a place."""
        return next(s for s in self.sentences if s[0] <= place < s[1])

    def said(self, place: int) -> str:
        """The words of the clause that holds a place."""
        start, end = self.clause(place)
        return self.text[start:end]

    def _silent(self, refusals: Iterable[_Hit]) -> set[tuple[int, int]]:
        """Clauses that refuse or only mention: they commit nothing."""
        out = set()
        for hit in refusals:
            for clause in (self.clause(hit.start), self.clause(hit.end - 1)):
                if not p.DOUBLE.search(self.text[clause[0] : clause[1]]):
                    out.add(clause)
        for start, end in self.clauses:
            words = self.text[start:end]
            if p.NO_PAY.search(words) and not p.DOUBLE.search(words):
                out.add((start, end))
            if p.TOLD.search(words) and not p.AMOUNT.search(words) and not p.SECRET.search(words):
                out.add((start, end))
        return out

    def _live(self, *places: int) -> bool:
        return not any(self.clause(place) in self.silent for place in places)

    # -- rewards -----------------------------------------------------------------------------------------------------

    def _offers(self) -> list[_Hit]:
        """Rewards on offer: lexicon words and amounts, not what the shop owes, not deliveries."""
        amounts = [_Hit(m.start(), m.end(), "money", False) for m in p.AMOUNT.finditer(self.text)]
        amounts += [_Hit(m.start(), m.end(), "gift", False) for m in p.GIFT.finditer(self.text)]
        out = []
        for hit in [*self.rewards, *amounts]:
            words = self.text[hit.start : hit.end]
            if p.OWED.match(words) or p.DELIVERY.match(self.text[hit.end : hit.end + 3]) and words.endswith("送"):
                continue
            if self._live(hit.start):
                out.append(hit)
        return out

    def incentives(self) -> list[Span]:
        """Whole phrases, and review word × reward within one sentence."""
        out = []
        for hit in self.phrases:
            inner = self.text[hit.start : hit.end]
            if not self._live(hit.start, hit.end - 1) or p.REFUSED_AFTER.match(self.text[hit.end :]):
                continue
            if not p.PAYS.search(inner) or hit.gapped and p.OTHER.search(inner) or self._by_platform(hit.start):
                continue
            out.append(self._service_of(hit.start, hit.end, INCENTIVE))
        offers = self._offers()
        if not offers:
            return out
        out += [s for s in map(self._paid, self.coerce) if s]
        wrote = [_Hit(m.start(), m.end(), "review", False) for m in p.WROTE.finditer(self.text)]
        words = [*self.words, *wrote, *self.service, *(self.shots if self.words else ())]
        for word in words:
            if not self._live(word.start) or p.NO_ASK.search(self.said(word.start)):
                continue
            first, last = self.sentence(word.start)
            for offer in offers:
                if first <= offer.start < last and self._for_review(word, offer):
                    out.append(self._service_of(min(word.start, offer.start), max(word.end, offer.end), INCENTIVE))
        return out

    def named_reward(self) -> Span | None:
        """The first reward on offer that nothing else is asked for."""
        for offer in sorted(self._offers(), key=lambda o: o.start):
            if offer.role not in ("money", "red_packet", "coupon", "lottery") or self._by_platform(offer.start):
                continue
            if not p.OTHER.search(self.said(offer.start)):
                return Span(offer.start, offer.end, INCENTIVE)
        return None

    def _for_review(self, word: _Hit, offer: _Hit) -> bool:
        """Whether the reward is promised for the review."""
        if word.start < offer.end and offer.start < word.end or self._by_platform(word.start):
            return False
        between = self.text[word.end : offer.start] if word.start < offer.start else self.text[offer.end : word.start]
        if len(between) > _REACH:
            return False
        said, promise = self.said(word.start), self.said(offer.start)
        if offer.role == "gift" and (
            word.start > offer.start
            or p.WEAK.match(self.text[word.start : word.end])
            or self.clause(word.start) != self.clause(offer.start)
        ):
            return False
        if word.start < offer.start:
            other = p.OTHER.search(between.removeprefix("活动")) is not None and not p.JOINED.match(between)
            if (
                p.INFO.search(said)
                or other
                or p.UNTOUCHED.search(between)
                or p.REFUSED_AFTER.match(self.text[offer.end :])
            ):
                return False
            if self.clause(word.start) == self.clause(offer.start):
                return True
            return (p.JOINED.match(between) or not p.OTHER.search(promise)) and not p.GRANTED.search(
                promise[: max(0, offer.start - self.clause(offer.start)[0])]
            )
        if p.OTHER.search(promise) or p.GRANTED.search(promise) or p.INFO.search(said) or p.THANKS.search(said):
            return False
        if offer.role == "refund":
            return False
        asked = any(self.clause(h.start) == self.clause(word.start) for h in self.invites)
        return asked or p.CONDITION.search(said[: max(0, word.end - self.clause(word.start)[0]) + 4]) is not None

    def _paid(self, hit: _Hit) -> Span | None:
        """A change of a review against money or goods: a reward for a review."""
        if not self._live(hit.start, hit.end - 1) or hit.role == "context":
            return None
        first, last = self.sentence(hit.start)
        near = [
            o
            for o in self._offers()
            if first <= o.start < last and o.role not in ("refund", "gift") and not p.OTHER.search(self.said(o.start))
        ]
        if not near or self._no_change(hit):
            return None
        start, end = min(hit.start, *(o.start for o in near)), max(hit.end, *(o.end for o in near))
        bare = p.NAMED.search(self.text[first:last]) is None
        return Span(start, end, INCENTIVE, bare=bare)

    def _by_platform(self, place: int) -> bool:
        first, last = self.sentence(place)
        words = self.text[first:last]
        return p.PLATFORM.search(words) is not None and not p.OWN.search(words.replace("好评有礼", ""))

    # -- pressure ----------------------------------------------------------------------------------------------------

    def _no_change(self, hit: _Hit) -> bool:
        said = self.said(hit.start)
        tail = self.text[hit.end : hit.end + 8]
        return bool(
            (hit.role in ("change", "bribe") and (p.NO_CHANGE.search(said) or p.CHANGED.search(said)))
            or re.match(r"(?:不影响|不耽误|也没关系|都可以|都行)", tail)
            or re.search(r"不(?:会)?(?:影响|耽误)", said)
        )

    def coercions(self) -> list[Span]:
        """Requests to change or delete, and help made to depend on a review."""
        out = []
        for hit in self.coerce:
            if not self._live(hit.start, hit.end - 1) or self._no_change(hit):
                continue
            first, last = self.sentence(hit.start)
            matched = self.text[hit.start : hit.end]
            if (
                matched.startswith("先")
                and not re.search(p.CHANGE + "|处理", matched)
                and not p.THEN.search(self.text[hit.end : last])
            ):
                continue
            bare = p.NAMED.search(self.text if hit.role == "context" else self.text[first:last]) is None
            out.append(self._service_of(hit.start, hit.end, COERCION, bare=bare, change=hit.role == "change"))
        for pattern in (p.BARE, p.UNLESS):
            for m in pattern.finditer(self.text):
                if self._live(m.start()) and not p.OBJECT.search(self.text):
                    bare = p.NAMED.search(self.text) is None
                    out.append(Span(m.start(), m.end(), COERCION, bare=bare, change=pattern is p.BARE))
        if not self.words and not re.search(r"评|星|满意", self.text):
            return out
        for patterns, change in ((p.DEPENDS, False), (p.CHANGES, True)):
            for pattern in patterns:
                for m in pattern.finditer(self.text):
                    hit = _Hit(m.start(), m.end(), "change" if change else "condition", True)
                    if not self._live(hit.start, hit.end - 1) or self._no_change(hit):
                        continue
                    said = self.said(hit.start)
                    if p.OBJECT.search(m[0]) or not change and (p.NO_ASK.search(said) or p.SEEN.search(said)):
                        continue
                    out.append(self._service_of(hit.start, hit.end, COERCION, change=change))
        return out

    # -- requests ----------------------------------------------------------------------------------------------------

    def requests(self) -> list[Span]:
        """Invitations: whole phrases, and a word of asking beside a word for a good review, in one clause."""
        out = []
        asking = [h for h in self.phrases if not p.PAYS.search(self.text[h.start : h.end])]
        for hit in [*self.invites, *asking]:
            words = self.text[hit.start : hit.end]
            first, last = self.sentence(hit.start)
            if self._idle(hit, phrase=True) or p.NAME_ONLY.match(words) and not p.ASKING.search(self.text[first:last]):
                continue
            if p.BY_SYSTEM.search(self.said(hit.start)) and not p.DEMAND.search(self.text[first:last]):
                continue
            out.append(self._service_of(hit.start, hit.end, INVITE, service=hit.role == "service"))
        for pattern in (p.RATE, p.SHOW):
            for m in pattern.finditer(self.text):
                hit = _Hit(m.start(), m.end(), "", False)
                if not self._idle(hit, phrase=True) and not p.BY_SYSTEM.search(self.said(hit.start)):
                    out.append(self._service_of(m.start(), m.end(), INVITE))
        for word in self.words:
            said_from, said_to = self.clause(word.start)
            if p.WEAK.match(self.text[word.start : word.end]) or self._idle(word):
                continue
            before = p.ASK_BEFORE.search(self.text[said_from : word.start])
            rest = self.text[word.end : said_to]
            after = p.ASK_AFTER.search(rest)
            if p.STARS.match(self.text[word.start : word.end]) and not p.AFTER_STARS.match(rest):
                continue
            if rest.startswith("截"):
                continue
            if before and re.match(r"(?:可以|能)", before[0]) and re.match(r"的(?!话)", rest):
                continue
            if before:
                out.append(self._service_of(said_from + before.start(), word.end, INVITE))
            elif after:
                out.append(self._service_of(word.start, word.end + after.end(), INVITE))
        return out

    def _idle(self, hit: _Hit, *, phrase: bool = False) -> bool:
        """Whether a word for a review asks for nothing: refusal, thanks, information."""
        said = self.said(hit.start)
        place, size = hit.start - self.clause(hit.start)[0], hit.end - hit.start
        return bool(
            not self._live(hit.start, hit.end - 1)
            or p.NO_ASK.search(said)
            or p.GIVEN.search(said)
            or any(m.start() <= place + 2 and m.end() >= place for m in p.THANKS.finditer(said))
            or any(not phrase or m.end() <= place or m.start() >= place + size for m in p.INFO.finditer(said))
            or self._by_platform(hit.start)
        )

    def _service_of(
        self, start: int, end: int, kind: str, *, service: bool = False, bare: bool = False, change: bool = False
    ) -> Span:
        first, last = self.sentence(start)
        words = self.text[first:last]
        service |= any(first <= h.start < last for h in self.service) or p.SERVICE.search(words) is not None
        service &= p.GOODS.search(words) is None
        return Span(start, end, kind, service, p.DEMAND.search(words) is not None, bare, change)


def _clear(spans: list[Span], higher: list[Span]) -> list[Span]:
    """Spans that touch none of a higher kind: one span earns only the first."""
    return [s for s in spans if not any(s.start < h.end and h.start < s.end for h in higher)]
