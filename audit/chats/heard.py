"""Texts as they are meant: decoded, and with the listed terms written where the text only sounds like them.

A term is heard only where the lexicon allows its sound (`views` = pinyin) and the frame named there holds. It is not
heard where the text is an innocent one of a lexicon's exceptions, or where common words stand (纸张 is no 智障).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from audit.backends.terms import Sound, SoundMatches
from audit.chats.frames import holds
from audit.chats.texts import Texts
from audit.text.edits import ends_of, steps_of
from audit.text.lexicon import DECODED, PINYIN
from audit.text.normalise import Bools, Places, View
from audit.text.pinyin import pinyin
from audit.text.steps import Step
from audit.text.words import in_words

_LONG = 3  # syllables of a term that may stand inside a longer run of spelt pinyin


@dataclass(frozen=True)
class _Heard:
    """One place where a term is heard: its span in the pinyin view, and in the decoded view."""

    text: int
    at: int  # in the pinyin view; it has as many characters as the term
    start: int  # in the decoded view
    end: int
    sound: Sound


def undone(texts: Texts, view: View) -> Texts:
    """Some texts as they are meant, the others empty; `view` = their decoded view.

    Only texts that decoding changes or in which a term is heard are kept. The steps of a match say what was undone.
    """
    meant, heard = _written(view, _heard(texts, view))
    return Texts(texts.values, texts.matcher, meant.only(view.changed() | heard))


def _heard(texts: Texts, view: View) -> tuple[View, list[_Heard]]:
    sounds = pinyin(view)
    found = _not_plain(texts.matcher.hear(sounds), sounds, view)
    if not len(found.start):
        return sounds, []
    number = sounds.text_of(found.start)
    innocent = _innocent(texts, view, number)
    kept = []
    rows = zip(number.tolist(), found.start.tolist(), found.end.tolist(), found.sound.tolist(), strict=True)
    for text, at, last, which in rows:
        start, end = _place(sounds, view, at), _place_behind(sounds, view, last - 1)
        heard = _Heard(text, at, start, end, found.sounds[which])
        covered = any(a <= start and end <= b for a, b in innocent.get(text, ()))
        if not covered and _is_token(sounds, at, last) and _is_disguise(view, heard):
            kept.append(heard)
    return sounds, _longest(kept)


def _not_plain(found: SoundMatches, sounds: View, view: View) -> SoundMatches:
    """The matches whose characters are not simply the term's own."""
    if not len(found.start):
        return found
    spelt = sounds.steps_of(found.start, found.end) & np.uint8(Step.SPELLED) > 0
    keep = spelt | np.array([s.mixed for s in found.sounds], dtype=bool)[found.sound]
    plain = np.flatnonzero(~keep)
    place = _place_many(sounds, view, found.start[plain])
    terms = [found.sounds[i].term for i in found.sound[plain]]
    lengths = found.end[plain] - found.start[plain]
    flat = np.repeat(place - (np.cumsum(lengths) - lengths), lengths) + np.arange(int(lengths.sum()))
    same = view.codes[flat] == np.array([ord(c) for term in terms for c in term], dtype=np.uint32)
    first = np.cumsum(lengths) - lengths
    keep[plain] = ~np.logical_and.reduceat(same, first) if len(plain) else False
    return SoundMatches(found.start[keep], found.end[keep], found.sound[keep], found.sounds)


def _place_many(sounds: View, view: View, at: Places) -> Places:
    """Where characters of the pinyin view stand in the decoded one; several may share an origin (🧧 红包)."""
    origin = sounds.origin[at]
    offset = at - np.searchsorted(sounds.origin, origin)
    return np.searchsorted(view.origin, origin) + offset


def _place(sounds: View, view: View, at: int) -> int:
    return int(_place_many(sounds, view, np.array([at]))[0])


def _place_behind(sounds: View, view: View, at: int) -> int:
    """The end, in the decoded view, of a character of the pinyin view: spelt syllables are several letters there."""
    if sounds.steps is not None and sounds.steps[at] & np.uint8(Step.SPELLED) and sounds.ends is not None:
        return int(np.searchsorted(view.origin, sounds.ends[at]))
    return _place(sounds, view, at) + 1


