"""What is wrong with a lexicon: terms that can never match, and exceptions that except nothing."""

from __future__ import annotations

from audit.backends.terms import TermMatcher, sound_keys, sounds_only
from audit.text.glyphs import decoded
from audit.text.lexicon import DECODED, FOLDED, PINYIN, Entry, Lexicon
from audit.text.normalise import View, fold


def problems(lexicon: Lexicon) -> list[str]:
    """Sentences that name lexicon, line and what to do. A term must be found in itself, written alone.

    In the decoded and pinyin views one spelling of a line is enough: others may be what decoding does away with.
    """
    matcher = TermMatcher({lexicon.name: lexicon})
    terms = [(entry, s) for entry in lexicon.entries for s in entry.spellings]
    samples = [s.replace("…", "") for _, s in terms]
    view = fold(samples)
    found = _found(matcher, lexicon, view)
    meant = decoded(view)
    found_meant = _found(matcher, lexicon, meant)
    out = []
    lines: dict[int, list[int]] = {}
    for i, (entry, spelling) in enumerate(terms):
        lines.setdefault(entry.line, []).append(i)
        where = f"{lexicon.name}:{entry.line} {spelling}"
        if view.text(i) != samples[i]:
            out.append(f"{where}: can never match, folding makes it {view.text(i)!r}: write that")
        elif entry.reads(FOLDED) and i not in found[entry.role]:
            out.append(f"{where}: can never match, an exception covers it")
    for entry in lexicon.entries:
        where = f"{lexicon.name}:{entry.line} {entry.term}"
        mine = lines[entry.line]
        if entry.reads(DECODED) and not any(i in found_meant[entry.role] for i in mine):
            out.append(f"{where}: can never match in the decoded view, there it is {meant.text(mine[0])!r}")
        if entry.reads(PINYIN) and not any(sound_keys(s) for s in entry.spellings):
            out.append(
                f"{where}: can never match in the pinyin view, that takes two Chinese characters and nothing else"
            )
    by_role: dict[str, list[Entry]] = {}
    for entry in lexicon.entries:
        by_role.setdefault(entry.role, []).append(entry)
    for entry in lexicon.entries:
        for exception in entry.exceptions:
            if sounds_only(entry, exception):
                continue
            if not any(_holds(exception, s) for other in by_role[entry.role] for s in other.spellings):
                where = f"{lexicon.name}:{entry.line} exception {exception}"
                out.append(f"{where}: holds no term of its role, it does nothing")
    return out


def _found(matcher: TermMatcher, lexicon: Lexicon, view: View) -> dict[str, set[int]]:
    """Role → numbers of the texts of the view that hold a term of it."""
    scan = matcher.scan(view)
    return {role: set(scan.matches(lexicon.name, role).text.tolist()) for role in lexicon.roles}


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
