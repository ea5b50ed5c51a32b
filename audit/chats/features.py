"""What the classifiers read off texts: n-grams of the aligned views, lexicon hits, form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from audit.backends.linear import Bag, LinearModel, flags, gram_weights, ngrams
from audit.chats.texts import Bools, Texts
from audit.text.glyphs import decoded
from audit.text.normalise import View
from audit.text.pinyin import pinyin

_LENGTHS = (2, 4, 7, 12, 20, 35, 60)
_SIZES = (1, 2, 3, 4)


def text_bag(texts: Texts, among: Bools | None = None, undone: View | None = None) -> Bag:
    """Features of every text (of the mask) by itself: n-grams as decoded, by sound and as written, hits, form.

    `undone`: the decoded view of at least the texts of the mask, where it is known already.
    """
    chosen = np.ones(len(texts), dtype=bool) if among is None else among
    plain = _alone(texts.view, chosen)
    undone = decoded(plain) if undone is None else _alone(undone, chosen)
    return Bag.joined(
        [
            ngrams(undone, _SIZES, "text"),
            ngrams(pinyin(undone), (2, 3), "sound"),
            ngrams(plain, (1, 2), "written"),
            hit_bag(texts, chosen),
            form_bag(texts, chosen),
        ]
    )


def _alone(view: View, among: Bools) -> View:
    """The view with the texts of the mask only, numbered anew."""
    part = view.only(among)
    return replace(
        part,
        starts=np.append(part.starts[:-1][among], part.starts[-1]),
        original_starts=np.append(part.original_starts[:-1][among], part.original_starts[-1]),
    )


def hit_bag(texts: Texts, chosen: Bools) -> Bag:
    """Which lexicon roles the texts of the mask hold."""
    names, columns = [], []
    lexicons = texts.matcher.lexicons
    for name in sorted(lexicons):
        for role in lexicons[name].roles:
            names.append(f"lexicon:{name}:{role}")
            columns.append(texts.has(name, role)[chosen])
    return flags(names, np.column_stack(columns))


def form_bag(texts: Texts, chosen: Bools) -> Bag:
    """Length, question marks, digits, Latin letters of the texts of the mask."""
    solid = texts.solid[chosen]
    columns: list[Bools] = [solid <= _LENGTHS[0]]
    names = ["form:0"]
    for low, high in zip(_LENGTHS, (*_LENGTHS[1:], 1 << 30), strict=True):
        columns.append((solid > low) & (solid <= high))
        names.append(f"form:{low}")
    for name, first, last in (("digit", "0", "9"), ("latin", "a", "z"), ("question", "?", "?"), ("shout", "!", "!")):
        columns.append(texts.holds(first, last)[chosen])
        names.append(f"form:{name}")
    return flags(names, np.column_stack(columns))


def telling_words(texts: Texts, number: int, model: LinearModel, name: str, most: int = 3) -> list[str]:
    """The pieces of a text, as decoded, that speak most for a class; none overlaps another."""
    view = decoded(_alone(texts.view, texts.of_rows(np.array([number]))))
    column = model.classes.index(name)
    found = [
        (weight, start, start + size)
        for size in _SIZES[1:]
        for start, weight in enumerate(gram_weights(view, size, "text", model, column).tolist())
        if weight > 0
    ]
    taken: list[tuple[int, int]] = []
    for _, start, end in sorted(found, key=lambda f: (-f[0], f[1])):
        if all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
        if len(taken) == most:
            break
    string = view.text(0)
    return [string[a:b].strip() for a, b in sorted(taken) if string[a:b].strip()]
