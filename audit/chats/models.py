"""The classifiers of an audit, read from models/<name>: weights, thresholds, and what they think of texts."""

from __future__ import annotations

import functools
import hashlib
import io
import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.backends.linear import SIZE, LinearModel
from audit.errors import UserError
from audit.resources import home

WEIGHTS, VOCABULARY, CARD = "weights.zip", "vocabulary.npy", "card.json"
_AGAIN = "install the package again, or train it again: audit model train"
AGENT_ACT, BUYER_STATE, RELEVANCE = "agent-act", "buyer-state", "relevance"
OFFENSIVE = "offensive-general"


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which a class is decided, and from which it is suspected."""

    decide: float
    suspect: float


@dataclass(frozen=True)
class Classifier:
    """A linear model with its thresholds.

    `vocabulary`: (n,) int32, sorted numbers of the n-grams that it has a place for; empty = hashed features.
    """

    name: str
    model: LinearModel
    thresholds: dict[str, Thresholds]
    vocabulary: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the model's columns."""
        return self.model.classes


@dataclass(frozen=True)
class Models:
    """What an audit classifies with; None = it does without."""

    acts: Classifier | None = None
    states: Classifier | None = None
    relevance: Classifier | None = None
    offensive: Classifier | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names of those that are there."""
        found = (getattr(self, f.name) for f in fields(self))
        return frozenset(c.name for c in found if isinstance(c, Classifier))


@dataclass(frozen=True)
class Opinions:
    """Probabilities that texts belong to classes.

    Attributes
    ----------
    classifier : whose opinions they are.
    probability : (texts, classes) float64; 0 for texts that were not asked about.
    """

    classifier: Classifier
    probability: npt.NDArray[np.float64]

    def of(self, name: str) -> npt.NDArray[np.float64]:
        """(texts,) float64: the probabilities of one class."""
        out: npt.NDArray[np.float64] = self.probability[:, self.classifier.classes.index(name)]
        return out


def shipped() -> Models:
    """The models in models/, as far as they are there."""
    try:
        folder = home("models")
    except UserError:
        return Models()  # an AUDIT_HOME with lexicons only: Coverage lists the rules that need a model
    return _models_in(folder)


@functools.cache
def _models_in(folder: Path) -> Models:
    return Models(*(load(name, folder) for name in (AGENT_ACT, BUYER_STATE, RELEVANCE, OFFENSIVE)))


def load(name: str, folder: str | Path | None = None) -> Classifier | None:
    """The classifier in models/<name>; None where there is none.

    Raises UserError where the weights are damaged, or are not those that the card describes.
    """
    place = home("models", folder) / name
    if not (place / CARD).is_file():
        return None
    card = read_card(place)
    weights = place / WEIGHTS
    model = LinearModel.load(weights)
    if hashlib.sha256(weights.read_bytes()).hexdigest() != card["weights"]["sha256"]:
        raise UserError("the weights are not those that the card describes", where=str(weights), fix=_AGAIN)
    limits = card["thresholds"]
    if set(limits) != set(model.classes):
        raise UserError("the card names other classes", where=str(place / CARD), fix=_AGAIN)
    thresholds = {c: Thresholds(float(t["decide"]), float(t["suspect"])) for c, t in limits.items()}
    if "vocabulary" not in card:
        return Classifier(name, model, thresholds)
    return Classifier(name, model, thresholds, _vocabulary(place / VOCABULARY, card["vocabulary"]))


def _vocabulary(path: Path, told: Any) -> npt.NDArray[np.int32]:
    """The n-grams that a model knows. Raises UserError where they are not those that the card describes."""
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != told["sha256"]:
            raise ValueError("not the one that the card describes")
        numbers = np.load(io.BytesIO(content), allow_pickle=False)
        if numbers.ndim != 1 or numbers.dtype != np.int32 or len(numbers) > SIZE or (np.diff(numbers) <= 0).any():
            raise ValueError("not a sorted list of numbers")
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise UserError(f"the model's vocabulary cannot be read: {error}", where=str(path), fix=_AGAIN) from None
    return np.asarray(numbers)


def read_card(place: Path) -> dict[str, Any]:
    """A model's card. Raises UserError where it is damaged."""
    path = place / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        card["weights"]["sha256"], card["thresholds"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"the model's card is damaged: {error}", where=str(path), fix=_AGAIN) from None
    return dict(card)
