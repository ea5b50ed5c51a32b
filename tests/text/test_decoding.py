"""Worked examples of each step, and ordinary texts in which a term must not be seen."""

from __future__ import annotations

import numpy as np
import pytest

from audit.text.glyphs import symbols
from audit.text.normalise import fold
from audit.text.pinyin import at_token_edges, initials_key, mixed_spellings, spell, to_initials, to_pinyin
from audit.text.steps import Step, decoded_by
from audit.text.views import Views

JOINED = """
亻介钅戋好谈 → 价钱好谈
犭句东西 → 狗东西
这讠平价 → 这评价
辶艮货 → 退货
氵肖息 → 消息
扌丁你 → 打你
讠青改成五分 → 请改成五分
亻尔好 → 你好
忄夬点 → 快点
纟工色 → 红色
氵⺁ → 氵⺁
君羊里说 → 群里说
米田共便 → 粪便
女且女且 → 姐姐
木目片发我 → 相片发我
反辶五块 → 返五块
力口我 → 加我
彳山兀攵信 → 微信
亻言用 → 信用
讠射讠射 → 谢谢
讠身寸谢 → 谢谢
尸米一样 → 屎一样
女子丁 → 好丁
土立土及 → 垃圾
贝曾品 → 赠品
イ尔 → 你
⻈平 → 评
扌*丁 → 打
"""

SYMBOLS = """
五⭐ → 五星
5⭐ → 五星
5🌟好 → 五星好
5️⃣颗⭐ → 五颗星
🧧三块 → 红包三块
你🐴 → 你妈
死🐷 → 死猪
🐶都不如 → 狗都不如
吃💩 → 吃屎
返💰 → 返钱
➕我 → 加我
可以+我吗 → 可以加我吗
转➕💬 → 转加微信
扫💚 → 扫微信
五★评 → 五星评
给👎🏿 → 给差评
👍🏻了再说 → 好评了再说
王8蛋 → 王八蛋
4了算了 → 四了算了
🎁一份 → 礼物一份
🔟块 → 十块
滚去☠️ → 滚去死
上🐔 → 上鸡
🧠子 → 脑子
"""

LOOKALIKE = """
差泙 → 差评
好坪返红 → 好评返红
徽信号 → 微信号
溦信 → 微信
ѕb → sb
ＳВ → sb
ѵх → vx
ⓢⓑ → sb
🆂🅱 → sb
🇸🇧 → sb
ʜᴘ → hp
ĥṕ → hp
νχ → vx
僾子 → 傻子
返砚 → 返现
不要睑 → 不要脸
拉圾 → 垃圾
女孑 → 女子
癈物 → 废物
⓵星 → 1星
⒌星 → 5星
⑩元 → 10元
㈤星 → 五星
苹价 → 评价
"""

SPACED = """
【好】【评】 → 【好评】
加，微，信 → 加微信
(返)(现) → (返现)
好/评/返/图 → 好评返图
“滚”“蛋” → “滚蛋”
你！妈 → 你妈
"""

PINYIN = """
好坪返线 → hao ping fan xian
haoping → hao ping
hao ping → hao ping
hao-ping → hao ping
Hǎopíng → hao ping
好ping → hao ping
佳微芯 → jia wei xin
jia weixin → jia wei xin
加wei信 → jia wei xin
煞笔 → sha bi
shabi → sha bi
fanxian → fan xian
fangeini → fan gei ni
xian → xian
hongbao → hong bao
chaping → cha ping
zhuanzhang → zhuan zhang
taobao → tao bao
nvren → nv ren
女人 → nv ren
亻尔好 → ni hao
你🐴 → ni ma
拉基 → la ji
闪人 → shan ren
iphone → iphone
usb → usb
500nm → 500nm
w信 → w xin
"""


