"""Says where an audit's time goes: runs `audit ARGS` in this process and charges each moment to a module of `audit`.

    python bench/where.py run messages.csv --out report --format jsonl

A thread looks at the main thread's stack a few hundred times a second and charges the time since its last look to the
innermost function of the package `audit` (pandas' and pyarrow's time belongs to the line that called them). Prints one
JSON object: {"total_s", "modules": {module: seconds}, "functions": {module.function: seconds}}.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

LOOK_S = 0.002


class Sampler(threading.Thread):
    """Charges the main thread's time to functions of the package at `home`."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home = home
        self.charged: Counter[tuple[str, str]] = Counter()
        self._main = threading.main_thread().ident
        self._ended = threading.Event()

    def run(self) -> None:
        last = time.perf_counter()
        while not self._ended.wait(LOOK_S):
            frame = sys._current_frames().get(self._main or 0)
            now = time.perf_counter()
            self.charged[self._owner(frame)] += now - last
            last = now

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _owner(self, frame: FrameType | None) -> tuple[str, str]:
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(self.home):
                module = ".".join(path.relative_to(self.home.parent).with_suffix("").parts)
                return module, frame.f_code.co_name
            frame = frame.f_back
        return "(start and end)", ""


def main() -> int:
    began = time.perf_counter()
    import audit

    sampler = Sampler(Path(audit.__file__).resolve().parent)
    sampler.start()
    from audit.cli.main import main as command

    sys.stdout, told = sys.stderr, sys.stdout
    try:
        code = command(sys.argv[1:])
    finally:
        sys.stdout = told
    sampler.stop()
    modules: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for (module, function), seconds in sampler.charged.items():
        modules[module] += seconds
        functions[f"{module}.{function}"] += seconds
    json.dump(
        {
            "total_s": round(time.perf_counter() - began, 3),
            "modules": {name: round(s, 3) for name, s in modules.most_common(40)},
            "functions": {name: round(s, 3) for name, s in functions.most_common(40)},
        },
        sys.stdout,
    )
    print()
    return code


if __name__ == "__main__":
    sys.exit(main())
