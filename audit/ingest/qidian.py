"""腾讯企点 (QiDian) XLSX: one session per row, the whole chat as text in the cell 会话记录."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pandas as pd

from audit.errors import UserError
from audit.ingest.entries import event_json, finish, joined, nothing
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.table_xlsx import _open, _rows

NAME = "qidian"
TITLE = "腾讯企点会话 XLSX"

_CHAT = "会话记录"
_MARKS = ("客服", "客户", "会话开始时间", "接入方式", "结束方式", "会话通路", "客服首次发送消息时间")
_PROBE_BYTES = 2 * 1024 * 1024
_HEADER_ROWS = 10
_RULE = re.compile(r"^\|?-{5,}\|?$")
_DATE = r"^日期\s+(\d{4}-\d{1,2}-\d{1,2})$"
_HEAD = r"^(?P<name>.*?)[(（](?P<id>[^()（）\s]*)[)）](?:\s{2,}|\t)(?P<clock>\d{1,2}:\d{2}:\d{2})$"
_ROBOT = r"机器人|智能客服|小企"
_RATINGS = {"非常满意": 5, "很满意": 5, "满意": 4, "一般": 3, "不满意": 2, "非常不满意": 1, "很不满意": 1}
_HALF_DAY = 12 * 3600
_WANTED = ("客服", "客户", "会话开始时间", "接入方式", "结束方式", "满意度评分")
_COLUMNS = ("sent_at", "sender", "buyer", "session", "agent", "kind", "text", "auto", "event", "event_value")


def sniff(source: Source) -> float:
    """A workbook whose texts hold 会话记录 beside other 企点 headers; reads at most 2 MiB of its shared texts."""
    if not source.head.startswith(b"PK\x03\x04"):
        return 0.0
    found: set[str] = set()
    try:
        with source.open_bytes() as f, zipfile.ZipFile(io.BytesIO(f.read()) if not f.seekable() else f) as book:
            for name in book.namelist():
                if name == "xl/sharedStrings.xml" or name == "xl/worksheets/sheet1.xml":
                    with book.open(name) as part:
                        text = part.read(_PROBE_BYTES).decode("utf-8", "replace")
                    found |= {mark for mark in (_CHAT, *_MARKS) if f">{mark}<" in text}
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError):
        return 0.0
    return 0.95 if _CHAT in found and len(found) >= 4 else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """The chats of the first sheet that has a column 会话记录, in file order; `source_row` is the sheet's row.

    A chat is `日期 2026-11-09` blocks, then `name(id)    HH:MM:SS` lines each followed by the message. A clock that
    falls by more than 12 h inside one date block has passed midnight. Who matches the column 客服 is the agent, who
    matches 客户 the buyer; with neither, whoever is an agent elsewhere in the sheet is one, the others are buyers.
    Session = customer and start, as the export has no id. 接入方式 with 转接 becomes a transfer, 结束方式 a close and
    满意度评分 a rating (1–5 or words) at the chat's last time: the export does not date them.
    Raises UserError where the workbook cannot be read or holds no chat.
    """
    number, table = _table(source)
    refused: list[BadRow] = []
    sessions = table[table[_CHAT].str.strip().ne("")]
    empty = table.index[table[_CHAT].str.strip().eq("") & table["客户"].ne("")]
    refused += [BadRow(source.name, int(row), _CHAT, "no chat in the cell") for row in empty + number]
    messages = _messages(source, sessions, number, refused)
    if messages.empty:
        raise nothing(source, TITLE, refused)
    messages = _roles(messages, sessions)
    rows = pd.concat([messages, _events(messages, sessions)])
    rows = rows.sort_values(["place", "order"], kind="stable").reset_index(drop=True)
    columns = {c: rows[c] for c in _COLUMNS} | {"source_row": rows["place"] + number}
    constants = {"platform": options.platform or "other", "shop": options.shop}
    frame = finish(columns, constants, source, options, refused)
    yield Chunk(frame, tuple(refused))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(source: Source) -> tuple[int, pd.DataFrame]:
    """The sheet as texts, RangeIndex, and the 1-based sheet row of its first data row."""
    book = _open(source)
    for name in book.sheet_names:
        cells = list(_rows(book, name, source.name))
        for at, line in enumerate(cells[:_HEADER_ROWS]):
            header = [_cell(c).strip() for c in line]
            if _CHAT in header and len({*header} & {*_MARKS}) >= 3:
                width = len(header)
                data = [[_cell(c) for c in row[:width]] + [""] * (width - len(row)) for row in cells[at + 1 :]]
                frame = pd.DataFrame(data, columns=pd.Index(header), dtype="str")
                frame = frame.loc[:, ~frame.columns.duplicated()]
                return at + 2, frame.reindex(columns=[_CHAT, *_WANTED], fill_value="").astype("str")
    raise UserError(f"no sheet has a column {_CHAT}", where=source.name, fix="export the sessions with 会话记录")


def _messages(source: Source, sessions: pd.DataFrame, number: int, refused: list[BadRow]) -> pd.DataFrame:
    """One row per message: place (index of its session), order, name, id, sent_at (text), text."""
    lines = (
        sessions[_CHAT].str.replace("_x000D_", "").str.replace("\r\n", "\n").str.split(r"\r|\n", regex=True).explode()
    )
    frame = pd.DataFrame({"place": lines.index.to_numpy(), "line": lines.to_numpy()})
    stripped = frame["line"].str.strip()
    rule = stripped.str.fullmatch(_RULE)
    date = stripped.str.extract(_DATE, expand=False)
    head = stripped.where(date.isna(), "").str.extract(_HEAD)
    is_head = head["clock"].notna()
    frame["date"] = date.groupby(frame["place"]).ffill()
    # a date block or rule between two messages belongs to neither
    frame["message"] = (is_head | date.notna() | rule).cumsum()
    rest = frame[~is_head & date.isna() & ~rule]
    body = joined(rest["line"], rest["message"])
    out = pd.concat([frame, head], axis=1)[is_head]
    out = out.assign(text=out["message"].map(body).fillna("").str.strip("\r\n").str.rstrip())
    lost = sessions.index.difference(pd.Index(out["place"].unique()))
    refused += [BadRow(source.name, int(p) + number, _CHAT, "no line such as `name(id)  HH:MM:SS`") for p in lost]
    undated = out["date"].isna()
    refused += [
        BadRow(source.name, int(p) + number, _CHAT, "a message without a date block before it")
        for p in out.loc[undated, "place"]
    ]
    out = out[~undated].reset_index(drop=True)
    out = out.assign(order=range(len(out)), id=out["id"].fillna(""), name=out["name"].str.strip())
    return out.assign(sent_at=_stamps(out))[["place", "order", "name", "id", "sent_at", "text"]]


def _stamps(messages: pd.DataFrame) -> pd.Series:
    """`YYYY-MM-DD HH:MM:SS`, a day later behind each fall of the clock by more than 12 h inside a date block."""
    parts = messages["clock"].str.split(":", expand=True).reindex(columns=range(3)).astype("int64")
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    block = [messages["place"], messages["date"]]
    fell = seconds.groupby(block).diff().lt(-_HALF_DAY)
    days = pd.to_timedelta(fell.groupby(block).cumsum(), unit="D")
    dates = pd.to_datetime(messages["date"], errors="coerce")
    moved = (dates + days).dt.strftime("%Y-%m-%d")
    return moved.where(moved.notna(), messages["date"]) + " " + messages["clock"]


def _bare(names: pd.Series) -> pd.Series:
    """Names without the id in brackets behind them."""
    return names.str.replace(r"[(（][^()（）]*[)）]\s*$", "", regex=True).str.strip()


def _roles(messages: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    own = sessions.loc[messages["place"]].reset_index(drop=True)
    name, staff, customer = messages["name"], _bare(own["客服"]), _bare(own["客户"])
    all_staff = set(_bare(sessions["客服"])) - {""}
    agent = name.eq(staff)
    buyer = name.eq(customer) & name.ne("") & ~agent
    robot = ~agent & ~buyer & name.str.contains(_ROBOT)
    met = buyer.groupby(messages["place"]).transform("any")
    agent |= ~buyer & ~robot & (name.isin(all_staff) | met)
    sender = pd.Series("buyer", index=messages.index).mask(agent, "agent").mask(robot, "robot")
    uid = messages["id"].where(sender.eq("buyer") & messages["id"].ne(""))
    uid = uid.groupby(messages["place"]).transform("first")
    speaker = messages["name"].where(sender.eq("buyer")).groupby(messages["place"]).transform("first")
    label = customer.where(customer.ne(""), speaker.fillna(""))
    return messages.assign(
        sender=sender,
        agent=name.where(sender.ne("buyer"), staff),
        buyer=uid.fillna(label),
        session=label + " " + own["会话开始时间"],
        kind="text",
        auto=pd.Series("", index=messages.index).mask(robot, "true"),
        event="",
        event_value="",
    )


def _events(messages: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Transfers at each chat's first message, ratings and closes at its last."""
    first = messages.groupby("place").first().assign(order=-1)
    last = messages.groupby("place").last()
    last = last.assign(order=last["order"] + 1)
    known = sessions.loc[first.index]
    staff = _bare(known["客服"])
    blank = {"text": "", "kind": "event", "auto": "", "sender": "system"}

    passed = known["接入方式"].str.contains("转接") & staff.ne("")
    transfer = first[passed].assign(**blank, event="transfer", agent=staff[passed])
    transfer["event_value"] = [event_json({"from": "", "to": a, "note": ""}) for a in transfer["agent"]]

    words = known["满意度评分"].str.strip()
    score = words.map(_RATINGS).fillna(pd.to_numeric(words.str.removesuffix("分"), errors="coerce"))
    rated = score.isin([1, 2, 3, 4, 5])
    rating = last[rated].assign(**{**blank, "sender": "buyer"}, event="rating", agent=staff[rated])
    pairs = zip(rating["agent"], score[rated].astype("int64"), strict=True)
    rating["event_value"] = [event_json({"agent": a, "score": int(s), "source": ""}) for a, s in pairs]

    ended = known["结束方式"].str.strip()
    closed = ended.ne("")
    by = ended.mask(ended.str.contains("客服"), "agent").mask(ended.str.contains("客户|访客|用户"), "buyer")
    by = by.where(by.isin(["agent", "buyer"]), "system")
    close = last[closed].assign(**blank, event="close", agent=staff[closed])
    close["text"] = ended[closed]
    close["event_value"] = [event_json({"by": b}) for b in by[closed]]
    return pd.concat([transfer, rating, close]).reset_index()
