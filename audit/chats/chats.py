"""Chats: one shop-and-platform's messages with everything that rules look at, computed once, as columns."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.backends.terms import TermMatcher
from audit.chats import states
from audit.chats.features import text_bag
from audit.chats.heard import undone
from audit.chats.models import Classifier, Models, Opinions
from audit.chats.sessions import Speakers, _next, _previous, cut, turns
from audit.chats.texts import Texts
from audit.chats.waits import DAY, NO_TIME, SECOND, Bools, Ints, Rows, build_waits
from audit.text.glyphs import decoded
from audit.text.normalise import View

SPOKEN = ("text", "image", "video", "voice", "file", "link", "emoji", "card")
BUYER, SELLER = 0, 1


@dataclass(frozen=True)
class Settings:
    """The pack's settings that the clocks need (rulebook §1); durations in seconds."""

    session_gap: float = 7200
    service_hours: tuple[int, int] = (8 * 3600, 23 * 3600)  # seconds after midnight, end excluded
    clock: str = "first"
    robot_reception: str = "exempt"
    closers_need_reply: bool = False


class Chats:
    """Messages of conversations on one platform, and what follows from them.

    Parameters
    ----------
    messages : MESSAGES (schema.py), sorted by conversation, time, file order; RangeIndex.
    matcher : the compiled lexicons.
    as_of : (messages,) int64 ms, up to when the export of that message's shop is complete; NO_TIME = unknown.
    settings : the pack's settings.
    profiles : shop profiles by (platform, shop).
    models : the classifiers; None = lexicons and clocks alone.

    A *row* is a position in `messages`; every array named here is (messages,) long unless it says otherwise.
    """

    def __init__(
        self,
        messages: pd.DataFrame,
        matcher: TermMatcher,
        as_of: Ints,
        settings: Settings | None = None,
        profiles: Mapping[tuple[str, str], Any] | None = None,
        models: Models | None = None,
    ) -> None:
        self.messages = messages
        self.models = models or Models()
        self.settings = settings or Settings()
        self.profiles = profiles or {}
        self.as_of = as_of
        self.conversation: Ints = messages["conversation"].to_numpy().astype(np.int64)
        time = messages["sent_at"].to_numpy().astype("datetime64[ms]")
        self.time: Ints = np.where(np.isnat(time), NO_TIME, time.astype(np.int64))
        self.minutes: Bools = messages["precision"].to_numpy() == 60
        self.text_id, values = pd.factorize(messages["text"])
        self.texts = Texts(list(values), matcher)

        sender, kind = messages["sender"], messages["kind"]
        self.auto: Bools = messages["auto"].to_numpy(dtype=bool)
        self.recalled: Bools = messages["recalled"].to_numpy(dtype=bool)
        spoken = kind.isin(SPOKEN).to_numpy()
        self.buyer: Bools = (sender == "buyer").to_numpy() & spoken & ~self.auto
        agent = (sender == "agent").to_numpy() & spoken
        self.robot: Bools = (sender == "robot").to_numpy() & spoken
        self.human: Bools = agent & ~self.auto
        self.reply: Bools = self.human & ~self.recalled
        self.seller: Bools = agent | self.robot
        self.side = np.where(self.buyer, BUYER, np.where(self.seller, SELLER, -1)).astype(np.int8)

    def __len__(self) -> int:
        return len(self.time)

    @functools.cached_property
    def _shop_number(self) -> tuple[Ints, list[tuple[str, str]]]:
        platform, shop = self.messages["platform"], self.messages["shop"]
        pair = (
            platform.cat.codes.to_numpy().astype(np.int64) * (len(shop.cat.categories) + 1) + shop.cat.codes.to_numpy()
        )
        number, values = pd.factorize(pair)
        width = len(shop.cat.categories) + 1
        names = [
            (str(platform.cat.categories[int(v) // width]), str(shop.cat.categories[int(v) % width])) for v in values
        ]
        return number.astype(np.int64), names

    @property
    def shop_number(self) -> Ints:
        """Number of the shop of every row."""
        return self._shop_number[0]

    def shop_rows(self) -> list[tuple[tuple[str, str], Any, Bools]]:
        """For each shop: ((platform, shop), its profile or None, its rows)."""
        number, names = self._shop_number
        return [(name, self.profiles.get(name), number == i) for i, name in enumerate(names)]

    def in_service(self, row: Ints, at: Ints) -> Bools:
        """Which moments (int64 ms) lie inside the service hours of a row's shop, holidays excluded."""
        number, names = self._shop_number
        out = np.zeros(len(at), dtype=bool)
        for i, name in enumerate(names):
            profile = self.profiles.get(name)
            first, last = getattr(profile, "service_hours", None) or self.settings.service_hours
            mine = np.flatnonzero((number[row] == i) & (at != NO_TIME))
            of_day = at[mine] % DAY
            inside = (of_day >= first * SECOND) & (of_day < last * SECOND)
            for day in getattr(profile, "holidays", ()):
                inside &= at[mine] // DAY != np.datetime64(day, "D").astype(np.int64)
            out[mine] = inside
        return out

    @functools.cached_property
    def accounts(self) -> npt.NDArray[np.object_]:
        """The account of every row, "" = none named."""
        agent = self.messages["agent"]
        accounts: npt.NDArray[np.object_] = np.asarray(agent.cat.categories, dtype=object)[agent.cat.codes.to_numpy()]
        return accounts

    # -- what is said ------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _buyer_states(self) -> dict[str, Bools]:
        return states.buyer_states(self.texts, self.states)

    @functools.cached_property
    def _agent_speech(self) -> dict[str, Bools]:
        return states.agent_speech(self.texts)

    @functools.cached_property
    def states(self) -> Opinions | None:
        """What the buyer-state model thinks of the buyers' texts; None without a model."""
        if self.models.states is None:
            return None
        asked = self.texts.of_rows(self.text_id[self.buyer]) & (self.texts.solid > 0)
        return self._asked(self.models.states, asked, None)

    def _asked(self, classifier: Classifier, asked: Bools, undone: View | None) -> Opinions:
        probability = np.zeros((len(self.texts), len(classifier.classes)))
        if asked.any():
            probability[asked] = classifier.model.probabilities(text_bag(self.texts, asked, undone))
        return Opinions(classifier, probability)

    @functools.cached_property
    def acts(self) -> Opinions | None:
        """What the agent-act model thinks of the seller's texts; None without a model."""
        if self.models.acts is None:
            return None
        return self._asked(self.models.acts, self._of_seller & (self.texts.solid > 0), self._undone)

    @functools.cached_property
    def _of_seller(self) -> Bools:
        """(texts,) bool: what the seller's side wrote."""
        return self.texts.of_rows(self.text_id[self.seller])

    @functools.cached_property
    def _undone(self) -> View:
        """The seller's texts in the decoded view, the others empty."""
        return decoded(self.texts.view.only(self._of_seller))

    @functools.cached_property
    def undone(self) -> Texts:
        """The seller's texts as they are meant: decoded, and with the terms that they only sound like; others empty."""
        return undone(self.texts, self._undone)

    @functools.cached_property
    def coded(self) -> Bools:
        """Seller rows that hold Latin letters, or that decoding changes."""
        changed = self._undone.changed() | self.texts.holds("a", "z")
        return self.seller & changed[self.text_id]

    def mask(self, rows: Ints) -> Bools:
        """The mask that holds these rows."""
        out = np.zeros(len(self), dtype=bool)
        out[rows] = True
        return out

    def buyer_is(self, state: str) -> Bools:
        """Rows in which a buyer says something of this state (states.buyer_states)."""
        return self.buyer & self._buyer_states[state][self.text_id]

    def agent_says(self, act: str) -> Bools:
        """Rows whose text holds this act (states.agent_speech), whoever of the seller's side wrote it."""
        return self.seller & self._agent_speech[act][self.text_id]

    def has(self, lexicon: str, role: str | None = None, among: Bools | None = None) -> Bools:
        """Rows whose text holds a term of the lexicon (role)."""
        flags = self.texts.has(lexicon, role)[self.text_id]
        return flags if among is None else flags & among

    @functools.cached_property
    def substance(self) -> Bools:
        """Human rows that say something: text with substance; pictures and cards are substance, emoticons are none."""
        kind = self.messages["kind"]
        thing = ~kind.isin(("text", "emoji")).to_numpy()
        return self.human & ((kind == "text").to_numpy() & self._agent_speech["substance"][self.text_id] | thing)

    # -- neighbours --------------------------------------------------------------------------------------------------

    def previous(self, mask: Bools) -> Ints:
        """For each row the last row before it in its conversation where `mask` holds; -1 = none."""
        return _previous(mask, self.conversation)

    def following(self, mask: Bools) -> Ints:
        """For each row the first row at or after it in its conversation where `mask` holds; len(self) = none."""
        return _next(mask, self.conversation)

    # -- sessions, turns, waits --------------------------------------------------------------------------------------

    @functools.cached_property
    def closer(self) -> Bools:
        """Buyer rows that are closers: after a seller message, unless that seller turn ended in a question."""
        emoji = (self.messages["kind"] == "emoji").to_numpy()
        worded = (self.messages["kind"] == "text").to_numpy() & self._buyer_states["closer"][self.text_id]
        candidate = self.buyer & ~self.recalled & (worded | emoji)
        last = self.previous(self.seller)
        candidate &= last >= 0
        before = last[candidate]
        among = self.texts.of_rows(self.text_id[before])
        asked = states.asks(self.texts, among)[self.text_id[before]]
        out = candidate.copy()
        out[candidate] = ~asked
        return out

    @functools.cached_property
    def needs_reply(self) -> Bools:
        """Buyer rows that open or join a wait as something to be answered."""
        return self.buyer & ~self.recalled & ~self.closer

    @functools.cached_property
    def transfer(self) -> Bools:
        """Rows of transfer events."""
        return (self.messages["event"] == "transfer").to_numpy()

    @functools.cached_property
    def asks_human(self) -> Bools:
        """Buyer rows that ask for a human."""
        return self.buyer_is("human_requested")

    @functools.cached_property
    def _rows(self) -> Rows:
        return Rows(
            self.conversation,
            self.time,
            self.reply,
            self.needs_reply,
            self.closer,
            self.buyer_is("thanks"),
            self.minutes,
        )

    @functools.cached_property
    def _cut(self) -> tuple[Ints, Bools]:
        who = Speakers(self.buyer, self.human, self.robot, self.seller, self.asks_human, self.transfer)
        return cut(
            self._rows,
            who,
            self.messages["session"],
            session_gap=self.settings.session_gap,
            exempt_reception=self.settings.robot_reception == "exempt",
            closers=self.settings.closers_need_reply,
        )

    @property
    def session(self) -> Ints:
        """Session number of every row."""
        return self._cut[0]

    @property
    def reception(self) -> Bools:
        """Rows of robot reception."""
        return self._cut[1]

    @functools.cached_property
    def turn(self) -> Ints:
        """Turn number of every buyer and seller row; -1 elsewhere."""
        return turns(self.session, self.side)

    @functools.cached_property
    def sessions(self) -> pd.DataFrame:
        """One row per session, by number: first_row, last_row (int64), started_at, ended_at (datetime64[ms]), over.

        A session is over (bool) at the next one of its conversation, or when as-of − last message > session_gap;
        untimed ones are.
        """
        session, n = self.session, len(self)
        count = int(session.max()) + 1 if n else 0
        place = np.arange(n)
        first = np.full(count, n, dtype=np.int64)
        last = np.full(count, -1, dtype=np.int64)
        np.minimum.at(first, session, place)
        np.maximum.at(last, session, place)
        began, ended = self.time[first], self.time[last]
        conversation = self.conversation[first]
        over = np.zeros(count, dtype=bool)
        if count:
            over[:-1] = conversation[1:] == conversation[:-1]
        over |= (ended == NO_TIME) | (self.as_of[first] == NO_TIME)
        over |= self.as_of[first] - ended > self.settings.session_gap * SECOND
        return pd.DataFrame(
            {
                "first_row": first,
                "last_row": last,
                "started_at": began.view("datetime64[ms]"),
                "ended_at": ended.view("datetime64[ms]"),
                "over": over,
            }
        )

    @functools.cached_property
    def over(self) -> Bools:
        """Whether a row's session is over."""
        return self.sessions["over"].to_numpy()[self.session]

    @functools.cached_property
    def _all_waits(self) -> tuple[pd.DataFrame, Ints]:
        return build_waits(self._rows, closers=self.settings.closers_need_reply)

    @functools.cached_property
    def _counted_waits(self) -> tuple[pd.DataFrame, Ints]:
        if self.settings.robot_reception != "exempt" or not self.reception.any():
            return self._all_waits
        r = self._rows
        need, closer = r.need & ~self.reception, r.closer & ~self.reception
        return build_waits(
            Rows(r.conversation, r.time, r.reply, need, closer, r.thanks, r.minutes),
            closers=self.settings.closers_need_reply,
        )

    @property
    def waits(self) -> pd.DataFrame:
        """WAITS without those that robot reception exempts: RSP001, 002, 005–008 and the metrics."""
        return self._counted_waits[0]

    @property
    def wait_of(self) -> Ints:
        """Number (in `waits`) of the wait that a buyer row opened or joined; -1 = none."""
        return self._counted_waits[1]

    @property
    def all_waits(self) -> pd.DataFrame:
        """WAITS, robot reception included: RSP003 and RSP004 count everywhere."""
        return self._all_waits[0]

    @property
    def all_wait_of(self) -> Ints:
        """Number (in `all_waits`) of the wait that a buyer row opened or joined; -1 = none."""
        return self._all_waits[1]

    def group_of(self, row: Ints) -> Ints:
        """The opening row of the wait that each buyer row belongs to (the row itself where none): one offence."""
        wait = self.all_wait_of[row]
        return (
            np.where(wait >= 0, self.all_waits["open_row"].to_numpy()[np.maximum(wait, 0)], row)
            if len(self.all_waits)
            else row
        )

    # -- disputes ----------------------------------------------------------------------------------------------------

    @functools.cached_property
    def in_dispute(self) -> Bools:
        """Rows inside a dispute: from its first message until the one that ends it (excluded), or the session's end."""
        starts = self.buyer_is("dispute")
        last_seller = self.previous(self.seller)
        turn = np.where(last_seller >= 0, self.turn[last_seller], -1)
        offered = self._turn_has(self.agent_says("offer"))
        waiting = self._turn_has(self.agent_says("request") | self.agent_says("hold"))
        after_offer = (turn >= 0) & offered[turn]
        after_request = (turn >= 0) & waiting[turn] & ~offered[turn]
        accepts = self.buyer_is("ack") & self.buyer_is("closer") & after_offer
        # thanks for the outcome, not for "send me a photo" or "one moment"
        thanks = self.buyer_is("thanks") & self.buyer_is("closer") & ~after_request & (turn >= 0)
        ends = (accepts | thanks | self.buyer_is("settled") | self.buyer_is("withdraw")) & ~starts
        mark = np.where(starts, 1, np.where(ends, 0, -1))
        return self._carry(mark) == 1

    def _turn_has(self, mask: Bools) -> Bools:
        """(turns + 1,) bool: whether a turn holds a row of the mask."""
        flags = np.zeros(int(self.turn.max(initial=-1)) + 2, dtype=bool)
        flags[self.turn[mask & (self.turn >= 0)]] = True
        return flags

    def _carry(self, mark: Ints) -> Ints:
        """The last mark (≥ 0) at or before each row in its session; -1 = none yet."""
        order = np.argsort(self.session, kind="stable")
        session, mark = self.session[order], mark[order]
        place = np.maximum.accumulate(np.where(mark >= 0, np.arange(len(mark)), -1))
        ok = place >= 0
        ok[ok] = session[place[ok]] == session[ok]
        out = np.full(len(mark), -1, dtype=np.int64)
        out[order[ok]] = mark[place[ok]]
        return out
