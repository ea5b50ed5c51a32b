"""Columns of texts → canonical rows: values settled over their distinct forms, rows that cannot be read listed."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.ingest.model import BadRow, Chunk, ReadOptions
from audit.ingest.table_batch import BadRows, Ints, count_bad
from audit.ingest.times import parse_times, why_bad
from audit.schema import CANONICAL, EVENTS, KINDS, PLATFORMS, SENDERS, canonical

#: Other words for the values of a canonical column → the value.
SENDER_WORDS = {
    **dict.fromkeys("买家 客户 顾客 消费者 访客 用户 customer visitor client user 买方".split(), "buyer"),
    **dict.fromkeys(
        "客服 卖家 商家 坐席 座席 人工 人工客服 店家 staff seller waiter human operator 卖方".split(), "agent"
    ),
    **dict.fromkeys("机器人 智能客服 bot 自动回复".split(), "robot"),
    **dict.fromkeys("系统 系统消息 平台 平台消息 notice".split(), "system"),
}
KIND_WORDS = {
    **dict.fromkeys("文本 文字 文本消息 txt".split(), "text"),
    **dict.fromkeys("图片 图片消息 picture img".split(), "image"),
    **dict.fromkeys("视频 视频消息".split(), "video"),
    **dict.fromkeys("语音 语音消息 audio".split(), "voice"),
    **dict.fromkeys("文件 文件消息".split(), "file"),
    **dict.fromkeys("链接 url".split(), "link"),
    **dict.fromkeys("表情 emotion".split(), "emoji"),
    **dict.fromkeys("卡片 商品卡片 订单卡片".split(), "card"),
    "事件": "event",
    **dict.fromkeys("撤回 撤回消息 revoke".split(), "recall"),
}
PLATFORM_WORDS = {
    **dict.fromkeys("淘宝 淘宝网 tb".split(), "taobao"),
    **dict.fromkeys("天猫 天猫国际 tm".split(), "tmall"),
    **dict.fromkeys("拼多多 pinduoduo".split(), "pdd"),
    **dict.fromkeys("抖音 抖店 飞鸽".split(), "douyin"),
    "京东": "jd",
    **dict.fromkeys("快手 快手小店".split(), "kuaishou"),
    **dict.fromkeys("小红书 xhs".split(), "xiaohongshu"),
    **dict.fromkeys("其他 其它".split(), "other"),
}
_YES = dict.fromkeys(("true", "1", "是", "yes", "y", "t", "√"), "true")
_NO = dict.fromkeys(("false", "0", "否", "no", "n", "f", "×"), "false")
FLAG_WORDS = {**_YES, **_NO}

_CATEGORIES = tuple(name for name, kind in CANONICAL.items() if kind == "category")
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]


def vocabulary(column: str) -> dict[str, str]:
    """Accepted words (lower case) of a column of closed values → canonical value; empty for open columns."""
    words = {
        "sender": (SENDERS, SENDER_WORDS),
        "kind": (KINDS, KIND_WORDS),
        "platform": (PLATFORMS, PLATFORM_WORDS),
        "event": (EVENTS, {}),
    }
    if column in ("auto", "recalled"):
        return FLAG_WORDS
    own, other = words.get(column, ((), {}))
    return {**other, **{value: value for value in own}}


@dataclass(frozen=True)
class Category:
    """A column of texts as codes into its distinct values (an Arrow text array without nulls)."""

    codes: Codes
    array: Any

    @classmethod
    def constant(cls, value: str, rows: int) -> Category:
        """The same value in every row."""
        return cls.of(np.zeros(rows, np.int32), [value])

    @classmethod
    def of(cls, codes: Codes, values: Sequence[str]) -> Category:
        """From codes and values, of which some may be equal; code −1 becomes ""."""
        import pyarrow as pa

        if len(codes) and codes.min() < 0:
            codes = np.where(codes < 0, len(values), codes).astype(np.int32)
            values = [*values, ""]
        places: dict[str, int] = {}
        to = np.array([places.setdefault(v, len(places)) for v in values], np.int32)
        if len(places) < len(values):
            codes = to[codes]
        return cls(codes.astype(np.int32), pa.array(list(places), pa.string()))

    @classmethod
    def encode(cls, array: Any) -> Category:
        """Of an Arrow text or dictionary array, trimmed; null is ""."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if isinstance(array, pa.ChunkedArray):
            encoded = pa.types.is_dictionary(array.type)
            array = array.unify_dictionaries() if encoded else pc.dictionary_encode(array)
            array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
        elif not pa.types.is_dictionary(array.type):
            array = pc.dictionary_encode(array)
        distinct = array.dictionary.cast(pa.string())
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        trimmed = pc.utf8_trim_whitespace(distinct)
        if trimmed.equals(distinct) and not distinct.null_count and not array.null_count:
            return cls(codes, distinct)
        return cls.of(codes, [v or "" for v in trimmed.to_pylist()])

    @functools.cached_property
    def values(self) -> list[str]:
        """The distinct values."""
        found: list[str] = self.array.to_pylist()
        return found

    def recode(self, change: Callable[[str], str]) -> Category:
        """The same rows with `change` applied to each distinct value."""
        return Category.of(self.codes, [change(v) for v in self.values])

    def where(self, test: Callable[[str], bool]) -> Mask:
        """Rows whose value passes `test`, which sees each distinct value once."""
        if not self.values:
            return np.zeros(len(self.codes), bool)
        return np.array([test(v) for v in self.values], bool)[self.codes]

    def is_empty(self) -> Mask:
        """Rows whose value is ""."""
        import pyarrow.compute as pc

        place = pc.index(self.array, "").as_py()
        return self.codes == place if place >= 0 else np.zeros(len(self.codes), bool)

    def at(self, row: int) -> str:
        """The value of a row."""
        value: str = self.values[self.codes[row]]
        return value

    def fill(self, value: str) -> Category:
        """The same rows with `value` where they are ""."""
        return self.recode(lambda v: v or value) if value and self.is_empty().any() else self

    def series(self) -> pd.Series:
        """As a pandas category of `str`."""
        return pd.Series(pd.Categorical.from_codes(self.codes, categories=pd.Index(_text(self.array))))


