from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import UserError
from audit.policy import nodes
from audit.policy.nodes import FileProblems, Problems


def tree(text: str) -> nodes.Node:
    return nodes.parse(text.encode("utf-8"), "f.yaml")


def fails(data: bytes | str) -> str:
    with pytest.raises(FileProblems) as error:
        nodes.parse(data.encode("utf-8") if isinstance(data, str) else data, "f.yaml")
    return str(error.value)


def test_a_node_knows_its_line_and_column_counted_in_characters():
    root = tree("店铺: [甲, {乙: 丙}]\nb:\n  - 1\n")
    (_, first), (key, second) = root.value
    assert (first.line, first.column) == (1, 5)
    assert (first.value[1].line, first.value[1].column) == (1, 9)
    assert (key.value, key.line, key.column) == ("b", 2, 1)
    assert (second.value[0].value, second.value[0].line, second.value[0].column) == ("1", 3, 5)


def test_scalars_stay_strings():
    root = tree("a: no\nb: 08:00\nc: 2021-03-01\nd: 1e3\ne: 0x10\nf: ~\ng: 'true'\n")
    values = [v.value for _, v in root.value]
    assert values == ["no", "08:00", "2021-03-01", "1e3", "0x10", "~", "true"]
    assert [v.is_null for _, v in root.value] == [False] * 5 + [True, False]
    assert not root.value[-1][1].plain


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_any_encoding_that_an_editor_writes(encoding):
    root = nodes.parse("policy: 本店\ntitle: 云朵小铺的质检策略\n".encode(encoding), "f.yaml")
    assert [v.value for _, v in root.value] == ["本店", "云朵小铺的质检策略"]


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("a: &x 1\nb: *x\n", "f.yaml:1:4", "anchors"),
        ("b: *x\n", "f.yaml:1:4", "anchors"),
        ("a: !!python/object/apply:os.system [x]\n", "f.yaml:1:4", "tags"),
        ("a: !own 1\n", "f.yaml:1:4", "tags"),
        ("a: b: c\n", "f.yaml:1:5", "not valid YAML"),
        ("a: 1\n--- \nb: 2\n", "f.yaml:2:1", "more than one"),
        ("a: 1\nb: 甲\x07\n", "f.yaml:2:5", "U+0007"),
        ("a: {b: 1\n", "f.yaml:2:1", "not valid YAML"),
        ("[" * 100_000, "f.yaml:1:13", "nested deeper"),
        ("- " * 40, "f.yaml:1:25", "nested deeper"),
    ],
)
def test_what_yaml_allows_and_a_policy_does_not(text, place, word):
    message = fails(text)
    assert place in message
    assert word in message


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (nodes.MAX_BYTES + 1))
    with pytest.raises(FileProblems, match="at most 1,000,000"):
        nodes.read(big)


def test_a_missing_file_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        nodes.read(tmp_path / "none.yaml")


def test_undecodable_bytes():
    assert "neither UTF-8" in fails(b"a: \xff\xff\x81")


@given(st.binary(max_size=300))
def test_bytes_give_a_tree_or_a_problem(data):
    try:
        assert nodes.parse(data, "f.yaml").kind in ("scalar", "list", "mapping")
    except FileProblems as error:
        assert "f.yaml" in str(error)


@given(st.text(max_size=60))
def test_text_gives_a_tree_or_a_problem(text):
    try:
        nodes.parse(("a: " + text).encode("utf-8", "replace"), "f.yaml")
    except FileProblems as error:
        assert error.problems[0].line >= 0


def read(reader, text: str):
    problems = Problems()
    value = reader(tree(f"v: {text}").value[0][1], problems, "v")
    return value, [p.what + " " + p.hint for p in problems.found]


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (nodes.integer, "180", 180),
        (nodes.number, "0.5", 0.5),
        (nodes.number, "3", 3.0),
        (nodes.boolean, "true", True),
        (nodes.boolean, "False", False),
        (nodes.text, "no", "no"),
        (nodes.text, "007", "007"),
        (nodes.hours, '["08:00", 24:00]', (28_800, 86_400)),
        (nodes.texts, "[甲, 乙]", ("甲", "乙")),
        (nodes.timezone, "Asia/Shanghai", "Asia/Shanghai"),
    ],
)
def test_typed_values(reader, text, value):
    got, problems = read(reader, text)
    assert got == value
    assert type(got) is type(value)
    assert problems == []


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (nodes.integer, "1.5"),
        (nodes.integer, "'180'"),
        (nodes.integer, "-1"),
        (nodes.integer, "1_000"),
        (nodes.integer, "0x10"),
        (nodes.integer, "[1]"),
        (nodes.number, ".nan"),
        (nodes.number, ".inf"),
        (nodes.number, "-0.5"),
        (nodes.number, "1e400"),
        (nodes.number, "10 分钟"),
        (nodes.boolean, "yes"),
        (nodes.boolean, "on"),
        (nodes.boolean, "'true'"),
        (nodes.boolean, "1"),
        (nodes.text, ""),
        (nodes.text, "[a]"),
        (nodes.day, "2026-13-01"),
        (nodes.day, "2026/01/01"),
        (nodes.day_range, "[2026-02-02, 2026-02-01]"),
        (nodes.day_range, "[2026-02-02]"),
        (nodes.day_range, "2026-02-02"),
        (nodes.hours, "[23:00, 08:00]"),
        (nodes.hours, "[08:00]"),
        (nodes.hours, "[8点, 23:00]"),
        (nodes.hours, "[08:00, 25:00]"),
        (nodes.texts, "[甲, 甲]"),
        (nodes.texts, "甲"),
        (nodes.timezone, "Asia/Shanghia"),
    ],
)
def test_values_of_a_wrong_type_are_problems(reader, text):
    _, problems = read(reader, text)
    assert len(problems) == 1


def test_a_wrong_time_zone_gets_a_suggestion():
    _, problems = read(nodes.timezone, "Asia/Shanghia")
    assert "Asia/Shanghai" in problems[0]


def test_mapping_names_duplicate_and_unknown_keys():
    problems = Problems()
    got = nodes.mapping(tree("limit: 1\nlimit: 2\nhuors: x\n[a]: 1\n"), problems, "options", ["limit", "hours"])
    assert list(got) == ["limit"]
    assert [str(p) for p in problems.found] == [
        "f.yaml:2:1 duplicate key 'limit' in options, first on line 1",
        "f.yaml:3:1 unknown key 'huors' in options, did you mean hours?",
        "f.yaml:4:1 a key of options must be a plain word",
    ]
