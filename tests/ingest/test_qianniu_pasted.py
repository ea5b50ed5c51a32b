from pathlib import Path

import pytest

from audit.errors import UserError
from audit.ingest import qianniu_pasted as pasted
from audit.ingest.roles import settle
from tests.ingest.written import STRANGERS, others_are_not, read, source, spelt

CHAT = """竹***青:这把伞是全自动的吗
雨山雨伞旗舰店:服务助手:您好，自动收开，按一下就好
竹***青:人工呢
竹***青:由 服务助手 转交给 小禾
雨山雨伞旗舰店:小禾:在的亲，半自动哦：
伞面：碰击布
伞骨：八根 https://img.example.com/a b
竹***青:地址:山阴路 3 号，发顺丰
雨山雨伞旗舰店:小禾:<img class="p" src="https://img.example.com/san.jpg">

竹***青：破了个洞/:>O<
雨山雨伞旗舰店：小禾：https://img.example.com/dong.png
雨山雨伞旗舰店：小禾：目前版本不支持该功能,请升级
"""


def test_rows_are_what_the_paste_says() -> None:
    frame, bad = read(pasted, source(CHAT))
    assert bad == []
    assert set(frame["platform"]) == {"tmall"} and set(frame["shop"]) == {"雨山雨伞旗舰店"}
    assert set(frame["buyer"]) == {"竹***青"} and frame["sent_at"].isna().all()
    assert spelt(frame, "source_row", "sender", "agent", "text") == [
        (1, "buyer", "", "这把伞是全自动的吗"),
        (2, "agent", "服务助手", "您好，自动收开，按一下就好"),
        (3, "buyer", "", "人工呢"),
        (4, "buyer", "", "由 服务助手 转交给 小禾"),
        (5, "agent", "小禾", "在的亲，半自动哦：\n伞面：碰击布\n伞骨：八根 https://img.example.com/a b"),
        (8, "buyer", "", "地址:山阴路 3 号，发顺丰"),
        (9, "agent", "小禾", "[图片]"),
        (11, "buyer", "", "破了个洞/:>O<"),
        (12, "agent", "小禾", "[图片]"),
        (13, "agent", "小禾", "目前版本不支持该功能,请升级"),
    ]
    first, second = frame["session"].iloc[0], frame["session"].iloc[7]
    assert first != second and set(frame["session"]) == {first, second} and len(first) == 12


def test_roles_of_a_paste() -> None:
    (part,) = pasted.read(source(CHAT), pasted.ReadOptions())
    frame = settle(part.frame)
    assert spelt(frame, "sender", "kind", "auto", "event", "event_value") == [
        ("buyer", "text", "", "", {}),
        ("robot", "text", "true", "", {}),
        ("buyer", "text", "", "", {}),
        ("system", "event", "", "transfer", {"from": "服务助手", "to": "小禾"}),
        ("agent", "text", "", "", {}),
        ("buyer", "text", "", "", {}),
        ("agent", "image", "", "", {}),
        ("buyer", "text", "", "", {}),
        ("agent", "image", "", "", {}),
        ("agent", "card", "", "", {}),
    ]


def test_a_session_follows_from_its_words_alone() -> None:
    blocks = CHAT.strip().split("\n\n")
    whole = read(pasted, source(CHAT))[0]
    turned = read(pasted, source("\n\n\n".join(blocks[::-1]).replace("\n", "\r\n").encode("utf-16"), "other.txt"))[0]
    assert set(whole["session"]) == set(turned["session"])
    twice = read(pasted, source("\n\n".join([*blocks, blocks[0]])))[0]
    assert twice["session"].nunique() == 3
    changed = read(pasted, source(CHAT.replace("破了个洞", "破了两个洞")))[0]
    assert changed["session"].iloc[0] == whole["session"].iloc[0]
    assert changed["session"].iloc[-1] != whole["session"].iloc[-1]


def test_full_nicks_and_labels_inside_messages() -> None:
    text = """山茶花开了:有大号的吗
鹿鸣茶器:阿瓷:有的，参数如下
容量：300
产地：德化
http://example.com/x
山茶花开了:容量:要 400 的
鹿鸣茶器:阿瓷:没有

爱喝茶的老李:茶盘漏水
鹿鸣茶器:小青:我看看
"""
    frame, bad = read(pasted, source(text))
    assert bad == []
    assert spelt(frame, "sender", "buyer", "agent", "text") == [
        ("buyer", "山茶花开了", "", "有大号的吗"),
        ("agent", "山茶花开了", "阿瓷", "有的，参数如下\n容量：300\n产地：德化\nhttp://example.com/x"),
        ("buyer", "山茶花开了", "", "容量:要 400 的"),
        ("agent", "山茶花开了", "阿瓷", "没有"),
        ("buyer", "爱喝茶的老李", "", "茶盘漏水"),
        ("agent", "爱喝茶的老李", "小青", "我看看"),
    ]
    assert set(frame["platform"]) == {"taobao"}


