"""Finds the files to read: named files, folders and zips inside zips. Nothing is unpacked to a place on disk."""

from __future__ import annotations

import functools
import io
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from audit.errors import UserError, did_you_mean
from audit.ingest.model import Source

#: Files that lie beside the chats and say something about the shop; other readers take them.
COMPANIONS = frozenset({"shop.yaml", "shop.yml", "agents.csv", "ratings.csv", "status.csv", "peers.csv", "ignore.csv"})
_CLUTTER = frozenset({"thumbs.db", "desktop.ini"})
_ARCHIVES = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
)
_AES = 99
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: What `audit run` writes; a folder that holds the first three is a report's, and these files in it are no chats.
_REPORT = ("findings.jsonl", "coverage.json", "metrics.json", "report.html", "report.xlsx")


@dataclass(frozen=True)
class Limits:
    """What an archive may hold, over all its levels together."""

    members: int = 20_000
    total_bytes: int = 20 * 2**30
    ratio: int = 200  # uncompressed : compressed, judged from `ratio_from` bytes on
    ratio_from: int = 200 * 10**6
    nested_bytes: int = 2 * 2**30  # one archive inside another
    depth: int = 3


LIMITS = Limits()


@dataclass(frozen=True)
class Refusal:
    """An input that is not read, and why. `named`: the user named it, it was not found in a folder or archive."""

    name: str
    reason: str
    named: bool = False


@dataclass
class _Found:
    sources: list[Source] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class _Refused(Exception):
    pass


def discover(
    paths: Sequence[str | Path], *, zip_password: str = "", limits: Limits = LIMITS
) -> tuple[list[Source], list[Refusal]]:
    """Every file under `paths`, sorted by name inside each folder or archive, and what is refused.

    Hidden files, companions (shop.yaml, agents.csv …) and reports of an earlier audit in folders are passed over.
    Names are relative to the folder given (or the file's base name); members read `archive.zip!member`. Raises
    UserError where a path does not exist.
    """
    found = _Found()
    seen: set[str] = set()
    taken: set[str] = set()
    for given in paths:
        top = Path(given)
        if not top.exists():
            raise _missing(top)
        named = not top.is_dir()
        part = _Found()
        for path in [top] if named else _walk(top):
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            name = _printable(top.name or str(top)) if named else _printable(path.relative_to(top).as_posix())
            _add_file(path, name, named, zip_password, limits, part)
        prefix = _printable(top.resolve().name) + "/" if not named else ""
        clash = any(source.name in taken for source in part.sources)
        for source in part.sources:
            unique = _unique(prefix + source.name if clash else source.name, taken)
            found.sources.append(
                source if unique == source.name else Source(unique, source.size, source.open_bytes, source.path)
            )
        found.refusals += part.refusals
    return found.sources, found.refusals


def _missing(path: Path) -> UserError:
    if path.is_symlink():
        return UserError("it is a link to something that does not exist", where=str(path), fix="mend the link")
    parent = path.parent
    try:
        siblings = [p.name for p in parent.iterdir() if not p.name.startswith(".")]
    except OSError:
        return UserError("no such file or folder", where=str(path), fix=f"the folder {parent} does not exist either")
    fix = did_you_mean(path.name, siblings) if siblings else f"the folder {parent.resolve()} is empty"
    return UserError("no such file or folder", where=str(path), fix=fix)


def _unique(name: str, taken: set[str]) -> str:
    unique, n = name, 1
    while unique in taken:
        n += 1
        unique = f"{name}#{n}"
    taken.add(unique)
    return unique


def _printable(name: str) -> str:
    """`name` as text: bytes that are not UTF-8 in a file name of an old Chinese system are GB18030.

    Control characters, which would command the terminal that shows the name, become U+FFFD.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("gb18030", errors="replace")
    return name if name.isprintable() else _CONTROL.sub("\ufffd", name)


def _passed_over(name: str) -> bool:
    low = name.lower()
    return name.startswith((".", "~$")) or low == "__macosx" or low in _CLUTTER or low in COMPANIONS


def _walk(top: Path) -> Iterator[Path]:
    visited = {os.path.realpath(top)}
    stack = [top]
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(folder.iterdir(), key=lambda p: p.name)
        except OSError as error:
            raise UserError(
                f"the folder cannot be listed: {error.strerror}", where=str(folder), fix="check its rights"
            ) from None
        folders = []
        own = _own_reports(entries)
        for entry in entries:
            if _passed_over(entry.name) or entry.name in own:
                continue
            if entry.is_dir():
                real = os.path.realpath(entry)
                if real not in visited:
                    visited.add(real)
                    folders.append(entry)
            else:
                yield entry
        stack += reversed(folders)


def _own_reports(entries: Sequence[Path]) -> frozenset[str]:
    """Files in a folder that an earlier audit wrote there: its reports, and each agent's page with its workbook."""
    names = {e.name for e in entries}
    if names.issuperset(_REPORT[:3]):
        return frozenset(_REPORT)
    if entries and entries[0].parent.name == "agents" and (entries[0].parent.parent / _REPORT[1]).is_file():
        pages = {n.removesuffix(".html") for n in names if n.endswith(".html")}
        return frozenset(f"{p}{suffix}" for p in pages if f"{p}.xlsx" in names for suffix in (".html", ".xlsx"))
    return frozenset()


