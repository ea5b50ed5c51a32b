from __future__ import annotations

import pickle
from datetime import date

import pandas as pd
import pytest

from audit.errors import UserError
from audit.policy.load import NOT_NAMED, PACKS, load, load_auto, pack_names
from audit.policy.nodes import FileProblems
from audit.policy.options import typed

MINIMAL = "policy: own\nclauses:\n  - {rule: RSP003}\n"


def problems_of(path, rules) -> list[str]:
    with pytest.raises(FileProblems) as error:
        load(path, rules)
    return [str(p).replace(str(path), path.name) for p in error.value.problems]


def test_a_clause_may_name_only_its_rule(pack, rules):
    policy = load(pack(MINIMAL), rules)
    clause = policy.clause_for("RSP003", date(2026, 1, 1))
    assert clause is not None
    assert (clause.severity, clause.points, clause.per, clause.cap) == ("major", None, "wait", None)
    assert clause.options == {}
    assert str(clause.cite) == "source B"
    assert policy.points_of(clause, "major") == 5
    assert list(policy.rules_on()) == ["RSP003"]


def test_rules_that_nobody_names_are_off_and_say_so(pack, rules):
    policy = load(pack(MINIMAL), rules)
    assert set(policy.rules_off()) == set(rules) - {"RSP003"}
    assert policy.rules_off()["ATT001"] == NOT_NAMED


def test_a_rule_by_its_dotted_name_and_every_field(pack, rules):
    policy = load(
        pack(
            "policy: own\ntitle: 本店\nversion: 3\nplatform: pdd\ntimezone: Asia/Tokyo\nsession_gap: 1800\n"
            'service_hours: ["09:00", "22:30"]\nclock: last\nrobot_reception: count\ncloser'
            "s_need_reply: true\npoints: {minor: 1.5}\n"
            "cites:\n  X-1: {title: 某规则, source: 某处, effective: 2026-01-02, read: 2026-11-22, text: 要点}\n"
            "clauses:\n"
            "  - {rule: response.dispute_3min, severity: severe, points: 7, per: day, cap: 20, provoked: minor,\n"
            "     options: {limit: 60, hours: any}, effective: [2026-01-01, 2026-06-30], cite: X-1}\n"
            "  - {rule: rsp005, options: {limit: null}, cite: {text: 自定}}\n"
            "  - {rule: ATT001, options: {lexicon: mine, skip_quotes: false, views: [folded, joined]}}\n"
        ),
        rules,
    )
    assert (policy.title, policy.platform, policy.timezone, policy.session_gap) == ("本店", "pdd", "Asia/Tokyo", 1800.0)
    assert policy.service_hours == (32_400, 81_000)
    assert (policy.clock, policy.robot_reception, policy.closers_need_reply) == ("last", "count", True)
    assert policy.points == {"severe": 10.0, "major": 5.0, "minor": 1.5, "info": 0.0}
    assert policy.version.startswith("3+")
    (clause,) = policy.clauses_of("RSP003")
    assert (clause.severity, clause.points, clause.per, clause.cap, clause.provoked) == (
        "severe",
        7.0,
        "day",
        20.0,
        "minor",
    )
    assert clause.options == {"limit": 60, "hours": "any"}
    assert clause.effective == (date(2026, 1, 1), date(2026, 6, 30))
    assert str(clause.cite) == "某规则 [X-1]（现行文本 2026-01-02 起；2026-11-22 查阅）"
    assert policy.clauses_of("RSP005")[0].options == {"limit": None}
    assert policy.clauses_of("ATT001")[0].options == {
        "lexicon": "mine",
        "skip_quotes": False,
        "views": ("folded", "joined"),
    }


