from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.policy.model import Clause, Policy
from audit.policy.score import score
from audit.schema import SchemaError

COLUMNS = ["rule", "severity", "state", "group", "at", "session_key", "agent", "message", "id"]


def frame(*rows: dict) -> pd.DataFrame:
    """Findings from short forms; what is not given is a lone violation of its own message at noon."""
    full = []
    for n, row in enumerate(rows):
        base = {"rule": "ATT001", "severity": "severe", "state": "violation", "group": None,
                "at": pd.Timestamp("2026-03-01 12:00") + pd.Timedelta(minutes=n), "session_key": "s1", "agent": "小云",
                "message": f"m{n}", "id": f"id{n:02d}"}  # fmt: skip
        full.append(base | row)
    out = pd.DataFrame(full, columns=[*COLUMNS, *sorted({k for r in rows for k in r} - set(COLUMNS))])
    return out.astype({"at": "datetime64[ms]", "rule": "str", "agent": "str"})


def policy(*clauses: Clause) -> Policy:
    named = {c.rule for c in clauses}
    rest = [Clause("ATT001", "severe"), Clause("RSP001", "major", per="wait"), Clause("RSP003", "major", per="wait"),
            Clause("PFN006", "minor")]  # fmt: skip
    return Policy("test", "1", (*clauses, *(c for c in rest if c.rule not in named)))


def points(findings: pd.DataFrame, pack: Policy) -> list[float]:
    return score(findings, pack)["points"].tolist()


def test_default_points_by_severity():
    found = frame(*({"severity": s} for s in ("severe", "major", "minor", "info")))
    assert points(found, policy()) == [10.0, 5.0, 2.0, 0.0]


def test_only_violations_score():
    assert points(frame(*({"state": s} for s in ("violation", "pending", "suspected"))), policy()) == [10.0, 0.0, 0.0]


def test_a_notice_scores_nothing_whatever_the_clause_says():
    assert points(frame({"severity": "info"}), policy(Clause("ATT001", "severe", points=7))) == [0.0]


def test_clause_points_win_over_severity():
    assert points(frame({}, {"severity": "minor"}), policy(Clause("ATT001", "severe", points=7))) == [7.0, 7.0]


def test_a_group_costs_its_dearest_line_only():
    found = frame(
        {"rule": "RSP003", "severity": "major", "group": "w1"},
        {"rule": "RSP001", "severity": "major", "group": "w1"},
        {"rule": "RSP001", "severity": "major", "group": "w2"},
        {"rule": "RSP003", "severity": "severe", "group": "w2"},
        {"rule": "RSP003", "severity": "major", "group": "w3", "state": "violation"},
        {"rule": "RSP001", "severity": "severe", "group": "w3", "state": "pending"},
    )
    assert points(found, policy()) == [0.0, 5.0, 0.0, 10.0, 5.0, 0.0]


def test_a_group_name_of_another_shop_is_another_group():
    rows = [{"rule": "RSP001", "severity": "major", "group": "w1", "shop": s} for s in ("甲店", "乙店")]
    assert points(frame(*rows), policy()) == [5.0, 5.0]


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("message", [10.0, 0.0, 10.0, 10.0, 10.0]),
        ("wait", [10.0] * 5),
        ("session", [10.0, 0.0, 0.0, 10.0, 10.0]),
        ("day", [10.0, 0.0, 0.0, 0.0, 10.0]),
    ],
)
def test_per(per, expected):
    found = frame(
        {"message": "a"},
        {"message": "a"},
        {"message": "b"},
        {"message": "c", "session_key": "s2"},
        {"message": "d", "session_key": "s3", "at": pd.Timestamp("2026-03-02 00:00")},
    )
    assert points(found, policy(Clause("ATT001", "severe", per=per))) == expected


def test_per_counts_agents_and_rules_apart():
    found = frame({}, {"agent": "小雨"}, {"rule": "PFN006"}, {"agent": None}, {"agent": None})
    pack = policy(Clause("ATT001", "severe", per="session"), Clause("PFN006", "severe", per="session"))
    assert points(found, pack) == [10.0, 10.0, 10.0, 10.0, 0.0]


def test_cap_cuts_the_latest_of_an_agent_and_day():
    found = frame({}, {}, {}, {"agent": "小雨"}, {"at": pd.Timestamp("2026-03-02 09:00")})
    assert points(found, policy(Clause("ATT001", "severe", cap=15))) == [10.0, 5.0, 0.0, 10.0, 10.0]
    assert points(found.iloc[::-1], policy(Clause("ATT001", "severe", cap=15))) == [10.0, 10.0, 0.0, 5.0, 10.0]


def test_a_cap_of_zero_is_a_cap():
    assert points(frame({}), policy(Clause("ATT001", "severe", cap=0))) == [0.0]


def test_dated_clauses_score_by_the_findings_date():
    from datetime import date

    pack = policy(
        Clause("ATT001", "severe", points=1, effective=(None, date(2026, 2, 28))),
        Clause("ATT001", "severe", points=8, effective=(date(2026, 3, 1), None)),
    )
    at = [pd.Timestamp("2026-02-28 23:59:59"), pd.Timestamp("2026-03-01"), pd.NaT]
    assert points(frame(*({"at": t} for t in at)), pack) == [1.0, 8.0, 8.0]