def cases(block: str) -> list[tuple[str, str]]:
    return [tuple(line.split(" → ")) for line in block.strip().splitlines()]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("view", "written", "read"),
    [
        (view, *case)
        for view, block in (("joined", JOINED), ("symbols", SYMBOLS), ("lookalike", LOOKALIKE), ("spaced", SPACED))
        for case in cases(block)
    ],
)
def test_what_a_text_says(view: str, written: str, read: str) -> None:
    result = Views([written])[view]
    assert result.text(0) == read
    assert bool(result.changed()[0]) == (read != fold([written]).text(0))


@pytest.mark.parametrize(("written", "read"), cases(PINYIN))
def test_how_a_text_sounds(written: str, read: str) -> None:
    assert spell(Views([written])["pinyin"].text(0)) == read


def seen(text: str, term: str, view: str) -> list[tuple[str, str]]:
    """(quote, steps) of each place where a view shows a term."""
    views = Views(["前一条", text, "后一条"])
    chosen = views[view]
    if view.startswith("pinyin"):
        blur = view == "pinyin_fuzzy"
        keys = [to_pinyin(term, blur), *mixed_spellings(term, blur)]
    else:
        keys = [initials_key(term) if view == "initials" else term]
    found = []
    for key in keys:
        at = chosen.string.find(key)
        while at >= 0:
            start, end = np.array([at]), np.array([at + len(key)])
            latin = any(c.isascii() or 0xE800 <= ord(c) < 0xE81A for c in key)
            if not latin or at_token_edges(chosen, start, end)[0]:
                found.append((chosen.quotes(start, end)[0], decoded_by(int(chosen.steps_of(start, end)[0]))))
            at = chosen.string.find(key, at + 1)
    return found


@pytest.mark.parametrize(
    ("text", "term", "view", "quote", "steps"),
    [
        ("亲，讠平论写五🌟就行", "评论写五星", "decoded", "讠平论写五🌟", "表情或数字、拆字"),
        ("满意的话女孑讠平一下", "好评", "decoded", "女孑讠平", "形近、拆字"),
        ("给👍🏼！", "好评", "decoded", "👍🏼", "表情或数字"),
        ("要🧧吗", "红包", "decoded", "🧧", "表情或数字"),
        ("请 jia-wei-xin 聊", "加微信", "pinyin", "jia-wei-xin", "拼音"),
        ("评价截图反线哦", "返现", "pinyin", "反线", "同音"),
        ("真是个傻biu", "傻逼", "pinyin", None, None),
        ("真是个傻bi", "傻逼", "pinyin", "傻bi", "同音、拼音"),
        ("写个hp给你返", "好评", "pinyin", "hp", ""),
        ("h评一下", "好评", "pinyin", "h评", "同音"),
        ("+w信哦", "微信", "pinyin", "w信", "同音"),
        ("HP返X", "好评返现", "pinyin", "HP返X", "同音"),
        ("拼多多hao pin", "好评", "pinyin_fuzzy", "hao pin", "拼音"),
        ("nmsl", "你妈死了", "initials", "nmsl", ""),
        ("n妈sl", "你妈死了", "initials", "n妈sl", "首字母"),
        ("滚，ѕ·b", "sb", "decoded", None, None),
    ],
)
def test_a_term_is_found_and_quoted(text: str, term: str, view: str, quote: str | None, steps: str | None) -> None:
    assert seen(text, term, view) == ([(quote, steps)] if quote else [])


