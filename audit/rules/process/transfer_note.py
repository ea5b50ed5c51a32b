"""PRC004 process.transfer_note 转接未说明"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.chats.responsible import transfer_ends
from audit.chats.waits import DAY, NO_TIME, Bools, Ints
from audit.ingest.roles import is_robot
from audit.rules.model import rule
from audit.shapes.cases import content, same_case
from audit.shapes.hits import join_hits, make_hits, quotes
from audit.shapes.per_session import first_after, last_before, turn_has

_SELLER_TURNS = 2  # telling the buyer counts in the last two seller turns before the transfer


@rule(
    "PRC004",
    "process.transfer_note",
    "转接未说明",
    unit="session",
    severity="minor",
    topic="话术",
    needs=("event:transfer", "lexicon:transfer_note"),
    cite="[002] 解决方案三：优化转接待话术，告知买家正在查看历史聊天记录",
)
def check(chats: Chats, *, case_days: float = 30) -> pd.DataFrame:
    """转接前没有告诉买家；或接手的客服（同一件事再次进线时换了人也算）第一轮没有说明已看前情。

    为什么：买家不知道换了人，还要从头再说一遍，是多次进线满意率低的主要原因。
    不算违规：转接前两轮里说过要转接；接手方说正在看聊天记录、请稍等，或直接针对买家的问题处理；机器人转人工、买家自己点换客服。
    已知误报：转接是在别的窗口里告诉买家的。
    选项：case_days 多少天内再次进线可能是同一件事。
    依据：[002]。两种过失各记各的：没有告知记转出的客服，没有说明记接手的客服；会话未结束、接手方第一轮还没说完时待定。
    """
    moves = _between_people(chats)
    row = moves["row"].to_numpy()
    untold = ~_told(chats, row, moves["source"].to_numpy(dtype=object)) if len(row) else np.zeros(0, dtype=bool)
    silent = make_hits(
        row[untold],
        agent=moves["source"].to_numpy(dtype=object)[untold],
        why=[f"转接{_to(t)}之前没有告诉买家" for t in moves["target"].to_numpy(dtype=object)[untold]],
    )
    first, cause = _receivers(chats, moves)
    again, earlier = _repeats(chats, case_days)
    starts, causes = np.append(first, again), np.append(cause, earlier)
    unread = ~_acknowledged(chats, starts)
    starts, causes = starts[unread], causes[unread]
    after = first_after(chats, chats.buyer, starts)
    done = chats.over[starts] | (after < len(chats))
    passed = chats.transfer[causes]
    why = [
        f"接手{'转接' if p else '同一件事的再次进线'}后，第一轮“{q}”没有说明已看前情"
        for q, p in zip(quotes(chats, starts), passed, strict=True)
    ]
    blank = make_hits(
        starts,
        state=np.where(done, "violation", "pending").astype(object),
        why=why,
        context=[[(int(c), "context", -1, -1)] for c in causes],
    )
    return join_hits(silent, blank)


def _to(target: str) -> str:
    return f"给“{target}”" if target else ""


def _between_people(chats: Chats) -> pd.DataFrame:
    """Transfers from one person to another: row, source, target; a source that is not named is the last speaker."""
    moves = transfer_ends(chats)
    rows = moves["row"].to_numpy(dtype=np.int64)
    if not len(rows):
        return moves
    speaker = last_before(chats, chats.human, rows)
    source = moves["source"].to_numpy(dtype=object)
    source = np.where((source == "") & (speaker >= 0), chats.accounts[np.maximum(speaker, 0)], source)
    target = moves["target"].to_numpy(dtype=object)
    robots = set(chats.accounts[chats.robot]) - {""}
    asked = (chats.messages["event"] == "recovery_click").to_numpy()
    by_buyer = last_before(chats, asked, rows) > speaker
    keep = (source != "") & (source != target) & ~by_buyer
    keep &= np.array([s not in robots and not is_robot(str(s)) for s in source], dtype=bool)
    return pd.DataFrame({"row": rows, "source": source, "target": target})[keep].reset_index(drop=True)


def _told(chats: Chats, rows: Ints, source: np.ndarray) -> Bools:
    """(rows,) bool: the buyer was told: in the last seller turns before the transfer, in the rest of the turn by the
    same account, or by the platform's own notice.
    """
    n = len(chats)
    tells = chats.has("transfer_note", "tells", chats.human)
    told = last_before(chats, tells, rows)
    speaker = last_before(chats, chats.human, rows)
    reach = chats.turn[np.maximum(speaker, 0)] - 2 * (_SELLER_TURNS - 1)
    out = (told >= 0) & (chats.turn[np.maximum(told, 0)] >= reach)
    notice = last_before(chats, (chats.messages["event"] == "transfer_notice").to_numpy(), rows)
    out |= (notice >= 0) & (notice > speaker)
    after = first_after(chats, tells, rows)
    late = np.minimum(after, n - 1)
    same = (after < n) & (speaker >= 0) & (chats.turn[late] == chats.turn[np.maximum(speaker, 0)])
    return out | same & (chats.accounts[late] == source)


def _receivers(chats: Chats, moves: pd.DataFrame) -> tuple[Ints, Ints]:
    """(first message of the receiving account, row of the transfer) for transfers that somebody else took up."""
    first, cause = [], []
    rows = moves["row"].to_numpy(dtype=np.int64)
    human = np.flatnonzero(chats.human)
    for row, source, target in moves.itertuples(index=False):
        later = rows[(rows > row) & (chats.session[rows] == chats.session[row])]
        end = later[0] if len(later) else len(chats)
        mine = human[np.searchsorted(human, row) : np.searchsorted(human, end)]
        mine = mine[chats.session[mine] == chats.session[row]]
        account = chats.accounts[mine]
        taken = mine[account == target] if target and (account == target).any() else mine[account != source]
        if len(taken):
            first.append(int(taken[0]))
            cause.append(int(row))
    return np.array(first, dtype=np.int64), np.array(cause, dtype=np.int64)


def _repeats(chats: Chats, days: float) -> tuple[Ints, Ints]:
    """(first message of the new account, the buyer's row that takes the case up) where a session is a repeat contact."""
    sessions = chats.sessions
    begin = sessions["first_row"].to_numpy()
    before = chats.previous(np.isin(np.arange(len(chats)), begin))[begin]
    case = chats.buyer_is("complaint") | chats.buyer_is("urge")
    case |= chats.human & (chats.agent_says("offer") | chats.agent_says("promise"))
    had = chats.previous(case)[begin]
    first, cause = [], []
    for number in np.flatnonzero((before >= 0) & (had >= 0)):
        for pair in _repeat(chats, int(begin[number]), int(number), int(days * DAY)):
            first.append(pair[0])
            cause.append(pair[1])
    return np.array(first, dtype=np.int64), np.array(cause, dtype=np.int64)


def _repeat(chats: Chats, begin: int, number: int, within: int) -> Iterator[tuple[int, int]]:
    conversation = chats.conversation[begin]
    start, stop = np.searchsorted(chats.conversation, [conversation, conversation + 1])
    mine = np.arange(begin, stop)
    mine = mine[chats.session[mine] == number]
    human = mine[chats.human[mine]]
    if not len(human) or chats.transfer[mine[mine < human[0]]].any():
        return
    old = np.arange(start, begin)
    if chats.time[begin] != NO_TIME:
        old = old[(chats.time[old] == NO_TIME) | (chats.time[begin] - chats.time[old] <= within)]
    spoken = old[chats.human[old]]
    if not len(spoken) or chats.accounts[human[0]] in set(chats.accounts[spoken]):
        return
    asked = mine[chats.buyer[mine] & (mine < human[0])]
    asked = asked if len(asked) else mine[:0]
    if len(asked) and same_case(_words(chats, asked), _words(chats, old[chats.buyer[old]])):
        yield int(human[0]), int(asked[0])


def _words(chats: Chats, rows: Ints) -> str:
    """The folded texts of rows, one a line."""
    return "\n".join(chats.texts.view.text(int(i)) for i in chats.text_id[rows])


def _acknowledged(chats: Chats, starts: Ints) -> Bools:
    """(starts,) bool: the account's first turn says that it has read, asks for a moment, acts, or takes up the matter
    in its own words without asking for it again.
    """
    says = chats.has("transfer_note", "acknowledges") | chats.agent_says("hold") | chats.agent_says("offer")
    asks = chats.has("asks_info", "problem") | chats.has("asks_info", "order_no")
    out = np.zeros(len(starts), dtype=bool)
    human = np.flatnonzero(chats.human)
    for i, start in enumerate(starts):
        turn = human[np.searchsorted(human, start) :][:20]
        turn = turn[(chats.turn[turn] == chats.turn[start]) & (chats.accounts[turn] == chats.accounts[start])]
        words = _words(chats, turn)
        if says[turn].any():
            out[i] = True
        elif not asks[turn].any() and "什么" not in words and "哪" not in words:
            earlier = np.arange(max(0, start - 60), start)
            earlier = earlier[chats.buyer[earlier] & (chats.session[earlier] == chats.session[start])]
            out[i] = bool(content(words) & content(_words(chats, earlier)))
    return out


EXAMPLES = """
! 10:00:00 B x
"""
