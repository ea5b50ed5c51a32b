from __future__ import annotations

import binascii
import io
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from audit.errors import UserError
from audit.ingest.discover import Limits, discover

CSV = "sender,text,buyer\nbuyer,在吗,甲\n".encode()


def make_zip(members: dict[str, bytes], *, compress: bool = True) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def names(paths: list, **kwargs) -> list[str]:
    return [s.name for s in discover(paths, **kwargs)[0]]


def reasons(paths: list, **kwargs) -> dict[str, str]:
    return {r.name: r.reason for r in discover(paths, **kwargs)[1]}


def test_folders_are_walked_in_name_order_without_hidden_files_and_companions(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "sub/c.csv", ".hidden", "shop.yaml", "agents.csv", "sub/Ratings.csv", "~$a.xlsx"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(CSV)
    sources, refusals = discover([tmp_path])
    assert [s.name for s in sources] == ["a.csv", "b.csv", "sub/c.csv"]
    assert refusals == []
    assert sources[0].read_bytes() == CSV
    assert sources[0].size == len(CSV)
    assert sources[0].path == str(tmp_path / "a.csv")


def test_a_missing_path_names_its_sibling(tmp_path: Path) -> None:
    (tmp_path / "chats.csv").write_bytes(CSV)
    with pytest.raises(UserError, match=r"did you mean chats\.csv"):
        discover([tmp_path / "chat.csv"])
    with pytest.raises(UserError, match="does not exist either"):
        discover([tmp_path / "none" / "x.csv"])


def test_the_same_file_twice_is_read_once_and_same_names_are_told_apart(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_bytes(CSV)
    assert names([tmp_path / "one", tmp_path / "one" / "x.csv"]) == ["x.csv"]
    assert names([tmp_path / "one", tmp_path / "two"]) == ["x.csv", "two/x.csv"]
    assert names([tmp_path / "one/x.csv", tmp_path / "two/x.csv"]) == ["x.csv", "x.csv#2"]


def test_members_of_zips_and_nested_zips(tmp_path: Path) -> None:
    inner = make_zip({"deep.csv": CSV})
    (tmp_path / "a.zip").write_bytes(
        make_zip({"z/b.csv": CSV, "in.zip": inner, "__MACOSX/._b": b"x", "empty.csv": b""})
    )
    sources, refusals = discover([tmp_path / "a.zip"])
    assert [s.name for s in sources] == ["a.zip!in.zip!deep.csv", "a.zip!z/b.csv"]
    assert [s.read_bytes() for s in sources] == [CSV, CSV]
    assert [s.head for s in sources] == [CSV, CSV]
    assert [(r.name, r.named) for r in refusals] == [("a.zip!empty.csv", False)]
    again = pickle.loads(pickle.dumps(sources[0].open_bytes))
    assert again().read() == CSV


def test_an_xlsx_is_no_archive_even_inside_one(tmp_path: Path) -> None:
    import openpyxl

    data = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["sender"])
    book.save(data)
    (tmp_path / "book.bin").write_bytes(data.getvalue())
    (tmp_path / "pack.zip").write_bytes(make_zip({"book.xlsx": data.getvalue()}))
    assert names([tmp_path]) == ["book.bin", "pack.zip!book.xlsx"]


def test_nesting_stops_at_the_depth_limit(tmp_path: Path) -> None:
    data = make_zip({"x.csv": CSV})
    for _ in range(5):
        data = make_zip({"in.zip": data})
    (tmp_path / "r.zip").write_bytes(data)
    sources, refusals = discover([tmp_path / "r.zip"])
    assert sources == []
    assert "nested deeper" in refusals[0].reason


def test_names_that_point_outside_are_refused(tmp_path: Path) -> None:
    members = {"../evil.csv": CSV, "/abs.csv": CSV, "C:\\win.csv": CSV, "a/../../b.csv": CSV, "ok.csv": CSV}
    (tmp_path / "t.zip").write_bytes(make_zip(members))
    sources, refusals = discover([tmp_path / "t.zip"])
    assert [s.name for s in sources] == ["t.zip!ok.csv"]
    assert len(refusals) == 4
    assert all("outside" in r.reason for r in refusals)


def test_bombs_are_refused_by_ratio_size_and_members(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(make_zip({"big.csv": b"0" * 3_000_000}))
    limits = Limits(ratio_from=1_000_000)
    assert "zip bomb" in reasons([tmp_path / "b.zip"], limits=limits)["b.zip"]
    assert "more than" in reasons([tmp_path / "b.zip"], limits=Limits(total_bytes=1_000_000))["b.zip"]
    (tmp_path / "m.zip").write_bytes(make_zip({f"{i}.csv": b"x" for i in range(11)}))
    assert "11" not in names([tmp_path / "m.zip"], limits=Limits(members=11))
    assert "more than 10 members" in reasons([tmp_path / "m.zip"], limits=Limits(members=10))["m.zip"]
    parts = {f"{i}.csv": b"0" * 400_000 for i in range(5)}
    (tmp_path / "s.zip").write_bytes(make_zip(parts))
    assert "zip bomb" in reasons([tmp_path / "s.zip"], limits=limits)["s.zip"]
    nested = make_zip({"in.zip": make_zip({"big.csv": b"0" * 3_000_000})}, compress=False)
    (tmp_path / "n.zip").write_bytes(nested)
    assert "zip bomb" in reasons([tmp_path / "n.zip"], limits=limits)["n.zip!in.zip"]


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_truncated_zips_are_refused_not_crashed(tmp_path: Path, keep: float) -> None:
    data = make_zip({"x.csv": CSV * 200, "y.csv": CSV})
    (tmp_path / "t.zip").write_bytes(data[: int(len(data) * keep)])
    sources, refusals = discover([tmp_path / "t.zip"])
    assert sources == []
    assert "damaged" in refusals[0].reason
    assert refusals[0].named


def test_a_member_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(make_zip({"x.csv": CSV * 50}, compress=False))
    place = data.find(CSV)
    data[place + 3] ^= 0xFF
    (tmp_path / "t.zip").write_bytes(bytes(data))
    sources, refusals = discover([tmp_path / "t.zip"])
    texts = [r.reason for r in refusals]
    for source in sources:
        with pytest.raises(UserError) as error:
            source.read_bytes()
        texts.append(error.value.what)
    assert any("damaged" in t for t in texts)


def test_chinese_names_packed_on_windows(tmp_path: Path) -> None:
    name = "聊天记录/三月.csv"
    data = make_zip({"聊天记录/三月.csv": CSV})
    raw = name.encode("gb18030")
    utf8 = name.encode()
    stand_in = "x" * len(raw)
    data = make_zip({stand_in: CSV}).replace(stand_in.encode(), raw)
    (tmp_path / "g.zip").write_bytes(data)
    assert names([tmp_path / "g.zip"]) == [f"g.zip!{name}"]
    (tmp_path / "u.zip").write_bytes(make_zip({"y" * len(utf8): CSV}).replace(b"y" * len(utf8), utf8))
    assert names([tmp_path / "u.zip"]) == [f"u.zip!{name}"]


def zip_crypto(name: bytes, content: bytes, password: bytes) -> bytes:
    """A zip of one stored member in the old ZipCrypto, which the standard library reads and cannot write."""
    table = []
    for i in range(256):
        for _ in range(8):
            i = (i >> 1) ^ 0xEDB88320 if i & 1 else i >> 1
        table.append(i)
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    crc = binascii.crc32(content)
    out = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + content:
        temp = keys[2] | 2
        out.append(byte ^ (((temp * (temp ^ 1)) >> 8) & 0xFF))
        update(byte)
    fields = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 0x21, crc, len(out), len(content), len(name), 0)
    local = b"PK\x03\x04" + fields + name + out
    central = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def test_encrypted_members_need_the_password(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    path.write_bytes(zip_crypto(b"chats.csv", CSV, b"abcdef123456"))
    assert "--zip-password or AUDIT_ZIP_PASSWORD" in reasons([path])["e.zip!chats.csv"]
    sources, refusals = discover([path], zip_password="abcdef123456")
    assert refusals == []
    assert sources[0].read_bytes() == CSV
    assert "password" in reasons([path], zip_password="wrong-password")["e.zip!chats.csv"]


def test_aes_members_are_read_where_pyzipper_is_there(tmp_path: Path) -> None:
    pyzipper = pytest.importorskip("pyzipper")
    with pyzipper.AESZipFile(tmp_path / "a.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"secret")
        archive.writestr("x.csv", CSV)
    assert discover([tmp_path / "a.zip"], zip_password="secret")[0][0].read_bytes() == CSV
    assert "password" in reasons([tmp_path / "a.zip"], zip_password="other")["a.zip!x.csv"]
    assert "encrypted" in reasons([tmp_path / "a.zip"])["a.zip!x.csv"]


def test_other_archives_empty_files_and_named_companions(tmp_path: Path) -> None:
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + b"x" * 50)
    (tmp_path / "b.csv.gz").write_bytes(b"\x1f\x8b\x08" + b"x" * 50)
    (tmp_path / "c.csv").write_bytes(b"")
    (tmp_path / "shop.yaml").write_text("shop: x", encoding="utf-8")
    found = reasons([tmp_path])
    assert "7z" in found["a.7z"]
    assert "gzip" in found["b.csv.gz"]
    assert "empty" in found["c.csv"]
    assert discover([tmp_path / "shop.yaml"])[1][0].named


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_a_folder_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "regular" in reasons([tmp_path])["pipe"]


def test_folder_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names([tmp_path]) == ["a.csv"]
