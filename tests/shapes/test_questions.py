"""What a buyer's questions ask for, and whether a reply may answer them."""

import pytest

from audit.shapes.questions import CATALOGUE, COMPLAINTS, DECIDABLE, KINDS, about, asked, questions, tells, told


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("几天能到成都", [{"ship_time"}]),
        ("多少钱一双", [{"price"}]),
        ("发什么快递,能开发票吗", [{"courier"}, {"invoice"}]),
        ("质保几年", [{"warranty"}]),
        ("保质期多久", [{"shelf_life"}]),
        ("充电要多久", [{"when"}]),
        ("我先看看", []),
        ("好看吗", [set()]),
    ],
)
def test_questions(text: str, kinds: list[set[str]]) -> None:
    assert [set(q.kinds) for q in questions(text)] == kinds


def test_a_question_has_its_place() -> None:
    text = "你好,几天到?多少钱"
    assert [text[q.start : q.end] for q in questions(text)] == ["几天到?", "多少钱"]


@pytest.mark.parametrize(
    ("kind", "reply", "does"),
    [
        ("ship_time", "后天就到", True),
        ("ship_time", "纯棉的", False),
        ("price", "39元", True),
        ("price", "橡胶底", False),
        ("courier", "走中通", True),
        ("courier", "三种颜色", False),
        ("defect", "给您补发", True),
        ("defect", "木色现货", False),
    ],
)
def test_tells(kind: str, reply: str, does: bool) -> None:
    assert tells(kind, reply) is does


def test_tables_have_a_column_per_kind() -> None:
    names = list(KINDS)
    table = asked(["多少钱", "你好"])
    assert table.shape == (2, len(names))
    assert table[0, names.index("price")] and not table[1].any()
    assert about(["全场包邮"])[0, names.index("freight")] and told(["全场包邮"])[0, names.index("freight")]
    assert asked([]).shape == (0, len(names))


def test_groups_of_kinds_are_kinds() -> None:
    assert {*DECIDABLE, *CATALOGUE, *COMPLAINTS} <= set(KINDS)


def test_what_a_reply_is_about_it_may_answer() -> None:
    for reply in ("全场包邮", "黑色白色都有", "发票随货", "质保一年", "走中通", "保质期一年"):
        narrow, wide = about([reply])[0], told([reply])[0]
        names = list(KINDS)
        for kind in ("freight", "colour", "invoice", "warranty", "courier", "shelf_life"):
            place = names.index(kind)
            assert not narrow[place] or wide[place], (reply, kind)
