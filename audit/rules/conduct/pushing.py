"""CND004 conduct.pushing 主动推销"""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.waits import Bools, Ints
from audit.rules.model import rule
from audit.shapes.classifier import model_hits
from audit.shapes.denial import denied
from audit.shapes.hits import join_hits
from audit.shapes.places import one_per_message, places, roles, sentence
from audit.shapes.quotation import quoted
from audit.shapes.terms import in_rows, term_hits

_WHAT = {
    "offer": "另一件商品",
    "lead": "另一件商品",
    "bundle": "套装、多件",
    "deposit": "定金",
    "membership": "会员、年卡",
    "service": "付费服务",
}
#: what makes an offer of a mere mention; a lead or a noun needs one in its sentence
_ACT = re.compile(
    r"要不要|需不需要|(?<![对是好])吧|呗|推荐|建议|考虑|看看|了解|开通|入会|加入|加购|划算|划得来|合算|优惠(?!政策|券已|已)|打折|[\d一二三四五六七八九]折|半价|省\d|立省|减\d"
    r"|送(?:\d|积分|券|礼)|充\d|才\d|只[要需贵差]|记得|仅|\d元?一年|带[一个两上走]|链接|给您留|速来|抢|新款|也很好看|更舒服|更好"
)
#: a lead beside these speaks of the same order, not of another product
_REMEDY = re.compile(r"重新|取消|退款|退货|换货|拒收|补差|差价|补拍|拦截|拍错|改地址|发货|库存|售后")
#: the buyer asked for it: what kind of offer each question allows
_ASKED_ANY = re.compile(
    r"推荐|还有(?:别的|其他|其它|什么|啥|没有|哪些)|有(?:什么|啥|哪些)(?!问题|区别|不同|办法)|搭配|配什么|哪[款种]|哪个(?:好|合适|适合|更|性价比|划算|耐用)|怎么(?:买|拍)?(?:更|最|比较)?(?:划算|优惠|便宜)"
    r"|再[要买来拍带加]|想[再要]?买|一起[买拍]|(?:有|什么)(?:优惠|活动|赠品|礼品)|能(?:不能)?(?:便宜|优惠)|凑单|差多少包邮|新款|送[爸妈老长]|选哪"
)
_ASKED = {
    "bundle": re.compile(
        r"套[餐装盒]|组合|第二件|买[二两2三3一]送|多买|[两二三2-9]件|几件|满减|优惠|活动|便宜|折|凑|礼盒|换购"
    ),
    "deposit": re.compile(r"定金|订金|预售|预付|预[订定]|预约"),
    "membership": re.compile(r"会员|入会|[年月季次]卡|储值|充值卡|办卡|订阅|plus|vip"),
    "service": re.compile(r"延保|碎屏|保险|意外|换新|增值|付费|清洗|保养|以旧换新|安装"),
}
_REFUSED = re.compile(
    r"(?:不(?:用|要|需要?|想要?|买|办|考虑)|别再?推)[^,，。！？!?]{0,3}(?:套|会员|卡|延保|定金|推荐|推销|别的|其他)|^不(?:用|要|需要|买)了?|没兴趣"
)
_AFTER_SALES = re.compile(r"退货|退款|换货|退换|维修|售后|补发|发错|少发|漏发|坏了|没收到|物流|快递到哪")


@rule(
    "CND004",
    "conduct.pushing",
    "主动推销",
    unit="message",
    severity="minor",
    topic="话术",
    needs=("lexicon:promotion",),
    cite="[000] 五(二) 不主动推销：不得推销会员卡、无关套餐、定金、付费服务",
)
def check(chats: Chats, *, lexicon: str = "promotion", after_sales: bool = True) -> pd.DataFrame:
    """买家没有问，卖家主动推别的商品、套餐、定金、付费服务或会员卡，答完问题顺带推也算。

    为什么：“不主动推销”是店铺对买家的承诺；售后时推销最招反感。
    不算违规：买家问推荐、搭配、优惠、还有什么、哪一款，或自己问到会员、延保、定金、套餐；同款尺码建议；补差价、补发、换货；免费赠品。
    已知误报：缺货时推荐替代款；全店活动的通知。
    选项：lexicon 词库；after_sales=false 时售后会话也只作提示。
    依据：[000] 五(二)。店铺有“不主动推销”标签，或买家在本会话里已投诉、催单、下单、谈退换，记轻微；其他只提示。
    """
    found = chats.texts.matches(lexicon)
    found = found.take((roles(found) != "trigger") & _offered(chats, lexicon, found))
    found = found.take(~quoted(chats, found) & ~denied(chats, found)).merged()
    row, match = in_rows(chats, found, chats.seller)
    hits = term_hits(chats, found, chats.seller, "买家没有问，卖家主动推销：“{quote}”")
    kinds = roles(found)[match]
    hits["why"] = [f"{why}（{_WHAT[kind]}）" for why, kind in zip(hits["why"], kinds, strict=True)]
    first = one_per_message(hits[~_solicited(chats, found, row, match)])
    silent = chats.seller & ~chats.mask(hits["row"].to_numpy())
    by_model = model_hits(chats, "promotion", silent, "主动推销")
    first = join_hits(first, by_model[~_wanted(chats, by_model["row"].to_numpy())])
    first["severity"] = np.where(_grave(chats, first["row"].to_numpy(), after_sales), "minor", "info")
    return first


