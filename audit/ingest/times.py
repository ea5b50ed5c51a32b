"""The time forms of exports → wall time of the shop, column by column over distinct values."""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import UserError

SECONDS, MINUTES = 1, 60
RELATIVE = "relative time"
DATE_ONLY = "date without a time of day"
IMPOSSIBLE = "no such date or time from 1990 to 2099"
UNREADABLE = "unreadable time"

_YEARS = (1990, 2100)
_EXCEL_EPOCH_MS = -2_209_161_600_000  # 1899-12-30
_EXCEL_DAYS = (20_000, 80_000)  # 1954 … 2119
_WIDE = {ord(c): ord(d) for c, d in zip("０１２３４５６７８９：／－．，＋　", "0123456789:/-.,+ ", strict=True)}
_HANZI = str.maketrans({"年": "-", "月": "-", "日": " ", "号": " ", "时": ":", "点": ":", "分": ":", "秒": ""})
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_RELATIVE = re.compile(r"前天|昨天|今天|刚刚|刚才|前$|ago$|yesterday|today|just now|^\d{1,2}:\d{2}(:\d{2})?$", re.I)
_CALENDAR = (
    r"^(?P<y>\d{4})\s*[-/.]\s*(?P<mo>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})[T\s]\s*(?P<half>上午|下午|凌晨|早上|中午|晚上|AM|PM)?\s*"
    r"(?P<h>\d{1,2}):(?P<mi>\d{1,2})(?::(?P<s>\d{1,2})(?:[.,:](?P<f>\d{1,9}))?)?:?\s*(?P<half2>AM|PM)?\s*"
    r"(?P<z>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}:?(?:\d{2})?)?$"
)
_COMPACT = (
    r"^(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})[T\s]?(?P<h>\d{2}):?(?P<mi>\d{2}):?(?P<s>\d{2})?(?:[.,]?(?P<f>\d{1,3}))?"
    r"(?P<z>Z|[+-]\d{2}:?\d{2})?$"
)
_NO_YEAR = r"^(?P<mo>\d{1,2})\s*[-/]\s*(?P<d>\d{1,2})[T\s]\s*(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{1,2}))?:?$"
_NUMBER = r"^\d{1,19}(?:\.\d+)?$"
_WRAPPED = r"^[\s\['【]|[\s\]'】]$"

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Minutes = npt.NDArray[np.int8]


def parse_times(
    series: pd.Series, *, timezone: str = "Asia/Shanghai", year: int | None = None
) -> tuple[pd.Series, Minutes, Mask]:
    """Wall times in `timezone`, their precision and which values are bad.

    Forms: ISO 8601 with T, Z or offset (converted to `timezone`), `YYYY-MM-DD HH:MM[:SS[.fff]]`, `2021/3/5 10:00`,
    `2021年3月5日 10:00`, `yyyyMMddHHmmss`, epoch seconds, ms, µs and ns as number or text, Excel serials, native
    datetimes, `M-D HH:MM[:SS]` (`year`, or the newest year in which it is not in the future), full-width digits.

    `series` holds strings, numbers, datetimes (also with a zone), objects of these, or a category of them. Returned are
    the times (datetime64[ms] without zone, index of `series`, NaT where empty or bad), the precision (int8, 60 where
    the form shows minutes only, else 1; Excel serials: 60 where none shows seconds) and the mask of values that are
    neither empty nor readable; `why_bad(value)` says why.
    """
    zone = _zone(timezone)
    if isinstance(series.dtype, pd.CategoricalDtype):
        categories = pd.Series(series.cat.categories)
        times, precision, bad = parse_times(categories, timezone=timezone, year=year)
        codes = series.cat.codes.to_numpy()
        known = codes >= 0
        out = times.to_numpy()[codes]
        out[~known] = np.datetime64("NaT")
        return (
            pd.Series(out, index=series.index),
            np.where(known, precision[codes], SECONDS).astype(np.int8),
            bad[codes] & known,
        )
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        wall = series.dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[ms]")
        return wall, np.ones(len(series), np.int8), np.zeros(len(series), bool)
    if series.dtype.kind == "M":
        return series.astype("datetime64[ms]"), np.ones(len(series), np.int8), np.zeros(len(series), bool)
    if series.dtype.kind in "iuf":
        ms, precision, bad = _numbers(series.to_numpy(np.float64), series.to_numpy(), zone)
        return _series(ms, series.index), precision, bad
    if series.dtype == object:
        series = pd.Series([_as_text(v, zone) for v in series], index=series.index, dtype="str")
    return _texts(series, zone, year)


def why_bad(value: object) -> str:
    """Why a value that `parse_times` marked as bad is bad: one of the reasons above."""
    text = _plain(str(value))
    if _RELATIVE.search(text):
        return RELATIVE
    if re.fullmatch(r"\d{4}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,2}\s*|(19|20)\d{6}", text):
        return DATE_ONLY
    if re.match(_CALENDAR, text, re.I) or re.match(_COMPACT, text) or re.match(_NO_YEAR, text):
        return IMPOSSIBLE
    return UNREADABLE


@cache
def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise UserError(f"there is no time zone {timezone!r}", fix="use a name such as Asia/Shanghai") from None


