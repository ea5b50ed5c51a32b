"""The messages around the evidence of findings, masked, as the reports show them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from audit.engine.result import Evidence, Finding
from audit.report.masking import Masker, printable

#: Messages kept on either side of each message of evidence.
AROUND = 10
SENDERS = ("buyer", "agent", "robot", "system")
ROLES = {"violation": 0, "provocation": 1, "context": 2}


def utf16(text: str, position: int) -> int:
    """A code point position as JavaScript counts it."""
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


class Table:
    """Interned strings: each distinct value stands once in the page."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, key: str, value: Any) -> int:
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


class Conversations:
    """The messages around the evidence of the shown findings, each session once.

    A conversation is a list of messages `[sender, name, time, flags, kind, text]` and of numbers: so many messages
    are left out here. An event's kind is its name. Flags: 1 automatic, 2 recalled.
    """

    def __init__(self, excerpts: pd.DataFrame, shown: list[Finding], masker: Masker, names: Table) -> None:
        self.masker, self.names = masker, names
        self.lists: list[list[Any]] = []
        self._places: dict[str, int] = {}
        self._at: dict[tuple[str, str], tuple[int, str]] = {}
        if excerpts.empty or not shown:
            return
        wanted = {f.session for f in shown}
        frame = excerpts[excerpts["session_key"].isin(wanted)].reset_index(drop=True)
        sessions, keys = frame["session_key"].tolist(), frame["message_key"].tolist()
        rows = {(s, k): i for i, (s, k) in enumerate(zip(sessions, keys, strict=True))}
        keep = self._kept(shown, rows, sessions)
        raw = frame["text"].tolist()
        texts = masker.messages(frame)
        times = frame["sent_at"].dt.strftime("%Y-%m-%d %H:%M:%S").fillna("").tolist()
        senders = frame["sender"].astype("str").tolist()
        agents = frame["agent"].astype("str").tolist()
        kinds = [e or k for k, e in zip(frame["kind"].astype("str"), frame["event"].astype("str"), strict=True)]
        flags = (frame["auto"].astype(int) + 2 * frame["recalled"].astype(int)).tolist()
        current, left_out = "", 0
        out: list[Any] = []
        for i, session in enumerate(sessions):
            if session != current:
                if left_out:
                    out.append(left_out)
                current, left_out, out = session, 0, []
                self._places[session] = len(self.lists)
                self.lists.append(out)
            if not keep[i]:
                left_out += 1
                continue
            if left_out:
                out.append(left_out)
                left_out = 0
            self._at[(session, keys[i])] = (len(out), raw[i])
            name = names.place(agents[i], printable(agents[i]))
            sender = SENDERS.index(senders[i]) if senders[i] in SENDERS else 3
            out.append([sender, name, times[i], flags[i], kinds[i], texts[i]])
        if left_out:
            out.append(left_out)

    @staticmethod
    def _kept(shown: list[Finding], rows: dict[tuple[str, str], int], sessions: list[str]) -> bytearray:
        """Which rows to show: AROUND of them on either side of evidence, inside its session."""
        keep = bytearray(len(sessions))
        for f in shown:
            for e in f.evidence:
                row = rows.get((f.session, e.message_key))
                if row is None:
                    continue
                for i in range(max(row - AROUND, 0), min(row + AROUND + 1, len(sessions))):
                    if sessions[i] == f.session:
                        keep[i] = 1
        return keep

    def place(self, session: str) -> int:
        """Number of the conversation; -1 where the result holds none."""
        return self._places.get(session, -1)

    def evidence(self, finding: Finding) -> list[dict[str, Any]]:
        """Where each piece of evidence stands: place in the conversation (-1 = not there), span, decoding."""
        out = []
        for e in finding.evidence:
            place, raw = self._at.get((finding.session, e.message_key), (-1, ""))
            whole = e.start is None or e.end is None or e.start < 0 or e.end <= e.start
            item: dict[str, Any] = {"i": place, "k": ROLES.get(e.role, 2)}
            if place >= 0 and not whole:
                item["f"], item["t"] = utf16(raw, e.start or 0), utf16(raw, e.end or 0)
                quote = self.lists[self._places[finding.session]][place][5]
                item["q"] = quote[e.start : e.end] if e.end is not None and e.end <= len(quote) else ""
            if not item.get("q"):
                item["q"] = self.masker.text(e.quote, finding.buyer)
            if e.decoded:
                item["d"], item["by"] = self.masker.text(e.decoded), printable(e.decoded_by or "")
            item["src"] = f"{self.masker.text(e.source_file)} · {e.source_row}"
            out.append(item)
        return out

    def lines(self, finding: Finding, text: dict[str, str], around: int = 4) -> list[tuple[bool, str]]:
        """The conversation as plain lines `10:10:15 买家: …`, and whether a line is evidence.

        At most `around` messages on either side of the evidence; [] where the result holds no conversation.
        """
        place = self.place(finding.session)
        if place < 0:
            return []
        talk = self.lists[place]
        hits = {self._at[(finding.session, e.message_key)][0] for e in finding.evidence if self.holds(finding, e)}
        first = max(min(hits, default=0) - around, 0)
        last = min(max(hits, default=len(talk) - 1) + around, len(talk) - 1)
        out = []
        for i in range(first, last + 1):
            m = talk[i]
            if isinstance(m, int):
                out.append((False, f"… {text['skipped'].format(n=m)}"))
                continue
            role = text[SENDERS[m[0]]]
            name = f" {self.names.values[m[1]]}" if m[0] == 1 and self.names.values[m[1]] else ""
            body = m[5] or text.get(f"k_{m[4]}", "")
            out.append((i in hits, f"{m[2][11:]} {role}{name}: {body}".strip()))
        return out

    def holds(self, finding: Finding, evidence: Evidence) -> bool:
        """Whether the message of a piece of evidence is among the excerpts."""
        return (finding.session, evidence.message_key) in self._at
