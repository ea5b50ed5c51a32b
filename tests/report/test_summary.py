from __future__ import annotations

from dataclasses import replace

from audit.report import summary
from audit.report.labels import duration

from .factory import make_result


def test_totals_leave_out_notices_suspected_pending_and_silenced() -> None:
    result = make_result(60)
    total = summary.totals(result)
    scored = [f for f in result.findings if f.state == "violation"]
    assert total.violations == sum(f.severity != "info" for f in scored) > 0
    assert total.by_severity["info"] == sum(f.severity == "info" for f in scored) > 0
    assert total.pending == sum(f.state == "pending" for f in result.findings) > 0
    assert total.suspected == sum(f.state == "suspected" for f in result.findings) > 0
    severe = next(f for f in scored if f.severity == "severe")
    result.coverage.silenced.append({"id": severe.id, "matched": True})
    after = summary.totals(result)
    assert (after.violations, after.silenced) == (total.violations - 1, 1)
    assert after.points == total.points - severe.points
    assert summary.gravest(result.findings, {severe.id})[-1].id == severe.id


def test_heat_map_by_day_then_by_weekday() -> None:
    result = make_result(60)
    heat = summary.heat(result)
    assert heat["weekday"] is False
    assert heat["rows"][0] == "2026-03-02"
    assert sum(n for _, _, n in heat["cells"]) == summary.totals(result).violations
    first = next(f for f in result.findings if f.state == "violation" and f.severity != "info")
    day, hour = (first.at or "")[:10], int((first.at or "")[11:13])
    assert [n for h, r, n in heat["cells"] if h == hour and heat["rows"][r] == day]
    result.findings.append(replace(first, id="late", at="2026-04-06T09:00:00+08:00"))
    weekly = summary.heat(result)
    assert weekly["weekday"] is True
    assert [9, 0] in [c[:2] for c in weekly["cells"]]
    assert weekly["rows"][0] == "周一"


def test_warnings_are_empty_only_for_a_complete_run() -> None:
    cover = make_result(5).coverage
    assert len(summary.warnings(cover)) == len(summary.warnings(cover, "en")) == 4
    cover.counts["untimed"] = 12
    assert "12 条消息没有时间，没有检查时效" in summary.warnings(cover)
    cover.policies[0]["fallback"] = True
    assert [w for w in summary.remarks(cover) if w.startswith("1 条规则已停用：DST005")]
    assert "淘宝 没有专门的规则包，按基础规则检查" in summary.warnings(cover)


def test_durations() -> None:
    assert duration(252) == "4 分 12 秒"
    assert duration(0) == "0 秒"
    assert duration(90061) == "1 天 1 小时 1 分"
    assert duration(None) == duration(float("nan")) == ""
    assert duration(3600, "en") == "1 h"
