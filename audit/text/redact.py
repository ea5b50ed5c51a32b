"""Masks personal data in chat texts without moving a character: evidence offsets stay true."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

MASK = "*"

_WIDE = "0123456789@-+.:_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FULL_WIDTH = {**{ord(c) + 0xFEE0: c for c in _WIDE}, 0x3000: " "}
_HAN = "\u4e00-\u9fff"
_CHINESE_DIGITS = "零〇一二三四五六七八九幺"
_PROVINCE = rf"[{_HAN}]{{2,6}}?(?:省|自治区)"
_CITY = rf"[{_HAN}]{{2,6}}?(?:市|自治州)"
_ROAD = "路|街|大道|巷|弄|胡同|村|小区|花园|公寓|大厦|家园|苑"
_NUMBER = r"\d{1,5}(?:-\d{1,4})?(?:号楼|号院|号|弄|栋|幢|座|单元|楼|室)(?!链接|线|款|色)"
_INNER = rf"(?:[A-Za-z{_HAN}]{{0,6}}?\d{{1,5}}(?:号楼|号|栋|幢|座|单元|楼|层|室|户))"
_GAP = r"[ \-—_.·]{0,2}"

#: What a text must hold before any pattern below can match; RE2 syntax, run over distinct texts as one column.
PREFILTER = (
    r"[0-9０-９]{7}|(?:[0-9０-９][ 　\-—－_.．·]{0,2}){8}|[@＠]"
    r"|[零〇一二三四五六七八九幺]{11}|[Ａ-Ｚａ-ｚ]{2}"
    r"|(?i:微信|薇信|威信|[vw]x|wechat|qq)|扣扣|企鹅|[vVｖ]信|单号"
    r"|(?:收件人|收货人|寄件人|联系人|姓名|地址)[是为叫:： 　]"
    r"|(?:路|街|大道|巷|弄|胡同|村|小区|花园|公寓|大厦|家园|苑)[一-龥]{0,4}[0-9０-９]"
    r"|[区县市旗][一-龥]{1,6}(?:街道|镇|乡)"
)


_CUED = re.compile(PREFILTER)


def _keep(start: int, end: int) -> Callable[[str], str]:
    """Mask the letters and digits of a match except the first `start` and the last `end`; separators stay."""

    def masked(text: str) -> str:
        places = [i for i, c in enumerate(text) if c.isalnum()]
        hidden = set(places[start : len(places) - end]) if len(places) > start + end else set(places)
        return "".join(MASK if i in hidden else c for i, c in enumerate(text))

    return masked


def _all(text: str) -> str:
    return "".join(c if c.isspace() else MASK for c in text)


def _email(text: str) -> str:
    at = text.index("@")
    return text[0] + MASK * (at - 1) + text[at:] if at > 1 else MASK * at + text[at:]


def luhn(digits: str) -> bool:
    """Whether a card number's check digit holds (ISO/IEC 7812-1)."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        d = int(c)
        if i % 2:
            d = d * 2 - 9 if d > 4 else d * 2
        total += d
    return total % 10 == 0


