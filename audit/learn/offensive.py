"""The recipe of offensive-general: a linear classifier of offensive Chinese, trained on COLD alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.backends.linear import SIZE, Bag, LinearModel, matrix, platt, rarity_of
from audit.chats.models import OFFENSIVE, VOCABULARY
from audit.chats.offensive import SIZES, Vocabulary, gram_ids, known
from audit.errors import UserError
from audit.learn import corpus, train
from audit.learn.choose import average_precision, bootstrap, f1
from audit.text.glyphs import decoded
from audit.text.normalise import fold

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

CLASS = "offensive"
ABOUT = (
    "Whether a text is offensive, learnt from posts about race, region and gender, not from chats: it can only raise "
    "ATT001 to suspected, where the agent-act model and the lexicons are silent."
)
LICENCE = "Apache-2.0 (weights derived from COLD, Apache-2.0)"
SOURCES = [
    {
        "name": "COLD: Chinese Offensive Language Dataset, train.csv",
        "url": "https://github.com/thu-coai/COLDataset",
        "licence": "Apache-2.0",
        "cite": "Deng et al. 2022, COLD: A Benchmark for Chinese Offensive Language Detection, EMNLP",
    }
]
#: fits that are averaged into one weight vector: (smoothing of the counts, strength of the support vector machine)
FITS = ((1.0, 0.8), (3.0, 1.0))
FOLDS = 4
#: share of the corpus's clean rows that may be suspected
FALSE_SHARE = 0.001


def read_cold(folder: Path, part: str) -> tuple[list[str], Bools]:
    """(texts, (texts,) bool offensive) of cold/<part>.csv. Raises UserError where it is missing or damaged."""
    path = folder / "cold" / f"{part}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [(row["TEXT"], row["label"]) for row in csv.DictReader(lines)]
    except OSError as error:
        raise UserError(
            f"cannot be read: {error.strerror}", where=str(path), fix="point --data to a folder with cold/"
        ) from None
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"not the columns TEXT and label: {error}", where=str(path), fix="fetch COLD again") from None
    strange = {label for _, label in rows} - {"0", "1"}
    if strange:
        raise UserError(f"labels other than 0 and 1: {sorted(strange)}", where=str(path), fix="fetch COLD again")
    return [text for text, _ in rows], np.array([label == "1" for _, label in rows], dtype=bool)


def without_repeats(texts: list[str], offensive: Bools, measured: list[str]) -> tuple[list[str], Bools]:
    """The rows whose text, spaces aside, is not among the measured ones."""
    away = {"".join(text.split()) for text in measured}
    keep = np.array(["".join(text.split()) not in away for text in texts], dtype=bool)
    return [t for t, k in zip(texts, keep, strict=True) if k], offensive[keep]


def ids_of(texts: list[str]) -> Bag:
    """N-grams of texts, whatever the vocabulary."""
    return gram_ids(decoded(fold(texts)))


def vocabulary_of(ids: Bag, least: int = 2) -> Vocabulary:
    """The n-grams that at least `least` texts hold, the most frequent where there are more than places."""
    width = int(ids.feature.max(initial=0)) + 1
    number, count = np.unique(np.unique(ids.text.astype(np.int64) * width + ids.feature) % width, return_counts=True)
    number, count = number[count >= least], count[count >= least]
    chosen = np.lexsort((number, -count))[:SIZE]
    return np.sort(number[chosen]).astype(np.int32)


def fit(bag: Bag, offensive: Bools) -> LinearModel:
    """The model, calibrated on scores of rows that a fold's weights had not seen."""
    fold = np.random.default_rng(7).permutation(len(bag)) % FOLDS
    unseen = np.zeros(len(bag))
    for number in range(FOLDS):
        near, away = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        unseen[away] = weights(bag.take(near), offensive[near]).scores(bag.take(away))[:, 0]
    slope, offset = platt(unseen, offensive)
    return replace(weights(bag, offensive), slope=np.array([slope]), offset=np.array([offset]))


def weights(bag: Bag, offensive: Bools) -> LinearModel:
    """Support vector machines over features times their log-count ratio (Wang and Manning 2012), averaged."""
    from scipy.sparse import diags
    from sklearn.svm import LinearSVC

    known = (rarity_of(bag) > 0).astype(np.float32)
    features = matrix(bag, known)
    used = np.flatnonzero(known)
    features = features[:, used]
    with_it = [np.asarray((features[mask] > 0).sum(axis=0)).ravel() for mask in (offensive, ~offensive)]
    weight, bias = np.zeros(len(used)), 0.0
    for smoothing, strength in FITS:
        share = [(count + smoothing) / (count + smoothing).sum() for count in with_it]
        ratio = np.abs(np.log(share[0] / share[1]))
        machine = LinearSVC(C=strength, random_state=0).fit(features @ diags(ratio), offensive)
        weight += machine.coef_[0] * ratio / len(FITS)
        bias += float(machine.intercept_[0]) / len(FITS)
    table = np.zeros((SIZE, 1), dtype=np.float32)
    table[used, 0] = weight.astype(np.float16)  # as it is stored
    return LinearModel((CLASS,), table, known, np.array([bias]), np.ones(1), np.zeros(1))


