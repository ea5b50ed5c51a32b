"""Shape: what a classifier takes for a violation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.features import telling_words
from audit.chats.offensive import offensive_bag, telling_pieces
from audit.chats.waits import Bools
from audit.shapes.hits import make_hits, no_hits

#: a `decide` that no probability reaches
ONLY_SUSPECTED = 2.0
#: solid characters from which a message has a tone by itself: 怎么了, 有什么事 have none
SHORTEST_TONE = 5
TONES = ("sarcasm", "impatience", "cold")
#: what the agent-act model may say of a hostile message: the general model is asked where it says none of it
HOSTILE = ("insult", "threat", "unfriendly")


def probability(chats: Chats, act: str) -> npt.NDArray[np.float64]:
    """(rows,) float64: how sure the agent-act model is that a row is `act`; 0 without a model and for buyers."""
    return np.zeros(len(chats)) if chats.acts is None else chats.acts.of(act)[chats.text_id]


def leaning(chats: Chats, act: str) -> Bools:
    """Rows that the agent-act model decides to be `act`."""
    if chats.acts is None:
        return np.zeros(len(chats), dtype=bool)
    return chats.seller & (probability(chats, act) >= chats.acts.classifier.thresholds[act].decide)


def model_hits(
    chats: Chats,
    act: str,
    among: Bools,
    title: str,
    *,
    decide: float | None = None,
    suspect: float | None = None,
) -> pd.DataFrame:
    """HITS of rows in `among` that the agent-act model takes for `act`; among = where no other evidence speaks.

    From `decide` on it is a violation, from `suspect` on it is suspected; None = the thresholds of the model's card.
    """
    opinions = chats.acts
    if opinions is None or not among.any():
        return no_hits()
    limits = opinions.classifier.thresholds[act]
    decide = limits.decide if decide is None else decide
    suspect = limits.suspect if suspect is None else suspect
    own = probability(chats, act)
    rows = np.flatnonzero(among & (own >= min(decide, suspect)))
    if not len(rows):
        return no_hits()
    p = own[rows]
    words = {
        int(text): telling_words(chats.texts, int(text), opinions.classifier.model, act)
        for text in np.unique(chats.text_id[rows])
    }
    why = [
        f"模型判断为{title}（{value:.0%}）" + (f"，依据：{'、'.join(told)}" if told else "")
        for value, told in zip(p.tolist(), (words[int(t)] for t in chats.text_id[rows]), strict=True)
    ]
    return make_hits(rows, state=np.where(p >= decide, "violation", "suspected"), score=p, why=why, decided_by="model")


def tone_hits(chats: Chats, tone: str, title: str) -> pd.DataFrame:
    """HITS of human rows whose tone the model takes for unfriendly, in the first place of this kind.

    `tone`: sarcasm, impatience or cold. What it takes for abuse or a threat is theirs.
    """
    if chats.acts is None:
        return no_hits()
    graver = leaning(chats, "insult") | leaning(chats, "threat") | chats.has("insult") | chats.has("insult_coded")
    mine = probability(chats, tone)
    first = np.ones(len(chats), dtype=bool)
    for other in TONES:
        first &= (mine > probability(chats, other)) | (other == tone)
    worded = (chats.texts.solid >= SHORTEST_TONE)[chats.text_id]
    return model_hits(chats, "unfriendly", chats.human & worded & ~graver & first, title)


def offensive_hits(chats: Chats, among: Bools, title: str) -> pd.DataFrame:
    """HITS, suspected at most, of rows in `among` that the model offensive-general takes for offensive.

    It was trained on posts, not on chats: it speaks only where the agent-act model suspects nothing hostile, and where
    words speak for it, not punctuation alone.
    """
    classifier = chats.models.offensive
    if classifier is None or not among.any():
        return no_hits()
    if chats.acts is not None:
        for act in HOSTILE:
            among = among & (probability(chats, act) < chats.acts.classifier.thresholds[act].suspect)
    asked = chats.texts.of_rows(chats.text_id[among])
    bag = offensive_bag(chats.texts, asked, classifier.vocabulary)
    own = classifier.model.probabilities(bag)[:, 0]
    taken = np.flatnonzero(asked & (own >= classifier.thresholds[classifier.classes[0]].suspect))
    words = {text: telling_pieces(chats.texts.values[text], classifier) for text in taken.tolist()}
    words = {text: told for text, told in words.items() if told}
    rows = np.flatnonzero(among & np.isin(chats.text_id, list(words)))
    ids = chats.text_id[rows]
    why = [f"通用冒犯语模型怀疑{title}（{own[t]:.0%}），依据：{'、'.join(words[t])}" for t in ids.tolist()]
    return make_hits(rows, state="suspected", score=own[ids], why=why, decided_by="model")
