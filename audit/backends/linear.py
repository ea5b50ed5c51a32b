"""Linear text classifiers over hashed character n-grams: numpy reads them, scikit-learn (imported lazily) fits them.

A score is a sum over the text's own features divided by their own norm: it never depends on other texts of the batch.
"""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.errors import UserError, check_regular
from audit.text.normalise import View

BITS = 18
SIZE = 1 << BITS
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
#: the layout of a model file; a file of another version is refused
FORMAT = 1
_AGAIN = "install the package again, or train it again: audit model train"

Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bag:
    """Features of some texts.

    Attributes
    ----------
    feature : (n,) int64, hashed features in [0, SIZE).
    text : (n,) int32, the text that has each; the features of one text keep their order whatever other texts there are.
    texts : number of texts.
    """

    feature: Hashes
    text: npt.NDArray[np.int32]
    texts: int

    def __len__(self) -> int:
        return self.texts

    @classmethod
    def joined(cls, parts: Sequence[Bag]) -> Bag:
        """The features of the same texts from several bags as one."""
        feature = np.concatenate([p.feature for p in parts])
        return cls(feature, np.concatenate([p.text for p in parts]), parts[0].texts)

    def take(self, texts: Hashes) -> Bag:
        """The bags of these texts, in this order; none may be named twice."""
        number = np.full(self.texts, -1, dtype=np.int32)
        number[texts] = np.arange(len(texts), dtype=np.int32)
        text = number[self.text]
        keep = text >= 0
        return Bag(self.feature[keep], text[keep], len(texts))

    def of(self, text: int) -> Hashes:
        """The features of one text."""
        return self.feature[self.text == text]


def ngrams(view: View, sizes: Sequence[int], space: str) -> Bag:
    """Character n-grams of every text of a view, its edges included; `space` keeps views apart."""
    codes = view.codes.astype(np.uint64)
    length = np.diff(view.starts)
    of_place = np.repeat(np.arange(len(length), dtype=np.int32), length)
    begin = view.starts[:-1][length > 0]
    room = length[length > 0]  # characters from the beginning on, the separator (the text's end) included
    features: list[Hashes] = []
    texts: list[npt.NDArray[np.int32]] = []
    value = np.full(len(codes), _word(space), dtype=np.uint64)
    for n in range(1, max(sizes) + 1):
        size = max(0, len(codes) - n + 1)
        value = _mixed(value[:size], codes[n - 1 : n - 1 + size])
        if n in sizes:
            inside = of_place[:size] == of_place[n - 1 : n - 1 + size]
            if n == 1:
                inside &= view.codes != 0
            features.append(_bucket(value[inside]))
            texts.append(of_place[:size][inside])
        if n + 1 in sizes:  # the n-gram before which the text begins
            head = begin[room >= n]
            features.append(_bucket(value[head] ^ _PRIME))
            texts.append(of_place[head])
    return Bag(np.concatenate(features), np.concatenate(texts), len(length))


