"""The views by name, and a holder that computes each once for a set of texts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from audit.text.glyphs import decoded, joined, lookalike, spaced, symbols
from audit.text.normalise import View, fold
from audit.text.pinyin import initials, pinyin

if TYPE_CHECKING:
    import pyarrow as pa

#: Name → (view that it starts from, what makes it). `decoded` chains symbols, spaced, lookalike and joined.
VIEWS: dict[str, tuple[str, Callable[[View], View]]] = {
    "symbols": ("folded", symbols),
    "spaced": ("folded", spaced),
    "lookalike": ("folded", lookalike),
    "joined": ("folded", joined),
    "decoded": ("folded", decoded),
    "pinyin": ("decoded", pinyin),
    "pinyin_fuzzy": ("decoded", functools.partial(pinyin, blur=True)),
    "initials": ("decoded", initials),
}
#: Every name under which a view can be asked for.
NAMES = ("folded", *VIEWS)


class Views:
    """Views of some texts, each computed when it is first asked for."""

    def __init__(self, texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> None:
        self._known = {"folded": fold(texts)}

    def __getitem__(self, name: str) -> View:
        """The view of that name. Raises KeyError for an unknown one."""
        if name not in self._known:
            source, make = VIEWS[name]
            self._known[name] = make(self[source])
        return self._known[name]
