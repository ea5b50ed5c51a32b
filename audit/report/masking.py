"""What HTML and XLSX may show of buyers and texts: masked unless the user asked for the plain form."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import pandas as pd

from audit.text.redact import MASK, mask, mask_many

#: Longer messages are cut in reports; the export keeps them whole.
TEXT_LIMIT = 4_000
CUT = "…（已截断）"
#: Control characters that neither XML 1.0 nor a browser shows; noncharacters and lone surrogates too.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with each character that XML forbids replaced by U+FFFD; the length stays."""
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


@dataclass(frozen=True)
class Masker:
    """Decides for one report how buyers and texts are shown."""

    show_pii: bool = False

    def buyer(self, nick: str) -> str:
        """A buyer's name: the first character and `***`; with show_pii the name."""
        nick = printable(nick)
        return nick if self.show_pii or not nick else f"{nick[0]}***"

    def text(self, text: str, buyer: str = "") -> str:
        """One text, its personal data and the buyer's own name masked in place."""
        text = printable(text)
        return text if self.show_pii else _hide(_mask(text), buyer)

    def messages(self, excerpts: pd.DataFrame) -> list[str]:
        """The texts of `AuditResult.excerpts`, row by row, masked in place and cut at TEXT_LIMIT characters.

        Offsets of evidence inside the kept part stay true.
        """
        # A phone number that the cut would halve must be seen whole to be masked.
        raw = excerpts["text"].astype("str").fillna("")
        long = raw.str.len().gt(TEXT_LIMIT).to_numpy()
        texts = raw.where(~long, raw.str.slice(0, TEXT_LIMIT + 100))
        shown = texts if self.show_pii else mask_many(texts)
        out = [printable(t) for t in shown.tolist()]
        if not self.show_pii:
            out = [
                _hide(t, b) if b and b in t else t
                for t, b in zip(out, excerpts["buyer"].astype("str").tolist(), strict=True)
            ]
        return [t[:TEXT_LIMIT] + CUT if is_long else t for t, is_long in zip(out, long.tolist(), strict=True)]


_mask = functools.lru_cache(maxsize=64)(mask)  # one insult provokes many findings, which stand together


def _hide(text: str, buyer: str) -> str:
    """The buyer's name inside a text: its first character stays."""
    if len(buyer) < 3 or buyer not in text:
        return text
    return text.replace(buyer, buyer[0] + MASK * (len(buyer) - 1))
