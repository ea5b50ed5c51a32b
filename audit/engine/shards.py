"""Shards: when there is too much for memory, or several processes, chats are laid out on disk by conversation."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from audit.engine.part import Part, Plan, audit_part
from audit.ingest.assemble import Assembled, as_of_table, assemble, quick_texts, settle_auto

#: messages that one process holds at a time
MEMORY_ROWS = 3_000_000
#: shards where the number of messages is not known beforehand
SPILL_SHARDS = 48


@dataclass(frozen=True)
class Survey:
    """What the first pass learns of one shard: counts of `Assembled`, quick texts, last moments."""

    counts: Assembled
    texts: pd.DataFrame
    moments: pd.DataFrame


@dataclass
class Shards:
    """Identified chunks in a temporary folder, one subfolder a shard; whole conversations stay together."""

    folder: Path
    number: int
    _chunks: int = 0
    names: list[Path] = field(default_factory=list)

    @classmethod
    def create(cls, number: int) -> Shards:
        """A new empty layout in the system's temporary folder, readable by its owner only."""
        folder = Path(tempfile.mkdtemp(prefix="kefu-audit-"))
        shards = cls(folder, number)
        for i in range(number):
            (folder / f"{i:03d}").mkdir()
            shards.names.append(folder / f"{i:03d}")
        return shards

    def add(self, frame: pd.DataFrame) -> None:
        """Lay out one chunk."""
        from pyarrow import feather

        labels = frame["conversation_id"].cat.categories
        shard_of = np.array(
            [zlib.crc32(str(x).encode("utf-8", "surrogatepass")) % self.number for x in labels], dtype=np.int64
        )
        place = shard_of[frame["conversation_id"].cat.codes.to_numpy()]
        for i in np.unique(place):
            part = frame[place == i].reset_index(drop=True)
            for name in ("conversation_id", "buyer", "session"):
                part[name] = part[name].cat.remove_unused_categories()
            feather.write_feather(part, self.names[i] / f"{self._chunks:06d}.chunk", compression="lz4")
        self._chunks += 1

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _chunks(folder: Path) -> Iterator[pd.DataFrame]:
    from pyarrow import feather

    for path in sorted(folder.glob("*.chunk")):
        yield feather.read_feather(path)


def survey(folder: Path) -> Survey:
    """First pass over one shard: assemble it, keep it assembled on disk, and report what other shards must know."""
    from pyarrow import feather

    assembled = assemble(_chunks(folder))
    messages = assembled.messages
    if not len(messages):
        empty = pd.DataFrame(columns=["platform", "shop", "agent", "text", "sessions"])
        return Survey(assembled, empty, pd.DataFrame(columns=["platform", "shop", "as_of"]))
    feather.write_feather(messages, folder / "messages.arrow", compression="lz4")
    for path in folder.glob("*.chunk"):
        path.unlink()
    counts = Assembled(
        pd.DataFrame(), assembled.duplicates, assembled.masked_conversations, assembled.untimed, assembled.minute_times
    )
    return Survey(counts, quick_texts(messages), as_of_table(messages))


def audit_shard(folder: Path, plan: Plan, inferred: pd.DataFrame, given: pd.DataFrame) -> Part:
    """Second pass over one shard."""
    from pyarrow import feather

    path = folder / "messages.arrow"
    if not path.exists():
        return Part()
    return audit_part(settle_auto(feather.read_feather(path), inferred, given), plan)


def each(work: Callable[..., object], folders: Sequence[Path], workers: int, *shared: object) -> Iterator[object]:
    """`work(folder, *shared)` for every shard, in shard order, in `workers` processes."""
    if workers == 1:
        yield from (work(f, *shared) for f in folders)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from [f.result() for f in [pool.submit(work, folder, *shared) for folder in folders]]