def _as_text(value: Any, zone: ZoneInfo) -> str:
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, datetime.datetime):
        if value.tzinfo:
            value = value.astimezone(zone).replace(tzinfo=None)
        return str(value.isoformat(" ", timespec="milliseconds"))
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} 00:00:00"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _series(ms: Ints, index: pd.Index) -> pd.Series:
    return pd.Series(ms.view("datetime64[ms]"), index=index)


_NAT = np.iinfo(np.int64).min


def _texts(series: pd.Series, zone: ZoneInfo, year: int | None) -> tuple[pd.Series, Minutes, Mask]:
    """Uniform ISO columns by one Arrow cast; what is left by patterns over its distinct values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n = len(series)
    array = _arrow(series)
    lengths = pc.binary_length(array).fill_null(0).to_numpy(zero_copy_only=False)
    ms = np.full(n, _NAT, np.int64)
    precision = np.ones(n, np.int8)
    bad = np.zeros(n, bool)
    todo = lengths > 0
    for length, shown in ((19, SECONDS), (16, MINUTES), (23, SECONDS)):
        same = lengths == length
        count = int(same.sum())
        if not count:
            continue
        try:
            parsed = (array if count == n else array.filter(pa.array(same))).cast(pa.timestamp("ms"))
        except pa.ArrowInvalid:
            continue
        ms[same], bad[same] = _in_range(parsed.cast(pa.int64()).to_numpy(zero_copy_only=False), np.zeros(count, bool))
        precision[same] = shown
        todo &= ~same
    if todo.any():
        codes, distinct = pd.factorize(series[todo])
        times, shown_by, wrong = _distinct(pd.Series(distinct, dtype="str"), zone, year)
        ms[todo], precision[todo], bad[todo] = times[codes], shown_by[codes], wrong[codes]
    return _series(ms, series.index), precision, bad


def _plain(text: str) -> str:
    text = text.translate(_WIDE)
    if not text.isascii():
        text = _WEEKDAY.sub(" ", text.translate(_HANZI))
    return text.strip().strip("[]【】'").strip()


def _distinct(texts: pd.Series, zone: ZoneInfo, year: int | None) -> tuple[Ints, Minutes, Mask]:
    import pyarrow.compute as pc

    n = len(texts)
    array = _arrow(texts)
    if not pc.all(pc.string_is_ascii(array)).as_py() or pc.any(pc.match_substring_regex(array, _WRAPPED)).as_py():
        texts = texts.map(_plain).astype("str")
        array = _arrow(texts)
    ms = np.full(n, _NAT, np.int64)
    precision = np.ones(n, np.int8)
    bad = _mask(pc.not_equal(array, ""))
    todo = bad.copy()

    digits = _mask(pc.match_substring_regex(array, _NUMBER))
    if digits.any():
        exact = pd.to_numeric(texts[digits], errors="coerce").to_numpy()
        ms[digits], precision[digits], bad[digits] = _numbers(exact.astype(np.float64), exact, zone)
        todo &= ~digits
    for pattern in (_CALENDAR, _COMPACT, _NO_YEAR):
        places = np.flatnonzero(todo)
        if not len(places):
            break
        parts, hit = _extract(array if len(places) == n else array.take(places), pattern)
        if not hit.any():
            continue
        places = places[hit]
        ms[places], bad[places] = _from_parts(parts, zone, year)
        precision[places] = np.where(_filled(parts["s"]), SECONDS, MINUTES)
        todo[places] = False
    return ms, precision, bad


def _arrow(texts: pd.Series) -> Any:
    import pyarrow as pa

    array: Any = pa.array(texts)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:  # more than 2 GiB of text
        return array


def _mask(array: Any) -> Mask:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=bool)


def _extract(array: Any, pattern: str) -> tuple[dict[str, Any], Mask]:
    """The named groups of `pattern` ("" where a group is absent) of the texts that match, and which do."""
    import pyarrow.compute as pc

    found = pc.extract_regex(array, "(?i)" + pattern)
    hit = _mask(found.is_valid())
    found = found.filter(found.is_valid())
    return {found.type.field(i).name: found.field(i) for i in range(found.type.num_fields)}, hit


def _filled(group: Any) -> Mask:
    import pyarrow.compute as pc

    return _mask(pc.not_equal(group, ""))


def _ints(group: Any) -> Ints:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.if_else(pc.equal(group, ""), "0", group).cast(pa.int64())
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.int64)


def _from_parts(parts: dict[str, Any], zone: ZoneInfo, year: int | None) -> tuple[Ints, Mask]:
    """Wall milliseconds and which are bad."""
    import pyarrow.compute as pc

    month, day = _ints(parts["mo"]), _ints(parts["d"])
    hour, minute, second = _ints(parts["h"]), _ints(parts["mi"]), _ints(parts["s"])
    n = len(hour)
    milli: Ints = np.zeros(n, np.int64)
    if "f" in parts and _filled(parts["f"]).any():
        milli = _ints(pc.utf8_slice_codeunits(pc.utf8_rpad(parts["f"], 3, "0"), 0, 3))
    for name in ("half", "half2"):
        if name in parts and _filled(parts[name]).any():
            half = pc.utf8_upper(parts[name])
            late = _mask(pc.is_in(half, value_set=_value_set("下午", "晚上", "PM"))) & (hour < 12)
            midday = _mask(pc.equal(half, "中午")) & (hour < 3)
            early = _mask(pc.is_in(half, value_set=_value_set("上午", "凌晨", "早上", "AM"))) & (hour == 12)
            hour = np.where(late | midday, hour + 12, np.where(early, 0, hour))
    clock = ((hour * 60 + minute) * 60 + second) * 1000 + milli
    sane = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)

    def at(years: Ints) -> tuple[Ints, Mask]:
        months = (years - 1970) * 12 + np.where(sane, month, 1) - 1
        first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        length = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - first
        return (first + day - 1) * 86_400_000 + clock, ~(sane & (day <= length))

    if "y" not in parts:
        if year is not None:
            ms, bad = at(np.full(n, year))
        else:
            now = datetime.datetime.now(zone).replace(tzinfo=None)
            limit = int((now - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)
            ms, bad = at(np.full(n, now.year))
            for back in range(1, 9):  # 29 February needs up to eight
                late = bad | (ms > limit)
                older, none = at(np.full(n, now.year - back))
                ms, bad = np.where(late, older, ms), np.where(late, none, bad)
    else:
        ms, bad = at(_ints(parts["y"]))
    zoned = _filled(parts["z"]) if "z" in parts else np.zeros(n, bool)
    if zoned.any():
        distinct, codes = np.unique(parts["z"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
        offset = np.array([_offset_minutes(z) for z in distinct])[codes]
        bad = bad | (np.abs(offset) > 14 * 60)
        utc = np.where(bad, 0, ms - offset * 60_000)
        ms = np.where(zoned, _to_wall(utc, zone), ms)
    return _in_range(ms, bad)


def _value_set(*words: str) -> Any:
    import pyarrow as pa

    return pa.array(words)


def _offset_minutes(zone: str) -> int:
    digits = re.sub(r"\D", "", zone)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = int(hours or 0) * 60 + int(minutes)
    return -offset if "-" in zone else offset


def _to_wall(utc: Ints, zone: ZoneInfo) -> Ints:
    stamps = pd.DatetimeIndex(utc.astype("datetime64[ms]"), tz="UTC").tz_convert(zone).tz_localize(None)
    return stamps.as_unit("ms").asi8


_FIRST_MS = int(np.datetime64(f"{_YEARS[0]}-01-01", "ms").astype(np.int64))
_LAST_MS = int(np.datetime64(f"{_YEARS[1]}-01-01", "ms").astype(np.int64))


def _in_range(ms: Ints, bad: Mask) -> tuple[Ints, Mask]:
    bad = bad | (((ms < _FIRST_MS) | (ms >= _LAST_MS)) & (ms != _NAT))
    return np.where(bad, _NAT, ms), bad


def _numbers(values: npt.NDArray[np.float64], exact: npt.NDArray[Any], zone: ZoneInfo) -> tuple[Ints, Minutes, Mask]:
    """Epoch s, ms, µs, ns; yyyyMMddHHmm[ss]; Excel serials: told apart by size. NaN is empty."""
    n = len(values)
    empty = np.isnan(values)
    ms = np.full(n, _NAT, np.int64)
    precision = np.ones(n, np.int8)
    bad = ~empty
    whole = np.where(empty, 0, exact).astype(np.int64) if exact.dtype.kind in "iu" else np.where(empty, 0, values)

    for low, high, factor in ((6e8, 1e10, 1000.0), (6e11, 1e13, 1.0), (6e14, 1e16, 1e-3), (6e17, 9e18, 1e-6)):
        epoch = (values >= low) & (values < high)
        if not epoch.any():
            continue
        utc = np.round(values[epoch] * factor).astype(np.int64)
        if factor < 1 and whole.dtype == np.int64:
            utc = whole[epoch] // round(1 / factor)
        inside = (utc >= _FIRST_MS) & (utc < _LAST_MS)
        ms[epoch] = np.where(inside, _to_wall(np.where(inside, utc, 0), zone), _NAT)
        bad[epoch] = ~inside
    serial = (values >= _EXCEL_DAYS[0]) & (values < _EXCEL_DAYS[1])
    if serial.any():
        seconds = np.round(values[serial] * 86_400).astype(np.int64)
        ms[serial] = seconds * 1000 + _EXCEL_EPOCH_MS
        bad[serial] = False
        precision[serial] = MINUTES if not (seconds % 60).any() else SECONDS
    for low, shown in ((1.99e11, MINUTES), (1.99e13, SECONDS)):
        compact = (values >= low) & (values < low * 2.1 / 1.99)
        if compact.any():
            texts = pd.Series(np.round(values[compact]).astype(np.int64).astype(str), dtype="str")
            parts, hit = _extract(_arrow(texts), _COMPACT)
            places = np.flatnonzero(compact)[hit]
            ms[places], bad[places] = _from_parts(parts, zone, None)
            precision[compact] = shown
    return ms, precision, bad