def suspect_from(clean: Floats, false_share: float = FALSE_SHARE) -> float:
    """The lowest probability that at most `false_share` of the clean rows exceed."""
    if not len(clean):
        return 1.0
    allowed = int(false_share * len(clean))
    return float(np.nextafter(np.sort(clean)[::-1][allowed], 1.0)) if allowed < len(clean) else 0.0


def accuracy(truth: Bools, said: Bools) -> float:
    """Share of rows that are judged as labelled."""
    return float((truth == said).mean())


def evaluate_cold(folder: Path, model: LinearModel, vocabulary: Vocabulary) -> dict[str, Any]:
    """Figures on cold/dev.csv with 95 % bootstrap intervals; the model must not have seen its texts."""
    texts, truth = read_cold(folder, "dev")
    own = model.scores(known(ids_of(texts), vocabulary))[:, 0]
    said = own > 0
    return {
        "data": f"COLD dev, {len(texts)} texts, {int(truth.sum())} offensive",
        "accuracy": bootstrap(accuracy, truth, said).record(),
        "f1": bootstrap(f1, truth, said).record(),
        "average_precision": bootstrap(average_precision, truth, own, draws=200).record(),
    }


@dataclass(frozen=True)
class TrainedOffensive(train.Trained):
    """A fitted classifier with the n-grams that it knows."""

    vocabulary: Vocabulary


def train_offensive(data: Path | None, say: Callable[[str], None] = print) -> TrainedOffensive:
    """The model from `data`/cold; its threshold from the clean rows of the agent corpus."""
    train.ABOUT.setdefault(OFFENSIVE, ABOUT)
    if data is None:
        raise UserError("offensive-general is trained on COLD", fix="name the folder that holds cold/: --data FOLDER")
    texts, offensive = read_cold(data, "train")
    texts, offensive = without_repeats(texts, offensive, read_cold(data, "dev")[0])
    ids = ids_of(texts)
    vocabulary = vocabulary_of(ids)
    bag = known(ids, vocabulary)
    say(f"{len(texts)} texts, {int(offensive.sum())} offensive, {len(vocabulary)} n-grams")
    model = fit(bag, offensive)
    agent = corpus.read_agent()
    p = model.probabilities(known(ids_of(list(agent["text"])), vocabulary))[:, 0]
    held = agent["test"].to_numpy(dtype=bool)
    clean = (agent["labels"].map(len) == 0).to_numpy()
    insult = agent["labels"].map(lambda names: "insult" in names).to_numpy(dtype=bool)
    limit = round(suspect_from(p[clean & ~held]) + 5e-7, 6)
    notes = {
        "data": {"cold/train.csv": _hash(data / "cold" / "train.csv")},
        "sources": SOURCES,
        "rows": len(texts),
        "left_out": "train texts that repeat in dev.csv",
        "thresholds_chosen_on": [f"{int((clean & ~held).sum())} clean rows of the agent corpus"],
        "cold_dev": evaluate_cold(data, model, vocabulary),
        "corpus_clean_suspected": bootstrap(_share, (p >= limit)[clean]).record(),
        "corpus_clean_held_out_suspected": bootstrap(_share, (p >= limit)[clean & held]).record(),
        "corpus_insult_suspected": bootstrap(_share, (p >= limit)[insult]).record(),
    }
    say(f"cold dev: {notes['cold_dev']}")
    # no probability is above 1: it never decides
    return TrainedOffensive(model, {CLASS: {"decide": 2.0, "suspect": limit}}, notes, vocabulary)


def _share(flags: Bools) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def write(data: Path | None, folder: Path, say: Callable[[str], None] = print) -> Path:
    """Train and write models/offensive-general: weights, vocabulary, card; returns the card's path."""
    trained = train_offensive(data, say)
    path = train.write(trained, OFFENSIVE, folder)
    content = io.BytesIO()
    np.lib.format.write_array(content, trained.vocabulary, allow_pickle=False)
    path.with_name(VOCABULARY).write_bytes(content.getvalue())
    card = json.loads(path.read_text(encoding="utf-8"))
    card["vocabulary"] = {
        "file": VOCABULARY, "sha256": hashlib.sha256(content.getvalue()).hexdigest(),
        "ngrams": len(trained.vocabulary), "sizes": list(SIZES),
    }  # fmt: skip
    card["licence"] = LICENCE
    card["rebuild"] += " --data FOLDER"
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
