"""What buyers and agents say, per distinct text: the classes that clocks and rules read.

Lexicon and frame rules decide here; trained models replace them behind the same two functions.
"""

from __future__ import annotations

import re

import numpy as np

from audit.chats.models import Opinions
from audit.chats.texts import Bools, Texts

BUYER = "buyer_state"
#: what may fill a closer (rulebook §1): nothing else may be left of the message
_CLOSER = tuple((BUYER, role) for role in ("thanks", "ack", "farewell", "settled", "particle"))
_EMPTY = (
    ("filler", None), ("greeting", None), ("closing", None), ("hold", None), ("apology", None),
    (BUYER, "particle"), (BUYER, "thanks"), (BUYER, "ack"), (BUYER, "farewell"),
)  # fmt: skip
_ASKS = re.compile(
    r"(?:\?|[吗么](?<!什么)|对吧|好不好|是不是|可不可以|行不行|要不要|能不能|有没有"
    r"|哪[个款种里家些一]|几[个件号]|多少|多[大高重长]|什么|还是)"
    r"[\w一-鿿]{0,4}[亲呢呀啊哈哦的]*[\s?~。.!…]*$"
)


#: topics of a complaint that make it a dispute
DISPUTED = ("quality", "wrong_item", "missing_item")


def buyer_states(texts: Texts, opinions: Opinions | None = None) -> dict[str, Bools]:
    """State → (texts,) bool. A text may have several; `closer`: made of thanks, ack, farewell and particles only.

    `opinions`: what the buyer-state model thinks; it adds complaints, disputes, urges and questions that no lexicon
    names, never to a closer.

    States: dispute, complaint (disputes too), urge, thanks, ack, farewell, greeting, human_requested, question,
    settled,    withdraw, abuse, closer, other.
    """
    found = {
        role: texts.has(BUYER, role)
        for role in ("dispute", "complaint", "urge", "thanks", "ack", "farewell", "greeting", "human_requested",
                     "settled", "withdraw")
    }  # fmt: skip
    marks = question_mark(texts)
    found["complaint"] = found["complaint"] | found["dispute"]
    found["question"] = texts.has(BUYER, "question") | marks
    found["abuse"] = texts.has("insult") | texts.has("insult_coded") | texts.has(BUYER, "abuse")
    silent = (texts.solid == 0) & emoticons_only(texts)
    worded = found["thanks"] | found["ack"] | found["farewell"] | found["settled"]
    only = (texts.residue(_CLOSER) == 0) | worded & (texts.residue((*_CLOSER, (BUYER, "address"))) == 0)
    found["closer"] = ((texts.solid > 0) & only | silent) & ~marks
    if opinions is not None:
        for name, flags in _by_model(opinions).items():
            found[name] = found[name] | flags & ~found["closer"]
    said = np.zeros(len(texts), dtype=bool)
    for flags in found.values():
        said |= flags
    found["other"] = ~said
    return found


def _by_model(opinions: Opinions) -> dict[str, Bools]:
    """State → (texts,) bool, as far as the model decides it."""
    limits = opinions.classifier.thresholds

    def sure(name: str) -> Bools:
        return np.asarray(opinions.of(name) >= limits[name].decide)

    complaint = sure("complaint")
    topic = np.zeros(len(complaint), dtype=bool)
    for name in DISPUTED:
        topic |= opinions.of(f"topic:{name}") >= limits[f"topic:{name}"].suspect
    return {"complaint": complaint, "dispute": complaint & topic, "urge": sure("urge"), "question": sure("question")}


def emoticons_only(texts: Texts) -> Bools:
    """(texts,) bool: something is written, no solid character, no question mark: emoticons, emoji, punctuation."""
    lengths = np.diff(texts.view.starts) - 1
    return (texts.solid == 0) & (lengths > 0) & ~question_mark(texts)


def question_mark(texts: Texts) -> Bools:
    """(texts,) bool: whether a text holds a question mark."""
    flags = np.zeros(len(texts), dtype=bool)
    flags[texts.view.text_of(np.flatnonzero(texts.view.codes == ord("?")))] = True
    return flags


def agent_speech(texts: Texts) -> dict[str, Bools]:
    """Act → (texts,) bool: greeting, closing, apology, hold, offer, request, path, promise, substance.

    `substance` (rulebook §1): something is left once emoticons, greeting, closing, filler, hold and apology are gone.
    """
    return {
        "greeting": texts.has("greeting"),
        "closing": texts.has("closing"),
        "apology": texts.has("apology"),
        "hold": texts.has("hold", "hold"),
        "offer": texts.has("remedy", "offer"),
        "request": texts.has("remedy", "request"),
        "path": texts.has("remedy", "path"),
        "promise": texts.has("promise"),
        "substance": texts.residue(_EMPTY) > 0,
    }


def asks(texts: Texts, among: Bools) -> Bools:
    """(texts,) bool: whether a seller's text ends in a question; only texts of the mask are read."""
    return texts.pattern(_ASKS, among)
