"""The benchmark: generates the chats, measures everything in one run, prints what was to be reached and what was.

    make bench                                              # 1.5 M messages and a folder of 15 M: most of an hour
    python bench/run.py --messages 150000 --no-folder       # a quick look

One-core figures are pinned to one core with taskset; what is compared runs in turns, and medians are compared.
Writes bench/out/bench.json, from which bench/report.py writes docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import measure
import report
from measure import Run, interleaved, median

HERE = Path(__file__).resolve().parent

PYTHON = sys.executable
AUDIT = [PYTHON, "-m", "audit"]
PLAIN = ("--format", "jsonl", "--no-models")
NAIVE_LEAST = 8_000  # messages per second under which the comparison is void
NAIVE_SAMPLE = 100_000
READ = """
import sys, time, pandas
began = time.perf_counter()
frame = pandas.read_csv(sys.argv[1], engine="c")
print(time.perf_counter() - began, len(frame))
"""


def goal(
    name: str, figure: float | None, limit: float, *, at_least: bool = False, unit: str = "", note: str = ""
) -> dict[str, object]:
    """One line of the result: what was measured, what was to be reached, and whether it was (None: not measured)."""
    reached = None if figure is None else (figure >= limit if at_least else figure <= limit)
    digits = None if figure is None else round(figure, 3)
    return {
        "name": name,
        "figure": digits,
        "limit": limit,
        "at_least": at_least,
        "unit": unit,
        "reached": reached,
        "note": note,
    }


def audit_run(source: Path, out: Path, *options: str, on: list[int]) -> Callable[[], Run]:
    """A task that audits `source` into a fresh `out` on the given cores."""

    def task() -> Run:
        shutil.rmtree(out, ignore_errors=True)
        return measure.run([*AUDIT, "run", str(source), "--policy", "auto", "--out", str(out), "--quiet", *options], on)

    return task


def findings(out: Path) -> tuple[int, dict[str, int]]:
    """How many findings an audit wrote, and how many per rule."""
    rules: Counter[str] = Counter()
    with (out / "findings.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            rules[json.loads(line)["rule"]] += 1
    return sum(rules.values()), dict(sorted(rules.items()))


def generated(messages: int, out: Path, *options: str) -> tuple[dict[str, float], list[str]]:
    """Have bench/generate.py write `messages` into `out`; what they are, and what of it is not as stated.

    In a process of its own: a child's peak memory is at least its parent's, so this one must stay small.
    """
    command = [PYTHON, str(HERE / "generate.py"), "--messages", str(messages), "--out", str(out), "--json", *options]
    told = json.loads(measure.run(command, measure.cores()).out)
    return told["facts"], told["broken"]


def head(source: Path, out: Path, messages: int) -> Path:
    """The first `messages` rows of a CSV (no field of it holds a line break)."""
    with source.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as sample:
        for number, line in enumerate(lines):
            if number > messages:
                break
            sample.write(line)
    return out


def machine() -> dict[str, object]:
    """Processor, cores, memory and the versions that matter."""
    model = platform.machine()
    memory = 0
    if (cpuinfo := Path("/proc/cpuinfo")).is_file():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
        meminfo = Path("/proc/meminfo").read_text(encoding="ascii").split()
        memory = round(int(meminfo[meminfo.index("MemTotal:") + 1]) / 2**20)
    packages = ("kefu-audit", "pandas", "pyarrow", "numpy", "ahocorasick-rs", "jieba")
    return {
        "processor": model,
        "cores": len(measure.cores()),
        "memory_gib": memory,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }


def bench(messages: int, rounds: int, out: Path, *, with_folder: bool) -> dict[str, object]:
    """Measure everything; see the module's docstring."""
    goals: list[dict[str, object]] = []
    one, two = measure.cores()[:1], measure.cores()[:2]
    print("generating", flush=True)
    data, small = out / "data", out / "small"
    facts, broken = generated(messages, data)
    small_facts, _ = generated(max(messages // 10, 1_000), small)
    for problem in broken:
        print(f"  note: {problem}")
    csv, light = data / "messages.csv", out / "report"
    sample = head(csv, out / "sample.csv", min(NAIVE_SAMPLE, messages))

    print("reading, auditing and the naive pipeline, on one core, in turns", flush=True)
    runs = interleaved(
        rounds,
        {
            "read_csv": lambda: _timed_inside(measure.run([PYTHON, "-c", READ, str(csv)], one)),
            "audit": audit_run(csv, light, *PLAIN, on=one),
            "audit with models": audit_run(csv, out / "report_models", "--format", "jsonl", on=one),
            "audit of a tenth": audit_run(small / "messages.csv", out / "report_small", *PLAIN, on=one),
            "naive sample": lambda: measure.run(
                [PYTHON, str(HERE / "naive.py"), str(sample), str(out / "naive.csv")], one
            ),
        },
    )
    count, by_rule = findings(light)
    read_s, audit_s, small_s = (median(runs[name]) for name in ("read_csv", "audit", "audit of a tenth"))
    naive = [json.loads(run.out) for run in runs["naive sample"]]
    naive_rate = sorted(n["messages_per_s"] for n in naive)[len(naive) // 2]
    naive_s = facts["messages"] / naive_rate
    goals.append(goal("whole audit, CSV to findings.jsonl, in read_csv times", audit_s / read_s, 12, unit="×"))
    void = naive_rate < NAIVE_LEAST
    note = f"void: the naive pipeline does {naive_rate:,} messages/s, under {NAIVE_LEAST:,}" if void else ""
    goals.append(
        goal(
            "faster than the naive pipeline",
            None if void else naive_s / audit_s,
            25,
            at_least=True,
            unit="×",
            note=note,
        )
    )
    with_models = median(runs["audit with models"]) / audit_s
    goals.append(goal("audit with the classifiers, in audit times without", with_models, 2, unit="×"))
    per_message = (audit_s / facts["messages"]) / (small_s / small_facts["messages"])
    note = "the tenth pays the same start" if per_message < 1 else ""
    goals.append(goal("time per message against a tenth of the messages", per_message, 1.2, unit="×", note=note))
    peak = max(run.rss_mib for run in runs["audit"])
    goals.append(goal("peak memory of the audit", peak / 1024, 2, unit="GiB"))

    print("one worker on one core and two on two, in turns", flush=True)
    turns = max(rounds - 1, 1)
    workers = interleaved(
        turns,
        {
            "one worker": audit_run(csv, light, *PLAIN, "--workers", "1", on=one),
            "two workers": audit_run(csv, light, *PLAIN, "--workers", "2", on=two),
        },
    )
    gain = median(workers["one worker"]) / median(workers["two workers"])
    goals.append(goal("two worker processes against one", gain, 1.7, at_least=True, unit="×"))

    print("the audit without and with its reports, in turns", flush=True)
    full = out / "report_full"
    pages = interleaved(
        turns,
        {
            "audit": audit_run(csv, light, *PLAIN, on=one),
            "audit and reports": audit_run(csv, full, "--no-models", on=one),
        },
    )
    base = median(pages["audit"])
    cost = (median(pages["audit and reports"]) - base) / base
    goals.append(goal("the reports (HTML, XLSX) in audit times", cost, 3, unit="×"))

    print("the report in Chromium", flush=True)
    sizes = {name: round((full / name).stat().st_size / 2**20, 1) for name in ("report.html", "report.xlsx")}
    opened = _in_browser(full / "report.html")
    goals.append(goal("report.html opens", opened.get("open_ms"), 3_000, unit="ms", note=str(opened.get("note", ""))))
    goals.append(goal("report.html filters", opened.get("filter_ms"), 200, unit="ms", note=str(opened.get("note", ""))))

    print("audit --help", flush=True)
    helps = interleaved(5, {"audit --help": lambda: measure.run([*AUDIT, "--help"], one)})
    goals.append(goal("audit --help", median(helps["audit --help"]), 0.5, unit="s"))

    print("where the time goes", flush=True)
    shutil.rmtree(light)
    where_command = [PYTHON, str(HERE / "where.py"), "run", str(csv), "--policy", "auto", "--out", str(light)]
    where = json.loads(measure.run([*where_command, "--quiet", "--format", "jsonl"], one).out.splitlines()[-1])

    folder: dict[str, object] = {}
    note = "not measured: --no-folder"
    if with_folder:
        print("a folder of ten times the messages, by shop and day", flush=True)
        days = out / "days"
        generated(messages * 10, days, "--folder")
        done = audit_run(days, out / "report_days", *PLAIN, "--workers", "1", on=one)()
        folder = {"messages": messages * 10, "wall_s": round(done.wall_s, 1), "rss_mib": round(done.rss_mib)}
        note = f"{done.wall_s:,.0f} s"
        print(f"  {done.wall_s:.1f} s, {done.rss_mib:.0f} MiB", flush=True)
    peak_folder = float(str(folder["rss_mib"])) / 1024 if folder else None
    goals.append(
        goal("peak memory for ten times the messages in a Parquet folder", peak_folder, 1.5, unit="GiB", note=note)
    )

    return {
        "machine": machine(),
        "facts": facts,
        "broken_promises": broken,
        "goals": goals,
        "figures": {
            "read_csv_s": round(read_s, 2),
            "audit_s": round(audit_s, 2),
            "audit_messages_per_s": round(facts["messages"] / audit_s),
            "audit_tenth_s": round(small_s, 2),
            "naive_messages_per_s": naive_rate,
            "naive_terms": naive[0]["terms"],
            "one_worker_s": round(median(workers["one worker"]), 2),
            "two_workers_s": round(median(workers["two workers"]), 2),
            "two_workers_rss_mib": round(max(run.rss_mib for run in workers["two workers"])),
            "reports_s": round(median(pages["audit and reports"]) - base, 2),
            "report_mib": sizes,
            "browser": opened,
        },
        "rounds": rounds,
        "folder": folder,
        "findings": {"all": count, "by_rule": by_rule},
        "where": where,
    }


def _timed_inside(run: Run) -> Run:
    """A run that printed its own seconds (the interpreter's start and the imports do not count)."""
    return Run(float(run.out.split()[0]), run.cpu_s, run.rss_mib, run.out)


def _in_browser(page: Path) -> dict[str, object]:
    """bench/browser.py in a process of its own; a note where it could not be measured."""
    try:
        done = measure.run([PYTHON, str(HERE / "browser.py"), str(page)], measure.cores())
    except measure.Failed as error:
        return {"note": f"not measured: {str(error).splitlines()[-1]}"}
    return dict(json.loads(done.out))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "out")
    parser.add_argument("--no-folder", action="store_true", help="leave the folder of ten times the messages out")
    args = parser.parse_args()
    if not shutil.which("taskset"):
        print("error: no taskset (Linux, package util-linux): one-core figures cannot be measured", file=sys.stderr)
        return 2
    if len(measure.cores()) < 2:
        print("error: two cores are needed to compare one worker with two", file=sys.stderr)
        return 2
    args.out.mkdir(parents=True, exist_ok=True)
    found = bench(args.messages, args.rounds, args.out, with_folder=not args.no_folder)
    target = args.out / "bench.json"
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print()
    print(report.goals_table(found))
    print(f"\nfigures: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