ORDINARY = """
USB线有吗 · 傻逼 · initials pinyin
500nm滤光片 · 你妈 · initials pinyin
NMN胶囊怎么吃 · 你妈 · initials pinyin
NMN胶囊怎么吃 · 你们 · initials pinyin
VX-200是最新款 · 微信 · initials pinyin
wx200和wx300 · 微信 · initials pinyin
型号A-SB可以 · 傻逼 · initials pinyin folded
2B铅笔考试用 · 二逼 · decoded pinyin
加V领带图案的那款 · 加微 · decoded pinyin
返修要七天 · 返现 · decoded pinyin pinyin_fuzzy
钱会原路返还 · 返现 · decoded pinyin pinyin_fuzzy
差价返还 · 返现 · decoded pinyin pinyin_fuzzy
收藏送礼 · 红包 · decoded pinyin
敏感肌有病史慎用 · 红包 · decoded pinyin
狗粮到了吗 · 狗娘 · decoded pinyin
安徽信誉好的店 · 微信 · decoded
校徽信封 · 微信 · decoded
草坪好坪数大 · 好评 · decoded
车坪差坪数 · 差评 · decoded
满3.5元减5 · 三 · symbols
苹果15和16 · 五 · symbols
谢谢亲💚 · 微信 · decoded pinyin
好的亲❤️ · 微信 · decoded pinyin
红+黑各一件 · 加 · symbols
1+1套装 · 加 · symbols
日月明朗 · 红 · joined
不用客气，口罩有货 · 甭 · joined
十八木工具 · 木目 · joined
人民币 · 佣 · joined
自己拍下未付款 · 已拍 · decoded
不用自己拆 · 已 · lookalike
门口自提 · 问 · joined
水果手工皂 · 汞 · joined
是，好的，评 · 好评 · decoded
好，亲 · 好亲 · folded
women衣服 · 微信 · pinyin
size可以改 · 死人 · pinyin
iPhone壳 · 逼 · pinyin initials
MSDS报告 · 傻逼 · initials pinyin
IoT-NB水表 · 牛逼 · initials pinyin
SB05型号 · 傻逼 · initials pinyin
https://a.cn/hp/1 · 好评 · initials pinyin
"""


@pytest.mark.parametrize(
    ("text", "term", "view"),
    [
        (text, term, view)
        for text, term, names in (line.split(" · ") for line in ORDINARY.strip().splitlines())
        for view in names.split()
    ],
)
def test_an_ordinary_text_shows_no_term(text: str, term: str, view: str) -> None:
    assert seen(text, term, view) == []


def test_a_split_that_is_also_a_word_says_so() -> None:
    view = Views(["女子评价", "讠平"])["joined"]
    assert view.text(0) == "好评价"
    assert view.steps_of(np.array([0, 4]), np.array([2, 5])).tolist() == [Step.JOINED_WORD, Step.JOINED]


def test_other_readings_of_a_symbol() -> None:
    view = fold(["🐴上发", "🧧"])
    assert [symbols(view, i).text(0) for i in range(4)] == ["妈上发", "马上发", "骂上发", "骂上发"]
    assert symbols(view, 3).text(1) == "红包"


def test_terms_by_sound() -> None:
    assert to_initials("好评返现") == "hpfx"
    assert to_initials("加V") == "jv"
    assert spell(to_pinyin("加V信")) == "jia v xin"
    assert sorted(map(spell, mixed_spellings("微信"))) == ["w xin", "wei x", "wx"]
    assert len(mixed_spellings("好评返现")) == 15
    assert mixed_spellings("好") == mixed_spellings("五⭐好评") == mixed_spellings("这一句话太长了") == []
    assert to_pinyin("生平", blur=True) == to_pinyin("森频", blur=True)
    assert to_pinyin("生平") != to_pinyin("森频")
    assert spell(initials_key("sb")) == "sb"


def test_token_edges() -> None:
    for text, expected in (
        ("sb", True),
        ("你sb啊", True),
        ("sb,滚", True),
        ("usb", False),
        ("sbs", False),
        ("5sb", False),
        ("sb5", False),
        ("sb-5", False),
        ("sb-5x", False),
        ("3-sb", False),
        ("sb-x", True),
        ("sb.滚", True),
        ("-sb-", True),
    ):
        view = fold([text])
        at = view.string.index("sb")
        assert at_token_edges(view, np.array([at]), np.array([at + 2])).tolist() == [expected], text
    assert at_token_edges(fold(["好评"]), np.array([0]), np.array([2])).tolist() == [False]