def _text(array: Any) -> pd.Series:
    """An Arrow text array as pandas `str` without a copy of the characters; null is ""."""
    import pyarrow as pa

    if not isinstance(array, pa.ChunkedArray):
        array = pa.chunked_array([array])
    if pa.types.is_dictionary(array.type):
        array = array.cast(pa.string())
    if array.null_count:
        array = array.fill_null("")
    dtype: Any = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.Series(dtype.__from_arrow__(array))


class _Faults:
    """The first fault of each row."""

    def __init__(self, rows: int) -> None:
        self.bad: Mask = np.zeros(rows, bool)
        self._found: list[tuple[Mask, str, Callable[[int], str]]] = []

    def add(self, mask: Mask, column: str, reason: Callable[[int], str]) -> None:
        new = mask & ~self.bad
        if new.any():
            self.bad = self.bad | new
            self._found.append((new, column, reason))

    def rows(self, numbers: Ints, file: str, most: int) -> tuple[list[BadRow], int]:
        """The first `most` in row order, and how many more there are."""
        places = np.flatnonzero(self.bad)
        out = []
        for place in places[:most]:
            column, reason = next((c, r) for mask, c, r in self._found if mask[place])
            out.append(BadRow(file, int(numbers[place]), column, reason(int(place))))
        return out, max(len(places) - most, 0)


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:39] + "…")


