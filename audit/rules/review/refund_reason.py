"""REV005 review.refund_reason 引导修改退款原因"""

import re

import numpy as np
import pandas as pd

from audit.chats.chats import Chats
from audit.rules.model import rule
from audit.shapes.hits import make_hits, no_hits
from audit.shapes.reviews import joined

_TRUE = r"质量|破损|破洞|少件|少发|漏发|错发|发错|假|描述|实际|如实|真实|实情|未按|延迟发货|缺货|卖家"
_FALSE = (
    r"不喜欢|不想要|不要了|无理由|多拍|拍多|拍错|错拍|其他(?!商品|颜色|款|尺码|地址|方式|快递|物流|产品|规格)|协商|"
    r"个人原因|自己原因|尺码|尺寸|不合适|效果不|"
    r"信息(?:填|写)错|地址(?:填|写)错"
)
_AWAY = re.compile(
    rf"(?:不要|别|请勿|不能|不可以|不用|勿|不)(?:选择?|写|填|点|勾选?|说|备注|用|申请)[^,，。]{{0,4}}(?:{_TRUE})"
    rf"|(?:选择?|写|填|申请)[“\"【\[]?(?:{_TRUE})[^,，。]{{0,10}}"
    r"(?:驳回|拒绝|通不过|不通过|不给|不能通过|影响我们|影响店铺|扣分|要举证)"
)
#: a reason that is pointed out without a word of change
_PICK = re.compile(rf"(?:选择?|写|填|勾选?|申请)[“\"【\[]?(?:个|成|为|了)?[^,，。]{{0,2}}?(?:{_FALSE})")
_SWAP = re.compile(rf"(?:改|换)[成为][^,，。]{{0,4}}(?:{_FALSE})")
_CHANGE = re.compile(r"改|换|撤销|撤回|重新")
_TO_TRUE = re.compile(rf"^[^,，。!?]{{0,6}}(?:{_TRUE})")
_IS_TRUE = re.compile(rf"(?:选择?|改[成为]|按照?|写|填)[“\"【\[]?[^,，。]{{0,3}}(?:{_TRUE})$")
_CHOOSE_TRUE = re.compile(rf"(?:选择?|改[成为])[“\"【\[]?[^,，。]{{0,3}}(?:{_TRUE})")
_TO_FALSE = re.compile(rf"^[^,，。!?]{{0,6}}?(?:{_FALSE})")
_REFUSED = re.compile(
    r"(?:不会|不用|不需要|无需|不必|不要求|不能要求|没有要求|没让|无法|没法|不支持|不可以|不能)(?:要求|让|叫|"
    r"帮)?[您你]?[^,，。]{0,4}(?:改|选|换|填)(?![^,，。]{0,3}(?:质量|破损|少|漏|错|假|描述|卖家))"
    r"|不对的|不应该|(?:哪位|哪个|那位)(?:客服|同事)"
)
_OWN = re.compile(
    r"不喜欢|不想要|不要了|不需要了|不合适|不适合|太大|太小|大了|小了|偏大|偏小|买错|拍错|错拍|多拍|拍多|买多|多买|"
    r"重复拍|无理由|不好看|后悔|用不上|便宜"
)
_CHOSEN = re.compile(
    r"(?:选|写|填|点)(?:的是|了|的|成)?[^,，。]{0,3}(?:质量问题?|不喜欢|不想要|无理由|多拍|拍错)|(?:选|"
    r"写)(?:不想要|不喜欢|无理由)"
)
_FAULT = re.compile(
    r"质量|坏|破|裂|碎|漏|少了?发|少[了一两三个件袋颗]|发错|错发|不对版|假货?|是假的|不符|掉[色漆]|褪色|起球|开线|"
    r"有洞|虫|没发货|不发货|瑕疵|变形|不制冷|不亮|没声|脏|过期|发霉|烂"
)
_ASKED = re.compile(r"(?:怎么|如何|哪里|在哪|想|帮我|能不能|可以|要)[^,，。]{0,6}(?:改|换)")


@rule(
    "REV005",
    "review.refund_reason",
    "引导修改退款原因",
    unit="message",
    severity="major",
    topic="规则",
    needs=("lexicon:refund_reason",),
    cite="TB-6 无故拒绝售后：引导买家把退款原因改成不真实的原因",
)
def check(chats: Chats) -> pd.DataFrame:
    """引导买家把退款、退货原因选成或改成与事实不符的原因。

    为什么：天猫、淘宝把引导修改退款原因算无故拒绝售后，要赔付；质量问题因此不入账，运费和责任落到买家头上。
    不算违规：按买家自己说的原因选（不喜欢、多拍、尺码不合适）；引导选真实的质量原因；请买家按实际情况选；拒绝帮买家改。
    已知误报：买家在电话里说过真实原因，聊天里看不到。
    选项：无。
    依据：TB-6。要求改原因、不让选质量问题的直接算；只是指点选哪一项的，买家在会话里说过店铺的过错才算。
    """
    of_text = _places(chats)
    texts = np.zeros(len(chats.texts), dtype=bool)
    texts[list(of_text)] = True
    rows = np.flatnonzero(chats.seller & texts[chats.text_id])
    out: list[tuple[int, int, int, str]] = []
    for row in rows.tolist():
        number = int(chats.text_id[row])
        text = chats.texts.view.text(number)
        told = _told(chats, row)
        spans = [s for span in of_text[number] if (s := misled(text, span, told))]
        out += [(row, start, end, told) for start, end in joined(spans, 12)]
    if not out:
        return no_hits()
    place = np.array([r for r, *_ in out], dtype=np.int64)
    base = chats.texts.view.starts[chats.text_id[place]]
    start, end = chats.texts.view.original_span(
        base + np.array([a for _, a, _, _ in out]), base + np.array([b for _, _, b, _ in out])
    )
    quoted = [t[a:b] for t, a, b in zip(chats.messages["text"].iloc[place], start, end, strict=True)]
    return make_hits(
        place,
        start=start,
        end=end,
        why=[
            f"引导买家选或改不真实的退款原因：“{q}”" + _fault(told) for q, (*_, told) in zip(quoted, out, strict=True)
        ],
        decided_by="lexicon",
    )


