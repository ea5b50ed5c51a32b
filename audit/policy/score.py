"""Points: what each violation costs its agent under a policy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.policy.model import Policy
from audit.rules.model import SEVERITIES
from audit.schema import SchemaError

#: Columns that `score` reads; platform, shop and provoked too where they are there.
NEEDS = ("rule", "severity", "state", "group", "at", "session_key", "agent", "message", "id")
_GRAVITY = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def score(findings: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Findings with their `points` (float64), in the order and with the index that they came in.

    Steps, each over columns: (1) a violation costs its clause's points, a notice (info) and any other state nothing;
    where the buyer insulted first (`provoked`) and the clause says so, the severity is lowered before; (2) of the
    findings of one `group` only the dearest counts (ties: gravest severity, then lowest rule code); (3) a rule counts
    once per message, wait, session or day of an agent, as its clause says; (4) a rule costs an agent at most `cap` on
    one day, earliest findings first. The result does not depend on the order of the rows.
    Raises SchemaError where a column is missing, or a finding's rule is off or has no clause on its day.

    findings : one row per finding under this policy: rule, severity, state, agent, session_key, id (text), group
        (text, missing = none), at (datetime64, NaT = unknown), message (row or key of the message); optional
        platform, shop (text) and provoked (bool).
    policy : the pack that the findings were made under.
    """
    if missing := [c for c in NEEDS if c not in findings.columns]:
        raise SchemaError(f"findings: missing columns {missing}")
    out = findings.copy()
    severity, points, per, cap = _clauses(findings, policy)
    if (severity != findings["severity"].to_numpy(dtype=object)).any():
        lowered = pd.Series(severity, index=out.index)
        out["severity"] = lowered.astype("category" if out["severity"].dtype == "category" else out["severity"].dtype)
    rows = np.flatnonzero(points > 0)
    live = _keys(findings.iloc[rows])
    live["points"], live["per"], live["cap"] = points[rows], per[rows], cap[rows]
    live["gravity"] = pd.Series(severity[rows]).map(_GRAVITY).to_numpy()
    live = _capped(_once_per(_dearest_of_group(live)))
    total = np.zeros(len(findings))
    total[rows[live["row"].to_numpy()]] = live["points"].to_numpy()
    out["points"] = total
    return out


def _clauses(findings: pd.DataFrame, policy: Policy) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Each row's severity (lowered where provoked), points (0 = does not score), unit and cap, by its clause."""
    severity = findings["severity"].to_numpy(dtype=object).copy()
    if unknown := set(severity) - set(SEVERITIES):
        raise SchemaError(f"findings: unknown severities {sorted(map(str, unknown))}")
    points = np.full(len(findings), np.nan)
    per = np.full(len(findings), "", dtype=object)
    cap = np.full(len(findings), np.inf)
    at = findings["at"].reset_index(drop=True)
    provoked = findings["provoked"].to_numpy(dtype=bool) if "provoked" in findings else np.zeros(len(findings), bool)
    number, codes = pd.factorize(findings["rule"])
    for i, code in enumerate(codes):
        rows = np.flatnonzero(number == i)
        for clause in policy.clauses_of(str(code)):
            if not clause.on:
                continue
            mine = rows[clause.mask(at.iloc[rows])]
            if clause.provoked:
                graver = np.isin(severity[mine], SEVERITIES[: _GRAVITY[clause.provoked]])
                severity[mine[graver & provoked[mine]]] = clause.provoked
            by_severity = {s: policy.points_of(clause, s) for s in SEVERITIES}
            points[mine] = [by_severity[s] for s in severity[mine]]
            per[mine] = clause.per
            cap[mine] = np.inf if clause.cap is None else clause.cap
    if (lost := np.isnan(points)).any():
        off = sorted(set(findings["rule"].to_numpy()[lost]))
        raise SchemaError(f"findings of rules that are off under {policy.name} on their day: {off}")
    violation = (findings["state"] == "violation").to_numpy()
    return severity, np.where(violation, points, 0.0), per, cap


def _keys(findings: pd.DataFrame) -> pd.DataFrame:
    """The columns that tell findings apart, as whole numbers; missing and "" are -1. rule and id keep their order."""
    live = pd.DataFrame({"row": np.arange(len(findings))})
    for name in ("rule", "id", "group", "session_key", "agent", "message", "platform", "shop"):
        if name not in findings:
            live[name] = -1
            continue
        codes, values = pd.factorize(findings[name], sort=name in ("rule", "id"))
        blank = np.flatnonzero(np.asarray(values == ""))
        live[name] = np.where(np.isin(codes, blank), -1, codes)
    live["at"] = findings["at"].to_numpy()
    live["day"] = live["at"].to_numpy().astype("datetime64[D]").astype("int64")
    return live


def _dearest_of_group(live: pd.DataFrame) -> pd.DataFrame:
    """Keep each group's dearest line and all lines without a group."""
    ordered = live.sort_values(
        ["points", "gravity", "rule", "at", "id", "row"], ascending=[False, True, True, True, True, True]
    )
    return ordered[(ordered["group"] < 0) | ~ordered.duplicated(["platform", "shop", "group"])]


def _once_per(live: pd.DataFrame) -> pd.DataFrame:
    """Keep the dearest, then earliest, finding of each rule, agent and unit."""
    own = -2 - live["row"]
    unit = np.select(
        [live["per"] == "message", live["per"] == "wait", live["per"] == "session"],
        [live["message"].where(live["message"] >= 0, own), live["group"].where(live["group"] >= 0, own),
         live["session_key"]],
        live["day"],
    )  # fmt: skip
    ordered = live.assign(unit=unit).sort_values(["points", "at", "id", "row"], ascending=[False, True, True, True])
    return ordered[~ordered.duplicated(["platform", "shop", "rule", "agent", "per", "unit"])]


def _capped(live: pd.DataFrame) -> pd.DataFrame:
    """Cut what goes over the cap of a rule, agent and day, latest findings first."""
    ordered = live.sort_values(["at", "id", "row"])
    spent = ordered.groupby(["platform", "shop", "rule", "agent", "day"])["points"].cumsum() - ordered["points"]
    return ordered.assign(points=np.clip(ordered["points"], 0.0, np.maximum(ordered["cap"] - spent, 0.0)))
