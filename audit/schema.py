"""Column contracts: the canonical table that every export format becomes, and the frames that flow between layers."""

from __future__ import annotations

import pandas as pd

PLATFORMS = ("taobao", "tmall", "pdd", "douyin", "jd", "kuaishou", "xiaohongshu", "other")
SENDERS = ("buyer", "agent", "robot", "system")
KINDS = ("text", "image", "video", "voice", "file", "link", "emoji", "card", "event", "recall")
EVENTS = (
    "order", "transfer", "rating", "rating_changed", "recovery_click", "reject_prompt", "rejected", "blocked",
    "recall", "close", "read", "card_click", "welcome_card", "member_push", "system_invite", "intercept_shipping",
    "invoice", "subscription", "transfer_notice", "red_packet", "status", "supervisor",
)  # fmt: skip

#: The canonical table (`audit convert` writes it; every format module yields it), column → pandas dtype.
#: Text-like columns of few distinct values are `category`; empty and missing mean the same: "".
CANONICAL: dict[str, str] = {
    "platform": "category",
    "shop": "category",
    "buyer": "category",
    "session": "category",
    "message_id": "str",
    "sent_at": "datetime64[ms]",  # wall time of the shop (Asia/Shanghai), no zone; NaT = unknown
    "sender": "category",  # SENDERS
    "agent": "category",
    "kind": "category",  # KINDS
    "auto": "category",  # "true" / "false" / "" = unknown
    "recalled": "bool",
    "text": "str",
    "event": "category",  # EVENTS or ""
    "event_value": "str",  # JSON object or ""
}
#: What a format module adds to each canonical row.
PROVENANCE: dict[str, str] = {
    "source_row": "int64",  # 1-based row or line (for JSON: index of the message) in the file as a person counts it
    "precision": "int8",  # 1 = seconds known, 60 = the source shows minutes only
}

#: MESSAGES: one row per message, sorted by (conversation, sent_at, file order); RangeIndex, so a row is a position.
MESSAGES: dict[str, str] = {
    **CANONICAL,
    **PROVENANCE,
    "auto": "bool",
    "auto_source": "category",  # "" / "flag" / "role" / "inferred"
    "conversation": "int32",  # number of the conversation in this frame, ascending
    "conversation_id": "category",  # platform:shop:buyer (or session / block where the buyer is masked)
    "seq": "int32",  # position inside the conversation
    "source_file": "category",  # path relative to the input, "/" separators, "archive.zip!member" inside zips
}


class SchemaError(AssertionError):
    """A frame that breaks its contract: a bug of ours, never the user's."""


def check(frame: pd.DataFrame, contract: dict[str, str], name: str) -> pd.DataFrame:
    """Return `frame` if it has the contract's columns with their dtypes; else name the bad columns and rows."""
    missing = [c for c in contract if c not in frame.columns]
    if missing:
        raise SchemaError(f"{name}: missing columns {missing}")
    wrong = [
        f"{c} is {frame[c].dtype}, not {want}"
        for c, want in contract.items()
        if str(frame[c].dtype) != want and not (want == "str" and frame[c].dtype == "str")
    ]
    if wrong:
        raise SchemaError(f"{name}: {'; '.join(wrong)}")
    return frame


def canonical(columns: dict[str, object], rows: int) -> pd.DataFrame:
    """A canonical frame with provenance from the columns that a format knows; the others are filled as unknown.

    `columns` maps names of CANONICAL or PROVENANCE to arrays or scalars; `rows` is the length. Strings may be
    None/NaN (= ""). Raises SchemaError for unknown names.
    """
    contract = {**CANONICAL, **PROVENANCE}
    unknown = set(columns) - set(contract)
    if unknown:
        raise SchemaError(f"canonical: unknown columns {sorted(unknown)}")
    index = pd.RangeIndex(rows)
    out: dict[str, pd.Series] = {}
    for name, dtype in contract.items():
        value = columns.get(name)
        if dtype in ("category", "str"):
            if value is None:
                value = ""
            series = pd.Series(value, index=index)
            if isinstance(series.dtype, pd.CategoricalDtype):
                if series.isna().any():
                    series = series.astype("str").fillna("")
            else:
                series = series.astype("str").fillna("")
            out[name] = series.astype(dtype)  # type: ignore[call-overload]
        elif name == "sent_at":
            out[name] = pd.Series(pd.NaT if value is None else value, index=index).astype("datetime64[ms]")
        elif name == "source_row":
            out[name] = pd.Series(range(1, rows + 1) if value is None else value, index=index).astype("int64")
        else:
            default = 1 if name == "precision" else False
            out[name] = pd.Series(default if value is None else value, index=index).astype(dtype)  # type: ignore[call-overload]
    return pd.DataFrame(out)
