"""The benchmark's chats are what docs/performance.md says they are, and the same each time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from audit.schema import CANONICAL, EVENTS, KINDS, PLATFORMS, SENDERS

MESSAGES = 20_000


def generate(repository: Path, out: Path, *options: str) -> dict[str, object]:
    command = [sys.executable, str(repository / "bench" / "generate.py"), "--out", str(out), "--json", *options]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def chats(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    out = tmp_path_factory.mktemp("bench") / "data"
    return out, generate(repository, out, "--messages", str(MESSAGES))


def test_they_are_as_stated(chats: tuple[Path, dict[str, object]]) -> None:
    out, told = chats
    frame = pd.read_csv(out / "messages.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    assert list(frame.columns) == list(CANONICAL)
    assert len(frame) == MESSAGES
    for column, known in {"platform": PLATFORMS, "sender": SENDERS, "kind": KINDS, "event": ("", *EVENTS)}.items():
        assert set(frame[column]) <= set(known)
    said = frame.loc[frame["text"] != "", "text"]
    facts = told["facts"]
    assert isinstance(facts, dict)
    assert facts["distinct_texts"] == said.nunique() >= 700_000 / 1_500_000 * MESSAGES
    assert facts["distinct_characters"] >= 3_000
    assert 11 <= said.str.len().median() <= 13
    assert 42 <= said.str.len().quantile(0.95) <= 48
    assert facts["violation_share"] == 0.04
    assert frame["sent_at"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").all()


def test_same_seed_same_bytes(chats: tuple[Path, dict[str, object]], repository: Path, tmp_path: Path) -> None:
    generate(repository, tmp_path / "again", "--messages", str(MESSAGES))
    generate(repository, tmp_path / "other", "--messages", str(MESSAGES), "--seed", "8")
    first, again, other = (folder / "messages.csv" for folder in (chats[0], tmp_path / "again", tmp_path / "other"))
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()


def test_folder_holds_the_same_messages(
    chats: tuple[Path, dict[str, object]], repository: Path, tmp_path: Path
) -> None:
    generate(repository, tmp_path / "days", "--messages", str(MESSAGES), "--folder")
    parts = sorted((tmp_path / "days").rglob("*.parquet"))
    assert len(parts) > 200
    joined = pd.concat(map(pd.read_parquet, parts), ignore_index=True)
    whole = pd.read_parquet(chats[0] / "messages.parquet")
    columns = list(whole.columns)
    left, right = (frame.sort_values(columns, ignore_index=True) for frame in (joined, whole))
    pd.testing.assert_frame_equal(left[columns], right)
