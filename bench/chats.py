"""One block of generated chats, as columns: who speaks when (Plan), what is said, and the canonical table of it all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

import texts

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PER_SESSION = 15
AGENTS = 20  # per shop
DAYS = 30
START = np.datetime64("2026-03-01T00:00:00", "s")
LENGTH_MEDIAN, LENGTH_P95, LENGTH_MAX = 11.4, 46.5, 160  # before sentences that break rules are added
VIOLATION_SHARE = 0.04
STOCK_SHARE = 0.07  # of the texts are sentences that everybody uses
CLAUSE = 12  # longest text that is one clause
PER_TEMPLATE = 9_000
MARKS = ["，", "，", "，", "。", "！", "？", " "]
PLATFORMS = ["taobao", "tmall", "pdd", "douyin", "jd"]
SENDERS = ["buyer", "agent", "robot", "system"]
KINDS = ["text", "image", "emoji", "event"]
TEXT, IMAGE, EMOJI, EVENT = range(4)
EVENTS = ["", "order", "rating", "close", "rejected", "transfer"]
ORDER, RATING, CLOSE, REJECTED, TRANSFER = range(1, 6)
EMOTICONS = ["[微笑]", "[玫瑰]", "[握手]", "/:^_^", "/:086", "[呲牙]", "😊", "🙏"]


class Pool:
    """Clauses in order of their length, to be drawn by length."""

    def __init__(self, templates: list[str], slots: dict[str, pa.Array], rare: Sequence[str] = ()) -> None:
        parts = [fill(t, slots) if "{" in t else pa.array([t] * (PER_TEMPLATE // 20)) for t in templates]
        parts += [fill(t, slots).slice(0, PER_TEMPLATE // 60) if "{" in t else pa.array([t] * 7) for t in rare]
        clauses = pa.chunked_array(parts).combine_chunks()
        lengths = pc.utf8_length(clauses).to_numpy()
        order = np.argsort(lengths, kind="stable")
        self.clauses = clauses.take(pa.array(order))
        self.longest = int(lengths.max())
        have = np.unique(lengths)
        wanted = np.arange(self.longest + 1)
        nearest = have[np.abs(have[None, :] - wanted[:, None]).argmin(axis=1)]
        ordered = lengths[order]
        self.first = np.searchsorted(ordered, nearest, side="left")
        self.count = np.searchsorted(ordered, nearest, side="right") - self.first

    def draw(self, rng: np.random.Generator, length: Ints) -> pa.Array:
        """One clause per wanted length (characters)."""
        length = np.clip(length, 0, self.longest)
        place = self.first[length] + (rng.random(len(length)) * self.count[length]).astype(np.int64)
        return self.clauses.take(pa.array(place))

    def texts(self, rng: np.random.Generator, length: Ints) -> pa.Array:
        """One text per wanted length: one clause, or several with marks between them."""
        clauses = np.where(length <= CLAUSE, 1, -(-(length + 1) // (CLAUSE - 1)))
        marks = pa.array(MARKS)
        pieces, places = [], []
        for k in np.unique(clauses):
            rows = np.flatnonzero(clauses == k)
            body = length[rows] - (k - 1)
            columns: list[pa.Array] = []
            shift = np.zeros(len(rows), np.int64)
            for j in range(k):
                share = body // k + (j < body % k)
                if j % 2 == 0 and j + 1 < k:
                    shift = rng.integers(-3, 4, len(rows))
                    share = share + shift
                elif j % 2:
                    share = share - shift
                if j:
                    columns.append(marks.take(pa.array(rng.integers(0, len(MARKS), len(rows)))))
                columns.append(self.draw(rng, share))
            pieces.append(pc.binary_join_element_wise(*columns, "") if len(columns) > 1 else columns[0])
            places.append(rows)
        back = np.empty(len(length), np.int64)
        back[np.concatenate(places)] = np.arange(len(length))
        return pa.chunked_array(pieces).combine_chunks().take(pa.array(back))


def fill(template: str, slots: dict[str, pa.Array]) -> pa.Array:
    """A template with every value of its slots."""
    parts = [slots[p[1:-1]] if p.startswith("{") else p for p in re.split(r"(\{\w+\})", template) if p]
    arrays = [p for p in parts if not isinstance(p, str)]
    columns = [p if not isinstance(p, str) else pa.array([p] * len(arrays[0])) for p in parts]
    return pc.binary_join_element_wise(*columns, "") if len(columns) > 1 else columns[0]


def wanted_lengths(rng: np.random.Generator, rows: int) -> Ints:
    """Log-normal text lengths in characters."""
    sigma = np.log(LENGTH_P95 / LENGTH_MEDIAN) / 1.6449
    drawn = LENGTH_MEDIAN * np.exp(sigma * rng.standard_normal(rows))
    return np.clip(np.rint(drawn), 1, LENGTH_MAX).astype(np.int64)


def written(rng: np.random.Generator, pool: Pool, rows: int) -> pa.Array:
    """Texts of one side: most of them new, the others stock sentences, a few of which are used very often."""
    texts_ = pool.texts(rng, wanted_lengths(rng, rows))
    stock = pool.texts(rng, wanted_lengths(rng, 3_000))
    common = (rng.random(rows) ** 2 * len(stock)).astype(np.int64)
    return pc.if_else(pa.array(rng.random(rows) < STOCK_SHARE), stock.take(pa.array(common)), texts_)


def session_sizes(rng: np.random.Generator, rows: int) -> Ints:
    """Messages per session: log-normal, at least 3, `rows` in all."""
    sessions = max(rows // PER_SESSION, 1)
    weight = np.exp(0.6 * rng.standard_normal(sessions))
    sizes = np.maximum(3, np.floor(weight / weight.sum() * rows).astype(np.int64))
    order = np.argsort(-sizes)
    while (extra := int(sizes.sum()) - rows) != 0:
        at = order[: min(abs(extra), sessions)]
        at = at[sizes[at] > 3] if extra > 0 else at
        sizes[at] -= np.sign(extra)
    return sizes


@dataclass(frozen=True)
class Plan:
    """Who speaks when. Per session: `shop_of`, `buyer_of`, `agent_of`, `second_agent`, `transfer_at` (place or -1);
    per message: the others (`session` is its session, `place` its position there).
    """

    shop_of: Ints
    buyer_of: Ints
    agent_of: Ints
    second_agent: Ints
    transfer_at: Ints
    session: Ints
    place: Ints
    by_agent: Bools
    welcomed: Bools  # the automatic greeting
    robot: Bools
    kind: Ints
    event: Ints
    sent_at: npt.NDArray[np.datetime64]


def plan(rng: np.random.Generator, rows: int, shops: int) -> Plan:
    """Sessions over DAYS days and `shops` shops; the buyer opens each, most are greeted by an automatic text."""
    sizes = session_sizes(rng, rows)
    sessions = len(sizes)
    shop_of = np.sort(rng.integers(0, shops, sessions))
    seconds = rng.integers(0, DAYS, sessions) * 86_400
    seconds += np.clip(rng.normal(15.5 * 3600, 4 * 3600, sessions), 300, 86_000).astype(np.int64)
    order = np.lexsort((seconds, shop_of))
    shop_of, seconds = shop_of[order], seconds[order]

    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    session = np.repeat(np.arange(sessions), sizes)
    place = np.arange(rows) - first[session]
    last = place == sizes[session] - 1

    # Sides mostly take turns: the speaker's side is the parity of the changes since the session began.
    change = (rng.random(rows) < 0.72).astype(np.int64)
    change[place == 0] = 0
    turns = np.cumsum(change)
    by_agent = (turns - turns[first][session]) % 2 == 1
    by_agent[last & (rng.random(rows) < 0.95)] = True
    welcomed = (rng.random(sessions) < 0.85)[session] & (place == 1)
    by_agent |= welcomed
    robot = ~welcomed & by_agent & (rng.random(rows) < 0.02)

    transfer_at = np.where(rng.random(sessions) < 0.01, sizes // 2, -1)
    event = np.zeros(rows, np.int64)
    event[(place >= 2) & (rng.random(rows) < 0.008)] = ORDER
    event[last & (rng.random(rows) < 0.10)] = RATING
    event[last & (event == 0) & (rng.random(rows) < 0.05)] = CLOSE
    event[(place >= 2) & (rng.random(rows) < 0.0006)] = REJECTED
    event[place == transfer_at[session]] = TRANSFER
    kind = np.where(event > 0, EVENT, rng.choice([TEXT, IMAGE, EMOJI], rows, p=[0.955, 0.03, 0.015]))
    kind[welcomed & (event == 0)] = TEXT

    gap = np.exp(np.where(by_agent, 2.4, 3.0) + 0.8 * rng.standard_normal(rows)).astype(np.int64) + 1
    pause = rng.random(rows) < 0.002
    gap[pause] = rng.integers(3_600, 30_000, int(pause.sum()))
    gap[welcomed] = 1
    gap[place == 0] = 0
    elapsed = np.cumsum(gap)
    elapsed -= elapsed[first][session]
    agent_of = rng.integers(0, AGENTS, sessions)
    return Plan(
        shop_of=shop_of,
        buyer_of=shop_of * 10_000_000 + rng.integers(0, max(sessions * 7 // 10 // shops, 1), sessions),
        agent_of=agent_of,
        second_agent=(agent_of + rng.integers(1, AGENTS, sessions)) % AGENTS,
        transfer_at=transfer_at,
        session=session,
        place=place,
        by_agent=by_agent,
        welcomed=welcomed,
        robot=robot,
        kind=kind,
        event=event,
        sent_at=START + (seconds[session] + elapsed).astype("timedelta64[s]"),
    )


def said(rng: np.random.Generator, who: Plan, shops: list[str]) -> tuple[pa.Array, int]:
    """The texts ("" where there is none), and how many of them hold a planted violation."""
    rows = len(who.session)
    slots = texts.slots(rng, PER_TEMPLATE)
    typed = (who.kind == TEXT) & ~who.welcomed
    out = pa.array([""] * rows)

    def put(mask: Bools, values: pa.Array) -> None:
        nonlocal out
        out = pc.replace_with_mask(out, pa.array(mask), values)

    buyers, agents = typed & ~who.by_agent, typed & who.by_agent
    put(buyers, written(rng, Pool(texts.BUYER, slots, texts.TROUBLE), int(buyers.sum())))
    put(agents, written(rng, Pool(texts.AGENT, slots), int(agents.sum())))
    emoji = who.kind == EMOJI
    put(emoji, coded(rng.integers(0, len(EMOTICONS), int(emoji.sum())), EMOTICONS))
    greet = who.welcomed & (who.kind == TEXT)
    greetings = [w.replace("{shop}", s) for s in shops for w in texts.WELCOME]
    put(greet, coded(who.shop_of[who.session[greet]] * 3 + who.session[greet] % 3, greetings))

    wanted = round(rows * VIOLATION_SHARE)
    chosen = np.sort(rng.choice(np.flatnonzero(agents), wanted, replace=False))
    kinds = [fill(t, slots) if "{" in t else pa.array([t] * PER_TEMPLATE) for t in texts.VIOLATIONS]
    pool = pa.chunked_array(kinds).combine_chunks()
    breach = pool.take(pa.array(rng.integers(0, len(pool), wanted)))
    led = pc.binary_join_element_wise(out.take(pa.array(chosen)), breach, "，")
    planted = np.zeros(rows, bool)
    planted[chosen] = True
    put(planted, pc.if_else(pa.array(rng.random(wanted) < 0.4), breach, led))
    return out, wanted


def coded(codes: Ints, words: list[str]) -> pa.Array:
    """`words[code]` for each code."""
    return pa.array(words).take(pa.array(codes))


def strings(values: npt.NDArray[np.generic], before: str = "") -> pa.Array:
    """The values as text, with something before each."""
    text = pc.cast(pa.array(values), pa.string())
    return pc.binary_join_element_wise(before, text, "") if before else text


def event_values(rng: np.random.Generator, who: Plan, account: pa.Array, target: pa.Array) -> pa.Array:
    """The JSON objects of the events, "" elsewhere."""
    rows = len(who.session)
    score = strings(rng.choice([5, 4, 3, 2, 1], rows, p=[0.7, 0.1, 0.08, 0.05, 0.07]))
    order_id = strings(rng.integers(10**17, 10**18, rows))
    out = pa.array([""] * rows)
    for code, pieces in {
        ORDER: ['{"order_id": "', order_id, '"}'],
        RATING: ['{"agent": "', account, '", "score": ', score, ', "source": "invited"}'],
        CLOSE: ['{"by": "agent"}'],
        TRANSFER: ['{"from": "', account, '", "to": "', target, '", "note": ""}'],
    }.items():
        here = who.event == code
        blank = pa.array([""] * int(here.sum()), pa.string())
        columns = [p.filter(pa.array(here)) if isinstance(p, pa.Array) else p for p in pieces]
        out = pc.replace_with_mask(out, pa.array(here), pc.binary_join_element_wise(*columns, blank, ""))
    return out


def block(messages: int, seed: int, number: int = 0) -> tuple[pa.Table, int]:
    """The canonical table of one block (ten shops), and how many of its messages hold a planted violation.

    Exports of Taobao and Tmall carry neither session nor message ids, Tmall's do not flag automatic texts either.
    """
    rng = np.random.default_rng([seed, number])
    shops = [name if number == 0 else f"{name}{number}号店" for name in texts.SHOPS]
    stem = "" if number == 0 else f"{number}-"
    who = plan(rng, messages, len(shops))
    text, planted = said(rng, who, shops)

    session, event = who.session, who.event
    is_event = event > 0
    accounts = [f"{shop}:客服{i:02d}" for shop in shops for i in range(1, AGENTS + 1)]
    desk = who.shop_of[session] * AGENTS
    moved = (who.transfer_at[session] >= 0) & (who.place > who.transfer_at[session])
    account = coded(desk + np.where(moved, who.second_agent[session], who.agent_of[session]), accounts)
    target = coded(desk + who.second_agent[session], accounts)
    named = (who.by_agent & ~is_event) | (rng.random(messages) < 0.5)
    platform = np.array([PLATFORMS.index(name) for name in texts.PLATFORMS])[who.shop_of][session]
    with_ids = pa.array(platform >= PLATFORMS.index("pdd"))
    flagged = (platform != PLATFORMS.index("tmall")) & ~is_event
    sender = np.select([event == RATING, is_event, who.robot, who.by_agent], [0, 3, 2, 1], 0)
    recalled = ~is_event & (rng.random(messages) < 0.001)
    table = {
        "platform": coded(platform, PLATFORMS),
        "shop": coded(who.shop_of[session], shops),
        "buyer": strings(who.buyer_of[session], f"b{stem}"),
        "session": pc.if_else(with_ids, strings(session, f"s{stem}"), ""),
        "message_id": pc.if_else(with_ids, strings(np.arange(messages), f"m{stem}"), ""),
        "sent_at": pa.array(who.sent_at.astype("datetime64[ms]")),
        "sender": coded(sender, SENDERS),
        "agent": pc.if_else(pa.array(named), account, ""),
        "kind": coded(who.kind, KINDS),
        "auto": coded(np.where(flagged, 1 + (who.welcomed | who.robot), 0), ["", "false", "true"]),
        "recalled": coded(recalled.astype(np.int64), ["false", "true"]),
        "text": text,
        "event": coded(event, EVENTS),
        "event_value": event_values(rng, who, account, target),
    }
    return pa.table(table), planted
