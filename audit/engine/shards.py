"""Shards: shops laid out on disk, when there is too much for memory or several processes share the work.

Everything that findings depend on beyond their own conversation (as-of, inferred automatic texts, how many sessions of
an account got a text) is a figure of one shop. So a shard holds whole shops, and shards need nothing of each other.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
import weakref
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import active_children, get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.engine.part import Part, Plan, audit_shops, few_collections
from audit.errors import UserError

#: messages that one process holds at a time
MEMORY_ROWS = 3_000_000
#: shards where the number of messages is not known beforehand
SPILL_SHARDS = 48


def shop_names(frame: pd.DataFrame) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Number of the shop of every row, and the shops' names as `platform:shop`."""
    platform, shop = frame["platform"].cat, frame["shop"].cat
    pair = platform.codes.to_numpy().astype(np.int64) * (len(shop.categories) + 1) + shop.codes.to_numpy()
    number, pairs = pd.factorize(pair)
    width = len(shop.categories) + 1
    names = [f"{platform.categories[int(p) // width]}:{shop.categories[int(p) % width]}" for p in pairs]
    return number.astype(np.int64), names


def fair_shares(frames: Sequence[pd.DataFrame], number: int) -> dict[str, int]:
    """Shop → shard, the largest shops first, each to the shard that has least so far."""
    sizes: dict[str, int] = {}
    for frame in frames:
        of_row, names = shop_names(frame)
        for name, size in zip(names, np.bincount(of_row, minlength=len(names)).tolist(), strict=True):
            sizes[name] = sizes.get(name, 0) + size
    load = [0] * number
    shares = {}
    for name in sorted(sizes, key=lambda n: (-sizes[n], n)):
        shares[name] = load.index(min(load))
        load[shares[name]] += sizes[name]
    return shares


@dataclass
class Shards:
    """Identified chunks in a temporary folder, one subfolder a shard."""

    folder: Path
    names: list[Path]
    shares: Mapping[str, int] = field(default_factory=dict)
    _chunks: int = 0

    @classmethod
    def create(cls, number: int, shares: Mapping[str, int] | None = None) -> Shards:
        """A new empty layout in the system's temporary folder, readable by its owner only."""
        folder = Path(tempfile.mkdtemp(prefix="kefu-audit-"))
        names = [folder / f"{i:03d}" for i in range(number)]
        for name in names:
            name.mkdir()
        shards = cls(folder, names, shares or {})
        weakref.finalize(shards, shutil.rmtree, folder, True)  # also where reading breaks off
        return shards

    def _shard(self, shop: str) -> int:
        hashed = zlib.crc32(shop.encode("utf-8", "surrogatepass")) % len(self.names)
        return self.shares.get(shop, hashed)

    def add(self, frame: pd.DataFrame) -> None:
        """Lay out one chunk."""
        from pyarrow import feather

        of_row, names = shop_names(frame)
        place = np.array([self._shard(n) for n in names], dtype=np.int64)[of_row]
        for i in np.unique(place):
            part = frame[place == i].reset_index(drop=True)
            for name in ("conversation_id", "buyer", "session"):
                part[name] = part[name].cat.remove_unused_categories()
            feather.write_feather(part, self.names[i] / f"{self._chunks:06d}.arrow", compression="lz4")
        self._chunks += 1

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def shard_frames(folder: Path) -> Iterator[pd.DataFrame]:
    """The chunks of one shard."""
    from pyarrow import feather

    for path in sorted(folder.glob("*.arrow")):
        yield feather.read_feather(path)


def audit_shard(folder: Path, plan: Plan) -> Part:
    """Audit the shops of one shard."""
    with few_collections():
        return audit_shops(shard_frames(folder), plan)


def audit_shards(shards: Shards, plan: Plan, workers: int) -> Iterator[Part]:
    """The parts of all shards, in shard order, from `workers` processes."""
    if workers == 1:
        yield from (audit_shard(folder, plan) for folder in shards.names)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            with _deaf():
                parts = pool.map(audit_shard, shards.names, [plan] * len(shards.names))
            yield from parts
        except BrokenProcessPool:
            raise UserError(
                "a worker process was killed, probably for want of memory", where="--workers", fix="use fewer workers"
            ) from None
        except BaseException:
            for child in active_children():
                child.terminate()
            raise


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes begun inside do not hear Ctrl-C: the one that began them ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