def test_buyers_without_blank_lines_between_them() -> None:
    text = "云***朵:在吗\n鹿鸣茶器:阿瓷:在\n鹿***角:有货吗\n鹿鸣茶器:阿瓷:有\n鹿***角:好\n"
    frame, _ = read(pasted, source(text))
    assert frame["buyer"].tolist() == ["云***朵", "云***朵", "鹿***角", "鹿***角", "鹿***角"]
    assert frame["session"].nunique() == 2


def test_main_account_several_shops_and_a_blank_line_inside_a_message() -> None:
    text = """云***朵:发什么快递
鹿鸣茶器专营店:鹿鸣茶器专营店:第一行

第三行
鹿鸣茶器专营店:中通

木***木:在吗
岚山文具店:小岚:在
"""
    frame, bad = read(pasted, source(text))
    assert bad == []
    assert spelt(frame, "platform", "shop", "agent", "text") == [
        ("tmall", "鹿鸣茶器专营店", "", "发什么快递"),
        ("tmall", "鹿鸣茶器专营店", "鹿鸣茶器专营店", "第一行\n第三行"),
        ("tmall", "鹿鸣茶器专营店", "鹿鸣茶器专营店", "中通"),
        ("taobao", "岚山文具店", "", "在吗"),
        ("taobao", "岚山文具店", "小岚", "在"),
    ]


def test_platform_option_and_lines_that_cannot_be_read() -> None:
    frame, bad = read(pasted, source("聊天记录导出\n" + CHAT), platform="taobao")
    assert set(frame["platform"]) == {"taobao"}
    assert [(b.row, b.reason) for b in bad] == [(1, "no speaker before the text")]
    raw = CHAT.encode("gb18030").replace("人工呢".encode("gb18030"), b"\xff\xff\xff")
    frame, bad = read(pasted, source(raw))
    assert [(b.row, b.column) for b in bad] == [(3, "encoding")]
    assert len(frame) == 9 and frame["session"].nunique() == 2


def test_no_shop_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(UserError, match="cannot be told apart") as caught:
        read(pasted, source("小明:在吗\n小红:在的\n", "a.txt"))
    assert caught.value.where == "a.txt" and "--shop" in caught.value.fix


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_and_sniff(encoding: str) -> None:
    given = source(CHAT.encode(encoding))
    assert pasted.sniff(given) == 0.9
    assert read(pasted, given)[0]["text"].tolist() == read(pasted, source(CHAT))[0]["text"].tolist()


def test_others_are_turned_down() -> None:
    others = [text for text in STRANGERS if text != STRANGERS[1]]
    others_are_not(
        pasted,
        *others,
        "INFO:root:启动完成\nWARN:root:内存不足\nINFO:root:结束\n",
        "name: 小麦\nshop: 青禾\ntime: 10:00\n",
        "张三 (2026-11-09 10:00:00): 你好\n李四 (2026-11-09 10:00:05): 好\n",
        "2026-11-09 10:00:00 张三\n你好：在吗\n",
        "|-----|\n日期    2026-11-09\n张三(1)    20:10:45\n亲：您好\n",
        "时间,发送者,内容\n2026-11-09T10:00:00,张三,你好\n2026-11-09T10:00:01,李四,好\n",
    )


def test_nul_bytes_long_lines_and_blank_files() -> None:
    frame, _ = read(pasted, source(CHAT.replace("人工呢", "人\0工呢" + "长" * 1_000_000)))
    assert len(frame) == 10 and len(frame["text"].iloc[2]) > 1_000_000
    with pytest.raises(UserError):
        read(pasted, source(" \n\n"))


def test_samples(samples: Path) -> None:
    for name, dialogues, messages, shop in (
        ("taobao_pasted.txt", 9, 62, "小满零食铺"),
        ("tmall_pasted_utf16.txt", 6, 33, "青禾家居旗舰店"),
    ):
        given = source((samples / name).read_bytes(), name)
        assert pasted.sniff(given) == 0.9
        frame, bad = read(pasted, given)
        assert (frame["session"].nunique(), len(frame), set(frame["shop"]), bad) == (dialogues, messages, {shop}, [])
