"""How many days ago a service was, in the buyer's words."""

import numpy as np
import pytest

from audit.chats.waits import NO_TIME
from audit.shapes.service_date import days_since

NOW = int(np.datetime64("2026-11-10T10:00:00", "ms").astype(np.int64))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("昨天做的保洁", 1),
        ("今天刚洗的鞋", 0),
        ("五天前清洗的空调", 5),
        ("一周前贴的膜", 7),
        ("11月3号洗的沙发", 7),
        ("3号洗的沙发", 7),
        ("12月30号洗的沙发", 315),
        ("上个月10号做的美缝", 31),
        ("昨天约的清洗", None),
        ("昨天收到的碗", None),
        ("上周做的保洁", None),
        ("2月31号做的保洁", None),
        ("你们洗的油烟机", None),
    ],
)
def test_days_since(text: str, days: int | None) -> None:
    assert days_since(text, NOW) == days


def test_calendar_dates_need_a_time() -> None:
    assert days_since("11月3号洗的沙发", NO_TIME) is None
    assert days_since("昨天洗的沙发", NO_TIME) == 1
