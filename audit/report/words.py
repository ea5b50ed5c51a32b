"""What buyers complain about: frequent words of the complaints, cut by jieba with the shipped e-commerce words."""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from audit.resources import home

WORDS_FILE = "ecommerce_words.txt"
STOP_FILE = "stop_words.txt"
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}|[a-z]{2,}")
_BLANKED = re.compile(r"\*+|\[[^\]]{0,40}\]|https?://\S+|#e-[a-z0-9]+|&[a-z]+;")


def hot_words(complaints: Iterable[tuple[str, int]], top: int = 40) -> list[tuple[str, int]]:
    """The words that most complaints hold.

    `complaints` are distinct texts and how many messages each stands for; equal texts are added up. `top` is the
    most words to return.

    Returns (word, number of messages that hold it), most frequent first, ties by the word. Each text is cut once.
    `rjieba` is used where it is installed; it makes the same cuts. Words of one character, numbers and stop words
    do not count.
    """
    texts: Counter[str] = Counter()
    for text, count in complaints:
        texts[text.lower()] += count
    if not texts:
        return []
    cut, stops = cutter(), stop_words()
    found: Counter[str] = Counter()
    for text, count in texts.items():
        for word in set(cut(_BLANKED.sub(" ", text))):
            if word not in stops and _WORD.fullmatch(word):
                found[word] += count
    return sorted(found.items(), key=lambda x: (-x[1], x[0]))[:top]


@functools.cache
def cutter() -> Callable[[str], list[str]]:
    """A function that cuts a text into words, without guessing at words that no dictionary holds."""
    try:
        return _fast()
    except ImportError:
        return _plain()


def _fast() -> Callable[[str], list[str]]:
    import rjieba

    engine = rjieba.Jieba()
    for word, count in user_words().items():
        engine.add_word(word, count, None)
    return lambda text: list(engine.cut(text, False))


def _plain() -> Callable[[str], list[str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    # jieba unmarshals whatever lies under a fixed name in its cache folder: never the shared one.
    folder = cache_folder()
    jieba.dt.tmp_dir = folder
    engine = jieba.Tokenizer()
    engine.tmp_dir = folder
    for word, count in user_words().items():
        engine.add_word(word, count)
    return lambda text: engine.lcut(text, HMM=False)


def cache_folder() -> str:
    """A folder that only this user can write: in the user's cache, else a fresh temporary one."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if base and os.path.isabs(base):
        folder = Path(base) / "kefu-audit"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _private(folder):
                return str(folder)
        except OSError:
            pass
    return tempfile.mkdtemp(prefix="kefu-audit-")


def _private(folder: Path) -> bool:
    if folder.is_symlink() or not os.access(folder, os.W_OK):
        return False
    if sys.platform == "win32":
        return True
    about = folder.stat()
    return about.st_uid == os.getuid() and not about.st_mode & 0o022


@functools.cache
def user_words() -> dict[str, int]:
    """Words of the shipped dictionary and their frequencies, in jieba's own format `word frequency [tag]`."""
    out: dict[str, int] = {}
    for line in _lines(WORDS_FILE):
        word, count = line.split()[:2]
        out[word] = int(count)
    return out


@functools.cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about what is wrong."""
    return frozenset(_lines(STOP_FILE))


def _lines(name: str) -> list[str]:
    text = (home("lexicons") / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