def _add_file(path: Path, name: str, named: bool, password: str, limits: Limits, found: _Found) -> None:
    if named and path.name.lower() in COMPANIONS:
        found.refusals.append(Refusal(name, "describes the shop and holds no chats: it is read beside them", True))
        return
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise _Refused("not a regular file")
        opener = FileOpener(str(path))
        with opener() as f:
            head = f.read(4096)
        source = Source(name, info.st_size, opener, str(path))
        _add(source, head, named, password, limits, found)
    except OSError as error:
        found.refusals.append(Refusal(name, f"cannot be read: {error.strerror or error}", named))
    except _Refused as refused:
        found.refusals.append(Refusal(name, str(refused), named))


def _add(source: Source, head: bytes, named: bool, password: str, limits: Limits, found: _Found) -> None:
    """Add a file, or the members of an archive. Raises _Refused."""
    if not head:
        raise _Refused("the file is empty")
    for magic, what in _ARCHIVES:
        if head.startswith(magic):
            raise _Refused(f"{what}: unpack it first, or pack it as zip")
    if not _is_archive(source, head):
        found.sources.append(source)
        return
    budget = _Budget(limits)
    opener = source.open_bytes
    assert isinstance(opener, FileOpener)
    _add_members(opener.path, (), source.name, password, budget, found)


class _Budget:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members = 0
        self.bytes = 0

    def take(self, infos: list[zipfile.ZipInfo], packed: int) -> None:
        self.members += len(infos)
        size = sum(i.file_size for i in infos)
        self.bytes += size
        if self.members > self.limits.members:
            raise _Refused(f"the archive has more than {self.limits.members:,} members")
        if self.bytes > self.limits.total_bytes:
            raise _Refused(f"the archive unpacks to more than {self.limits.total_bytes / 2**30:.3g} GiB")
        worst = max(
            (i.file_size / max(i.compress_size, 1) for i in infos if i.file_size > self.limits.ratio_from), default=0
        )
        ratio = max(worst, size / max(packed, 1) if size > self.limits.ratio_from else 0)
        if ratio > self.limits.ratio:
            raise _Refused(f"it unpacks to {ratio:,.0f} times its size (a zip bomb?)")


