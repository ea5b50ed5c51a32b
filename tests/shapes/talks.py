"""Chats of one written conversation, in the notation of EXAMPLES."""

from audit.chats.chats import Chats
from audit.engine.examples import parse
from audit.engine.trial import build_chats, settings_of
from audit.policy.load import load_auto
from audit.rules.model import all_rules


def chats_of(block: str) -> Chats:
    """The Chats of a block, under the platform's pack."""
    example = next(parse(block))
    return build_chats(example, settings_of(load_auto(example.header.get("platform", "taobao"), all_rules())[0]))
