"""What is wrong with a lexicon: terms that can never match, and exceptions that except nothing."""

from __future__ import annotations

from audit.backends.terms import TermMatcher
from audit.text.lexicon import Entry, Lexicon
from audit.text.normalise import fold


def problems(lexicon: Lexicon) -> list[str]:
    """Sentences that name lexicon, line and what to do. A term must be found in itself, written alone."""
    matcher = TermMatcher({lexicon.name: lexicon})
    terms = [(entry, s) for entry in lexicon.entries for s in entry.spellings]
    samples = [s.replace("…", "") for _, s in terms]
    view = fold(samples)
    scan = matcher.scan(view)
    found = {role: set(scan.matches(lexicon.name, role).text.tolist()) for role in lexicon.roles}
    out = []
    for i, (entry, spelling) in enumerate(terms):
        where = f"{lexicon.name}:{entry.line} {spelling}"
        if view.text(i) != samples[i]:
            out.append(f"{where}: can never match, folding makes it {view.text(i)!r}: write that")
        elif i not in found[entry.role]:
            out.append(f"{where}: can never match, an exception covers it")
    by_role: dict[str, list[Entry]] = {}
    for entry in lexicon.entries:
        by_role.setdefault(entry.role, []).append(entry)
    for entry in lexicon.entries:
        for exception in entry.exceptions:
            if not any(_holds(exception, s) for other in by_role[entry.role] for s in other.spellings):
                where = f"{lexicon.name}:{entry.line} exception {exception}"
                out.append(f"{where}: holds no term of its role, it does nothing")
    return out


def _holds(exception: str, term: str) -> bool:
    """Whether a text like the exception can hold the term; a gap of the exception may hold anything."""
    if "…" in exception:
        return any(part and part in exception for part in term.split("…")) or len(term) == 1
    place = 0
    for part in (p for p in term.split("…") if p):
        found = exception.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True
