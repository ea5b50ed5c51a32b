"""Runs a command pinned to given cores and says how long it took, in wall and processor time, and how much memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.05


@dataclass(frozen=True)
class Run:
    """One measured process tree.

    Attributes
    ----------
    wall_s, cpu_s : from start to end, and user + system time (seconds).
    rss_mib : peak of the resident memory of the process and its children together.
    out : standard output.
    """

    wall_s: float
    cpu_s: float
    rss_mib: float
    out: str


class Failed(RuntimeError):
    """A measured command did not end with 0."""


def cores() -> list[int]:
    """The cores that this process may use, the last one first (the first serves most interrupts)."""
    return sorted(os.sched_getaffinity(0), reverse=True)


def run(command: Sequence[str], on: Sequence[int]) -> Run:
    """Run `command` on the cores `on` (taskset) and measure it. Raises Failed with its last words."""
    pinned = ["taskset", "--cpu-list", ",".join(map(str, on)), *command]
    began = time.perf_counter()
    process = subprocess.Popen(
        pinned,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    watch = _Memory(process.pid)
    watch.start()
    words: dict[str, str] = {}
    assert process.stdout and process.stderr
    readers = [
        threading.Thread(target=lambda n=name, s=stream: words.__setitem__(n, s.read()), daemon=True)
        for name, stream in (("out", process.stdout), ("err", process.stderr))
    ]
    for reader in readers:
        reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.stop()
    for reader in readers:
        reader.join()
    if process.returncode:
        raise Failed(f"{' '.join(command)}\nended with {process.returncode}:\n{words['err'][-2000:]}")
    own = usage.ru_maxrss / 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, max(own, watch.peak_mib), words["out"])


def interleaved(rounds: int, tasks: dict[str, Callable[[], Run]]) -> dict[str, list[Run]]:
    """Run every task once per round, so that a slow moment of the machine hits all alike."""
    found: dict[str, list[Run]] = {name: [] for name in tasks}
    for number in range(rounds):
        for name, task in tasks.items():
            done = task()
            found[name].append(done)
            print(f"  {number + 1}/{rounds} {name:24} {done.wall_s:8.2f} s {done.rss_mib:8.0f} MiB", flush=True)
    return found


def median(runs: Sequence[Run], what: str = "wall_s") -> float:
    """Median of one figure over the runs."""
    return statistics.median(getattr(run, what) for run in runs)


class _Memory(threading.Thread):
    """Adds up the resident memory of a process tree a few times a second (Linux; elsewhere the peak stays 0)."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.peak_mib = 0.0
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(POLL_S):
            self.peak_mib = max(self.peak_mib, sum(map(_resident_mib, _tree(self.root))))


def _tree(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def _resident_mib(pid: int) -> float:
    """Proportional set size where the kernel tells it (shared pages count once), else the resident set."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    except (OSError, StopIteration):
        try:
            text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            line = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
        except (OSError, StopIteration):
            return 0.0
    return int(line.split()[1]) / 1024
