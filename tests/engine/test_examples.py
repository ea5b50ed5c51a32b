"""The notation of EXAMPLES: what a line says, what cannot be read, and what the harness does with the marks."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from audit.engine.examples import ExampleError, Line, parse
from audit.engine.trial import find, try_example, try_rule
from audit.rules.model import Rule, all_rules
from audit.shapes.hits import make_hits

pytestmark = pytest.mark.usefixtures("small_home")


def only(text: str) -> tuple[Line, ...]:
    (example,) = parse(text)
    return example.lines


def one(text: str) -> Line:
    (line,) = only(text)
    return line


# -- lines -----------------------------------------------------------------------------------------------------------


def test_times_go_on_from_line_to_line() -> None:
    lines = only("B 一\nA 二\n10:30:00 B 三\n+190s A 四\n2026-11-12 09:00:00 B 五\n09:00:30 A 六\nB 七")
    assert [str(x.at) for x in lines] == [
        "2026-11-10 10:00:00", "2026-11-10 10:00:10", "2026-11-10 10:30:00", "2026-11-10 10:33:10",
        "2026-11-12 09:00:00", "2026-11-12 09:00:30", "2026-11-12 09:00:40",
    ]  # fmt: skip


def test_a_time_without_seconds_is_known_to_the_minute() -> None:
    lines = only("10:00 B 一\n10:01:00 A 二\nB 三")
    assert [x.minutes for x in lines] == [True, False, False]
    assert lines[0].at == datetime(2026, 11, 10, 10, 0)


def test_no_times_at_all() -> None:
    assert [x.at for x in only("# times=none\nB 一\n10:00:00 A 二")] == [None, None]


@pytest.mark.parametrize(
    ("text", "sender", "account", "kind", "auto"),
    [
        ("B 您好", "buyer", "", "text", "false"),
        ("A 您好", "agent", "客服1", "text", "false"),
        ("A @小麦 您好", "agent", "小麦", "text", "false"),
        ("A(auto) 您好", "agent", "客服1", "text", "true"),
        ("R 您好", "robot", "服务助手", "text", "true"),
        ("S 您好", "system", "", "event", "false"),
        ("S(card) 来源", "system", "", "card", "false"),
        ("A(card) 链接", "agent", "客服1", "card", "false"),
        ("A(image) 图", "agent", "客服1", "image", "false"),
        ("A [图片]", "agent", "客服1", "image", "false"),
        ("A [视频]", "agent", "客服1", "video", "false"),
        ("B @小麦 您好", "buyer", "小麦", "text", "false"),
    ],
)
def test_who_and_what(text: str, sender: str, account: str, kind: str, auto: str) -> None:
    line = one(text)
    assert (line.sender, line.account, line.kind, line.auto) == (sender, account, kind, auto)


def test_flags() -> None:
    line = one("A(recalled, s=一) 您好")
    assert line.recalled and line.session == "一" and line.text == "您好"


def test_events() -> None:
    order = one('E order {"order_id": "1"}')
    assert (order.sender, order.event, order.value, order.kind, order.text) == (
        "system",
        "order",
        '{"order_id": "1"}',
        "event",
        "",
    )
    assert one("E card_click").sender == "buyer" and one("E rejected").sender == "buyer"
    assert one("E read").value == ""


def test_marks() -> None:
    lines = only("! B 一\n!181s B 二\n? A 三\nA 是«四»和«五六»\nB 七")
    assert [(x.flagged, x.missed, x.clock, x.spans) for x in lines] == [
        (True, False, None, ()), (True, False, 181.0, ()), (False, True, None, ()),
        (False, False, None, ((1, 2), (3, 5))), (False, False, None, ()),
    ]  # fmt: skip
    assert lines[3].text == "是四和五六"


def test_blocks_headers_and_comments() -> None:
    text = '## 说明\n# platform=pdd limit=30\n# state="pending"\nB 一\n\n\n## 只有说明\n\nB 二\n'
    first, second = parse(text)
    assert first.header == {"platform": "pdd", "limit": "30", "state": "pending"}
    assert (first.number, second.number) == (1, 2) and second.header == {}
    assert first.source == "B 一" and not first.expects_hit
    assert [e.expects_hit for e in parse("! B 一\n\nA «二»\n\n? A 三")] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "您好", "X 您好", "10:00:00 您好", "!B 您好", "A 是«坏", "A 是坏»", "A «»", "A ««坏»»",
        "E ordr", 'E order {"order_id"', "E", "# platform=pdd", "# platform=pdd\n\nB 您好", "25:00:00 B 您好",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ValueError) as error:
        list(parse(text))
    assert isinstance(error.value, ExampleError) or "25:00:00" in text


# -- the harness -----------------------------------------------------------------------------------------------------


def problems(rule: str | Rule, text: str, **options: bool) -> list[str]:
    chosen = all_rules()[rule] if isinstance(rule, str) else rule
    (outcome,) = try_rule(chosen, text, **options)
    assert outcome.ok == (not outcome.problems)
    return list(outcome.problems)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("ATT001", "A 你«笨蛋»"),
        ("ATT001", "A «笨蛋»，«笨蛋»"),
        ("ATT001", "! A 你笨蛋"),
        ("ATT001", "A 您好"),
        ("RSP003", "!181s 10:00:00 B 杯子碎了\n10:03:01 A 抱歉"),
        ("RSP003", "# limit=60\n!61s 10:00:00 B 杯子碎了\n10:01:01 A 抱歉"),
        ("RSP003", "# as_of=2026-11-10T10:01:00 state=pending\n! 10:00:00 B 杯子碎了"),
        ("RSP003", "# agent=unassigned\n! 10:00:00 B 杯子碎了"),
        ("RSP003", "# agent=小麦\n! 10:00:00 B @小麦 杯子碎了"),
        ("RSP003", "# count=1\n10:00:00 B 杯子碎了"),
        ("RSP005", "# platform=pdd\n10:00:00 B 有货吗\n10:00:10 A 有\n! 10:00:20 B 谢谢"),
        ("ATT001", "? A 你这人不行"),
    ],
)
def test_marks_that_are_met(rule: str, text: str) -> None:
    assert problems(rule, text) == []


@pytest.mark.parametrize(
    ("rule", "text", "word"),
    [
        ("ATT001", "A 你笨蛋", "must be clean"),
        ("ATT001", "A 您«好»", "not found"),
        ("ATT001", "A 你«笨»蛋", "spans"),
        ("ATT001", "A «笨蛋»，笨蛋", "spans"),
        ("ATT001", "? A 你笨蛋", "known miss"),
        ("RSP003", "!180s 10:00:00 B 杯子碎了\n10:03:01 A 抱歉", "clock 181s"),
        ("RSP003", "!180s 10:00:00 B 杯子碎了", "without an end"),
        ("RSP003", "# state=pending\n! 10:00:00 B 杯子碎了", "state violation"),
        ("RSP003", "# severity=minor\n! 10:00:00 B 杯子碎了", "severity"),
        ("RSP003", "# agent=小麦\n! 10:00:00 B 杯子碎了", "agent unassigned"),
        ("RSP003", "# count=2\n10:00:00 B 杯子碎了", "1 findings, not 2"),
        ("RSP003", "# count=0\n10:00:00 B 杯子碎了", "1 findings, not 0"),
        ("RSP003", "! 10:00:00 B 杯子碎了\n! 10:00:30 B 碎了", "line 2 not found"),
    ],
)
def test_marks_that_are_not_met_are_told(rule: str, text: str, word: str) -> None:
    assert any(word in problem for problem in problems(rule, text)), problems(rule, text)


def test_loose_comparison_asks_for_overlap_only() -> None:
    assert problems("ATT001", "A 你«笨»蛋", exact=False) == []
    assert problems("ATT001", "A «你»笨蛋", exact=False)


def test_unknown_headers_are_errors() -> None:
    (example,) = parse("# limt=30\nB 杯子碎了")
    with pytest.raises(ValueError, match="limt"):
        try_example(all_rules()["RSP003"], example)


def test_settings_and_profiles_of_a_header_reach_the_chats() -> None:
    header = (
        "# session_gap=60 robot_reception=count closers_need_reply=true clock=last supervisors=主管 no_promotion=true"
    )
    (example,) = parse(header + "\nB 有货吗")
    _, chats = find(all_rules()["RSP003"], example)
    s = chats.settings
    assert (s.session_gap, s.robot_reception, s.closers_need_reply, s.clock) == (60.0, "count", True, "last")
    (profile,) = chats.profiles.values()
    assert profile.supervisors == ("主管",) and profile.no_promotion


def test_a_rule_that_flags_a_whole_message_twice_is_told() -> None:
    import dataclasses

    rule = dataclasses.replace(all_rules()["ATT001"], check=lambda chats: make_hits(np.array([0, 0])))
    assert any("2 findings" in p for p in problems(rule, "! A 您好"))