def test_all_problems_at_once_with_their_places(pack, rules):
    path = pack(
        "policy: own\n"
        "clok: first\n"
        "session_gap: 2h\n"
        "platform: taobo\n"
        "points: {info: 3}\n"
        "clauses:\n"
        "  - {rule: RSP03}\n"
        "  - {rule: attitude.insullt}\n"
        "  - {rule: RSP003, options: {limt: 5, hours: night}}\n"
        "  - {rule: RSP001, options: {limit: 5}}\n"
        "  - {rule: ATT001, severity: grave, points: -1, per: hour, cap: much, effective: [2026-02-30, null]}\n"
        "  - {rule: REV003, disable: 不查, points: 3}\n"
        "  - {rule: REV006, options: {share: half}, cite: TB-9}\n"
        "  - RSP005\n"
        "  - {severity: minor}\n"
        "  - {rule: DST001, disable: }\n"
    )
    assert problems_of(path, rules) == [
        "own.yaml:2:1 unknown key 'clok' in the policy, did you mean clock?",
        "own.yaml:3:14 session_gap must be a number, not '2h'",
        "own.yaml:4:11 platform must be one of taobao / tmall / pdd / douyin / jd / kuaishou / xiaohongshu / other, "
        "not 'taobo', did you mean taobao?",
        "own.yaml:5:16 a notice (info) is never scored, leave it 0",
        "own.yaml:7:12 there is no rule 'RSP03', did you mean RSP003 / RSP005 / RSP001?",
        "own.yaml:8:12 there is no rule 'attitude.insullt', did you mean attitude.insult?",
        "own.yaml:9:30 unknown key 'limt' in options of RSP003, did you mean limit?",
        "own.yaml:9:46 option hours of RSP003 must be one of service / any, not 'night'",
        "own.yaml:10:30 RSP001 response.same_day has no options, so 'limit' means nothing",
        "own.yaml:11:30 severity must be one of severe / major / minor / info, not 'grave'",
        "own.yaml:11:45 points must not be negative, not '-1'",
        "own.yaml:11:54 per must be one of message / wait / session / day, not 'hour'",
        "own.yaml:11:65 cap must be a number, not 'much'",
        "own.yaml:11:83 effective must be a date such as 2026-08-12, not '2026-02-30'",
        "own.yaml:12:41 a disabled clause cannot also set points, keep `rule` and `disable` only",
        "own.yaml:13:37 option share of REV006 must be a number, not 'half'",
        "own.yaml:13:50 there is no citation 'TB-9' under cites, none are known",
        "own.yaml:14:5 a clause must be a mapping, write `- {rule: CODE}`",
        "own.yaml:15:5 the clause names no rule, add `rule: CODE`",
        "own.yaml:16:29 disable (the reason) is empty",
    ]


def test_problems_are_one_user_error_that_counts_them(pack, rules):
    with pytest.raises(UserError, match="2 problems"):
        load(pack("a: 1\nclauses: []\n"), rules)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no name"),
        ("policy: own\npolicy: two\n", "duplicate key 'policy'"),
        ("- a\n", "must be a mapping"),
        ("policy: own\nclauses: {rule: RSP003}\n", "clauses must be a list"),
        ("policy: own\nsession_gap: 0\n", "more than 0"),
        ("policy: own\ncites: {A: {note: x}}\n", "unknown key 'note'"),
        ("policy: own\ncites: {A: {read: 2026-01-01}}\n", "at least one of"),
        ("policy: own\nextends: bsae\n", "did you mean base?"),
        ("policy: own\nextends: own.yaml\n", "circle"),
        ("policy: own\nextends: ../none.yaml\n", "there is no policy file"),
        ("policy: own\nextends: " + "很长" * 400 + "\n", "there is no policy"),
        ("policy: own\nclauses:\n  - {rule: RSP003}\n  - {rule: rsp003}\n", "two clauses for the same days"),
        ("policy: own\nclauses:\n  - {rule: RSP005}\n", "it could never fire"),
    ],
)
def test_single_problems(pack, rules, text, word):
    assert any(word in p for p in problems_of(pack(text), rules))


def test_circles_over_several_files(pack, rules):
    pack("policy: a\nextends: b.yaml\n", "a.yaml")
    path = pack("policy: b\nextends: a.yaml\n", "b.yaml")
    (problem,) = problems_of(path, rules)
    assert "a.yaml:2:10 extends goes in a circle" in problem


def test_problems_of_the_parent_are_told_too(pack, rules):
    pack("policy: parent\nclauses:\n  - {rule: NONE1}\n", "parent.yaml")
    found = problems_of(pack("policy: own\nextends: parent.yaml\nclauses:\n  - {rule: NONE2}\n"), rules)
    assert len(found) == 2
    assert any("parent.yaml:3:12" in p for p in found)


