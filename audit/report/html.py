"""report.html: one file that works offline; chat text reaches the page only as JSON data and DOM text."""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from audit.engine.result import AuditResult, Finding
from audit.report import summary
from audit.report.conversations import Conversations, Table
from audit.report.jsonl import plain, records
from audit.report.labels import duration, labels
from audit.report.masking import Masker, printable


def write(
    result: AuditResult,
    path: str | os.PathLike[str],
    lang: str = "zh",
    show_pii: bool = False,
    limit: int = 10_000,
    scope: str = "",
) -> Path:
    """Write the report page to `path`; its folder is made where it is missing.

    `lang` ("zh" or "en") settles the page's own labels; what the rules say stays Chinese. With `show_pii` phones,
    addresses, ids and buyers' names stand in clear. The page holds the `limit` gravest findings and says how many it
    leaves out. `scope` is the name of the agent whom the page is about, "" for the whole shop.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="\n") as f:
        f.write(page(result, lang, show_pii, limit, scope))
    return target


def page(result: AuditResult, lang: str, show_pii: bool, limit: int, scope: str) -> str:
    """The page as text."""
    from markupsafe import Markup

    text = labels(lang)
    masker = Masker(show_pii)
    silenced = summary.silenced_ids(result.coverage)
    shown = summary.gravest(result.findings, silenced, limit)
    heat = summary.heat(result, lang)
    rules = summary.by_rule(result)
    data = {
        "labels": text,
        "lang": lang,
        **_payload(result, shown, masker, silenced, lang),
        "charts": {"rules": rules, "heat": heat},
    }
    script, style, charts = static("report.js"), static("report.css"), static("echarts.min.js")
    first, last = summary.period(result)
    content: str = template("report.html").render(
        t=text,
        lang="zh-CN" if lang == "zh" else lang,
        scope=printable(scope),
        csp=content_policy([charts, script], [style]),
        style=Markup(style),
        charts=Markup(charts),
        script=Markup(script),
        data=Markup(embed(data)),
        totals=summary.totals(result),
        counts=result.coverage.counts,
        agents=[_agent_row(r, lang) for r in summary.ranked_agents(result)],
        agent_total=int((result.agents["agent"] != "").sum()) if len(result.agents) else 0,
        warnings=[masker.text(w) for w in summary.warnings(result.coverage, lang)],
        remarks=[masker.text(w) for w in summary.remarks(result.coverage, lang)],
        unchecked=summary.unchecked(result.coverage)[0],
        rules=rules,
        heat=heat,
        hot=_hot_words(result, masker),
        coverage=_coverage(result, masker),
        shops=sorted({printable(str(s)) for s in result.agents["shop"]} - {""}) if len(result.agents) else [],
        first=first,
        last=last,
        as_of=summary.moment(summary.as_of(result)),
        moment=summary.moment,
        shown=len(shown),
        total=len(result.findings),
        show_pii=show_pii,
        sections=result.sections,
    )
    return content


def embed(data: dict[str, Any]) -> str:
    """JSON that is safe inside a script element: no `<`, `>`, `&` and no line separators of JavaScript."""
    out = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY).decode("utf-8")
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        out = out.replace(character, f"\\u{ord(character):04x}")
    return out


@functools.cache
def static(name: str) -> str:
    """A script or style of audit/report/static, with Unix line ends: its hash stands in the page's policy."""
    text = files("audit.report").joinpath("static", name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")


@functools.cache
def template(name: str) -> Any:
    """A page of audit/report/templates; all values are escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("audit.report", "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(name)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def content_policy(scripts: list[str], styles: list[str]) -> str:
    """A content security policy that admits exactly these inline scripts and styles."""
    parts = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "img-src data:"]
    if scripts:
        parts.append("script-src " + " ".join(map(_hash, scripts)))
    parts.append("style-src " + " ".join(map(_hash, styles)))
    return "; ".join(parts)


def _agent_row(row: dict[str, Any], lang: str) -> dict[str, Any]:
    row = {k: printable(v) if isinstance(v, str) else v for k, v in plain(row).items()}
    return {
        **row,
        "key": agent_key(row["platform"], row["shop"], row["agent"]),
        "label": summary.agent_label(row, lang),
        "first_response": duration(row.get("first_response_median_s"), lang),
        "mean_response": duration(row.get("response_mean_s"), lang),
    }


def agent_key(platform: str, shop: str, agent: str | None) -> str:
    """What ties a row of the agents' table to its findings inside the page; opaque."""
    return hashlib.blake2b(
        "\0".join((platform, shop, agent or "")).encode("utf-8", "replace"), digest_size=6
    ).hexdigest()


def _hot_words(result: AuditResult, masker: Masker) -> list[tuple[str, int]]:
    if not result.complaints:
        return []
    from audit.report.words import hot_words

    return [(masker.text(w), n) for w, n in hot_words(result.complaints)]


def _coverage(result: AuditResult, masker: Masker) -> dict[str, Any]:
    def shown(value: Any) -> Any:
        if isinstance(value, str):
            return masker.text(value)
        if isinstance(value, dict):
            return {k: shown(v) for k, v in value.items()}
        return [shown(v) for v in value] if isinstance(value, list) else value

    cover = result.coverage
    return {
        "files": [
            {
                "path": masker.text(f.path),
                "format": f.format,
                "encoding": f.encoding,
                "rows": f.rows,
                "bad_rows": f.bad_rows,
                "refused": masker.text(f.refused),
            }
            for f in cover.files
        ],
        **{
            name: shown(plain(getattr(cover, name)))
            for name in (
                "bad_rows", "counts", "as_of", "policies", "not_checkable", "disabled", "pending", "inferred_auto",
                "silenced", "baseline", "notes",
            )
        },
    }  # fmt: skip


def _payload(
    result: AuditResult, shown: list[Finding], masker: Masker, silenced: set[str], lang: str
) -> dict[str, Any]:
    """Findings, their conversations and the tables that they point into, as plain lists."""
    agents, rules, shops, names = Table(), Table(), Table(), Table()
    conversations = Conversations(result.excerpts, shown, masker, names)
    people = {(r["platform"], r["shop"], r["agent"]): r for r in records(result.agents)}
    groups: dict[str, list[str]] = {}
    for f in shown:
        if f.group:
            groups.setdefault(f.group, []).append(f.id)
    rows = []
    for f in shown:
        place = agent_key(f.platform, f.shop, f.agent)
        person = people.get((f.platform, f.shop, f.agent or ""), {"agent": f.agent, "name": ""})
        told = result.rules.get(f.rule, {})
        rule = {
            "code": f.rule,
            "title": printable(f.title),
            "why": printable(str(told.get("why") or "")),
            "group": f.name.split(".")[0],
        }
        rows.append(
            {
                "id": f.id,
                "r": rules.place(f.rule, rule),
                "a": agents.place(place, {"key": place, "label": printable(summary.agent_label(person, lang))}),
                "s": f.severity,
                "st": f.state,
                "at": summary.moment(f.at),
                "p": f.platform,
                "sh": shops.place(f.shop, printable(f.shop)),
                "b": masker.buyer(f.buyer),
                "c": conversations.place(f.session),
                "e": conversations.evidence(f),
                "o": summary.moment(f.opened_at),
                "d": summary.moment(f.deadline),
                "cl": summary.moment(f.closed_at),
                "l": f.latency_s,
                "w": masker.text(f.reason, f.buyer),
                "cf": f.confidence,
                "pt": f.points,
                "pv": f.provoked,
                "by": f.decided_by,
                "po": f"{f.policy} {f.policy_version}".strip(),
                "ci": printable(f.cite),
                "m": result.status.get(f.id, ""),
                "x": f.id in silenced,
                "g": [i for i in groups.get(f.group or "", []) if i != f.id],
            }
        )
    return {
        "findings": rows,
        "agents": agents.values,
        "rules": rules.values,
        "shops": shops.values,
        "names": names.values,
        "conversations": conversations.lists,
    }
