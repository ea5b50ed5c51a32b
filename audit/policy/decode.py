"""Small text files that people keep by hand (YAML, CSV), in whatever encoding their editor wrote."""

from __future__ import annotations

import codecs


def decode_text(data: bytes) -> str:
    """Decode by BOM, strict UTF-8, the NUL pattern of UTF-16, strict GB18030. Raises UnicodeDecodeError."""
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(bom):
            return data.decode(encoding)
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if 5 * (even + odd) > len(head):
        return data.decode("utf-16-be" if even > odd else "utf-16-le")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030")