def to_chunk(
    columns: Mapping[str, Any],
    rows: Ints,
    file: str,
    options: ReadOptions,
    *,
    bad: tuple[BadRow, ...] = (),
    categories: Mapping[str, Category] | None = None,
) -> Chunk:
    """Canonical rows of one file.

    `columns` holds per canonical column an Arrow array of text, a dictionary of text, or (sent_at) timestamps;
    `categories` those that are encoded already, which win. `rows` are the source rows as a person counts them, `bad`
    the rows that the reader already found bad.

    Rows with an unknown sender, platform, kind, event or flag, an unreadable time, no sender, neither buyer nor
    session, or an empty text (unless they are events or no text) become bad rows; wholly blank rows are passed over.
    """
    n = len(rows)
    faults = _Faults(n)
    cats: dict[str, Category] = dict(categories or {})
    for name in _CATEGORIES + ("recalled",):
        if name not in cats:
            array = columns.get(name)
            cats[name] = Category.encode(array) if array is not None else Category.constant("", n)
    text = _text(columns["text"]) if "text" in columns else pd.Series([""] * n, dtype="str")
    empty_text = _is_blank(text)
    blank = empty_text.copy()
    for name in ("sender", "buyer", "session", "event"):
        blank &= cats[name].is_empty()

    for name in ("sender", "platform", "kind", "event", "auto", "recalled"):
        words = vocabulary(name)
        raw = cats[name]
        unknown = raw.where(lambda v, w=words: bool(v) and v.lower() not in w)  # type: ignore[misc]
        faults.add(
            unknown,
            name,
            lambda i, r=raw, c=name: f"unknown {c} {_shown(r.at(i))}",  # type: ignore[misc]
        )
        cats[name] = raw.recode(lambda v, w=words: w.get(v.lower(), ""))  # type: ignore[misc]
    faults.add(cats["sender"].is_empty() & ~blank, "sender", lambda i: "the sender is missing")

    times, precision = _times(columns.get("sent_at"), n, options, faults)
    unnamed = cats["buyer"].is_empty() & cats["session"].is_empty()
    faults.add(unnamed & ~blank, "buyer", lambda i: "neither buyer nor session is given")

    event = ~cats["event"].is_empty()
    kinds = list(dict.fromkeys([*cats["kind"].values, "text", "event"]))
    default = np.where(event, kinds.index("event"), kinds.index("text"))
    cats["kind"] = Category.of(np.where(cats["kind"].is_empty(), default, cats["kind"].codes), kinds)
    mute = empty_text & ~event & cats["kind"].where(lambda v: v == "text")
    faults.add(mute & ~blank, "text", lambda i: "the text is empty")
    cats["platform"] = cats["platform"].fill(options.platform or "other")
    cats["shop"] = cats["shop"].fill(options.shop)

    value = _text(columns["event_value"]) if "event_value" in columns else None
    if value is not None:
        faults.add(_not_json(value), "event_value", lambda i: "not a JSON object")
    identity = _text(columns["message_id"]) if "message_id" in columns else ""

    frame = canonical(
        {
            **{name: cats[name].series() for name in _CATEGORIES},
            "recalled": cats["recalled"].where(lambda v: v == "true"),
            "message_id": identity,
            "text": text,
            "event_value": "" if value is None else value,
            "sent_at": times,
            "precision": precision,
            "source_row": rows,
        },
        n,
    )
    listed, more = faults.rows(rows, file, 1000)
    drop = faults.bad | blank
    if drop.any():
        frame = frame[~drop].reset_index(drop=True)
    return Chunk(frame, BadRows.of([*bad, *listed], more + count_bad(bad) - len(bad)))


def _is_blank(text: pd.Series) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as pc

    array: Any = pa.array(text)
    short = np.array(pc.less(pc.binary_length(array), 64).to_numpy(zero_copy_only=False), bool)
    blank = np.array(pc.equal(array, "").to_numpy(zero_copy_only=False), bool)
    maybe = short & np.array(pc.match_substring_regex(array, r"^\s").to_numpy(zero_copy_only=False), bool)
    if maybe.any():
        blank[maybe] = text[maybe].str.strip().eq("").to_numpy()
    return blank


def _not_json(value: pd.Series) -> Mask:
    filled = value.ne("").to_numpy()
    bad: Mask = np.zeros(len(value), bool)
    if filled.any():
        codes, distinct = pd.factorize(value[filled])
        bad[filled] = np.array([not _is_object(v) for v in distinct], bool)[codes]
    return bad


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _times(array: Any, n: int, options: ReadOptions, faults: _Faults) -> tuple[pd.Series, npt.NDArray[np.int8]]:
    import pyarrow as pa

    if array is None:
        return pd.Series(np.full(n, np.datetime64("NaT", "ms"))), np.ones(n, np.int8)
    native = pa.types.is_timestamp(array.type)
    raw = array.to_pandas().reset_index(drop=True) if native else _text(array)
    times, precision, bad = parse_times(raw, timezone=options.timezone, year=options.year)
    faults.add(bad, "sent_at", lambda i: f"{why_bad(raw.iloc[i])}: {_shown(str(raw.iloc[i]))}")
    return times, precision
