"""Shape: amounts of money in a text, and which of them an agent grants."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.chats.frames import clause

_DIGITS = dict(zip("零一二三四五六七八九两", (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_AMOUNT = re.compile(
    r"[¥￥]\s?(?P<sign>\d+(?:\.\d+)?)|(?P<number>\d+(?:\.\d+)?|[零一二三四五六七八九十百千两]+)\s?"
    r"(?:元|块钱?(?P<jiao>[1-9一二三四五六七八九两](?![\d十百元块个件张份天]))?|rmb|圆)"
)
_VERB = (
    r"退(?!款(?:金额|成功|已|会|到|一般|原路)|货)|补|赔|返(?!回|修)|减免|报销|打款|转给|便宜|优惠(?!券|价|活动|后)"
    r"|让利|红包|抹掉|少收|免掉"
)
_BEFORE = re.compile(rf"(?:{_VERB})[^\d零一二三四五六七八九十百千两]{{0,8}}$")
_AFTER = re.compile(rf"^(?:钱|现金|左右|差价|运费|费用|的)?[^，,。！？!?]{{0,3}}(?:{_VERB}|补偿|赔偿|给您|给你|给亲)")
_REFUSED = re.compile(
    r"不了|不能|不可以|不可能|无法|没法|没办法|没有办法|不会|不予|不支持|不给|不补|不退|不赔|不返|不行|做不到|没有权限|权限"
    r"|满\s?\d+|每满|立减|券后|定金|尾款|原价|到手|起步|运费险|保证金|需要?(?:您|你|亲)"
    r"|(?<![给为帮替])(?:您|你|亲)(?:这边)?(?:需要?|要|得|先|再)?(?:补|付|转|拍)|链接|使用了|扣|收取|税"
)
_IF = re.compile(r"如果|要是|假如|假设|若|万一|的话|一旦|每晚|每天|每超|超时|规则|规定")
_WHOLE = re.compile(r"全额|全款|整单|货款|本金|退货|全部退|原路")
_MORE = re.compile(r"再|另外|另|额外|还|也|加上|外加|同时")


@dataclass(frozen=True)
class Grant:
    """An amount that an agent promises or gives."""

    start: int  # place of the amount in the text
    end: int
    yuan: float
    clause: str
    more: bool  # on top of what was offered before


def yuan(text: str) -> float:
    """The value of a number in digits or Chinese: 30.5, 五十, 一百二, 两千三百."""
    if text[:1].isdigit():
        return float(text)
    total, digit, unit = 0.0, 0.0, 1.0
    for char in text:
        if char in _UNITS:
            unit = float(_UNITS[char])
            total += (digit or 1.0) * unit
            digit = 0.0
        else:
            digit = digit * 10 + _DIGITS[char] if unit == 1.0 else float(_DIGITS[char])
    tail = unit / 10 if unit > 10 and len(text) > 1 and text[-2] in _UNITS and text[-1] in _DIGITS else 1.0
    return total + digit * tail


def grants(text: str) -> list[Grant]:
    """Amounts that the folded text of an agent grants: refunds of differences, compensation, red packets.

    Refusals, conditions, prices, shop promotions and whole refunds of an order are none.
    """
    found = []
    for m in _AMOUNT.finditer(text):
        first, last = clause(text, m.start(), m.end())
        words = text[first:last]
        before, after = text[first : m.start()], text[m.end() : last]
        if not _BEFORE.search(before) and not _AFTER.search(after):
            continue
        lead = text[max(0, first - 12) : last]
        if _REFUSED.search(words) or _WHOLE.search(words) or _IF.search(lead):
            continue
        value = yuan(m["sign"] or m["number"])
        if m["jiao"]:
            value += yuan(m["jiao"]) / 10
        found.append(Grant(m.start(), m.end(), value, words, _MORE.search(before) is not None))
    return found
