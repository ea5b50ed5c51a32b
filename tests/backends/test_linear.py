"""audit.backends.linear: features, scores that never depend on the batch, files that are checked."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.backends.linear import (
    SIZE,
    Bag,
    LinearModel,
    fit_weights,
    flags,
    gram_weights,
    matrix,
    ngrams,
    platt,
    rarity_of,
)
from audit.errors import UserError
from audit.text.normalise import fold

TEXTS = st.lists(st.text(alphabet="好评返现您你a1🐴 。\n", max_size=12), min_size=1, max_size=8)


def toy() -> LinearModel:
    """Two classes learned from eight lines."""
    lines = ["五星返现", "好评返三元", "晒图返红包", "返现加好评", "今天发货", "明天到", "尺码标准", "可以机洗"]
    truth = np.array([True] * 4 + [False] * 4)
    bag = ngrams(fold(lines), (1, 2), "text")
    rarity = rarity_of(bag, 1)
    weight, bias = fit_weights(matrix(bag, rarity), truth, np.ones(8), 10.0)
    columns = np.column_stack([weight * rarity, -weight * rarity]).astype(np.float16).astype(np.float32)
    return LinearModel(("pay", "plain"), columns, rarity, np.array([bias, -bias]), np.ones(2), np.zeros(2))


class TestNgrams:
    def test_counts(self) -> None:
        bag = ngrams(fold(["好评", "", "a"]), (1, 2), "text")
        # 好, 评; beginning+好, 好评, 评+end — beginning+end — a; beginning+a, a+end
        assert [len(bag.of(i)) for i in range(3)] == [5, 1, 3]

    def test_spaces_and_edges_keep_apart(self) -> None:
        one, other = ngrams(fold(["好评"]), (2,), "text"), ngrams(fold(["好评"]), (2,), "sound")
        assert not set(one.feature) & set(other.feature)
        inside = ngrams(fold(["说好评吧"]), (2,), "text")
        assert len(set(one.feature) & set(inside.feature)) == 1  # 好评 itself, neither edge

    @given(TEXTS)
    @settings(max_examples=60, deadline=None)
    def test_a_text_alone_gives_the_same_features(self, texts: list[str]) -> None:
        together = ngrams(fold(texts), (1, 2, 3), "text")
        for i, text in enumerate(texts):
            alone = ngrams(fold([text]), (1, 2, 3), "text")
            assert together.take(np.array([i])).feature.tolist() == alone.feature.tolist()


class TestBag:
    def test_joined_and_taken(self) -> None:
        a = Bag(np.array([1, 2, 3]), np.array([0, 0, 1], dtype=np.int32), 2)
        b = Bag(np.array([7]), np.array([1], dtype=np.int32), 2)
        both = Bag.joined([a, b])
        assert both.of(0).tolist() == [1, 2] and both.of(1).tolist() == [3, 7]
        swapped = both.take(np.array([1, 0]))
        assert swapped.of(0).tolist() == [3, 7] and len(swapped) == 2

    def test_flags(self) -> None:
        bag = flags(["x", "y"], np.array([[True, False], [False, False], [True, True]]))
        assert [len(bag.of(i)) for i in range(3)] == [1, 0, 2] and bag.of(0)[0] == bag.of(2)[0]


class TestScores:
    def test_it_learned(self) -> None:
        model = toy()
        scores = model.scores(ngrams(fold(["亲，五星好评返现", "明天发货"]), (1, 2), "text"))
        assert scores[0, 0] > 0 > scores[1, 0] and np.allclose(scores[:, 0], -scores[:, 1], atol=1e-3)

    @given(TEXTS)
    @settings(max_examples=60, deadline=None)
    def test_a_score_never_depends_on_the_batch(self, texts: list[str]) -> None:
        model = toy()
        together = model.scores(ngrams(fold(texts), (1, 2), "text"))
        alone = np.vstack([model.scores(ngrams(fold([t]), (1, 2), "text")) for t in texts])
        assert (together == alone).all()

    def test_the_matrix_gives_the_same_scores(self) -> None:
        model = toy()
        bag = ngrams(fold(["好评返现", "发货了"]), (1, 2), "text")
        plain = matrix(bag, model.rarity) @ np.divide(
            model.weight, model.rarity[:, None], out=np.zeros_like(model.weight), where=model.rarity[:, None] > 0
        )
        assert np.allclose(plain + model.bias, model.scores(bag), atol=1e-5)

    def test_gram_weights_find_the_telling_piece(self) -> None:
        model = toy()
        view = fold(["今天返现"])
        weights = gram_weights(view, 2, "text", model, 0)
        assert len(weights) == 3 and int(np.argmax(weights)) == 2


def test_platt_is_monotone() -> None:
    score = np.array([-2.0, -1, 0, 1, 2, 3])
    slope, _ = platt(score, np.array([False, False, True, False, True, True]))
    assert slope > 0
    assert platt(score, np.zeros(6, dtype=bool)) == (1.0, 0.0)


class TestFile:
    def test_round_trip_and_same_bytes(self, tmp_path: Path) -> None:
        model = toy()
        model.save(tmp_path / "a.zip")
        model.save(tmp_path / "b.zip")
        assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
        loaded = LinearModel.load(tmp_path / "a.zip")
        bag = ngrams(fold(["好评返现"]), (1, 2), "text")
        assert loaded.classes == model.classes and np.allclose(loaded.scores(bag), model.scores(bag), atol=1e-6)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="cannot be read"):
            LinearModel.load(tmp_path / "none.zip")

    def test_damage(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        toy().save(path)
        path.write_bytes(path.read_bytes()[:200])
        with pytest.raises(UserError, match="damaged"):
            LinearModel.load(path)

    @pytest.mark.parametrize("change", ["bits", "format"])
    def test_another_layout(self, tmp_path: Path, change: str) -> None:
        path = tmp_path / "a.zip"
        toy().save(path)
        self._with_head(path, {change: 99})
        with pytest.raises(UserError, match="another layout"):
            LinearModel.load(path)

    def test_shapes_are_checked(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        toy().save(path)
        self._with_head(path, {"classes": ["one"]})
        with pytest.raises(UserError, match="shapes"):
            LinearModel.load(path)

    def test_a_pickle_is_never_loaded(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        toy().save(path)
        with zipfile.ZipFile(path) as pack:
            members = {n: pack.read(n) for n in pack.namelist()}
        import io

        out = io.BytesIO()
        np.save(out, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        members["bias.npy"] = out.getvalue()
        with zipfile.ZipFile(path, "w") as pack:
            for name, content in members.items():
                pack.writestr(name, content)
        with pytest.raises(UserError, match="damaged"):
            LinearModel.load(path)

    def _with_head(self, path: Path, change: dict[str, object]) -> None:
        with zipfile.ZipFile(path) as pack:
            members = {n: pack.read(n) for n in pack.namelist()}
        members["head.json"] = json.dumps({**json.loads(members["head.json"]), **change}).encode()
        with zipfile.ZipFile(path, "w") as pack:
            for name, content in members.items():
                pack.writestr(name, content)


def test_probabilities_lie_between_0_and_1() -> None:
    model = replace(toy(), slope=np.array([50.0, 50.0]))
    p = model.probabilities(ngrams(fold(["五星返现返现返现", "", "x"]), (1, 2), "text"))
    assert ((p >= 0) & (p <= 1)).all() and p.shape == (3, 2)
    assert model.weight.shape == (SIZE, 2)
