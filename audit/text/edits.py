"""Edits of aligned views that keep every character's span in the original: replace, merge, remove, insert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as _with

import numpy as np
import numpy.typing as npt

from audit.text.normalise import Bools, Codes, Places, Steps, View


def ends_of(view: View) -> Places:
    """(n,) int64: the end of each character's span in the original flat text, as an array of its own."""
    return view.origin + 1 if view.ends is None else view.ends.copy()


def steps_of(view: View) -> Steps:
    """(n,) uint8: the steps that made each character, as an array of its own."""
    return np.zeros(len(view.codes), dtype=np.uint8) if view.steps is None else view.steps.copy()


def on_texts(view: View, texts: Bools, step: Callable[[View], View]) -> View:
    """`step` taken on some texts alone ((texts,) bool), the others as they are: cheap where few need it."""
    if not texts.any():
        return view
    if texts.mean() > 0.5:
        return step(view)
    return _spliced(view, step(view.only(texts)), texts)


def _spliced(view: View, part: View, texts: Bools) -> View:
    """The view with the texts of `part` in place of its own."""
    lengths = np.diff(view.starts)
    starts = np.zeros(len(view.starts), dtype=np.int64)
    np.cumsum(np.where(texts, np.diff(part.starts), lengths), out=starts[1:])
    stay = np.repeat(~texts, lengths)
    old = np.repeat(~texts, np.diff(starts))
    new = ~old

    def mixed(mine: npt.NDArray, theirs: npt.NDArray) -> npt.NDArray:
        out = np.empty(len(old), dtype=mine.dtype)
        out[old] = mine[stay]
        out[new] = theirs
        return out

    origin = mixed(view.origin, part.origin)
    ends = None
    if view.ends is not None:
        ends = mixed(view.ends, ends_of(part))
    elif part.ends is not None:
        ends = origin + 1
        ends[new] = part.ends
    steps = np.zeros(len(old), dtype=np.uint8) if view.steps is None else mixed(view.steps, steps_of(part))
    if part.steps is not None:
        steps[new] = part.steps
    return _with(view, codes=mixed(view.codes, part.codes), origin=origin, starts=starts, ends=ends, steps=steps)


def ordered(starts: Places, ends: Places) -> Places:
    """Which of the spans, sorted by start, a reader takes who goes from left to right and skips overlaps.

    Pointer doubling: no loop over the spans, however long their chains are.
    """
    n = len(starts)
    following = np.append(np.searchsorted(starts, ends), n)
    taken = np.zeros(n + 1, dtype=bool)
    taken[:1] = True
    for _ in range(max(n, 1).bit_length()):
        taken[following[np.flatnonzero(taken)]] = True
        following = following[following]
    return np.flatnonzero(taken[:n])


def substitute(view: View, at: Places, text: Codes, lengths: Places, step: int) -> View:
    """The characters at the ascending places `at` become `lengths` (≥ 1) characters each, laid end to end in `text`."""
    if not len(at):
        return view
    extra = lengths - 1
    if not extra.any():
        codes, steps = view.codes.copy(), steps_of(view)
        codes[at] = text
        steps[at] |= np.uint8(step)
        return _with(view, codes=codes, steps=steps)
    grown = np.zeros(len(at) + 1, dtype=np.int64)
    np.cumsum(extra, out=grown[1:])
    first = at + grown[:-1]
    filled = np.repeat(first - (np.cumsum(lengths) - lengths), lengths) + np.arange(len(text))
    source = np.repeat(at, lengths)
    kept = np.ones(len(view.codes) + int(grown[-1]), dtype=bool)
    new = np.ones(len(filled), dtype=bool)
    new[np.cumsum(lengths) - lengths] = False
    kept[filled[new]] = False

    def spread(values: npt.NDArray) -> npt.NDArray:
        out = np.empty(len(kept), dtype=values.dtype)
        out[kept] = values
        out[filled] = values[source]
        return out

    codes, steps = spread(view.codes), spread(steps_of(view))
    codes[filled] = text
    steps[filled] |= np.uint8(step)
    return _with(
        view,
        codes=codes,
        origin=spread(view.origin),
        starts=view.starts + grown[np.searchsorted(at, view.starts)],
        ends=None if view.ends is None else spread(view.ends),
        steps=steps,
    )


def merge(
    view: View, start: Places, lengths: Places, codes: Codes, step: int | Steps, drop: Places | None = None
) -> View:
    """Each of the ascending, disjoint spans of `lengths` (≥ 1) characters becomes the one character in `codes`.

    `drop`: places outside the spans that are removed as well.
    """
    if not len(start):
        return view
    new, ends, steps = view.codes.copy(), ends_of(view), steps_of(view)
    new[start] = codes
    edges = np.column_stack((start, start + lengths)).ravel()
    made = np.bitwise_or.reduceat(steps, edges)[::2]  # the last place is a separator's: every edge is inside
    ends[start] = ends[start + lengths - 1]
    steps[start] = made | np.asarray(step, dtype=np.uint8)
    swallowed = np.repeat(start + 1, lengths - 1)
    offset = np.arange(len(swallowed)) - np.repeat(np.cumsum(lengths - 1) - (lengths - 1), lengths - 1)
    gone = swallowed + offset
    if drop is not None and len(drop):
        gone = np.sort(np.concatenate((gone, drop)))
    return _without(_with(view, codes=new, ends=ends, steps=steps), gone)


def remove(view: View, at: Places, step: int = 0) -> View:
    """The view without the characters at the ascending places `at`; `step` marks the characters behind them."""
    if not len(at):
        return view
    if step:
        steps = steps_of(view)
        steps[at + 1] |= np.uint8(step)
        view = _with(view, steps=steps)
    return _without(view, at)


def absorb(view: View, at: Places) -> View:
    """As `remove`, but the character before each place takes over the span (skin tones behind an emoji)."""
    at = at[view.starts[np.searchsorted(view.starts, at)] != at]
    if not len(at):
        return view
    run = np.ones(len(at) + 1, dtype=bool)
    run[1:-1] = np.diff(at) != 1
    ends = ends_of(view)
    ends[at[run[:-1]] - 1] = ends[at[run[1:]]]
    return _without(_with(view, ends=ends), at)


def insert(view: View, before: Places, codes: Codes, origin: Places) -> View:
    """Characters of the original (places `origin`, ascending) put back before the places `before`."""
    if not len(before):
        return view
    return _with(
        view,
        codes=np.insert(view.codes, before, codes),
        origin=np.insert(view.origin, before, origin),
        starts=view.starts + np.searchsorted(before, view.starts),
        ends=None if view.ends is None else np.insert(view.ends, before, origin + 1),
        steps=None if view.steps is None else np.insert(view.steps, before, 0),
    )


def _without(view: View, at: Places) -> View:
    kept = np.ones(len(view.codes), dtype=bool)
    kept[at] = False
    return _with(
        view,
        codes=view.codes[kept],
        origin=view.origin[kept],
        starts=view.starts - np.searchsorted(at, view.starts),
        ends=None if view.ends is None else view.ends[kept],
        steps=None if view.steps is None else view.steps[kept],
    )
