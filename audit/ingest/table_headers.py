"""The words that column headers use: canonical names, their synonyms, and the headers of tables that are no chats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from audit.schema import CANONICAL

#: Columns of a mapping beyond the canonical ones: what roles are derived from.
EXTRA_FIELDS = ("name", "receiver", "role")
FIELDS = (*CANONICAL, *EXTRA_FIELDS)

#: field → header names, the surest first (source: research §1.1–1.7; sheets of this kind have no standard).
SYNONYMS: dict[str, list[str]] = {
    "sent_at": (
        "发送时间 消息时间 聊天时间 消息发送时间 时间 日期时间 创建时间 时间戳 记录时间 对话时间 sent_at "
        "send_time sendtime msgtime msg_time message_time timestamp created_at createtime create_time strtime "
        "time datetime 日期 date 发送日期 ts"
    ).split(),
    "text": (
        "消息内容 聊天内容 内容 消息 对话内容 发送内容 文本 消息文本 聊天记录 回复内容 会话内容 content "
        "strcontent message text msg message_content msg_content body message_text"
    ).split(),
    "name": (
        "发送者 发送人 发送方 发言人 发言者 发信人 说话人 消息发送者 消息发送人 发送者昵称 发送人昵称 昵称 "
        "发送账号 用户名 sender_name from fromname from_name sender_nick sendernick from_id fromid nickname "
        "speaker author accountname account_name talker sender 用户"
    ).split(),
    "receiver": (
        "接收者 接收人 接收方 收件人 收信人 消息接收者 消息接收人 接收账号 receiver receiver_nick to toname "
        "to_name to_id toid recipient"
    ).split(),
    "role": (
        "发送者角色 发送方角色 发送者类型 发送人类型 发送方类型 角色 消息方向 方向 身份 发送者身份 是否客服发送 "
        "收发 收发类型 sender_role sender_type sendertype role direction issender is_sender waiter_send "
        "waitersend is_agent from_role speaker_role"
    ).split(),
    "buyer": (
        "买家 客户 顾客 消费者 买家昵称 客户昵称 顾客昵称 客户名称 买家账号 客户账号 买家id 客户id 顾客id "
        "用户昵称 访客 访客昵称 访客名称 访客id 会员名 买家会员名 客户姓名 用户id buyer buyer_nick buyer_id "
        "customer customer_name customer_id visitor visitor_id user_id userid client nick"
    ).split(),
    "agent": (
        "客服 客服账号 客服昵称 接待客服 客服名称 客服姓名 客服id 坐席 坐席账号 坐席名称 座席 子账号 接待人员 "
        "接待账号 服务人员 客服人员 agent agent_name agent_id staff staff_name staffname staffid waiter csr "
        "operator servicer seller"
    ).split(),
    "session": (
        "会话id 会话编号 会话 会话号 对话id 对话编号 聊天id 接待id session_id sessionid session sid "
        "conversation_id conversationid chat_id chatid dialog_id dialogue_id"
    ).split(),
    "message_id": "消息id 消息编号 message_id messageid msg_id msgid uuid".split(),
    "shop": "店铺 店铺名称 店铺名 商家 商家名称 shop shop_name shopname store store_name mall_name".split(),
    "platform": "平台 渠道 平台名称 来源平台 platform channel".split(),
    "kind": "消息类型 类型 内容类型 kind msg_type msgtype message_type content_type type".split(),
    "auto": "是否自动回复 自动回复 是否自动 是否机器人 是否机器人回复 auto is_auto auto_reply is_robot".split(),
    "recalled": "是否撤回 撤回 recalled is_recalled is_revoked".split(),
    "event": "事件 event".split(),
    "event_value": "event_value".split(),
}

#: Headers of tables that hold no messages: (what it is, what to export instead, header words, how many must be there).
NOT_CHATS: tuple[tuple[str, str, frozenset[str], int], ...] = (
    (
        "客服绩效表 (a performance sheet: totals per agent, no messages)",
        "export the chat records (聊天记录 / 历史会话详情) instead",
        frozenset(
            (
                "30秒应答率 3分钟人工回复率 3分钟未回复人数 cpd pc在线时长 下单人数 不满意率 人工已接待人数 "
                "人工已接待会话量 人工接待人数 去退销售额 咨询人数 咨询量 回复率 在线时长 好评率 客单价 客服服务分 "
                "客服销售额 平均人工响应时长 平均响应时长 平均响应时间 平均首次响应 应答率 投诉数 接待人数 接待量 "
                "支付人数 新平均响应时长 最终成团人数 满意度 满意率 答问比 纠纷退款数 绩效 评分≤3订单数 询单人数 "
                "询单转化率 转化率 销售额 需要人工回复的咨询人数 预警会话量 首次响应时长 首次响应时间"
            ).split()
        ),
        3,
    ),
    (
        "会话列表 (a list of sessions: one row per session, no messages)",
        "export the messages of the sessions (会话详情 / 消息明细) instead",
        frozenset(
            (
                "begintime endtime replytime sessiontype 会话中止方 会话关闭原因 会话分类 会话发起方 会话开始时间 "
                "会话时长 会话类型 会话结束时间 响应时间 客服平均响应时长 客服消息数 客服首次响应时长 "
                "客服首次响应的时间 对话回合数 对话开始时间 开始时间 总消息数 持续时间 排队开始时间 排队时长 排队时间 "
                "接入方式 是否有效会话 满意度标签 满意度评分 用户消息数 结束方式 结束时间 首次响应时长"
            ).split()
        ),
        3,
    ),
    (
        "订单表 (a list of orders, no messages)",
        "export the chat records (聊天记录) instead",
        frozenset(
            (
                "买家实付 买家应付货款 付款时间 单价 发货时间 售后单号 售后状态 商品名称 商品数量 宝贝名称 宝贝标题 "
                "实付金额 快递公司 快递单号 总金额 支付时间 收货人 收货人姓名 收货地址 数量 物流公司 物流单号 "
                "联系手机 订单id 订单付款时间 订单创建时间 订单号 订单状态 订单编号 订单金额 运单号 退款状态 退款金额"
            ).split()
        ),
        3,
    ),
    (
        "评价表 (a list of ratings, no messages)",
        "export the chat records (聊天记录) instead; ratings go into ratings.csv beside them",
        frozenset(
            (
                "eval_code eval_recer eval_sender eval_time 店铺评分 描述相符 星级 服务态度 满意度 物流服务 评价人 "
                "评价内容 评价时间 评价星级 评价标签 评价等级 评价类型 评分 追加评价 追评内容"
            ).split()
        ),
        3,
    ),
)

_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xFEFF: None}
_MOMENT = re.compile(r"\s*(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}:\d{2}\b)", re.ASCII)
_BRACKETS = re.compile(r"[(\[【（].*?[)\]】）]")


def plain(header: str) -> str:
    """A header for comparison: half-width, lower case, without spaces, underscores, hyphens and bracketed units."""
    text = header.translate(_WIDE).lower().strip().strip("*\"'")
    return re.sub(r"[\s_\-:：]+", "", _BRACKETS.sub("", text) or text)


@cache
def known_names() -> dict[str, tuple[tuple[str, float], ...]]:
    """Plain header → (field, certainty), the surest first."""
    found: dict[str, list[tuple[str, float]]] = {}
    for field, names in SYNONYMS.items():
        for place, name in enumerate(names):
            found.setdefault(plain(name), []).append((field, round(0.95 - 0.01 * place, 2)))
    return {name: tuple(sorted(fields, key=lambda f: -f[1])) for name, fields in found.items()}


@cache
def _words_of_others() -> frozenset[str]:
    return frozenset(plain(word) for _, _, words, _ in NOT_CHATS for word in words)


def canonical_name(header: str) -> str:
    """The canonical column that a header names outright, else ""."""
    name = header.translate(_WIDE).strip().lower()
    return name if name in CANONICAL else ""


def header_score(cells: Sequence[str]) -> int:
    """How many cells of a row are words that headers use; 0 where a cell is a date or time, which only data holds."""
    if any(_MOMENT.match(c) for c in cells):
        return 0
    names, others = known_names(), _words_of_others()
    return sum(1 for c in cells if c and (canonical_name(c) or (p := plain(c)) in names or p in others))


def not_chats(columns: Sequence[str]) -> tuple[str, str]:
    """What a table without a text column is and what to export instead; ("", "") where it may be chats."""
    headers = {plain(c) for c in columns}
    text_like = headers & {plain(n) for n in SYNONYMS["text"]}
    if text_like:
        return "", ""
    best = max(NOT_CHATS, key=lambda kind: len(headers & {plain(w) for w in kind[2]}))
    hits = len(headers & {plain(w) for w in best[2]})
    return (best[0], best[1]) if hits >= best[3] else ("", "")
