"""Shape: terms that a text holds only once its disguise is undone: decoded characters, sounds, initials."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import holds
from audit.chats.waits import Bools, Ints
from audit.shapes.places import places
from audit.shapes.terms import in_rows, term_hits
from audit.text.normalise import View
from audit.text.steps import Step, decoded_by
from audit.text.words import in_words

#: steps that ordinary text shows too: 女子, 力口, single characters between commas
_WEAK = Step.JOINED_WORD | Step.SPACED


def in_disguise(chats: Chats, found: Matches, *known: Matches, frame: str = "") -> Matches:
    """The matches that needed a decoding step and overlap none of `known`; weak steps alone need the frame.

    A look-alike that belongs to a common word as it is written (装副驾) disguises nothing, nor does what lies inside an
    exception as it is written.
    """
    found = found.take(found.steps > 0)
    found = found.take(~_excepted(chats, found))
    found = found.take(~_overlap(found, known))
    found = found.take(~_worded(chats, found))
    if not frame or not len(found):
        return found
    weak = (found.steps & ~np.uint8(_WEAK)) == 0
    for i, (text, start, end) in enumerate(places(chats, found)):
        weak[i] = weak[i] and not holds(frame, text, start, end)
    return found.take(~weak)


def _worded(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether a look-alike of the match is part of a common word of the folded text."""
    out = np.zeros(len(found), dtype=bool)
    view, folded = found.view, chats.texts.view
    for i in np.flatnonzero(found.steps & np.uint8(Step.LOOKALIKE)):
        span = slice(int(found.start[i]), int(found.end[i]))
        like = view.origin[span][view.steps[span] & np.uint8(Step.LOOKALIKE) > 0] if view.steps is not None else ()
        text, base = folded.text(int(found.text[i])), int(folded.starts[found.text[i]])
        for at in np.searchsorted(folded.origin, like) - base:
            out[i] |= any(a <= at < b for a, b in in_words(text, int(at), int(at) + 1))
    return out


def _excepted(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: whether an exception of some lexicon covers a match in the folded text."""
    out = np.zeros(len(found), dtype=bool)
    folded = chats.texts.view
    among = np.isin(chats.texts.scan.exceptions[0], found.text)
    text, first, last = (column[among] for column in chats.texts.scan.exceptions)
    first, last = absolute(folded, first, last)
    start, end = absolute(found.view, found.start, found.end)
    for i in np.flatnonzero(np.isin(found.text, text)):
        out[i] = bool(((text == found.text[i]) & (first <= start[i]) & (end[i] <= last)).any())
    return out


def _overlap(found: Matches, known: tuple[Matches, ...]) -> Bools:
    """(matches,) bool: whether a match shares a character of the original with a match of `known`."""
    out = np.zeros(len(found), dtype=bool)
    start, end = absolute(found.view, found.start, found.end)
    for other in known:
        first, last = absolute(other.view, other.start, other.end)
        order = np.argsort(first, kind="stable")
        first, reach = first[order], np.maximum.accumulate(last[order])
        before = np.searchsorted(first, end)
        out |= (before > 0) & (np.append(reach, 0)[before - 1] > start)
    return out


def absolute(view: View, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Spans of a view as places in the original flat text."""
    first, last = view.original_span(start, end)
    base = view.original_starts[view.text_of(start)]
    return first + base, last + base


def undone_hits(chats: Chats, found: Matches, among: Bools, why: str, **columns: object) -> pd.DataFrame:
    """HITS as `term_hits`, with what each quote decodes to and by which steps; `why` may name {decoded} as well."""
    found = found.merged()
    hits = term_hits(chats, found, among, why.replace("{decoded}", "{{decoded}}"), **columns)
    _, match = in_rows(chats, found, among)
    read = readings(found.view, found.start[match], found.end[match])
    whys = [sentence.replace("{decoded}", word) for sentence, (word, _) in zip(hits["why"], read, strict=True)]
    return hits.assign(why=whys, decoded=[word for word, _ in read], decoded_by=[steps for _, steps in read])


def readings(view: View, start: Ints, end: Ints) -> list[tuple[str, str]]:
    """(what the spans of the view say, the names of the steps that made them)."""
    steps = view.steps_of(start, end).tolist()
    words = [view.string[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)]
    return [(word, decoded_by(step)) for word, step in zip(words, steps, strict=True)]
