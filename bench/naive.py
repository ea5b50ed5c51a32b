"""What the audit is compared with: a chat audit as it is usually written, message by message.

Reads the CSV, then for every message: cuts it into words with jieba (without its HMM,
which would cost a third more), counts them, and searches one `re` alternation of
all lexicon terms; response times by groupby-apply over conversations. It finds less than `audit run` does: no sessions,
disputes, responsibility, exceptions, frames or platforms.

    python bench/naive.py messages.csv out.csv
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import jieba
import pandas as pd

Tree = dict[str, "Tree"]

LEXICONS = Path(__file__).resolve().parent.parent / "lexicons"


def alternation() -> tuple[re.Pattern[str], int]:
    """One pattern of every term and variant in lexicons/, and how many there are.

    Written as a tree of common beginnings and without IGNORECASE: a flat alternation takes longer than all the rest.
    """
    terms: set[str] = set()
    for path in sorted(LEXICONS.glob("*.tsv")):
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, quoting=3, encoding="utf-8", comment="#")
        variants = (variant for cell in table["variants"] for variant in cell.split("|"))
        terms.update(term for term in (*table["term"], *variants) if term)
    tree: Tree = {}
    for term in terms:
        node = tree
        for token in re.findall("…+|.", term.lower(), re.DOTALL):
            node = node.setdefault(token, {})
        node[""] = {}
    return re.compile(branches(tree)), len(terms)


def branches(tree: Tree) -> str:
    """The pattern of a tree of tokens; "" marks the end of a term, "…" a gap. Longer terms come first."""
    parts = []
    for token, below in sorted(tree.items(), reverse=True):
        if token:
            parts.append((".{0,8}?" if token[0] == "…" else re.escape(token)) + branches(below))
    optional = "?" if "" in tree else ""
    return f"(?:{'|'.join(parts)}){optional}" if parts else ""


def response_times(group: pd.DataFrame) -> tuple[float, float, int, bool]:
    """First and mean response time of one conversation (seconds), replies after 180 s, and whether the end is open."""
    times: list[float] = []
    asked = None
    for sender, auto, sent_at in zip(group["sender"], group["auto"], group["sent_at"], strict=True):
        if sender == "buyer" and asked is None:
            asked = sent_at
        elif sender == "agent" and auto != "true" and asked is not None:
            times.append((sent_at - asked).total_seconds())
            asked = None
    mean = sum(times) / len(times) if times else math.nan
    return times[0] if times else math.nan, mean, sum(t > 180 for t in times), asked is not None


def audit(path: Path, out: Path) -> tuple[int, int]:
    """Audit a canonical CSV into `out`; (messages, findings)."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    frame["sent_at"] = pd.to_datetime(frame["sent_at"])
    pattern, _ = alternation()
    words: Counter[str] = Counter()
    findings = []
    columns = (frame[name].tolist() for name in ("shop", "agent", "buyer", "sent_at", "sender", "text"))
    for shop, agent, buyer, sent_at, sender, text in zip(*columns, strict=True):
        cut = jieba.lcut(text, HMM=False)
        if sender == "buyer":
            words.update(word for word in cut if len(word) > 1)
        elif sender in ("agent", "robot") and (hit := pattern.search(text.lower())):
            findings.append((shop, agent, buyer, sent_at, hit.group(), text))
    frame = frame.sort_values(["shop", "buyer", "sent_at"], kind="stable")
    groups = frame.groupby(["shop", "buyer"], sort=False)[["sender", "auto", "sent_at"]].apply(response_times)
    timing = pd.DataFrame(groups.tolist(), index=groups.index, columns=["first", "mean", "late", "open"])
    late = timing[(timing["late"] > 0) | timing["open"]]
    table = pd.DataFrame(findings, columns=["shop", "agent", "buyer", "sent_at", "term", "text"])
    table.to_csv(out, index=False, encoding="utf-8")
    late.to_csv(out.with_name(out.stem + "_late.csv"), encoding="utf-8")
    return len(frame), len(findings) + len(late)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("messages", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    jieba.setLogLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        jieba.dt.tmp_dir = folder
        jieba.initialize()
        began = time.perf_counter()
        messages, findings = audit(args.messages, args.out)
        seconds = time.perf_counter() - began
    _, terms = alternation()
    json.dump(
        {
            "messages": messages,
            "findings": findings,
            "terms": terms,
            "seconds": round(seconds, 3),
            "messages_per_s": round(messages / seconds),
        },
        sys.stdout,
    )
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
