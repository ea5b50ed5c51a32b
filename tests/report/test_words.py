from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from audit.backends import tokens
from audit.backends.tokens import cache_folder, user_words
from audit.report.words import hot_words, stop_words


def test_words_are_counted_by_messages_once_per_text() -> None:
    complaints = [("拉链坏了，拉链坏了要退款", 3), ("拉链坏了", 2), ("物流太慢", 4), ("拉链坏了", 1)]
    assert hot_words(complaints) == [("拉链坏了", 6), ("物流太慢", 4), ("退款", 3)]
    assert hot_words(complaints, top=1) == [("拉链坏了", 6)]


def test_shop_words_stay_whole_and_fillers_do_not_count() -> None:
    found = dict(hot_words([("亲，这个是怎么回事，没有赠品，仅退款可以吗 123 #E-s12 [图片]", 1)]))
    assert {"没有赠品", "仅退款"} <= found.keys()
    assert not found.keys() & {"这个", "怎么", "没有", "可以", "123", "图片", "e"}


def test_nothing_to_count() -> None:
    assert hot_words([]) == []
    assert hot_words([("！！！ ***", 9)]) == []


def test_shipped_dictionary_is_well_formed() -> None:
    assert len(user_words()) >= 300
    for word, count in user_words().items():
        assert len(word) >= 2
        assert count > 0
        assert word not in stop_words()


def test_no_complaints_no_jieba() -> None:
    code = "import sys; from audit.report.words import hot_words; hot_words([]); print('jieba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_cache_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = Path(cache_folder())
    assert folder == tmp_path / "kefu-audit"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    other = Path(cache_folder())
    assert other != folder
    assert stat.S_IMODE(other.stat().st_mode) == 0o700
    other.rmdir()
    folder.rmdir()
    folder.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    third = Path(cache_folder())
    assert third not in (folder, tmp_path / "elsewhere")
    third.rmdir()


def test_jieba_leaves_the_shared_folder_alone(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    cache = tmp_path / "cache"
    code = "from audit.report.words import hot_words; print(hot_words([('拉链坏了', 1)]))"
    environment = {
        **os.environ,
        "TMPDIR": str(shared),
        "TEMP": str(shared),
        "XDG_CACHE_HOME": str(cache),
        "LOCALAPPDATA": str(cache),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert "拉链坏了" in done.stdout
    assert done.stderr == ""
    assert list(shared.iterdir()) == []
    assert (cache / "kefu-audit").is_dir()
    assert tempfile.gettempdir() != str(shared)


def test_rjieba_cuts_alike() -> None:
    pytest.importorskip("rjieba", reason="rjieba is not installed")
    fast, plain = tokens._fast(), tokens._plain()
    for text in ["拉链坏了要退款", "你们的客服一直不回复", "没有赠品 abc 123", "快递三天没动静了，物流停滞"]:
        assert fast(text) == plain(text)
