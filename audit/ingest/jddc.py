"""JDDC: JD chats as 7 tab-separated columns without times (会话编号 … 内容)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from audit.ingest.encodings import head_text
from audit.ingest.entries import event_json, finish, line_blocks, nothing
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source

NAME = "jddc"
TITLE = "JDDC 七列 TSV"

COLUMNS = ("session", "buyer", "sku", "waiter_send", "is_transfer", "is_repeat", "text")
_HEADERS = (
    ("session_id", "user_id", "sku", "waiter_send", "is_transfer", "is_repeat", "content"),
    ("会话编号", "顾客id", "sku", "是否客服发送", "是否转出", "是否重复咨询", "内容"),
)
_KEPT = ("session", "buyer", "sender", "kind", "text", "event", "event_value", "source_row")
_FLAG_COLUMNS = ("waiter_send", "is_transfer", "is_repeat")


def _is_header(line: str) -> bool:
    cells = {c.strip().lower() for c in line.split("\t")}
    return any(len(cells & set(header)) >= 5 for header in _HEADERS)


def sniff(source: Source) -> float:
    """The header, or lines of at least 7 cells whose 4th to 6th are all 0 or 1."""
    lines = [line for line in head_text(source.head).lstrip("\ufeff").split("\n")[:-1][:200] if line.strip()]
    if not lines:
        lines = [line for line in head_text(source.head).split("\n") if line.strip()]
    if lines and _is_header(lines[0].rstrip("\r")):
        return 0.97
    good = sum(_fits(line) for line in lines)
    return 0.9 if lines and good >= 0.9 * len(lines) else 0.0


def _fits(line: str) -> bool:
    cells = line.split("\t", 6)
    return len(cells) == 7 and bool(cells[0]) and all(c.strip() in ("0", "1") for c in cells[3:6])


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """Rows in file order without times; tabs inside the content stay in it.

    The agents are not named. A session whose rows say 是否转出 = 1 ends in a transfer without names, placed after the
    last of its rows that stand together. 是否重复咨询 and the goods number are not kept.
    A line without 7 cells or with other flags than 0 and 1 is a bad row. Raises UserError where no line fits.
    """
    seen, refused = 0, []
    tail = pd.DataFrame()  # the rows of the session that the block's end may have cut
    for first, lines, bad in line_blocks(source):
        if first == 1 and lines and _is_header(lines[0]):
            lines = ["", *lines[1:]]
        frame, misfits = _rows(source, first, lines)
        refused += [*bad, *misfits]
        frame = pd.concat([tail, frame], ignore_index=True) if len(tail) else frame
        if frame.empty:
            continue
        open_run = frame["session"].ne(frame["session"].iloc[-1])
        cut = int(open_run[open_run].index[-1]) + 1 if open_run.any() else 0
        frame, tail = frame.iloc[:cut], frame.iloc[cut:]
        if len(frame):
            seen += len(frame)
            yield _chunk(source, options, frame, refused)
            refused = []
    if len(tail):
        yield _chunk(source, options, tail, refused)
    elif not seen:
        raise nothing(source, TITLE, refused)
    elif refused:
        yield _chunk(source, options, tail, refused)


def _rows(source: Source, first: int, lines: list[str]) -> tuple[pd.DataFrame, list[BadRow]]:
    """The 7 columns and the line numbers of the fitting lines, and the bad rows."""
    text = pd.Series(lines, dtype="str")
    numbers = pd.RangeIndex(first, first + len(lines))
    frame = text.str.split("\t", n=6, expand=True).reindex(columns=range(7)).astype("str")
    frame.columns = pd.Index(COLUMNS)
    frame["source_row"] = numbers
    blank = text.str.strip().eq("")
    short = frame["text"].isna() & ~blank
    for column in _FLAG_COLUMNS:
        frame[column] = frame[column].str.strip()
    flags = frame[list(_FLAG_COLUMNS)].isin(["0", "1"]).all(axis=1)
    odd = ~short & ~blank & ~flags
    bad = [BadRow(source.name, int(n), "", "fewer than 7 tab-separated cells") for n in numbers[short]]
    bad += [BadRow(source.name, int(n), "waiter_send", "flags other than 0 and 1") for n in numbers[odd]]
    bad.sort(key=lambda b: b.row)
    return frame[flags & ~short & ~blank].reset_index(drop=True), bad


def _chunk(source: Source, options: ReadOptions, frame: pd.DataFrame, bad: list[BadRow]) -> Chunk:
    frame = frame.reset_index(drop=True)
    transferred = frame["is_transfer"].eq("1")
    frame = frame.assign(
        sender=frame["waiter_send"].map({"1": "agent", "0": "buyer"}), kind="text", event="", event_value=""
    )
    last = transferred & frame["session"].ne(frame["session"].shift(-1))
    if last.any():
        events = frame[last].assign(
            sender="system",
            kind="event",
            text="",
            event="transfer",
            event_value=event_json({"from": "", "to": "", "note": ""}),
        )
        frame = pd.concat([frame, events]).sort_index(kind="stable").reset_index(drop=True)
    columns = {
        c: frame[c] for c in ("session", "buyer", "sender", "kind", "text", "event", "event_value", "source_row")
    }
    columns["sent_at"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ms]")
    constants = {"platform": "jd", "shop": options.shop}
    return Chunk(finish(columns, constants, source, options, bad), tuple(bad))
