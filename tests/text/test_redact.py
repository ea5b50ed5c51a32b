from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.text.redact import MASK, PREFILTER, id_card, luhn, mask, mask_many

HIDDEN = [
    ("加我电话13800138000哦", "加我电话138****8000哦"),
    ("+86 138-0013-8000", "+86 138-****-8000"),
    ("8613800138000", "86138****8000"),
    ("138 0013 8000", "138 **** 8000"),
    ("138-001-38000", "138-***-*8000"),
    ("1 3 8 0 0 1 3 8 0 0 0", "1 3 8 * * * * 8 0 0 0"),
    ("１３８００１３８０００", "１３８****８０００"),
    ("幺三八零零幺三八零零零", "***********"),
    ("0571-88123456", "****-******56"),
    ("（010）62345678", "（***）******78"),
    ("身份证11010519491231002X", "身份证1****************X"),
    ("卡号6222 0212 3456 7894", "卡号**** **** **** 7894"),
    ("6222021234567894", "************7894"),
    ("订单号：1234567890123456789", "订单号：***************6789"),
    ("210305-123456789012345", "******-***********2345"),
    ("订单编号 88273645512", "订单编号 *******5512"),
    ("加微信abc12345", "加微信********"),
    ("vx：wxid_8abc", "vx：*********"),
    ("我的微信号是 zhang_san88", "我的微信号是 ***********"),
    ("ＱＱ１２３４５６７８ qq：123456", "ＱＱ******** qq：******"),
    ("QQ群 12345678", "QQ群 ********"),
    ("a.b@example.com", "a**@example.com"),
    ("收件人：王小明 电话", "收件人：王** 电话"),
    ("收货地址：云岭省花溪市河东区青石路1号2栋301室", "收货地址：" + "*" * 20),
    ("寄到云岭省花溪市河东区青石路18号3栋502室可以吗", "寄到云岭省花溪市" + "*" * 15 + "可以吗"),
    ("请寄到青石东路18号3栋502室，谢谢", "请寄" + "*" * 14 + "，谢谢"),
    ("云岭省花溪市河东县白石镇大坪村的", "云岭省花溪市" + "*" * 9 + "的"),
]

PLAIN = [
    "价格139.9元，满300减30",
    "2024-01-01 12:30:05 到 2024/1/2",
    "20240101 20240101123005",
    "尺码165/88A，身高165体重120",
    "150 155 160 165 170 175",
    "120*60*45cm",
    "型号RTX4090-24G 5000mAh 100000毫安",
    "6901234567892",
    "微信iPhone版能用吗",
    "收货地址可以改吗",
    "退货地址是什么时候给我",
    "收货人信息填错了",
    "收件人是我朋友",
    "这条街2楼有家店",
    "1号线路怎么走 线路2号 路由器3号",
    "走路1号链接 这款3号色",
    "知道了，区别不大，村里也能送",
    "SJ-200X 和 VX-200 有什么区别",
    "我加了 a@b 组",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_personal_data_is_masked_in_place(text: str, shown: str) -> None:
    assert mask(text) == shown
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize("text", PLAIN)
def test_prices_dates_sizes_and_models_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_the_prefilter_lets_each_form_through(text: str, shown: str) -> None:
    assert mask_many(pd.Series([text])).tolist() == [shown]


def test_many_keeps_index_and_missing_values() -> None:
    column = pd.Series(["13800138000", None, "好的", "13800138000"], index=[7, 3, 5, 1], dtype="str")
    out = mask_many(column)
    assert out.index.tolist() == [7, 3, 5, 1]
    assert out.tolist() == ["138****8000", "", "好的", "138****8000"]
    assert mask_many(pd.Series([], dtype="str")).tolist() == []


def test_many_looks_only_at_texts_with_a_cue(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("audit.text.redact.mask", lambda t: seen.append(t) or t)
    mask_many(pd.Series(["好的亲", "我知道了", "13800138000", "13800138000"] * 50))
    assert seen == ["13800138000"]


ALPHABET = st.sampled_from(
    list("0123456789 -—.:：@xX省市区县镇村路号栋室街微信vxqq收货地址件人张三李abZ_，。😀１２３*")
)


@given(st.text(ALPHABET, max_size=60))
def test_masking_keeps_length_and_is_idempotent(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once
    assert all(a == b or b == MASK for a, b in zip(text, once, strict=True))


@given(st.text(max_size=80))
def test_any_text_keeps_length(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once


@given(st.lists(st.text(ALPHABET, max_size=40), max_size=20))
def test_column_and_single_texts_agree(texts: list[str]) -> None:
    assert mask_many(pd.Series(texts, dtype="str")).tolist() == [mask(t) for t in texts]


@given(st.text(st.sampled_from(list("亲这款有现货今天能发出吗谢谢好的呢，。！？")), max_size=40), st.integers(0, 99999))
def test_ordinary_texts_are_unchanged(text: str, price: int) -> None:
    assert mask(f"{text}{price}元") == f"{text}{price}元"


@given(st.integers(0, 10**8 - 1), st.sampled_from("3456789"), st.sampled_from(["", " ", "-"]))
def test_every_mobile_number_loses_its_middle(rest: int, second: str, gap: str) -> None:
    digits = f"1{second}{rest:09d}"
    number = gap.join([digits[:3], digits[3:7], digits[7:]])
    out = mask(f"打{number}吧")
    assert number not in out
    assert out.count(MASK) == 4


@given(st.text(st.sampled_from("0123456789"), min_size=15, max_size=15))
def test_luhn_and_prefilter_hold(body: str) -> None:
    good = next(body + c for c in "0123456789" if luhn(body + c))
    assert sum(luhn(body + c) for c in "0123456789") == 1
    spaced = " ".join(good[i : i + 4] for i in range(0, 16, 4))
    assert good[:12] not in mask(good)
    assert mask(spaced).count(MASK) >= 12


def test_identity_check_digit() -> None:
    assert id_card("11010519491231002X")
    assert not id_card("110105194912310021")


def test_hostile_texts_take_bounded_time() -> None:
    for text in ("地址: " * 4000, "省市区镇村" * 4000, "1 3 " * 5000, "a" * 20000 + "@", "一" * 20000):
        assert len(mask(text)) == len(text)


def test_prefilter_is_plain_regex() -> None:
    assert isinstance(PREFILTER, str)
    assert not pd.Series(["亲，知道了"]).str.contains(PREFILTER, regex=True).any()
