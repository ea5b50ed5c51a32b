"""Strict loading of policy packs: every problem of every file at once, with its line and column."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from audit.errors import UserError, did_you_mean
from audit.policy import nodes
from audit.policy.model import (
    CLOCKS,
    DEFAULT_POINTS,
    PER,
    PER_OF_UNIT,
    ROBOT_RECEPTIONS,
    Cite,
    Clause,
    Policy,
)
from audit.policy.nodes import Node, Problems
from audit.policy.options import read_options
from audit.rules.model import SEVERITIES, Rule, all_rules
from audit.schema import PLATFORMS

PACKS = Path(__file__).resolve().parent / "packs"
FALLBACK = "base"
NOT_NAMED = "策略包没有列入此规则"
_CITE_KEYS = ("title", "source", "effective", "read", "text")
_CLAUSE_KEYS = ("rule", "severity", "points", "per", "cap", "options", "effective", "cite", "provoked", "disable")
#: Rules that can only fire where closing words need a reply.
_CLOSER_RULES = ("RSP005", "RSP006")


def _points(node: Node, problems: Problems, what: str) -> dict[str, float]:
    out: dict[str, float] = {}
    for severity, value in nodes.mapping(node, problems, what, SEVERITIES).items():
        figure = nodes.number(value, problems, f"{what}.{severity}")
        if severity == "info" and figure:
            problems.add(value, "a notice (info) is never scored", "leave it 0")
        elif figure is not None:
            out[severity] = figure
    return out


def _positive(node: Node, problems: Problems, what: str) -> float | None:
    value = nodes.number(node, problems, what)
    if value == 0:
        problems.add(node, f"{what} must be more than 0 seconds")
    return value or None


#: Pack-level settings and how their values are read; the defaults are Policy's.
SETTINGS: dict[str, Callable[[Node, Problems, str], Any]] = {
    "timezone": nodes.timezone,
    "session_gap": _positive,
    "service_hours": nodes.hours,
    "clock": lambda n, p, w: nodes.one_of(n, p, w, CLOCKS),
    "robot_reception": lambda n, p, w: nodes.one_of(n, p, w, ROBOT_RECEPTIONS),
    "closers_need_reply": nodes.boolean,
    "points": _points,
}
_TOP_KEYS = ("policy", "extends", "title", "version", "platform", "cites", "clauses", *SETTINGS)


@dataclass
class _Draft:
    """A clause on its way through the chain of packs: the fields that were named so far."""

    node: Node
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def effective(self) -> tuple[date | None, date | None]:
        start, end = self.fields.get("effective", (None, None))
        return start, end

    def over(self, parent: _Draft | None) -> _Draft:
        """The draft on top of its parent's: named fields win, options by name; naming a rule turns it on."""
        below = dict(parent.fields) if parent else {}
        below.pop("disable", None)
        merged = {**below, **self.fields}
        if "options" in below and "options" in self.fields:
            merged["options"] = {**below["options"], **self.fields["options"]}
        return _Draft(self.node, merged)


def pack_names() -> list[str]:
    """Names of the shipped packs, base first."""
    names = sorted(p.stem for p in PACKS.glob("*.yaml"))
    return sorted(names, key=lambda n: (n != FALLBACK, n))


def load(name_or_path: str | os.PathLike[str], rules: Mapping[str, Rule] | None = None) -> Policy:
    """The policy of a shipped pack's name or a file's path.

    rules : rule code → Rule (default: every rule of audit/rules). Raises one UserError (nodes.FileProblems) with all
    problems of the file and of the packs it extends.
    """
    known = all_rules() if rules is None else rules
    problems = Problems()
    chain = _chain(*_locate(os.fspath(name_or_path)), problems)
    settings: dict[str, Any] = {"points": dict(DEFAULT_POINTS)}
    cites: dict[str, Cite] = {}
    drafts: dict[str, list[_Draft]] = {}
    setting_nodes: dict[str, Node] = {}
    for _, top in reversed(chain):
        for key in ("policy", "title", "version", "platform", *SETTINGS):
            if key not in top:
                continue
            value = _setting(key, top[key], problems)
            if key == "points":
                settings["points"].update(value)
            elif value is not None:
                settings[key], setting_nodes[key] = value, top[key]
        if "cites" in top:
            for id_, node in nodes.mapping(top["cites"], problems, "cites").items():
                cites[id_] = _cite(node, id_, problems)
        if "clauses" in top:
            _merge(drafts, _clauses(top["clauses"], known, cites, problems))
    _closers(drafts, settings, setting_nodes, problems)
    problems.check()
    clauses = tuple(
        clause
        for code in sorted(known)
        for clause in sorted(
            (
                _clause(known[code], d)
                for d in drafts.get(code, [_Draft(chain[0][1]["policy"], {"disable": NOT_NAMED})])
            ),
            key=lambda c: c.effective[0] or date.min,
        )
    )
    policy = Policy(
        name=settings.pop("policy"),
        clauses=tuple(clauses),
        source_files=tuple(path.name for path, _ in chain),
        **settings | {"version": ""},
    )
    return dataclasses.replace(policy, version=f"{settings.get('version', '0')}+{_fingerprint(policy)}")


