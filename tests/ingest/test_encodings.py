from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import UserError
from audit.ingest.encodings import HEAD_CODECS, decode, decode_lines, decode_with_bad, detect, head_text

TEXT = "时间,买家,内容\n2026-03-05 10:00,甲乙,这款什么时候发货\n2026-03-05 10:01,丙丁,尺码偏大吗\n"
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_encoding_is_found_and_decoded(encoding: str) -> None:
    data = TEXT.encode(encoding)
    assert detect(data) == encoding
    assert decode(data, "x.csv") == (TEXT, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_head_cut_inside_a_character_keeps_its_encoding(encoding: str) -> None:
    data = (TEXT * 3).encode(encoding)
    for cut in range(len(data) - 9, len(data)):
        assert detect(data[:cut]) == encoding
        assert (TEXT * 3).startswith(head_text(data[:cut]))


def test_big_endian_bom() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be"), "x")[0] == TEXT


def test_plain_ascii_and_empty_are_utf8() -> None:
    assert detect(b"a,b\n1,2\n") == "utf-8"
    assert detect(b"") == "utf-8"


def test_ascii_in_utf16_without_bom_is_no_utf8() -> None:
    assert detect("sender,text\nbuyer,hello\n".encode("utf-16-le")) == "utf-16-le"


def test_a_stray_nul_is_no_utf16_and_is_dropped_from_text() -> None:
    data = "买家:你好\0呀\n".encode()
    assert detect(data) == "utf-8"
    assert decode(data, "x")[0] == "买家:你好呀\n"


def test_mixed_lines_are_decoded_each_by_its_own() -> None:
    data = "第一行是统一码\n".encode() + "第二行是国标码\n".encode("gb18030") + "第三行又是统一码\n".encode()
    lines, bad, encoding = decode_lines(data)
    assert lines[:3] == ["第一行是统一码", "第二行是国标码", "第三行又是统一码"]
    assert (bad, encoding) == ([], "mixed")
    assert decode(data, "x")[0].splitlines() == lines[:3]


def test_a_line_that_nothing_reads_is_a_bad_row_and_named() -> None:
    data = "第一行\n".encode() + b"\xff\xff\xff\n" + "第三行\n".encode()
    text, _, bad = decode_with_bad(data, "x.txt")
    assert text.split("\n")[:3] == ["第一行", "", "第三行"]
    assert [(b.file, b.row, b.column) for b in bad] == [("x.txt", 2, "encoding")]
    with pytest.raises(UserError, match="line 2"):
        decode(data, "x.txt")


def test_a_late_gb18030_line_after_an_ascii_head() -> None:
    data = b"a,b\n" * 40_000 + "买家,这是后来的行\n".encode("gb18030")
    assert decode(data, "x") == (("a,b\n" * 40_000) + "买家,这是后来的行\n", "gb18030")


def test_a_broken_utf16_line_is_listed() -> None:
    good = "甲:你好\n".encode("utf-16-le")
    _, bad, _ = decode_lines(good + b"\x00\xd8" + good + good)
    assert bad == [1]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\ufeff\r\ufffd"), min_size=1))
def test_utf8_always_comes_back(text: str) -> None:
    assert decode(text.encode(), "x") == (text, "utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_a_user_error(data: bytes) -> None:
    assert detect(data) in HEAD_CODECS
    head_text(data)
    decode_with_bad(data, "x")
