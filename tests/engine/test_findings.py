"""Findings: ids that stay, places in the original text, keys, groups, provocation, who is named."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import chats_of, talk

from audit.chats.waits import NO_TIME
from audit.engine.findings import build_findings, iso, session_keys, unsettled
from audit.engine.result import AuditResult, Finding
from audit.policy.load import load
from audit.rules.model import all_rules
from audit.shapes.hits import join_hits, make_hits, no_hits

from .audits import audit, core_policy, line, write

pytestmark = pytest.mark.usefixtures("small_home")


@pytest.fixture
def policy(tmp_path: Path) -> str:
    return core_policy(tmp_path)


def by_rule(result: AuditResult) -> dict[str, Finding]:
    out = {f.rule: f for f in result.findings}
    assert len(out) == len(result.findings)
    return out


ASKED = line("2026-11-10 10:00:00", "buyer", "杯子碎了", message_id="")
LATER = line("2026-11-11 10:00:00", "agent", "您好，给您补发")


def ids(result: AuditResult) -> set[tuple[str, str]]:
    return {(f.rule, f.id) for f in result.findings}


@pytest.mark.parametrize("message_id", ["", "m1"])
def test_pending_then_violation_then_answered_late_keep_the_id(tmp_path: Path, policy: str, message_id: str) -> None:
    asked = ASKED | {"message_id": message_id}
    chats = write(tmp_path / "a.csv", [asked])
    pending = by_rule(audit(chats, policy=policy))
    assert {f.state for f in pending.values()} == {"pending"} and set(pending) == {"RSP001", "RSP002", "RSP003"}
    overdue = by_rule(audit(chats, policy=policy, as_of=datetime(2026, 11, 12)))
    assert {f.state for f in overdue.values()} == {"violation"}
    answered = by_rule(audit(write(tmp_path / "b.csv", [asked, LATER]), policy=policy))
    assert answered["RSP001"].state == "violation" and answered["RSP001"].closed_at == "2026-11-11T10:00:00+08:00"
    assert answered["RSP003"].latency_s == 86_400
    for rule in ("RSP001", "RSP003"):
        assert pending[rule].id == overdue[rule].id == answered[rule].id
        assert pending[rule].message_keys[0] == answered[rule].message_keys[0]
    assert "RSP002" not in answered


INSULTS = [
    line(0, "buyer", "有货吗"),
    line(20, "agent", "你是笨蛋，真是笨 蛋，笨蛋"),
    line(40, "buyer", "怎么骂人", buyer="买家乙"),
    line(60, "agent", "你是笨蛋", buyer="买家乙"),
]


def test_ids_do_not_know_files_order_rows_or_thresholds(tmp_path: Path, policy: str) -> None:
    whole = ids(audit(write(tmp_path / "a.csv", INSULTS), policy=policy))
    assert len(whole) >= 4 and len({i for _, i in whole}) == len(whole)
    write(tmp_path / "two" / "z.csv", INSULTS[:2])
    write(tmp_path / "two" / "b.csv", [line(None, "system", event="read", buyer="买家丁"), *INSULTS[2:]], "gb18030")
    assert ids(audit(tmp_path / "two", policy=policy)) == whole
    strict = tmp_path / "strict.yaml"
    strict.write_text(
        "policy: strict\nextends: base\nclauses:\n  - {rule: ATT001, severity: minor, points: 1}\n", encoding="utf-8"
    )
    found = audit(tmp_path / "a.csv", policy=str(strict)).findings
    assert {(f.rule, f.id) for f in found if f.rule == "ATT001"} == {p for p in whole if p[0] == "ATT001"}


def test_the_same_quote_twice_in_a_message_gives_two_ids(tmp_path: Path, policy: str) -> None:
    insults = [f for f in audit(write(tmp_path / "a.csv", INSULTS), policy=policy).findings if f.rule == "ATT001"]
    first = [f for f in insults if f.buyer == "买家甲"]
    assert [f.evidence[0].quote for f in sorted(first, key=lambda f: f.evidence[0].start or 0)] == [
        "笨蛋",
        "笨 蛋",
        "笨蛋",
    ]
    assert len({f.id for f in insults}) == 4


@settings(max_examples=25)
@given(
    st.text(st.sampled_from("笨蛋 你的\u200b😊，。１ａＡ龍ﾞ\u0301"), max_size=14),
    st.sampled_from(["笨蛋", "笨 蛋", "笨\u200b蛋"]),
)
def test_evidence_points_into_the_original_text(around: str, insult: str) -> None:
    chats = chats_of([{"at": 0, "sender": "agent", "agent": "小麦", "text": f"{around}，你{insult}，{around}"}])
    policy = load("taobao", all_rules())
    rule = all_rules()["ATT001"]
    hits = rule.check(chats).assign(cite="", rule="ATT001")
    original = chats.messages["text"].iat[0]
    found = build_findings(chats, hits.assign(severity="severe"), policy, all_rules())
    assert found
    for finding in found:
        item = finding.evidence[0]
        assert item.start is not None and item.end is not None and 0 <= item.start < item.end <= len(original)
        assert original[item.start : item.end] == item.quote
        assert item.quote.replace(" ", "").replace("\u200b", "").startswith("笨")


def test_findings_of_one_wait_share_a_group_and_are_scored_once(tmp_path: Path, policy: str) -> None:
    result = audit(write(tmp_path / "a.csv", [ASKED]), policy=policy, as_of=datetime(2026, 11, 12))
    found = by_rule(result)
    assert set(found) == {"RSP001", "RSP002", "RSP003"}
    assert len({f.group for f in found.values()}) == 1 and found["RSP001"].group == found["RSP001"].message_keys[0]
    assert sorted(f.points for f in found.values()) == [0, 0, 5]


def test_a_dispute_later_in_the_wait_is_of_the_waits_group(tmp_path: Path, policy: str) -> None:
    rows = [line(0, "buyer", "有货吗"), line(60, "buyer", "杯子碎了"), line(90_000, "agent", "您好，给您补发")]
    found = by_rule(audit(write(tmp_path / "a.csv", rows), policy=policy))
    assert found["RSP003"].at == "2026-11-10T10:01:00+08:00" and found["RSP001"].at == "2026-11-10T10:00:00+08:00"
    assert found["RSP003"].group == found["RSP001"].group == found["RSP001"].message_keys[0]


PROVOKED = [
    line(0, "buyer", "你个坏蛋"), line(20, "agent", "你才是笨蛋"), line(40, "buyer", "多少钱", session=""),
    line(20_000, "buyer", "多少钱"), line(20_010, "agent", "您好，笨蛋"),
]  # fmt: skip


def test_an_insult_of_the_buyer_before_it_in_the_session(tmp_path: Path, policy: str) -> None:
    rows = [PROVOKED[0], PROVOKED[1], *PROVOKED[3:]]
    first, second = [f for f in audit(write(tmp_path / "a.csv", rows), policy=policy).findings if f.rule == "ATT001"]
    assert first.provoked and not second.provoked, "the next session begins anew"
    provocation = first.evidence[-1]
    assert (provocation.role, provocation.quote, provocation.start) == ("provocation", "你个坏蛋", None)
    assert provocation.message_key not in first.message_keys and first.points == 10
    after = [line(0, "agent", "您好，笨蛋"), line(9, "buyer", "你个坏蛋")]
    assert not by_rule(audit(write(tmp_path / "b.csv", after), policy=policy))["ATT001"].provoked


def test_message_keys_name_the_messages_in_order_and_resolve(tmp_path: Path, policy: str) -> None:
    rows = [line(n, "agent", f"您好，第{n}句", message_id=f"m{n}") for n in range(6)]
    result = audit(write(tmp_path / "a.csv", rows), policy=policy)
    found = by_rule(result)["DST001"]
    assert found.message_keys == [f"taobao:青禾家居:买家甲:m{n}" for n in (4, 0, 1, 2, 3)]
    assert [e.role for e in found.evidence] == ["violation", *["context"] * 4]
    excerpt = result.excerpts[result.excerpts["session_key"] == found.session].set_index("message_key")
    for item in found.evidence:
        message = excerpt.loc[item.message_key]
        assert (
            message["text"] == item.quote and message["source_row"] == item.source_row and item.source_file == "a.csv"
        )


# -- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_id_that_several_buyers_share_stays_apart(tmp_path: Path, policy: str) -> None:
    rows = [r | {"session": "1"} for r in INSULTS] + [r | {"session": "1", "shop": "云岫家居"} for r in INSULTS[:2]]
    result = audit(write(tmp_path / "a.csv", rows), policy=policy)
    names = {(f.shop, f.buyer, f.session) for f in result.findings}
    assert len(names) == 3 == len({s for *_, s in names}) and all(s.startswith("1~") for *_, s in names)
    assert not result.sessions["session_key"].duplicated().any()
    counted = result.excerpts.groupby("session_key")["buyer"].nunique()
    assert set(counted.index) == {s for *_, s in names} and (counted == 1).all()
    alone = audit(write(tmp_path / "b.csv", [r for r in rows if r["buyer"] == "买家乙"]), policy=policy)
    assert {f.session for f in alone.findings} == {s for _, b, s in names if b == "买家乙"}


def test_sessions_of_one_buyer_differ() -> None:
    chats = talk("10:00:00 B(s=一) 有货吗\n10:00:10 A(s=一) 有\n11:00:00 B(s=二) 有货吗\n11:00:05 A(s=二) 有")
    assert len(set(session_keys(chats, np.arange(2)))) == 2
    cut = talk("10:00:00 B 有货吗\n10:00:10 A 有\n15:00:00 B 有货吗")
    assert len(set(session_keys(cut, np.arange(2)))) == 2


# -- hits ------------------------------------------------------------------------------------------------------------


def built(chats: Any, hits: Any, rule: str = "RSP001") -> list[Finding]:
    hits = hits.assign(cite="", rule=rule, severity="major")
    return build_findings(chats, hits, load("taobao", all_rules()), all_rules())


def test_who_is_named_none_means_the_row_and_empty_means_nobody() -> None:
    chats = talk("10:00:00 A @甲 您好\n10:00:01 A @乙 您好\n10:00:02 A @丙 您好")
    mixed = make_hits([0, 1, 2], agent=[None, "", "丁"])
    assert [f.agent for f in built(chats, mixed)] == ["甲", None, "丁"]
    joined = join_hits(make_hits([0]), make_hits([1], agent=[""]), make_hits([2], agent=["丁"]))
    assert [f.agent for f in built(chats, joined)] == ["甲", None, "丁"]
    assert built(chats, no_hits()) == []


def test_unsettled_touches_only_late_replies_after_as_of() -> None:
    chats = talk("# as_of=2026-11-10T10:01:00\n10:00:00 B 有货吗\n10:05:00 A 有")
    at = chats.time
    minute = 60_000

    def state(deadline: int, closed: int) -> str:
        hits = make_hits([0], opened_at=at[:1], deadline=np.array([deadline]), closed_at=np.array([closed]))
        return str(unsettled(chats, hits)["state"].iat[0])

    assert state(at[0] + 3 * minute, at[1]) == "pending"
    assert state(at[0] + minute, at[1]) == "violation"
    assert state(at[0] + 3 * minute, NO_TIME) == "violation", "an unanswered wait is the rule's own affair"
    assert state(NO_TIME, at[1]) == "violation"


def test_times_on_the_wire() -> None:
    assert iso(NO_TIME) is None
    assert iso(0) == "1970-01-01T00:00:00+08:00"
    assert iso(1_500) == "1970-01-01T00:00:01.500+08:00"
