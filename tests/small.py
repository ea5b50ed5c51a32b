"""A small world for tests of the core: lexicons of a few words, and conversations written out or given as columns.

The shipped lexicons grow with the language; sessions, waits and findings must not depend on which words they hold.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.chats.chats import Chats, Settings
from audit.chats.waits import NO_TIME
from audit.engine import part
from audit.engine.examples import Example, parse
from audit.engine.trial import build_chats
from audit.ingest.assemble import FileIdentity, assemble, identify, settle_auto
from audit.ingest.roles import settle
from audit.schema import canonical
from audit.text import lexicon

REPOSITORY = Path(__file__).resolve().parent.parent
START = pd.Timestamp("2026-11-10 10:00:00")

#: lexicon → role → terms
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "buyer_state": {
        "dispute": ("碎了", "发错"),
        "complaint": ("差劲",),
        "urge": ("催一下",),
        "thanks": ("谢谢",),
        "ack": ("好的", "可以", "知道了"),
        "farewell": ("再见",),
        "particle": ("啦", "哦"),
        "greeting": ("在吗",),
        "human_requested": ("转人工",),
        "settled": ("解决了",),
        "withdraw": ("不用了",),
        "question": ("怎么", "多少"),
        "abuse": ("坏蛋",),
    },
    "filler": {"filler": ("嗯嗯",), "dont_know": ("不清楚",)},
    "greeting": {"": ("您好",)},
    "closing": {"": ("祝您愉快",)},
    "hold": {"hold": ("稍等",), "named_time": ("分钟后",)},
    "apology": {"": ("抱歉",)},
    "remedy": {"offer": ("给您补发", "给您退款"), "request": ("拍张照",), "path": ("申请售后",), "patience": ("耐心",)},
    "promise": {"reply": ("稍后回复",), "deliver": ("今天发出",)},
    "insult": {"": ("笨蛋",), "profanity": ("该死",)},
    "insult_coded": {"": ("本蛋",)},
}


def write_home(folder: Path) -> Path:
    """A home whose lexicons hold WORDS, and of every other role of the shipped ones a word that nobody says."""
    lexicons = folder / "lexicons"
    lexicons.mkdir(parents=True)
    roles: dict[str, dict[str, tuple[str, ...]]] = {name: dict(words) for name, words in WORDS.items()}
    for path in sorted((REPOSITORY / "lexicons").glob("*.tsv")):
        own = roles.setdefault(path.stem, {})
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines()):
            cells = line.split("\t")
            if number and len(cells) == len(lexicon.COLUMNS):
                own.setdefault(cells[1].strip(), (f"〇{cells[1].strip()}〇",))
    for name, words in roles.items():
        lines = ["\t".join(lexicon.COLUMNS)]
        for role, terms in words.items():
            lines += ["\t".join((term, role, "", "", "", "", "", "own", "2026-11-22")) for term in terms]
        (lexicons / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in (REPOSITORY / "lexicons").glob("*.txt"):
        shutil.copy(path, lexicons)
    return folder


@contextmanager
def using_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AUDIT_HOME is `folder`; what the process had compiled before comes back afterwards."""
    compiled = dict(part._MATCHERS)
    part._MATCHERS.clear()
    lexicon.load_all.cache_clear()
    monkeypatch.setenv("AUDIT_HOME", str(folder))
    try:
        yield
    finally:
        part._MATCHERS.clear()
        part._MATCHERS.update(compiled)
        lexicon.load_all.cache_clear()


@pytest.fixture(scope="session")
def small_home_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def small_home(small_home_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with using_home(small_home_folder, monkeypatch):
        yield small_home_folder


def talk(text: str, **settings: Any) -> Chats:
    """Chats of one conversation in the notation of the rules' EXAMPLES."""
    examples: list[Example] = list(parse(text))
    assert len(examples) == 1, "one conversation, no blank line"
    return build_chats(examples[0], Settings(**settings))


def canonical_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A canonical frame of rows (name → value), with a default shop and buyer; `at`: seconds after START or None."""
    default: dict[str, Any] = {
        "platform": "taobao", "shop": "青禾家居", "buyer": "买家甲", "kind": "text", "precision": 1, "recalled": False
    }  # fmt: skip
    names = sorted(({name for row in rows for name in row} | set(default)) - {"at"})
    given: dict[str, Any] = {name: [row.get(name, default.get(name, "")) for row in rows] for name in names}
    moments = [row.get("at") for row in rows]
    given["sent_at"] = pd.array(
        [pd.NaT if s is None else START + pd.Timedelta(seconds=float(s)) for s in moments], dtype="datetime64[ms]"
    )
    return canonical(given, len(rows))


def messages_of(*files: list[dict[str, Any]]) -> pd.DataFrame:
    """MESSAGES of rows in one or more files, each told from the others by its content."""
    frames = [
        identify(settle(canonical_of(rows)), FileIdentity(f"f{n}.csv", f"{n:064d}")) for n, rows in enumerate(files)
    ]
    return settle_auto(assemble(frames).messages, pd.DataFrame())


def chats_of(rows: list[dict[str, Any]], *, days_after: float = 60, **settings: Any) -> Chats:
    """Chats of rows; the export is complete until `days_after` the last message."""
    messages = messages_of(rows)
    last = messages["sent_at"].max()
    as_of = NO_TIME
    if not pd.isna(last):
        as_of = int(np.datetime64(last + pd.Timedelta(days=days_after), "ms").astype(np.int64))
    return Chats(messages, part.matcher_for(), np.full(len(messages), as_of, dtype=np.int64), Settings(**settings))
