"""What the model offensive-general reads off texts: the n-grams, as decoded, that are in its own vocabulary.

In a shared table of hashes the n-grams of COLD crowd each other out; with a place for each, accuracy is higher.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from audit.backends.linear import Bag, ngrams
from audit.chats.models import Classifier
from audit.chats.texts import Bools, Texts, solid_table
from audit.text.glyphs import decoded
from audit.text.normalise import View, fold

#: longer ones add nothing on COLD
SIZES = (1, 2, 3)
_CHECK_BITS = 12

Vocabulary = npt.NDArray[np.int32]


def gram_ids(view: View, sizes: tuple[int, ...] = SIZES) -> Bag:
    """N-grams of every text by number: two hashes side by side, 30 bits, so that hardly two share one."""
    first, second = ngrams(view, sizes, "offensive"), ngrams(view, sizes, "offensive, checked")
    check = second.feature & ((1 << _CHECK_BITS) - 1)
    return Bag(first.feature << _CHECK_BITS | check, first.text, first.texts)


def known(bag: Bag, vocabulary: Vocabulary) -> Bag:
    """The n-grams of the vocabulary (sorted numbers) by their place in it; the others are left out."""
    if not len(vocabulary):
        return Bag(bag.feature[:0], bag.text[:0], bag.texts)
    place = np.minimum(np.searchsorted(vocabulary, bag.feature), len(vocabulary) - 1)
    keep = vocabulary[place] == bag.feature
    return Bag(place[keep].astype(np.int64), bag.text[keep], bag.texts)


def offensive_bag(texts: Texts, among: Bools, vocabulary: Vocabulary) -> Bag:
    """Features of the texts of the mask; the others have none, all keep their numbers."""
    return known(gram_ids(decoded(texts.view.only(among))), vocabulary)


def telling_pieces(text: str, classifier: Classifier, most: int = 3) -> list[str]:
    """The pieces of words, as decoded, that speak most for the model's class; none overlaps another.

    None = only punctuation speaks for it.
    """
    view = decoded(fold([text]))
    string, solid = view.text(0), solid_table()
    found: list[tuple[float, int, int]] = []
    for size in SIZES[1:]:
        ids = gram_ids(view, (size,)).feature[: max(0, len(string) - size + 1)]
        part = known(Bag(ids, np.arange(len(ids), dtype=np.int32), len(ids)), classifier.vocabulary)
        weight = classifier.model.weight[part.feature, 0].tolist()
        found += [(w, at, at + size) for w, at in zip(weight, part.text.tolist(), strict=True) if w > 0]
    taken: list[tuple[int, int]] = []
    for _, start, end in sorted(found, key=lambda f: (-f[0], f[1])):
        worded = all(solid[ord(c)] for c in string[start:end])
        if worded and len(taken) < most and all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
    return [string[a:b] for a, b in sorted(taken)]
