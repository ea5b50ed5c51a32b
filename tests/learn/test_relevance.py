"""The recipe of the relevance model, on tiny data."""

import numpy as np
import pandas as pd
import pytest

from audit.learn.relevance import FOLDS, OFF_TOPIC, figures, fit, pairs_of, thresholds, usable
from audit.shapes.relevance import pair_bag

PLACES = "成都 北京 上海 广州 杭州 武汉 西安 长沙 南京 福州 昆明 苏州 合肥 济南 沈阳 大连 青岛 厦门 贵阳 南宁".split()


def corpus() -> pd.DataFrame:
    """Time asked; a time told (clean) or a colour (off topic); and rows that are of no use."""
    rows = []
    for number, place in enumerate(PLACES):
        rows.append(("shoes", f"几天能到{place}", f"{place}大概{number % 5 + 1}天到", frozenset()))
        rows.append(("shoes", f"发{place}要几天", f"{place}的颜色有黑白两种", frozenset({OFF_TOPIC})))
        rows.append(("shoes", f"{place}能送吗", "可以送到的", frozenset()))
    rows.append(("shoes", "", "您好", frozenset()))
    rows.append(("shoes", "在吗", "滚", frozenset({"insult"})))
    return pd.DataFrame(rows, columns=["trade", "context", "text", "labels"])


def test_usable_rows_have_a_question_and_are_clean_or_off_topic() -> None:
    frame = usable(corpus())
    assert len(frame) == 3 * len(PLACES)


def test_a_question_stays_in_one_fold() -> None:
    pairs = pairs_of(usable(corpus()))
    folds = pd.DataFrame({"question": pairs.question, "fold": pairs.fold}).groupby("question")["fold"].nunique()
    assert (folds == 1).all() and set(pairs.fold) == set(range(FOLDS))


def test_shuffled_replies_come_from_other_questions() -> None:
    frame = usable(corpus())
    pairs = pairs_of(frame)
    true = set(zip(frame["context"], frame["text"], strict=True))
    made = [(q, r) for q, r, known in zip(pairs.question, pairs.reply, pairs.labelled, strict=True) if not known]
    assert made and pairs.off_topic[~pairs.labelled].all()
    assert sum(pair in true for pair in made) == sum(reply == "可以送到的" and "能送" in q for q, reply in made)


def test_it_learns_and_is_calibrated_on_unseen_questions() -> None:
    pairs = pairs_of(usable(corpus()))
    bag = pair_bag(pairs.question, pairs.reply)
    model, unseen = fit(pairs, bag)
    truth, own = pairs.off_topic[pairs.labelled], unseen[pairs.labelled]
    limits = thresholds(truth, own)
    assert 0 < limits["suspect"] <= limits["decide"] <= 1
    shown = figures(truth, own, limits["decide"])
    assert shown["off_topic"] == len(PLACES) and shown["precision"][0] >= 0.95 and shown["average_precision"][0] > 0.9
    p = model.probabilities(pair_bag(["几天能到海口", "几天能到海口"], ["海口大概3天到", "海口的颜色有黑白两种"]))[:, 0]
    assert p[1] > p[0]


def test_pruning_keeps_the_features_that_weigh_most() -> None:
    pairs = pairs_of(usable(corpus()))
    bag = pair_bag(pairs.question, pairs.reply)
    small, _ = fit(pairs, bag, kept=40)
    assert 0 < int((small.rarity > 0).sum()) <= 60
    assert not small.weight[small.rarity == 0].any()


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_figures_at_the_ends(score: float) -> None:
    truth = np.array([True, False])
    shown = figures(truth, np.array([score, score]), 0.5)
    assert shown["precision"][0] == (0.5 if score else 1.0) and shown["recall"][0] == (1.0 if score else 0.0)
