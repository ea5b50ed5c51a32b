import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import UserError
from audit.ingest import jsonsource
from audit.ingest.jsonsource import field, keys, load, loads, nested, oldest_first, text_of
from audit.ingest.model import ReadOptions
from tests.ingest.written import source


def test_one_document() -> None:
    found = load(source('\ufeff {"a": [1, 2]}\n'))
    assert (found.values, found.layout, found.rows) == ([{"a": [1, 2]}], "document", [1])


def test_lines_with_blank_and_bad_ones() -> None:
    found = load(source('{"a":1}\n\n{"a":2}\n{"a":3,\n7\n{"a":4}'))
    assert (found.values, found.layout, found.rows) == ([{"a": 1}, {"a": 2}, {"a": 4}], "lines", [1, 3, 6])
    assert [(b.row, b.reason[:7]) for b in found.bad_rows] == [(4, "no JSON"), (5, "no JSON")]


def test_values_one_after_another() -> None:
    found = load(source('{"a":\n1}{"a":2},\n\n{"a":\n3}'))
    assert (found.values, found.layout) == ([{"a": 1}, {"a": 2}, {"a": 3}], "concatenated")
    assert found.rows == [1, 2, 4]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('{"result": [\n {"a": 1},\n {"a": "晚', "chat.txt:3:8", "breaks off at line 3, column 8"),
        ('[{"a": 1}, {"b": 2}', "chat.txt:1:20", "breaks off"),
        ('[{"a": 1},\n {"b": oops}, {"c": 3}]', "chat.txt:2:8", "no valid JSON at line 2, column 8"),
        ('{"a":\n1}{"a":2}\n{"b":', "chat.txt:3:6", "breaks off"),
        ("   \n\n", "chat.txt", "only blanks"),
        ("[" * 100_000, "chat.txt", "nested too deeply"),
    ],
)
def test_broken_files_say_where(text: str, where: str, what: str) -> None:
    with pytest.raises(UserError) as caught:
        load(source(text))
    assert caught.value.where == where
    assert what in caught.value.what
    assert caught.value.fix


def test_every_cut_of_a_document_is_refused_with_a_place() -> None:
    text = json.dumps({"result": {"messages": [{"msg_id": "1", "content": "水杯“裂”了"}]}}, ensure_ascii=False)
    for end in range(1, len(text)):
        with pytest.raises(UserError) as caught:
            load(source(text[:end]))
        assert caught.value.where.startswith("chat.txt:1:")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert load(source('{"说":"茶壶漏水"}'.encode(encoding))).values == [{"说": "茶壶漏水"}]


def test_half_surrogates_become_replacement_characters() -> None:
    assert loads(r'{"a": "\ud83d好\udc00", "b": "\ud83d\ude00", "c": "\\ud83d"}') == {
        "a": "�好�",
        "b": "😀",
        "c": "\\ud83d",
    }
    values = load(source(r'{"a":"\ud83d"}' + '\n{"b"\n:2}{"c":3}')).values
    assert values[0] == {"a": "�"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_whatever_json_writes_is_read(value: object) -> None:
    assert loads(json.dumps(value)) == json.loads(json.dumps(value))


@given(st.text(alphabet='{}[]",:\\u0123dD8cC a\n'))
def test_damage_is_a_user_error(text: str) -> None:
    try:
        load(source(text))
    except UserError as error:
        assert error.where.startswith("chat.txt")


def test_keys_of_a_head() -> None:
    assert keys(source('  [{"from": {"role": 1}, "content": "{\\"hidden\\": 1}"')) == {"from", "role", "content"}
    assert keys(source("from: to:")) == frozenset()


def test_small_helpers() -> None:
    assert field({"a": {"b": 3}}, "a.b") == 3 and field({"a": []}, "a.b") is None
    assert [text_of(v) for v in (None, 3, 3.0, True, "x", [1], 2.5)] == ["", "3", "3", "true", "x", "", "2.5"]
    assert nested('{"a": 1}') == {"a": 1} and nested("{oops") == "{oops" and nested(5) == 5


def test_order_of_pages_and_of_what_is_on_them() -> None:
    up, down = ["1794189600", "1794189600", "1794189700"], ["1794189900", "1794189800", "bad", "1794189800"]
    assert oldest_first([up, down], ReadOptions()) == [(0, 0), (0, 1), (0, 2), (1, 3), (1, 2), (1, 1), (1, 0)]
    assert oldest_first([down, [], up], ReadOptions())[:4] == [(2, 0), (2, 1), (2, 2), (0, 3)]
    assert oldest_first([], ReadOptions()) == []
    assert oldest_first([["1794189600", "1794189600"], ["", ""]], ReadOptions()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_time_that_cannot_be_read_is_a_bad_row_and_the_message_stays() -> None:
    part = jsonsource.chunk(
        [{"text": "甲", "time": 1794189600, "source_row": 6}, {"text": "乙", "time": "昨天下午", "source_row": 7}],
        source(""),
        ReadOptions(),
    )
    assert part.frame["sent_at"].iloc[0] == pd.Timestamp("2026-11-09 10:00:00") and pd.isna(
        part.frame["sent_at"].iloc[1]
    )
    assert part.frame["text"].tolist() == ["甲", "乙"]
    assert [(b.row, b.column) for b in part.bad_rows] == [(7, "time")]
