import json
import re
import time

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.ingest import roles
from audit.ingest.roles import EMOTICON, is_robot, meaning, settle, strip_emoticons
from audit.schema import CANONICAL, PROVENANCE, canonical, check


def one(text: str, sender: str = "agent", agent: str = "小麦", **more: object) -> dict[str, object]:
    frame = canonical({"text": [text], "sender": sender, "agent": agent, "kind": "text", **more}, 1)
    done = check(settle(frame), {**CANONICAL, **PROVENANCE}, "settled")
    assert done["text"].tolist() == [text]
    row = done.astype({n: "str" for n, t in CANONICAL.items() if t == "category"}).iloc[0]
    return {name: row[name] for name in ("sender", "agent", "kind", "auto", "event", "event_value")}


@pytest.mark.parametrize(
    "name",
    [
        "服务助手",
        "青禾家居旗舰店:服务助手",
        "店小蜜",
        "小满机器人02",
        "智能客服",
        "官方助手",
        "京小智",
        "pdd-robot-1",
        "Robot",
        "服务助手3",
    ],
)
def test_robot_accounts(name: str) -> None:
    assert is_robot(name)
    row = one("本店全场包邮", agent=name)
    assert (row["sender"], row["auto"]) == ("robot", "true")


@pytest.mark.parametrize("name", ["小麦", "小蜜蜂", "robotics部门阿强", "智能辅助", "服务助手小王", "", "店长"])
def test_people(name: str) -> None:
    assert not is_robot(name)
    assert one("本店全场包邮", agent=name)["sender"] == "agent"


def test_more_robot_accounts_can_be_named() -> None:
    frame = canonical({"sender": "agent", "agent": ["夜班小Q", "小麦"], "text": "在"}, 2)
    assert settle(frame, robot_accounts=["夜班小q"])["sender"].tolist() == ["robot", "agent"]


def test_a_robot_that_a_buyer_addresses_is_nobodys_account() -> None:
    assert one("在吗", "buyer", agent="服务助手") == {
        "sender": "buyer", "agent": "", "kind": "text", "auto": "", "event": "", "event_value": "",
    }  # fmt: skip
    assert one("在吗", "buyer", agent="小麦")["agent"] == "小麦"


@pytest.mark.parametrize("sender", ["buyer", "agent", "robot", "system"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("由 服务助手 转交给 小麦", {"from": "服务助手", "to": "小麦"}),
        (
            "小甲 将该会话转移给 小乙，并留言：杯子碎了，\n请补寄",
            {"from": "小甲", "to": "小乙", "note": "杯子碎了，\n请补寄"},
        ),
        ("小甲 将该会话转移给 小乙", {"from": "小甲", "to": "小乙"}),
        ("会话已转交给 谷雨", {"to": "谷雨"}),
        ("会话已被转交", {}),
        ("用户景**已转交给客服谷雨", {"to": "谷雨"}),
    ],
)
def test_transfers_in_anybodys_name(sender: str, text: str, value: dict[str, str]) -> None:
    row = one(text, sender)
    assert (row["sender"], row["kind"], row["event"]) == ("system", "event", "transfer")
    assert (json.loads(str(row["event_value"])) if row["event_value"] else {}) == value


@pytest.mark.parametrize(
    "text",
    [
        "由我转交给售后同事看看哈",
        "您的问题已转交给客服主管处理",
        "亲，已经帮您转交给客服小美啦",
        "我把会话转移给同事可以吗",
        "系统关闭会话之前您可以再问一句",
        "客服马上接入",
        "正在查看订单，请稍等",
        "来自商品详情页的图片我看了",
        "已读不回的人可不是我们",
        "退款成功",
        "您刚才撤回了一条消息是什么呀",
        "机器人正在维护，有事找我",
        "买家正在查看的请您再确认一下",
        "咨询订单号：123 这个单子我查到了",
        "看这里 https://img.example.com/a.png",
        "[图片]里这个位置",
        "系统提示：这个地址超区了",
        "服务态度预警了的话对您也不好",
    ],
)
def test_a_persons_words_stay_a_persons(text: str) -> None:
    row = one(text)
    assert (row["sender"], row["kind"], row["event"]) == ("agent", "text", "")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("系统关闭会话", "close"),
        ("会话已结束", "close"),
        ("客服超时未回复，会话关闭", "close"),
        ("[系统消息] 买家超时未回复，会话关闭", "close"),
        ("已读", "read"),
        ("消费者已拒收您的消息", "rejected"),
        ("您接待过此消费者，为避免插播、抢答，机器人已暂停接待，>>点此【立即恢复接待】<<", ""),
        ("[消费者已同意您发起的补寄申请]", ""),
        ("平台已帮您梳理售后问题", ""),
        ("消费者服务工单", ""),
        ("此消息由机器人发送", ""),
        ("机器人接待中", ""),
        ("当前会话已长时间未回复，平台可能主动介入", ""),
        ("客服谷雨已接入", ""),
        ("景**已由客服谷雨接待", ""),
        ("[系统消息] 用户进入会话", ""),
        ("【防诈贴士】不要扫陌生人的码", ""),
    ],
)
def test_platform_sentences_in_a_sellers_name(text: str, event: str) -> None:
    for sender in ("agent", "robot"):
        row = one(text, sender)
        assert (row["sender"], row["kind"], row["event"]) == ("system", "event", event)
    assert one(text, "buyer")["sender"] == "buyer"


