"""Whether two talks are about the same case."""

import pytest

from audit.shapes.cases import content, same_case


@pytest.mark.parametrize(
    ("now", "before", "same"),
    [
        ("订单88001换货怎么样了", "订单88001的鞋子开胶了", True),
        ("昨天漏水的事还没人来", "洗衣机漏水", True),
        ("洗衣机有几公斤的", "洗衣机漏水", False),
        ("昨天问的裙子有s吗", "电饭煲有几升的", False),
        ("还没到", "还没到", False),
    ],
)
def test_same_case(now: str, before: str, same: bool) -> None:
    assert same_case(now, before) is same


def test_content_leaves_small_words_out() -> None:
    assert content("您好,请问有什么可以帮您") == set()
    assert "漏水" in content("洗衣机漏水了")
