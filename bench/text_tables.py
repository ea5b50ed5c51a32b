"""Builds the tables of audit/text that come from others' data; run by hand when a source or a choice changes.

    python -m venv /tmp/tables && /tmp/tables/bin/pip install pypinyin==0.55.0 jieba==0.42.1
    /tmp/tables/bin/python bench/text_tables.py --chaizi ../shared/data/chaizi

Writes audit/text/splits.tsv and shapes.tsv (from chaizi, CC BY 3.0; how ordinary a sequence is: jieba's word
frequencies, MIT), audit/text/syllables.tsv (from pypinyin, MIT) and words.tsv (from jieba). None of the sources is a
dependency of the views.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

CHAIZI = "built from 漢語拆字字典 (chaizi) by 開放詞典網, CC BY 3.0, by bench/text_tables.py; see THIRD_PARTY.md"
OUT = Path(__file__).parents[1] / "audit" / "text"

#: Result characters outside GB 2312 level 1 that matter in abuse or sales talk.
ALSO = "屌屄肏婊嫖妓尻屙薇嗨叼狒蠢诋娼嘿妲"
#: Forms that are written for a component: katakana and the CJK radicals supplement.
ALIAS = {
    "亻": "イ",
    "讠": "⻈",
    "氵": "⺡",
    "扌": "⺘",
    "犭": "⺨",
    "艹": "⺾艸",
    "辶": "⻌⻍",
    "忄": "⺖",
    "纟": "⺰",
    "马": "⻢",
}
#: How people write splits that chaizi does not list, by shape.
OWN = {"米田共": "粪", "羊工": "差", "日生": "星", "⺶工": "差", "曰生": "星"}
#: A component that stands in fewer than this many of a million characters is not written for itself (亻, 讠, 犭).
RADICAL = 3.0
#: A word of two characters that jieba counts less often is no common one.
COMMON_WORD = 50
#: A sequence of ordinary characters, per million: below the first it is a split, above the second never one; between
#: them, and up to the third for the characters of WANTED, it is weak evidence ("word").
RARE, SELDOM, COMMON = 0.02, 0.3, 100.0
#: Characters that abuse, sales talk and handles need: their splits and look-alikes are worth some noise.
WANTED = set(
    "好评差返现红包晒图星五加微信薇你妈骂贱狗粪垃圾钱群脸猪傻逼笨蠢滚死操屎屁婊娼妓嫖奸淫骗畜牲吃扣佣赠截"
    "券领删改私聊付款账转礼奖励追给他她娘爹吗码卡支付宝银行号线上店淘拼多威胁打杀砍废病脑残瘫痴弱智鸡尸"
)
#: Wanted characters whose second component is too plain to tell them by.
SHAPELESS = set("付礼私号死包卡多他给打转图你删券")


def level_one(char: str) -> bool:
    """Whether a character is of the 3,755 of GB 2312 level 1."""
    try:
        return 0xB0 <= char.encode("gb2312")[0] <= 0xD7 and len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def decompositions(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(character, components) of each line of chaizi."""
    for line in path.read_text(encoding="utf-8").splitlines():
        char, *ways = line.split("\t")
        for way in ways:
            yield char, tuple(way.split())


class Ordinary:
    """How often a sequence of characters stands in running text, from a word list with frequencies."""

    def __init__(self, words: Counter[str]) -> None:
        self.single: Counter[str] = Counter()
        self.inside: Counter[str] = Counter()
        for word, count in words.items():
            self.single.update(dict.fromkeys(word, count))
            for n in (2, 3, 4):
                for i in range(len(word) - n + 1):
                    self.inside[word[i : i + n]] += count
        self.total = sum(self.single.values())

    def per_million(self, sequence: str) -> float:
        """Inside words, plus what chance puts side by side across words."""
        chance = float(self.total)
        for char in sequence:
            chance *= self.single[char] / self.total
        return (self.inside[sequence] + chance * 0.5) / self.total * 1e6


def splits(chaizi: Path, ordinary: Ordinary) -> dict[str, tuple[str, str]]:
    """Sequence of components → (character, "" or "word" where ordinary text shows the sequence too)."""
    found: dict[str, tuple[str, str]] = {}
    for char, parts in decompositions(chaizi / "chaizi-jt.txt"):
        if not 2 <= len(parts) <= 4 or any(len(p) != 1 for p in parts) or not (level_one(char) or char in ALSO):
            continue
        for sequence in spellings(parts):
            kind = evidence(sequence, char, ordinary)
            rival = found.get(sequence)
            if kind is not None and (rival is None or ordinary.single[rival[0]] < ordinary.single[char]):
                found[sequence] = (char, kind)
    for sequence, char in OWN.items():
        found[sequence] = (char, evidence(sequence, char, ordinary) or "")
    return found


def evidence(sequence: str, char: str, ordinary: Ordinary) -> str | None:
    """What a sequence says of its character: "" a split, "word" ordinary text too, None too ordinary."""
    if any(ordinary.single[c] / ordinary.total * 1e6 < RADICAL for c in sequence):
        return ""
    rate = ordinary.per_million(sequence)
    if rate < RARE:
        return ""
    return "word" if rate < SELDOM or (char in WANTED and rate < COMMON) else None