def _mixed(value: npt.NDArray[np.uint64], codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The hash of each run of characters with one more."""
    value = (value ^ codes) * _PRIME
    value ^= value >> np.uint64(29)
    return value


def gram_weights(view: View, n: int, space: str, model: LinearModel, column: int) -> npt.NDArray[np.float32]:
    """(places,) float32: what the n-gram at each place of a view of one text adds for a class, its end left out."""
    codes = view.codes[:-1].astype(np.uint64)
    value = np.full(len(codes), _word(space), dtype=np.uint64)
    for k in range(n):
        size = max(0, len(codes) - k)
        value = _mixed(value[:size], codes[k : k + size])
    out: npt.NDArray[np.float32] = model.weight[_bucket(value), column]
    return out


def flags(names: Sequence[str], values: npt.NDArray[np.bool_]) -> Bag:
    """Named features (`lexicon:insult:`) from a (texts, names) bool table."""
    ids = np.array([int(_bucket(np.array([_word(n)]))[0]) for n in names], dtype=np.int64)
    text, column = np.nonzero(values)
    return Bag(ids[column], text.astype(np.int32), len(values))


def _word(name: str) -> np.uint64:
    value = 1469598103934665603
    for byte in name.encode():
        value = ((value ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return np.uint64(value)


def _bucket(value: npt.NDArray[np.uint64]) -> Hashes:
    value = value ^ (value >> np.uint64(31))
    value = value * _MIX
    return (value >> np.uint64(64 - BITS)).astype(np.int64)


@dataclass(frozen=True)
class LinearModel:
    """Weights of several yes/no questions over the same features.

    Attributes
    ----------
    classes : names of the questions.
    weight : (SIZE, classes) float32, already times the feature's rarity.
    rarity : (SIZE,) float32, inverse document frequency.
    bias : (classes,) float64.
    slope, offset : (classes,) float64, Platt scaling: probability = 1 / (1 + exp(-(slope · score + offset))).
    """

    classes: tuple[str, ...]
    weight: npt.NDArray[np.float32]
    rarity: npt.NDArray[np.float32]
    bias: Floats
    slope: Floats
    offset: Floats

    @functools.cached_property
    def _columns(self) -> Floats:
        """(classes, SIZE): the weights class by class: one class's table fits the processor's cache."""
        return np.ascontiguousarray(self.weight.T, dtype=np.float64)

    def scores(self, bag: Bag) -> Floats:
        """(texts, classes) float64: distances from each question's border."""
        out = np.tile(self.bias, (len(bag), 1))
        known = np.flatnonzero(self.rarity[bag.feature] > 0)
        known = known[np.argsort(bag.text[known], kind="stable")]
        feature, size = bag.feature[known], np.bincount(bag.text[known], minlength=len(bag))
        some = np.flatnonzero(size)
        if not len(some):
            return out
        first = (np.cumsum(size) - size)[some]
        norm = np.sqrt(np.add.reduceat(np.square(self.rarity.astype(np.float64))[feature], first))
        for k, column in enumerate(self._columns):
            out[some, k] += np.add.reduceat(column[feature], first) / norm
        return out

    def probabilities(self, bag: Bag) -> Floats:
        """(texts, classes) float64 in [0, 1], calibrated on texts that the weights have not seen."""
        with np.errstate(over="ignore"):
            out: Floats = 1.0 / (1.0 + np.exp(-(self.slope * self.scores(bag) + self.offset)))
        return out

    def save(self, path: Path) -> None:
        """Write the weights that are not zero; the same model gives the same bytes."""
        used = np.flatnonzero((self.weight != 0).any(axis=1) | (self.rarity != 0))
        arrays: dict[str, npt.NDArray[Any]] = {
            "index": used.astype(np.int32), "weight": self.weight[used].astype(np.float16),
            "rarity": self.rarity[used].astype(np.float16), "bias": self.bias, "slope": self.slope,
            "offset": self.offset,
        }  # fmt: skip
        head = {"format": FORMAT, "bits": BITS, "classes": list(self.classes)}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as pack:
            _put(pack, "head.json", json.dumps(head).encode())
            for name, array in arrays.items():
                _put(pack, f"{name}.npy", _npy(array))

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        """Read a model file; nothing is unpickled. Raises UserError where it is missing, damaged or foreign."""
        try:
            check_regular(path)
            with zipfile.ZipFile(path) as pack:
                head: dict[str, Any] = json.loads(pack.read("head.json"))
                if head.get("format") != FORMAT or head.get("bits") != BITS:
                    raise UserError(
                        "a model of another layout", where=str(path), fix="train it again: audit model train"
                    )
                arrays = {
                    name: _array(pack.read(f"{name}.npy"))
                    for name in ("index", "weight", "rarity", "bias", "slope", "offset")
                }
        except OSError as error:
            raise UserError(
                f"the model cannot be read: {error.strerror or error}",
                where=str(path),
                fix="reinstall, or train it again",
            ) from None
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
            raise UserError(f"the model file is damaged: {error}", where=str(path), fix=_AGAIN) from None
        classes = tuple(map(str, head["classes"]))
        index, k = arrays["index"], len(classes)
        if (
            index.ndim != 1 or arrays["weight"].shape != (len(index), k) or arrays["rarity"].shape != (len(index),)
            or any(arrays[n].shape != (k,) for n in ("bias", "slope", "offset"))
            or (len(index) and not (index.min() >= 0 and index.max() < SIZE))
        ):  # fmt: skip
            raise UserError("the model file is damaged: shapes", where=str(path), fix=_AGAIN)
        weight = np.zeros((SIZE, k), dtype=np.float32)
        rarity = np.zeros(SIZE, dtype=np.float32)
        weight[index], rarity[index] = arrays["weight"], arrays["rarity"]
        return cls(classes, weight, rarity, arrays["bias"], arrays["slope"], arrays["offset"])


def _put(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    pack.writestr(info, content)


def _npy(array: npt.NDArray[Any]) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, array, allow_pickle=False)
    return out.getvalue()


def _array(content: bytes) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array


def rarity_of(bag: Bag, least: int = 2) -> npt.NDArray[np.float32]:
    """(SIZE,) float32 inverse document frequency of every feature; 0 where fewer than `least` texts have it."""
    pairs = np.unique(bag.text.astype(np.int64) * SIZE + bag.feature) % SIZE
    count = np.bincount(pairs, minlength=SIZE)
    rarity = np.log((1 + len(bag)) / (1 + count)) + 1
    rarity[count < least] = 0
    return rarity.astype(np.float16).astype(np.float32)  # as it is stored


def matrix(bag: Bag, rarity: npt.NDArray[np.float32]):  # type: ignore[no-untyped-def]
    """Scipy CSR (texts, SIZE): the values that `LinearModel.scores` works with."""
    from scipy.sparse import csr_matrix

    value = rarity[bag.feature].astype(np.float64)
    norm = np.sqrt(np.bincount(bag.text, value**2, minlength=len(bag)))
    norm[norm == 0] = 1.0
    out = csr_matrix((value / norm[bag.text], (bag.text, bag.feature)), shape=(len(bag), SIZE))
    out.eliminate_zeros()
    return out


def fit_weights(features, target: npt.NDArray[np.bool_], weight: Floats, strength: float):  # type: ignore[no-untyped-def]
    """(SIZE,) weights and a bias for one yes/no question: L2-regularised logistic regression."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, solver="liblinear", intercept_scaling=1.0, max_iter=300, random_state=0)
    model.fit(features, target, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def platt(score: Floats, target: npt.NDArray[np.bool_], weight: Floats | None = None) -> tuple[float, float]:
    """Slope and offset of Platt scaling, fitted on scores of texts that the weights have not seen."""
    from sklearn.linear_model import LogisticRegression

    if target.all() or not target.any():
        return 1.0, 0.0
    model = LogisticRegression(C=1e3, solver="lbfgs", max_iter=1000)
    model.fit(score[:, None], target, sample_weight=weight)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
