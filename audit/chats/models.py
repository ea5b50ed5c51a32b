"""The classifiers of an audit, read from models/<name>: weights, thresholds, and what they think of texts."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.backends.linear import LinearModel
from audit.errors import UserError
from audit.resources import home

WEIGHTS, CARD = "weights.zip", "card.json"
_AGAIN = "install the package again, or train it again: audit model train"
AGENT_ACT, BUYER_STATE, RELEVANCE = "agent-act", "buyer-state", "relevance"


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which a class is decided, and from which it is suspected."""

    decide: float
    suspect: float


@dataclass(frozen=True)
class Classifier:
    """A linear model with its thresholds."""

    name: str
    model: LinearModel
    thresholds: dict[str, Thresholds]

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

    @property
    def names(self) -> frozenset[str]:
        """The names of those that are there."""
        found = (getattr(self, field.name) for field in fields(self))
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


@functools.cache
def shipped() -> Models:
    """The models in models/, as far as they are there."""
    return Models(load(AGENT_ACT), load(BUYER_STATE), load(RELEVANCE))


def load(name: str, folder: str | Path | None = None) -> Classifier | None:
    """The classifier in models/<name>; None where there is none.

    Raises UserError where the weights are damaged, or are not those that the card describes.
    """
    try:
        place = home("models", folder) / name
    except UserError:
        if folder:
            raise
        return None  # an AUDIT_HOME with lexicons only: Coverage lists the rules that need a model
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
    return Classifier(name, model, {c: Thresholds(float(t["decide"]), float(t["suspect"])) for c, t in limits.items()})


def read_card(place: Path) -> dict[str, Any]:
    """A model's card. Raises UserError where it is damaged."""
    path = place / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        card["weights"]["sha256"], card["thresholds"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"the model's card is damaged: {error}", where=str(path), fix=_AGAIN) from None
    return dict(card)
