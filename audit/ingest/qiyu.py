"""网易七鱼 (NetEase Qiyu): message.txt and session.txt of the session export, one JSON object per line.

The export is an encrypted ZIP of both; its members arrive here one by one. The last line of each is junk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from audit.ingest.entries import Rows, finish, json_lines, nothing, truth
from audit.ingest.jsonsource import field, keys, nested, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.schema import canonical

NAME = "qiyu"
TITLE = "网易七鱼会话导出"

_SESSION_KEYS = {"sType", "relatedType", "closeReason", "interaction", "evaluation", "fromStaff", "fromGroup"}
_KINDS = {"PICTURE": "image", "IMAGE": "image", "AUDIO": "voice", "VIDEO": "video", "FILE": "file", "CARD": "card"}
_LABELS = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]", "card": "[卡片]"}
_CLOSED_BY = {"0": "agent", "1": "buyer", "4": "agent"}
_PASSED_ON = ("3", "5")  # closeReason: from the robot to a person; to a colleague
_TAKEN_OVER = ("4", "5")  # relatedType
_RATINGS = {"100": 5, "75": 4, "50": 3, "25": 2, "1": 1}
_FLAGS = {True: "true", False: "false", None: ""}
_UNRATED = ("", "0", "-1")


def sniff(source: Source) -> float:
    """Objects with sessionId, from and staffId (messages), or several of the session fields."""
    found = keys(source)
    if {"sessionId", "from", "staffId", "time"} <= found:
        return 0.95
    if "id" in found and "startTime" in found and len(found & _SESSION_KEYS) >= 3:
        return 0.93
    return 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Rows in file order, in blocks of bounded memory; `source_row` is the line.

    message.txt: from 0 = staff (staffId ≤ 0: robot), 1 = visitor; the buyer is userId or foreignId where the line has
    one, else the session id. autoReply 1 = auto.
    session.txt: no messages but events — a rating at endTime (`evaluation` 100/75/50/25/1 = 5 … 1 of 5; 0 = not rated;
    other values are bad rows), a close with its side, a transfer where closeReason is 3 or 5 (at endTime) or
    relatedType is 4 or 5 (at startTime). Its buyer is the session id too, so that the events join a message.txt
    without user ids.
    Raises UserError where nothing is usable.
    """
    seen, refused = 0, []
    junk: BadRow | None = None
    for numbers, values, bad in json_lines(source):
        if junk and (numbers or bad):
            refused.append(junk)
            junk = None
        if bad and not bad[-1].column and bad[-1].row > max(numbers, default=0):
            junk = bad.pop()
        frame = _messages(source, options, numbers, values, bad) if values else pd.DataFrame()
        refused += bad
        if len(frame):
            seen += len(frame)
            yield Chunk(frame, tuple(refused))
            refused = []
    if not seen:
        raise nothing(source, TITLE, [*refused, *([junk] if junk else [])])
    if refused:
        yield Chunk(canonical({}, 0), tuple(refused))


def _messages(
    source: Source, options: ReadOptions, numbers: list[int], values: list[dict[str, Any]], bad: list[BadRow]
) -> pd.DataFrame:
    if any("sessionId" in v and "from" in v for v in values[:50]):
        return _chat(source, options, numbers, values, bad)
    rows = Rows(source, options)
    for number, entry in zip(numbers, values, strict=True):
        _session(rows, number, entry)
    chunk = rows.chunk()
    bad += chunk.bad_rows
    return chunk.frame


def _column(values: list[dict[str, Any]], *names: str) -> pd.Series:
    """The first non-empty of the named fields of each object, as text."""
    return pd.Series([next((t for n in names if (t := text_of(v.get(n)))), "") for v in values], dtype="str")


def _chat(
    source: Source, options: ReadOptions, numbers: list[int], values: list[dict[str, Any]], bad: list[BadRow]
) -> pd.DataFrame:
    session = _column(values, "sessionId")
    by = _column(values, "from")
    staff = pd.to_numeric(_column(values, "staffId"), errors="coerce")
    rows = pd.Series(numbers)
    wrong = ~by.isin(["0", "1"]) | session.eq("")
    bad += [BadRow(source.name, int(n), "from", "from is neither 0 nor 1, or no sessionId") for n in rows[wrong]]
    robot = by.eq("0") & staff.le(0)
    kinds = _column(values, "msgType", "mType").str.upper().map(_KINDS).fillna("text")
    text = pd.Series([_text(v) for v in values], dtype="str")
    auto = pd.Series([_FLAGS[truth(v.get("autoReply", v.get("auto")))] for v in values], dtype="str")
    user = _column(values, "userId", "foreignId", "uid")
    agent = _column(values, "staffName", "staffId")
    columns = {
        "source_row": rows,
        "sent_at": _column(values, "time", "timeStamp"),
        "sender": pd.Series("buyer", index=rows.index).mask(by.eq("0"), "agent").mask(robot, "robot"),
        "buyer": user.where(user.ne(""), session),
        "session": session,
        "agent": agent.where(~agent.isin(["0", "-1"]) | by.eq("0"), "").mask(robot & agent.isin(["0", "-1"]), "机器人"),
        "kind": kinds,
        "text": text.where(text.ne("") | kinds.eq("text"), kinds.map(_LABELS)),
        "message_id": _column(values, "msgId", "id", "msgIdClient"),
        "auto": auto.mask(robot, "true").where(by.eq("0"), ""),
    }
    kept = {name: column[~wrong].reset_index(drop=True) for name, column in columns.items()}
    constants = {"platform": options.platform or "other", "shop": options.shop}
    return finish(kept, constants, source, options, bad)


def _text(entry: dict[str, Any]) -> str:
    value = next((entry[n] for n in ("msg", "content", "text") if entry.get(n)), "")
    opened = nested(value)
    if isinstance(opened, dict):
        return next((t for n in ("content", "text", "title", "name") if (t := text_of(field(opened, n)))), "")
    return text_of(value)


def _session(rows: Rows, number: int, entry: dict[str, Any]) -> None:
    session = text_of(entry.get("id"))
    staff = text_of(entry.get("staffName")) or text_of(entry.get("staffId"))
    if not session:
        rows.bad(number, "id", "no session id")
        return
    who: dict[str, Any] = {"buyer": session, "session": session, "agent": staff}
    start, end = entry.get("startTime"), entry.get("endTime") or entry.get("startTime")
    if text_of(entry.get("relatedType")) in _TAKEN_OVER:
        giver = text_of(entry.get("fromStaff"))
        value = {"from": "" if giver == "0" else giver, "to": staff, "note": ""}
        rows.event(number, start, "transfer", value, **who)
    reason = text_of(entry.get("closeReason"))
    if reason in _PASSED_ON:
        rows.event(number, end, "transfer", {"from": staff, "to": "", "note": ""}, **who)
    elif reason:
        rows.event(number, end, "close", {"by": _CLOSED_BY.get(reason, "system")}, **who)
    given = text_of(entry.get("evaluation")).strip()
    if given in _RATINGS:
        rated: dict[str, object] = {"agent": staff, "score": _RATINGS[given], "source": ""}
        text = text_of(entry.get("evaluationRemark"))
        rows.event(number, end, "rating", rated, sender="buyer", text=text, **who)
    elif given not in _UNRATED:
        rows.bad(number, "evaluation", f"on no known scale: {given!r:.40}")
