"""Amounts that agents grant: numbers in digits and characters, and what is no grant."""

import pytest

from audit.shapes.money import grants, yuan


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30.5", 30.5),
        ("五十", 50),
        ("十五", 15),
        ("一百二", 120),
        ("一百零五", 105),
        ("两千三百", 2300),
        ("一千二", 1200),
        ("两", 2),
    ],
)
def test_yuan(text: str, value: float) -> None:
    assert yuan(text) == value


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("给您退差价50元", [50]),
        ("差价再退您十五块", [15]),
        ("安装费多的1元也退您", [1]),
        ("赔您5块5", [5.5]),
        ("给您补偿20元,差价30元也退您", [20, 30]),
        ("抱歉,50元补偿不了", []),
        ("这款399元", []),
        ("运费40元", []),
        ("满300减50元", []),
        ("您补5元差价链接就行", []),
        ("给您全额退款299元", []),
        ("如果超时发货,会赔您50元", []),
    ],
)
def test_grants(text: str, amounts: list[float]) -> None:
    assert [g.yuan for g in grants(text)] == amounts


def test_place_is_the_amount() -> None:
    text = "亲,给您退差价50元哦"
    (grant,) = grants(text)
    assert text[grant.start : grant.end] == "50元" and not grant.more
    assert grants("另外再补您20元")[0].more
