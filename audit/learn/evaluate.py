"""What the whole audit decides about labelled lines: lexicons, rules and models together, thresholds as shipped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.models import Models, shipped
from audit.engine.part import matcher_for, settings_of
from audit.ingest.assemble import FileIdentity, assemble, identify, settle_auto
from audit.ingest.roles import settle
from audit.learn.corpus import ACTS
from audit.policy.load import load_auto
from audit.rules.model import all_rules
from audit.schema import canonical
from audit.shapes.classifier import leaning
from audit.shapes.review_spans import COERCION
from audit.shapes.reviews import review_talk

Bools = npt.NDArray[np.bool_]

#: act → rules that decide it
DECIDED_BY = {
    "insult": ("ATT001", "ATT002"), "threat": ("ATT003",), "unfriendly": ("ATT004", "ATT005", "ATT006", "ATT008"),
    "perfunctory": ("PFN001", "PFN003"), "buck_passing": ("PFN005",), "rating_invite": ("REV003",),
    "review_incentive": ("REV001",), "review_coercion": ("REV002",), "off_platform": ("CND001", "CND002"),
    "promotion": ("CND004",),
}  # fmt: skip
SEVERE_RULES = ("ATT001", "ATT002", "ATT003", "REV001", "REV002", "CND001")


def lines_as_chats(
    contexts: Sequence[str], texts: Sequence[str], models: Models | None = None, platform: str = "taobao"
) -> Chats:
    """One conversation per line: the buyer's turn, 20 s later the agent's message by hand, then nobody speaks again."""
    rows: list[tuple[str, str, str, pd.Timestamp]] = []
    start = pd.Timestamp("2026-11-10 10:00:00")
    for number, (context, text) in enumerate(zip(contexts, texts, strict=True)):
        buyer = f"b{number:06d}"
        if context:
            rows.append((buyer, "buyer", context, start))
        rows.append((buyer, "agent", text, start + pd.Timedelta(seconds=20)))
    frame = canonical(
        {
            "platform": platform, "shop": "示例店", "buyer": [r[0] for r in rows],
            "sent_at": pd.array([r[3] for r in rows], dtype="datetime64[ms]"), "sender": [r[1] for r in rows],
            "agent": ["" if r[1] == "buyer" else "客服1" for r in rows], "kind": "text",
            "auto": ["" if r[1] == "buyer" else "false" for r in rows], "text": [r[2] for r in rows],
            "source_row": np.arange(1, len(rows) + 1),
        },
        len(rows),
    )  # fmt: skip
    chunk = identify(settle(frame), FileIdentity("lines", "0" * 64))
    messages = settle_auto(assemble([chunk]).messages, pd.DataFrame())
    later = int((start + pd.Timedelta(days=2)).timestamp() * 1000)
    policy, _ = load_auto(platform, all_rules())
    moments = np.full(len(messages), later, dtype=np.int64)
    return Chats(messages, matcher_for(), moments, settings_of(policy), {}, shipped() if models is None else models)


def decided(chats: Chats, lines: int, states: Sequence[str] = ("violation",)) -> pd.DataFrame:
    """(lines, ACTS and SEVERE_RULES) bool: what is decided about each line of `lines_as_chats`.

    Paying for a changed review is an incentive and a coercion, though one span earns only REV001's finding.
    """
    rules = all_rules()
    policy, _ = load_auto("taobao", rules)
    number = pd.Series(chats.messages["buyer"].astype("str")).str[1:].astype(int).to_numpy()
    out = pd.DataFrame(False, index=np.arange(lines), columns=[*ACTS, *SEVERE_RULES])
    wanted = {code for codes in DECIDED_BY.values() for code in codes if code in rules}
    for code in sorted(wanted):
        clause = next(c for c in policy.clauses_of(code) if c.on)
        hits = rules[code].check(chats, **clause.options)
        rows = hits["row"].to_numpy()[hits["state"].isin(states).to_numpy()]
        for act, codes in DECIDED_BY.items():
            if code in codes:
                out.loc[number[rows], act] = True
        if code in SEVERE_RULES:
            out.loc[number[rows], code] = True
    talk = review_talk(chats)
    changes = talk.loc[talk["change"] | (talk["kind"] == COERCION), "row"].to_numpy()
    also = np.union1d(changes, np.flatnonzero(leaning(chats, "review_coercion")))
    out.loc[number[also], "review_coercion"] = True
    return out
