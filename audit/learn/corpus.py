"""Labelled lines: the project's own corpus (models/corpus), the development set and the public sets that may train."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.errors import UserError
from audit.resources import home

#: fine label of the corpus → class of the agent-act model ("" = no violation of it)
COARSE = {
    "insult": "insult", "threat": "threat", "sarcasm": "unfriendly", "impatience": "unfriendly", "cold": "unfriendly",
    "perfunctory": "perfunctory", "off_topic": "perfunctory", "buck_passing": "buck_passing",
    "rating_invite": "rating_invite", "review_incentive": "review_incentive", "review_coercion": "review_coercion",
    "off_platform": "off_platform", "ask_contact": "off_platform", "promotion": "promotion", "chitchat": "",
}  # fmt: skip
ACTS = (
    "insult", "threat", "unfriendly", "perfunctory", "buck_passing", "rating_invite", "review_incentive",
    "review_coercion", "off_platform", "promotion",
)  # fmt: skip
EVASIONS = (
    "none", "homophone", "initials", "pinyin", "emoji", "split", "insert", "lookalike", "traditional", "fullwidth",
    "euphemism",
)  # fmt: skip
STATES = ("complaint", "urge", "thanks", "ack", "question", "other")
TOPICS = ("shipping", "quality", "product", "refund", "price", "wrong_item", "missing_item", "invoice", "other")
AGENT_COLUMNS = ("trade", "context", "text", "labels", "evasion")
BUYER_COLUMNS = ("trade", "context", "text", "state", "topic", "human")
TEST_SHARE = 0.15


@dataclass(frozen=True)
class Problem:
    """A line of a corpus file that cannot be used, and why."""

    file: str
    line: int
    what: str


def corpus_dir() -> Path:
    """Where the project's own corpus lies."""
    return home("models") / "corpus"


def read_agent(folder: Path | None = None) -> pd.DataFrame:
    """The agent corpus: trade, context, text, labels (frozenset of fine labels), evasion, batch, test (bool)."""
    frame = _read((folder or corpus_dir()) / "agent", AGENT_COLUMNS)
    frame["labels"] = frame["labels"].map(lambda cell: frozenset(filter(None, cell.split(","))))
    _known(frame, "labels", COARSE)
    _known(frame, "evasion", EVASIONS)
    return frame


def read_buyer(folder: Path | None = None) -> pd.DataFrame:
    """The buyer corpus: trade, context, text, state, topic, human (bool), batch, test (bool)."""
    frame = _read((folder or corpus_dir()) / "buyer", BUYER_COLUMNS)
    _known(frame, "state", STATES)
    _known(frame, "topic", TOPICS)
    _known(frame, "human", ("0", "1"))
    frame["human"] = frame["human"] == "1"
    return frame


def _read(folder: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise UserError("there is no corpus", where=str(folder), fix="train from a checkout of the project")
    rows = []
    for path in files:
        lines = path.read_text(encoding="utf-8").split("\n")
        if tuple(lines[0].split("\t")) != columns:
            raise UserError(f"the columns must be {', '.join(columns)}", where=f"{path}:1", fix="mend the header")
        for number, line in enumerate(lines[1:], 2):
            if not line:
                continue
            cells = [cell.replace("\\n", "\n") for cell in line.split("\t")]
            if len(cells) != len(columns):
                raise UserError(
                    f"{len(cells)} cells instead of {len(columns)}", where=f"{path}:{number}", fix="mend it"
                )
            rows.append((*cells, path.stem, number))
    frame = pd.DataFrame(rows, columns=[*columns, "batch", "line"])
    frame["test"] = _held_out(frame)
    return frame


def _held_out(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows that nobody trains or tunes on: all rows of a context together, so that no context is in both parts."""
    keys = np.where(frame["context"] != "", frame["context"], frame["text"])
    drawn = [int.from_bytes(hashlib.blake2b(k.encode(), digest_size=4).digest(), "big") / 2**32 for k in keys]
    return np.array(drawn) < TEST_SHARE


def _known(frame: pd.DataFrame, column: str, allowed) -> None:  # type: ignore[no-untyped-def]
    for value, batch, line in zip(frame[column], frame["batch"], frame["line"], strict=True):
        for item in value if isinstance(value, frozenset) else (value,):
            if item not in allowed:
                raise UserError(f"unknown {column} {item!r}", where=f"{batch}.tsv:{line}", fix="mend the line")


def acts_of(labels) -> npt.NDArray[np.bool_]:  # type: ignore[no-untyped-def]
    """(rows, ACTS) bool from sets of labels, fine or coarse."""
    out = np.zeros((len(labels), len(ACTS)), dtype=bool)
    for row, names in enumerate(labels):
        for name in names:
            act = COARSE.get(name, name)
            if act:
                out[row, ACTS.index(act)] = True
    return out


def read_dev(folder: Path, name: str, half: str) -> pd.DataFrame:
    """A development set (phrases_dev, buyer_dev): rows with odd ids (`work`), with even ids (`report`), or `all`."""
    path = folder / f"{name}.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except OSError as error:
        raise UserError(
            f"cannot be read: {error.strerror}", where=str(path), fix="point --data to the folder"
        ) from None
    frame = pd.DataFrame(rows)
    odd = frame["id"].str[1:].astype(int) % 2 == 1
    if half != "all":
        frame = frame[odd if half == "work" else ~odd]
    if "labels" in frame:
        frame["labels"] = frame["labels"].map(frozenset)
    return frame.reset_index(drop=True)
