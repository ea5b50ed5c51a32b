"""The session-risk algorithm, measured on SSA: Taobao dialogues as word ids with the buyer's satisfaction.

SSA may only measure: nothing that is fitted here is kept. It tells how well sessions that end badly can be ranked by
what is said, which the hand-set weights that ship (audit/shapes/risk.py) can be held against. The sentiment of single
utterances, which SSA holds too, is not even read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.errors import UserError
from audit.learn.choose import bootstrap

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
#: utterances in order: (side: "c" buyer, "b" seller; word ids)
Session = list[tuple[str, list[str]]]

TRADES = ("clothes", "makeup")
UNSATISFIED = "1"
SIDES = "cb"
FOLDS = 5
TOPICS = 300
_AGAIN = "fetch SSA again"


def read_ssa(folder: Path, trade: str, part: str) -> tuple[list[Session], Bools]:
    """(sessions, (sessions,) bool unsatisfied) of ssa/<trade>/text_<part>.txt. Raises UserError where it is damaged."""
    path = folder / trade / f"text_{part}.txt"
    try:
        blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path), fix="name the folder ssa") from None
    sessions, rated = [], []
    for number, block in enumerate(blocks, 1):
        first, *lines = block.split("\n")
        cells = [line.split("\t") for line in lines]
        if first not in ("1", "2", "3") or not cells or any(len(c) < 3 or c[1][:1] not in SIDES for c in cells):
            raise UserError("not a satisfaction and utterances", where=f"{path}, session {number}", fix=_AGAIN)
        sessions.append([(c[1][0], c[2].split()) for c in cells])
        rated.append(first == UNSATISFIED)
    return sessions, np.array(rated)


def beginning(session: Session, share: float) -> Session:
    """The first `share` of the utterances, one at least."""
    return session[: max(1, math.ceil(len(session) * share))]


def grams(session: Session) -> Iterator[str]:
    """Words and pairs of neighbours by side, the edges of utterances included."""
    for side, spoken in session:
        words = ["<", *spoken, ">"]
        for word in words:
            yield side + word
        for pair in zip(words, words[1:], strict=False):
            yield f"{side}{pair[0]}_{pair[1]}"


def talk(session: Session) -> list[float]:
    """Form of a session: length, who speaks how often in a row, who begins and ends, repeats."""
    sides = "".join(side for side, _ in session)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    repeats = 0
    for side, spoken in session:
        key = (side, tuple(spoken))
        repeats += key in seen
        seen.add(key)
    ends = [len(sides) - len(sides.rstrip(side)) for side in SIDES]
    runs = [sum(a == b == side for a, b in zip(sides, sides[1:], strict=False)) / len(sides) for side in SIDES]
    return [len(sides), repeats, *runs, sides[0] == "c", sides[-1] == "c", *ends]


def course(session: Session, worth: Callable[[str], float]) -> list[float]:
    """How a session runs: the worth of its utterances by side, in all, at its edges and by thirds; NaN = none."""
    out = talk(session)
    value = [(side, sum(map(worth, grams([(side, spoken)])))) for side, spoken in session]
    for side in SIDES:
        own = np.array([v for s, v in value if s == side])
        length = [len(spoken) for s, spoken in session if s == side]
        if not len(own):
            out += [math.nan] * 16
            continue
        thirds = [float(part.sum()) if len(part) else math.nan for part in np.array_split(own, 3)]
        out += [len(own), own.sum(), own.max(), own.min(), own.mean(), own.std(), own[0], own[-1],
                own[:3].mean(), own[-3:].mean(), *thirds, float(np.mean(length)), length[-1], max(length)]  # fmt: skip
    return out


@dataclass
class WordModels:
    """Three views of what is said: words, words by their count ratio, topics; each gives log-odds or alike."""

    seed: int = 0

    def fit(self, sessions: Sequence[Session], unsatisfied: Bools, longer: Sequence[Session] = ()) -> WordModels:
        """Fit on sessions; returns itself. `longer`: the same sessions as they went on, which tell of words too."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import SVC

        copies = 2 if longer else 1
        target = np.tile(unsatisfied, copies)
        self.words = TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=2 * copies)
        self.frequent = TfidfVectorizer(analyzer=_plain, sublinear_tf=True, min_df=3)
        features = self.words.fit_transform([*sessions, *longer])
        strength = 5 / copies
        self.linear = LogisticRegression(C=strength, solver="liblinear", random_state=self.seed).fit(features, target)
        share = [np.asarray((features[mask] > 0).sum(axis=0)).ravel() + 0.5 for mask in (target, ~target)]
        self.ratio = np.abs(np.log(share[0] / share[0].sum()) - np.log(share[1] / share[1].sum()))
        self.ratios = LogisticRegression(C=strength, solver="liblinear", random_state=self.seed)
        self.ratios.fit(self._by_ratio(features), target)
        plain = self.frequent.fit_transform(sessions)
        size = min(TOPICS, plain.shape[1] - 1, plain.shape[0] - 1)
        self.topics = TruncatedSVD(size, random_state=self.seed, n_iter=3).fit(plain)
        self.near = SVC(C=3, gamma=0.5, class_weight="balanced").fit(self._topics(plain), unsatisfied)
        return self

    def _by_ratio(self, features: Any) -> Any:
        from sklearn.preprocessing import normalize

        return normalize((features > 0).astype(np.float64).multiply(self.ratio)).tocsr()

    def _topics(self, plain: Any) -> Any:
        from sklearn.preprocessing import normalize

        return normalize(self.topics.transform(plain))

    def scores(self, sessions: Sequence[Session]) -> Floats:
        """(sessions, 3) float64."""
        features = self.words.transform(sessions)
        return np.column_stack(
            [
                self.linear.decision_function(features),
                self.ratios.decision_function(self._by_ratio(features)),
                self.near.decision_function(self._topics(self.frequent.transform(sessions))),
            ]
        )

    def courses(self, sessions: Sequence[Session]) -> Floats:
        """(sessions, features) float64: how each session runs, by the worth of words in the linear model."""
        weight = self.linear.coef_[0] * self.words.idf_
        place = self.words.vocabulary_
        worth = {gram: float(weight[number]) for gram, number in place.items()}
        return np.array([course(session, lambda gram: worth.get(gram, 0.0)) for session in sessions], dtype=np.float64)


