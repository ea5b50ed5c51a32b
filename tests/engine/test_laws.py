"""The laws: the same chats give the same findings however they are exported, split, ordered, encoded and worked off."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.engine import local, shards

from .audits import Rows, audit, core_policy, line, told, wire, write

pytestmark = pytest.mark.usefixtures("small_home")

END = datetime(2026, 11, 20, 12, 0, 0)
FORMS = ("utf-8-sig", "gb18030", "utf-16", "xlsx", "jsonl", "parquet")
FEW = settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

#: what is said: (sender, text, more); each of the rules that need no more than words and clocks finds something in it
SAID: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("buyer", "有黑色的没有", {}),
    ("buyer", "杯子碎了", {}),
    ("buyer", "催一下", {}),
    ("buyer", "你个坏蛋", {}),
    ("buyer", "好的", {}),
    ("buyer", "谢谢啦", {}),
    ("buyer", "转人工", {}),
    ("buyer", "写错了", {"recalled": "true"}),
    ("agent", "有现货的", {}),
    ("agent", "你是笨蛋吗，笨蛋", {}),
    ("agent", "稍等", {}),
    ("agent", "嗯嗯", {}),
    ("agent", "给您补发", {"agent": "小禾"}),
    ("agent", "您好欢迎光临小店", {"auto": "true"}),
    ("robot", "智能客服为您服务", {"agent": "小店机器人"}),
    ("system", "", {"event": "transfer", "event_value": '{"from": "小麦", "to": "小禾"}'}),
    ("system", "", {"event": "order", "event_value": '{"order_id": "9001"}'}),
    ("buyer", "", {"event": "rejected"}),
    ("agent", "[图片]", {"kind": "image"}),
)
STEPS = (1, 30, 61, 181, 700, 7_300, 50_000, 90_000)
SHOPS = (("pdd", "青禾家居"), ("pdd", "云岫家居"), ("taobao", "青禾家居"))


@st.composite
def exports(draw: st.DrawFn, least: int = 4) -> list[dict[str, str]]:
    """Rows of several buyers of two shops, one of which exports message ids, with distinct times."""
    rows: list[dict[str, str]] = []
    talks = draw(st.lists(st.lists(st.tuples(st.sampled_from(SAID), st.sampled_from(STEPS)), min_size=1, max_size=9),
                          min_size=least, max_size=9))  # fmt: skip
    used: set[float] = set()
    for number, said in enumerate(talks):
        platform, shop = SHOPS[number % 2]
        now = float(draw(st.integers(0, 40_000)))
        for (sender, text, more), step in said:
            now += step
            while now in used:
                now += 1
            used.add(now)
            own: dict[str, Any] = {"platform": platform, "shop": shop, "buyer": f"买家{number}"} | more
            if number % 2:
                own["message_id"] = f"m{len(rows)}"
            rows.append(line(now, sender, text, **own))
    return rows


def found(tmp: Path, *paths: Path) -> list[dict[str, Any]]:
    """Findings of the core rules, without their place in the files."""
    return told(wire(audit(*paths, as_of=END, policy=core_policy(tmp)), tmp / "out"))


@FEW
@given(exports(), st.randoms(use_true_random=False))
def test_order_files_and_encodings_change_nothing(tmp_path_factory, rows: Rows, chance: random.Random) -> None:
    tmp = tmp_path_factory.mktemp("laws")
    whole = found(tmp, write(tmp / "whole.csv", rows))
    assert whole, "a law about nothing"

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert found(tmp, write(tmp / "shuffled.csv", shuffled)) == whole

    cut = chance.randrange(len(shuffled) + 1)
    write(tmp / "split" / "b.csv", shuffled[:cut] or rows[:1])
    write(tmp / "split" / "a" / "c.csv", shuffled[cut:] or rows[:1], "gb18030")
    assert found(tmp, tmp / "split") == whole

    form = chance.choice(FORMS)
    name = {"xlsx": "x.xlsx", "jsonl": "x.jsonl", "parquet": "x.parquet"}.get(form, "x.csv")
    assert found(tmp, write(tmp / name, rows, form)) == whole, form


@FEW
@given(exports(), st.randoms(use_true_random=False))
def test_overlapping_exports_change_nothing(tmp_path_factory, rows: Rows, chance: random.Random) -> None:
    tmp = tmp_path_factory.mktemp("laws")
    whole = found(tmp, write(tmp / "whole.csv", rows))
    a, b = sorted((chance.randrange(len(rows)), chance.randrange(len(rows))))
    write(tmp / "twice" / "one.csv", rows[: b + 1])
    write(tmp / "twice" / "two.csv", rows[a:])
    result = audit(tmp / "twice", as_of=END, policy=core_policy(tmp))
    assert told(wire(result, tmp / "out")) == whole
    assert result.coverage.counts["duplicates"] == b + 1 - a


def test_every_encoding_under_all_rules(tmp_path: Path) -> None:
    def all_found(path: Path) -> list[dict[str, Any]]:
        return told(wire(audit(path, as_of=END), tmp_path / "out"))

    rows = [r for r in everything() if r["platform"] == "taobao"]
    whole = all_found(write(tmp_path / "whole.csv", rows))
    for form in FORMS:
        name = {"xlsx": "x.xlsx", "jsonl": "x.jsonl", "parquet": "x.parquet"}.get(form, f"{form}.csv")
        assert all_found(write(tmp_path / name, rows, form)) == whole, form


@FEW
@given(exports())
def test_other_conversations_change_nothing(tmp_path_factory, rows: Rows) -> None:
    tmp = tmp_path_factory.mktemp("laws")
    whole = found(tmp, write(tmp / "whole.csv", rows))
    for kept in ({"买家0", "买家1"}, {"买家2"}):
        some = [r for r in rows if r["buyer"] in kept]
        alone = found(tmp, write(tmp / "some.csv", some))
        assert alone == [f for f in whole if f["buyer"] in kept]


@FEW
@given(exports())
def test_shards_change_not_a_byte(tmp_path_factory, rows: Rows) -> None:
    tmp = tmp_path_factory.mktemp("laws")
    path, policy = write(tmp / "whole.csv", rows), core_policy(tmp)
    in_memory = wire(audit(path, policy=policy), tmp / "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "MEMORY_ROWS", 3)
        patch.setattr(local, "SPILL_SHARDS", 2)
        assert wire(audit(path, policy=policy), tmp / "out") == in_memory
    assert wire(audit(path, policy=policy), tmp / "out") == in_memory, "two runs give the same bytes"


def everything() -> list[dict[str, str]]:
    """One export in which all of SAID is said, in every shop."""
    rows = []
    for shop in range(3):
        platform, name = SHOPS[shop]
        for n, (sender, text, more) in enumerate(SAID * 2):
            own: dict[str, Any] = {"platform": platform, "shop": name, "buyer": f"买家{shop}"} | more
            rows.append(line(n * 400 + shop, sender, text, **own))
    return rows


def test_processes_change_not_a_byte(tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    rows = everything()
    write(folder / "a.csv", rows[::2])
    write(folder / "b.jsonl", rows[1::2], "jsonl")
    written = {}
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        wire(audit(folder, workers=workers), out)
        written[workers] = {p.name: p.read_bytes() for p in sorted(out.iterdir())}
    assert len(written[1]) == 3 and written[1] == written[2]


def test_shards_hold_whole_shops_and_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[shards.Shards] = []
    create = shards.Shards.create.__func__

    def noted(cls: type[shards.Shards], *given: Any) -> shards.Shards:
        made.append(create(cls, *given))
        return made[-1]

    monkeypatch.setattr(shards.Shards, "create", classmethod(noted))
    monkeypatch.setattr(local, "MEMORY_ROWS", 5)
    audit(write(tmp_path / "a.csv", everything()), policy=core_policy(tmp_path))
    assert len(made) == 1 and not made[0].folder.exists()

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(local, "audit_shards", broken)
    with pytest.raises(KeyboardInterrupt):
        audit(tmp_path / "a.csv", policy=core_policy(tmp_path))
    assert len(made) == 2 and not made[1].folder.exists()


def test_fair_shares_put_the_largest_shops_apart() -> None:
    from small import canonical_of

    rows = [{"at": 0, "sender": "buyer", "text": "在", "shop": name} for name in ["甲"] * 5 + ["乙"] * 3 + ["丙"] * 3]
    shares = shards.fair_shares([canonical_of(rows[:6]), canonical_of(rows[6:])], 2)
    assert shares == {"taobao:甲": 0, "taobao:乙": 1, "taobao:丙": 1}