class TestExtends:
    PARENT = (
        "policy: parent\ntitle: 父\nversion: 1\nsession_gap: 100\npoints: {minor: 3}\n"
        "cites: {P: {text: 父的依据}}\n"
        "clauses:\n"
        "  - {rule: RSP003, severity: minor, points: 4, options: {limit: 90, hours: any}, cite: P}\n"
        "  - {rule: ATT001, disable: 父不查}\n"
        "  - {rule: REV003, severity: major, effective: [null, 2021-02-28]}\n"
        "  - {rule: REV003, severity: minor, effective: [2021-03-01, null]}\n"
        "  - {rule: REV006}\n"
    )

    @pytest.fixture
    def child(self, pack, rules):
        def make(text: str):
            pack(self.PARENT, "parent.yaml")
            return load(pack(f"policy: own\nextends: parent.yaml\n{text}"), rules)

        return make

    def test_settings_and_clauses_are_inherited(self, child):
        policy = child("")
        assert (policy.name, policy.title, policy.session_gap) == ("own", "父", 100.0)
        assert policy.source_files == ("own.yaml", "parent.yaml")
        assert policy.points["minor"] == 3.0
        assert set(policy.rules_on()) == {"RSP003", "REV003", "REV006"}
        assert policy.rules_off()["ATT001"] == "父不查"

    def test_a_child_replaces_the_fields_it_names(self, child):
        (clause,) = child("clauses:\n  - {rule: RSP003, severity: severe, options: {limit: 30}}\n").clauses_of("RSP003")
        assert (clause.severity, clause.points, str(clause.cite)) == ("severe", 4.0, "父的依据 [P]")
        assert clause.options == {"limit": 30, "hours": "any"}

    def test_naming_a_rule_turns_it_on_and_disable_turns_it_off(self, child):
        policy = child("clauses:\n  - {rule: ATT001}\n  - {rule: RSP003, disable: 子不查}\n")
        assert "ATT001" in policy.rules_on()
        assert policy.rules_off()["RSP003"] == "子不查"

    def test_a_clause_without_dates_changes_every_dated_one(self, child):
        clauses = child("clauses:\n  - {rule: REV003, points: 1}\n").clauses_of("REV003")
        assert [(c.severity, c.points) for c in clauses] == [("major", 1.0), ("minor", 1.0)]

    def test_dated_clauses_replace_the_dates_and_inherit_by_day(self, child):
        clauses = child(
            "clauses:\n  - {rule: REV003, effective: [2026-01-01, null]}\n"
            "  - {rule: REV003, effective: [2020-01-01, 2025-12-31], points: 1}\n"
        ).clauses_of("REV003")
        assert [(c.effective[0], c.severity, c.points) for c in clauses] == [
            (date(2020, 1, 1), "major", 1.0),
            (date(2026, 1, 1), "minor", None),
        ]

    def test_the_version_shows_any_change_of_content(self, child):
        same, again, other = child(""), child(""), child("clauses:\n  - {rule: RSP003, points: 4.5}\n")
        assert same.version == again.version
        assert same.version.split("+")[0] == other.version.split("+")[0] == "1"
        assert same.version != other.version


def test_a_chat_is_judged_by_the_rules_of_its_date(pack, rules):
    policy = load(
        pack(
            "policy: own\nclauses:\n"
            "  - {rule: REV003, severity: minor, effective: [2021-03-01, 2025-12-31]}\n"
            "  - {rule: REV003, severity: major, effective: [2026-01-01, null]}\n"
        ),
        rules,
    )
    days = [date(2021, 2, 28), date(2021, 3, 1), date(2025, 12, 31), date(2026, 1, 1), None]
    found = [policy.clause_for("REV003", d) for d in days]
    assert [c.severity if c else None for c in found] == [None, "minor", "minor", "major", "major"]
    at = pd.Series(
        pd.to_datetime(
            ["2021-02-28 23:59:59", "2021-03-01", "2025-12-31 23:59:59", "2026-01-01", None], format="ISO8601"
        )
    )
    masks = [c.mask(at).tolist() for c in policy.clauses_of("REV003")]
    assert masks == [[False, True, True, False, False], [False, False, False, True, True]]


def test_line_ends_do_not_change_the_version(pack, rules, tmp_path):
    unix = load(pack(MINIMAL), rules)
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load(path, rules).version == unix.version


def test_a_policy_survives_pickling(pack, rules):
    policy = load(pack(MINIMAL), rules)
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_unknown_names_get_a_suggestion(rules):
    with pytest.raises(UserError, match="did you mean taobao"):
        load("taobaoo", rules)
    with pytest.raises(UserError, match="there is no policy file"):
        load("nowhere/none.yaml", rules)


def test_an_option_of_a_type_that_no_policy_can_write_is_our_bug(pack):
    from audit.policy import nodes

    node = nodes.parse(b"a: 1", "f").value[0][1]
    with pytest.raises(AssertionError, match="cannot set"):
        typed(node, dict, nodes.Problems(), "option")


def test_pack_names():
    assert pack_names() == ["base", "douyin", "jd", "pdd", "taobao", "tmall", "xiaohongshu"]
    assert all((PACKS / f"{n}.yaml").is_file() for n in pack_names())


def test_load_auto_falls_back_to_base_and_says_so():
    for platform in ("taobao", "tmall", "pdd", "douyin", "jd", "xiaohongshu"):
        policy, fallback = load_auto(platform)
        assert (policy.name, policy.platform, fallback) == (platform, platform, False)
    for platform in ("kuaishou", "other", "", "base"):
        policy, fallback = load_auto(platform)
        assert (policy.name, fallback) == ("base", True)
