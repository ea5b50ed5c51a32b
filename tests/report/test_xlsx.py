from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit.report import xlsx
from audit.report.xlsx import CELL_LIMIT, cell_text

from .factory import hostile, make_result

SHEETS = ["概览", "客服", "违规明细", "会话", "覆盖"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return openpyxl.load_workbook(xlsx.write(make_result(60), tmp_path_factory.mktemp("x") / "r.xlsx"))


def rows(sheet: Any) -> list[dict[str, Any]]:
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_sheets_filters_and_frozen_heads(book: Any) -> None:
    assert book.sheetnames == SHEETS
    for name in SHEETS[1:4]:
        assert book[name].freeze_panes == "C2"
        assert book[name].auto_filter.ref.endswith(str(book[name].max_row))
    assert len(book["概览"]._charts) == 1
    assert len(book["客服"]._charts) == 1
    assert book["违规明细"].column_dimensions["P"].width > 50


def test_every_finding_stands_once_with_its_values(book: Any) -> None:
    found = {r["编号"]: r for r in rows(book["违规明细"])}
    result = make_result(60)
    assert found.keys() == {f.id for f in result.findings}
    for f in result.findings:
        row = found[f.id]
        assert row["规则"] == f.rule
        assert row["买家"] == "买***"
        assert row["时间"] == datetime.fromisoformat((f.at or "")[:19])
        assert row["客服"] == (f.agent or "未分配")
        assert row["等待（秒）"] == f.latency_s
        if f.latency_s and f.deadline and f.opened_at:
            limit = (datetime.fromisoformat(f.deadline) - datetime.fromisoformat(f.opened_at)).total_seconds()
            assert row["超时（秒）"] == f.latency_s - limit
    insult = next(r for r in found.values() if r["规则"] == "ATT001")
    marked = [line for line in insult["对话"].split("\n") if line.startswith("▶")]
    assert len(marked) == 1 + (insult["标记"] or "").count("买家先辱骂")
    assert marked[-1].endswith("你这人真是有毛病")


def test_agents_are_ranked(book: Any) -> None:
    points = [r["扣分"] for r in rows(book["客服"])]
    assert points == sorted(points, reverse=True)
    assert points[0] > 0


def test_severities_are_coloured(book: Any) -> None:
    sheet = book["违规明细"]
    column = [c.value for c in sheet[1]].index("严重程度") + 1
    fills = {sheet.cell(r, column).value: sheet.cell(r, column).fill.fgColor.rgb for r in range(2, sheet.max_row + 1)}
    assert len(set(fills.values())) == len(fills) == 4


def test_coverage_tells_what_was_not_checked(book: Any) -> None:
    cells = {c for row in book["覆盖"].iter_rows(values_only=True) for c in row}
    assert {"PRC008", "agents.csv 没有 tier 一栏", "绩效.xlsx", "这是客服绩效表，不是聊天记录", "DST005"} <= cells
    assert "有内容没有检查到" in {r[0] for r in book["概览"].iter_rows(values_only=True)}


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "{=1}", "00123"])
def test_text_stays_text(text: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(xlsx.write(hostile(text), tmp_path / "r.xlsx"))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    assert rows(book["违规明细"])[0]["客服"] == text


def test_characters_that_xml_forbids(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(xlsx.write(hostile("a\x00b\x0bc\ufffed_x0041_"), tmp_path / "r.xlsx"))
    assert rows(book["违规明细"])[0]["客服"] == "a\ufffdb\ufffdc\ufffdd_x0041_"


@pytest.mark.parametrize("unit", ["啊", "😀", "a😀"])
def test_long_cells_are_cut_with_a_mark(unit: str) -> None:
    out = cell_text(unit * 40_000)
    assert len(out.encode("utf-16-le")) <= CELL_LIMIT * 2
    assert out.endswith("…（已截断）")
    assert "\ufffd" not in out
    exact = "a" * CELL_LIMIT
    assert cell_text(exact) == exact


def test_full_sheets_go_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "SHEET_ROWS", 25)
    book = openpyxl.load_workbook(xlsx.write(make_result(60), tmp_path / "r.xlsx"))
    parts = [n for n in book.sheetnames if n.startswith("违规明细")]
    assert parts == ["违规明细", "违规明细 2", "违规明细 3"]
    assert [book[n].max_row for n in parts] == [26, 26, 11]
    assert [book[n].auto_filter.ref for n in parts] == ["A1:Y26", "A1:Y26", "A1:Y11"]
    assert {r["编号"] for n in parts for r in rows(book[n])} == {f.id for f in make_result(60).findings}


def test_streamed_and_plain_books_hold_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: Any) -> None:
    monkeypatch.setattr(xlsx, "STREAM_FROM", 1)
    streamed = openpyxl.load_workbook(xlsx.write(make_result(60), tmp_path / "r.xlsx"))
    for name in SHEETS:
        assert list(streamed[name].iter_rows(values_only=True)) == list(book[name].iter_rows(values_only=True))


def test_same_result_same_bytes(tmp_path: Path) -> None:
    a, b = (xlsx.write(make_result(30), tmp_path / f"{n}.xlsx") for n in "ab")
    assert a.read_bytes() == b.read_bytes()
    with zipfile.ZipFile(a) as z:
        assert b"2026-03-11T21:00:00Z" in z.read("docProps/core.xml")
        assert not [n for n in z.namelist() if str(tmp_path).encode() in z.read(n)]


def test_personal_data_is_masked_unless_asked_for(tmp_path: Path) -> None:
    def all_text(show: bool) -> str:
        book = openpyxl.load_workbook(xlsx.write(make_result(60), tmp_path / "r.xlsx", show_pii=show))
        return "\n".join(str(c) for s in book for r in s.iter_rows(values_only=True) for c in r if c is not None)

    for secret in ("13800000", "买家小", "赵小晴", "abc_demo99"):
        assert secret not in all_text(False)
        assert secret in all_text(True)


def test_no_findings(tmp_path: Path) -> None:
    result = make_result(1)
    result.findings.clear()
    result.sessions = result.sessions.iloc[:0]
    result.agents = result.agents.iloc[:0]
    result.excerpts = result.excerpts.iloc[:0]
    book = openpyxl.load_workbook(xlsx.write(result, tmp_path / "r.xlsx"))
    assert book.sheetnames == SHEETS
    assert book["违规明细"].max_row == 1
