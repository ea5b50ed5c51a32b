"""audit.learn.corpus: the shipped corpus keeps its promises; bad lines are named."""

from __future__ import annotations

import collections
import re
import unicodedata
from pathlib import Path

import pytest

from audit.errors import UserError
from audit.learn import corpus


def skeleton(text: str) -> str:
    """A line without what makes templates look different: digits, particles, punctuation."""
    text = re.sub(r"\d+", "0", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"[^\w]|[亲呢哦哈呀啊吧的了]", "", text)


def test_size_and_balance() -> None:
    agent, buyer = corpus.read_agent(), corpus.read_buyer()
    assert len(agent) >= 6_000 and len(buyer) >= 4_000
    clean = agent["labels"].map(len) == 0
    assert clean.sum() >= (~clean).sum() * 0.9  # hard negatives about as many as positives
    assert (clean & (agent["evasion"] != "none")).sum() >= 500  # odd spelling is no guilt


@pytest.mark.parametrize("side", ["agent", "buyer"])
def test_lines_differ(side: str) -> None:
    frame = corpus.read_agent() if side == "agent" else corpus.read_buyer()
    long = frame["text"][frame["text"].map(lambda t: len(skeleton(t)) > 4)].map(skeleton)
    counts = collections.Counter(long)
    assert len(counts) / len(long) >= 0.97
    assert counts.most_common(1)[0][1] <= 3, counts.most_common(3)


def test_contexts_do_not_tell_the_label() -> None:
    agent = corpus.read_agent()
    bad = agent["labels"].map(len) > 0
    good = set(agent.loc[~bad & (agent["context"] != ""), "context"])
    assert agent.loc[bad & (agent["context"] != ""), "context"].isin(good).mean() > 0.8


def test_a_context_is_in_one_part_only() -> None:
    agent = corpus.read_agent()
    named = agent[agent["context"] != ""]
    assert named.groupby("context")["test"].nunique().max() == 1
    assert 0.1 < agent["test"].mean() < 0.2


def test_acts_of_fine_labels() -> None:
    table = corpus.acts_of([frozenset({"sarcasm", "insult"}), frozenset(), frozenset({"chitchat"})])
    assert table.sum(axis=1).tolist() == [2, 0, 0]
    assert table[0, corpus.ACTS.index("unfriendly")]


class TestBadFiles:
    def write(self, folder: Path, content: str) -> Path:
        (folder / "agent").mkdir(parents=True)
        (folder / "agent" / "a.tsv").write_text(content, encoding="utf-8")
        return folder

    def test_header(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="columns must be"):
            corpus.read_agent(self.write(tmp_path, "x\ty\n"))

    def test_cells(self, tmp_path: Path) -> None:
        head = "\t".join(corpus.AGENT_COLUMNS)
        with pytest.raises(UserError, match="2 cells") as caught:
            corpus.read_agent(self.write(tmp_path, f"{head}\nfood\tabc\n"))
        assert caught.value.where.endswith("a.tsv:2")

    def test_label(self, tmp_path: Path) -> None:
        head = "\t".join(corpus.AGENT_COLUMNS)
        with pytest.raises(UserError, match="unknown labels 'rude'"):
            corpus.read_agent(self.write(tmp_path, f"{head}\nfood\t\tabc\trude\tnone\n"))

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no corpus"):
            corpus.read_agent(tmp_path)