def _plain(session: Session) -> Iterator[str]:
    for side, spoken in session:
        for word in dict.fromkeys(spoken):
            yield side + word
        for a, b in zip(spoken, spoken[1:], strict=False):
            yield f"{side}{a}_{b}"


#: what each score counts in the mean: words, ratios, topics, course
MIX = (1.0, 1.0, 2.0, 1.0)


def ranked(
    train: Sequence[Session],
    unsatisfied: Bools,
    measured: Sequence[Session],
    longer: Sequence[Session] = (),
    seeds: int = 4,
) -> Floats:
    """(measured,) float64: the higher, the likelier unsatisfied; a mean of word models and boosted trees.

    The trees read how a session runs, by weights that had not seen it (cross-fitted on the training sessions).
    `longer`: the training sessions as they went on, where `train` holds their beginnings.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedKFold

    known: Floats | None = None
    for near, away in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(unsatisfied, unsatisfied):
        part = WordModels().fit(
            [train[i] for i in near], unsatisfied[near], [longer[i] for i in near] if longer else ()
        )
        held = [train[i] for i in away]
        seen = np.column_stack([part.courses(held), part.scores(held)])
        if known is None:
            known = np.zeros((len(train), seen.shape[1]))
        known[away] = seen
    assert known is not None
    whole = WordModels().fit(train, unsatisfied, longer)
    own = whole.scores(measured)
    asked = np.column_stack([whole.courses(measured), own])
    told = ~np.isnan(known).all(axis=0)
    trees = np.zeros(len(measured))
    for seed in range(seeds):
        model = HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.04, max_leaf_nodes=12, l2_regularization=10, max_features=0.4,
            random_state=seed,
        )  # fmt: skip
        trees += model.fit(known[:, told], unsatisfied).decision_function(asked[:, told]) / seeds
    out: Floats = np.column_stack([own, trees]) @ np.array(MIX)
    return out


def auc(truth: Bools, score: Floats) -> float:
    """Area under the ROC curve: how often an unsatisfied session ranks above another; 0.5 where there is one kind."""
    from scipy.stats import rankdata

    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return 0.5
    return float((rankdata(score)[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def evaluate_ssa(folder: Path, say: Callable[[str], None] = lambda told: None) -> dict[str, Any]:
    """AUC of "unsatisfied" on SSA dev with 95 % bootstrap intervals, on whole dialogues and on their first half.

    `folder` holds clothes/ and makeup/. Takes minutes; what is fitted is thrown away.
    """
    figures: dict[str, Any] = {"data": "SSA dev, trained on SSA train; nothing of it is shipped"}
    for trade in TRADES:
        train, target = read_ssa(folder, trade, "train")
        measured, truth = read_ssa(folder, trade, "dev")
        for name, share in (("", 1.0), ("_half", 0.5)):
            begun, asked = ([beginning(s, share) for s in sessions] for sessions in (train, measured))
            score = ranked(begun, target, asked, train if share < 1 else ())
            figures[f"auc_{trade}{name}"] = bootstrap(auc, truth, score).record()
            say(f"auc_{trade}{name}: {figures[f'auc_{trade}{name}']}")
        figures[f"sessions_{trade}"] = [len(train), len(measured)]
    return figures
