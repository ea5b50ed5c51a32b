"""Training the shipped classifiers: one recipe each, from the corpus to weights and card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.backends.linear import Bag, LinearModel, fit_weights, matrix, platt, rarity_of
from audit.backends.terms import TermMatcher
from audit.chats.features import text_bag
from audit.chats.models import AGENT_ACT, BUYER_STATE, CARD, WEIGHTS
from audit.chats.texts import Texts
from audit.engine.examples import parse
from audit.learn import corpus
from audit.learn.choose import best_f1_threshold, threshold_for
from audit.rules.model import all_rules
from audit.text.lexicon import load_all

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: classes of the agent-act model: the ten acts, then finer ones that tell rules apart
FINE = ("sarcasm", "impatience", "cold", "off_topic", "ask_contact", "chitchat")
#: act → rules whose EXAMPLES are its training rows
RULES_OF = {
    "insult": ("ATT001", "ATT002"), "threat": ("ATT003",), "buck_passing": ("PFN005",), "rating_invite": ("REV003",),
    "review_incentive": ("REV001",), "review_coercion": ("REV002",), "off_platform": ("CND001", "CND002"),
    "promotion": ("CND004",), "perfunctory": ("PFN001",), "sarcasm": ("ATT004",), "impatience": ("ATT005",),
    "cold": ("ATT008",), "chitchat": ("CND005",),
}  # fmt: skip
#: acts that cost a shop most
SEVERE = ("insult", "threat", "review_incentive", "review_coercion", "off_platform")
#: other acts for which lexicons stand
LEXICAL = ("rating_invite", "buck_passing", "promotion")
SEVERE_PRECISION, CLASS_PRECISION, LEXICAL_PRECISION, SUSPECT_PRECISION = 0.97, 0.85, 0.9, 0.6
#: share of clean lines that one class may flag
SEVERE_FALSE, OTHER_FALSE = 0.002, 0.003
ASKED = "ask_contact"
FOLDS = 5
STRENGTH = 40.0
POSITIVE_WEIGHT = 4.0
#: share of the features that stay, those with the largest weight for any class: the average precision hardly moves
KEPT = 0.45


@dataclass(frozen=True)
class Rows:
    """Training rows of a classifier.

    Attributes
    ----------
    text : the texts; group : rows with the same number stay in one fold.
    truth, known : (rows, classes) bool, whether a class holds, and whether that is known.
    clean : (rows,) bool, no class holds.
    """

    text: list[str]
    group: npt.NDArray[np.int64]
    truth: Bools
    known: Bools

    @property
    def clean(self) -> Bools:
        return np.asarray(~self.truth.any(axis=1) & (self.known.sum(axis=1) >= self.known.shape[1] - 1))

    def __add__(self, other: Rows) -> Rows:
        shift = int(self.group.max(initial=-1)) + 1
        return Rows(
            self.text + other.text, np.concatenate([self.group, other.group + shift]),
            np.concatenate([self.truth, other.truth]), np.concatenate([self.known, other.known]),
        )  # fmt: skip


@dataclass(frozen=True)
class Trained:
    """A fitted classifier with all that its card says."""

    model: LinearModel
    thresholds: dict[str, dict[str, float]]
    notes: dict[str, Any]


def classes_of_acts() -> tuple[str, ...]:
    """The agent-act model's classes."""
    return (*corpus.ACTS, *FINE)


def act_rows(frame: pd.DataFrame) -> Rows:
    """Rows of the agent corpus (`corpus.read_agent`)."""
    names = classes_of_acts()
    coarse = corpus.acts_of(frame["labels"])
    fine = np.array([[name in labels for name in FINE] for labels in frame["labels"]], dtype=bool).reshape(
        -1, len(FINE)
    )
    truth = np.hstack([coarse, fine])
    known = np.ones((len(frame), len(names)), dtype=bool)
    # a number that is asked for is no offer to leave: CND002 judges it by what surrounds it
    only_asked = np.array([ASKED in labels and "off_platform" not in labels for labels in frame["labels"]])
    known[only_asked, names.index("off_platform")] = False
    return Rows(list(frame["text"]), _groups(frame), truth, known)


def example_rows() -> Rows:
    """Agent lines of the rules' EXAMPLES; each tells about its own rule's act only."""
    names = classes_of_acts()
    texts: list[str] = []
    truth: list[list[bool]] = []
    known: list[list[bool]] = []
    rules = all_rules()
    for act, codes in RULES_OF.items():
        for code in codes:
            for example in parse(rules[code].examples):
                for line in example.lines:
                    if line.sender not in ("agent", "robot") or not line.text or line.missed or line.kind != "text":
                        continue
                    marked = bool(line.spans or line.flagged)
                    if act == "perfunctory" and not marked:
                        continue
                    texts.append(line.text)
                    about = {act, corpus.COARSE.get(act, "")}
                    truth.append([name in about and marked for name in names])
                    known.append([name in about for name in names])
    return Rows(texts, np.arange(len(texts)), np.array(truth, dtype=bool), np.array(known, dtype=bool))