def test_a_close_says_by_whom() -> None:
    assert one("会话已结束")["event_value"] == '{"by":"system"}'


@pytest.mark.parametrize("text", ["对方撤回了一条消息", "小麦撤回了一条消息", "撤回了一条消息"])
@pytest.mark.parametrize("sender", ["buyer", "agent", "system"])
def test_recall_lines(text: str, sender: str) -> None:
    row = one(text, sender)
    assert (row["sender"], row["kind"], row["event"]) == ("system", "recall", "recall")


@pytest.mark.parametrize(
    "text",
    [
        "当前用户来自 商品详情页",
        "来自商品详情页",
        "正在查看商品",
        "正在咨询商品：竹编篮",
        "买家正在查看订单",
        "咨询订单号:[ORDERID_1] 订单金额:[金额x] 下单时间:[日期x]",
    ],
)
def test_source_cards_in_a_buyers_name(text: str) -> None:
    row = one(text, "buyer")
    assert (row["sender"], row["kind"], row["event"]) == ("system", "card", "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[图片]", "image"),
        ("【图片】[图片]", "image"),
        ('<img class="x" src="https://img.example.com/a.jpg">', "image"),
        ("https://img.example.com/a/b.png_400x400.jpg", "image"),
        ("https://img.example.com/a.jpeg?x=1\nhttps://img.example.com/b.webp", "image"),
        ("[视频]", "video"),
        ("https://v.example.com/a.mp4?t=3", "video"),
        ("[语音]3″", "voice"),
        ("[文件] 说明书.pdf", "file"),
        ("[卡片]", "card"),
        ("[商品] 竹编收纳篮 三只装", "card"),
        ("目前版本不支持该功能,请升级", "card"),
        ("当前版本暂不支持查看此消息，请去App查看。", "card"),
        ("https://item.taobao.com/item.htm?id=1", "card"),
        ("https://mobile.yangkeduo.com/goods.html?goods_id=1", "card"),
        ("https://help.example.com/how", "link"),
        ("/:^_^", "emoji"),
        ("/:&gt;_&lt;/:809", "emoji"),
        (r"\T/:^_^\T", "emoji"),
        ('/:-F /:(OK) /:)-( /:\'"" /:P /:man', "emoji"),
        ("#E-s12#E-j03", "emoji"),
        ("[微笑][玫瑰]", "emoji"),
        ("😊👍🏻 ❤️", "emoji"),
        ("👨‍👩‍👧", "emoji"),
        ("5️⃣", "emoji"),
        ("好的/:^_^", "text"),
        ("[数字x]", "text"),
        ("/:)", "text"),
        ("100", "text"),
        ("ok", "text"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    for sender in ("agent", "buyer"):
        row = one(text, sender)
        assert (row["sender"], row["kind"]) == (sender, kind)


def test_a_kind_that_the_export_knows_stays() -> None:
    frame = canonical({"sender": "agent", "kind": "card", "text": "[图片]"}, 1)
    assert settle(frame)["kind"].tolist() == ["card"]
    bare = canonical({"sender": ["agent", "system"], "event": ["", "order"], "text": ["行", ""]}, 2)
    assert settle(bare)["kind"].tolist() == ["text", "event"]


def test_known_events_stay() -> None:
    frame = canonical({"sender": "buyer", "kind": "event", "event": "rating", "event_value": "{}", "text": "已读"}, 1)
    pd.testing.assert_frame_equal(settle(frame).astype(str), frame.astype(str))


def test_automatic_and_assisted_replies() -> None:
    assert one("[自动回复]您好，仓库十点上班")["auto"] == "true"
    assert one("[自动回复]您好，仓库十点上班")["sender"] == "agent"
    assert one("[自动回复]我一会儿在", "buyer")["auto"] == ""
    assert one("【系统自动回复消息】您好", auto="false")["auto"] == "false"
    row = one("您的快递在驿站（此消息由机器人发送）")
    assert (row["sender"], row["auto"]) == ("robot", "true")
    row = one("这款有现货 [智能辅助]", auto="true")
    assert (row["sender"], row["auto"]) == ("agent", "false")
    assert one("随便说一句", auto="true")["auto"] == "true"


def test_strip_emoticons() -> None:
    texts = pd.Series(
        ["好的/:^_^", "/:&gt;W&lt;", "太好了😊👍🏻！", "#E-s12谢谢", "[微笑]嗯", "[数字x]件", "平常话", ""], dtype="str"
    )
    texts.index = pd.Index(range(10, 18))
    done = strip_emoticons(texts)
    assert done.tolist() == ["好的", "", "太好了！", "谢谢", "嗯", "[数字x]件", "平常话", ""]
    assert done.index.equals(texts.index) and done.dtype == "str"
    assert strip_emoticons(texts.iloc[:0]).tolist() == []


def test_codes_of_the_public_table_are_emoticons() -> None:
    codes = (
        '^_^ ^$^ Q 815 809 ^O^ 081 087 H 012 806 b ^x^ 814 ^W^ 066 ? ! 068 \'"" 802 *&* >_< >O< " >@< 067 Y -F -W '
        "(OK) )-( $ (&) C man girl P 043 808 >W< 036 039 048 044"
    ).split()
    assert [c for c in codes if not EMOTICON.fullmatch("/:" + c)] == []
    assert not re.search(EMOTICON, "https://a.example/b 3/:x1")


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["由 服务助手 转交给 小麦", "会话已结束", "[图片]", "/:^_^", "已读", "小麦撤回了一条消息", "来自商品详情页",
         "正在查看商品", "[自动回复]您好", "好 [智能辅助]", "查到了（此消息由机器人发送）", "https://a.example/x",
         "此消息由机器人发送", "客服谷雨接入", "😊"]
    ),
)  # fmt: skip
ROWS = st.tuples(
    TEXTS,
    st.sampled_from(["buyer", "agent", "robot", "system", ""]),
    st.sampled_from(["", "小麦", "服务助手"]),
    st.sampled_from(["", "text", "card", "event"]),
    st.sampled_from(["", "true", "false"]),
    st.sampled_from(["", "transfer", "read", "rating"]),
)


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=6))
def test_settling_twice_changes_nothing_more(rows: list[tuple[str, ...]]) -> None:
    names = ("text", "sender", "agent", "kind", "auto", "event")
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    frame = canonical(columns, len(rows))
    once = check(settle(frame), {**CANONICAL, **PROVENANCE}, "settled")
    assert once["text"].tolist() == frame["text"].tolist()
    pd.testing.assert_frame_equal(settle(once).astype(str), once.astype(str))
    assert (once.loc[once["sender"] == "robot", "auto"] == "true").all()
    for n in range(len(rows)):
        alone = settle(frame.iloc[[n]].reset_index(drop=True)).astype(str)
        pd.testing.assert_frame_equal(alone, once.iloc[[n]].reset_index(drop=True).astype(str))


@given(st.text(max_size=40))
def test_every_text_that_means_something_passes_the_quick_look(text: str) -> None:
    if meaning(text).what:
        assert len(roles._rows_with(pd.Series([text], dtype="str"), roles._CANDIDATE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "https://x.png?" * 140 + " z",
        "[图片]" * 300 + "x",
        "😊" * 1900 + "x",
        "由 " + "a" * 1900,
        "A" * 1900 + "撤回",
        "/:" * 900,
        "<img " * 390,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    settle(canonical({"sender": "agent", "text": [text, text * 50]}, 2))
    strip_emoticons(pd.Series([text * 50], dtype="str"))
    assert time.process_time() - start < 2