def _places(chats: Chats) -> dict[int, list[tuple[int, int]]]:
    """Text number → places where a reason is chosen, changed or advised against, relative to the folded text."""
    found = chats.texts.matches("refund_reason").merged()
    view = chats.texts.view
    out: dict[int, list[tuple[int, int]]] = {}
    base = view.starts[found.text]
    places = zip(found.text.tolist(), (found.start - base).tolist(), (found.end - base).tolist(), strict=True)
    for text, start, end in places:
        out.setdefault(text, []).append((start, end))
    codes, following = view.codes[:-1], view.codes[1:]
    reason = codes == ord("选")
    for first, second in ("原因", "理由", "质量", "喜欢"):
        reason |= (codes == ord(first)) & (following == ord(second))
    for number in np.unique(view.text_of(np.flatnonzero(reason))).tolist():
        text = view.text(number)
        more = [m.span() for pattern in (_AWAY, _SWAP, _PICK) for m in pattern.finditer(text)]
        if more:
            out[number] = joined([*out.get(number, []), *more])
    return out


def _told(chats: Chats, row: int) -> str:
    """What the buyer said in the session before a row, folded, one message a line."""
    first = int(chats.sessions["first_row"].to_numpy()[chats.session[row]])
    before = np.arange(first, row)
    before = before[chats.buyer[before] & (chats.session[before] == chats.session[row])]
    return "\n".join(chats.texts.view.text(int(i)) for i in chats.text_id[before])


def _fault(told: str) -> str:
    """The shop's fault that the buyer named, for the reason given."""
    found = next((line for line in told.split("\n") if _FAULT.search(_CHOSEN.sub("", line))), "")
    return f"，买家说的是“{found[:20]}”" if found else ""


def misled(text: str, span: tuple[int, int], told: str) -> tuple[int, int] | None:
    """The span of an untrue reason that the buyer is led to; None where the reason is true, the buyer's own or refused.

    `text` is the seller's folded text, `told` what the buyer said before in the session.
    """
    start, end = span
    first = max(text.rfind(c, 0, start) for c in ",，。！？!?；;\n") + 1
    after = re.search(r"[,，。！？!?；;\n]", text[end:])
    last = end + after.start() if after else len(text)
    clause, matched = text[first:last], text[start:end]
    if _REFUSED.search(clause) or re.search(r"不对的|不应该", text):
        return None
    facts = _CHOSEN.sub("", told)
    own, fault = _OWN.search(facts), _FAULT.search(facts)
    if _AWAY.search(matched) or _AWAY.search(clause):
        return None if own and not fault else span
    if re.search(r"(?:不要|别|请勿|不用|不能|勿)[^,，。]{0,2}$", text[first:start]):
        return None
    aim = text[end : end + 12]
    if _TO_TRUE.search(aim) or _IS_TRUE.search(matched):
        return None
    false = _TO_FALSE.search(aim)
    to = end + false.end() if false else end
    named = false is not None or re.search(_FALSE, matched) is not None
    if not named and (re.search(r"原因|理由", clause) is None or _CHOOSE_TRUE.search(text, end)):
        return None
    if _CHANGE.search(matched) or _CHANGE.search(clause[: start - first]):
        asked = _ASKED.search(told.rsplit("\n", 1)[-1]) and "原因" in told
        return None if (own and not fault) or (asked and not named) else (start, to)
    return (start, to) if named and fault and not own else None


EXAMPLES = """
B 拉链坏了，申请退款了
A 亲，«退款原因改成不喜欢»

B 水壶漏水，要退
A «原因选七天无理由»就好

B 发错颜色了
A «退款原因选拍错»，快一些

B 我选了质量问题
A 麻烦«不要选质量»问题

B 花瓶碎了，退款
A 重新申请，«原因选其他»

B 少发一袋
A(auto) 统一«选多拍，请勿选少件»

B 桌子掉漆
R 请将«退款原因修改为不想要»

# platform=pdd
B 橘子烂了好几个
A 您«改成七天无理由»，我马上退

B 填了描述不符
A «换成不喜欢»再提交，不然扣我们分

B 不喜欢这个颜色，想退
A 可以的，退款原因选不喜欢就行

B 我多拍了一件
A 好的，原因选多拍，马上退您

B 拉链坏了退货选什么
A 选质量问题，上传照片

B 原因选哪个
A 退款原因按实际情况选就行

B 选错了，写成不喜欢，其实是漏水
A 您可以把原因改成质量问题

B 帮我改成无理由
A 退款原因我们不能帮您改，您自己选

B 上次客服让我改退款原因
A 抱歉，让您改退款原因是不对的，您如实申请

B 退款原因在哪里改
A 撤销后重新选择退款原因就可以

B 要退货
A 退货地址审核后显示，记得填单号

B 碎了
A 原因选商品破损，拍照上传
"""
