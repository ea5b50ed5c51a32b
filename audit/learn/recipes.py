"""Which recipe makes which shipped model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from audit.chats.models import AGENT_ACT, BUYER_STATE, OFFENSIVE, RELEVANCE
from audit.learn import offensive
from audit.learn.relevance import train_relevance
from audit.learn.train import Trained, train_acts, train_states, write

Say = Callable[[str], None]
Recipe = Callable[[Path | None, Path, Say], Path]


def recipes() -> dict[str, Recipe]:
    """Model → recipe(data folder or None, folder of the models, say): trains, writes, gives the card's path."""
    return {
        AGENT_ACT: _written(AGENT_ACT, train_acts),
        BUYER_STATE: _written(BUYER_STATE, train_states),
        RELEVANCE: _written(RELEVANCE, train_relevance),
        OFFENSIVE: offensive.write,
    }


def _written(name: str, train: Callable[[Path | None, Say], Trained]) -> Recipe:
    return lambda data, folder, say: write(train(data, say), name, folder)