def load_auto(platform: str, rules: Mapping[str, Rule] | None = None) -> tuple[Policy, bool]:
    """The pack of a platform and whether base had to stand in, since the platform has none of its own."""
    own = platform in PLATFORMS and platform != FALLBACK and os.path.isfile(PACKS / f"{platform}.yaml")
    return load(platform if own else FALLBACK, rules), not own


def _locate(name: str) -> tuple[Path, str]:
    """A pack's name or a path → the file, and how problems show it."""
    if os.path.isfile(PACKS / f"{name}.yaml") and not any(c in name for c in "/\\."):
        return PACKS / f"{name}.yaml", f"packs/{name}.yaml"
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or os.path.isfile(path):
        if not os.path.isfile(path):
            raise UserError(
                f"there is no policy file {name}", fix="name an existing file, or one of `audit policy list`"
            )
        return path, name
    raise UserError(f"there is no policy {name!r}", fix=did_you_mean(name, pack_names()))


def _chain(path: Path, shown: str, problems: Problems) -> list[tuple[Path, dict[str, Node]]]:
    """The file and its ancestors, the nearest first. What cannot be read at all ends it at once."""
    chain: list[tuple[Path, dict[str, Node]]] = []
    seen: dict[Path, str] = {}
    while True:
        seen[path.resolve()] = shown
        root = nodes.read(path, shown)
        top = nodes.mapping(root, problems, "the policy", _TOP_KEYS)
        if "policy" not in top:
            problems.add(root, "the policy has no name", "add `policy: NAME`")
        chain.append((path, top))
        if "extends" not in top:
            return chain
        node = top["extends"]
        parent = nodes.text(node, problems, "extends")
        if not parent:
            return chain
        try:
            beside = path.parent / parent
            path, shown = _locate(str(beside) if os.path.isfile(beside) else parent)
        except UserError as error:
            problems.add(node, f"extends: {error.what}", error.fix)
            return chain
        if path.resolve() in seen:
            problems.add(node, f"extends goes in a circle: {' → '.join([*seen.values(), shown])}")
            return chain


def _setting(key: str, node: Node, problems: Problems) -> Any:
    if key == "platform":
        return nodes.one_of(node, problems, key, PLATFORMS)
    if key in SETTINGS:
        return SETTINGS[key](node, problems, key)
    return nodes.text(node, problems, key) or None


def _cite(node: Node, id_: str, problems: Problems) -> Cite:
    """A citation; it must say at least where it comes from."""
    given = nodes.mapping(node, problems, f"cite {id_}".rstrip(), _CITE_KEYS)
    if node.kind == "mapping" and not {"source", "title", "text"} & set(given):
        problems.add(node, "a citation needs at least one of title, source, text")
    values: dict[str, str] = {}
    for key, value in given.items():
        if key in ("effective", "read"):
            values[key] = str(nodes.day(value, problems, f"cite.{key}") or "")
        else:
            values[key] = nodes.text(value, problems, f"cite.{key}")
    return Cite(id=id_, **values)


def _clauses(
    node: Node, rules: Mapping[str, Rule], cites: Mapping[str, Cite], problems: Problems
) -> dict[str, list[_Draft]]:
    """The clauses of one file by rule code; overlapping dates of one rule are problems."""
    by_name = {r.name: code for code, r in rules.items()}
    out: dict[str, list[_Draft]] = {}
    for entry in nodes.items(node, problems, "clauses"):
        if entry.kind != "mapping":
            problems.add(entry, "a clause must be a mapping", "write `- {rule: CODE}`")
            continue
        given = nodes.mapping(entry, problems, "a clause", _CLAUSE_KEYS)
        if "rule" not in given:
            problems.add(entry, "the clause names no rule", "add `rule: CODE`")
            continue
        name = nodes.text(given["rule"], problems, "rule")
        code = name.upper() if name.upper() in rules else by_name.get(name.lower())
        if code is None:
            if name:
                problems.add(given["rule"], f"there is no rule {name!r}", did_you_mean(name, [*rules, *by_name]))
            continue
        draft = _Draft(entry, _fields(given, rules[code], cites, problems))
        for other in out.get(code, []):
            if _overlap(draft.effective, other.effective):
                hint = "give each its own effective dates"
                problems.add(
                    entry, f"{code} has two clauses for the same days (the other on line {other.node.line})", hint
                )
                break
        out.setdefault(code, []).append(draft)
    return out


