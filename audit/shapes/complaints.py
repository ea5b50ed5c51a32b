"""Shape: what a buyer complains about on their own account."""

from __future__ import annotations

import re

from audit.chats.chats import Chats
from audit.chats.waits import Bools

_OTHERS = re.compile(
    r"有没有人|有人(?:反映|反馈|说|遇到)|别人|其他人|其他买家|别的买家|评论(?:里|区|说|都)|评价(?:里|说|都)"
    r"|看到(?:评|有人|差)|听说|据说|网上说|朋友(?:说|买)"
)


def own_complaint(chats: Chats) -> Bools:
    """Buyer rows that complain of something that happened to this buyer: not what others say, not recalled."""
    rows = chats.buyer_is("complaint") & ~chats.recalled
    among = chats.texts.of_rows(chats.text_id[rows])
    return rows & ~chats.texts.pattern(_OTHERS, among)[chats.text_id]
