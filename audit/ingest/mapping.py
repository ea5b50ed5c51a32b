"""Any table with other headers: columns found by their names, roles by the values, kept as a profile (`--map`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from audit.errors import UserError, check_regular, did_you_mean
from audit.ingest.table_batch import Sheet
from audit.ingest.table_headers import FIELDS, canonical_name, known_names, not_chats, plain
from audit.ingest.table_rows import SENDER_WORDS, vocabulary
from audit.schema import SENDERS

_MOST_PROFILE = 1_000_000
PROFILE_KEYS = ("columns", "values", "constants", "time_format", "sheet", "agents", "agent_if_sender_contains")
CONSTANTS = ("platform", "shop")
VALUE_FIELDS = ("role", "sender", "kind", "auto", "recalled", "platform", "shop")

#: Words of direction and role columns. 1/0 is read only under headers that say what 1 means.
ROLE_WORDS = {
    **SENDER_WORDS,
    **{value: value for value in SENDERS},
    **dict.fromkeys("outgoing 发送 发出 send sent out 我方 回复".split(), "agent"),
    **dict.fromkeys("incoming 接收 收到 receive received in 对方 咨询".split(), "buyer"),
}
_ONE_IS_AGENT = frozenset(map(plain, ("是否客服发送", "IsSender", "is_sender", "waiter_send", "is_agent")))
_FLAG_ROLES = {"1": "agent", "true": "agent", "是": "agent", "0": "buyer", "false": "buyer", "否": "buyer"}
SHOP_WORDS = ("旗舰店", "专营店", "专卖店", "官方店", "企业店")
SYSTEM_NAMES = frozenset({"系统", "系统消息", "平台消息", "系统提示", "system"})


@dataclass(frozen=True)
class Mapping:
    """What the columns of a table mean.

    Attributes
    ----------
    columns : field (canonical name, or `name`, `receiver`, `role`) → header, or several headers joined by a space.
    values : field → {value in the file: canonical value}.
    constants : platform, shop for rows that have none.
    time_format : strptime format; "" = found by form.
    sheet : the only sheet of a workbook to read; "" = each that has the columns.
    agents : account names that are agents; with them every other name is a buyer.
    agent_if_sender_contains : a part of a sender's name (the shop's) that makes them an agent.
    certainty : field → 0…1, of a proposal.
    missing : what a proposal lacks, as sentences.
    """

    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    time_format: str = ""
    sheet: str = ""
    agents: tuple[str, ...] = ()
    agent_if_sender_contains: str = ""
    certainty: dict[str, float] = field(default_factory=dict, compare=False)
    missing: tuple[str, ...] = field(default=(), compare=False)

    def profile(self) -> dict[str, object]:
        """The plain form that YAML holds and ReadOptions.mapping carries; `from_profile` reads it."""
        plain_columns = {f: h[0] if len(h) == 1 else list(h) for f, h in self.columns.items()}
        whole: dict[str, object] = {
            "columns": plain_columns,
            "values": self.values,
            "constants": self.constants,
            "time_format": self.time_format,
            "sheet": self.sheet,
            "agents": list(self.agents),
            "agent_if_sender_contains": self.agent_if_sender_contains,
        }
        return {key: value for key, value in whole.items() if value}

    def to_yaml(self) -> str:
        """The profile as YAML, with what is missing or unsure as comments."""
        import yaml

        unsure = [f"{f}: {c:.0%}" for f, c in sorted(self.certainty.items(), key=lambda i: i[1]) if c < 0.8]
        notes = [*self.missing, *([f"unsure columns: {', '.join(unsure)}"] if unsure else [])]
        comments = "".join(f"# {line}\n" for note in notes for line in note.splitlines())
        body = yaml.safe_dump(self.profile(), allow_unicode=True, sort_keys=False, default_flow_style=False, width=120)
        return comments + body


def from_profile(profile: MappingOf[str, object], where: str = "--map") -> Mapping:
    """A Mapping from a parsed profile. Raises UserError with all unknown keys, fields, values and wrong types."""
    problems: list[str] = []

    def table(value: object, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            problems.append(f"{key}: must be a table of name: value")
            return {}
        return {str(k): v for k, v in value.items()}

    def text(value: object, key: str) -> str:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value)
        problems.append(f"{key}: must be text")
        return ""

    for key in profile:
        if key not in PROFILE_KEYS:
            problems.append(f"{key}: unknown key, {did_you_mean(str(key), PROFILE_KEYS)}")
    columns: dict[str, tuple[str, ...]] = {}
    for name, header in table(profile.get("columns", {}), "columns").items():
        if name not in FIELDS:
            problems.append(f"columns.{name}: unknown field, {did_you_mean(name, FIELDS)}")
        headers = header if isinstance(header, list) else [header]
        columns[name] = tuple(text(h, f"columns.{name}") for h in headers)
    values: dict[str, dict[str, str]] = {}
    for name, pairs in table(profile.get("values", {}), "values").items():
        if name not in VALUE_FIELDS:
            problems.append(f"values.{name}: unknown field, {did_you_mean(name, VALUE_FIELDS)}")
            continue
        values[name] = {}
        known = vocabulary("sender" if name == "role" else name)
        for given, meant in table(pairs, f"values.{name}").items():
            given = {"True": "true", "False": "false"}.get(given, given)
            word = str(meant).lower() if isinstance(meant, bool) else text(meant, f"values.{name}.{given}")
            if known and word and word not in known:
                problems.append(f"values.{name}.{given}: unknown value {word!r}, {did_you_mean(word, known.values())}")
            values[name][given] = known.get(word, word) if known else word
    constants = {}
    for name, value in table(profile.get("constants", {}), "constants").items():
        if name not in CONSTANTS:
            problems.append(f"constants.{name}: unknown field, {did_you_mean(name, CONSTANTS)}")
        constants[name] = text(value, f"constants.{name}")
    if (platform := constants.get("platform", "")) and platform not in (known := vocabulary("platform")):
        problems.append(f"constants.platform: unknown value {platform!r}, {did_you_mean(platform, known.values())}")
    agents = profile.get("agents", [])
    if not isinstance(agents, list):
        problems.append("agents: must be a list of account names")
        agents = []
    if not columns and not problems:
        problems.append("columns: is empty, so nothing can be read")
    singles = {k: text(profile.get(k, ""), k) for k in ("time_format", "sheet", "agent_if_sender_contains")}
    if problems:
        raise UserError(
            "the mapping profile has errors:\n    " + "\n    ".join(problems),
            where=where,
            fix="`audit inspect FILE` prints a profile to start from",
        )
    return Mapping(
        columns,
        values,
        constants,
        singles["time_format"],
        singles["sheet"],
        tuple(str(a) for a in agents),
        singles["agent_if_sender_contains"],
    )


def load_profile(path: str | Path) -> dict[str, object]:
    """The profile in a YAML file, checked. Raises UserError with the place of what is wrong."""
    import yaml

    try:
        check_regular(path)
        with open(path, encoding="utf-8-sig") as f:
            text = f.read(_MOST_PROFILE + 1)
        if len(text) > _MOST_PROFILE:
            raise UserError(f"longer than {_MOST_PROFILE:,} characters", where=str(path), fix="this is no profile")
        loaded = yaml.load(text, Loader=_strict_loader())
    except RecursionError:
        raise UserError("nested too deeply", where=str(path), fix="start from `audit inspect FILE`") from None
    except OSError as error:
        raise UserError(
            f"the mapping profile cannot be read: {error.strerror}", where=str(path), fix="check --map"
        ) from None
    except UnicodeDecodeError:
        raise UserError("the mapping profile is not UTF-8", where=str(path), fix="save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        what = getattr(error, "problem", None) or str(error)
        raise UserError(f"not valid YAML: {what}", where=where, fix="mend this line") from None
    if not isinstance(loaded, dict):
        raise UserError(
            "the mapping profile is no table of keys", where=str(path), fix="start from `audit inspect FILE`"
        )
    from_profile(loaded, str(path))
    return loaded


def _strict_loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        keys = [loader.construct_object(k, deep=True) for k, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is there twice", key_node.start_mark
                )
        made: dict[Any, Any] = yaml.SafeLoader.construct_mapping(loader, node, deep=True)
        return made

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    for tag in ("timestamp", "int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{tag}", lambda loader, node: node.value)
    return Loader


def propose(columns: Sequence[str], sample_rows: Sequence[Sequence[str]]) -> Mapping:
    """The likeliest meaning of the columns by their names, checked against sample rows.

    Each field takes the column that names it surest; `certainty` says how sure. `missing` names what the rules need
    and no column gives. Roles: see `role_source`.
    """
    candidates: list[tuple[float, str, int]] = []
    for place, header in enumerate(columns):
        for name, certainty in _fields_of(header):
            candidates.append((certainty * _fits(name, [r[place] for r in sample_rows]), name, place))
    chosen: dict[str, tuple[float, int]] = {}
    used: set[int] = set()
    for certainty, name, place in sorted(candidates, key=lambda c: (-c[0], c[2])):
        if certainty >= 0.3 and name not in chosen and place not in used:
            chosen[name] = (certainty, place)
            used.add(place)
    mapping = Mapping(
        {name: (columns[place],) for name, (_, place) in sorted(chosen.items(), key=lambda i: i[1][1])},
        certainty={name: certainty for name, (certainty, _) in chosen.items()},
    )
    mapping = _joined_times(mapping, columns, sample_rows, used)
    mapping = _with_roles(mapping, columns, sample_rows)
    return replace(mapping, missing=tuple(_missing(mapping)))


def _fields_of(header: str) -> list[tuple[str, float]]:
    if name := canonical_name(header):
        exact = [("name" if name == "sender" else name, 0.96)]
        return exact if name != "sender" else [("role", 0.7), *exact]
    text = plain(header)
    names = known_names()
    if text in names:
        return list(names[text])
    if len(text) > 12:
        return []
    for part, name in (("时间", "sent_at"), ("内容", "text"), ("买家", "buyer"), ("客户", "buyer"), ("客服", "agent")):
        if part in text and not any(w in text for w in ("评价", "时长", "数", "率", "开始", "结束", "首次", "备注")):
            return [(name, 0.5)]
    return []


def _fits(name: str, values: Sequence[str]) -> float:
    """How well values fit a field: 1 where they do or there are none."""
    filled = [v for v in values if v.strip()]
    if not filled:
        return 0.8
    if name == "sent_at":
        import pandas as pd

        from audit.ingest.times import parse_times

        bad = parse_times(pd.Series(filled, dtype="str"))[2]
        return 1 - float(bad.mean())
    words = {v.strip().lower() for v in filled}
    if name == "name":
        return 0.3 if words <= set(ROLE_WORDS) else 1.0
    if name == "role":
        return 1.0 if words <= set(ROLE_WORDS) | set(_FLAG_ROLES) | {"2", "3"} else 0.0
    if name in ("kind", "auto", "recalled", "platform", "event"):
        known = vocabulary(name)
        return 1.0 if all(v.strip().lower() in known for v in filled) else 0.2
    if name == "text":
        return 0.4 if all(re.fullmatch(r"[\d.:/\- ]+", v) for v in filled) and len(filled) > 3 else 1.0
    return 1.0


def _joined_times(mapping: Mapping, columns: Sequence[str], rows: Sequence[Sequence[str]], used: set[int]) -> Mapping:
    """Joins a date column with a column of times of day where neither alone is a time."""
    if "sent_at" in mapping.columns:
        return mapping
    dates, clocks = [], []
    for place, header in enumerate(columns):
        values = [r[place].strip() for r in rows if r[place].strip()]
        if place in used or not values:
            continue
        if all(re.fullmatch(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?( 00:00(:00)?)?", v) for v in values):
            dates.append(header)
        elif all(re.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?", v) for v in values):
            clocks.append(header)
    if not dates or not clocks:
        return mapping
    return replace(
        mapping,
        columns={**mapping.columns, "sent_at": (dates[0], clocks[0])},
        certainty={**mapping.certainty, "sent_at": 0.8},
    )


def role_source(mapping: Mapping) -> str:
    """What the sender's role comes from, the surest first; "" where nothing tells it.

    "role": a role or direction column whose values are known. "agents": a list of agents, a part of their names, or
    robot words in names. "columns": a sender's name beside a buyer or an agent column. "partners": sender and
    receiver names only, told apart by who talks to many (needs the whole file).
    """
    has = mapping.columns
    if "sender" in has or ("role" in has and mapping.values.get("role")):
        return "role"
    if "name" in has and (mapping.agents or mapping.agent_if_sender_contains):
        return "agents"
    if "name" in has and ("buyer" in has or "agent" in has):
        return "columns"
    return "partners" if "name" in has and "receiver" in has else ""


def _with_roles(mapping: Mapping, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping:
    if headers := mapping.columns.get("role"):
        seen = {r[columns.index(headers[0])].strip().lower() for r in rows} - {""}
        words = dict(ROLE_WORDS)
        if plain(headers[0]) in _ONE_IS_AGENT:
            words |= _FLAG_ROLES
        if seen <= set(words):
            return replace(mapping, values={**mapping.values, "role": {w: words[w] for w in sorted(seen)}})
    if "name" not in mapping.columns:
        return mapping
    names = {r[columns.index(mapping.columns["name"][0])].strip() for r in rows} - {""}
    if part := _shop_part(names):
        return replace(mapping, agent_if_sender_contains=part)
    return mapping


def _shop_part(names: Collection[str]) -> str:
    """The shop's name where some senders carry one (`店:账号` or 旗舰店 …), and others do not."""
    shops: dict[str, int] = {}
    for name in names:
        before, colon, after = name.partition(":")
        shop = before if colon and after and before else name if any(w in name for w in SHOP_WORDS) else ""
        if shop:
            shops[shop] = shops.get(shop, 0) + 1
    if len(shops) != 1:
        return ""
    shop = next(iter(shops))
    return shop if any(shop not in name for name in names) else ""


def _missing(mapping: Mapping) -> list[str]:
    has = mapping.columns
    out = []
    if "text" not in has:
        out.append("no column holds the text of the messages (内容 / 消息内容 / content)")
    if not role_source(mapping):
        if "role" in has:
            out.append(
                f"what the values of {has['role'][0]} mean is not known: give values.role, e.g. "
                "{role: {'0': buyer, '1': agent}}"
            )
        else:
            out.append(
                "who is buyer and who is agent cannot be told: give columns.role, agents: [...] or "
                "agent_if_sender_contains: SHOP"
            )
    if not {"buyer", "session", "receiver"} & set(has):
        out.append("no column tells the buyers apart (买家 / 客户 / 会话ID): give columns.buyer or columns.session")
    return out


def blocking(mapping: Mapping) -> list[str]:
    """What must be given before a table can be read by this mapping."""
    return _missing(mapping)


def refuse_not_chats(sheet: Sheet, where: str) -> None:
    """Raises UserError for performance sheets, lists of sessions, orders and ratings, naming what they are."""
    what, fix = not_chats(sheet.columns)
    if what:
        raise UserError(f"this is a {what}" if what.isascii() else f"this is {what}", where=where, fix=fix)
