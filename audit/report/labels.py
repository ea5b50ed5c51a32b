"""The words of the reports' own interface, per language; Chinese is the default."""

from __future__ import annotations

import functools
import json
from importlib.resources import files

from audit.errors import UserError, did_you_mean


@functools.cache
def _all() -> dict[str, dict[str, str]]:
    text = files("audit.report").joinpath("templates", "labels.json").read_text(encoding="utf-8")
    pairs: dict[str, list[str]] = json.loads(text)
    return {"zh": {k: v[0] for k, v in pairs.items()}, "en": {k: v[1] for k, v in pairs.items()}}


def labels(lang: str = "zh") -> dict[str, str]:
    """Labels by key. Raises UserError for a language that there is none of."""
    if lang not in _all():
        raise UserError(f"the reports speak no {lang!r}", where="--lang", fix=did_you_mean(lang, _all()))
    return _all()[lang]


def duration(seconds: float | None, lang: str = "zh") -> str:
    """Seconds as people read them: `4 分 12 秒`; "" for None and NaN."""
    if seconds is None or seconds != seconds:
        return ""
    total = int(round(abs(seconds)))
    units = [("天", "d", 86400), ("小时", "h", 3600), ("分", "min", 60), ("秒", "s", 1)]
    parts = []
    for zh, en, size in units:
        count, total = divmod(total, size)
        if count:
            parts.append(f"{count} {zh if lang == 'zh' else en}")
    return " ".join(parts[:3]) or ("0 秒" if lang == "zh" else "0 s")
