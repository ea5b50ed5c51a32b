"""Words: texts cut by jieba (or rjieba where it is installed: the same cuts) with the shipped e-commerce words."""

from __future__ import annotations

import functools
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from audit.resources import home

WORDS_FILE = "ecommerce_words.txt"


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
    for line in plain_lines(WORDS_FILE):
        word, count = line.split()[:2]
        out[word] = int(count)
    return out


def plain_lines(name: str) -> list[str]:
    """The lines of a word list among the lexicons, without comments and empty ones."""
    text = (home("lexicons") / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