def test_provoked_findings_may_be_lowered_never_raised():
    found = frame({"provoked": True}, {"provoked": False}, {"provoked": True, "severity": "info"})
    out = score(found, policy(Clause("ATT001", "severe", provoked="minor")))
    assert out["severity"].tolist() == ["minor", "severe", "info"]
    assert out["points"].tolist() == [2.0, 10.0, 0.0]
    assert score(found, policy())["severity"].tolist() == ["severe", "severe", "info"]
    as_category = found.assign(severity=found["severity"].astype("category"))
    assert score(as_category, policy(Clause("ATT001", "severe", provoked="minor")))["severity"].tolist()[0] == "minor"


def test_index_columns_and_input_stay_as_they_were():
    found = frame({}, {"state": "pending"}).set_axis([7, 3])
    before = found.copy()
    out = score(found, policy())
    assert out.index.tolist() == [7, 3]
    assert list(out.columns) == [*found.columns, "points"]
    pd.testing.assert_frame_equal(found, before)


def test_no_findings():
    out = score(frame({}).iloc[:0], policy())
    assert len(out) == 0
    assert out["points"].dtype == np.float64


def test_a_finding_of_a_rule_that_is_off_is_a_bug():
    with pytest.raises(SchemaError, match="PFN006"):
        score(frame({"rule": "PFN006"}), policy(Clause("PFN006", "minor", disabled="不查")))
    with pytest.raises(SchemaError, match="severities"):
        score(frame({"severity": "grave"}), policy())
    with pytest.raises(SchemaError, match="group"):
        score(frame({}).drop(columns="group"), policy())


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "rule": st.sampled_from(["ATT001", "RSP001", "RSP003", "PFN006"]),
            "severity": st.sampled_from(["severe", "major", "minor", "info"]),
            "state": st.sampled_from(["violation", "violation", "pending", "suspected"]),
            "group": st.sampled_from([None, None, "w1", "w2", "w3"]),
            "at": st.one_of(
                st.just(pd.NaT),
                st.integers(0, 3 * 86_400).map(lambda s: pd.Timestamp("2026-03-01") + pd.Timedelta(seconds=s)),
            ),
            "session_key": st.sampled_from(["s1", "s2"]),
            "agent": st.sampled_from([None, "小云", "小雨"]),
            "message": st.sampled_from(["m1", "m2", "m3", "m4"]),
        }
    ),
    max_size=25,
)
CLAUSE = st.tuples(
    st.sampled_from(["message", "wait", "session", "day"]),
    st.one_of(st.none(), st.integers(0, 12)),
    st.one_of(st.none(), st.integers(0, 9)),
)


def pack_of(parts: list[tuple]) -> Policy:
    codes = ("ATT001", "RSP001", "RSP003", "PFN006")
    return Policy(
        "test",
        "1",
        tuple(Clause(c, "major", points=p, per=per, cap=cap) for c, (per, cap, p) in zip(codes, parts, strict=True)),
    )


@settings(max_examples=60, deadline=None)
@given(ROWS, st.lists(CLAUSE, min_size=4, max_size=4), st.randoms(use_true_random=False))
def test_laws(rows, parts, random):
    pack = pack_of(parts)
    found = frame(*rows)
    out = score(found, pack)
    assert (out["points"] >= 0).all()
    silent = (out["state"] != "violation") | (out["severity"] == "info")
    assert (out.loc[silent, "points"] == 0).all()

    order = list(range(len(found)))
    random.shuffle(order)
    shuffled = score(found.iloc[order], pack).set_index("id")["points"].sort_index()
    pd.testing.assert_series_equal(shuffled, out.set_index("id")["points"].sort_index())

    for code, (per, cap, _) in zip(("ATT001", "RSP001", "RSP003", "PFN006"), parts, strict=True):
        mine = out[(out["rule"] == code) & (out["points"] > 0)].copy()
        mine["agent"], mine["day"] = mine["agent"].fillna(""), mine["at"].dt.date.astype("str")
        if cap is not None:
            assert (mine.groupby(["agent", "day"])["points"].sum() <= cap + 1e-9).all()
        unit = {"message": ["message"], "session": ["session_key"], "day": ["day"], "wait": ["id"]}[per]
        assert not mine.duplicated(["agent", *unit]).any()
    grouped = out[out["group"].notna() & (out["points"] > 0)]
    assert not grouped.duplicated("group").any()


@settings(max_examples=30, deadline=None)
@given(ROWS, st.lists(CLAUSE, min_size=4, max_size=4))
def test_settling_a_pending_finding_as_no_violation_changes_nothing_else(rows, parts):
    found = frame(*rows)
    out = score(found, pack_of(parts))
    settled = found["state"] == "violation"
    alone = score(found[settled], pack_of(parts))
    assert alone["points"].tolist() == out.loc[settled, "points"].tolist()
