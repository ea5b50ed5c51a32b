"""Linear text classifiers over hashed character n-grams: numpy reads them, scikit-learn (imported lazily) fits them.

A score is a sum over the text's own features divided by their own norm: it never depends on other texts of the batch.
"""

from __future__ import annotations

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
    """Features of some texts, end to end.

    Attributes
    ----------
    feature : (n,) int64, hashed features in [0, SIZE).
    start : (texts + 1,) int64, where each text's features begin.
    """

    feature: Hashes
    start: Hashes

    def __len__(self) -> int:
        return len(self.start) - 1

    @classmethod
    def joined(cls, parts: Sequence[Bag]) -> Bag:
        """The features of the same texts from several bags as one."""
        texts = len(parts[0])
        of_text = np.concatenate([np.repeat(np.arange(texts), np.diff(p.start)) for p in parts])
        order = np.argsort(of_text, kind="stable")
        start = np.zeros(texts + 1, dtype=np.int64)
        np.cumsum(sum(np.diff(p.start) for p in parts), out=start[1:])
        return cls(np.concatenate([p.feature for p in parts])[order], start)

    def take(self, texts: Hashes) -> Bag:
        """The bags of these texts, in this order."""
        size = np.diff(self.start)[texts]
        start = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum(size, out=start[1:])
        place = np.arange(int(start[-1])) - np.repeat(start[:-1], size) + np.repeat(self.start[texts], size)
        return Bag(self.feature[place], start)


def ngrams(view: View, sizes: Sequence[int], space: str) -> Bag:
    """Character n-grams of every text of a view, its edges included; `space` keeps views apart."""
    parts: list[Hashes] = []
    places: list[Hashes] = []
    crossed = _separators_before(view)
    begin = view.starts[:-1][np.diff(view.starts) > 0]
    for n in sizes:
        value = _windows(view, n, space)
        place = np.arange(len(value))
        # a window may end in its text's separator, which stands for the end of the text
        ok = crossed[place] == crossed[place + n - 1]
        if n == 1:
            ok &= view.codes[: len(value)] != 0
        parts.append(_bucket(value[ok]))
        places.append(place[ok])
        if n > 1:  # the window before which the text begins
            head = begin[begin + n - 1 <= len(view.codes)]
            head = head[crossed[head] == crossed[head + n - 2]]
            parts.append(_bucket(_windows(view, n - 1, space)[head] ^ _PRIME))
            places.append(head)
    feature, place = np.concatenate(parts), np.concatenate(places)
    text = np.searchsorted(view.starts, place, side="right") - 1
    order = np.argsort(text, kind="stable")
    start = np.zeros(len(view.starts), dtype=np.int64)
    np.cumsum(np.bincount(text, minlength=len(view.starts) - 1), out=start[1:])
    return Bag(feature[order], start)


def _separators_before(view: View) -> Hashes:
    """(codes + 1,) int64: how many texts have ended before each place."""
    ended = np.zeros(len(view.codes) + 1, dtype=np.int64)
    ended[view.starts[1:]] = 1
    return np.cumsum(ended)


def _windows(view: View, n: int, space: str) -> npt.NDArray[np.uint64]:
    """The hash of the n characters from each place on; (codes − n + 1,) uint64."""
    codes = view.codes.astype(np.uint64)
    size = max(0, len(codes) - n + 1)
    value = np.full(size, _word(space) + np.uint64(n), dtype=np.uint64)
    for k in range(n):
        value = (value ^ codes[k : size + k]) * _PRIME
        value ^= value >> np.uint64(29)
    return value


def gram_weights(view: View, n: int, space: str, model: LinearModel, column: int) -> npt.NDArray[np.float32]:
    """(places,) float32: what the n-gram at each place of a view of one text adds for a class, its end left out."""
    value = _windows(view, n, space)[: max(0, len(view.codes) - n)]
    out: npt.NDArray[np.float32] = model.weight[_bucket(value), column]
    return out


def words(tokens: Sequence[Sequence[str]]) -> Bag:
    """Named features (`lexicon:insult`) of every text."""
    start = np.zeros(len(tokens) + 1, dtype=np.int64)
    np.cumsum([len(t) for t in tokens], out=start[1:])
    known = {name: int(_bucket(np.array([_word(name)]))[0]) for name in {n for t in tokens for n in t}}
    return Bag(np.array([known[n] for t in tokens for n in t], dtype=np.int64), start)


def flags(names: Sequence[str], values: npt.NDArray[np.bool_]) -> Bag:
    """Named features from a (texts, names) bool table."""
    ids = np.array([int(_bucket(np.array([_word(n)]))[0]) for n in names], dtype=np.int64)
    text, column = np.nonzero(values)
    start = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values.sum(axis=1), out=start[1:])
    return Bag(ids[column], start)


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

    def scores(self, bag: Bag) -> Floats:
        """(texts, classes) float64: distances from each question's border."""
        out = np.tile(self.bias, (len(bag), 1))
        some = np.flatnonzero(np.diff(bag.start))
        for block in np.array_split(some, max(1, len(bag.feature) // 4_000_000)):
            if not len(block):
                continue
            part = bag.take(block)
            at = part.start[:-1]
            norm = np.sqrt(np.add.reduceat(np.square(self.rarity[part.feature], dtype=np.float64), at))
            norm[norm == 0] = 1.0
            for k in range(len(self.classes)):
                total = np.add.reduceat(self.weight[part.feature, k].astype(np.float64), at)
                out[block, k] += total / norm
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
    import io

    out = io.BytesIO()
    np.lib.format.write_array(out, array, allow_pickle=False)
    return out.getvalue()


def _array(content: bytes) -> npt.NDArray[Any]:
    import io

    array: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array


def rarity_of(bag: Bag, least: int = 2) -> npt.NDArray[np.float32]:
    """(SIZE,) float32 inverse document frequency of every feature; 0 where fewer than `least` texts have it."""
    text = np.repeat(np.arange(len(bag)), np.diff(bag.start))
    pairs = np.unique(text * SIZE + bag.feature) % SIZE
    count = np.bincount(pairs, minlength=SIZE)
    rarity = np.log((1 + len(bag)) / (1 + count)) + 1
    rarity[count < least] = 0
    return rarity.astype(np.float16).astype(np.float32)  # as it is stored


def matrix(bag: Bag, rarity: npt.NDArray[np.float32]):  # type: ignore[no-untyped-def]
    """Scipy CSR (texts, SIZE): the values that `LinearModel.scores` works with."""
    from scipy.sparse import csr_matrix

    value = rarity[bag.feature].astype(np.float64)
    norm = np.sqrt(np.add.reduceat(np.append(value**2, 0.0), np.minimum(bag.start[:-1], len(value))))
    size = np.diff(bag.start)
    norm[(norm == 0) | (size == 0)] = 1.0
    out = csr_matrix((value / np.repeat(norm, size), bag.feature, bag.start), shape=(len(bag), SIZE))
    out.sum_duplicates()
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
