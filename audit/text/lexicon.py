"""Lexicons: terms with variants, exceptions, frames and sources, read from TSV files."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from audit.errors import UserError, check_regular, did_you_mean
from audit.resources import home

COLUMNS = ("term", "role", "variants", "exceptions", "frame", "views", "note", "source", "added")
GAP, WIDE_GAP = "…", "……"
FOLDED, DECODED, PINYIN = VIEWS = ("folded", "decoded", "pinyin")
FRAMES = ("person", "act", "review", "reward")


@dataclass(frozen=True)
class Entry:
    """One line of a lexicon file."""

    lexicon: str
    term: str
    role: str
    variants: tuple[str, ...]
    exceptions: tuple[str, ...]
    frame: str
    views: tuple[str, ...]  # `name` or `name:frame`
    note: str
    source: str
    added: str
    line: int

    @functools.cached_property
    def view_frames(self) -> dict[str, str]:
        """View in which the term may match → the frame that it needs there besides its own; "" = none."""
        parts = (view.partition(":") for view in self.views)
        return {name: frame for name, _, frame in parts}

    def reads(self, view: str) -> bool:
        """Whether the term may match in the view of this name."""
        return view in self.view_frames

    @property
    def spellings(self) -> tuple[str, ...]:
        """The term and its variants."""
        return (self.term, *self.variants)


@dataclass(frozen=True)
class Lexicon:
    """All entries of one lexicon, of the shipped file and the shop's own."""

    name: str
    entries: tuple[Entry, ...]

    @functools.cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles that occur, in file order."""
        return tuple(dict.fromkeys(e.role for e in self.entries))


def _cells(value: str) -> tuple[str, ...]:
    return tuple(part for part in (p.strip() for p in value.split("|")) if part)


def read_tsv(path: Path, name: str | None = None) -> Lexicon:
    """Read one TSV file. Raises UserError that lists every bad line at once."""
    name = name or path.stem
    try:
        check_regular(path)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(
            f"lexicon cannot be read: {error.strerror}", where=str(path), fix="check the path and your rights"
        ) from None
    except UnicodeDecodeError:
        raise UserError("the lexicon is not UTF-8", where=str(path), fix="save it as UTF-8 text") from None
    problems: list[str] = []
    entries: list[Entry] = []
    seen: dict[tuple[str, str], int] = {}
    header: list[str] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("# "):
            continue
        cells = line.split("\t")
        if header is None:
            header = cells
            if tuple(cells) != COLUMNS:
                raise UserError(
                    "a lexicon's first line must name its columns", where=f"{path}:{number}", fix="\t".join(COLUMNS)
                )
            continue
        if len(cells) != len(COLUMNS):
            problems.append(f"{path}:{number}: {len(cells)} cells, not {len(COLUMNS)}")
            continue
        term, role, variants, exceptions, frame, views, note, source, added = (c.strip() for c in cells)
        entry = Entry(
            name, term, role, _cells(variants), _cells(exceptions), frame, _cells(views) or ("folded",), note, source,
            added, number,
        )  # fmt: skip
        if not term:
            problems.append(f"{path}:{number}: empty term")
        if not source:
            problems.append(f"{path}:{number}: {term}: no source")
        if frame and frame not in FRAMES:
            problems.append(f"{path}:{number}: unknown frame {frame!r}, {did_you_mean(frame, FRAMES)}")
        for view, needed in entry.view_frames.items():
            if view not in VIEWS:
                problems.append(f"{path}:{number}: unknown view {view!r}, {did_you_mean(view, VIEWS)}")
            if needed and needed not in FRAMES:
                problems.append(f"{path}:{number}: unknown frame {needed!r}, {did_you_mean(needed, FRAMES)}")
        for spelling in entry.spellings:
            if (role, spelling) in seen:
                problems.append(f"{path}:{number}: {spelling} stands already in line {seen[role, spelling]}")
            seen[role, spelling] = number
        entries.append(entry)
    if problems:
        raise UserError("bad lexicon lines:\n  " + "\n  ".join(problems), where=str(path), fix="mend these lines")
    if header is None:
        raise UserError("empty lexicon file", where=str(path), fix="\t".join(COLUMNS))
    return Lexicon(name, tuple(entries))


@functools.cache
def load_all(folder: Path | None = None, extra: tuple[tuple[str, Path], ...] = ()) -> dict[str, Lexicon]:
    """Every lexicon by name. `extra` adds a shop's own files: pairs (lexicon name, TSV path)."""
    where = folder or home("lexicons")
    found = {p.stem: read_tsv(p) for p in sorted(where.glob("*.tsv"))}
    if not found:
        raise UserError("no lexicon files here", where=str(where), fix="a lexicon is a .tsv file")
    for name, path in extra:
        if name not in found:
            raise UserError(f"there is no lexicon {name!r}", where=str(path), fix=did_you_mean(name, found))
        found[name] = merge(found[name], read_tsv(path, name))
    return found


def merge(base: Lexicon, own: Lexicon) -> Lexicon:
    """The shipped lexicon with a shop's own entries; an own entry replaces the shipped one of its term and role."""
    replaced = {(e.role, e.term) for e in own.entries}
    kept: Iterable[Entry] = (e for e in base.entries if (e.role, e.term) not in replaced)
    return Lexicon(base.name, (*kept, *own.entries))