def buyer_rows(frame: pd.DataFrame) -> Rows:
    """Rows of the buyer corpus (`corpus.read_buyer`): states, topics and whether a human is asked for."""
    state = np.array([[s == name for name in corpus.STATES] for s in frame["state"]], dtype=bool)
    topic = np.array([[t == name for name in corpus.TOPICS] for t in frame["topic"]], dtype=bool)
    human = frame["human"].to_numpy(dtype=bool)[:, None]
    truth = np.hstack([state, topic, human])
    return Rows(list(frame["text"]), np.arange(len(frame)), truth, np.ones_like(truth))


def classes_of_states() -> tuple[str, ...]:
    """The buyer-state model's classes."""
    return (*corpus.STATES, *(f"topic:{t}" for t in corpus.TOPICS), "human")


def _groups(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Rows that share their context or their text in one group."""
    keys = frame["context"].where(frame["context"] != "", frame["text"])
    return pd.factorize(keys)[0].astype(np.int64)


def bag_of(texts: list[str], matcher: TermMatcher | None = None) -> Bag:
    """Features of texts, under the shipped lexicons."""
    return text_bag(Texts(texts, matcher or TermMatcher(load_all())))


def fit(rows: Rows, bag: Bag, classes: tuple[str, ...]) -> tuple[LinearModel, Floats]:
    """The model on all rows, calibrated on the scores of rows that a fold's weights had not seen (also returned)."""
    unseen = np.zeros(rows.truth.shape)
    fold = _folds(rows.group)
    for number in range(FOLDS):
        away = np.flatnonzero(fold == number)
        part = _weights(_taken(rows, fold != number), bag.take(np.flatnonzero(fold != number)), classes)
        unseen[away] = part.scores(bag.take(away))
    model = _weights(rows, bag, classes)
    slope, offset = np.ones(len(classes)), np.zeros(len(classes))
    for k in range(len(classes)):
        mine = rows.known[:, k]
        slope[k], offset[k] = platt(unseen[mine, k], rows.truth[mine, k])
    model = replace(model, slope=slope, offset=offset)
    return model, 1.0 / (1.0 + np.exp(-(slope * unseen + offset)))


def _taken(rows: Rows, keep: Bools) -> Rows:
    text = [t for t, k in zip(rows.text, keep, strict=True) if k]
    return Rows(text, rows.group[keep], rows.truth[keep], rows.known[keep])


def _folds(group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    order = np.random.default_rng(7).permutation(int(group.max()) + 1)
    return order[group] % FOLDS


def _weights(rows: Rows, bag: Bag, classes: tuple[str, ...]) -> LinearModel:
    rarity = rarity_of(bag)
    features = matrix(bag, rarity)
    weight = np.zeros((len(rarity), len(classes)), dtype=np.float32)
    bias = np.zeros(len(classes))
    for k in range(len(classes)):
        mine = np.flatnonzero(rows.known[:, k])
        truth = rows.truth[mine, k]
        found, bias[k] = fit_weights(features[mine], truth, np.where(truth, POSITIVE_WEIGHT, 1.0), STRENGTH)
        weight[:, k] = found * rarity
    most = np.abs(weight).max(axis=1)
    weight[most < np.quantile(most[most > 0], 1 - KEPT)] = 0
    weight = weight.astype(np.float16).astype(np.float32)  # as it is stored
    return LinearModel(classes, weight, rarity, bias, np.ones(len(classes)), np.zeros(len(classes)))


def act_thresholds(
    classes: tuple[str, ...], truth: Bools, probability: Floats, clean: Bools
) -> dict[str, dict[str, float]]:
    """Where each act is decided and suspected.

    A severe act is decided where SEVERE_PRECISION of the lines are severe indeed, and CLASS_PRECISION are this very act
    (a threat that is called an insult is a smaller mistake than a friendly line); an act with lexicons at
    LEXICAL_PRECISION, the others at their best F1.
    """
    severe = np.asarray(truth[:, [classes.index(name) for name in SEVERE]].any(axis=1), dtype=bool)
    out = {}
    for k, name in enumerate(classes):
        p, y = probability[:, k], truth[:, k]
        if name in SEVERE:
            grave = threshold_for(severe, p, clean, least=SEVERE_PRECISION, false_share=SEVERE_FALSE)
            decide = max(grave, threshold_for(y, p, clean, least=CLASS_PRECISION, false_share=SEVERE_FALSE))
        elif name in LEXICAL:
            decide = threshold_for(y, p, clean, least=LEXICAL_PRECISION, false_share=OTHER_FALSE)
        else:
            decide = best_f1_threshold(y, p, clean, false_share=OTHER_FALSE)
        # the corpus is half violations, chats are not: below even odds a suspicion only tires its reader
        suspect = max(0.5, threshold_for(y, p, clean, least=SUSPECT_PRECISION, false_share=0.01))
        out[name] = {"decide": round(decide, 6), "suspect": round(min(suspect, decide), 6)}
    return out


def train_acts(data: Path | None, say: Callable[[str], None] = print) -> Trained:
    """The agent-act model; thresholds on unseen corpus rows and, where `data` is given, phrases_dev's work half."""
    classes = classes_of_acts()
    frame = corpus.read_agent()
    frame = frame[~frame["test"]].reset_index(drop=True)
    rows = act_rows(frame) + example_rows()
    matcher = TermMatcher(load_all())
    bag = bag_of(rows.text, matcher)
    say(f"{len(frame)} corpus rows, {len(rows.text) - len(frame)} from EXAMPLES, {len(bag.feature)} features")
    model, unseen = fit(rows, bag, classes)
    whole = rows.known.sum(axis=1) >= len(classes) - 1  # not the EXAMPLES, which tell about one act
    truth, probability, clean = rows.truth[whole], unseen[whole], rows.clean[whole]
    chosen_on = ["corpus rows outside their fold"]
    if data is not None:
        work = corpus.read_dev(data / "dev", "phrases_dev", "work")
        own = model.probabilities(bag_of(list(work["text"]), matcher))
        given = corpus.acts_of(work["labels"])
        truth = np.concatenate([truth, np.hstack([given, own[:, len(corpus.ACTS) :] > 2])])
        probability = np.concatenate([probability, own])
        clean = np.concatenate([clean, ~given.any(axis=1)])
        chosen_on.append("phrases_dev, odd ids")
    limits = act_thresholds(classes, truth, probability, clean)
    n = int(whole.sum())  # the development set does not tell the finer classes: the corpus alone does
    fine = act_thresholds(classes, truth[:n], probability[:n], clean[:n])
    limits |= {name: fine[name] for name in FINE}
    notes = {"rows": len(frame), "example_rows": len(rows.text) - len(frame), "thresholds_chosen_on": chosen_on}
    return Trained(model, limits, notes)


def train_states(data: Path | None, say: Callable[[str], None] = print) -> Trained:
    """The buyer-state model: six states, nine topics, and whether a human is asked for."""
    classes = classes_of_states()
    frame = corpus.read_buyer()
    frame = frame[~frame["test"]].reset_index(drop=True)
    rows = buyer_rows(frame)
    bag = bag_of(rows.text)
    say(f"{len(frame)} corpus rows, {len(bag.feature)} features")
    model, unseen = fit(rows, bag, classes)
    limits = {}
    for k, name in enumerate(classes):
        decide = best_f1_threshold(rows.truth[:, k], unseen[:, k], ~rows.truth[:, k], false_share=1.0)
        sure = threshold_for(rows.truth[:, k], unseen[:, k], ~rows.truth[:, k], least=0.97, false_share=1.0)
        limits[name] = {"decide": round(max(sure, decide), 6), "suspect": round(decide, 6)}
    return Trained(model, limits, {"rows": len(frame), "thresholds_chosen_on": ["corpus rows outside their fold"]})


def write(trained: Trained, name: str, folder: Path) -> Path:
    """Write models/<name>: weights and card; returns the card's path."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    weights = place / WEIGHTS
    trained.model.save(weights)
    old = json.loads((place / CARD).read_text(encoding="utf-8")) if (place / CARD).is_file() else {}
    card = {
        "name": name,
        "tier": "linear",
        "about": ABOUT[name],
        "classes": list(trained.model.classes),
        "weights": {"file": WEIGHTS, "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
                    "bytes": weights.stat().st_size},
        "thresholds": trained.thresholds,
        "training": {"data": _data_hashes(), **trained.notes},
        "licence": "Apache-2.0; the corpus is the project's own",
        "rebuild": f"audit model train {name}",
        "evaluation": old.get("evaluation", {}),
    }  # fmt: skip
    path = place / CARD
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


ABOUT = {
    AGENT_ACT: "What an agent's message does: ten acts of the rulebook and finer ones, several may hold.",
    BUYER_STATE: "What a buyer's message says: state, topic, and whether a human is asked for.",
}


def _data_hashes() -> dict[str, str]:
    folder = corpus.corpus_dir()
    return {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(folder.glob("*/*.tsv"))
    }