def _fields(given: dict[str, Node], rule: Rule, cites: Mapping[str, Cite], problems: Problems) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if "disable" in given:
        for key in set(given) - {"rule", "disable"}:
            problems.add(given[key], f"a disabled clause cannot also set {key}", "keep `rule` and `disable` only")
        out["disable"] = nodes.text(given["disable"], problems, "disable (the reason)")
        return out
    for key in ("severity", "provoked"):
        if key in given:
            out[key] = nodes.one_of(given[key], problems, key, SEVERITIES)
    if "points" in given:
        out["points"] = nodes.number(given["points"], problems, "points")
    if "per" in given:
        out["per"] = nodes.one_of(given["per"], problems, "per", PER)
    if "cap" in given:
        out["cap"] = None if given["cap"].is_null else nodes.number(given["cap"], problems, "cap")
    if "options" in given:
        out["options"] = read_options(given["options"], rule, problems)
    if "effective" in given:
        out["effective"] = nodes.day_range(given["effective"], problems, "effective") or (None, None)
    if "cite" in given:
        node = given["cite"]
        if node.kind == "scalar":
            if node.value not in cites:
                problems.add(node, f"there is no citation {node.value!r} under cites", did_you_mean(node.value, cites))
            out["cite"] = cites.get(node.value, Cite())
        else:
            out["cite"] = _cite(node, "", problems)
    return out


def _merge(drafts: dict[str, list[_Draft]], own: dict[str, list[_Draft]]) -> None:
    """Put a file's clauses over its parent's.

    A clause without dates changes every clause that the parent has for the rule. Clauses with dates replace the
    parent's dates; each inherits the other fields from the parent's clause that holds on its first day, else the last.
    """
    for code, children in own.items():
        parents = drafts.get(code, [])
        if len(children) == 1 and "effective" not in children[0].fields:
            child = children[0]
            if "disable" in child.fields or not parents:
                drafts[code] = [child]
            else:
                drafts[code] = [child.over(p) for p in parents]
        else:
            drafts[code] = [c.over(_parent_of(c, parents)) for c in children]


def _parent_of(child: _Draft, parents: list[_Draft]) -> _Draft | None:
    first = child.effective[0]
    for parent in parents:
        start, end = parent.effective
        if first is not None and (start is None or start <= first) and (end is None or first <= end):
            return parent
    return parents[-1] if parents else None


def _overlap(a: tuple[date | None, date | None], b: tuple[date | None, date | None]) -> bool:
    (a0, a1), (b0, b1) = a, b
    return (a0 or date.min) <= (b1 or date.max) and (b0 or date.min) <= (a1 or date.max)


def _closers(
    drafts: dict[str, list[_Draft]], settings: dict[str, Any], places: dict[str, Node], problems: Problems
) -> None:
    """Refuse a policy whose closer rules look switched on but could never fire."""
    if settings.get("closers_need_reply", Policy.closers_need_reply):
        return
    for code in _CLOSER_RULES:
        for draft in drafts.get(code, []):
            if "disable" not in draft.fields:
                place = places.get("closers_need_reply", draft.node)
                problems.add(draft.node, f"{code} is on, but closers_need_reply is false ({place.file}:{place.line}): "
                             "it could never fire", "set closers_need_reply: true, or disable the rule")  # fmt: skip


def _clause(rule: Rule, draft: _Draft) -> Clause:
    fields = draft.fields
    return Clause(
        rule=rule.code,
        severity=fields.get("severity") or rule.severity,
        points=fields.get("points"),
        per=fields.get("per") or PER_OF_UNIT[rule.unit],
        cap=fields.get("cap"),
        options=fields.get("options", {}),
        effective=draft.effective,
        cite=fields.get("cite") or Cite(text=rule.cite),
        provoked=fields.get("provoked") or "",
        disabled=fields.get("disable", ""),
    )


def _fingerprint(policy: Policy) -> str:
    """Eight hex digits of what the policy resolves to: the same on every system, whatever the files' line ends."""
    plain = dataclasses.asdict(policy)
    del plain["source_files"], plain["version"]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:8]
