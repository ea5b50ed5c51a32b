"""Texts as they are meant: terms by sound, spelt and mixed with initials, in their frames; ordinary texts untouched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.backends.terms import TermMatcher
from audit.chats.heard import undone
from audit.chats.texts import Texts
from audit.engine.part import matcher_for
from audit.text.glyphs import decoded
from audit.text.lexicon import Entry, Lexicon
from audit.text.steps import decoded_by


def entry(term: str, views: str, exceptions: str = "", frame: str = "", line: int = 1) -> Entry:
    return Entry(
        "words", term, "", (), tuple(exceptions.split("|")) if exceptions else (), frame, tuple(views.split("|")), "",
        "own", "2026-11-22", line,
    )  # fmt: skip


def meant(texts: list[str], *entries: Entry) -> Texts:
    matcher = TermMatcher({"words": Lexicon("words", entries)}) if entries else matcher_for()
    plain = Texts(texts, matcher)
    return undone(plain, decoded(plain.view))


def read(text: str, *entries: Entry) -> list[tuple[str, str, str]]:
    """(quote, what it says, steps) of the terms of the texts as they are meant."""
    texts = meant([text], *entries)
    found = texts.matches("words")
    says = [texts.view.string[a:b] for a, b in zip(found.start, found.end, strict=True)]
    return list(zip(texts.view.quotes(found.start, found.end), says, map(decoded_by, found.steps), strict=True))


ZHANG = entry("智障", "folded|decoded|pinyin:person", "只张")
PING = entry("好评", "folded|decoded|pinyin:reward")
XIN = entry("加微信", "folded|decoded|pinyin")


@pytest.mark.parametrize(
    ("text", "term", "quote", "steps"),
    [
        ("你是制瘴吧", ZHANG, "制瘴", "同音"),
        ("你是zhi zhang吧", ZHANG, "zhi zhang", "拼音"),
        ("ZhiZhang，说你呢，你个zhi障", ZHANG, "zhi障", "拼音"),
        ("你才z障", ZHANG, "z障", "首字母"),
        ("你个智Ｚ", ZHANG, "智Ｚ", "首字母"),
        ("毫坪返三元", PING, "毫坪", "形近、同音"),
        ("h评返三元", PING, "h评", "首字母"),
        ("嘉薇芯聊", XIN, "嘉薇芯", "同音"),
        ("jia wēi信聊", XIN, "jia wēi信", "形近、拼音"),
    ],
)
def test_terms_are_heard_and_quoted_as_written(text: str, term: Entry, quote: str, steps: str) -> None:
    assert read(text, term) == [(quote, term.term, steps)]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("我是制瘴吧", ZHANG),  # nobody addressed
        ("你要的纸张到了", ZHANG),  # a common word
        ("你这一只张着嘴", ZHANG),  # an exception of its sound
        ("你的z章怎么盖", ZHANG),  # initials only beside the term's own characters
        ("你的a-z障碍赛", ZHANG),  # no token
        ("你的xzhizhangx", ZHANG),  # no pinyin from end to end
        ("毫坪截图给我", PING),  # no reward
        ("您看好屏幕再送去", PING),  # reaches into a common word
        ("加薇甘菊", XIN),
    ],
)
def test_ordinary_texts_are_left_alone(text: str, term: Entry) -> None:
    assert read(text, term) == []


def test_a_term_that_is_not_declared_for_sound_is_not_heard() -> None:
    assert read("你是制瘴吧", entry("智障", "folded|decoded")) == []


def test_a_term_may_match_in_the_decoded_view_alone() -> None:
    clown = entry("小丑", "decoded", frame="person")
    assert read("你就是个🤡", clown) == [("🤡", "小丑", "表情或数字")]
    matcher = TermMatcher({"words": Lexicon("words", (clown,))})
    assert len(Texts(["你就是个小丑"], matcher).matches("words")) == 0


def test_an_exception_of_the_sound_leaves_written_terms_alone() -> None:
    gold = entry("现金", "folded|pinyin:review", "鲜金")
    listed = entry("鲜金", "folded", line=2)
    matcher = TermMatcher({"words": Lexicon("words", (gold, listed))})
    assert len(Texts(["好评领鲜金"], matcher).matches("words")) == 1
    assert read("好评领鲜金", gold, listed) == []


def test_the_longest_sound_wins_and_several_stand_in_one_text() -> None:
    longer = entry("加微信群", "folded|decoded|pinyin", line=2)
    texts = meant(["嘉威心裙和佳唯鑫聊", "在吗", "佳唯鑫"], XIN, longer)
    assert texts.view.text(0) == "加微信群和加微信聊"
    assert texts.view.text(1) == "" and texts.view.text(2) == "加微信"


def test_emoji_that_become_two_characters_keep_their_places() -> None:
    texts = meant(["毫坪🧧红苞🧧两元"], PING, entry("红包", "folded|decoded|pinyin:review", line=2))
    assert texts.view.text(0) == "好评红包红包红包两元"
    found = texts.matches("words")
    assert texts.view.quotes(found.start, found.end) == ["毫坪", "🧧", "红苞", "🧧"]


@given(st.lists(st.text("你好坪毫评返三元hpaoing 微信薇加嘉jwx🧧⭐讠平zhi障智", max_size=24), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_every_character_keeps_a_span_of_its_own_text(values: list[str]) -> None:
    texts = meant(values, ZHANG, PING, XIN)
    view = texts.view
    assert len(view.starts) == len(values) + 1 and view.starts[-1] == len(view.codes)
    assert (np.diff(view.origin) >= 0).all()
    for number in range(len(values)):
        places = np.arange(view.starts[number], max(view.starts[number + 1] - 1, view.starts[number]))
        start, end = view.original_span(places, places + 1)
        assert (start >= 0).all() and (start < end).all() and (end <= len(values[number])).all()
