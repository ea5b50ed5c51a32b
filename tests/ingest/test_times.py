from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import UserError
from audit.ingest.times import DATE_ONLY, IMPOSSIBLE, MINUTES, RELATIVE, SECONDS, UNREADABLE, parse_times, why_bad

AT = "2021-03-05 10:00:05"
FORMS = [
    ("2021-03-05 10:00:05", AT, SECONDS),
    ("2021-03-05T10:00:05", AT, SECONDS),
    ("2021-03-05T02:00:05Z", AT, SECONDS),
    ("2021-03-05T10:00:05+08:00", AT, SECONDS),
    ("2021-03-04T21:00:05-0500", AT, SECONDS),
    ("2021-03-05 10:00:05.123", "2021-03-05 10:00:05.123", SECONDS),
    ("2021-03-05T02:00:05.123456Z", "2021-03-05 10:00:05.123", SECONDS),
    ("2021-03-05 10:00", "2021-03-05 10:00", MINUTES),
    ("2021/3/5 10:00", "2021-03-05 10:00", MINUTES),
    ("2021/3/5 9:07", "2021-03-05 09:07", MINUTES),
    ("2021/03/05 10:00:05", AT, SECONDS),
    ("2021.3.5 10:00:05", AT, SECONDS),
    ("20210305100005", AT, SECONDS),
    ("202103051000", "2021-03-05 10:00", MINUTES),
    ("20210305T100005", AT, SECONDS),
    ("1614909605", AT, SECONDS),
    ("1614909605123", "2021-03-05 10:00:05.123", SECONDS),
    ("1614909605.5", "2021-03-05 10:00:05.500", SECONDS),
    ("1614909605123456", "2021-03-05 10:00:05.123", SECONDS),
    ("44260.416724537", AT, SECONDS),
    ("44260.41666667", "2021-03-05 10:00", MINUTES),
    ("2021年3月5日 10:00", "2021-03-05 10:00", MINUTES),
    ("2021年03月05日 10时00分05秒", AT, SECONDS),
    ("2021年3月5日10:00:05", AT, SECONDS),
    ("２０２１－０３－０５　１０：００：０５", AT, SECONDS),
    ("2021-03-05 星期五 10:00:05", AT, SECONDS),
    ("2021/3/5 下午 3:02", "2021-03-05 15:02", MINUTES),
    ("2021/3/5 上午 12:02", "2021-03-05 00:02", MINUTES),
    ("2021/3/5 3:02:01 PM", "2021-03-05 15:02:01", SECONDS),
    ("[2021-03-05 10:00:05]", AT, SECONDS),
]


@pytest.mark.parametrize(("text", "time", "precision"), FORMS)
def test_each_form_alone(text: str, time: str, precision: int) -> None:
    times, shown, bad = parse_times(pd.Series([text]))
    assert not bad[0]
    assert times[0] == pd.Timestamp(time)
    assert shown[0] == precision
    assert str(times.dtype) == "datetime64[ms]"
    assert shown.dtype == np.int8


def test_all_forms_in_one_column_and_an_index_that_is_not_a_range() -> None:
    texts = [f for f, _, _ in FORMS if not f.startswith("442")]
    series = pd.Series([*texts, "", "昨天 10:00"], index=range(5, 7 + len(texts)))
    times, precision, bad = parse_times(series)
    assert times.index.equals(series.index)
    assert list(times[:-2]) == [pd.Timestamp(t) for f, t, _ in FORMS if not f.startswith("442")]
    assert list(precision[:-2]) == [p for f, _, p in FORMS if not f.startswith("442")]
    assert list(bad) == [False] * len(texts) + [False, True]
    assert times.isna().tolist() == [False] * len(texts) + [True, True]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5分钟前", RELATIVE),
        ("昨天 10:00", RELATIVE),
        ("10:00", RELATIVE),
        ("刚刚", RELATIVE),
        ("3 minutes ago", RELATIVE),
        ("2021-02-30 10:00:00", IMPOSSIBLE),
        ("2021-13-01 10:00", IMPOSSIBLE),
        ("2021-03-05 24:00:00", IMPOSSIBLE),
        ("2021-03-05 10:60", IMPOSSIBLE),
        ("2021/2/29 10:00", IMPOSSIBLE),
        ("20210230100000", IMPOSSIBLE),
        ("2021-03-05T10:00:00+99:00", IMPOSSIBLE),
        ("1970-01-01 00:00:00", IMPOSSIBLE),
        ("9999-01-01 00:00:00", IMPOSSIBLE),
        ("2021-03-05", DATE_ONLY),
        ("2021/3/5", DATE_ONLY),
        ("20210305", DATE_ONLY),
        ("2021年3月5日", DATE_ONLY),
        ("abc", UNREADABLE),
        ("0", UNREADABLE),
        ("-1", UNREADABLE),
        ("1.6E+12", UNREADABLE),
        ("99999999999999999999", UNREADABLE),
        ("2021-03-05 10:00:05 extra", UNREADABLE),
        ("3/5/2021 10:00", UNREADABLE),
    ],
)
def test_what_is_no_time_is_bad_and_says_why(text: str, reason: str) -> None:
    times, _, bad = parse_times(pd.Series([text, AT]))
    assert bad.tolist() == [True, False]
    assert times.isna().tolist() == [True, False]
    assert why_bad(text) == reason


