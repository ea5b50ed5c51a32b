"""The shop profile: what a shop says about itself (shop.yaml) and its accounts (agents.csv), beside its chats."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from audit.errors import UserError, did_you_mean
from audit.policy import nodes
from audit.policy.agents import AGENT_COLUMNS, AGENTS_NAME, agents_frame, agents_table, is_agents_file, read_rows
from audit.policy.csvfile import Row
from audit.policy.load import pack_names
from audit.policy.nodes import FileProblems, Node, Problem, Problems
from audit.schema import PLATFORMS

PROFILE_NAMES = ("shop.yaml", "shop.yml")
_KEYS = ("shop", "platform", "service_hours", "holidays", "policy", "lexicons", "auto_texts", "redo_promise",
         "no_promotion", "steps", "tiers", "supervisors", "robot_accounts", "agents")  # fmt: skip
_MAX_HOLIDAY = 62


@dataclass(frozen=True)
class Step:
    """A step of the shop's own process (PRC003): said once any of the phrases is said."""

    name: str
    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Tier:
    """What a line of agents may grant (PRC008). `limit` in yuan, None = none set; `topics` empty = none set."""

    limit: float | None
    topics: tuple[str, ...]


def no_agents() -> pd.DataFrame:
    """An empty agents table."""
    return agents_frame([])


