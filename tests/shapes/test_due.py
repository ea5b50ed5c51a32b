"""Times that agents name, and until when they run."""

import numpy as np
import pytest

from audit.shapes.due import times

TUESDAY = int(np.datetime64("2026-11-10T10:00:00", "ms").astype(np.int64))
EVENING = int(np.datetime64("2026-11-10T22:00:00", "ms").astype(np.int64))


def until(text: str, at: int = TUESDAY) -> list[tuple[str, str]]:
    out = []
    for when in times(text):
        moment = when.until(at)
        out.append((text[when.start : when.end], "" if moment is None else str(np.datetime64(moment, "ms"))[:19]))
    return out


@pytest.mark.parametrize(
    ("text", "said", "moment"),
    [
        ("今天给您答复", "今天", "2026-11-10T23:59:59"),
        ("今晚回复", "今晚", "2026-11-10T23:59:59"),
        ("今天上午", "今天上午", "2026-11-10T12:00:00"),
        ("下午给您", "下午", "2026-11-10T18:00:00"),
        ("明早发", "明早", "2026-11-11T12:00:00"),
        ("后天到", "后天", "2026-11-12T23:59:59"),
        ("下午3点前", "下午3点前", "2026-11-10T15:00:00"),
        ("3点前回复", "3点前", "2026-11-10T15:00:00"),
        ("11点半前", "11点半前", "2026-11-10T11:30:00"),
        ("今晚12点前", "今晚12点前", "2026-11-11T00:00:00"),
        ("明天3点", "明天3点", "2026-11-11T15:00:00"),
        ("下午三点左右", "下午三点左右", "2026-11-10T16:00:00"),
        ("15:30前", "15:30前", "2026-11-10T15:30:00"),
        ("13号前发", "13号", "2026-11-13T23:59:59"),
        ("13 号 24 点前发", "13 号 24 点前", "2026-11-14T00:00:00"),
        ("3号发", "3号", "2026-12-03T23:59:59"),
        ("11月12日上午", "11月12日上午", "2026-11-12T12:00:00"),
        ("周五发", "周五", "2026-11-13T23:59:59"),
        ("周一发", "周一", "2026-11-16T23:59:59"),
        ("下周三", "下周三", "2026-11-18T23:59:59"),
        ("这周内", "这周", "2026-11-15T23:59:59"),
        ("月底前", "月底", "2026-11-30T23:59:59"),
        ("24小时内答复", "24小时内", "2026-11-11T10:00:00"),
        ("24-48小时发", "24-48小时", "2026-11-12T10:00:00"),
        ("半小时内", "半小时内", "2026-11-10T10:30:00"),
        ("一个半小时内", "一个半小时内", "2026-11-10T11:30:00"),
        ("5分钟后回复", "5分钟后", "2026-11-10T10:10:00"),
        ("3天内发", "3天内", "2026-11-13T23:59:59"),
        ("两三天内", "两三天内", "2026-11-13T23:59:59"),
        ("4个工作日内", "4个工作日内", "2026-11-16T23:59:59"),
        ("稍后回复您", "稍后", "2026-11-11T10:00:00"),
        ("尽快处理", "尽快", "2026-11-11T10:00:00"),
    ],
)
def test_a_time_runs_until(text: str, said: str, moment: str) -> None:
    assert until(text) == [(said, moment)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("9点前给您", "2026-11-11T09:00:00"),
        ("上午给您", "2026-11-11T12:00:00"),
        ("11点前给您", "2026-11-10T23:00:00"),
        ("今天下午给您", "2026-11-10T23:59:59"),
    ],
)
def test_what_has_passed_is_the_next_such_moment(text: str, moment: str) -> None:
    assert until(text, EVENING)[0][1] == moment


@pytest.mark.parametrize(
    "text", ["快一点", "有点慢", "7天无理由", "第3天", "换成1:1的", "新华路12号", "3号线", "2日常"]
)
def test_no_time(text: str) -> None:
    assert [u for u in until(text) if u[1]] == []


def test_there_is_no_thirty_first_of_november() -> None:
    assert until("11月31号发") == [("11月31号", "")]


def test_a_range_begins_today_and_a_day_is_one_day() -> None:
    today = TUESDAY // 86_400_000
    (span,), (day,) = times("48小时内"), times("明天下午")
    assert span.days(TUESDAY) == (today, today + 2)
    assert day.days(TUESDAY) == (today + 1, today + 1)
