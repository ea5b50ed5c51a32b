"""The recipe of the relevance model: whether a reply is about something else than the buyer's question (PFN003)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.backends.linear import Bag, LinearModel, fit_weights, matrix, platt, rarity_of
from audit.chats.models import RELEVANCE
from audit.learn import corpus, train
from audit.learn.choose import average_precision, bootstrap, precision, recall, threshold_for
from audit.shapes.relevance import pair_bag

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OFF_TOPIC = "off_topic"
ABOUT = "Whether an agent's reply is about something else than what the buyer asked."
#: what a row weighs: labelled off topic, a shuffled reply, a clean one is 1
LABELLED, SHUFFLED = 10.0, 0.003
#: shuffled replies per clean row
SHUFFLES = 2
STRENGTH = 10.0
#: features that the model keeps: those that move a score most
KEPT = 150_000
DECIDE_PRECISION = 0.95
FOLDS = 5


@dataclass(frozen=True)
class Pairs:
    """(question, reply) pairs, each array (pairs,) long.

    Attributes
    ----------
    off_topic : the reply is about something else.
    labelled : a row of the corpus as it stands; otherwise the reply was taken from another row.
    fold : int64 in [0, FOLDS); pairs that share a question are in one fold.
    """

    question: list[str]
    reply: list[str]
    off_topic: Bools
    labelled: Bools
    fold: Ints

    @property
    def weight(self) -> Floats:
        """(pairs,) float64: what a pair counts in training."""
        return np.where(~self.labelled, SHUFFLED, np.where(self.off_topic, LABELLED, 1.0))


def usable(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the agent corpus with a question that are clean or labelled off topic."""
    clean = frame["labels"].map(len) == 0
    off = frame["labels"].map(lambda labels: OFF_TOPIC in labels)
    return frame[(frame["context"] != "") & (frame["text"] != "") & (clean | off)].reset_index(drop=True)


def pairs_of(frame: pd.DataFrame, seed: int = 7) -> Pairs:
    """Pairs of `usable` rows, and for each clean one replies of other rows of the same trade and fold."""
    rng = np.random.default_rng(seed)
    context = frame["context"].to_numpy(dtype=object)
    group = pd.factorize(frame["context"])[0]
    fold = rng.permutation(int(group.max(initial=-1)) + 1)[group] % FOLDS
    off = np.array([OFF_TOPIC in labels for labels in frame["labels"]], dtype=bool)
    left: list[Ints] = []
    right: list[Ints] = []
    clean = np.flatnonzero(~off)
    keys = pd.DataFrame({"trade": frame["trade"].to_numpy()[clean], "fold": fold[clean]})
    for places in keys.groupby(["trade", "fold"], sort=True).indices.values():
        rows = clean[places]
        for _ in range(SHUFFLES):
            other = rng.permutation(rows)
            differ = context[other] != context[rows]
            left.append(rows[differ])
            right.append(other[differ])
    asked = np.concatenate([np.arange(len(frame)), *left])
    said = np.concatenate([np.arange(len(frame)), *right])
    labelled = np.arange(len(asked)) < len(frame)
    text = frame["text"].to_numpy(dtype=object)
    return Pairs(
        list(context[asked]), list(text[said]), np.where(labelled, off[asked], True), labelled,
        fold[asked].astype(np.int64),
    )  # fmt: skip


def fit(pairs: Pairs, bag: Bag, kept: int = KEPT) -> tuple[LinearModel, Floats]:
    """(model, (pairs,) probabilities from folds that did not see the question); calibrated on the labelled pairs."""
    unseen = np.zeros(len(pairs.question))
    for number in range(FOLDS):
        away = np.flatnonzero(pairs.fold == number)
        near = np.flatnonzero(pairs.fold != number)
        if len(away) and pairs.off_topic[near].any() and not pairs.off_topic[near].all():
            unseen[away] = _weights(pairs, bag, near, kept).scores(bag.take(away))[:, 0]
    slope, offset = platt(unseen[pairs.labelled], pairs.off_topic[pairs.labelled])
    model = _weights(pairs, bag, np.arange(len(pairs.question)), kept)
    model = replace(model, slope=np.array([slope]), offset=np.array([offset]))
    return model, 1.0 / (1.0 + np.exp(-(slope * unseen + offset)))


def _weights(pairs: Pairs, bag: Bag, rows: Ints, kept: int) -> LinearModel:
    """Weights of the features that matter: fitted on all, then once more on the `kept` that weigh most."""
    part, truth, weight = bag.take(rows), pairs.off_topic[rows], pairs.weight[rows]
    rarity = rarity_of(part)
    found, bias = fit_weights(matrix(part, rarity), truth, weight, STRENGTH)
    if kept < int((rarity > 0).sum()):
        power = np.abs(found * rarity)
        rarity = np.where(power >= np.partition(power, -kept)[-kept], rarity, np.float32(0))
        found, bias = fit_weights(matrix(part, rarity), truth, weight, STRENGTH)
    stored = (found * rarity).astype(np.float16).astype(np.float32)
    return LinearModel((OFF_TOPIC,), stored[:, None], rarity, np.array([bias]), np.ones(1), np.zeros(1))


def thresholds(truth: Bools, probability: Floats) -> dict[str, float]:
    """Where a reply is held to be off topic, at a stated precision on unseen pairs: alone the model only suspects."""
    decide = round(threshold_for(truth, probability, ~truth, least=DECIDE_PRECISION, false_share=0.002), 6)
    return {"decide": decide, "suspect": decide}


def figures(truth: Bools, probability: Floats, decide: float) -> dict[str, Any]:
    """Precision, recall and average precision with their 95 % intervals."""
    said = probability >= decide
    return {
        "pairs": len(truth), "off_topic": int(truth.sum()),
        "precision": bootstrap(precision, truth, said).record(), "recall": bootstrap(recall, truth, said).record(),
        "average_precision": bootstrap(average_precision, truth, probability).record(),
    }  # fmt: skip


def train_relevance(data: Path | None = None, say: Callable[[str], None] = print) -> train.Trained:
    """The relevance model from the agent corpus; thresholds on its unseen pairs, figures on its held-out part too."""
    train.ABOUT.setdefault(RELEVANCE, ABOUT)
    frame = usable(corpus.read_agent())
    seen, held = frame[~frame["test"]].reset_index(drop=True), frame[frame["test"]].reset_index(drop=True)
    pairs = pairs_of(seen)
    bag = pair_bag(pairs.question, pairs.reply)
    say(f"{len(seen)} pairs, {int(pairs.off_topic[pairs.labelled].sum())} off topic, {len(bag.feature)} features")
    model, unseen = fit(pairs, bag)
    truth, own = pairs.off_topic[pairs.labelled], unseen[pairs.labelled]
    limits = thresholds(truth, own)
    far = np.array([OFF_TOPIC in labels for labels in held["labels"]], dtype=bool)
    away = model.probabilities(pair_bag(list(held["context"]), list(held["text"])))[:, 0]
    notes = {
        "rows": len(seen), "shuffled_rows": int((~pairs.labelled).sum()),
        "thresholds_chosen_on": ["corpus rows outside their fold"],
        "unseen_folds": figures(truth, own, limits["decide"]), "held_out": figures(far, away, limits["decide"]),
    }  # fmt: skip
    return train.Trained(model, {OFF_TOPIC: limits}, notes)
