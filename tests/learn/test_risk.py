"""The session-risk algorithm, on tiny data in SSA's layout."""

import re
from pathlib import Path

import numpy as np
import pytest

from audit.errors import UserError
from audit.learn import risk
from audit.learn.risk import auc, beginning, course, evaluate_ssa, grams, ranked, read_ssa, talk

GOOD, BAD, PLAIN = ["11", "12", "13"], ["21", "22", "23"], ["1", "2", "3", "4", "5"]


def dialogues(count: int, seed: int) -> str:
    """Every third session is unsatisfied and says BAD words; sentiments are noise."""
    rng = np.random.default_rng(seed)
    blocks = []
    for number in range(count):
        unsatisfied = number % 3 == 0
        lines = ["1" if unsatisfied else str(rng.integers(2, 4))]
        for turn in range(int(rng.integers(4, 9))):
            words = [*rng.choice(PLAIN, 3), *rng.choice(BAD if unsatisfied else GOOD, 2)]
            lines.append(f"{turn}\t{'cb'[turn % 2]}:\t{' '.join(words)}\t{rng.integers(1, 4)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


@pytest.fixture
def ssa(tmp_path: Path) -> Path:
    for place, trade in enumerate(risk.TRADES):
        (tmp_path / trade).mkdir()
        for part, count in (("train", 60), ("dev", 30)):
            (tmp_path / trade / f"text_{part}.txt").write_text(dialogues(count, 7 * place + count), encoding="utf-8")
    return tmp_path


def test_reading_gives_sides_words_and_ratings(ssa: Path) -> None:
    sessions, unsatisfied = read_ssa(ssa, "clothes", "dev")
    assert len(sessions) == 30 and unsatisfied.tolist() == [n % 3 == 0 for n in range(30)]
    assert {side for session in sessions for side, _ in session} == {"b", "c"}
    assert all(len(words) == 5 for session in sessions for _, words in session)


def test_sentiment_is_never_an_input(ssa: Path) -> None:
    before = read_ssa(ssa, "clothes", "train")[0]
    path = ssa / "clothes" / "text_train.txt"
    path.write_text(re.sub(r"\t[123]$", "\t9", path.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")
    assert read_ssa(ssa, "clothes", "train")[0] == before


@pytest.mark.parametrize("content", ["4\n0\tc:\t1 2\t2\n", "1\n0\tx:\t1 2\t2\n", "1\n", "1\n0 c: 1 2 2\n"])
def test_a_damaged_file_is_refused_with_its_session(tmp_path: Path, content: str) -> None:
    (tmp_path / "clothes").mkdir()
    (tmp_path / "clothes" / "text_dev.txt").write_text("2\n0\tc:\t1\t2\n\n" + content, encoding="utf-8")
    with pytest.raises(UserError, match="session 2"):
        read_ssa(tmp_path, "clothes", "dev")


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_ssa(tmp_path, "clothes", "dev")


@pytest.mark.parametrize(("share", "length"), [(0.5, 3), (0.1, 1), (1.0, 5)])
def test_beginning_rounds_up_and_is_never_empty(share: float, length: int) -> None:
    assert len(beginning([("c", ["1"])] * 5, share)) == length


def test_grams_keep_sides_and_edges_apart() -> None:
    assert list(grams([("c", ["7"])])) == ["c<", "c7", "c>", "c<_7", "c7_>"]
    assert not set(grams([("c", ["7"])])) & set(grams([("b", ["7"])]))


def test_talk_counts_runs_ends_and_repeats() -> None:
    session = [("b", ["1"]), ("c", ["2"]), ("c", ["2"]), ("c", ["3"])]
    length, repeats, buyer_runs, seller_runs, begins, ends, buyer_end, seller_end = talk(session)
    assert (length, repeats, buyer_runs, seller_runs) == (4, 1, 0.5, 0.0)
    assert (begins, ends, buyer_end, seller_end) == (False, True, 3, 0)


def test_course_has_a_fixed_width_though_a_side_is_silent() -> None:
    both = course([("b", ["1"]), ("c", ["2"])], lambda gram: 1.0)
    one = course([("c", ["2"])], lambda gram: 1.0)
    assert len(both) == len(one) and np.isnan(one).sum() == 16 + 2  # two thirds of one utterance are empty
    # two edges, one word, two pairs
    assert both[8:11] == [1, 5.0, 5.0]


@pytest.mark.parametrize(
    ("truth", "score", "value"),
    [
        ([1, 1, 0, 0], [4, 3, 2, 1], 1.0), ([1, 1, 0, 0], [1, 2, 3, 4], 0.0), ([1, 0, 1, 0], [5, 5, 5, 5], 0.5),
        ([1, 0, 1, 0], [4, 3, 2, 1], 0.75), ([1, 1], [1, 2], 0.5), ([0, 0], [1, 2], 0.5),
    ],
)  # fmt: skip
def test_auc(truth: list[int], score: list[float], value: float) -> None:
    assert auc(np.array(truth, dtype=bool), np.array(score, dtype=float)) == value


def test_ranking_puts_unsatisfied_sessions_first(ssa: Path) -> None:
    train, target = read_ssa(ssa, "makeup", "train")
    measured, truth = read_ssa(ssa, "makeup", "dev")
    score = ranked(train, target, measured, seeds=1)
    assert auc(truth, score) == 1.0
    assert (ranked(train, target, measured, seeds=1) == score).all()


def test_beginnings_are_ranked_with_what_is_known_of_their_ends(ssa: Path) -> None:
    train, target = read_ssa(ssa, "makeup", "train")
    measured, truth = read_ssa(ssa, "makeup", "dev")
    score = ranked([beginning(s, 0.5) for s in train], target, [beginning(s, 0.5) for s in measured], train, seeds=1)
    assert auc(truth, score) > 0.95


def test_evaluation_reports_both_trades_and_halves_with_intervals(ssa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk, "ranked", lambda train, target, measured, longer: np.arange(len(measured), dtype=float))
    figures = evaluate_ssa(ssa)
    for trade in risk.TRADES:
        for half in ("", "_half"):
            value, low, high = figures[f"auc_{trade}{half}"]
            assert 0 <= low <= value <= high <= 1 and low < high
        assert figures[f"sessions_{trade}"] == [60, 30]
