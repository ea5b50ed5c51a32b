"""JSON exports as they come: one document, one value per line, or values written one after another."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from audit.errors import UserError
from audit.ingest.encodings import decode_with_bad, head_text
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.times import parse_times, why_bad
from audit.schema import CANONICAL, canonical

_KEY = re.compile(r'"([^"\\]{1,64})"\s*:')
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_LONG_NUMBER = re.compile(r"[:\[,\s-]\d{19}|^\d{19}")  # orjson would read ids of more than 64 bits as floats
_BETWEEN = re.compile(r"[\s,]*")
#: Lists in lists deeper than this are no pages of messages.
MOST_NESTED = 8
_DEPTH = "it is nested too deeply for a chat export"


@dataclass(frozen=True)
class Documents:
    """The top-level values of a JSON file, in file order.

    `layout` is "document", "lines" or "concatenated"; `rows` holds the 1-based line on which each value begins.
    """

    values: list[Any]
    rows: list[int]
    layout: str
    encoding: str
    bad_rows: tuple[BadRow, ...] = ()


def keys(source: Source) -> frozenset[str]:
    """The object keys that occur in a JSON file's head; empty where the head does not begin as JSON. For `sniff`."""
    text = head_text(source.head).lstrip("\ufeff \t\r\n")
    return frozenset(_KEY.findall(text)) if text.startswith(("{", "[")) else frozenset()


def loads(text: str) -> Any:
    """The value of one JSON text; a half surrogate, which is no character, becomes U+FFFD.

    Raises json.JSONDecodeError with the place, also where the text is nested too deeply.
    """
    if not _LONG_NUMBER.search(text):
        try:
            return orjson.loads(text)
        except (orjson.JSONDecodeError, UnicodeEncodeError):
            pass
    text = text.encode("utf-8", "replace").decode("utf-8")
    if _SURROGATE.search(text):
        text = _ESCAPE.sub(lambda m: "\\ufffd" if m["lone"] else m[0], text)
    try:
        return json.loads(text)
    except RecursionError:
        raise json.JSONDecodeError(_DEPTH, text, 0) from None
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise json.JSONDecodeError(str(error), text, 0) from None


def load(source: Source) -> Documents:
    """All values of a JSON file.

    A line of a one-value-per-line file that cannot be read is a bad row. Raises UserError with line and column where
    the file as a whole is no JSON, or breaks off.
    """
    text, encoding, bad = decode_with_bad(source.read_bytes(), source.name)
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise UserError("the file holds no JSON, only blanks", where=source.name, fix="export it again")
    try:
        return Documents([loads(text)], [1], "document", encoding, bad)
    except json.JSONDecodeError as error:
        whole = error
    lines = _lines(text, source.name)
    if lines is not None:
        values, rows, unread = lines
        return Documents(values, rows, "lines", encoding, bad + unread)
    if whole.msg.startswith("Extra data"):
        values, rows = _concatenated(text, source.name)
        return Documents(values, rows, "concatenated", encoding, bad)
    raise _broken(whole, text, source.name)


def _lines(text: str, name: str) -> tuple[list[Any], list[int], tuple[BadRow, ...]] | None:
    """One value per line, if at least half of the lines hold an object or array by themselves."""
    numbered = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(numbered) < 2:
        return None
    values: list[Any] = []
    rows: list[int] = []
    bad: list[BadRow] = []
    for number, line in numbered:
        try:
            value = loads(line.strip().rstrip(","))
        except json.JSONDecodeError as error:
            bad.append(BadRow(name, number, "", f"no JSON: {error.msg} at column {error.colno}"))
            if len(bad) > 20 and len(bad) > 2 * len(values):
                return None
            continue
        if not isinstance(value, (dict, list)):
            bad.append(BadRow(name, number, "", "no JSON object"))
            continue
        values.append(value)
        rows.append(number)
    return (values, rows, tuple(bad)) if len(values) >= len(bad) else None


