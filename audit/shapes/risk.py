"""Shape: how likely a session ends in dissatisfaction: a logistic score over what the audit sees, with its reasons.

No ratings are there that might train it: weights are set by hand (models/session-risk/card.json) and say so.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.models import CARD
from audit.chats.waits import NO_TIME, SECOND, Bools, Ints
from audit.errors import UserError
from audit.resources import home
from audit.shapes.complaints import own_complaint
from audit.shapes.hits import make_hits, no_hits, span_text
from audit.shapes.per_session import last_row
from audit.shapes.repetition import similar_pairs

SESSION_RISK = "session-risk"
HARSH, EMPTY = ("insult", "threat", "unfriendly"), ("perfunctory", "buck_passing")
SLOW = 180  # seconds from which a wait counts
REASONS = 3
_EVER = np.iinfo(np.int64).max
_AGAIN = "install the package again"

Floats = npt.NDArray[np.float64]

#: factor → what it says of a value, in the order in which equal ones are told
SAYS: dict[str, Callable[[float], str]] = {
    "harsh": lambda v: f"客服话语疑似冒犯（{v:.0%}）",
    "abuse": lambda v: f"买家骂人 {v:.0f} 次",
    "escalation": lambda v: f"买家提到投诉、曝光或差评 {v:.0f} 次",
    "dispute_open": lambda v: "结束时质量纠纷仍未了结",
    "complaints": lambda v: f"买家抱怨 {v:.0f} 次",
    "late_complaint": lambda v: "最后两轮里买家还在抱怨",
    "gives_up": lambda v: "买家最后两轮里说要放弃或离开",
    "unanswered": lambda v: "买家最后的话没有人工回复",
    "longest_wait": lambda v: f"最长等待{span_text(v)}",
    "last_wait": lambda v: f"最后一次等待{span_text(v)}",
    "urges": lambda v: f"买家催促 {v:.0f} 次",
    "repeats": lambda v: f"买家重复同样的话 {v:.0f} 次",
    "human_requested": lambda v: f"买家要求人工 {v:.0f} 次",
    "transfers": lambda v: f"转接 {v:.0f} 次",
    "empty": lambda v: f"客服话语疑似敷衍推诿（{v:.0%}）",
    "turns": lambda v: f"买家说了 {v:.0f} 轮",
    "thanks_at_end": lambda v: "买家最后一轮致谢",
    "settled": lambda v: "买家最后说已解决或撤回",
}
_TIMES = ("longest_wait", "last_wait")  # doublings of SLOW count, not seconds


@dataclass(frozen=True)
class Factor:
    """What one factor adds to the log-odds: weight × min(max(value − `over`, 0), `most`)."""

    weight: float
    most: float
    over: float = 0.0


@dataclass(frozen=True)
class RiskModel:
    """Hand-set weights of a logistic score: log-odds = bias + the sum of what the factors add."""

    bias: float
    factors: Mapping[str, Factor]

    def parts(self, features: pd.DataFrame) -> pd.DataFrame:
        """(sessions, factors) float64: what each factor adds to the log-odds of each session of `session_features`."""
        out = {}
        for name, factor in self.factors.items():
            value = features[name].to_numpy(dtype=np.float64)
            if name in _TIMES:
                value = np.log2(np.maximum(value, SLOW) / SLOW)
            out[name] = factor.weight * np.clip(value - factor.over, 0, factor.most)
        return pd.DataFrame(out, index=features.index)

    def probability(self, features: pd.DataFrame) -> Floats:
        """(sessions,) float64 in (0, 1)."""
        odds = self.bias + self.parts(features).to_numpy().sum(axis=1)
        out: Floats = 1.0 / (1.0 + np.exp(-odds))
        return out


@functools.cache
def risk_model(folder: Path | None = None) -> RiskModel:
    """The shipped weights. Raises UserError where the card is missing, damaged or names other factors."""
    path = home("models", folder) / SESSION_RISK / CARD
    try:
        weights = json.loads(path.read_text(encoding="utf-8"))["weights"]
        factors = {str(name): Factor(**{k: float(v) for k, v in f.items()}) for name, f in weights["factors"].items()}
        model = RiskModel(float(weights["bias"]), factors)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"the risk weights cannot be read: {error}", where=str(path), fix=_AGAIN) from None
    if set(model.factors) != set(SAYS):
        odd = "、".join(sorted(set(model.factors) ^ set(SAYS)))
        raise UserError(f"the risk weights name other factors: {odd}", where=str(path), fix=_AGAIN)
    return model


def session_features(chats: Chats) -> pd.DataFrame:
    """(sessions, factors) float64, by session number: counts, seconds, probabilities, 0/1."""
    buyer = chats.buyer & ~chats.recalled
    late = buyer & _last_turns(chats, 2)
    final = buyer & _last_turns(chats, 1)
    complaint = own_complaint(chats)
    ends = chats.sessions["last_row"].to_numpy()
    longest, last, unanswered = _waits(chats)
    gone = chats.has("buyer_state", "gives_up", late)
    better = chats.buyer_is("settled") | chats.buyer_is("withdraw")
    own_turns = chats.turn[buyer]
    turns = np.zeros(len(ends))
    first_of_turn = np.unique(own_turns, return_index=True)[1]
    np.add.at(turns, chats.session[np.flatnonzero(buyer)[first_of_turn]], 1)
    columns = {
        "harsh": _worst(chats, HARSH),
        "abuse": _count(chats, buyer & chats.buyer_is("abuse")),
        "escalation": _count(chats, chats.has("escalation", "buyer", buyer) & ~chats.buyer_is("question")),
        "dispute_open": chats.in_dispute[ends].astype(np.float64),
        "complaints": _count(chats, complaint),
        "late_complaint": _any(chats, complaint & late),
        "gives_up": _any(chats, gone),
        "unanswered": unanswered,
        "longest_wait": longest,
        "last_wait": last,
        "urges": _count(chats, buyer & chats.buyer_is("urge")),
        "repeats": _repeats(chats, buyer),
        "human_requested": _count(chats, buyer & chats.asks_human),
        "transfers": _count(chats, chats.transfer),
        "empty": _worst(chats, EMPTY),
        "turns": turns,
        "thanks_at_end": _any(chats, final & chats.buyer_is("thanks") & ~complaint),
        "settled": _any(chats, late & better & ~complaint),
    }
    return pd.DataFrame(columns)


def _count(chats: Chats, mask: Bools) -> Floats:
    return np.bincount(chats.session[mask], minlength=len(chats.sessions)).astype(np.float64)


def _any(chats: Chats, mask: Bools) -> Floats:
    return np.minimum(_count(chats, mask), 1.0)


def _last_turns(chats: Chats, count: int) -> Bools:
    """Rows of the last `count` buyer turns of their session; between two buyer turns lies one seller turn."""
    final = last_row(chats, chats.buyer)
    turn = np.where(final >= 0, chats.turn[np.maximum(final, 0)], _EVER)
    return chats.turn > turn[chats.session] - 2 * count


def _worst(chats: Chats, acts: tuple[str, ...]) -> Floats:
    """(sessions,) float64: the highest probability of these acts in a human message, where it is suspected at least."""
    out = np.zeros(len(chats.sessions))
    opinions = chats.acts
    if opinions is None:
        return out
    for act in acts:
        own = opinions.of(act)[chats.text_id]
        rows = np.flatnonzero(chats.human & (own >= opinions.classifier.thresholds[act].suspect))
        np.maximum.at(out, chats.session[rows], own[rows])
    return out


def _repeats(chats: Chats, buyer: Bools) -> Floats:
    """(sessions,) float64: buyer messages that say nearly the same as an earlier one of the session; no closers."""
    pairs = similar_pairs(chats, np.flatnonzero(buyer & ~chats.closer), similarity=0.9, min_chars=4)
    again = np.unique(pairs["later"].to_numpy())
    return np.bincount(chats.session[again], minlength=len(chats.sessions)).astype(np.float64)


def _waits(chats: Chats) -> tuple[Floats, Floats, Floats]:
    """(sessions,) float64 each: the longest and the last answered wait in seconds; whether the last got no answer.

    Known to the minute, a wait is as short as it can have been. One that is younger than SLOW at as-of, in a session
    that goes on, is not unanswered yet.
    """
    waits = chats.waits[~chats.waits["closer"]]
    opened, closed = waits["open_row"].to_numpy(), waits["close_row"].to_numpy()
    answered = closed >= 0
    end = np.where(answered, chats.time[np.maximum(closed, 0)], chats.as_of[opened])
    start = chats.time[opened]
    timed = (start != NO_TIME) & (end != NO_TIME)
    slack = np.where(chats.minutes[opened], 59 * SECOND, 0)
    seconds = np.where(timed, np.maximum(end - start - slack, 0) / SECOND, 0.0)
    session = chats.session[opened]
    longest, last, silent = (np.zeros(len(chats.sessions)) for _ in range(3))
    np.maximum.at(longest, session[answered], seconds[answered])
    final = np.full(len(chats.sessions), -1, dtype=np.int64)
    np.maximum.at(final, session, np.arange(len(opened)))
    some = np.flatnonzero(final >= 0)
    of = final[some]
    last[some] = np.where(answered[of], seconds[of], 0.0)
    silent[some] = ~answered[of] & (chats.over[opened[of]] | (seconds[of] > SLOW))
    return longest, last, silent


def rated(chats: Chats) -> Bools:
    """(sessions,) bool: the buyer has rated: no risk any more, but a fact."""
    event = chats.messages["event"].isin(("rating", "rating_changed")).to_numpy()
    return _count(chats, event) > 0


def risk_hits(chats: Chats, suspect: float, model: RiskModel | None = None) -> pd.DataFrame:
    """HITS of unrated sessions whose risk is at least `suspect`, by falling risk: row = the buyer's first message."""
    model = model or risk_model()
    first = np.full(len(chats.sessions), len(chats), dtype=np.int64)
    rows = np.flatnonzero(chats.buyer)
    np.minimum.at(first, chats.session[rows], rows)
    if not len(rows):
        return no_hits()
    features = session_features(chats)
    risk = model.probability(features)
    chosen = np.flatnonzero((first < len(chats)) & ~rated(chats) & (risk >= suspect))
    chosen = chosen[np.lexsort((chosen, -risk[chosen]))]
    last = last_row(chats, chats.buyer)
    return make_hits(
        first[chosen],
        state="suspected",
        score=risk[chosen],
        agent=_holders(chats, chosen),
        decided_by="model",
        why=[
            f"不满意风险 {own:.0%}" + (f"：{'；'.join(told)}" if told else "")
            for own, told in zip(risk[chosen].tolist(), reasons(model, features.iloc[chosen]), strict=True)
        ],
        context=[
            [(b, "context", -1, -1)] if b != a else None
            for a, b in zip(first[chosen].tolist(), last[chosen].tolist(), strict=True)
        ],
    )


def reasons(model: RiskModel, features: pd.DataFrame, most: int = REASONS) -> list[list[str]]:
    """For each session the factors that add most to its risk, with their numbers."""
    names = list(SAYS)
    parts = model.parts(features)[names].to_numpy()
    values = features[names].to_numpy(dtype=np.float64)
    heaviest = np.argsort(-parts, axis=1, kind="stable")[:, :most]
    return [
        [SAYS[names[k]](float(values[s, k])) for k in order if parts[s, k] > 0]
        for s, order in enumerate(heaviest.tolist())
    ]


def _holders(chats: Chats, sessions: Ints) -> list[str]:
    """The last human speaker of each session; "" = nobody spoke."""
    row = last_row(chats, chats.human)[sessions]
    names = chats.accounts[np.maximum(row, 0)]
    return [str(name) if r >= 0 else "" for name, r in zip(names, row, strict=True)]
