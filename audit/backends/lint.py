"""What is wrong with a lexicon: terms that can never match, and terms that another shadows."""

from __future__ import annotations

from audit.backends.terms import TermMatcher
from audit.text.lexicon import Lexicon
from audit.text.normalise import fold


def problems(lexicon: Lexicon) -> list[str]:
    """Sentences that name lexicon, line and what to do. A term must be found in itself, written alone."""
    matcher = TermMatcher({lexicon.name: lexicon})
    out = []
    for entry in lexicon.entries:
        for spelling in entry.spellings:
            sample = spelling.replace("……", "").replace("…", "")
            where = f"{lexicon.name}:{entry.line} {spelling}"
            folded = fold([sample]).text(0)
            if folded != sample:
                out.append(f"{where}: can never match, folding makes it {folded!r}: write that")
                continue
            found = matcher.scan(fold([sample])).matches(lexicon.name, entry.role)
            if not len(found):
                out.append(f"{where}: can never match, an exception covers it")
        out += [
            f"{lexicon.name}:{entry.line} exception {e} does not hold the term, it does nothing"
            for e in entry.exceptions
            if len(matcher.scan(fold([e.replace("…", "")])).matches(lexicon.name, entry.role)) == 0
            and not any(_holds(e, s) for s in entry.spellings)
            and not any(_holds(e, s) for other in lexicon.entries for s in other.spellings)
        ]
    return out


def _holds(exception: str, term: str) -> bool:
    parts = [p for p in term.replace("……", "…").split("…") if p]
    place = 0
    plain = exception.replace("…", "")
    for part in parts:
        found = plain.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True
