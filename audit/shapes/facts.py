"""Shape: facts that a buyer gives and an agent asks for: order number, photo, size, phone …"""

from __future__ import annotations

import re

from audit.chats.chats import Chats
from audit.chats.waits import Bools

#: fact → (name in a reason, what a buyer who gives it writes; "" = pictures); folded text
FACTS: dict[str, tuple[str, str]] = {
    "order_no": ("订单号", r"(?:订单|单号|编号)\D{0,6}\d{6,}|(?<!\d)(?!1[3-9]\d{9}(?!\d))\d{9,25}(?!\d)"),
    "tracking_no": (
        "快递单号",
        r"(?:快递|运单|物流|退货|寄回|退回)\D{0,6}[a-z]{0,4}\d{8,}|(?<![a-z0-9])[a-z]{2}\d{10,}",
    ),
    "photo": ("照片", ""),
    "phone": ("电话", r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)1\d\d\*{4}\d{4}"),
    "address": (
        "地址",
        r"[省市区县镇乡][^?]{2,}?(?:路|街|道|村|号|栋|幢|室|小区)[^?]{0,8}\d|收货?(?:地址|人)[:是]\S{6,}",
    ),
    "invoice": ("开票信息", r"[0-9a-z]{15,20}(?![0-9a-z])|抬头[:是]\S{4,}"),
    "body": ("身高体重", r"(?:身?高|体重)\D{0,4}\d{2,3}|\d{2,3}(?:\.\d)?\s?(?:斤|公斤|kg|千克)"),
    "foot": ("脚长", r"脚\D{0,4}\d{2}"),
    "code": ("尺码", r"(?:穿|要|拿|选|拍)[^,，。?]{0,4}?(?:x{0,4}[sml]|\d{2,3})(?:码|号|$)"),
    "girth": ("围度", r"[腰胸臀头手指肩圈颈][围宽口]\D{0,4}\d"),
    "measure": ("尺寸", r"(?:长|宽|高|深|厚|直径|尺寸)\D{0,4}\d"),
}
#: facts that belong to one case; the others stay true of the buyer
OF_A_CASE = ("order_no", "tracking_no", "photo")
_SIZES = (
    ("body", re.compile(r"身高|体重|多高|多重|几斤|多少斤")),
    ("foot", re.compile(r"脚")),
    ("girth", re.compile(r"[腰胸臀头手指肩圈颈三][围宽口]")),
    ("measure", re.compile(r"尺寸|长宽|多长|多宽")),
    ("code", re.compile(r"码|穿")),
)


def fact_of(role: str, asked: str) -> str:
    """The fact that a term of `asks_info` asks for; "" = none that can be given in so many words."""
    if role == "size":
        return next((name for name, words in _SIZES if words.search(asked)), "")
    return role if role in FACTS else ""


def given(chats: Chats, name: str, among: Bools) -> Bools:
    """Buyer rows of the mask `among` that give the fact of this name."""
    rows = among & chats.buyer & ~chats.recalled
    pattern = FACTS[name][1]
    if not pattern:
        return rows & chats.messages["kind"].isin(("image", "video")).to_numpy()
    texts = chats.texts
    told = texts.pattern(re.compile(pattern), texts.of_rows(chats.text_id[rows]) & texts.holds("0", "9"))
    return rows & told[chats.text_id]
