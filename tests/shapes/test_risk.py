"""What the risk of a session is made of."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.chats.chats import Chats, Settings
from audit.engine.examples import parse
from audit.engine.trial import build_chats
from audit.errors import UserError
from audit.shapes.risk import SAYS, Factor, RiskModel, rated, reasons, risk_hits, risk_model, session_features


def chats_of(text: str) -> Chats:
    return build_chats(next(iter(parse(text))), Settings())


def features_of(text: str) -> pd.Series:
    return session_features(chats_of(text)).iloc[0]


ANGRY = """
10:00:00 B 收到的锅盖裂了
10:20:00 A 请拍照
10:20:30 B 质量太差了
10:21:00 A 好的
10:22:00 B 再不处理我要投诉你们
"""


def test_counts_and_seconds() -> None:
    found = features_of(ANGRY)
    assert found["complaints"] >= 2 and found["late_complaint"] == 1 and found["escalation"] == 1
    assert found["longest_wait"] == 1200 and found["last_wait"] == 0 and found["unanswered"] == 1
    assert found["turns"] == 3 and found["dispute_open"] == 1 and found["transfers"] == 0
    assert not found.isna().any() and list(found.index) == list(SAYS)


def test_a_wait_known_to_the_minute_is_as_short_as_it_can_have_been() -> None:
    assert features_of("10:00 B 有货吗\n10:05 A 有货")["longest_wait"] == 241


def test_untimed_sessions_have_no_waits_but_an_unanswered_end() -> None:
    found = features_of("# times=none\nB 有货吗\nA 有货\nB 发什么快递")
    assert (found["longest_wait"], found["last_wait"], found["unanswered"]) == (0, 0, 1)


def test_a_young_wait_is_not_unanswered_yet() -> None:
    young = "# as_of=2026-11-10T10:02:00\n10:00:00 B 有货吗"
    old = "# as_of=2026-11-10T10:04:00\n10:00:00 B 有货吗"
    assert features_of(young)["unanswered"] == 0 and features_of(old)["unanswered"] == 1


def test_repeats_are_the_buyers_and_no_closers() -> None:
    asked = "10:00:00 B 什么时候发货呢\n10:00:20 A 在安排\n10:01:00 B 什么时候发货，亲\n10:01:20 A 在安排"
    thanked = "10:00:00 B 有货吗\n10:00:20 A 有货\n10:01:00 B 好的谢谢您\n10:01:20 A 不客气\n10:02:00 B 好的谢谢您"
    assert features_of(asked)["repeats"] == 1 and features_of(thanked)["repeats"] == 0


def test_thanks_count_at_the_end_only() -> None:
    early = "10:00:00 B 谢谢\n10:00:20 A 不客气\n10:01:00 B 杯子碎了\n10:01:20 A 请拍照"
    assert features_of(early)["thanks_at_end"] == 0
    assert features_of("10:00:00 B 有货吗\n10:00:20 A 有货\n10:01:00 B 谢谢")["thanks_at_end"] == 1


def test_recalled_messages_do_not_count() -> None:
    assert features_of("10:00:00 B(recalled) 杯子碎了\n10:00:20 A 您好\n10:01:00 B 没事")["complaints"] == 0


def test_sessions_are_kept_apart() -> None:
    two = ANGRY + "2026-11-11 15:00:00 B 有货吗\n2026-11-11 15:00:20 A 有货\n"
    table = session_features(chats_of(two))
    assert len(table) == 2 and table["complaints"].tolist()[1] == 0 and table["turns"].tolist() == [3, 1]


def test_the_score_adds_up_caps_and_doubles() -> None:
    model = RiskModel(-1.0, {"complaints": Factor(0.5, 2), "turns": Factor(0.1, 5, 8), "longest_wait": Factor(1.0, 3)})
    table = pd.DataFrame({"complaints": [9.0, 1.0], "turns": [10.0, 8.0], "longest_wait": [720.0, 60.0]})
    assert model.parts(table).round(9).to_numpy().tolist() == [[1.0, 0.2, 2.0], [0.5, 0.0, 0.0]]
    expected = 1 / (1 + np.exp(-np.array([2.2, -0.5])))
    assert np.allclose(model.probability(table), expected)


def test_reasons_name_the_heaviest_with_their_numbers() -> None:
    (told,) = reasons(risk_model(), session_features(chats_of(ANGRY)))
    assert len(told) == 3 and "买家最后的话没有人工回复" in told
    assert any("1 次" in reason for reason in told)
    nothing = session_features(chats_of("10:00:00 B 有货吗\n10:00:20 A 有货"))
    assert reasons(risk_model(), nothing) == [[]]


def test_hits_are_suspected_ranked_and_at_the_first_message() -> None:
    two = ANGRY + "2026-11-11 15:00:00 B 有货吗\n2026-11-11 15:00:20 A 有货\n"
    chats = chats_of(two)
    everything = risk_hits(chats, 0.0)
    assert everything["row"].tolist() == [0, 5] and everything["score"].is_monotonic_decreasing
    assert set(everything["state"]) == {"suspected"} and everything["agent"].tolist() == ["客服1", "客服1"]
    assert risk_hits(chats, 0.5)["row"].tolist() == [0]
    assert everything["why"].iloc[0].startswith("不满意风险 ") and everything["context"].iloc[0][0][0] == 4


@pytest.mark.parametrize("event", ["rating", "rating_changed"])
def test_rated_sessions_are_left_out(event: str) -> None:
    chats = chats_of(ANGRY + f'10:30:00 E {event} {{"agent":"客服1","score":5}}')
    assert rated(chats).tolist() == [True] and risk_hits(chats, 0.0).empty


def test_a_session_without_a_buyer_has_no_risk() -> None:
    assert risk_hits(chats_of("10:00:00 A 您的订单已发货"), 0.0).empty


def test_shipped_weights_speak_the_right_way() -> None:
    factors = risk_model().factors
    assert {name for name, factor in factors.items() if factor.weight < 0} == {"thanks_at_end", "settled"}
    assert all(factor.most > 0 for factor in factors.values()) and risk_model().bias < 0


@pytest.mark.parametrize(
    ("content", "what"),
    [("{", "cannot be read"), ('{"weights": {"bias": 0}}', "cannot be read"), ("[]", "cannot be read")],
)
def test_damaged_weights_are_an_error(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "session-risk").mkdir()
    (tmp_path / "session-risk" / "card.json").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=what):
        risk_model(tmp_path)


def test_a_missing_factor_is_an_error_that_names_it(tmp_path: Path) -> None:
    weights = {"bias": -1, "factors": {name: {"weight": 1, "most": 1} for name in SAYS if name != "urges"}}
    (tmp_path / "session-risk").mkdir()
    (tmp_path / "session-risk" / "card.json").write_text(json.dumps({"weights": weights}), encoding="utf-8")
    with pytest.raises(UserError, match="urges"):
        risk_model(tmp_path)
