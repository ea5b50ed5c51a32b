"""The recipe of offensive-general, on tiny data, and what ATT001 makes of such a model."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from audit.chats.models import CARD, VOCABULARY, WEIGHTS, Classifier, Models, Thresholds, load
from audit.chats.offensive import gram_ids, known, telling_pieces
from audit.errors import UserError
from audit.learn.evaluate import lines_as_chats
from audit.learn.offensive import (
    CLASS,
    accuracy,
    evaluate_cold,
    fit,
    ids_of,
    read_cold,
    suspect_from,
    vocabulary_of,
    weights,
    without_repeats,
)
from audit.rules.attitude import insult
from audit.shapes.classifier import offensive_hits
from audit.text.normalise import fold

WHO = ["甲地人", "乙地人", "丙地人", "丁地人", "戊地人"]
BAD = [f"{who}{say}" for who in WHO for say in ("都是木头脑袋", "真是木头脑袋", "全是木头脑袋", "个个木头脑袋")]
GOOD = [f"{who}{say}" for who in WHO for say in ("都很热心", "喜欢吃面", "住在河边", "常来做客")]
TRUTH = np.array([True] * len(BAD) + [False] * len(GOOD))


def classifier() -> Classifier:
    ids = ids_of(BAD + GOOD)
    vocabulary = vocabulary_of(ids)
    model = fit(known(ids, vocabulary), TRUTH)
    return Classifier("offensive-general", model, {CLASS: Thresholds(2.0, 0.7)}, vocabulary)


def write_cold(folder: Path, part: str, rows: list[tuple[str, str]], head: str = ",split,topic,label,TEXT") -> None:
    (folder / "cold").mkdir(exist_ok=True)
    lines = [head, *(f"{i},{part},race,{label},{text}" for i, (text, label) in enumerate(rows))]
    (folder / "cold" / f"{part}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def test_reading(tmp_path: Path) -> None:
    write_cold(tmp_path, "dev", [("甲", "1"), ("乙", "0")])
    texts, offensive = read_cold(tmp_path, "dev")
    assert texts == ["甲", "乙"] and offensive.tolist() == [True, False]


def test_reading_names_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_cold(tmp_path, "dev")
    write_cold(tmp_path, "dev", [("甲", "2")])
    with pytest.raises(UserError, match="labels other"):
        read_cold(tmp_path, "dev")
    write_cold(tmp_path, "dev", [("甲", "1")], head="a,b,c,d,e")
    with pytest.raises(UserError, match="columns"):
        read_cold(tmp_path, "dev")


def test_texts_that_repeat_in_the_measured_part_are_left_out() -> None:
    texts, truth = without_repeats(["甲 乙", "丙", "丁"], np.array([True, False, True]), ["甲乙 ", "戊"])
    assert texts == ["丙", "丁"] and truth.tolist() == [False, True]


def test_the_vocabulary_holds_what_two_texts_hold() -> None:
    ids = ids_of(["甲乙", "甲丙", "丁丁"])
    vocabulary = vocabulary_of(ids)
    assert (np.diff(vocabulary) > 0).all() and vocabulary.dtype == np.int32
    one = gram_ids(fold(["甲", "丁"]), (1,)).feature
    assert one[0] in vocabulary and one[1] not in vocabulary


def test_unknown_grams_are_left_out_and_texts_keep_their_numbers() -> None:
    vocabulary = vocabulary_of(ids_of(["甲乙", "甲乙"]))
    bag = known(ids_of(["丙丁", "甲乙"]), vocabulary)
    assert len(bag) == 2 and set(bag.text.tolist()) == {1} and (bag.feature < len(vocabulary)).all()
    assert not len(known(ids_of(["甲"]), vocabulary[:0]).feature)


def test_it_learns_and_averages_into_one_weight_vector() -> None:
    ids = ids_of(BAD + GOOD)
    vocabulary = vocabulary_of(ids)
    model = weights(known(ids, vocabulary), TRUTH)
    assert model.weight.shape[1] == 1 and accuracy(TRUTH, model.scores(known(ids, vocabulary))[:, 0] > 0) == 1.0
    p = classifier().model.probabilities(known(ids_of(["己地人真是木头脑袋", "己地人都很热心"]), vocabulary))[:, 0]
    assert p[0] > 0.7 > 0.3 > p[1]


def test_evaluation_has_intervals(tmp_path: Path) -> None:
    write_cold(tmp_path, "dev", [(BAD[0], "1"), (GOOD[0], "0"), (BAD[1], "0")])
    made = classifier()
    value, low, high = evaluate_cold(tmp_path, made.model, made.vocabulary)["accuracy"]
    assert value == pytest.approx(2 / 3, abs=1e-3) and low <= value <= high


@pytest.mark.parametrize(("share", "flagged"), [(0.0, 0), (0.1, 1), (0.25, 2), (1.0, 10)])
def test_the_threshold_lets_a_share_of_clean_rows_through(share: float, flagged: int) -> None:
    clean = np.linspace(0.05, 0.95, 10)
    assert (clean >= suspect_from(clean, share)).sum() == flagged


def test_equal_scores_at_the_border_stay_out_together() -> None:
    clean = np.array([0.9, 0.9, 0.9, 0.1])
    assert (clean >= suspect_from(clean, 0.5)).sum() == 0


def test_pieces_that_speak_most() -> None:
    told = telling_pieces("己地人真是木头脑袋", classifier())
    assert "头脑" in told and "己地" not in told and len("".join(told)) <= len("己地人真是木头脑袋")
    assert telling_pieces("今晚", classifier()) == [] and telling_pieces("?!,", classifier()) == []


def test_it_suspects_where_nothing_else_speaks_and_never_decides() -> None:
    models = Models(offensive=classifier())
    chats = lines_as_chats(["在吗", "在吗"], ["你们丙地人个个木头脑袋", "丙地人常来做客"], models)
    hits = offensive_hits(chats, chats.human, "辱骂")
    assert hits["state"].tolist() == ["suspected"] and hits["decided_by"].tolist() == ["model"]
    assert "通用冒犯语模型" in hits["why"].iloc[0] and "头脑" in hits["why"].iloc[0]
    assert offensive_hits(chats, np.zeros(len(chats), dtype=bool), "辱骂").empty
    assert offensive_hits(lines_as_chats(["在吗"], [BAD[0]], Models()), np.ones(2, dtype=bool), "辱骂").empty


def test_insult_asks_it_only_about_silent_rows() -> None:
    models = Models(offensive=classifier())
    chats = lines_as_chats(["在吗", "在吗"], ["傻逼，木头脑袋", "个个木头脑袋"], models)
    hits = insult.check.check(chats)
    assert hits["state"].tolist() == ["violation", "suspected"] and hits["row"].nunique() == 2


def test_a_score_does_not_depend_on_its_batch() -> None:
    made = classifier()
    alone = made.model.scores(known(ids_of([BAD[3]]), made.vocabulary))[0]
    among = made.model.scores(known(ids_of([*GOOD, BAD[3], *BAD]), made.vocabulary))[len(GOOD)]
    assert alone == among


@pytest.mark.parametrize("damage", ["", "missing", "other", "pickled"])
def test_the_vocabulary_is_checked_when_it_is_read(tmp_path: Path, damage: str) -> None:
    made = classifier()
    place = tmp_path / made.name
    place.mkdir()
    made.model.save(place / WEIGHTS)
    numbers = made.vocabulary.astype(object) if damage == "pickled" else made.vocabulary
    np.save(place / VOCABULARY, numbers, allow_pickle=damage == "pickled")
    card = {
        "weights": {"sha256": hashlib.sha256((place / WEIGHTS).read_bytes()).hexdigest()},
        "vocabulary": {"sha256": hashlib.sha256((place / VOCABULARY).read_bytes()).hexdigest()},
        "thresholds": {CLASS: {"decide": 2.0, "suspect": 0.7}},
    }
    (place / CARD).write_text(json.dumps(card), encoding="utf-8")
    if damage == "missing":
        (place / VOCABULARY).unlink()
    if damage == "other":
        np.save(place / VOCABULARY, made.vocabulary[1:])
    if damage:
        with pytest.raises(UserError, match="vocabulary"):
            load(made.name, tmp_path)
    else:
        found = load(made.name, tmp_path)
        assert found is not None and (found.vocabulary == made.vocabulary).all()