def _offered(chats: Chats, lexicon: str, found: Matches) -> Bools:
    """(matches,) bool: an offer; leads and nouns need a sales word or one another in their sentence."""
    keep = np.ones(len(found), dtype=bool)
    everything = chats.texts.matches(lexicon)
    kinds, base = roles(everything), chats.texts.view.starts
    for i, (role, (text, start, end)) in enumerate(zip(roles(found), places(chats, found), strict=True)):
        if role == "offer":
            continue
        first, last = sentence(text, start, end)
        number = int(found.text[i])
        others = (everything.text == number) & (kinds != role)
        at = everything.start[others] - base[number]
        act = _ACT.search(text[first:start]) or _ACT.search(text[end:last])
        keep[i] = act is not None or bool(((at >= first) & (at < last) & ((at < start) | (at >= end))).any())
        keep[i] &= not (role == "lead" and _REMEDY.search(text[first:last]))
    return keep


def _solicited(chats: Chats, found: Matches, row: Ints, match: Ints) -> Bools:
    """(pairs,) bool: one of the buyer's last two turns of the session asked for such an offer."""
    out = np.zeros(len(row), dtype=bool)
    for i, (said, kind, (text, _, _)) in enumerate(
        zip(_lately(chats, row), roles(found)[match], places(chats, found.take(match)), strict=True)
    ):
        out[i] = any(
            _ASKED_ANY.search(s) or any(p.search(s) and (name == kind or p.search(text)) for name, p in _ASKED.items())
            for s in said
        )
    return out


def _wanted(chats: Chats, row: Ints) -> Bools:
    """(rows,) bool: one of the buyer's last two turns of the session asked for an offer of any kind."""
    patterns = (_ASKED_ANY, *_ASKED.values())
    asked = [any(p.search(s) for s in said for p in patterns) for said in _lately(chats, row)]
    return np.array(asked, dtype=bool)


def _lately(chats: Chats, row: Ints) -> Iterator[list[str]]:
    """For each row what the buyer said in the last two turns of the session, latest first, up to a refusal."""
    turns, last = chats.turn, chats.previous(chats.buyer)
    for r in row:
        told: list[str] = []
        at, seen, turn = int(last[r]), 0, -1
        while at >= 0 and chats.session[at] == chats.session[r]:
            if turns[at] != turn:
                turn, seen = turns[at], seen + 1
            said = chats.texts.view.text(int(chats.text_id[at]))
            if seen > 2 or _REFUSED.search(said):
                break
            told.append(said)
            at = int(last[at - 1]) if at > 0 and chats.conversation[at - 1] == chats.conversation[at] else -1
        yield told


def _grave(chats: Chats, row: Ints, after_sales: bool) -> Bools:
    """(rows,) bool: the shop carries 不主动推销, or the session had come to after-sales before the message."""
    out = np.zeros(len(row), dtype=bool)
    for _, profile, mine in chats.shop_rows():
        if getattr(profile, "no_promotion", False):
            out |= mine[row]
    if after_sales:
        states = chats.buyer_is("complaint") | chats.buyer_is("dispute") | chats.buyer_is("urge")
        among = chats.texts.of_rows(chats.text_id[chats.buyer & np.isin(chats.session, chats.session[row])])
        spoke = chats.texts.pattern(_AFTER_SALES, among)
        order = (chats.messages["event"] == "order").to_numpy()
        since = chats.previous(states | (chats.buyer & spoke[chats.text_id]) | order)[row]
        known = since >= 0
        out[known] |= chats.session[since[known]] == chats.session[row[known]]
    return out


EXAMPLES = """
# severity=info
B 这条裤子有黑色吗
A 有的，«另外我们»新到的卫衣也很好看，一起看看吧

# severity=minor
B 收到货坏了，要退款
A 给您退，«要不要看看我们»的升级款，加30就行

# no_promotion=true severity=minor
B 这个多大
A 60×90的，亲«要不要再带一»条围巾

# severity=minor
B 空调不制冷
A 师傅明天到，«要不要顺便买个»清洗套餐

# severity=info
B 面膜敏感肌能用吗
A 可以的，«顺便办张会员卡»吧，39元全年九折

B 电视怎么挂
A 师傅免费装，您再«加199买个五年延保»吧

B 几点直播
A 八点。«先付定金»能锁名额，要不要试试

B 在吗
A(auto) 亲，«店长推荐»新品坚果礼盒，立即下单享八折

B 多久到
R 两天到，«推荐您搭配我们»的保温杯，点击购买

B 好的谢谢
A 不客气，精华刚到货，«您带一瓶吧»

B 说了不要套餐
A 那«办张年卡»吧，半价呢

# severity=minor
E order {"order_id":"9001"}
B 好了
A «再买个袜子吧»，凑个整

B 有没有搭配这条裙子的鞋推荐
A 白色小皮鞋很搭，推荐您搭配这双

B 还有别的零食吗
A 我们还有海苔，今天打折

B 有套餐吗
A 有，三件套餐89元，更划算

B 会员卡怎么办
A 首页点入会就行，现在开通39元一年

B 能买延保吗
A 可以的，三年延保99元，建议加购

# no_promotion=true
B 帮我推荐个送妈妈的
A 给您推荐这款按摩仪，很划算

B 穿什么码
A 建议您拍M码

B 少一件
A 马上给您补发，重新拍一单我来改价

B 送什么吗
A 下单送一双袜子

B 我要换大号
A 拍5元补差链接就行

B 我们是plus会员
A 好的，PLUS会员的运费券到账了

B 我再要两包猫砂
A 好的，您一起拍下合并发货吧

B 别推销了
A 好的亲，不打扰您
"""
