"""Talk about reviews: one span earns one kind, clauses are judged alone, invitations are graded and counted."""

from __future__ import annotations

import pytest

from audit.chats.chats import Chats
from audit.chats.texts import Texts
from audit.engine.examples import parse
from audit.engine.part import matcher_for
from audit.engine.trial import build_chats, settings_of
from audit.policy.load import load_auto
from audit.rules.model import all_rules
from audit.rules.review.bulk_invite import reach
from audit.shapes.review_spans import COERCION, INCENTIVE, INVITE, ReviewReader, Span
from audit.shapes.reviews import invitations, review_talk

SAID = [
    "好评返3元，差评的话麻烦改成五星",
    "差评删了吧。另外晒图返2元",
    "把差评撤了我给您转20元",
    "满意请给个五星好评，晒图更好",
    "不晒图也行，五星默认返一块",
    "平台不允许返现，收到后写个好评返您5元",
    "麻烦把差评删一下，处理好请给个好评",
    "先给好评才能给您退款",
    "好*评·返 现 三元哦",
    "请为本次服务打个分",
]


def spans_of(text: str) -> tuple[str, list[Span]]:
    texts = Texts([text], matcher_for())
    return texts.view.text(0), ReviewReader(texts).read(0)


def chats_of(block: str) -> Chats:
    example = next(parse(block))
    policy = load_auto(example.header.get("platform", "taobao"), all_rules())[0]
    return build_chats(example, settings_of(policy))


@pytest.mark.parametrize("text", SAID)
def test_spans_lie_in_the_text_and_never_touch(text: str) -> None:
    folded, spans = spans_of(text)
    assert spans
    for span in spans:
        assert 0 <= span.start < span.end <= len(folded)
    ordered = sorted(spans, key=lambda s: s.start)
    assert all(a.end <= b.start for a, b in zip(ordered, ordered[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("把差评撤了我给您转20元", {INCENTIVE}),
        ("差评删了吧。另外晒图返2元", {INCENTIVE, COERCION}),
        ("喜欢的话给个好评，返3元", {INCENTIVE}),
        ("麻烦把差评删一下，处理好请给个好评", {COERCION, INVITE}),
        ("满意请给个五星好评", {INVITE}),
    ],
)
def test_one_span_earns_only_the_first_kind(text: str, kinds: set[str]) -> None:
    assert {span.kind for span in spans_of(text)[1]} == kinds


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("平台不允许返现，收到后写个好评返您5元", ["好评返您5元"]),
        ("没有好评返现，下单有赠品", []),
        ("不用特意给好评，如实写就行", []),
        ("好评返现违反平台规定，我们不做", []),
    ],
)
def test_a_refusal_cancels_its_own_clause_only(text: str, quotes: list[str]) -> None:
    folded, spans = spans_of(text)
    assert [folded[s.start : s.end] for s in spans] == quotes


@pytest.mark.parametrize(
    "text", ["下单返5元红包，今天截止", "收藏店铺截图给客服送湿巾", "差价12元返还到账户", "平台的评价有礼可得积分"]
)
def test_rewards_for_other_things_are_no_incentive(text: str) -> None:
    assert all(span.kind != INCENTIVE for span in spans_of(text)[1])


def test_a_bare_condition_counts_only_after_a_review_was_named() -> None:
    block = "B {}\nA 随您\nB 那退款呢\nA 不删的话就不给您退款了"
    named, unnamed = chats_of(block.format("差评我写的")), chats_of(block.format("订单我下的"))
    assert review_talk(named)["kind"].tolist() == [COERCION]
    assert review_talk(unnamed)["kind"].tolist() == []


def test_it_is_read_once_per_chats() -> None:
    chats = chats_of("B 收到了\nA 满意请给个好评哦")
    assert review_talk(chats) is review_talk(chats)


@pytest.mark.parametrize(
    ("last", "severity"),
    [
        ("不客气，方便的话给本次服务做个评价", "info"),
        ("不客气，麻烦给个五星好评", ""),
    ],
)
def test_one_neutral_invitation_after_acceptance_is_a_notice(last: str, severity: str) -> None:
    chats = chats_of(f"B 少了一个配件\nA 今天给您补发\nB 好的，谢谢\nA {last}")
    hits = all_rules()["REV003"].check(chats)
    assert hits["severity"].tolist() == [severity]


def test_a_second_invitation_within_a_day_is_no_notice() -> None:
    ask = "A 方便的话给本次服务做个评价"
    chats = chats_of(f"B 少了配件\nA 给您补发\nB 谢谢\n{ask}\nB 好的谢谢\n{ask}")
    assert all_rules()["REV003"].check(chats)["severity"].tolist() == ["info", ""]


SESSIONS = "\n".join(
    f"B(s={n}) 有货吗\nA(s={n}) 有的\nB(s={n}) 好的谢谢" + (f"\nA(s={n}) 满意请给个好评哦" if n % 2 else "")
    for n in range(1, 7)
)


def test_the_share_is_met_at_one_half() -> None:
    chats = chats_of(SESSIONS)
    check = all_rules()["REV006"].check
    assert len(check(chats)) == 3
    assert len(check(chats, share=0.51)) == 0
    assert len(check(chats, min_sessions=7)) == 0


def test_reach_counts_sessions_not_messages() -> None:
    chats = chats_of(SESSIONS)
    asks = invitations(chats).drop_duplicates("row")
    sessions, total = reach(chats, asks["row"].to_numpy(), asks["said"].tolist())
    assert total.max() == 6 and sessions.max() == 3
