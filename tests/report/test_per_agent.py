from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.report import per_agent
from audit.report.per_agent import safe_name

from .factory import make_result
from .test_html import Page


def test_each_agent_gets_only_their_own(tmp_path: Path) -> None:
    result = make_result(60)
    paths = per_agent.write(result, tmp_path / "agents")
    assert len(paths) == 2 * 8
    seen: set[str] = set()
    for path in paths:
        if path.suffix != ".html":
            continue
        agent = "" if path.stem == "未分配" else path.stem.replace("_", ":")
        text = path.read_text(encoding="utf-8")
        data = Page(text).data()
        own = {f.id for f in result.findings if (f.agent or "") == agent}
        assert {f["id"] for f in data["findings"]} == own
        assert not seen & own
        seen |= own
        for other in result.findings:
            if other.id not in own:
                assert other.id not in text
        book = openpyxl.load_workbook(path.with_suffix(".xlsx"))
        assert {r[0].value for r in book["违规明细"].iter_rows(min_row=2)} - {None} == own
        assert [r[0].value for r in book["客服"].iter_rows(min_row=2)] == [agent or "未分配"]
    assert seen == {f.id for f in result.findings}


def test_an_agent_without_findings_gets_a_page_that_says_so(tmp_path: Path) -> None:
    per_agent.write(make_result(60), tmp_path)
    text = (tmp_path / "晴川旗舰店_新人.html").read_text(encoding="utf-8")
    assert "没有发现违规" in text


def test_two_shops_share_no_file(tmp_path: Path) -> None:
    result = make_result(5)
    other = result.agents.copy()
    other["shop"] = "青石家居"
    result.agents = pd.concat([result.agents, other], ignore_index=True)
    names = {p.name for p in per_agent.write(result, tmp_path)}
    assert "taobao-青石家居-晴川旗舰店_客服00.html" in names
    assert "taobao-晴川旗舰店-晴川旗舰店_客服00.html" in names


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("店:小甲", "店_小甲"),
        ("../../etc", "etc"),
        ("CON", "_CON"),
        ("a/b\\c", "a_b_c"),
        ("  .. ", "_"),
        ("x\x00y", "x_y"),
    ],
)
def test_names_are_safe_on_every_system(name: str, stem: str) -> None:
    assert safe_name(name, set()) == stem


@given(st.lists(st.text(max_size=80), max_size=6))
def test_names_never_collide_or_leave_the_folder(names: list[str]) -> None:
    used: set[str] = set()
    stems = [safe_name(n, used) for n in names]
    assert len({s.casefold() for s in stems}) == len(stems)
    for stem in stems:
        assert stem == Path(stem).name
        assert stem not in ("", ".", "..")
        assert len(f"{stem}.html".encode()) < 255
        assert not set(stem) & set('<>:"/\\|?*')
