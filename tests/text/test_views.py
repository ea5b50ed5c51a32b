"""Laws of all views: spans lie in the original, in order; clean text stays; a text reads alone as among others."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import fold_slowly

from audit.text.edits import on_texts, ordered
from audit.text.glyphs import decoded, joined, lookalike, spaced, symbols
from audit.text.normalise import SEPARATOR, View, fold
from audit.text.pinyin import initials, pinyin
from audit.text.steps import Step, decoded_by
from audit.text.views import NAMES, VIEWS, Views

CHAT = st.text(
    alphabet="好评返现您客女子讠平亻尔人口木林言米田共haopingfxwz5"
    "⭐🧧🐴👍🏻🏿\ufe0f\u20e3\u200d💚➕+*·. 【】,，。坪徽ѕⓈ①⑩\ue000★",
    max_size=24,
)
ANY = st.text(alphabet=st.characters(exclude_characters=SEPARATOR), max_size=24)
TONES = re.compile("[🏻-🏿]")  # dropped without a mark, as selectors and joiners are by folding
TEXTS = st.lists(CHAT | ANY, max_size=8)


def spans(view: View) -> tuple[np.ndarray, np.ndarray]:
    ends = view.origin + 1 if view.ends is None else view.ends
    return view.origin, ends


@given(TEXTS)
def test_folding_equals_its_slow_reference(texts: list[str]) -> None:
    view = fold(texts)
    for i, text in enumerate(texts):
        folded, places = fold_slowly(text)
        assert view.text(i) == folded
        first = int(view.original_starts[i])
        assert (view.origin[view.starts[i] : view.starts[i + 1] - 1] - first).tolist() == places


@given(st.lists(CHAT | st.just("a\x00b"), max_size=6))
def test_separators_inside_texts_are_harmless(texts: list[str]) -> None:
    view = fold(texts)
    assert [view.text(i) for i in range(len(texts))] == [fold_slowly(t)[0] for t in texts]


@given(st.lists(CHAT, max_size=6), st.booleans())
def test_arrow_columns_fold_as_lists_do(texts: list[str], chunked: bool) -> None:
    column = pa.array(["x", *texts], pa.string())[1:]
    view = fold(pa.chunked_array([column[:2], column[2:]]) if chunked else column)
    assert view.string == fold(texts).string
    assert (view.origin == fold(texts).origin).all()


def test_a_null_is_no_text() -> None:
    with pytest.raises(ValueError, match="null"):
        fold(pa.array(["a", None]))


@pytest.mark.parametrize("name", NAMES)
@given(texts=TEXTS)
def test_every_character_knows_its_span(name: str, texts: list[str]) -> None:
    view = Views(texts)[name]
    first, last = spans(view)
    assert len(first) == len(last) == len(view.codes) == int(view.starts[-1])
    assert (first < last).all()
    assert (np.diff(first) >= 0).all()
    assert (np.diff(last) >= 0).all()
    text = view.text_of(np.arange(len(first)))
    assert (first >= view.original_starts[text]).all()
    assert (last <= view.original_starts[text + 1]).all()
    overlapping = first[1:] < last[:-1]  # only several characters that stand for one may share a span
    assert (first[1:][overlapping] == first[:-1][overlapping]).all()
    assert [view.string[int(s) - 1] for s in view.starts[1:]] == [SEPARATOR] * len(texts)


@pytest.mark.parametrize("name", NAMES)
@given(texts=TEXTS)
def test_a_quote_is_a_piece_of_its_text(name: str, texts: list[str]) -> None:
    view = Views(texts)[name]
    held = np.flatnonzero(np.diff(view.starts) > 1)
    start, end = view.starts[held], view.starts[held + 1] - 1
    for i, a, b, quote in zip(held, *view.original_span(start, end), view.quotes(start, end), strict=True):
        assert texts[i][a:b] == quote


@pytest.mark.parametrize("name", NAMES)
@given(texts=TEXTS)
def test_a_text_reads_alone_as_among_others(name: str, texts: list[str]) -> None:
    view = Views(texts)[name]
    for i, text in enumerate(texts):
        alone = Views([text])[name]
        assert view.text(i) == alone.text(0)
        here = slice(int(view.starts[i]), int(view.starts[i + 1]))
        base = int(view.original_starts[i])
        assert (spans(view)[0][here] - base).tolist() == spans(alone)[0].tolist()
        assert (spans(view)[1][here] - base).tolist() == spans(alone)[1].tolist()


@pytest.mark.parametrize("step", [symbols, spaced, lookalike, joined, decoded])
@given(texts=TEXTS)
def test_unmarked_characters_are_the_folded_ones(step, texts: list[str]) -> None:
    before = fold(texts)
    after = step(before)
    assert after.name == step.__name__
    marked = np.zeros(len(after.codes), dtype=bool) if after.steps is None else after.steps > 0
    at = np.searchsorted(before.origin, after.origin[~marked])
    assert (before.codes[at] == after.codes[~marked]).all()
    for i in np.flatnonzero(~after.changed()):
        assert TONES.sub("", after.text(int(i))) == TONES.sub("", before.text(int(i)))


@pytest.mark.parametrize("step", [pinyin, initials])
@given(texts=TEXTS)
def test_sounds_keep_what_has_none(step, texts: list[str]) -> None:
    before, after = fold(texts), step(fold(texts))
    kept = after.steps == 0
    at = np.searchsorted(before.origin, after.origin[kept])
    mine, theirs = before.codes[at], after.codes[kept]
    unlike = mine != theirs
    assert (theirs[unlike] >= 0xE800).all()


@given(TEXTS, st.data())
def test_chosen_texts_keep_their_numbers(texts: list[str], data: st.DataObject) -> None:
    view = decoded(fold(texts))
    chosen = np.array([data.draw(st.booleans()) for _ in texts], dtype=bool)
    few = view.only(chosen)
    for i in range(len(texts)):
        assert few.text(i) == (view.text(i) if chosen[i] else "")
    assert (np.flatnonzero(chosen) == np.unique(few.text_of(np.arange(len(few.codes))))).all()
    start, end = few.starts[:-1][chosen], few.starts[1:][chosen]
    full = view.original_span(view.starts[:-1][chosen], view.starts[1:][chosen])
    assert [x.tolist() for x in few.original_span(start, end)] == [x.tolist() for x in full]


@given(TEXTS, st.data())
def test_a_step_on_some_texts_leaves_the_others(texts: list[str], data: st.DataObject) -> None:
    view = pinyin(fold(texts))
    chosen = np.array([data.draw(st.booleans()) for _ in texts], dtype=bool)
    if not len(texts) or chosen.mean() > 0.5:
        return
    mixed, full = on_texts(fold(texts), chosen, pinyin), view
    for i in range(len(texts)):
        assert mixed.text(i) == (full if chosen[i] else fold(texts)).text(i)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=20))
def test_spans_are_taken_from_left_to_right(pairs: list[tuple[int, int]]) -> None:
    pairs = sorted(dict(pairs).items())
    starts = np.array([a for a, _ in pairs], dtype=np.int64)
    ends = starts + np.array([n for _, n in pairs], dtype=np.int64)
    expected, free = [], 0
    for i, (a, b) in enumerate(zip(starts, ends, strict=True)):
        if a >= free:
            expected.append(i)
            free = b
    assert ordered(starts, ends).tolist() == expected


@given(st.text(alphabet="亲这款衣服今天就能发货请放心收到有问题随时联系我们谢谢支持", max_size=40))
def test_ordinary_chinese_stays_as_it_is(text: str) -> None:
    for name in ("symbols", "spaced", "lookalike", "joined", "decoded"):
        assert Views([text])[name].text(0) == text


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ,.?!", max_size=40))
def test_ascii_words_stay_as_they_are(text: str) -> None:
    for name in ("symbols", "lookalike", "joined", "decoded"):
        assert Views([text])[name].text(0) == text


def test_steps_of_a_span_and_their_names() -> None:
    view = decoded(fold(["讠平5星", "评"]))
    assert view.text(0) == "评五星"
    steps = view.steps_of(np.array([0, 1, 0, 2, 4]), np.array([1, 2, 2, 3, 5]))
    assert steps.tolist() == [Step.JOINED, Step.SYMBOL, Step.JOINED | Step.SYMBOL, 0, 0]
    assert decoded_by(int(steps[2])) == "表情或数字、拆字"
    assert decoded_by(Step.JOINED | Step.JOINED_WORD) == "拆字"
    assert decoded_by(0) == ""
    assert fold(["a"]).steps_of(np.array([0]), np.array([1])).tolist() == [0]
    assert view.changed().tolist() == [True, False]


def test_views_are_computed_once_and_named() -> None:
    views = Views(["好评"])
    for name in NAMES:
        assert views[name].name == name
        assert views[name] is views[name]
    assert set(VIEWS) | {"folded"} == set(NAMES)
    with pytest.raises(KeyError):
        views["braille"]


def test_hostile_texts_take_bounded_time() -> None:
    for unit in ("木", "ha", "🧧", "🏻", "a-", "女子", "，好", "zhuang", "aoe"):
        text = unit * 30_000
        for name in NAMES:
            view = Views([text, "好"])[name]
            assert len(view.starts) == 3
