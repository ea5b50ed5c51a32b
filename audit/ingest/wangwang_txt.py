"""T2: the TXT that old 旺旺 and Qianniu export: shop in the first line, date lines, `YYYY-MM-DD HH:MM:SS 名字 内容`.

A speaker that holds the shop's name is a seller; each date line opens a session. Source: research §1.1 T2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from audit.errors import UserError
from audit.ingest.accounts import COLON, digest, is_masked, platform_of, split_account
from audit.ingest.encodings import decode_with_bad, head_text
from audit.ingest.jsonsource import chunk
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.roles import plain_media

NAME = "wangwang-txt"
TITLE = "旺旺导出的 TXT 聊天记录"

_LINE_END = re.compile(r"\r\n|\r|\n")
_DAY = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
_DATE_LINE = re.compile(rf"\s*({_DAY})\s*")
_TIMED = re.compile(rf"({_DAY})[ T]+(\d{{1,2}}:\d{{2}}(?::\d{{2}})?)[ \t\u3000]+(\S.*)", re.DOTALL)
_SYSTEM = re.compile(r"系统(?:提示|提醒|消息)\s*[:：]?\s*(.*)", re.DOTALL)


def _header(lines: list[str]) -> str:
    """The shop's name from a first line `店铺名:…`, "" where there is none."""
    first = next((line.lstrip("\ufeff") for line in lines if line.strip()), "")
    if _DATE_LINE.fullmatch(first) or _TIMED.match(first) or not COLON.search(first):
        return ""
    name = COLON.split(first)[0].strip()
    return name if 0 < len(name) <= 40 and not re.search(r"\s", name) else ""


def _shop(lines: list[str], given: str = "") -> str:
    """The shop's name: the header's if a speaker holds it, else `given`, else the name before speakers' colons."""
    speakers = Counter(found[3].split()[0] for line in lines if (found := _TIMED.match(line)))
    header = _header(lines)
    for name in (header, given):
        if name and any(name in speaker for speaker in speakers):
            return name
    prefixes: Counter[str] = Counter()
    for speaker, n in speakers.items():
        prefix, colon, account = COLON.sub(":", speaker).partition(":")
        if colon and account and not _SYSTEM.match(speaker):
            prefixes[prefix.removeprefix("cntaobao")] += n
    return prefixes.most_common(1)[0][0] if prefixes else given or header


def sniff(source: Source) -> float:
    """High where timed lines carry name and text, and a first line, date lines or accounts show 旺旺's layout."""
    text = head_text(source.head).lstrip("\ufeff")
    if text[:1] in "{[<":
        return 0.0
    lines = _LINE_END.split(text)
    timed = [found for line in lines if (found := _TIMED.match(line))]
    full = [found for found in timed if len(found[3].split(None, 1)) == 2]
    if not timed or 2 * len(full) < len(timed):
        return 0.0
    shop = _shop(lines)
    held = bool(shop) and any(shop in found[3].split()[0] for found in timed)
    if held and (_header(lines) == shop or any(map(_DATE_LINE.fullmatch, lines))):
        return 0.95
    if held:
        return 0.7
    return 0.5 if _header(lines) and any(map(_DATE_LINE.fullmatch, lines)) else 0.0


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """All messages; system lines get sender system. Raises UserError where the shop's name cannot be told."""
    text, _, unreadable = decode_with_bad(source.read_bytes(), source.name)
    lines = _LINE_END.split(text.lstrip("\ufeff"))
    shop = _shop(lines, options.shop)
    if not shop:
        raise UserError(
            "the first line names no shop, so sellers and buyers cannot be told apart",
            where=source.name,
            fix="name the shop as it stands before its accounts with --shop",
        )
    rows, bad = _rows(lines, shop, source.name, frozenset(b.row for b in unreadable))
    if not rows:
        raise UserError("the file holds no timed messages", where=source.name, fix="export it again")
    _assign_buyers(rows)
    platform = platform_of(shop, options)
    for row in rows:
        row |= {"platform": platform, "shop": shop}
    part = chunk(rows, source, options, (*unreadable, *bad))
    yield Chunk(part.frame.assign(text=plain_media(part.frame["text"])), part.bad_rows)


def _rows(
    lines: list[str], shop: str, name: str, skipped: frozenset[int]
) -> tuple[list[dict[str, Any]], tuple[BadRow, ...]]:
    """The messages with their block's number and day; a line without a time continues the message before it."""
    rows: list[dict[str, Any]] = []
    bad: list[BadRow] = []
    block, day, blank = 0, "", 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            blank += number not in skipped
            continue
        if dated := _DATE_LINE.fullmatch(line):
            block, day = block + 1, dated[1]
        elif found := _TIMED.match(line):
            message = _message(found[3].rstrip(), shop)
            rows.append({**message, "time": f"{found[1]} {found[2]}", "source_row": number, "block": block, "day": day})
        elif rows and rows[-1]["block"] == block:
            rows[-1]["text"] += "\n" * (1 + blank) + line.rstrip()
        elif not (block == 0 and not rows and COLON.search(line)):
            bad.append(BadRow(name, number, "", "text before the first message"))
        blank = 0
    return rows, tuple(bad)


def _message(said: str, shop: str) -> dict[str, Any]:
    system = _SYSTEM.fullmatch(said)
    if system:
        return {"sender": "system", "kind": "event", "text": system[1].strip()}
    seller = re.match(rf"(\S{{0,12}}{re.escape(shop)}(?:[:：]\S+)?)(?:\s+(.*))?$", said, re.DOTALL)
    speaker, text = (seller[1], seller[2] or "") if seller else (said.split(None, 1) + [""])[:2]
    if system := _SYSTEM.fullmatch(text):
        return {"sender": "system", "kind": "event", "text": system[1].strip()}
    speaker = speaker.rstrip(":：")
    if shop in speaker:
        return {"sender": "agent", "agent": split_account(speaker)[1], "kind": "text", "text": text}
    return {"sender": "buyer", "buyer": speaker.removeprefix("cntaobao"), "kind": "text", "text": text}


def _assign_buyers(rows: list[dict[str, Any]]) -> None:
    """Every row of a block gets the buyer last heard in it (else its first, else the file's only one) and a session."""
    everyone = {row["buyer"] for row in rows if row.get("buyer")}
    first: dict[int, str] = {}
    for row in rows:
        if row.get("buyer"):
            first.setdefault(row["block"], row["buyer"])
    only = next(iter(everyone)) if len(everyone) == 1 else ""
    opened: dict[tuple[int, str], str] = {}
    block, buyer = -1, ""
    for row in rows:
        if row["block"] != block:
            block = row["block"]
            buyer = first.get(block, only)
        buyer = row.get("buyer") or buyer
        row["buyer"] = buyer
        key = (block, buyer)
        if key not in opened:
            opened[key] = f"{row.pop('day') or row['time'][:10]}-{digest(buyer, row['time'], row['text'])}"
        dated = block > 0
        row["session"] = opened[key] if dated or is_masked(buyer) else ""
