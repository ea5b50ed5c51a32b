from pathlib import Path

import pytest

from audit.errors import UserError
from audit.ingest import wangwang_txt as wangwang
from tests.ingest.written import STRANGERS, others_are_not, read, source, spelt

CHAT = """雨山雨伞旗舰店:小禾
2026-11-09
2026-11-09 10:00:12 爱下雨的阿涛 伞柄断了
2026-11-09 10:00:40 雨山雨伞旗舰店:小禾 抱歉，拍一张看看
可以吗？

谢谢
2026-11-09 10:01:05 爱下雨的阿涛 <img src="https://img.example.com/b.jpg">
2026-11-09 10:02 系统提示:由 小禾 转交给 店长
2026-11-09 10:03:00 雨山雨伞旗舰店 给您补发
2026-11-10
2026-11-10 09:00:00 雨山雨伞旗舰店:小禾 早上好
2026-11-10 09:00:01 云***朵 系统提醒：对方正在输入
2026-11-10 09:00:30 云***朵 在
"""


def test_rows_are_what_the_file_says() -> None:
    frame, bad = read(wangwang, source(CHAT.encode("gb18030")))
    assert bad == []
    assert set(frame["shop"]) == {"雨山雨伞旗舰店"} and set(frame["platform"]) == {"tmall"}
    assert spelt(frame, "source_row", "sent_at", "precision", "sender", "buyer", "agent", "kind", "text") == [
        (3, "2026-11-09 10:00:12", 1, "buyer", "爱下雨的阿涛", "", "text", "伞柄断了"),
        (4, "2026-11-09 10:00:40", 1, "agent", "爱下雨的阿涛", "小禾", "text", "抱歉，拍一张看看\n可以吗？\n\n谢谢"),
        (8, "2026-11-09 10:01:05", 1, "buyer", "爱下雨的阿涛", "", "text", "[图片]"),
        (9, "2026-11-09 10:02:00", 60, "system", "爱下雨的阿涛", "", "event", "由 小禾 转交给 店长"),
        (10, "2026-11-09 10:03:00", 1, "agent", "爱下雨的阿涛", "雨山雨伞旗舰店", "text", "给您补发"),
        (12, "2026-11-10 09:00:00", 1, "agent", "云***朵", "小禾", "text", "早上好"),
        (13, "2026-11-10 09:00:01", 1, "system", "云***朵", "", "event", "对方正在输入"),
        (14, "2026-11-10 09:00:30", 1, "buyer", "云***朵", "", "text", "在"),
    ]
    assert frame["session"].nunique() == 2
    assert frame["session"].str.slice(0, 10).tolist() == ["2026-11-09"] * 5 + ["2026-11-10"] * 3


def test_a_session_is_the_same_in_a_longer_export() -> None:
    short = read(wangwang, source("\n".join(CHAT.split("\n")[:4])))[0]
    assert set(short["session"]) < set(read(wangwang, source(CHAT))[0]["session"])


def test_a_file_without_header_or_date_lines() -> None:
    text = "2026-11-09 10:00:12 阿涛 在吗\n2026-11-09 10:00:40 鹿鸣茶器:阿瓷 在\n2026-11-09 10:00:50 阿***宝 在吗\n"
    frame, _ = read(wangwang, source(text))
    assert spelt(frame, "sender", "buyer", "agent") == [
        ("buyer", "阿涛", ""),
        ("agent", "阿涛", "阿瓷"),
        ("buyer", "阿***宝", ""),
    ]
    assert frame["session"].tolist()[:2] == ["", ""] and frame["session"].iloc[2]
    assert wangwang.sniff(source(text)) == 0.7


def test_a_main_account_needs_the_shops_name() -> None:
    text = "2026-11-09\n2026-11-09 10:00:12 阿涛 在吗\n2026-11-09 10:00:40 鹿鸣茶器 在\n"
    with pytest.raises(UserError, match="names no shop") as caught:
        read(wangwang, source(text))
    assert "--shop" in caught.value.fix
    frame, _ = read(wangwang, source(text), shop="鹿鸣茶器")
    assert frame["sender"].tolist() == ["buyer", "agent"]


def test_text_before_the_first_message_and_bad_times() -> None:
    frame, bad = read(
        wangwang, source(CHAT.replace("2026-11-10\n", "2026-11-10\n散句\n").replace("10:03:00", "10:63:00"))
    )
    assert [(b.row, b.column) for b in bad] == [(12, ""), (10, "time")]
    assert len(frame) == 8 and frame["sent_at"].isna().sum() == 1


def test_sniff() -> None:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        assert wangwang.sniff(source(CHAT.encode(encoding))) == 0.95
    others = [text for text in STRANGERS if text != STRANGERS[2]]
    others_are_not(
        wangwang,
        *others,
        "2026-11-09 10:00:00 张三\n你好\n2026-11-09 10:00:05 李四\n好的\n",
        "2026-11-09 10:00:00 INFO 启动\n2026-11-09 10:00:05 WARN 结束\n",
    )


def test_sample(samples: Path) -> None:
    given = source((samples / "tmall_wangwang_gb18030.txt").read_bytes())
    frame, bad = read(wangwang, given)
    assert (len(frame), frame["session"].nunique(), frame["buyer"].nunique(), bad) == (49, 10, 8, [])
    assert frame["sender"].value_counts().to_dict() == {"agent": 25, "buyer": 23, "system": 1}