@dataclass(frozen=True, eq=False)
class ShopProfile:
    """What a shop says about itself. What is not said is empty or None: rules that need it are not checkable.

    Attributes
    ----------
    service_hours : (start, end) in seconds after midnight; None = the policy's.
    holidays : days on which the shop does not serve.
    policy : a pack's name or a policy file's path; "" = by platform.
    lexicons : lexicon name → TSV of the shop's own terms, added to the shipped lexicon of this name.
    auto_texts : texts that are automatic whoever the export says sent them.
    redo_promise : the shop promises a redo or refund (PRC009).
    no_promotion : the shop carries the label 不主动推销 (CND004).
    agents : account, name, team, tier, shift (str); from, to (datetime64[ms], first and last day, NaT = open).
    source_files : names of the files that this was read from.
    """

    shop: str
    platform: str
    service_hours: tuple[int, int] | None = None
    holidays: frozenset[date] = frozenset()
    policy: str = ""
    lexicons: Mapping[str, str] = field(default_factory=dict)
    auto_texts: tuple[str, ...] = ()
    redo_promise: bool = False
    no_promotion: bool = False
    steps: tuple[Step, ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    supervisors: tuple[str, ...] = ()
    robot_accounts: tuple[str, ...] = ()
    agents: pd.DataFrame = field(default_factory=no_agents)
    source_files: tuple[str, ...] = ()


Profiles = dict[tuple[str, str], ShopProfile]


def load_profiles(path: str | os.PathLike[str]) -> Profiles:
    """(platform, shop) → profile, from one shop.yaml or from every shop.yaml in a folder and below.

    A file describes one shop, or several under `shops:`. agents.csv lies beside it (or where `agents:` says); its
    columns platform and shop choose a shop where there are several. A folder without any gives {}.
    Raises FileProblems with every problem of every file.
    """
    root = Path(path)
    if not root.exists():
        raise UserError("there is no such shop profile", where=str(root), fix="name a shop.yaml or its folder")
    files = _find(root, PROFILE_NAMES) if root.is_dir() else [root]
    problems: list[Problem] = []
    profiles: Profiles = {}
    used: set[Path] = set()
    first: dict[tuple[str, str], str] = {}
    for file in files:
        try:
            found = _load_file(file, used)
        except FileProblems as error:
            problems += error.problems
            continue
        for profile, node in found:
            key = (profile.platform, profile.shop)
            if key in profiles:
                problems.append(
                    Problem(
                        node.file, node.line, node.column, f"{'/'.join(key)} has two profiles", f"first in {first[key]}"
                    )
                )
            profiles[key] = profile
            first.setdefault(key, node.file)
    if root.is_dir():
        for stray in _find(root, (AGENTS_NAME,)):
            own = any(os.path.isfile(stray.parent / name) for name in PROFILE_NAMES)
            if not own and stray.resolve() not in used and is_agents_file(stray):
                hint = "write one with `audit init`, or name the file under agents: in yours"
                problems.append(Problem(str(stray), 0, 0, "an agents.csv without a shop.yaml beside it", hint))
    if problems:
        raise FileProblems(problems)
    return profiles


def profile_for(profiles: Profiles, platform: str, shop: str) -> ShopProfile | None:
    """The profile of a shop; where the chats name no shop, the platform's only one."""
    if (platform, shop) in profiles:
        return profiles[platform, shop]
    of_platform = [p for (own, _), p in profiles.items() if own == platform]
    return of_platform[0] if not shop and len(of_platform) == 1 else None


def _find(root: Path, names: tuple[str, ...]) -> list[Path]:
    """Files of these names in a folder and below, in a fixed order; links to folders are not followed."""
    found: list[Path] = []
    folders: list[str | Path] = [root]
    while folders:  # not os.walk, which is recursive in Python 3.11
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.name.lower() in names:
                        found.append(Path(entry.path))
        except OSError:
            continue
    return sorted(found)


def _load_file(file: Path, used: set[Path]) -> list[tuple[ShopProfile, Node]]:
    """The profiles of one file, each with the node of its shop."""
    problems = Problems()
    root = nodes.read(file)
    keys = [k.value for k, _ in root.value] if root.kind == "mapping" else []
    if "shops" in keys:
        top = nodes.mapping(root, problems, "the shop profile", ("shops",))
        entries = nodes.items(top["shops"], problems, "shops")
    else:
        entries = [root]
    found: list[tuple[ShopProfile, Node]] = []
    tables: dict[Path, list[Row]] = {}
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        given = nodes.mapping(entry, problems, "the shop profile", _KEYS)
        profile = _profile(given, entry, file, len(entries) > 1, problems, tables)
        key = (profile.platform, profile.shop)
        if all(key) and key in seen:
            problems.add(entry, f"{'/'.join(key)} has two profiles", f"first on line {seen[key]}")
        seen.setdefault(key, entry.line)
        found.append((profile, given.get("shop", entry)))
    used |= {p.resolve() for p in tables}
    shops = {(p.platform, p.shop) for p, _ in found}
    for rows in tables.values():
        for row in rows:
            platform, shop = row.values.get("platform", ""), row.values.get("shop", "")
            if not any((not platform or platform == p) and (not shop or shop == s) for p, s in shops):
                hint = did_you_mean(shop, [s for _, s in shops])
                problems.found.append(row.problem("shop", f"no profile is of the shop {platform}/{shop}", hint))
    problems.check()
    return found


def _profile(
    given: dict[str, Node], entry: Node, file: Path, several: bool, problems: Problems, tables: dict[Path, list[Row]]
) -> ShopProfile:
    values: dict[str, Any] = {"shop": "", "platform": ""}
    for key in ("shop", "platform"):
        if key not in given:
            problems.add(entry, f"the shop profile names no {key}", f"add `{key}: …`")
    readers: dict[str, nodes.Typed] = {
        "shop": nodes.text,
        "platform": lambda n, p, w: nodes.one_of(n, p, w, PLATFORMS) or "",
        "service_hours": nodes.hours,
        "holidays": _holidays,
        "policy": lambda n, p, w: _policy(n, p, file),
        "lexicons": lambda n, p, w: _lexicons(n, p, file),
        "auto_texts": nodes.texts,
        "redo_promise": nodes.boolean,
        "no_promotion": nodes.boolean,
        "steps": _steps,
        "tiers": _tiers,
        "supervisors": nodes.texts,
        "robot_accounts": nodes.texts,
    }
    for key, reader in readers.items():
        if key in given and (value := reader(given[key], problems, key)) is not None:
            values[key] = value
    sources = [file.name]
    table = file.parent / AGENTS_NAME
    if "agents" in given:
        table = file.parent / nodes.text(given["agents"], problems, "agents")
        if not os.path.isfile(table):
            problems.add(given["agents"], f"there is no file {table}", "the path is taken from the profile's folder")
    if os.path.isfile(table):
        if table not in tables:
            tables[table] = read_rows(table, problems.found)
        sources.append(table.name)
        mine = [r for r in tables[table] if _is_mine(r, values, several, problems.found)]
        staff = agents_table(mine, values.get("tiers", {}), problems.found)
        # chats name an account without its shop (ingest/assemble.py)
        values["agents"] = staff.assign(account=staff["account"].str.removeprefix(f"{values.get('shop', '')}:"))
    return ShopProfile(**values, source_files=tuple(sources))


def _is_mine(row: Row, values: dict[str, Any], several: bool, problems: list[Problem]) -> bool:
    platform, shop = row.values.get("platform", ""), row.values.get("shop", "")
    if several and not shop:
        problems.append(
            row.problem("shop", "the row names no shop", "this profile has several: fill platform and shop")
        )
    return platform in ("", values["platform"]) and shop in ("", values["shop"])


def _holidays(node: Node, problems: Problems, what: str) -> frozenset[date]:
    """Days, or [from, to] spans of at most two months."""
    days: set[date] = set()
    for part in nodes.items(node, problems, what):
        if part.kind == "list":
            span = nodes.day_range(part, problems, "a holiday")
            if span is None or span[0] is None or span[1] is None:
                if span is not None:
                    problems.add(part, "a holiday needs both ends")
                continue
            length = (span[1] - span[0]).days + 1
            if length > _MAX_HOLIDAY:
                problems.add(part, f"a holiday of {length} days", f"at most {_MAX_HOLIDAY} are believed")
                continue
            days |= {span[0] + timedelta(days=n) for n in range(length)}
        elif one := nodes.day(part, problems, "a holiday"):
            days.add(one)
    return frozenset(days)


def _policy(node: Node, problems: Problems, file: Path) -> str:
    name = nodes.text(node, problems, "policy")
    if name in pack_names() or not name:
        return name
    if os.path.isfile(file.parent / name):
        return str(file.parent / name)
    problems.add(node, f"there is no policy {name!r}", did_you_mean(name, pack_names()))
    return ""


def _lexicons(node: Node, problems: Problems, file: Path) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in nodes.mapping(node, problems, "lexicons").items():
        given = nodes.text(value, problems, f"lexicons.{name}")
        path = file.parent / given
        if given and not os.path.isfile(path):
            problems.add(value, f"there is no file {path}", "the path is taken from the profile's folder")
        out[name] = str(path)
    return out


def _steps(node: Node, problems: Problems, what: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for part in nodes.items(node, problems, what):
        given = nodes.mapping(part, problems, "a step", ("name", "any_of"))
        for key in {"name", "any_of"} - set(given):
            problems.add(part, f"the step has no {key}", "a step is {name: …, any_of: [phrases]}")
        if {"name", "any_of"} <= set(given):
            name = nodes.text(given["name"], problems, "a step's name")
            phrases = nodes.texts(given["any_of"], problems, "any_of")
            if given["any_of"].kind == "list" and not phrases:
                problems.add(given["any_of"], "the step has no phrase: every chat would miss it")
            if name in [s.name for s in steps]:
                problems.add(given["name"], f"two steps are called {name!r}")
            steps.append(Step(name, phrases))
    return tuple(steps)


def _tiers(node: Node, problems: Problems, what: str) -> dict[str, Tier]:
    out: dict[str, Tier] = {}
    for name, value in nodes.mapping(node, problems, what).items():
        given = nodes.mapping(value, problems, f"tier {name}", ("limit", "topics"))
        limit = given.get("limit")
        amount = None if limit is None or limit.is_null else nodes.number(limit, problems, f"limit of {name} (yuan)")
        topics = nodes.texts(given["topics"], problems, f"topics of {name}") if "topics" in given else ()
        out[name] = Tier(amount, topics)
    return out


def write_profile(folder: str | os.PathLike[str], messages: pd.DataFrame, *, force: bool = False) -> list[Path]:
    """Write shop.yaml and agents.csv for the shops and accounts of MESSAGES (schema.MESSAGES); returns both paths.

    Existing files are kept unless `force`: then UserError. The files read back with `load_profiles`.
    """
    target = Path(folder)
    paths = [target / PROFILE_NAMES[0], target / AGENTS_NAME]
    if not force and (there := [str(p) for p in paths if p.exists()]):
        raise UserError("the profile exists already", where=", ".join(there), fix="add --force to overwrite it")
    shops = messages[["platform", "shop"]].astype("str").drop_duplicates().sort_values(["platform", "shop"])
    nameless = shops[(shops["platform"] == "") | (shops["shop"] == "")]
    if len(shops) == 0 or len(nameless):
        what = "the chats name no platform or shop" if len(nameless) else "there are no messages"
        raise UserError(what, fix="say --platform and --shop" if len(nameless) else "name an export that holds chats")
    staff = messages.loc[messages["sender"].isin(["agent", "robot"]), ["platform", "shop", "agent", "sender"]]
    staff = staff.astype("str").drop_duplicates().sort_values(["platform", "shop", "agent", "sender"])
    staff = staff[staff["agent"].str.strip() != ""]
    several = len(shops) > 1
    target.mkdir(parents=True, exist_ok=True)
    paths[0].write_text(_profile_text(shops, staff), encoding="utf-8", newline="\n")
    paths[1].write_text(_agents_text(staff[staff["sender"] == "agent"], several), encoding="utf-8-sig", newline="")
    return paths


def _profile_text(shops: pd.DataFrame, staff: pd.DataFrame) -> str:
    robots = staff[staff["sender"] == "robot"]
    lines = _HEAD.splitlines()
    several = len(shops) > 1
    if several:
        lines.append("shops:")
    for platform, name in shops.to_numpy().tolist():
        own = robots[(robots["platform"] == platform) & (robots["shop"] == name)]["agent"]
        body = [f"platform: {platform}", f"shop: {_quoted(name)}"]
        if len(own):
            body.append(f"robot_accounts: [{', '.join(map(_quoted, own))}]")
        lines += [("  - " if n == 0 else "    ") + line if several else line for n, line in enumerate(body)]
    return "\n".join([*lines, *_TAIL.splitlines()]) + "\n"


def _quoted(value: str) -> str:
    import yaml

    return str(yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9)).strip()


def _agents_text(staff: pd.DataFrame, several: bool) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    extra = ("platform", "shop") if several else ()
    writer.writerow([*extra, *AGENT_COLUMNS])
    blanks = [""] * (len(AGENT_COLUMNS) - 1)
    for platform, shop, account in staff[["platform", "shop", "agent"]].to_numpy().tolist():
        writer.writerow([*([platform, shop] if several else []), account, *blanks])
    return out.getvalue()


_HEAD = """\
# 店铺档案：质检时放在聊天记录旁边，或用 --shop-profile 指定。
# 客服的姓名、团队、级别写在同一文件夹的 agents.csv 里（用 Excel 打开，from/to 留空表示一直有效）。"""
_TAIL = """\
# 以下各项需要时去掉行首的 # 再改（有多家店铺时，缩进到各自店铺之下）：
# service_hours: ["08:00", "23:00"]        # 客服时段，不写则按平台
# holidays: [2026-01-01, [2026-02-16, 2026-02-22]]
# policy: taobao                           # 策略包名称或策略文件，不写则按平台
# lexicons: {insult: my_insult.tsv}        # 在自带词表之外增加本店词语
# auto_texts: ["您好，欢迎光临"]             # 导出里没有标记的自动回复
# redo_promise: true                       # 承诺七天内重做或退款
# no_promotion: true                       # 带有“不主动推销”标签
# tiers: {1线: {limit: 30, topics: [延期发货, 安装, 退差价]}}   # 各级客服的权限，金额单位为元
# steps: [{name: 核对订单, any_of: [订单号, 哪一单]}]           # 本店的接待流程
# supervisors: ["店铺:主管"]                # 风险上报的对象"""
