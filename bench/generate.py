"""Writes the benchmark's chats: canonical messages with a fixed seed, their stated properties checked and printed.

    python bench/generate.py --messages 1500000 --out bench/out/data            # messages.csv and messages.parquet
    python bench/generate.py --messages 15000000 --out bench/out/days --folder  # SHOP/DAY.parquet

Per 1.5 M messages: 100 k sessions of 10 shops and 200 agents over 30 days, 4 % of the messages with a sentence that
breaks a rule, at least 700 k distinct texts over at least 3,000 characters, length median 12 and 95th percentile 45.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chats import PER_SESSION, block

BLOCK = 1_500_000  # messages that share ten shops; larger inputs are several blocks


def blocks(messages: int, seed: int) -> Iterator[tuple[pa.Table, int]]:
    """The tables of all blocks, one after the other."""
    for number, start in enumerate(range(0, messages, BLOCK)):
        yield block(min(BLOCK, messages - start), seed, number)


def facts(table: pa.Table, planted: int) -> dict[str, float]:
    """The properties that the benchmark states, measured on a table."""
    said = table["text"].filter(pc.not_equal(table["text"], ""))
    lengths = pc.utf8_length(said).to_numpy()
    distinct = pc.unique(said)
    characters = np.unique(np.frombuffer("".join(distinct.to_pylist()).encode("utf-32-le"), np.uint32))
    hanzi = int(((characters >= 0x4E00) & (characters <= 0x9FFF)).sum())
    agents = pc.unique(table["agent"].filter(pc.not_equal(table["agent"], "")))
    return {
        "messages": table.num_rows,
        "sessions": max(table.num_rows // PER_SESSION, 1),
        "agents": len(agents),
        "texts": len(said),
        "distinct_texts": len(distinct),
        "distinct_characters": hanzi,
        "length_mean": round(float(lengths.mean()), 2),
        "length_median": float(np.median(lengths)),
        "length_p95": float(np.percentile(lengths, 95)),
        "violation_share": round(planted / table.num_rows, 4),
        "event_rows": int(pc.sum(pc.not_equal(table["event"], "")).as_py()),
    }


def broken_promises(found: dict[str, float]) -> list[str]:
    """What the generated messages do not keep of what the module says about them."""
    share = min(found["messages"] / BLOCK, 1)
    limits: dict[str, tuple[float, float]] = {
        "distinct_texts": (700_000 * share, float("inf")),
        "distinct_characters": (3_000, float("inf")),
        "agents": (200, 200),
        "length_mean": (16, 20),
        "length_median": (11, 13),
        "length_p95": (42, 48),
        "violation_share": (0.0399, 0.0401),
    }
    return [
        f"{name} is {found[name]}, not {low} to {high}"
        for name, (low, high) in limits.items()
        if not low <= found[name] <= high
    ]


def write_files(messages: int, seed: int, out: Path) -> dict[str, float]:
    """Write messages.csv and messages.parquet (one block) into `out`."""
    table, planted = block(messages, seed)
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, out / "messages.parquet")
    frame = table.to_pandas()
    frame["sent_at"] = pc.strftime(table["sent_at"].cast(pa.timestamp("s")), "%Y-%m-%d %H:%M:%S").to_pandas()
    frame.to_csv(out / "messages.csv", index=False, encoding="utf-8", lineterminator="\n")
    return facts(table, planted)


def write_folder(messages: int, seed: int, out: Path) -> dict[str, float]:
    """Write SHOP/DAY.parquet below `out`, a block at a time, and return the first block's facts."""
    first: dict[str, float] = {}
    for table, planted in blocks(messages, seed):
        first = first or facts(table, planted)
        day = pc.strftime(table["sent_at"], "%Y-%m-%d")
        table = table.append_column("day", day).sort_by([("shop", "ascending"), ("day", "ascending")])
        shop, day = (table[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in ("shop", "day"))
        starts = np.flatnonzero((np.diff(shop, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0))
        for start, stop in zip(starts, [*starts[1:], table.num_rows], strict=True):
            part = table.slice(start, stop - start)
            folder = out / part["shop"][0].as_py()
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(part.drop_columns("day"), folder / f"{part['day'][0].as_py()}.parquet")
    return {**first, "messages": messages}


def make(messages: int, out: Path, *, seed: int = 7, folder: bool = False) -> dict[str, float]:
    """Write the messages unless `out` already holds the same ones; return their facts."""
    note = out.with_name(f"{out.name}.facts.json")
    key = {"asked": messages, "seed": seed, "folder": folder, "source": _source()}
    if note.is_file():
        known = json.loads(note.read_text(encoding="utf-8"))
        if {k: known.get(k) for k in key} == key:
            return known["facts"]
        note.unlink()
    if out.exists():
        shutil.rmtree(out)
    found = (write_folder if folder else write_files)(messages, seed, out)
    note.write_text(json.dumps({**key, "facts": found}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return found


def _source() -> int:
    """Checksum of the code that makes the messages: other code, other messages."""
    here = Path(__file__).resolve().parent
    return zlib.crc32(b"".join((here / name).read_bytes() for name in ("generate.py", "chats.py", "texts.py")))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=BLOCK)
    parser.add_argument("--out", type=Path, default=Path("bench/out/data"))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", action="store_true", help="SHOP/DAY.parquet instead of two files")
    parser.add_argument("--json", action="store_true", help="print the facts as one JSON object, for bench/run.py")
    args = parser.parse_args()
    began = time.perf_counter()
    found = make(args.messages, args.out, seed=args.seed, folder=args.folder)
    if args.json:
        print(json.dumps({"facts": found, "broken": broken_promises(found)}))
        return 0
    for name, value in found.items():
        print(f"{name:20} {value:>14,}")
    print(f"{'written in':20} {time.perf_counter() - began:>13.1f}s")
    if wrong := broken_promises(found):
        print("error: the generated messages are not what they should be:\n  " + "\n  ".join(wrong), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
