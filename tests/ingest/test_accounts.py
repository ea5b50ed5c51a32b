import pytest

from audit.ingest.accounts import digest, is_masked, looks_like_shop, platform_of, seller, shops_among, split_account
from audit.ingest.model import ReadOptions


@pytest.mark.parametrize(
    ("nick", "account"),
    [
        ("鹿鸣茶器:阿瓷", ("鹿鸣茶器", "阿瓷")),
        ("cntaobao鹿鸣茶器：阿瓷", ("鹿鸣茶器", "阿瓷")),
        ("鹿鸣茶器:", ("鹿鸣茶器", "鹿鸣茶器")),
        ("阿涛爱下雨", ("", "阿涛爱下雨")),
    ],
)
def test_split_account(nick: str, account: tuple[str, str]) -> None:
    assert split_account(nick) == account


def test_sellers() -> None:
    shops = shops_among(["鹿鸣茶器:阿瓷", "阿涛"], "岚山文具店")
    assert shops == {"鹿鸣茶器", "岚山文具店"}
    assert seller("鹿鸣茶器", shops) == ("鹿鸣茶器", "鹿鸣茶器")
    assert seller("阿涛", shops) is None


def test_names() -> None:
    assert is_masked("t***1") and is_masked("景＊＊") and is_masked("") and not is_masked("景云")
    assert looks_like_shop("岚山文具店") and not looks_like_shop("阿涛爱下雨")
    assert platform_of("岚山文具旗舰店", ReadOptions()) == "tmall"
    assert platform_of("岚山文具店", ReadOptions()) == "taobao"
    assert platform_of("岚山文具旗舰店", ReadOptions(platform="taobao")) == "taobao"
    assert digest("a", "b") != digest("ab") and len(digest("a")) == 12
