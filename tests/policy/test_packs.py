"""The shipped packs against the real rules: what the rulebook says about platforms."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlparse

import pytest

from audit.policy.load import NOT_NAMED, load, pack_names
from audit.rules.model import all_rules

PLATFORMS = [n for n in pack_names() if n != "base"]
DISTURBANCE = {"DST001", "DST002", "DST003", "DST004", "DST005"}
CLOSERS = {"RSP005", "RSP006"}


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_loads_and_is_named_after_its_file(name):
    policy = load(name)
    assert policy.name == name
    assert policy.platform == ("" if name == "base" else name)
    assert policy.timezone == "Asia/Shanghai"
    assert policy.session_gap == 7200


@pytest.mark.parametrize("name", pack_names())
def test_no_rule_is_forgotten(name):
    policy = load(name)
    assert {c.rule for c in policy.clauses} == set(all_rules())
    assert NOT_NAMED not in policy.rules_off().values()


@pytest.mark.parametrize("name", pack_names())
def test_packs_differ_only_where_the_platforms_do(name):
    off = set() if name in ("taobao", "tmall") else set(DISTURBANCE)
    off |= set() if name == "pdd" else CLOSERS
    off |= set() if name in ("taobao", "tmall", "douyin") else {"REV003"}
    assert set(load(name).rules_off()) == off


@pytest.mark.parametrize("name", pack_names())
def test_severities_are_those_that_the_rules_declare(name):
    rules = all_rules()
    wrong = {c.rule: c.severity for c in load(name).clauses if c.on and c.severity != rules[c.rule].severity}
    assert wrong == {}


@pytest.mark.parametrize("name", pack_names())
def test_every_clause_names_its_source_and_when_it_was_read(name):
    for clause in load(name).clauses:
        if clause.on:
            assert clause.cite.id, clause.rule
            assert clause.cite.title and clause.cite.source and clause.cite.text, clause.rule
            assert date.fromisoformat(clause.cite.read) == date(2026, 11, 22)
            assert not clause.cite.source.startswith("http") or urlparse(clause.cite.source).netloc
        else:
            assert len(clause.disabled) >= 10, clause.rule


def test_options_that_packs_spell_out_equal_the_rules_defaults_unless_a_platform_differs():
    rules = all_rules()
    differing = {
        (name, c.rule, option): value
        for name in pack_names()
        for c in load(name).clauses
        for option, value in c.options.items()
        if value != rules[c.rule].options[option].default
    }
    assert differing == {("jd", "RSP007", "limit"): 30}


def test_manual_invitations_have_dates():
    for name, first in (("taobao", date(2021, 3, 1)), ("tmall", date(2021, 3, 1)), ("douyin", date(2021, 11, 25))):
        policy = load(name)
        assert policy.clause_for("REV003", date.fromordinal(first.toordinal() - 1)) is None
        clause = policy.clause_for("REV003", first)
        assert clause is not None and clause.on and clause.severity == "minor"
        assert policy.clause_for("REV003", None) == clause


def test_settings_by_platform():
    by_name = {n: load(n) for n in pack_names()}
    assert {n for n, p in by_name.items() if p.closers_need_reply} == {"pdd"}
    assert {n for n, p in by_name.items() if p.robot_reception == "count"} == {"pdd"}
    assert {n: p.service_hours[0] for n, p in by_name.items() if p.service_hours[0] != 8 * 3600} == {
        "jd": 9 * 3600,
        "xiaohongshu": 9 * 3600,
    }
    assert {p.service_hours[1] for p in by_name.values()} == {23 * 3600}
    assert {p.clock for p in by_name.values()} == {"first"}


def test_tmall_is_taobao_with_its_own_review_rules():
    taobao, tmall = load("taobao"), load("tmall")
    assert tmall.source_files == ("tmall.yaml", "taobao.yaml", "base.yaml")
    differing = {a.rule for a, b in zip(taobao.clauses, tmall.clauses, strict=True) if a != b}
    assert differing == {"REV001", "REV002"}
    assert [c.cite.id for c in tmall.clauses if c.rule in differing] == ["TB-3T", "TB-3T"]
