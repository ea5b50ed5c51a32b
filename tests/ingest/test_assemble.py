"""Assembly: who a conversation is, what repeats, what order messages stand in, which texts are automatic."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import canonical_of

from audit.ingest.assemble import (
    AUTO_SESSIONS,
    Assembled,
    FileIdentity,
    as_of_table,
    assemble,
    check_contract,
    identify,
    message_keys,
    quick_texts,
    settle_auto,
)
from audit.ingest.roles import settle

Rows = list[dict[str, Any]]


def row(at: float | None, text: str = "有货吗", sender: str = "buyer", **more: Any) -> dict[str, Any]:
    given_ = {"at": at, "text": text, "sender": sender}
    if sender == "agent":
        given_["agent"] = "小麦"
    return given_ | more


def identified(rows: Rows, name: str = "a.csv", content: str = "a", **defaults: str) -> pd.DataFrame:
    return identify(settle(canonical_of(rows)), FileIdentity(name, content * 64), **defaults)


def together(*files: Rows) -> Assembled:
    return assemble([identified(rows, f"{n}.csv", f"{n:x}") for n, rows in enumerate(files)])


def ids(*files: Rows) -> list[str]:
    return together(*files).messages["conversation_id"].astype("str").drop_duplicates().tolist()


def texts(*files: Rows) -> list[str]:
    return together(*files).messages["text"].tolist()


def keys(done: Assembled) -> list[str]:
    return message_keys(done.messages, np.arange(len(done.messages)))


# -- who a conversation is -------------------------------------------------------------------------------------------


def test_one_buyer_of_one_shop_is_one_conversation_over_files_sessions_and_accounts() -> None:
    files = [[row(0, session="一")], [row(9, "有", "agent", agent="小禾", session="二")], [row(20, session="")]]
    assert ids(*files) == ["taobao:青禾家居:买家甲"]


def test_other_shops_platforms_and_buyers_are_others() -> None:
    rows = [row(0), row(1, buyer="买家乙"), row(2, shop="云岫家居"), row(3, platform="jd")]
    assert len(ids(rows)) == 4


def test_a_masked_nick_is_somebody_only_within_its_session_or_file() -> None:
    assert len(ids([row(0, buyer="景**", session="一"), row(9, buyer="景**", session="二")])) == 2
    assert len(ids([row(0, buyer="景**", session="一")], [row(9, buyer="景**", session="一")])) == 1
    assert len(ids([row(0, buyer="景**"), row(9, buyer="景**")])) == 1
    assert len(ids([row(0, buyer="景**")], [row(9, buyer="景**")])) == 2
    assert len(ids([row(0, buyer="景＊＊")], [row(9, buyer="景＊＊")])) == 2
    done = together([row(0, buyer="景**")], [row(9, buyer="景**"), row(10, buyer="买家乙")])
    assert done.masked_conversations == 2


def test_a_buyer_without_a_name_is_its_session_else_its_file() -> None:
    assert len(ids([row(0, buyer="", session="一")], [row(9, buyer="", session="一")])) == 1
    assert len(ids([row(0, buyer="")], [row(9, buyer="")])) == 2


def test_platform_and_shop_fill_what_the_export_leaves_out() -> None:
    rows = [row(0, platform="", shop=""), row(1, platform="jd", shop="云岫家居")]
    frame = identified(rows, platform="pdd", shop="青禾家居")
    assert frame["platform"].tolist() == ["pdd", "jd"]
    assert frame["shop"].tolist() == ["青禾家居", "云岫家居"]
    assert identified(rows)["platform"].tolist() == ["other", "jd"]


def test_a_transcript_without_times_is_itself_wherever_it_lies() -> None:
    untimed = [row(None), row(None, "有", "agent")]
    assert len(ids(untimed, untimed)) == 1
    assert together(untimed, untimed).duplicates == 2
    assert len(ids(untimed, [*untimed, row(None, "好的")])) == 2
    assert together(untimed).untimed == 2


def test_rows_without_a_time_among_timed_ones_stay_in_their_conversation() -> None:
    rows = [row(0), row(None, "有", "agent"), row(5, "好的"), row(None, "再见", session="二")]
    assert ids(rows) == ["taobao:青禾家居:买家甲"]
    assert texts(rows) == ["有货吗", "有", "好的", "再见"]


def test_an_account_loses_its_own_shops_name_only() -> None:
    rows = [
        row(0, "有", "agent", agent="青禾家居:小麦"),
        row(1, "有", "agent", agent="青禾家居：小禾"),
        row(2, "有", "agent", agent="云岫家居:小麦"),
        row(3, "有", "agent", agent="青禾家居"),
        row(4, "有", "agent", agent="青禾家居:"),
        row(5, "有", "agent", agent="青禾家居:小麦", shop="云岫家居"),
    ]
    expected = ["小麦", "小禾", "云岫家居:小麦", "青禾家居", "青禾家居:", "青禾家居:小麦"]
    assert identified(rows)["agent"].tolist() == expected
    assert [identified([r])["agent"].iat[0] for r in rows] == expected, "whatever else the file holds"


class TestSessionsThatNameTheirBuyerElsewhere:
    """A chat file names the buyer, the session file beside it only the session."""

    CHAT = [row(0, buyer="u-71", session="s-90001"), row(5, "有", "agent", buyer="u-71", session="s-90001")]

    @pytest.mark.parametrize("buyer", ["s-90001", ""])
    def test_they_are_one_conversation(self, buyer: str) -> None:
        closing = row(60, "", "system", kind="event", event="close", buyer=buyer, session="s-90001")
        for files in ([self.CHAT, [closing]], [[closing], self.CHAT], [[*self.CHAT, closing]]):
            messages = together(*files).messages
            assert messages["conversation_id"].astype("str").unique().tolist() == ["taobao:青禾家居:u-71"]
            assert messages["buyer"].astype("str").unique().tolist() == ["u-71"]
            assert messages["sender"].tolist() == ["buyer", "agent", "system"]
            assert messages["seq"].tolist() == [0, 1, 2]

    def test_a_masked_buyer_of_the_session_counts_too(self) -> None:
        rating = row(60, "", "buyer", kind="event", event="rating", buyer="s-90001", session="s-90001")
        done = together([r | {"buyer": "景**"} for r in self.CHAT], [rating])
        assert done.messages["conversation"].nunique() == 1 and done.masked_conversations == 1

    def test_a_session_that_names_nobody_stays_as_it_is(self) -> None:
        rows = [row(0, buyer="s-90001", session="s-90001"), row(1, buyer="", session="s-90002")]
        assert ids(rows) == ["taobao:青禾家居:s-90001", "taobao:青禾家居:#s-90002"]

    def test_a_counter_that_several_buyers_share_joins_nobody(self) -> None:
        rows = [row(0, buyer="甲", session="1"), row(1, buyer="乙", session="1"), row(2, buyer="", session="1")]
        assert len(ids(rows)) == 3

    def test_a_buyer_with_other_sessions_is_a_buyer_whatever_its_name(self) -> None:
        rows = [row(0, buyer="5", session="5"), row(1, buyer="5", session="6"), row(2, buyer="7", session="5")]
        assert ids(rows) == ["taobao:青禾家居:5", "taobao:青禾家居:7"]

    def test_the_same_id_in_another_shop_is_another_session(self) -> None:
        rows = [row(0, buyer="u-71", session="s-1"), row(1, buyer="", session="s-1", shop="云岫家居")]
        assert len(ids(rows)) == 2


# -- what repeats ----------------------------------------------------------------------------------------------------

DAY_ONE = [row(0), row(5, "有", "agent"), row(9, "好的")]
DAY_TWO = [row(5, "有", "agent"), row(9, "好的"), row(12, "谢谢")]


def numbered(rows: Rows, first: int = 0) -> Rows:
    return [r | {"message_id": f"m{first + n}"} for n, r in enumerate(rows)]


def test_overlapping_exports_without_ids() -> None:
    assert texts(DAY_ONE, DAY_TWO) == ["有货吗", "有", "好的", "谢谢"]
    assert together(DAY_ONE, DAY_TWO).duplicates == 2
    assert keys(together(DAY_ONE, DAY_TWO)) == keys(together(DAY_TWO, DAY_ONE))


def test_overlapping_exports_with_ids() -> None:
    one, two = numbered(DAY_ONE), numbered(DAY_TWO, 1)
    assert texts(one, two) == ["有货吗", "有", "好的", "谢谢"]
    assert keys(together(one, two)) == [f"taobao:青禾家居:买家甲:m{n}" for n in range(4)]


def test_the_same_file_under_two_names() -> None:
    assert together(DAY_ONE, DAY_ONE).duplicates == 3


def test_equal_messages_of_one_second_are_two() -> None:
    twice = [row(0), row(0), row(3)]
    assert len(texts(twice)) == 3
    assert len(set(keys(together(twice)))) == 3
    assert len(texts(twice, twice)) == 3


def test_equal_texts_that_differ_in_sender_event_or_time_are_two() -> None:
    rows = [
        row(0, "好"), row(0, "好", "agent"), row(1, "好"),
        row(2, "", "system", kind="event", event="read"), row(2, "", "system", kind="event", event="close"),
    ]  # fmt: skip
    done = together(rows)
    assert len(done.messages) == 5 and len(set(keys(done))) == 5


def test_ids_belong_to_their_conversation() -> None:
    done = together([row(0, message_id="m1"), row(0, message_id="m1", buyer="买家乙")])
    assert len(done.messages) == 2 and len(set(keys(done))) == 2


def test_an_id_that_comes_back_at_another_time_is_another_message() -> None:
    rows = [
        row(0, "有货吗", message_id="1"),
        row(5, "有", "agent", message_id="2"),
        row(9_000, "到哪了", message_id="1"),
    ]
    done = together(rows, rows)
    assert done.messages["text"].tolist() == ["有货吗", "有", "到哪了"] and done.duplicates == 3
    head = "taobao:青禾家居:买家甲:"
    assert keys(done) == [head + "1", head + "2", head + "1~1"]


def test_a_recall_event_with_the_messages_own_id_is_no_repeat() -> None:
    event = {"kind": "recall", "event": "recall", "event_value": json.dumps({"message_id": "m1"}), "message_id": "m1"}
    done = together([row(0, "写错", message_id="m1"), row(5, "", "system", **event)])
    assert done.messages["recalled"].tolist() == [True, False]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from("甲乙"), st.sampled_from(("buyer", "agent"))), max_size=12),
    st.data(),
)
def test_two_exports_of_any_overlap_give_the_whole(lines, data) -> None:
    now, rows = 0, []
    for n, (step, text, sender) in enumerate(lines):
        now += step
        rows.append(row(now, text, sender, agent="小麦", buyer="买家甲", message_id=f"m{n}"))
    if data.draw(st.booleans(), "without ids"):
        rows = [r | {"message_id": ""} for r in rows]
    # an export begins and ends with whole seconds
    moments = sorted({r["at"] for r in rows})
    first = data.draw(st.sampled_from(moments)) if moments else 0
    one, two = [r for r in rows if r["at"] <= first], [r for r in rows if r["at"] >= first]
    if data.draw(st.booleans(), "one of them holds all"):
        two = rows
    whole, merged = together(rows), together(one, two)
    if rows:
        assert sorted(keys(whole)) == sorted(keys(merged))
        assert len(set(keys(whole))) == len(rows)
        check_contract(settle_auto(merged.messages, pd.DataFrame()))


# -- order, recalls, times -------------------------------------------------------------------------------------------


def test_messages_stand_by_time_then_as_in_the_file() -> None:
    assert texts([row(9, "丙"), row(0, "甲"), row(9, "丁"), row(5, "乙")]) == ["甲", "乙", "丙", "丁"]


def test_conversations_are_whole_and_numbered() -> None:
    messages = together([row(0), row(1, buyer="买家乙"), row(2), row(3, buyer="买家乙")]).messages
    assert messages["conversation"].tolist() == [0, 0, 1, 1]
    assert messages["seq"].tolist() == [0, 1, 0, 1]
    assert messages.index.equals(pd.RangeIndex(4))


def test_untimed_rows_follow_the_row_before_them_in_their_own_file() -> None:
    one = [row(0, "甲"), row(None, "乙"), row(20, "丙")]
    two = [row(None, "起"), row(10, "丁"), row(None, "戊")]
    assert texts(one, two) == ["起", "甲", "乙", "丁", "戊", "丙"]


def test_recall_events_mark_the_message_that_they_name() -> None:
    def recall(at: float, value: str, **more: Any) -> dict[str, Any]:
        return row(at, "", "system", kind="recall", event="recall", event_value=value, **more)

    rows = [
        row(0, "甲", message_id="m1"), row(1, "乙", message_id="m2"), row(2, "丙", message_id="m1", buyer="买家乙"),
        recall(3, json.dumps({"message_id": "m1"})), recall(4, "{}"), recall(5, ""), recall(6, "no json"),
        recall(7, "[1]"),
    ]  # fmt: skip
    messages = together(rows).messages
    assert messages[messages["recalled"]]["conversation_id"].astype("str").tolist() == ["taobao:青禾家居:买家甲"]
    assert messages[messages["recalled"]]["text"].tolist() == ["甲"]


def test_minute_times_and_missing_times_are_counted() -> None:
    done = together([row(0, precision=60), row(60), row(None)])
    assert (done.minute_times, done.untimed) == (1, 1)


def test_the_last_message_of_each_shop() -> None:
    table = as_of_table(together([row(0), row(99), row(5, shop="云岫家居"), row(None, shop="无时间")]).messages)
    known = dict(zip(table["shop"], table["as_of"], strict=True))
    assert known["青禾家居"] == pd.Timestamp("2026-11-10 10:01:39") and known["云岫家居"] == pd.Timestamp(
        "2026-11-10 10:00:05"
    )
    assert pd.isna(known["无时间"])


def test_nothing() -> None:
    assert len(assemble([]).messages) == 0
    assert len(assemble([identified([])]).messages) == 0


# -- automatic texts -------------------------------------------------------------------------------------------------

WELCOME = "欢迎光临请稍候片"


def greeted(buyers: int, seconds: float = 2, text: str = WELCOME, **more: Any) -> Rows:
    rows: Rows = []
    for n in range(buyers):
        rows += [row(0, buyer=f"买家{n}"), row(seconds, text, "agent", buyer=f"买家{n}", **more)]
    return rows


def settled(rows: Rows, given_: pd.DataFrame | None = None) -> pd.DataFrame:
    messages = together(rows).messages
    counts = quick_texts(messages)
    return settle_auto(messages, counts[counts["sessions"] >= AUTO_SESSIONS], given_)


def automatic(rows: Rows) -> list[str]:
    done = settled(rows)
    return done[done["auto"]]["auto_source"].astype("str").tolist()


def test_eight_characters_two_seconds_five_sessions() -> None:
    assert automatic(greeted(5)) == ["inferred"] * 5


@pytest.mark.parametrize(
    "rows",
    [
        greeted(4),
        greeted(5, 2.001),
        greeted(5, text=WELCOME[:7]),
        greeted(5, precision=60),
        greeted(5, auto="false"),
        greeted(5, text="", kind="image"),
        [r for n in range(5) for r in greeted(1, agent=f"客服{n}")],
        [row(0), *(row(1 + n / 10, WELCOME, "agent") for n in range(5))],
    ],
    ids=[
        "four sessions",
        "2.001 s",
        "7 characters",
        "minutes",
        "known by hand",
        "pictures",
        "five accounts",
        "one session",
    ],
)
def test_one_less_is_a_persons(rows: Rows) -> None:
    assert automatic(rows) == []


def test_an_inferred_text_is_automatic_wherever_the_account_sends_it() -> None:
    late = row(600, WELCOME, "agent", buyer="买家0")
    other = row(601, WELCOME, "agent", buyer="买家0", agent="小禾")
    flags = settled([*greeted(5), late, other])
    assert flags["auto"].sum() == 6 and not flags[flags["agent"] == "小禾"]["auto"].any()


def test_a_session_is_the_exports_own_else_a_day_of_the_conversation() -> None:
    same_day = [r for n in range(5) for r in (row(n * 600), row(n * 600 + 1, WELCOME, "agent"))]
    assert automatic(same_day) == []
    assert len(automatic([r | {"session": f"s{n // 2}"} for n, r in enumerate(same_day)])) == 5
    assert len(automatic([r | {"at": r["at"] + n // 2 * 86_400} for n, r in enumerate(same_day)])) == 5


def test_only_the_last_buyer_message_of_the_same_conversation_counts() -> None:
    rows = [
        r for n in range(5) for r in (row(n * 10, buyer=f"甲{n}"), row(n * 10 + 1, WELCOME, "agent", buyer=f"乙{n}"))
    ]
    assert automatic(rows) == []


def test_flags_and_robots_keep_their_source() -> None:
    rows = [
        row(0, "您好", "agent", auto="true"),
        row(1, "您好", "agent", agent="服务助手"),
        row(2, "您好", "agent", auto="false"),
    ]
    done = settled(rows)
    assert done["auto"].tolist() == [True, True, False]
    assert done["auto_source"].tolist() == ["flag", "role", ""]


@settings(max_examples=20)
@given(st.integers(1, 7), st.integers(0, 7))
def test_texts_given_back_give_a_smaller_export_the_same_result(buyers, kept) -> None:
    rows = greeted(buyers)
    whole = settled(rows)
    found = whole[whole["auto"]]["text"].unique().tolist()
    shop = pd.DataFrame([("taobao", "青禾家居", t) for t in found], columns=["platform", "shop", "text"])
    small = settled(rows[: 2 * kept], shop) if kept else None
    if small is not None:
        assert small["auto"].tolist() == whole["auto"].tolist()[: len(small)]
        assert small["auto_source"].tolist() == whole["auto_source"].tolist()[: len(small)]


def test_a_given_text_is_its_shops_own_and_overrules_no_flag() -> None:
    given_ = pd.DataFrame([("taobao", "青禾家居", WELCOME)], columns=["platform", "shop", "text"])
    rows = [row(0, WELCOME, "agent"), row(1, WELCOME, "agent", auto="false"), row(2, WELCOME, "agent", shop="云岫家居")]
    assert settled(rows, given_)["auto"].tolist() == [True, False, False]
    assert not settled([row(0, WELCOME)], given_)["auto"].any(), "a buyer's message is none"
