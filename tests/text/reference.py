"""Folding one character at a time: what `fold` does, written without arrays."""

from __future__ import annotations

from audit.text.normalise import INSERTED, SPACING, fold_table

DROPPED = 0xFFFFFFFF


def chinese(code: int) -> bool:
    return 0x3400 <= code <= 0x9FFF or 0x20000 <= code <= 0x323AF or 0xF900 <= code <= 0xFAFF


def fold_slowly(text: str) -> tuple[str, list[int]]:
    """The folded text and the place of each of its characters in the original."""
    codes = [int(fold_table()[ord(c)]) for c in text]
    n = len(codes)

    def han(i: int) -> bool:
        return 0 <= i < n and codes[i] != DROPPED and chinese(codes[i])

    def soft(i: int) -> bool:
        return codes[i] == DROPPED or chr(codes[i]) in INSERTED + SPACING

    kept = []
    for i, code in enumerate(codes):
        if code == DROPPED:
            continue
        if soft(i):
            left, right = i, i
            while left >= 0 and soft(left):
                left -= 1
            while right < n and soft(right):
                right += 1
            alone = not han(left - 1) or not han(right + 1)
            if han(left) and han(right) and (chr(code) in INSERTED or alone):
                continue
        kept.append(i)
    return "".join(chr(codes[i]) for i in kept), kept
