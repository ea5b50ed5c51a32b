"""Thresholds and figures: precision, recall, F1, average precision, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def shown(self) -> str:
        """For a table: `0.91 [0.88, 0.94]`."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def record(self) -> list[float]:
        """For a card: value, low, high."""
        return [round(self.value, 4), round(self.low, 4), round(self.high, 4)]


def precision(truth: Bools, said: Bools) -> float:
    """Share of what was said that is true; 1 where nothing was said."""
    return float((truth & said).sum() / said.sum()) if said.any() else 1.0


def recall(truth: Bools, said: Bools) -> float:
    """Share of what is true that was said; 1 where nothing is true."""
    return float((truth & said).sum() / truth.sum()) if truth.any() else 1.0


def f1(truth: Bools, said: Bools) -> float:
    """Harmonic mean of precision and recall."""
    both = 2 * int((truth & said).sum())
    total = int(truth.sum() + said.sum())
    return both / total if total else 1.0


def average_precision(truth: Bools, score: Floats) -> float:
    """Area under the precision-recall steps."""
    order = np.argsort(-score, kind="stable")
    hit = truth[order]
    if not hit.any():
        return 0.0
    at = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    return float(at[hit].mean())


def bootstrap(measure, *arrays, draws: int = 1000, seed: int = 20261122) -> Figure:  # type: ignore[no-untyped-def]
    """`measure(*arrays)` with its interval over rows drawn with replacement."""
    rng = np.random.default_rng(seed)
    n = len(arrays[0])
    drawn = (
        [measure(*(a[rows] for a in arrays)) for rows in (rng.integers(0, n, n) for _ in range(draws))] if n else [0.0]
    )
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(float(measure(*arrays)), float(low), float(high))


def threshold_for(truth: Bools, score: Floats, clean: Bools, *, least: float, false_share: float) -> float:
    """The lowest score from which on precision is at least `least` and at most `false_share` of clean rows are flagged.

    Between two neighbouring scores the middle is taken, so that equal texts never fall on both sides.
    """
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    right = np.cumsum(truth[order])
    count = np.arange(1, len(order) + 1)
    wrong = np.cumsum((clean & ~truth)[order])
    ok = (right / count >= least) & (wrong <= false_share * max(int(clean.sum()), 1))
    last = np.append(ranked[1:] != ranked[:-1], True)
    good = np.flatnonzero(ok & last)
    if not len(good):
        return float(np.nextafter(ranked[0], np.inf)) if len(ranked) else 1.0
    at = int(good[-1])
    return float((ranked[at] + ranked[at + 1]) / 2) if at + 1 < len(ranked) else float(ranked[at])


def best_f1_threshold(truth: Bools, score: Floats, clean: Bools, *, false_share: float) -> float:
    """The score with the best F1 among those from which on at most `false_share` of clean rows are flagged."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    right = np.cumsum(truth[order])
    count = np.arange(1, len(order) + 1)
    wrong = np.cumsum((clean & ~truth)[order])
    quality = 2 * right / (count + int(truth.sum()))
    quality[(wrong > false_share * max(int(clean.sum()), 1)) | ~np.append(ranked[1:] != ranked[:-1], True)] = -1
    at = int(np.argmax(quality))
    return float((ranked[at] + ranked[at + 1]) / 2) if at + 1 < len(ranked) else float(ranked[at])
