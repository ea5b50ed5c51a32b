"""Coverage: what was read, what was not, and what could not be checked."""

from __future__ import annotations

from typing import Any

from audit.engine.findings import iso
from audit.engine.intake import Intake
from audit.engine.part import Facts, Part
from audit.engine.result import Coverage, Finding
from audit.policy.shop import Profiles, profile_for
from audit.rules.model import all_rules

#: what a rule may need → how a person would say that it is missing
REASONS = {
    "times": "没有时间，无法计时",
    "event:rejected": "导出里没有拒收事件",
    "event:member_push": "导出里没有专属客服推送事件",
    "event:transfer": "导出里没有转接事件",
    "event:blocked": "导出里没有拉黑事件",
    "model:agent-act": "没有使用话语模型（--no-models，或没有安装 models/agent-act）",
    "profile:steps": "店铺档案 shop.yaml 没有写标准流程（steps）",
    "profile:tiers": "店铺档案没有写客服等级与权限（tiers，agents.csv 的 tier）",
    "profile:redo_promise": "店铺档案没有写重做承诺（redo_promise）",
}


def coverage_of(
    parts: list[Part],
    findings: list[Finding],
    intake: Intake,
    moments: tuple[tuple[str, str, int], ...],
    given_as_of: bool,
    profiles: Profiles,
) -> Coverage:
    """Coverage of all parts together."""
    counts: dict[str, int] = {}
    for part in parts:
        for name, value in part.counts.items():
            counts[name] = counts.get(name, 0) + value
    facts = [f for part in parts for f in part.facts]
    return Coverage(
        files=intake.files,
        bad_rows=intake.bad_rows,
        counts={
            "files": len(intake.files),
            "rows_read": intake.rows,
            "bad_rows": intake.bad_row_count,
            **counts,
        },
        as_of=[{"platform": p, "shop": s, "as_of": iso(t), "given": given_as_of} for p, s, t in moments],
        policies=_policies(parts),
        not_checkable=not_checkable(facts, profiles),
        disabled=_distinct([row for part in parts for row in part.disabled]),
        pending=_pending(findings),
        inferred_auto=_inferred(parts),
        notes=_notes(intake, counts, parts, profiles, facts),
    )


def not_checkable(facts: list[Facts], profiles: Profiles) -> list[dict[str, Any]]:
    """Rules that could not be checked, or not everywhere: rule … reason, and `count` of `total` units of a platform."""
    rules = all_rules()
    out = []
    for platform in sorted({f.platform for f in facts}):
        mine = [f for f in facts if f.platform == platform]
        events = frozenset().union(*(f.events for f in mine))
        models = frozenset().union(*(f.models for f in mine))
        sessions, untimed = sum(f.sessions for f in mine), sum(f.untimed_sessions for f in mine)
        owners = [profile_for(profiles, p, s) for p, s in sorted(frozenset().union(*(f.shops for f in mine)))]
        for code in sorted({c for f in mine for c in f.rules}):
            rule = rules[code]
            for need in rule.needs:
                kind, _, name = need.partition(":")
                unit, count, total = "sessions", 0, sessions
                if need == "times":
                    count = untimed
                elif (kind == "event" and name not in events) or (kind == "model" and name not in models):
                    count = sessions
                elif kind == "profile":
                    unit, total = "shops", len(owners)
                    count = sum(1 for o in owners if o is None or not getattr(o, name))
                if count:
                    out.append(
                        {
                            "rule": code, "name": rule.name, "title": rule.title, "platform": platform,
                            "reason": REASONS.get(need, f"缺少 {need}"), "unit": unit, "count": count,
                            "total": total,
                        }
                    )  # fmt: skip
    return out


def _inferred(parts: list[Part]) -> list[dict[str, Any]]:
    """Texts that were taken for automatic: platform, shop, agent, text, sessions."""
    rows = [{str(k): v for k, v in r.items()} for p in parts for r in p.inferred.to_dict("records")]
    return sorted(rows, key=lambda r: (r["platform"], r["shop"], r["agent"], r["text"]))


def _policies(parts: list[Part]) -> list[dict[str, Any]]:
    """One row per platform and policy, their messages added."""
    total: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in (r for part in parts for r in part.policies):
        key = (row["platform"], row["policy"], row["version"], row["fallback"])
        if key in total:
            total[key]["messages"] += row["messages"]
        else:
            total[key] = dict(row)
    return [total[k] for k in sorted(total)]


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_content = {tuple(sorted(r.items())): r for r in rows}
    return [by_content[k] for k in sorted(by_content)]


def _pending(findings: list[Finding]) -> dict[str, Any]:
    """How many findings and waits are pending only because of as-of, and which moment would settle them all."""
    open_ = [f for f in findings if f.state == "pending"]
    deadlines = [f.deadline for f in open_ if f.deadline]
    return {
        "count": len(open_),
        "waits": len({f.group or f.id for f in open_}),
        "settled_by": max(deadlines) if deadlines else None,
    }


def _notes(
    intake: Intake, counts: dict[str, int], parts: list[Part], profiles: Profiles, facts: list[Facts]
) -> list[str]:
    notes = list(intake.notes)
    refused = [f for f in intake.files if f.refused]
    if refused:
        more = " 等" if len(refused) > 5 else ""
        notes.append(f"{len(refused)} 个文件没有读：{'、'.join(f.path for f in refused[:5])}{more}")
    empty = [f.path for f in intake.files if not f.refused and not f.rows]
    if empty:
        notes.append(f"{len(empty)} 个文件里没有消息：{'、'.join(empty[:5])}{' 等' if len(empty) > 5 else ''}")
    if intake.bad_row_count:
        notes.append(f"{intake.bad_row_count} 行读不懂，已跳过并列出行号")
    if counts.get("duplicates", 0):
        notes.append(f"{counts['duplicates']} 条消息在几份导出里重复，只算一次")
    if counts.get("masked_conversations", 0):
        notes.append(f"{counts['masked_conversations']} 段对话的买家昵称被打码，只能在各自会话内识别")
    if counts.get("untimed", 0):
        notes.append(f"{counts['untimed']} 条消息没有时间，只做文本检查，响应时限无法检查")
    if counts.get("minute_times", 0):
        notes.append(f"{counts['minute_times']} 条消息的时间只到分钟，超时按最有利于客服的方式判断")
    if counts.get("further_places", 0):
        notes.append(f"有消息被同一条规则命中上百处，只列出前 100 处，其余 {counts['further_places']} 处没有单列")
    fallback = sorted({p["platform"] for part in parts for p in part.policies if p["fallback"]})
    if fallback:
        notes.append(f"平台 {'、'.join(fallback)} 没有专门的规则包，使用 base")
    shops = {name for f in facts for name in f.shops}
    idle = [key for key in profiles if all(profile_for({key: profiles[key]}, p, s) is None for p, s in shops)]
    if idle:
        notes.append(f"店铺档案 {'、'.join('/'.join(k) for k in idle)} 没有对应的聊天，请核对 shop.yaml 里的店名和平台")
    return notes
