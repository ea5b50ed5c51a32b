"""The folded view: what it folds, and that no character ever loses its place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.text.normalise import SEPARATOR, fold, fold_table

TEXTS = st.lists(st.text(alphabet=st.characters(exclude_characters=SEPARATOR), max_size=30), max_size=8)
CHINESE = st.text(alphabet="好评返现的您客服ABab12*·. ~\u200b，。！", max_size=20)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("好*评·返 现", "好评返现"),
        ("好\u200b評返現", "好评返现"),
        ("ＳＢ", "sb"),
        ("微 信", "微信"),
        ("①⑤", "15"),
        ("加Ｖ", "加v"),
        ("乾淨麼", "干净么"),
        ("您好 评价一下", "您好 评价一下"),
        ("3.5元", "3.5元"),
        ("a.b", "a.b"),
        ("好，评", "好,评"),
        ("好评！返现", "好评!返现"),
        ("a b", "a b"),
        ("", ""),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold([written]).text(0) == folded


def test_a_place_of_the_view_leads_back_to_the_original() -> None:
    view = fold(["x", "亲，好*评·返 现哦"])
    start = view.string.index("好评返现")
    a, b = view.original_span(np.array([start]), np.array([start + 4]))
    assert "亲，好*评·返 现哦"[a[0] : b[0]] == "好*评·返 现"


@given(TEXTS)
def test_every_folded_character_comes_from_its_place(texts: list[str]) -> None:
    view = fold(texts)
    flat = SEPARATOR.join(texts) + SEPARATOR if texts else ""
    table = fold_table()
    assert (np.diff(view.origin) > 0).all()
    for code, place in zip(view.codes, view.origin, strict=True):
        assert table[ord(flat[place])] == code
    assert len(view.starts) == len(texts) + 1


@given(TEXTS)
def test_each_text_folds_alone_as_it_folds_among_others(texts: list[str]) -> None:
    view = fold(texts)
    assert [view.text(i) for i in range(len(texts))] == [fold([t]).text(0) for t in texts]


@given(CHINESE)
def test_folding_is_idempotent_on_chat_text(text: str) -> None:
    once = fold([text]).text(0)
    assert fold([once]).text(0) == once


@given(CHINESE, st.integers(0, 19))
def test_a_zero_width_character_changes_nothing(text: str, at: int) -> None:
    spoiled = text[:at] + "\u200b" + text[at:]
    assert fold([spoiled]).text(0) == fold([text]).text(0)