def spellings(parts: tuple[str, ...]) -> set[str]:
    """How people type a split: as it stands, with look-alikes of its radical, and with 辶 or 廴 last."""
    orders = {parts}
    if parts[0] in "辶廴":
        orders.add((*parts[1:], parts[0]))
    out = set()
    for order in orders:
        out.add("".join(order))
        for i, part in enumerate(order):
            for alias in ALIAS.get(part, ""):
                out.add("".join((*order[:i], alias, *order[i + 1 :])))
    return out


def shapes(chaizi: Path, ordinary: Ordinary) -> dict[str, str]:
    """Rare character → the wanted character whose distinctive component it has (泙, 怦 → 评)."""
    second_of: dict[str, set[str]] = defaultdict(set)
    radical: Counter[str] = Counter()
    for char, parts in decompositions(chaizi / "chaizi-jt.txt"):
        if len(parts) == 2 and all(len(p) == 1 for p in parts):
            second_of[char].add(parts[1])
            radical[parts[0]] += 1
    family = Counter(part for parts in second_of.values() for part in parts)
    wanted: dict[str, str] = {}
    for char in sorted(WANTED - SHAPELESS, key=lambda c: (ordinary.single[c], c)):
        wanted |= {p: char for p in second_of[char] if radical[p] <= 15 and family[p] <= 40}
    found = {}
    for char, phonetics in second_of.items():
        rare = not level_one(char) and ordinary.single[char] / ordinary.total * 1e6 < 1.0 and char not in WANTED
        targets = {wanted[p] for p in phonetics if p in wanted}
        if rare and len(targets) == 1 and "\u4e00" <= char <= "\u9fff" and char not in radical:
            found[char] = targets.pop()
    return found


def syllables(ordinary_words: Counter[str]) -> dict[str, str]:
    """Character → toneless syllable, the reading that words use most; ü is written v."""
    from pypinyin import Style, lazy_pinyin
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for word, count in ordinary_words.items():
        if word in PHRASES_DICT or len(word) == 1:
            for char, reading in zip(word, lazy_pinyin(word, style=Style.NORMAL, v_to_u=False), strict=True):
                votes[char][reading] += count
    out = {}
    for code in PINYIN_DICT:
        char = chr(code)
        if not 0x4E00 <= code <= 0x9FFF and char not in "〇":
            continue
        default = lazy_pinyin(char, style=Style.NORMAL, v_to_u=False)[0]
        best = votes[char].most_common(1)
        reading = best[0][0] if best and best[0][1] >= 50 else default
        if reading.isascii() and set(reading) & set("aeiouv"):
            out[char] = reading
    out["嗯"] = "en"
    return out


def common(ordinary_words: Counter[str]) -> dict[str, str]:
    """First character → the second characters of the common words of two that it begins."""
    found: dict[str, list[str]] = defaultdict(list)
    for word, count in sorted(ordinary_words.items()):
        if len(word) == 2 and count >= COMMON_WORD and all("\u4e00" <= c <= "\u9fff" for c in word):
            found[word[0]].append(word[1])
    return {first: "".join(seconds) for first, seconds in found.items()}


def word_counts() -> Counter[str]:
    """Words and frequencies of jieba."""
    import jieba

    path = Path(jieba.__file__).parent / "dict.txt"
    rows = (line.split(" ") for line in path.read_text(encoding="utf-8").splitlines())
    return Counter({word: int(count) for word, count, *_ in rows})


def write(name: str, header: list[str], lines: list[str]) -> None:
    text = "\n".join([*(f"# {h}" for h in header), *lines]) + "\n"
    (OUT / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{name}: {len(lines)} lines, {len(text.encode()):,} bytes", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chaizi", type=Path, required=True)
    args = parser.parse_args()
    words = word_counts()
    ordinary = Ordinary(words)
    write(
        "splits.tsv",
        ["components	character	word = ordinary text shows the components side by side too", CHAIZI],
        ["\t".join((sequence, *row)).rstrip() for sequence, row in sorted(splits(args.chaizi, ordinary).items())],
    )
    write(
        "words.tsv",
        [
            "first character	second characters",
            "common words of two characters, from jieba (MIT); see THIRD_PARTY.md",
        ],
        ["\t".join(row) for row in common(words).items()],
    )
    by_target = grouped(shapes(args.chaizi, ordinary))
    write("shapes.tsv", ["rare characters	the character that they look like", CHAIZI], by_target)
    by_reading = grouped(syllables(words))
    source = "readings of pypinyin 0.55.0 (MIT), the most frequent by jieba's word list (MIT); see THIRD_PARTY.md"
    write("syllables.tsv", ["characters	toneless syllable (v = ü)", source], by_reading)


def grouped(pairs: dict[str, str]) -> list[str]:
    """`characters<TAB>value` lines, one for each value."""
    groups: dict[str, list[str]] = defaultdict(list)
    for char, value in pairs.items():
        groups[value].append(char)
    return [f"{''.join(sorted(chars))}\t{value}" for value, chars in sorted(groups.items())]


if __name__ == "__main__":
    main()
