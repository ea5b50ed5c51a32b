"""Measures the text views: million characters per second on one core, and the ratio to a plain numpy copy.

    taskset -c 1 python bench/views.py                 # distinct texts of 200,000 generated messages, 5 % with evasions
    taskset -c 1 python bench/views.py --messages 1500000 --repeat 7

Prints one JSON object: {"texts", "characters", "copy_ns", "views": {name: {"M/s", "ns", "copies"}}}. `copies` = time of
the view over time of copying the same texts' code points and places (12 bytes a character) once; the best of
`--repeat` runs counts. A view's time leaves out the view that it starts from; `folded` includes joining and encoding.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from audit.text.normalise import fold
from audit.text.views import VIEWS, Views
from chats import block

EVASIONS = "亻介钅戋好谈 给4⭐返🧧 可以+威芯说 jia-qun-liao dabao·fahuo hp截图,500nm 👌🏻了 差泙删 【看】【图】".split()


def texts(messages: int, seed: int) -> list[str]:
    """Distinct generated texts, every twentieth with an evasion behind it."""
    table, _ = block(messages, seed, 0)
    distinct = dict.fromkeys(table["text"].to_pylist())
    rng = np.random.default_rng(seed)
    chosen = rng.random(len(distinct)) < 0.05
    return [t + EVASIONS[i % len(EVASIONS)] if c else t for i, (t, c) in enumerate(zip(distinct, chosen, strict=True))]


def best(run: Callable[[], object], repeat: int) -> float:
    """Shortest of `repeat` runs (seconds), after one to warm up."""
    run()
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return min(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    said = texts(args.messages, args.seed)
    views = Views(said)
    folded = views["folded"]
    characters = len(folded.original)
    copy = best(lambda: (folded.codes.copy(), folded.origin.copy()), args.repeat)

    def figures(seconds: float) -> dict[str, float]:
        return {
            "M/s": round(characters / seconds / 1e6, 1),
            "ns": round(seconds / characters * 1e9, 2),
            "copies": round(seconds / copy, 1),
        }

    measured = {"folded": figures(best(lambda: fold(said), args.repeat))}
    for name, (source, make) in VIEWS.items():
        start = views[source]
        measured[name] = figures(best(lambda make=make, start=start: make(start), args.repeat))  # type: ignore[misc]
    out = {
        "texts": len(said),
        "characters": characters,
        "copy_ns": round(copy / characters * 1e9, 2),
        "views": measured,
    }
    print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
