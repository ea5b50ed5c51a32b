"""PRC011: what tells a state, and the message that it stands on."""

import pytest

from audit.rules.model import all_rules
from tests.shapes.talks import chats_of

CHECK = all_rules()["PRC011"].check
BEFORE = "2026-11-10 10:00:00 B 花瓶碎了要赔\n2026-11-10 10:00:30 A 给您申请赔付\n"
AGAIN = "2026-11-12 10:00:00 B 之前花瓶碎了，赔付呢\n2026-11-12 10:00:30 A {}"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("已经提交财务了", True),
        ("正在审核", True),
        ("财务说周五打款", True),
        ("明天下午给您答复", True),
        ("48小时内给您结果", True),
        ("不能赔付", True),
        ("给您重发一个", True),
        ("[图片]", True),
        ("请您耐心等待", False),
        ("尽快给您处理", False),
        ("正在帮您查询", False),
        ("已经看到您的消息", False),
        ("您收到了吗？", False),
        ("抱歉让您久等了", False),
    ],
)
def test_what_tells(said: str, told: bool) -> None:
    assert len(CHECK(chats_of(BEFORE + AGAIN.format(said)))) == (not told)


def test_it_stands_on_the_last_message_before_the_farewell() -> None:
    chats = chats_of(BEFORE + AGAIN.format("请您耐心等待\n2026-11-12 10:01:00 A 祝您生活愉快"))
    (hit,) = CHECK(chats).to_dict("records")
    assert hit["row"] == 3 and hit["context"] == [(2, "context", -1, -1)]


def test_mentioning_an_earlier_case_without_pressing_is_no_repeat_contact() -> None:
    block = BEFORE + "2026-11-12 10:00:00 B 上次花瓶那位客服人真好\n2026-11-12 10:00:30 A 感恩有您"
    assert len(CHECK(chats_of(block))) == 0


def test_nothing_said_is_nothing_found() -> None:
    assert len(CHECK(chats_of("B 在吗"))) == 0
