"""Sources of written bytes, and canonical rows in a form that a test can spell out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pandas as pd

from audit.ingest.model import BadRow, ReadOptions, Source
from audit.schema import CANONICAL, PROVENANCE, check


def source(data: bytes | str, name: str = "chat.txt") -> Source:
    raw = data.encode() if isinstance(data, str) else data
    return Source(name, len(raw), lambda: io.BytesIO(raw))


def json_source(value: Any) -> Source:
    return source(json.dumps(value, ensure_ascii=False), "chat.json")


def lines_source(*values: Any) -> Source:
    """JSON lines; strings stand as they are."""
    return source("".join((v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) + "\n" for v in values))


def read(module: ModuleType, given: Source, **options: Any) -> tuple[pd.DataFrame, list[BadRow]]:
    """All canonical rows of a source, checked against the contract, and the bad rows."""
    chunks = list(module.read(given, ReadOptions(**options)))
    for chunk in chunks:
        check(chunk.frame, {**CANONICAL, **PROVENANCE}, module.NAME)
    frame = pd.concat([c.frame.astype({n: "str" for n, t in CANONICAL.items() if t == "category"}) for c in chunks])
    return frame.reset_index(drop=True), [b for c in chunks for b in c.bad_rows]


def spelt(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Rows as tuples; times as text, JSON as objects."""
    return list(_spell(frame[list(columns)]))


def _spell(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    for row in frame.itertuples(index=False):
        cells = dict(zip(frame.columns, row, strict=True))
        if "sent_at" in cells:
            cells["sent_at"] = "" if pd.isna(cells["sent_at"]) else str(cells["sent_at"])
        if "event_value" in cells:
            cells["event_value"] = json.loads(cells["event_value"]) if cells["event_value"] else {}
        yield tuple(cells.values())


def others_are_not(module: ModuleType, *texts: bytes | str) -> None:
    """No other content may look like the format."""
    for text in texts:
        assert module.sniff(source(text)) < 0.3, text[:80]


#: Contents of other formats, for `sniff` to turn down.
STRANGERS = (
    "",
    "店铺:客服A:您好\nt**7:在吗\n",
    "2026-11-10 10:00:00 小雨 在吗\n2026-11-10 10:00:05 云岫生活馆:阿澄 在的\n",
    "platform,shop,buyer,sender,text\ntaobao,a,b,buyer,在吗\n",
    '{"result":{"messages":[{"msg_id":"1","ts":"1700000000","from":{"role":"user","uid":"1"},"content":"在吗"}]}}',
    '{"code":0,"result":[{"mcode":{"messageId":"1"},"fromid":{"nick":"a"},"toid":{"nick":"b"},"loginid":{"nick":"b"}}]}',
    '{"messageType":"NONE_SYS","createTime":1610197536,"sender":{"nick":"a"},"receivers":[{"nick":"b"}],"content":"{}"}',
    '{"sender":"buyer","text":"在吗","buyer":"a","session":"1","sent_at":"2026-11-10 10:00:00"}\n',
    b"PK\x03\x04 no workbook",
    b"\x00\xff\xfe\x01" * 50,
)