def _is_archive(source: Source, head: bytes) -> bool:
    """Whether it is a zip to open: office files (.xlsx, .ods) are zips by bytes, too, and stay files."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return False
    if b"[Content_Types].xml" in head or head[30:38] == b"mimetype" or b"xl/" in head[30:60]:
        return False
    try:
        with source.open_bytes() as f, zipfile.ZipFile(f) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise _Refused(f"a damaged or truncated zip archive ({error})") from None


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name with "/" separators: UTF-8 by its flag or its bytes, else GB18030 (Chinese Windows)."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                name = raw.decode("gb18030")
        except UnicodeError:
            pass
    name = name.split("\0")[0].replace("\\", "/")
    return name if name.isprintable() else _CONTROL.sub("\ufffd", name)


def _add_members(path: str, chain: tuple[int, ...], name: str, password: str, budget: _Budget, found: _Found) -> None:
    try:
        archive = _archive(path, _stamp(path), chain, password, False)
        infos = archive.infolist()
        packed = archive.fp.seek(0, os.SEEK_END) if archive.fp else 0
    except UserError as error:
        raise _Refused(error.what) from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, zlib.error, EOFError) as error:
        raise _Refused(f"a damaged or truncated zip archive ({error})") from None
    budget.take(infos, packed)
    taken: set[str] = set()
    for place, info in sorted(enumerate(infos), key=lambda item: member_name(item[1])):
        member = member_name(info)
        if (
            info.is_dir()
            or member.endswith("/")
            or any(_passed_over(p) for p in member.split("/") if p not in ("..", "."))
        ):
            continue
        full = f"{name}!{_unique(member, taken)}"
        try:
            _add_member(path, (*chain, place), info, member, full, password, budget, found)
        except UserError as error:
            found.refusals.append(Refusal(full, error.what))
        except _Refused as refused:
            found.refusals.append(Refusal(full, str(refused)))


def _add_member(
    path: str,
    chain: tuple[int, ...],
    info: zipfile.ZipInfo,
    member: str,
    full: str,
    password: str,
    budget: _Budget,
    found: _Found,
) -> None:
    parts = member.split("/")
    if member.startswith("/") or ".." in parts or (len(member) > 1 and member[1] == ":"):
        raise _Refused("its name points outside the archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _Refused("a link, not a file")
    if info.flag_bits & 1 and info.compress_type == _AES and not _has_pyzipper():
        raise _Refused("packed with AES encryption: unpack it first, or pip install pyzipper")
    if info.flag_bits & 1 and not password:
        raise _Refused("encrypted: give the password by --zip-password or AUDIT_ZIP_PASSWORD")
    if not info.file_size:
        raise _Refused("the file is empty")
    opener = MemberOpener(path, chain, full, password)
    source = Source(full, info.file_size, opener)
    with opener() as f:
        head = f.read(4096)
    for magic, what in _ARCHIVES:
        if head.startswith(magic):
            raise _Refused(f"{what}: unpack it first, or pack it as zip")
    if not head.startswith(b"PK"):
        found.sources.append(source)
        return
    if info.file_size > budget.limits.nested_bytes:
        raise _Refused("too large for an archive or workbook inside an archive: unpack it first")
    if not _is_archive(source, head):
        found.sources.append(source)
        return
    if len(chain) >= budget.limits.depth:
        raise _Refused(f"archives are nested deeper than {budget.limits.depth}: unpack it first")
    _add_members(path, chain, full, password, budget, found)


def _has_pyzipper() -> bool:
    import importlib.util

    return importlib.util.find_spec("pyzipper") is not None


def _stamp(path: str) -> tuple[int, int]:
    info = os.stat(path)
    return info.st_mtime_ns, info.st_size


@functools.lru_cache(maxsize=4)
def _archive(path: str, stamp: tuple[int, int], chain: tuple[int, ...], password: str, aes: bool) -> zipfile.ZipFile:
    """The open archive at `chain` (places of nested archives in their parents); nested ones lie in an unnamed file.

    `aes`: opened for members that the standard library cannot decrypt.
    """
    file: BinaryIO
    if not chain:
        file = open(path, "rb")  # noqa: SIM115
    else:
        file = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=64 * 2**20))  # noqa: SIM115
        with MemberOpener(path, chain, "", password)() as member:
            while block := member.read(1 << 20):
                file.write(block)
        file.seek(0)
    try:
        if aes:
            import pyzipper

            return cast(zipfile.ZipFile, pyzipper.AESZipFile(file))
        return zipfile.ZipFile(file)
    except BaseException:
        file.close()
        raise


@dataclass(frozen=True)
class FileOpener:
    """Opens a file on disk."""

    path: str

    def __call__(self) -> BinaryIO:
        return open(self.path, "rb")


@dataclass(frozen=True)
class MemberOpener:
    """Opens a member of an archive by its places (a nested archive's place, then the member's); can be pickled."""

    path: str
    chain: tuple[int, ...]
    name: str
    password: str = field(default="", repr=False)

    def __call__(self) -> BinaryIO:
        place = (self.path, _stamp(self.path), self.chain[:-1], self.password)
        archive = _archive(*place, False)
        info = archive.infolist()[self.chain[-1]]
        if info.compress_type == _AES:
            archive = _archive(*place, True)
            info = archive.infolist()[self.chain[-1]]
        with _told(self.name):
            stream = archive.open(info, pwd=self.password.encode() if info.flag_bits & 1 else None)
        return cast(BinaryIO, io.BufferedReader(_Member(cast(BinaryIO, stream), self.name), 1 << 17))


class _told:
    """Turns the errors of a damaged or wrongly decrypted member into a UserError that names it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RuntimeError) and "password" in str(error).lower():
            fix = "check --zip-password (七鱼: the first 12 characters of the appKey)"
            raise UserError("the password does not open it", where=self.name, fix=fix) from None
        damage = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
        if isinstance(error, damage) or type(error).__name__ == "BadZipFile":  # pyzipper has its own
            raise UserError(
                f"a damaged archive member ({error}), or the password is wrong", where=self.name, fix="export it again"
            ) from None


class _Member(io.RawIOBase):
    """A member's bytes; reading a damaged one raises UserError."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        with _told(self._name):
            return self._stream.seek(offset, whence)
        raise AssertionError("unreachable")

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        with _told(self._name):
            block = self._stream.read(len(buffer))
            buffer[: len(block)] = block
            return len(block)
        raise AssertionError("unreachable")

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
