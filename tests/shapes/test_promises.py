"""The promise ledger: what is a promise, its kind and due time, and what the chat shows of it."""

import numpy as np
import pytest

from audit.chats.waits import NO_TIME
from audit.shapes.promises import BROKEN, KEPT, KINDS, NOT_VISIBLE, PENDING, promises
from tests.shapes.talks import chats_of


def ledger(block: str) -> list[tuple[str, str, str]]:
    """(kind, due as MM-DDTHH:MM:SS, status) of a block's promises."""
    table = promises(chats_of(block))
    due = ["" if d == NO_TIME else str(np.datetime64(d, "ms"))[5:19] for d in table["due"].tolist()]
    return list(zip(table["kind"], due, table["status"], strict=True))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("今天给您答复", "reply"),
        ("稍后回复您", "reply"),
        ("稍等5分钟", "reply"),
        ("有结果第一时间告诉您", "reply"),
        ("明天给您回电话", "contact"),
        ("会有专员联系您", "contact"),
        ("今天给您发", "ship"),
        ("今天给你发", "ship"),
        ("下午四点前出库", "ship"),
        ("明天送到", "arrive"),
        ("给您退差价", "refund"),
        ("补差价给您，今天转您", "refund"),
        ("给您补发一个", "reissue"),
        ("明天给您换新的", "reissue"),
        ("今天给您处理", "handle"),
        ("今天会跟进", "follow"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert ledger(f"B 怎么办\nA {text}")[0][0] == kind
    assert kind in KINDS


@pytest.mark.parametrize(
    "text",
    [
        "一般48小时内发货",
        "预计明天到",
        "尽量今天发",
        "今天发不了",
        "不能给您退",
        "今天发可以吗？",
        "要不要给您补发",
        "如果降价给您退差价",
        "您明天寄回来",
        "已经给您退款了",
        "给您补发过了",
        "有问题随时留言，会回复您",
        "帮您跟进",
        "稍等，我看下",
        "卖家会在24小时内答复",
    ],
)
def test_no_promise(text: str) -> None:
    assert ledger(f"B 怎么办\nA {text}") == []


def test_robots_automatic_texts_and_recalled_messages_promise_nothing() -> None:
    block = "B 怎么办\nR 今天给您答复\nA(auto) 稍后回复您\nA(recalled) 今天给您发"
    assert ledger(block) == []


def test_a_time_may_stand_in_the_clause_beside_it() -> None:
    assert ledger("10:00:00 B 怎么办\n10:00:20 A 我问下仓库，今天下午三点前，给您答复")[0][1] == "11-10T15:00:00"
    assert ledger("10:00:00 B 怎么办\n10:00:20 A 今天的单多，给您补发")[0][1] == "11-11T10:00:20"


def test_one_promise_a_clause_and_kind_with_its_whole_span() -> None:
    chats = chats_of("B 怎么办\nA 亲，24小时内给您答复，差价今天退您")
    table = promises(chats)
    text = chats.messages["text"].iat[1]
    assert [text[a:b] for a, b in zip(table["start"], table["end"], strict=True)] == ["24小时内给您答复", "今天退您"]


REPLY = "10:00:00 B 能退吗\n10:00:20 A {}\n"


@pytest.mark.parametrize(
    ("said", "then", "status"),
    [
        ("24小时内给您答复", "2026-11-11 10:00:20 A 可以退，已提交", KEPT),
        ("24小时内给您答复", "2026-11-11 10:00:21 A 可以退，已提交", BROKEN),
        ("24小时内给您答复", "11:00:00 A 稍等哦", BROKEN),
        ("24小时内给您答复", "11:00:00 A 尽快回复您", BROKEN),
        ("24小时内给您答复", "11:00:00 A(auto) 可以退，已提交", BROKEN),
        ("24小时内给您答复", "11:00:00 A(recalled) 可以退，已提交", BROKEN),
        ("24小时内给您答复", "10:00:40 A 我先登记一下", BROKEN),
        ("24小时内给您答复", "10:00:40 A 查到了，可以退5元", KEPT),
        ("24小时内给您答复", "10:00:40 B 不用了\n10:01:00 A 好的", NOT_VISIBLE),
        ("24小时内给您答复", "10:00:40 B 已经解决了\n10:01:00 A 好的", KEPT),
        ("有货了会告诉您", "10:00:40 B 好", NOT_VISIBLE),
    ],
)
def test_a_chat_reply_is_judged_by_the_chat(said: str, then: str, status: str) -> None:
    assert ledger(REPLY.format(said) + then)[0][2] == status


def test_minutes_are_late_only_if_surely_late() -> None:
    block = "10:00 B 能退吗\n10:00 A 5分钟内回复您\n{} A 可以退，已提交"
    assert ledger(block.format("10:05"))[0][2] == KEPT
    assert ledger(block.format("10:06"))[0][2] == BROKEN


def test_pending_before_the_due_time_and_broken_at_it() -> None:
    block = "# as_of={}\n10:00:00 B 能退吗\n10:00:20 A 5分钟后给您发短信，24小时内给您答复"
    assert ledger(block.format("2026-11-11T10:00:19"))[-1][2] == PENDING
    assert ledger(block.format("2026-11-11T10:00:20"))[-1][2] == BROKEN


def test_without_times_nothing_is_judged() -> None:
    assert ledger("# times=none\nB 能退吗\nA 今天给您答复\nB 人呢") == [("reply", "", NOT_VISIBLE)]


ACTION = "10:00:00 B 怎么办\n10:00:20 A {}\n{}\n"


@pytest.mark.parametrize(
    ("said", "then", "status"),
    [
        ("今天给您发", "2026-11-11 00:00:00 B 还没发货啊", BROKEN),
        ("今天给您发", "23:59:59 B 还没发货啊", NOT_VISIBLE),
        ("今天给您发", "2026-11-11 09:00:00 B 发货了没", NOT_VISIBLE),
        ("今天给您发", "2026-11-11 09:00:00 B 怎么还没收到", NOT_VISIBLE),
        ("今天给您发", "2026-11-12 09:00:00 B 收到了\n2026-11-13 09:00:00 B 赠品没发", KEPT),
        ("今天给您发", "18:00:00 B 嗯\n18:00:20 A 明天给您发\n2026-11-11 09:00:00 B 还没发货", NOT_VISIBLE),
        ("今天给您发", "15:00:00 A 已经发了", KEPT),
        ("给您退差价", "2026-11-12 09:00:00 B 差价没收到", BROKEN),
        ("给您退差价", "2026-11-12 09:00:00 B 说好退差价的，骗人", BROKEN),
        ("给您退差价", "2026-11-12 09:00:00 B 到账了谢谢", KEPT),
        ("收到退货给您退款", "2026-11-13 09:00:00 B 还没退款", NOT_VISIBLE),
        ("明天给您回电话", "2026-11-12 09:00:00 B 没人给我打电话", BROKEN),
        ("今天给您处理好", "2026-11-12 09:00:00 B 一直没处理", BROKEN),
    ],
)
def test_other_promises_are_broken_only_if_the_buyer_says_so(said: str, then: str, status: str) -> None:
    assert ledger(ACTION.format(said, then))[0][2] == status


def test_too_late_a_complaint_is_about_something_else() -> None:
    chats = chats_of(ACTION.format("今天给您发", "2026-11-20 09:00:00 B 还没发货"))
    assert promises(chats, days=3)["status"].tolist() == [NOT_VISIBLE]
    assert promises(chats, days=30)["status"].tolist() == [BROKEN]


def test_the_settling_row_is_named() -> None:
    table = promises(chats_of(ACTION.format("今天给您发", "2026-11-11 09:00:00 B 还没发货")))
    assert table["settled_by"].tolist() == [2]
