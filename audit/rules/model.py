"""A rule: one function over columns, found in its own file, with its meaning, options and examples beside it."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from audit.errors import UserError, did_you_mean

SEVERITIES = ("severe", "major", "minor", "info")
UNITS = ("message", "wait", "session", "run")
GROUPS = {
    "response": "响应",
    "perfunctory": "敷衍",
    "attitude": "态度",
    "review": "评价",
    "disturbance": "打扰",
    "conduct": "引流/承诺",
    "process": "流程",
    "satisfaction": "满意度",
}


@dataclass(frozen=True)
class Option:
    """A keyword-only argument of a check: the policy loader reads it, there is no second list."""

    name: str
    type: Any
    default: Any


@dataclass(frozen=True)
class Rule:
    """One rule as its file declares it."""

    code: str  # "ATT001"
    name: str  # "attitude.insult"
    title: str  # "辱骂"
    unit: str  # what a finding of it is about: UNITS
    severity: str
    needs: tuple[str, ...]  # "times", "lexicon:insult", "event:rejected", "profile:tier" …
    topic: str  # training topic: 规则 / 工作台 / 商品 / 话术
    cite: str  # source of the rule
    check: Callable[..., Any] = field(repr=False)
    module: str = ""

    @property
    def group(self) -> str:
        """The family, the first part of the dotted name."""
        return self.name.split(".")[0]

    @property
    def doc(self) -> str:
        """The check's docstring: why · what does not count · known false alarms · options · source."""
        return inspect.getdoc(self.check) or ""

    @functools.cached_property
    def options(self) -> dict[str, Option]:
        """Options by name, from the check's signature."""
        hints = get_type_hints(self.check)
        return {
            p.name: Option(p.name, hints.get(p.name, Any), p.default)
            for p in inspect.signature(self.check).parameters.values()
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        }

    @property
    def examples(self) -> str:
        """The EXAMPLES text of the rule's file."""
        return str(getattr(importlib.import_module(self.module), "EXAMPLES", ""))


def rule(
    code: str,
    name: str,
    title: str,
    *,
    unit: str,
    severity: str,
    cite: str,
    topic: str = "话术",
    needs: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Rule]:
    """Declare a check as a rule: the decorated name becomes the Rule itself."""
    if severity not in SEVERITIES or unit not in UNITS or name.split(".")[0] not in GROUPS:
        raise AssertionError(f"{code}: unknown severity, unit or group")

    def wrap(check: Callable[..., Any]) -> Rule:
        return Rule(code, name, title, unit, severity, needs, topic, cite, check, check.__module__)

    return wrap


@functools.cache
def all_rules() -> dict[str, Rule]:
    """Every rule by code, in code order: each module of audit/rules/<group>/ that defines a `check`."""
    import audit.rules as package

    found: dict[str, Rule] = {}
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if info.ispkg or info.name.count(".") < 3:
            continue
        declared = getattr(importlib.import_module(info.name), "check", None)
        if isinstance(declared, Rule):
            if declared.code in found:
                raise AssertionError(f"{declared.code} is declared twice: {found[declared.code].module}, {info.name}")
            found[declared.code] = declared
    return dict(sorted(found.items()))


def find_rule(name: str) -> Rule:
    """The rule of a code or dotted name. Raises UserError with a suggestion."""
    rules = all_rules()
    by_name = {r.name: r for r in rules.values()}
    known = rules.get(name.upper()) or by_name.get(name.lower())
    if known is None:
        raise UserError(f"there is no rule {name!r}", fix=did_you_mean(name, [*rules, *by_name]))
    return known
