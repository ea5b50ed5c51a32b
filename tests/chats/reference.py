"""The rulebook's clocks once more, one row after the other, with nothing but lists: what the columns must agree with.

A row here is what a test wrote (who, what, when), never what audit.chats made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DAY = 86_400.0
GAP = 7_200.0

#: code → (sender, automatic, recalled, text); the texts are words of tests/small.py
LINES: dict[str, tuple[str, bool, bool, str]] = {
    "ask": ("buyer", False, False, "有黑色的没有"),
    "ack": ("buyer", False, False, "好的"),
    "thank": ("buyer", False, False, "谢谢啦"),
    "human": ("buyer", False, False, "转人工"),
    "unsaid": ("buyer", False, True, "写错的话"),
    "reply": ("agent", False, False, "有现货的"),
    "asks": ("agent", False, False, "您需要几件?"),
    "withdrawn": ("agent", False, True, "说错的话"),
    "auto": ("agent", True, False, "欢迎光临小店"),
    "robot": ("robot", True, False, "智能客服为您服务"),
    "move": ("system", False, False, ""),
    "note": ("system", False, False, "系统提示"),
}
BUYERS = ("ask", "ack", "thank", "human", "unsaid")
SELLERS = ("reply", "asks", "withdrawn", "auto", "robot")
HUMANS = ("reply", "asks", "withdrawn")
REPLIES = ("reply", "asks")
CLOSERS = ("ack", "thank")


@dataclass
class Row:
    code: str
    time: float | None  # seconds; None = unknown
    place: int = 0
    closer: bool = False
    need: bool = False


@dataclass
class Wait:
    opened: int
    closed: int = -1
    closer: bool = False
    thanks: bool = False
    joined: list[int] = field(default_factory=list)


def classify(rows: list[Row]) -> None:
    """Which buyer rows need a reply and which are closers: after a seller message that asked nothing."""
    last_seller = ""
    for place, row in enumerate(rows):
        row.place = place
        row.closer = row.code in CLOSERS and last_seller not in ("", "asks")
        row.need = row.code in BUYERS and row.code != "unsaid" and not row.closer
        if row.code in SELLERS:
            last_seller = row.code


def late(opened: Row, now: Row) -> bool:
    """Whether more than 24 hours lie between two rows whose times are known."""
    return opened.time is not None and now.time is not None and now.time - opened.time > DAY


def waits(rows: list[Row], *, closers: bool = False, exempt: frozenset[int] = frozenset()) -> list[Wait]:
    """Every wait of one conversation, by opening row. `exempt`: places in which robot reception opens nothing."""
    done: list[Wait] = []
    running: Wait | None = None  # the wait of something to be answered
    polite: Wait | None = None  # the wait of thanks or an acknowledgement
    for row in rows:
        if row.place in exempt or not (row.need or row.closer or row.code in REPLIES):
            continue
        if running and late(rows[running.opened], row):
            running = None
        if polite and late(rows[polite.opened], row):
            polite = None
        if row.need:
            if running is None:
                running = Wait(row.place)
                done.append(running)
            running.joined.append(row.place)
        elif row.closer:
            if running is not None:
                running.joined.append(row.place)
            elif closers:
                if polite is None:
                    polite = Wait(row.place, closer=True)
                    done.append(polite)
                polite.joined.append(row.place)
                polite.thanks |= row.code == "thank"
        elif row.code in REPLIES:
            for wait in (running, polite):
                if wait is not None:
                    wait.closed = row.place
            running = polite = None
    return sorted(done, key=lambda w: w.opened)


def is_open(rows: list[Row], until: int, now: Row, exempt: frozenset[int]) -> bool:
    """Whether a wait that is no closer wait stands open when row `now` comes, by the rows before place `until`."""
    some = [w for w in waits(rows[:until], exempt=exempt) if w.closed < 0]
    return any(not late(rows[w.opened], now) for w in some[-1:])


def reception(rows: list[Row], session: list[int]) -> frozenset[int]:
    """Places in robot reception: from a session's start, where its first seller message is a robot's."""
    out: set[int] = set()
    for number in set(session):
        places = [p for p in range(len(session)) if session[p] == number]
        sellers = [p for p in places if rows[p].code in SELLERS]
        if sellers and rows[sellers[0]].code == "robot":
            for place in places:
                if rows[place].code in (*HUMANS, "human", "move"):
                    break
                out.add(place)
    return frozenset(out)


def sessions(rows: list[Row], *, gap: float = GAP, exempt: bool = True) -> list[int]:
    """Session number of every row of one conversation without session ids.

    At each message of a buyer or a human after a longer silence, what was said so far decides: it is cut unless a wait
    is open. Rows of nobody's speech that come later than `gap` after the last speech go with the session that follows.
    """
    session: list[int] = []
    number, last = 0, -1  # place of the last speech
    for row in rows:
        if row.code not in (*BUYERS, *HUMANS):
            session.append(number)
            continue
        if last >= 0 and row.time is not None and rows[last].time is not None and row.time - rows[last].time > gap:
            quiet = [
                p for p in range(last + 1, row.place)
                if rows[p].time is not None and rows[p].time - rows[last].time > gap
            ]  # fmt: skip
            known = min(quiet, default=row.place)
            off = reception(rows, session[:known]) if exempt else frozenset()
            if not is_open(rows, known, row, off):
                number += 1
                for place in quiet:
                    session[place] = number
        session.append(number)
        last = row.place
    return session
