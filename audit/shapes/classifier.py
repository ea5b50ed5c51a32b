"""Shape: what a classifier takes for a violation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.features import telling_words
from audit.chats.waits import Bools, Ints
from audit.shapes.hits import make_hits, no_hits


def model_hits(
    chats: Chats,
    act: str,
    among: Bools,
    known: Ints,
    title: str,
    *,
    decide: float | None = None,
    suspect: float | None = None,
) -> pd.DataFrame:
    """HITS of rows in `among` that the agent-act model takes for `act`, apart from the `known` rows of other evidence.

    From `decide` on it is a violation, from `suspect` on it is suspected; None = the thresholds of the model's card.
    """
    opinions = chats.acts
    if opinions is None:
        return no_hits()
    limits = opinions.classifier.thresholds[act]
    decide = limits.decide if decide is None else decide
    suspect = limits.suspect if suspect is None else suspect
    probability = opinions.of(act)[chats.text_id]
    asked = among & (probability >= min(decide, suspect))
    asked[known] = False
    rows = np.flatnonzero(asked)
    if not len(rows):
        return no_hits()
    p = probability[rows]
    words = {
        int(text): telling_words(chats.texts, int(text), opinions.classifier.model, act)
        for text in np.unique(chats.text_id[rows])
    }
    why = [
        f"模型判断为{title}（{value:.0%}）" + (f"，依据：{'、'.join(told)}" if told else "")
        for value, told in zip(p.tolist(), (words[int(t)] for t in chats.text_id[rows]), strict=True)
    ]
    return make_hits(rows, state=np.where(p >= decide, "violation", "suspected"), score=p, why=why, decided_by="model")
