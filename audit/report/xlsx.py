"""report.xlsx: every finding, the agents, the sessions with findings and Coverage, with native charts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.engine.result import SEVERITIES, AuditResult, Finding
from audit.report import summary
from audit.report.conversations import Conversations, Table
from audit.report.jsonl import plain, records
from audit.report.labels import labels
from audit.report.masking import Masker, printable

#: Most data rows of one sheet; further findings go to a sheet of the same name with a number.
SHEET_ROWS = 1_000_000
#: Excel's limit for a cell, in UTF-16 units.
CELL_LIMIT = 32_767
#: From this many findings on rows are written straight to disk.
STREAM_FROM = 5_000
_FILE_KEYS = ("format", "encoding", "rows", "bad_rows", "refused")
_CUT = "…（已截断）"
_COLOURS = {"severe": ("#A8201A", "#FBE9E7"), "major": ("#9A4A00", "#FDF0E1"), "minor": ("#6B5A00", "#F8F3D9"),
            "info": ("#4B5767", "#EDF0F3")}  # fmt: skip


@dataclass(frozen=True)
class _Column:
    title: str
    width: float
    kind: str = "text"  # text / number / time / wrap / severity


def write(
    result: AuditResult, path: str | os.PathLike[str], show_pii: bool = False, lang: str = "zh", scope: str = ""
) -> Path:
    """Write the workbook: sheets 概览, 客服, 违规明细, 会话, 覆盖.

    Every text is written as text, so that `=1+1` in a chat stays what it was. The same result gives the same bytes:
    the creation time in the file is the audit's as-of.
    """
    import xlsxwriter

    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": len(result.findings) >= STREAM_FROM,
        "nan_inf_to_errors": False,
    }
    try:
        with xlsxwriter.Workbook(str(target), options) as book:
            text = labels(lang)
            book.set_properties({"title": text["title"], "comments": "kefu-audit", "created": _created(result)})
            _Book(book, result, Masker(show_pii), text, lang, scope).fill()
    except xlsxwriter.exceptions.FileCreateError as error:  # it wraps the system's error
        raise error.args[0] from None
    return target


def _created(result: AuditResult) -> datetime:
    try:
        return datetime.fromisoformat(summary.as_of(result)).replace(tzinfo=None)
    except ValueError:
        return datetime(2000, 1, 1)


def cell_text(text: str) -> str:
    """A text that Excel takes: no control characters, at most CELL_LIMIT UTF-16 units."""
    text = printable(text)
    if len(text) * 2 <= CELL_LIMIT:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= CELL_LIMIT * 2:
        return text
    return units[: (CELL_LIMIT - len(_CUT)) * 2].decode("utf-16-le", "ignore") + _CUT


class _Book:
    """One workbook while it is written."""

    def __init__(
        self, book: Any, result: AuditResult, masker: Masker, text: dict[str, str], lang: str, scope: str
    ) -> None:
        self.book, self.result, self.masker, self.t, self.lang, self.scope = book, result, masker, text, lang, scope
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
        make = book.add_format
        self.formats: dict[str, Any] = {
            "text": make(base),
            "wrap": make({**base, "text_wrap": True}),
            "number": make({**base, "num_format": "#,##0.##"}),
            "time": make({**base, "num_format": "yyyy-mm-dd hh:mm:ss"}),
            "head": make({**base, "bold": True, "bg_color": "#E8EEF3", "bottom": 1, "text_wrap": True}),
            "title": make({**base, "bold": True, "font_size": 16}),
            "section": make({**base, "bold": True, "font_size": 12}),
            "warn": make({**base, "font_color": "#6D4300", "bg_color": "#FFF8E8"}),
            **{s: make({**base, "font_color": ink, "bg_color": paper}) for s, (ink, paper) in _COLOURS.items()},
        }

    def fill(self) -> None:
        """Write all sheets."""
        self._overview()
        self._agents()
        self._findings()
        self._sessions()
        self._coverage()

    def _put(self, sheet: Any, row: int, column: int, value: Any, kind: str = "text") -> None:
        if value is None or value == "" or value != value:
            return
        form = self.formats[kind]
        if isinstance(value, str):
            sheet.write_string(row, column, cell_text(value), form)
        elif isinstance(value, bool):
            sheet.write_string(row, column, self.t["yes" if value else "no"], form)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, form)
        else:
            sheet.write_number(row, column, value, form)

    def _table(
        self, name: str, columns: Sequence[_Column], rows: Iterable[Sequence[Any]], count: int, height: float = 0
    ) -> None:
        """A sheet with a frozen head, filters and widths; further sheets where one is full."""
        sheet, row, part = None, 0, 0
        for values in rows:
            if sheet is None or row > SHEET_ROWS:
                part += 1
                sheet, row = self._sheet(name, columns, part, min(count - (part - 1) * SHEET_ROWS, SHEET_ROWS)), 1
            if height:
                sheet.set_row(row, height)
            for i, (column, value) in enumerate(zip(columns, values, strict=True)):
                kind = column.kind
                if kind == "severity":
                    self._put(sheet, row, i, self.t.get(value, value), value if value in _COLOURS else "text")
                else:
                    self._put(sheet, row, i, value, kind)
            row += 1
        if sheet is None:
            self._sheet(name, columns, 1, 0)

    def _sheet(self, name: str, columns: Sequence[_Column], part: int, count: int) -> Any:
        sheet = self.book.add_worksheet(name if part == 1 else f"{name} {part}")
        for i, column in enumerate(columns):
            sheet.set_column(i, i, column.width)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
        for i, column in enumerate(columns):
            self._put(sheet, 0, i, column.title, "head")
        return sheet

    def _overview(self) -> None:
        t, sheet = self.t, self.book.add_worksheet("概览")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 26, 8)
        total, counts = summary.totals(self.result), self.result.coverage.counts
        first, last = summary.period(self.result)
        self._put(sheet, 0, 0, f"{t['title']} {self.scope}".strip(), "title")
        row = 2
        facts: list[tuple[str, Any]] = [
            (t["period"], f"{first} {t['to']} {last}" if first else None),
            (t["as_of"], summary.moment(summary.as_of(self.result))),
            (t["messages"], counts.get("messages", 0)),
            (t["sessions"], counts.get("sessions", 0)),
            (t["violations"], total.violations),
            *((t[s], total.by_severity[s]) for s in SEVERITIES),
            (t["points"], total.points),
            (t["suspected"], total.suspected),
            (t["pending"], total.pending),
            (t["silenced"], total.silenced),
            *((t[k], n) for k, n in self.result.coverage.baseline.items() if k in t),
        ]
        for label, value in facts:
            self._put(sheet, row, 0, label, "text")
            self._put(sheet, row, 1, value, "number" if isinstance(value, (int, float)) else "text")
            row += 1
        warned = summary.warnings(self.result.coverage, self.lang)
        row += 1
        self._put(sheet, row, 0, t["unchecked_title"] if warned else t["all_checked"], "section")
        for line in warned:
            row += 1
            self._put(sheet, row, 0, self.masker.text(line), "warn")
        for line in summary.remarks(self.result.coverage, self.lang):
            row += 1
            self._put(sheet, row, 0, self.masker.text(line))
        row = self._rules(sheet, row + 2)
        self._heat(sheet, row + 1)

    def _rules(self, sheet: Any, row: int) -> int:
        t, rules = self.t, summary.by_rule(self.result)
        self._put(sheet, row, 0, t["by_rule"], "section")
        for i, label in enumerate((t["rule"], t["severity"], t["count"])):
            self._put(sheet, row + 1, i, label, "head")
        for i, r in enumerate(rules):
            self._put(sheet, row + 2 + i, 0, f"{r['code']} {r['title']}")
            self._put(sheet, row + 2 + i, 1, t.get(r["severity"], r["severity"]), r["severity"])
            self._put(sheet, row + 2 + i, 2, r["count"], "number")
        if rules:
            chart = self.book.add_chart({"type": "bar"})
            end = row + 1 + min(len(rules), 20)
            chart.add_series(
                {
                    "name": t["count"],
                    "categories": ["概览", row + 2, 0, end, 0],
                    "values": ["概览", row + 2, 2, end, 2],
                    "fill": {"color": "#2F6F9B"},
                    "data_labels": {"value": True},
                    "gap": 40,
                }
            )
            self._place(chart, sheet, t["by_rule"], "E3", 120 + 24 * min(len(rules), 20))
        return row + 2 + len(rules)

    def _heat(self, sheet: Any, row: int) -> None:
        heat = summary.heat(self.result, self.lang)
        if not heat["cells"]:
            return
        self._put(sheet, row, 0, self.t["by_weekday_hour" if heat["weekday"] else "by_day_hour"], "section")
        self._put(sheet, row + 1, 0, self.t["hour"], "head")
        figures = {(r, h): n for h, r, n in heat["cells"]}
        hours = range(24)
        for h in hours:
            self._put(sheet, row + 1, 2 + h, h, "head")
        for r, name in enumerate(heat["rows"]):
            self._put(sheet, row + 2 + r, 0, name)
            for h in hours:
                self._put(sheet, row + 2 + r, 2 + h, figures.get((r, h), 0), "number")
        sheet.conditional_format(
            row + 2, 2, row + 1 + len(heat["rows"]), 25,
            {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#6C9DBD"},
        )  # fmt: skip

    @staticmethod
    def _place(chart: Any, sheet: Any, title: str, cell: str, height: int) -> None:
        chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False})
        chart.set_size({"width": 620, "height": height})
        sheet.insert_chart(cell, chart)

    def _columns(self, spec: str) -> list[_Column]:
        """Columns of `label:width[:kind]`, blank-separated."""
        parts = [token.split(":") for token in spec.split()]
        return [_Column(self.t[p[0]], float(p[1]), p[2] if len(p) > 2 else "text") for p in parts]

    def _platform(self, name: str) -> str:
        return self.t.get(f"p_{name}", name)

    def _agents(self) -> None:
        rows = summary.ranked_agents(self.result)
        keys = (
            "points severe major minor info suspected pending sessions messages "
            "first_response_median_s response_mean_s waits unanswered"
        ).split()
        columns = self._columns("agent:30 name:12 team:12 platform:8 shop:20")
        columns += [_Column(self.t[k], 12 if k.endswith("_s") else 9, "number") for k in keys]
        values = (
            [
                r["agent"] or self.t["unassigned"],
                r["name"],
                r["team"],
                self._platform(r["platform"]),
                r["shop"],
                *(plain(r[k]) for k in keys),
            ]
            for r in rows
        )
        self._table("客服", columns, values, len(rows))
        if rows:
            sheet = self.book.get_worksheet_by_name("客服")
            end = min(len(rows), 15)
            chart = self.book.add_chart({"type": "bar", "subtype": "stacked"})
            for column, severity in ((6, "severe"), (7, "major"), (8, "minor")):
                chart.add_series(
                    {
                        "name": self.t[severity],
                        "categories": ["客服", 1, 0, end, 0],
                        "values": ["客服", 1, column, end, column],
                        "fill": {"color": _COLOURS[severity][0]},
                        "gap": 40,
                    }
                )
            self._place(chart, sheet, self.t["violations"], "T2", 120 + 26 * end)
            chart.set_legend({"position": "bottom"})

    def _findings(self) -> None:
        silenced = summary.silenced_ids(self.result.coverage)
        findings = summary.gravest(self.result.findings, silenced)
        talks = Conversations(self.result.excerpts, findings, self.masker, Table())
        columns = self._columns(
            "id:18 rule:9 rule_title:16 severity:9:severity state:8 mark:14 platform:8 shop:16 agent:22 buyer:10 "
            "time:19:time points:7:number reason:42:wrap evidence:36:wrap decoded:18:wrap conversation:70:wrap "
            "opened:19:time deadline:19:time answered:19:time waited_s:9:number late_s:9:number confidence:8:number "
            "cite:24:wrap policy:18 source_rows:26:wrap"
        )
        rows = (self._finding(f, talks, f.id in silenced) for f in findings)
        self._table("违规明细", columns, rows, len(findings), height=96)

    def _finding(self, f: Finding, talks: Conversations, silenced: bool) -> list[Any]:
        t, evidence = self.t, talks.evidence(f)
        marks = [t["provoked"]] if f.provoked else []
        marks += [t[m] for m in (self.result.status.get(f.id, ""),) if m in t]
        marks += [t["silenced"]] if silenced else []
        opened, deadline, closed = moment(f.opened_at), moment(f.deadline), moment(f.closed_at)
        late = (closed - deadline).total_seconds() if closed and deadline else None
        lines = talks.lines(f, t)
        return [
            f.id,
            f.rule,
            f.title,
            f.severity,
            t.get(f.state, f.state),
            "、".join(marks),
            self._platform(f.platform),
            f.shop,
            f.agent or t["unassigned"],
            self.masker.buyer(f.buyer),
            moment(f.at),
            f.points,
            self.masker.text(f.reason, f.buyer),
            "\n".join(e["q"] for e in evidence if e["k"] < 2),
            "\n".join(f"{e['q']} → {e['d']} {e['by']}".strip() for e in evidence if e.get("d")),
            "\n".join(f"{'▶' if hit else '　'} {line}" for hit, line in lines),
            opened,
            deadline,
            closed,
            f.latency_s,
            late if late is not None and late > 0 else None,
            f.confidence,
            f.cite,
            f"{f.policy} {f.policy_version}".strip(),
            "\n".join(dict.fromkeys(e["src"] for e in evidence)),
        ]

    def _sessions(self) -> None:
        frame = self.result.sessions
        columns = self._columns(
            "platform:8 shop:18 buyer:10 started:19:time ended:19:time messages:8:number buyer_messages:10:number "
            "human_messages:10:number agents:30 first_response_s:12:number findings:9:number"
        )
        rows = (
            [
                self._platform(r["platform"]),
                r["shop"],
                self.masker.buyer(r["buyer"]),
                moment(r["started_at"]),
                moment(r["ended_at"]),
                r["messages"],
                r["buyer_messages"],
                r["human_messages"],
                "、".join(r["agents"]),
                r["first_response_s"],
                r["findings"],
            ]
            for r in records(frame)
        )
        self._table("会话", columns, rows, len(frame))

    def _coverage(self) -> None:
        t, cover = self.t, self.result.coverage
        sheet = self.book.add_worksheet("覆盖")
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, 6, 20)
        sheet.freeze_panes(1, 0)
        self._put(sheet, 0, 0, t["coverage"], "title")
        files = [{"file": f.path, **{k: getattr(f, k) for k in _FILE_KEYS}} for f in cover.files]
        blocks: list[tuple[str, list[dict[str, Any]], tuple[str, ...]]] = [
            ("notes", [{"notes": n} for n in cover.notes], ("notes",)),
            ("counts", [{"unit": t.get(f"c_{k}", k), "count": n} for k, n in cover.counts.items()], ("unit", "count")),
            ("not_checkable", cover.not_checkable, ("rule", "title", "platform", "reason", "count", "unit")),
            ("disabled", cover.disabled, ("rule", "policy", "reason")),
            ("files", files, ("file", *_FILE_KEYS)),
            ("bad_rows", cover.bad_rows, ("file", "row", "column", "reason")),
            ("policies", cover.policies, ("platform", "policy", "version", "messages", "fallback")),
            ("as_of", cover.as_of, ("platform", "shop", "as_of", "given")),
            ("inferred_auto", cover.inferred_auto, ("platform", "shop", "agent", "text", "sessions")),
            ("ignore_list", cover.silenced, ("id", "reason", "by", "date", "until", "matched", "expired")),
            ("baseline", [{"mark": t.get(k, k), "count": n} for k, n in cover.baseline.items()], ("mark", "count")),
            ("pending", [cover.pending] if cover.pending.get("count") else [], ("count", "settled_by")),
        ]
        row = 2
        for name, rows, keys in blocks:
            if not rows:
                continue
            self._put(sheet, row, 0, t[name], "section")
            for i, key in enumerate(keys):
                self._put(
                    sheet,
                    row + 1,
                    i,
                    t["until"] if key == "settled_by" else t["rule_title"] if key == "title" else t[key],
                    "head",
                )
            for r, values in enumerate(rows):
                for i, key in enumerate(keys):
                    value = plain(values.get(key))
                    if isinstance(value, str):
                        value = t.get(f"u_{value}", value) if key == "unit" else self.masker.text(value)
                    self._put(sheet, row + 2 + r, i, value, "number" if isinstance(value, (int, float)) else "text")
            row += len(rows) + 3


def moment(iso: str | None) -> datetime | None:
    """An ISO time as the shop's wall time; None where there is none."""
    return datetime.fromisoformat(iso[:19]) if iso else None
