"""Text encodings of exports: BOM → strict UTF-8 → NUL pattern of UTF-16 → strict GB18030. Nothing is guessed."""

from __future__ import annotations

import codecs
import re

from audit.errors import UserError
from audit.ingest.model import BadRow

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(rb"\r\n|\r|\n")
#: What `detect` answers.
HEAD_CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "mixed")
#: What a line that no encoding reads is replaced by, so that the others keep their numbers.
UNREADABLE = ""
MIXED = "mixed"
FIX = "save the file as UTF-8 and try again"


def _decodes(data: bytes, encoding: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_by_nuls(data: bytes, valid_utf8: bool) -> str:
    """The UTF-16 variant that the places of NUL bytes show, else "".

    ASCII characters (digits, commas, line ends) are half NUL in UTF-16, all on one parity. Bytes that are also
    valid UTF-8 must be nearly half NUL to count as UTF-16: a stray NUL in a UTF-8 file is damage.
    """
    nuls = data.count(0)
    if nuls < max(1, len(data) * (0.3 if valid_utf8 else 0.005)):
        return ""
    even = data[0::2].count(0)
    if even <= nuls * 0.05:
        encoding = "utf-16-le"
    elif even >= nuls * 0.95:
        encoding = "utf-16-be"
    else:
        return ""
    line_end = b"\n\0" if encoding == "utf-16-le" else b"\0\n"
    if line_end not in data and nuls < len(data) * 0.05:
        return ""
    return encoding if _decodes(data, encoding, whole=False) else ""


def detect(data: bytes, *, whole: bool = False) -> str:
    """The codec of `data`: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be or gb18030; "mixed" where none reads it all.

    `data` may be a file's head cut inside a character; `whole` says that it is not cut.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding if _decodes(data, encoding, whole=whole) or encoding == "utf-16" else MIXED
    utf8 = _decodes(data, "utf-8", whole=whole)
    if utf16 := _utf16_by_nuls(data, utf8):
        return utf16
    if utf8:
        return "utf-8"
    return "gb18030" if _decodes(data, "gb18030", whole=whole) else MIXED


def head_text(head: bytes) -> str:
    """The text of a file's head for sniffing: unreadable bytes become U+FFFD, a cut last character is dropped."""
    encoding = detect(head)
    codec = "utf-8-sig" if encoding == MIXED else encoding
    return codecs.getincrementaldecoder(codec)("replace").decode(head, final=False)


def decode_lines(data: bytes) -> tuple[list[str], list[int], str]:
    """The lines of `data` (without line ends), the 0-based numbers of the unreadable ones, and the encoding.

    A file of one encoding is decoded as a whole; otherwise each line by UTF-8 or GB18030, first by the one that reads
    more of the lines with non-ASCII bytes. Unreadable lines are "".
    """
    encoding = detect(data, whole=True)
    if encoding.startswith("utf-16"):
        return _utf16_lines(data, encoding)
    if encoding != MIXED:
        return [line.rstrip("\r") for line in _split(data.decode(encoding))], [], encoding
    lines = _LINE_END.split(data.removeprefix(codecs.BOM_UTF8))
    foreign = [line for line in lines if not line.isascii()]
    utf8 = sum(_decodes(line, "utf-8", whole=True) for line in foreign)
    order = ("utf-8", "gb18030") if utf8 * 2 >= len(foreign) else ("gb18030", "utf-8")
    out: list[str] = []
    bad: list[int] = []
    for number, line in enumerate(lines):
        for codec in order:
            try:
                out.append(line.decode(codec))
                break
            except UnicodeDecodeError:
                continue
        else:
            out.append(UNREADABLE)
            bad.append(number)
    return out, bad, MIXED


def _split(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _utf16_lines(data: bytes, encoding: str) -> tuple[list[str], list[int], str]:
    try:
        return _split(data.decode(encoding)), [], encoding
    except UnicodeDecodeError:
        lines = _split(data.decode(encoding, errors="replace"))
    bad = [n for n, line in enumerate(lines) if "\ufffd" in line]
    for number in bad:
        lines[number] = UNREADABLE
    return lines, bad, encoding


def decode_with_bad(data: bytes, where: str) -> tuple[str, str, tuple[BadRow, ...]]:
    """The whole text, its encoding and a bad row per line that no encoding reads (that line is empty in the text).

    Line ends of a file of one encoding are kept; NUL characters, which no message holds, are dropped.
    """
    encoding = detect(data, whole=True)
    if encoding != MIXED:
        try:
            return data.decode(encoding).replace("\0", ""), encoding, ()
        except UnicodeDecodeError:
            pass
    lines, bad, encoding = decode_lines(data)
    rows = tuple(BadRow(where, number + 1, "encoding", "neither UTF-8 nor GB18030") for number in bad)
    return "\n".join(lines).replace("\0", ""), encoding, rows


def decode(data: bytes, where: str) -> tuple[str, str]:
    """The whole text of a file and its encoding ("mixed" where lines differ).

    Raises UserError naming the first line that no encoding reads.
    """
    text, encoding, bad = decode_with_bad(data, where)
    if bad:
        raise UserError(
            f"{len(bad)} of its lines are neither UTF-8 nor GB18030, the first is line {bad[0].row}",
            where=where,
            fix=FIX,
        )
    return text, encoding
