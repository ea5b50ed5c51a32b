"""audit.learn.choose: figures and thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score

from audit.learn.choose import average_precision, best_f1_threshold, bootstrap, f1, precision, recall, threshold_for

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=4, max_size=60)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_thresholds_keep_what_they_promise(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([r[0] for r in rows])
    score = np.array([r[1] / 20 for r in rows])
    clean = ~truth
    at = threshold_for(truth, score, clean, least=0.8, false_share=0.2)
    said = score >= at
    assert precision(truth, said) >= 0.8 and (said & clean).sum() <= 0.2 * max(clean.sum(), 1)
    # no lower threshold keeps it
    for lower in np.unique(score[score < at]):
        more = score >= lower
        assert precision(truth, more) < 0.8 or (more & clean).sum() > 0.2 * max(clean.sum(), 1)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_best_f1_is_best(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([r[0] for r in rows])
    score = np.array([r[1] / 20 for r in rows])
    at = best_f1_threshold(truth, score, ~truth, false_share=1.0)
    assert f1(truth, score >= at) >= max(f1(truth, score >= t) for t in np.unique(score)) - 1e-12


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    truth, score = rng.random(200) < 0.3, rng.random(200)
    assert f1(truth, score > 0.5) == pytest.approx(f1_score(truth, score > 0.5))
    assert average_precision(truth, score) == pytest.approx(average_precision_score(truth, score))


def test_nothing_said_and_nothing_true() -> None:
    none = np.zeros(3, dtype=bool)
    assert precision(none, none) == recall(none, none) == f1(none, none) == 1.0


def test_the_interval_holds_the_figure_and_repeats() -> None:
    rng = np.random.default_rng(2)
    truth, said = rng.random(300) < 0.4, rng.random(300) < 0.5
    a, b = bootstrap(f1, truth, said, draws=200), bootstrap(f1, truth, said, draws=200)
    assert a == b and a.low < a.value < a.high