def _innocent(texts: Texts, view: View, numbers: Places) -> dict[int, list[tuple[int, int]]]:
    """Text number → spans of all lexicons' exceptions, as decoded or as written, places in the decoded view."""
    among = texts.of_rows(numbers)
    out: dict[int, list[tuple[int, int]]] = {}
    for part in (view.only(among), texts.view.only(among)):
        text, start, end = texts.matcher.scan(part).exceptions
        if not len(text):
            continue
        first, last = part.origin[start], part.origin[end - 1]
        start, end = np.searchsorted(view.origin, first), np.searchsorted(view.origin, last, side="right")
        for number, a, b in zip(text.tolist(), start.tolist(), end.tolist(), strict=True):
            out.setdefault(number, []).append((a, b))
    return out


def _is_token(sounds: View, at: int, last: int) -> bool:
    """Whether a short term that is spelt out, at its edges, is not a piece of a longer run of spelt pinyin."""
    if sounds.steps is None or sounds.ends is None or last - at >= _LONG:
        return True
    steps, ends = sounds.steps, sounds.ends

    def runs_on(left: int, right: int) -> bool:
        both = steps[left] & steps[right] & np.uint8(Step.SPELLED)
        return bool(both) and bool(ends[left] == sounds.origin[right])

    return not (at > 0 and runs_on(at - 1, at)) and not runs_on(last - 1, last)


def _is_disguise(view: View, heard: _Heard) -> bool:
    """Whether the frame holds, and neither common words nor other characters beside initials stand there."""
    base = int(view.starts[heard.text])
    text, start, end = view.text(heard.text), heard.start - base, heard.end - base
    written = text[start:end]
    term = heard.sound.term
    if heard.sound.mixed and any(not c.isascii() and c not in term for c in written):
        return False
    for a, b in in_words(text, start, end):
        if not (a >= start and b <= end and text[a:b] in term):
            return False
    return holds(heard.sound.entry.view_frames[PINYIN], text, start, end, spelt=True)


def _longest(found: list[_Heard]) -> list[_Heard]:
    """Of those that overlap the longest, then the first; by place."""
    taken: list[_Heard] = []
    busy: set[int] = set()
    for heard in sorted(found, key=lambda h: (-(h.end - h.start), h.start, h.sound.mixed)):
        places = range(heard.start, heard.end)
        if busy.isdisjoint(places):
            busy.update(places)
            taken.append(heard)
    return sorted(taken, key=lambda h: h.start)


def _written(view: View, found: tuple[View, list[_Heard]]) -> tuple[View, Bools]:
    """The decoded view with what was heard written as the terms; which texts that changed."""
    sounds, heard = found
    changed = np.zeros(len(view.starts) - 1, dtype=bool)
    if not heard:
        return view, changed
    changed[[h.text for h in heard]] = True
    ends, steps = ends_of(view), steps_of(view)
    sound_ends, sound_steps = ends_of(sounds), steps_of(sounds)
    columns: tuple[list[npt.NDArray[Any]], ...] = ([], [], [], [])
    wholes: tuple[npt.NDArray[Any], ...] = (view.codes, view.origin, ends, steps)
    grown = np.zeros(len(view.starts), dtype=np.int64)
    last = 0
    for h in heard:
        for column, whole in zip(columns, wholes, strict=True):
            column.append(whole[last : h.start])
        span = slice(h.at, h.at + len(h.sound.term))
        term = np.array([ord(c) for c in h.sound.term], dtype=np.uint32)
        how = sound_steps[span] & ~np.uint8(Step.SYLLABLE)
        for i, (char, key) in enumerate(zip(h.sound.term, h.sound.key, strict=True)):
            if key.isascii():
                how[i] |= np.uint8(Step.INITIAL)
            elif not how[i] & np.uint8(Step.SPELLED) and view.codes[_place(sounds, view, h.at + i)] != ord(char):
                how[i] |= np.uint8(Step.SYLLABLE)
        for column, part in zip(columns, (term, sounds.origin[span], sound_ends[span], how), strict=True):
            column.append(part)
        grown[h.text + 1] += len(term) - (h.end - h.start)
        last = h.end
    for column, whole in zip(columns, wholes, strict=True):
        column.append(whole[last:])
    codes, origin, ends, steps = (np.concatenate(column) for column in columns)
    written = View(
        codes, origin, view.starts + np.cumsum(grown), view.original_starts, view.original, DECODED, ends, steps
    )
    return written, changed
