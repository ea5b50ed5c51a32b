"""T3: a workbook with one session per row and its messages as JSON in the cell `messages`; times are UTC.

Source: research §1.1 T3.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from audit.errors import UserError
from audit.ingest.accounts import digest, platform_of, seller, shops_among
from audit.ingest.jsonsource import chunk, field, loads, nested, text_of
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.roles import plain_media
from audit.ingest.table_xlsx import _open, _rows

NAME = "qianniu-sessions"
TITLE = "千牛会话 XLSX（一行一会话，消息为 JSON）"

_CELL = "messages"
_SESSION_COLUMNS = ("session_id", "sessionid", "session", "会话id", "会话编号", "cid", "id")
_HEADER_ROWS = 20
_PROBE_BYTES = 2 * 2**20
_EXCEL_CELL = 32_767
_PICTURES = ("url", "picUrl", "pic_url", "imageUrl", "image")


def sniff(source: Source) -> float:
    """A workbook whose texts hold the header `messages` and cells with `sender_nick`; reads 2 MiB of it at most."""
    if not source.head.startswith(b"PK\x03\x04"):
        return 0.0
    text = ""
    try:
        with source.open_bytes() as f, zipfile.ZipFile(f) as book:
            for name in book.namelist():
                if name == "xl/sharedStrings.xml" or re.fullmatch(r"xl/worksheets/sheet1\.xml", name):
                    with book.open(name) as part:
                        text += part.read(_PROBE_BYTES).decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        return 0.0
    return 0.97 if f">{_CELL}<" in text.lower() and "sender_nick" in text else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """All messages of all sheets with a column `messages`; `source_row` is the sheet's row.

    A cell that Excel cut short gives its whole messages and a bad row. Raises UserError where no sheet has the column.
    """
    book = _open(source)
    bad: list[BadRow] = []
    sessions: list[tuple[int, str, str, list[Any]]] = []
    tables = 0
    for sheet in book.sheet_names:
        columns: dict[str, int] = {}
        for number, cells in enumerate(_rows(book, sheet, source.name), 1):
            if not columns:
                header = {text_of(cell).strip().lower(): n for n, cell in enumerate(cells) if text_of(cell).strip()}
                if _CELL in header:
                    columns = header
                    tables += 1
                elif number >= _HEADER_ROWS:
                    break
                continue
            row = {name: text_of(cells[n]).strip() for name, n in columns.items() if n < len(cells)}
            if not any(row.values()):
                continue
            messages, broken = _messages(row.get(_CELL, ""))
            if broken:
                bad.append(BadRow(source.name, number, _CELL, broken))
            given = next((row[name] for name in _SESSION_COLUMNS if row.get(name)), "")
            sessions.append((number, given, row.get("users", ""), messages))
    if not tables:
        raise UserError("no sheet has a column messages", where=source.name, fix="export the sessions again")
    rows = _canonical(sessions, options)
    if not rows:
        raise UserError("the workbook holds no messages", where=source.name, fix="export the sessions again")
    part = chunk(rows, source, options, tuple(bad))
    yield Chunk(part.frame.assign(text=plain_media(part.frame["text"])), part.bad_rows)


def _messages(cell: str) -> tuple[list[Any], str]:
    """The message objects of one cell, and what is wrong with it ("" = nothing)."""
    try:
        value = loads(cell)
    except json.JSONDecodeError as error:
        whole = error
    else:
        found = [m for m in value if isinstance(m, dict)] if isinstance(value, list) else []
        good = isinstance(value, list) and len(found) == len(value)
        return found, "" if good else "no list of messages"
    decoder = json.JSONDecoder()
    messages: list[Any] = []
    place = len(cell) - len(cell.lstrip())
    if cell[place : place + 1] == "[":
        place += 1
        while (step := re.compile(r"[\s,]*").match(cell, place)) and step.end() < len(cell):
            try:
                message, place = decoder.raw_decode(cell, step.end())
            except (ValueError, RecursionError):
                break
            if not isinstance(message, dict):
                break
            messages.append(message)
    cut = "; Excel cuts cells at 32,767 characters" if len(cell) >= _EXCEL_CELL - 2 else ""
    return messages, f"the JSON breaks off at character {whole.pos + 1:,}, {len(messages)} messages read{cut}"


def _canonical(sessions: list[tuple[int, str, str, list[Any]]], options: ReadOptions) -> list[dict[str, Any]]:
    people = [[text_of(m.get("sender_nick")).strip() for m in messages] for _, _, _, messages in sessions]
    shops = shops_among(
        [*(n for nicks in people for n in nicks), *(u for s in sessions for u in s[2].split(","))], options.shop
    )
    rows: list[dict[str, Any]] = []
    for (number, given, users, messages), nicks in zip(sessions, people, strict=True):
        everyone = [nick for nick in [*nicks, *(u.strip() for u in users.split(","))] if nick]
        buyer = next((nick for nick in everyone if seller(nick, shops) is None), "").removeprefix("cntaobao")
        sellers = [found for nick in everyone if (found := seller(nick, shops))]
        shop = sellers[0][0] if sellers else options.shop
        session = given or (digest(buyer, text_of(messages[0].get("time"))) if messages else "")
        for message, nick in zip(messages, nicks, strict=True):
            account = seller(nick, shops)
            kind, text = content(message.get("content"))
            rows.append(
                {
                    "platform": platform_of(shop, options),
                    "shop": shop,
                    "buyer": buyer,
                    "session": session,
                    "message_id": text_of(message.get("message_id") or message.get("msg_id") or message.get("id")),
                    "time": message.get("time"),
                    "sender": "agent" if account else "buyer" if nick else "system",
                    "agent": account[1] if account else "",
                    "kind": kind,
                    "text": text,
                    "source_row": number,
                }
            )
    return rows


def content(value: Any) -> tuple[str, str]:
    """Kind and text of a Qianniu message's content: its text, else a picture, else the summary of a card."""
    value = nested(value)
    if not isinstance(value, dict):
        return "text", text_of(value)
    if text := text_of(value.get("text")):
        return "text", text
    summary = text_of(value.get("summary")) or text_of(value.get("title")) or text_of(field(value, "header.title"))
    if any(text_of(value.get(name)) for name in _PICTURES) and not field(value, "header"):
        return "text", summary if summary.startswith("[") else "[图片]"
    return ("text", summary) if summary.startswith("[") else ("card", summary or "[卡片]")