def test_times_without_a_year_take_the_newest_past_year() -> None:
    now = dt.datetime.now()
    later = now + dt.timedelta(days=40)
    text = [now.strftime("%m-%d 00:00:00"), f"{later.month}-{later.day} 10:00:05", "2-29 10:00"]
    times, precision, bad = parse_times(pd.Series(text))
    assert not bad.any()
    assert times[0] == pd.Timestamp(now.date())
    assert times[1].date() == dt.date(later.year - 1, later.month, later.day)
    assert (times[2].month, times[2].day) == (2, 29)
    assert times[2] <= pd.Timestamp(now)
    assert precision.tolist() == [SECONDS, SECONDS, MINUTES]


def test_the_year_option_settles_times_without_a_year() -> None:
    times, _, bad = parse_times(pd.Series(["2-29 10:00", "12-31 23:59:59"]), year=2023)
    assert bad.tolist() == [True, False]
    assert times[1] == pd.Timestamp("2023-12-31 23:59:59")


def test_numbers_and_their_missing_values() -> None:
    times, _, bad = parse_times(pd.Series([1614909605, 1614909605123, 20210305100005, 44260, 7]))
    assert times[:3].dt.floor("s").eq(pd.Timestamp(AT)).all()
    assert times[3] == pd.Timestamp("2021-03-05")
    assert bad.tolist() == [False, False, False, False, True]
    times, precision, bad = parse_times(pd.Series([1614909605.0, np.nan, 44260.5, -np.inf]))
    assert times.isna().tolist() == [False, True, False, True]
    assert bad.tolist() == [False, False, False, True]


def test_excel_serials_show_seconds_where_one_of_them_does() -> None:
    _, precision, _ = parse_times(pd.Series([44260.5, 44260.416724537]))
    assert precision.tolist() == [SECONDS, SECONDS]
    _, precision, _ = parse_times(pd.Series([44260.5, 44260.25]))
    assert precision.tolist() == [MINUTES, MINUTES]


def test_native_datetimes_objects_and_categories() -> None:
    utc = dt.datetime(2021, 3, 5, 2, 0, 5, tzinfo=dt.UTC)
    objects = pd.Series(
        [dt.datetime(2021, 3, 5, 10, 0, 5), utc, None, 1614909605, "2021-03-05 10:00", pd.NaT], dtype=object
    )
    times, precision, bad = parse_times(objects)
    assert times[[0, 1, 3]].eq(pd.Timestamp(AT)).all()
    assert times.isna().tolist() == [False, False, True, False, False, True]
    assert not bad.any()
    assert precision[4] == MINUTES
    assert parse_times(pd.Series([utc]))[0][0] == pd.Timestamp(AT)
    times, _, bad = parse_times(pd.Series([AT, "x", None], dtype="category"))
    assert times[0] == pd.Timestamp(AT)
    assert bad.tolist() == [False, True, False]


def test_empty_series_and_unknown_zone() -> None:
    times, precision, bad = parse_times(pd.Series([], dtype="str"))
    assert len(times) == len(precision) == len(bad) == 0
    with pytest.raises(UserError, match="time zone"):
        parse_times(pd.Series([AT]), timezone="Asia/Beijing!")


def test_another_zone() -> None:
    times, _, _ = parse_times(pd.Series(["2021-07-05T02:00:05Z"]), timezone="America/New_York")
    assert times[0] == pd.Timestamp("2021-07-04 22:00:05")


moments = st.datetimes(dt.datetime(1995, 1, 1), dt.datetime(2090, 1, 1)).map(lambda t: t.replace(microsecond=0))
WRITERS = [
    lambda t: t.isoformat(" "),
    lambda t: t.isoformat() + "+08:00",
    lambda t: (t - dt.timedelta(hours=8)).isoformat() + "Z",
    lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02}:{t.second:02}",
    lambda t: t.strftime("%Y%m%d%H%M%S"),
    lambda t: f"{t.year}年{t.month}月{t.day}日 {t.hour}:{t.minute:02}:{t.second:02}",
    lambda t: str(int((t - dt.datetime(1970, 1, 1, 8)).total_seconds())),
    lambda t: str(int((t - dt.datetime(1970, 1, 1, 8)).total_seconds()) * 1000),
    lambda t: str((t - dt.datetime(1899, 12, 30)).total_seconds() / 86400),
]


@given(st.lists(st.tuples(moments, st.sampled_from(WRITERS)), min_size=1, max_size=30))
def test_every_written_form_comes_back(given_: list) -> None:
    texts = pd.Series([w(t) for t, w in given_], dtype="str")
    times, _, bad = parse_times(texts)
    assert not bad.any(), texts[bad]
    assert times.tolist() == [pd.Timestamp(t) for t, _ in given_]


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_text_is_a_time_empty_or_bad(texts: list[str]) -> None:
    series = pd.Series(texts, dtype="str")
    times, precision, bad = parse_times(series)
    told = series.map(lambda t: any(c.isalnum() for c in t)).to_numpy(dtype=bool)
    assert (times.notna().to_numpy() ^ bad)[told].all()
    assert times[series.eq("").to_numpy()].isna().all()
    assert not bad[series.eq("").to_numpy()].any()
    assert set(precision) <= {SECONDS, MINUTES}
    assert times[bad].isna().all()
