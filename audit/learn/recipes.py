"""Which recipe makes which shipped model."""

from __future__ import annotations

from collections.abc import Callable

from audit.chats.models import AGENT_ACT, BUYER_STATE, RELEVANCE
from audit.learn.relevance import train_relevance
from audit.learn.train import Trained, train_acts, train_states


def recipes() -> dict[str, Callable[..., Trained]]:
    """Model → recipe(data folder or None, say)."""
    return {AGENT_ACT: train_acts, BUYER_STATE: train_states, RELEVANCE: train_relevance}