def _concatenated(text: str, name: str) -> tuple[list[Any], list[int]]:
    if _SURROGATE.search(text):
        text = _ESCAPE.sub(lambda m: "\\ufffd" if m["lone"] else m[0], text)
    decoder = json.JSONDecoder()
    values: list[Any] = []
    rows: list[int] = []
    place, line = 0, 1
    while True:
        start = _BETWEEN.match(text, place).end()  # type: ignore[union-attr]
        line += text.count("\n", place, start)
        if start == len(text):
            return values, rows
        try:
            value, place = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            raise _broken(error, text, name) from None
        except (RecursionError, ValueError):
            raise _broken(json.JSONDecodeError(_DEPTH, text, start), text, name) from None
        values.append(value)
        rows.append(line)
        line += text.count("\n", start, place)


def _broken(error: json.JSONDecodeError, text: str, name: str) -> UserError:
    where = f"{name}:{error.lineno}:{error.colno}"
    offset = f"line {error.lineno}, column {error.colno} (character {error.pos + 1:,} of {len(text):,})"
    if error.msg == _DEPTH:
        return UserError(f"no chat JSON: {_DEPTH}", where=name, fix="check what the file is")
    if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string"):
        return UserError(f"the JSON breaks off at {offset}", where=where, fix="the file is cut short: export it again")
    return UserError(f"no valid JSON at {offset}: {error.msg}", where=where, fix="export it again as UTF-8 JSON")


def field(value: Any, path: str) -> Any:
    """The value at a dotted path inside nested objects, None where any part is absent."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text_of(value: Any) -> str:
    """A scalar of an export as text: absent = "", whole numbers without a point; objects and lists are ""."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def nested(value: Any) -> Any:
    """An object that some exports write as JSON inside a string; anything else comes back as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return loads(value)
        except json.JSONDecodeError:
            return value
    return value


def oldest_first(pages: list[list[Any]], options: ReadOptions) -> list[tuple[int, int]]:
    """The places (page, item) of all items in the order of the chat, from the items' times as the export writes them.

    A page that runs backwards (more steps down than up) is turned, and so are the pages themselves; what is in order
    stays as it is, so that items of one second keep theirs.
    """
    raw = pd.Series([text_of(time) for page in pages for time in page], dtype="str")
    times = parse_times(raw, timezone=options.timezone, year=options.year)[0]
    stamps = times.to_numpy().astype("datetime64[ms]")
    order: list[list[tuple[int, int]]] = []
    heads: list[int] = []
    start = 0
    for number, page in enumerate(pages):
        part = stamps[start : start + len(page)]
        turned = _runs_backwards(part)
        order.append([(number, place) for place in (range(len(page) - 1, -1, -1) if turned else range(len(page)))])
        if page:
            heads.append(start + len(page) - 1 if turned else start)
        start += len(page)
    if _runs_backwards(stamps[heads]):
        order.reverse()
    return [place for page_order in order for place in page_order]


def _runs_backwards(stamps: npt.NDArray[np.datetime64]) -> bool:
    known = stamps[~np.isnat(stamps)].astype(np.int64)
    steps = np.diff(known)
    return bool((steps < 0).sum() > (steps > 0).sum())


def chunk(rows: list[dict[str, Any]], source: Source, options: ReadOptions, bad_rows: tuple[BadRow, ...] = ()) -> Chunk:
    """One Chunk from rows that name canonical columns, `source_row`, and `time`: the time as the export writes it.

    A time that cannot be read leaves the row untimed and is listed as a bad row.
    """
    columns = {name: [row.get(name) for row in rows] for name in (*CANONICAL, "source_row") if name != "sent_at"}
    for name in list(columns):
        if name == "recalled":
            columns[name] = [bool(value) for value in columns[name]]
        elif all(value is None for value in columns[name]):
            del columns[name]
    raw = pd.Series([text_of(row.get("time")) for row in rows], dtype="str")
    times, precision, bad = parse_times(raw, timezone=options.timezone, year=options.year)
    frame = canonical({**columns, "sent_at": times, "precision": precision}, len(rows))
    unread = tuple(
        BadRow(source.name, int(frame["source_row"].iloc[i]), "time", f"{why_bad(raw.iloc[i])}: {raw.iloc[i][:40]}")
        for i in bad.nonzero()[0]
    )
    return Chunk(frame, bad_rows + unread)