def id_card(number: str) -> bool:
    """Whether the 18th character of a resident identity number is right (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(c) * w for c, w in zip(number, weights, strict=False)) % 11] == number[17].upper()


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c in "xX")


# Each entry: pattern over the text with half-width digits, what it masks (group "x", else the whole match),
# how it masks it, and a further test of the matched part.
_RULES: list[tuple[re.Pattern[str], Callable[[str], str], Callable[[str], bool] | None]] = [
    (re.compile(r"(?<![A-Za-z0-9._%+-])(?P<x>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"), _email, None),
    (  # identity numbers, also with blanks between their parts
        re.compile(
            r"(?<![0-9A-Za-z])(?P<x>[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?[01]\d[ -]?[0-3]\d"
            r"[ -]?\d{3}[ -]?[\dXx])(?![0-9A-Za-z])"
        ),
        _keep(1, 1),
        lambda t: id_card(_digits(t)),
    ),
    (  # bank cards printed in groups of four
        re.compile(r"(?<!\d)(?P<x>\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?)(?!\d)"),
        _keep(0, 4),
        lambda t: luhn(_digits(t)),
    ),
    (re.compile(r"(?<!\d)(?P<x>\d{6}-\d{12,15})(?!\d)"), _keep(0, 4), None),  # PDD order numbers: date-15 digits
    (re.compile(r"(?<!\d)(?P<x>\d{15,}[Xx]?)(?!\d)"), _keep(0, 4), None),
    (
        re.compile(
            r"(?:订单|运单|快递|物流|单据|交易|售后|退货|退款)(?:编|单)?号(?:码)?(?:是|为)?[:\s]{0,3}"
            r"(?P<x>[A-Za-z]{0,4}\d[\d-]{6,}\d)(?!\d)"
        ),
        _keep(0, 4),
        None,
    ),
    (  # mobile phones; grouped, or with the same blank after every digit
        re.compile(
            rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?(?P<x>1[3-9]\d{_GAP}(?:\d{{4}}{_GAP}\d{{4}}"
            rf"|\d{{3}}{_GAP}\d{{5}}|\d{{5}}{_GAP}\d{{3}}|\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}})"
            rf"|1[3-9]\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{3}}|1[3-9]\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}}"
            r"|1([ \-.·])[3-9](?:\2\d){9})(?!\d)"
        ),
        _keep(3, 4),
        None,
    ),
    (re.compile(rf"[一幺][三四五六七八九3-9][{_CHINESE_DIGITS}]{{9}}(?![{_CHINESE_DIGITS}])"), _all, None),
    (
        re.compile(r"(?<!\d)(?:\+?86[ -]?)?(?P<x>[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[ -]?[2-8]\d{6,7})(?!\d)"),
        _keep(0, 2),
        None,
    ),
    (re.compile(r"(?<!\d)(?P<x>[48]00[ -]\d{3,4}[ -]?\d{3,4})(?!\d)"), _keep(3, 0), None),
    (
        re.compile(
            r"(?:(?<![A-Za-z0-9])(?i:qq)|扣扣|企鹅)(?:群|号码|号|账号)?"
            r"(?:[:\s]|是|为|加)*(?P<x>[1-9]\d{4,11})(?!\d)"
        ),
        _all,
        None,
    ),
    (  # WeChat: after a separator any id; glued on only with a digit, because 微信iPhone版 is none
        re.compile(
            r"(?:微信|薇信|威信|[vVｖ]信|(?<![A-Za-z0-9])(?i:wechat|[vw]x))(?:号码|账号|号|id|ID)?"
            r"(?:(?:[:\s]|是|为|加)+(?P<x>[A-Za-z][A-Za-z0-9_-]{5,19}|\d{6,15})"
            r"|(?P<y>(?=[A-Za-z_-]*\d)[A-Za-z0-9][A-Za-z0-9_-]{5,19}))(?![A-Za-z0-9_-])"
        ),
        _all,
        None,
    ),
    (
        re.compile(
            r"(?:收件人|收货人|寄件人|联系人|(?:真实)?姓名)(?:(?:是|为|叫)|[: ])[: ]{0,2}"
            rf"(?P<x>(?![我你他她它谁不哪什怎问空错没有])[{_HAN}·]{{2,4}}?)"
            rf"(?=$|[^{_HAN}·]|电话|手机|地址|联系|住)"
        ),
        _keep(1, 0),
        None,
    ),
    (
        re.compile(
            r"地址(?:是|为)?[: ]\s{0,2}"
            r"(?P<x>(?=[^，。；;！!？?\n]{0,60}(?:\d|省|市|区|县|镇|乡|村|路|街|巷))[^，。；;！!？?\n]{4,60})"
        ),
        _all,
        None,
    ),
    (  # a region with a road (estate, village) and a number: hidden from the district on
        re.compile(
            rf"(?:{_PROVINCE})?(?:{_CITY}|(?<=[省市])|(?=[{_HAN}]{{1,4}}[区县]))"
            rf"(?P<x>(?:[{_HAN}]{{1,6}}?(?:区|县|市|旗))?(?:[{_HAN}]{{1,6}}?(?:街道|镇|乡))?"
            rf"[{_HAN}A-Za-z\d]{{1,8}}?(?:{_ROAD})[{_HAN}]{{0,4}}?{_NUMBER}{_INNER}*(?:-?\d{{1,5}}){{0,3}})"
        ),
        _all,
        None,
    ),
    (  # a road with a number and a room, without its region
        re.compile(
            rf"(?P<x>[{_HAN}A-Za-z\d]{{1,4}}(?:{_ROAD})[{_HAN}]{{0,4}}?{_NUMBER}{_INNER}+(?:-?\d{{1,5}}){{0,3}})"
        ),
        _all,
        None,
    ),
    (  # a village without a number
        re.compile(
            rf"(?:{_PROVINCE})?(?:{_CITY})?(?P<x>[{_HAN}]{{1,6}}(?:区|县|市|旗)[{_HAN}]{{1,6}}(?:街道|镇|乡)"
            rf"[{_HAN}]{{1,8}}(?:村|社区|小区|组|队)(?:[{_HAN}\d]{{0,6}}\d+(?:号|组|队))?)"
        ),
        _all,
        None,
    ),
]


def _once(text: str) -> str:
    plain = text.translate(_FULL_WIDTH)
    for pattern, masked, test in _RULES:
        hits = []
        for m in pattern.finditer(plain):
            groups = m.groupdict()
            name = "x" if groups.get("x") is not None else "y" if groups.get("y") is not None else 0
            part = m.group(name)
            if test is None or test(part):
                hits.append((m.start(name), masked(part)))
        for start, part in hits:
            end = start + len(part)
            hidden = "".join(MASK if p == MASK else t for p, t in zip(part, text[start:end], strict=True))
            text = text[:start] + hidden + text[end:]
        if hits:
            plain = text.translate(_FULL_WIDTH)
    return text


def mask(text: str) -> str:
    """Return `text` with phones, identity, card and order numbers, WeChat and QQ ids, addresses, emails and
    consignees' names hidden behind `*`.

    The result has the same length, character by character: what is not hidden stands where it stood. Masking again
    changes nothing. Prices, dates, sizes and model numbers stay.
    """
    if not _CUED.search(text):
        return text
    while True:
        out = _once(text)
        if out == text:
            return out
        text = out


def mask_many(texts: pd.Series) -> pd.Series:
    """`mask` over a column: only distinct texts are looked at, and only those that hold a cue at all.

    Returns a Series of dtype `str` with the same index; missing values become "".
    """
    codes, uniques = pd.factorize(texts.astype("str").fillna(""))
    distinct = pd.Series(uniques, dtype="str")
    cued = distinct.str.contains(PREFILTER, regex=True).to_numpy(dtype=bool)
    if cued.any():
        distinct[cued] = [mask(t) for t in distinct[cued]]
    return pd.Series(distinct.to_numpy()[codes] if len(distinct) else [], index=texts.index, dtype="str")
