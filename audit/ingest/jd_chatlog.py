"""JD chat log: the JSON that jingdong.im.pop.chatlog.get answers, with ratings and sessions where present."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.ingest.entries import Rows, nothing, truth
from audit.ingest.jsonsource import keys, load, nested, text_of
from audit.ingest.model import Chunk, ReadOptions, Source

NAME = "jd-chatlog"
TITLE = "京东客服聊天记录 JSON"

_RATINGS = {"非常满意": 5, "满意": 4, "一般": 3, "不满意": 2, "非常不满意": 1, "很不满意": 1, "很满意": 5}
_STARS = {str(n): n for n in range(1, 6)}


def sniff(source: Source) -> float:
    """ChatLog objects (`waiterSend` beside customer, waiter or content), or ratings and sessions of the same API."""
    found = keys(source)
    if "waiterSend" in found and found & {"customer", "waiter", "content", "chatLogList"}:
        return 0.97
    if {"customer", "waiter"} <= found and found & {"evaTime", "beginTime"}:
        return 0.85
    return 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Every ChatLog, Evaluation and ChatSession object, at whatever depth of wrappers (`ChatLogPage`, lists, lines).

    buyer = customer, agent = waiter (on buyer rows the waiter addressed), session = sid. An Evaluation becomes a
    rating: by its words (非常满意 = 5 … 非常不满意 = 1), else by a score of 1–5. A ChatSession becomes a close at its
    endTime, or with `transfer` a transfer whose target is unknown. `source_row` counts the objects of the file.
    Raises UserError where there is none.
    """
    documents = load(source)
    rows = Rows(source, options, platform="jd")
    rows.bad_rows += documents.bad_rows
    for number, entry in enumerate(_entries(documents.values), 1):
        if "waiterSend" in entry:
            _message(rows, number, entry)
        elif "evaTime" in entry:
            _rating(rows, number, entry)
        else:
            _session(rows, number, entry)
    if not len(rows):
        raise nothing(source, TITLE, rows.bad_rows)
    yield rows.chunk()


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of the three kinds, in file order; an answer kept as text inside JSON is opened."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += reversed(value)
        elif isinstance(value, dict):
            if "waiterSend" in value or "evaTime" in value or ("beginTime" in value and "waiter" in value):
                yield value
            else:
                stack += [nested(v) for v in reversed(value.values()) if isinstance(nested(v), (dict, list))]


def _ids(entry: dict[str, Any]) -> dict[str, Any]:
    return {"buyer": entry.get("customer"), "agent": entry.get("waiter"), "session": entry.get("sid")}


def _message(rows: Rows, number: int, entry: dict[str, Any]) -> None:
    by_waiter = truth(entry["waiterSend"])
    if by_waiter is None:
        rows.bad(number, "waiterSend", f"neither true nor false: {text_of(entry['waiterSend'])!r:.40}")
    elif not text_of(entry.get("customer")) and not text_of(entry.get("sid")):
        rows.bad(number, "customer", "neither customer nor sid")
    else:
        rows.add(
            number,
            entry.get("time"),
            "agent" if by_waiter else "buyer",
            text=text_of(entry.get("content")),
            message_id=entry.get("msgId") or entry.get("id"),
            **_ids(entry),
        )


def _rating(rows: Rows, number: int, entry: dict[str, Any]) -> None:
    words, score = text_of(entry.get("desc")).strip(), text_of(entry.get("score")).strip()
    stars = _RATINGS.get(words) or _RATINGS.get(score) or _STARS.get(score)
    if stars is None:
        rows.bad(number, "score", f"neither a known word nor 1–5: {words or score!r:.40}")
        return
    value = {"agent": text_of(entry.get("waiter")), "score": stars, "source": ""}
    rows.event(number, entry["evaTime"], "rating", value, sender="buyer", **_ids(entry))


def _session(rows: Rows, number: int, entry: dict[str, Any]) -> None:
    """The end of a session; a session without an end has nothing to say."""
    end = entry.get("endTime")
    if not text_of(end):
        return
    if truth(entry.get("transfer")):
        value = {"from": text_of(entry.get("waiter")), "to": "", "note": ""}
        rows.event(number, end, "transfer", value, **_ids(entry))
    else:
        rows.event(number, end, "close", {"by": ""}, **_ids(entry))
