"""CND001 conduct.off_platform 引导站外"""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.classifier import model_hits
from audit.shapes.denial import denied, warned
from audit.shapes.hits import join_hits
from audit.shapes.places import joined, matches_of, one_per_message, places, roles, sentence
from audit.shapes.quotation import quoted
from audit.shapes.terms import in_rows, term_hits
from audit.shapes.undone import in_disguise, undone_hits

_WAYS = {
    "app": "站外聊天工具",
    "name": "站外聊天工具",
    "phone": "私人电话",
    "pay": "私下付款",
    "place": "线下交易",
    "site": "别的网站或平台",
    "store": "别的网站或平台",
}
#: what turns the bare name of an app into an invitation
_CUE = re.compile(
    r"加(?!入购|湿|热|急|绒|厚|大|长|固|强|载|密|拿)|➕|\+|搜|联系|找我|扫|聊|同号|私[聊信我]|二维码|群主|拉[您你]|[发给][您你]|交易|报价|下单"
    r"|[:：]\s*[a-z0-9]|[a-z0-9_\-]{5,}|\d{5,}"
)
#: people whom the buyer may well ring: couriers and fitters, hotlines of the platform and of the courier
_RIGHTFUL = re.compile(
    r"师傅|快递员|快递小哥|派[件送]员|配送员|骑手|小哥|网点|站点|驿站|安装工|官方热线|官方客服|平台客服|客服热线|95\d{3}|400-?\d{3}"
)
_STORE_CUE = re.compile(r"去|来|搜|找|拍|下单|便宜|优惠|折|[购买]|那边|链接|我的号|更低")
_CUES = {"name": _CUE, "store": _STORE_CUE}
#: the platform's own ways to pay
_CHECKOUT = re.compile(r"平台(?:企业|支持|可以|上|内|里|页面)|收银台|下单(?:时|页)|付款页|结算页|原路")
_ACCOUNT = re.compile(r"(?:加|➕|\+)[我下个您]?(?:qq?|vx?|wx?)\d{5,}")
_OWN = {
    "taobao": re.compile(r"淘宝|天猫|taobao|tao bao|某宝|桃宝|掏宝|tb"),
    "tmall": re.compile(r"淘宝|天猫|taobao|tao bao|某宝|桃宝|掏宝|tb"),
    "pdd": re.compile(r"拼多多|pdd|pinduoduo|pin duo duo|拼夕夕|多多店"),
    "jd": re.compile(r"京东"),
    "douyin": re.compile(r"抖音"),
    "kuaishou": re.compile(r"快手"),
    "xiaohongshu": re.compile(r"小红书"),
}
_OWN_LINK = {
    "taobao": re.compile(r"(?:taobao|tmall|alipay)\.com|tb\.cn"),
    "tmall": re.compile(r"(?:taobao|tmall|alipay)\.com|tb\.cn"),
    "pdd": re.compile(r"(?:yangkeduo|pinduoduo)\.com"),
    "jd": re.compile(r"\bjd\.com|3\.cn"),
    "douyin": re.compile(r"(?:jinritemai|douyin)\.com"),
    "kuaishou": re.compile(r"kuaishou|kwaixiaodian"),
    "xiaohongshu": re.compile(r"xiaohongshu|xhslink"),
}
#: words that refuse, and links of the platforms: no way out of them
_STAYS = re.compile(
    r"(?:不|别|勿|无需|没)(?:用|能|要|必|需要|可以|让|许|是|方便)?[^,，。]{0,3}(?:加|微信|qq|扫|转账|私下)"
)
_LINK = re.compile("|".join(pattern.pattern for pattern in _OWN_LINK.values()))


@rule(
    "CND001",
    "conduct.off_platform",
    "引导站外",
    unit="message",
    severity="severe",
    topic="规则",
    needs=("lexicon:off_platform",),
    cite="TB-2 诱导第三方；DY-8 诱导第三方",
)
def check(chats: Chats, *, lexicon: str = "off_platform") -> pd.DataFrame:
    """卖家把买家引到微信、QQ、电话、别的网站或应用，或让买家私下付款、线下交易，无论怎样拼写。

    为什么：淘宝首次即罚 2000 元，三次清退；私下交易出了问题买家也得不到平台保护。自动回复和机器人的话同样算。
    不算违规：平台热线，快递员、安装师傅的电话，店铺自己的补差链接，平台自己的付款方式；拒绝买家加微信；提醒买家防骗；买家自己的话。
    已知误报：厂家或品牌的售后电话；手表、耳机等商品能登录微信的说明。
    选项：lexicon 词库（name、store 两类只提名字，同句还要有“加、搜、去、下单”等才算）。
    依据：TB-2、DY-8。本平台自己的名字和链接不算站外。一条消息记一次，各处原话都列出。
    """
    named = joined(chats.texts.matches(lexicon), _numbered(chats, lexicon))
    plain = _away(chats, named)
    coded = _away(chats, in_disguise(chats, chats.undone.matches(lexicon), plain))
    hits = join_hits(
        _hits(chats, plain, term_hits, "卖家把买家引向站外：“{quote}”"),
        _hits(chats, coded, undone_hits, "卖家把买家引向站外：“{quote}”，还原是“{decoded}”"),
    )
    hits = one_per_message(hits)
    # links, and what is quoted, refused or warned of: the rule has read it
    settled = quoted(chats, named) | denied(chats, named) | warned(chats, named) | (roles(named) == "site")
    silent = chats.seller & ~np.isin(chats.text_id, named.text[settled]) & ~chats.mask(hits["row"].to_numpy())
    return join_hits(hits, _by_model(chats, silent))


def _by_model(chats: Chats, silent: Bools) -> pd.DataFrame:
    """What the agent-act model takes for leading away, apart from refusals and the platforms' own links."""
    hits = model_hits(chats, "off_platform", silent, "引导站外")
    text = chats.text_id[hits["row"].to_numpy()]
    among = chats.texts.of_rows(text)
    return hits[~(chats.texts.pattern(_STAYS, among) | chats.texts.pattern(_LINK, among))[text]].reset_index(drop=True)


def _away(chats: Chats, found: Matches) -> Matches:
    """The matches that lead away: neither quoted nor denied, no warning, and what they name is offered."""
    found = found.take(~quoted(chats, found) & ~denied(chats, found) & ~warned(chats, found) & _invites(chats, found))
    return found.merged()


def _hits(chats: Chats, found: Matches, hits_of: Callable[..., pd.DataFrame], why: str) -> pd.DataFrame:
    """HITS of matches in the seller's rows, each with its way; the chat's own platform is no other one."""
    row, match = in_rows(chats, found, chats.seller)
    hits = hits_of(chats, found, chats.seller, why)
    ways = [_WAYS[r] for r in roles(found)[match]]
    hits["why"] = [f"{why}（{way}）" for why, way in zip(hits["why"], ways, strict=True)]
    return hits[~_at_home(chats, found, row, match)]


def _numbered(chats: Chats, lexicon: str) -> Matches:
    """An account number straight behind 加q, 加v, +vx …: no token edge parts it from the letters."""
    texts = chats.texts
    entries = texts.matcher.lexicons[lexicon].entries
    app = next((n for n, e in enumerate(entries) if e.role == "app"), -1)
    codes = texts.view.codes
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    letter = np.isin(codes, [ord(c) for c in "qvwx"])
    near = np.flatnonzero(letter[:-1] & digit[1:]) if app >= 0 and len(codes) > 1 else np.zeros(0, dtype=np.int64)
    spans = [
        (int(number), int(texts.view.starts[number]) + m.start(), int(texts.view.starts[number]) + m.end(), app)
        for number in np.unique(texts.view.text_of(near))
        for m in _ACCOUNT.finditer(texts.view.text(int(number)))
    ]
    return matches_of(spans, entries, texts.view)


def _invites(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: a bare name has a cue in its sentence; telephones and chats of couriers and fitters are none."""
    keep = np.ones(len(found), dtype=bool)
    for i, (role, (text, start, end)) in enumerate(zip(roles(found), places(chats, found), strict=True)):
        first, last = sentence(text, start, end)
        cue = _CUES.get(role)
        if cue is not None:
            keep[i] = (cue.search(text[first:start]) or cue.search(text[end:last])) is not None
        if role in ("app", "name"):
            keep[i] &= not text[:start].endswith(("您的", "你的", "您", "你"))
        if role in ("app", "name", "phone", "pay"):
            keep[i] &= _RIGHTFUL.search(text[first:last]) is None
        if role == "pay":
            keep[i] &= _CHECKOUT.search(text[first:last]) is None
    return keep


def _at_home(chats: Chats, found: Matches, row: np.ndarray, match: np.ndarray) -> Bools:
    """(pairs,) bool: the "other" site is the platform that the chat itself runs on."""
    out = np.zeros(len(row), dtype=bool)
    platform = chats.messages["platform"].iloc[row].astype(str).tolist()
    at = list(places(chats, found.take(match)))
    for i in np.flatnonzero(np.isin(roles(found)[match], ["site", "store"])):
        text, start, end = at[i]
        own, link = _OWN.get(platform[i]), _OWN_LINK.get(platform[i])
        named = own is not None and own.search(text[start:end]) is not None
        out[i] = named or (link is not None and link.search(text) is not None)
    return out


EXAMPLES = """
B 能便宜点吗
A «加我微信»xiaodian_demo，给您优惠

B 还有别的款吗
A «加V»看更多款

B 怎么定制
A «加薇信»，图纸发您

B 安装包在哪
A «加扣扣群»，群里有文件

B 大图有吗
A «加q100200300»发您

B 打折吗
A «打我手机号»，价格好说

B 有没有更低价
A «我们官网下单便宜»

B 哪里买划算
A 您«去拼多多搜»我们店

B 差多少钱
A 发您«收款码»，扫一下就行

B 定金怎么付
A 直接«支付宝转账给我»，不走平台

B 在同城吗
A 同城的话«来仓库现金交易»

B 在吗
A(auto) 亲，咨询请«加店长微信»

B 价格
R 亲，«扫码添加企业微信»，享内部价

B 图太小
A(recalled) «加微*信发您»

# platform=jd
B 有活动吗
A «去淘宝那边便宜»

B 能用微信支付吗
A 可以的，下单时选微信支付

B 换大码要补钱吗
A 拍一下补差链接就行，备注原单号

B 平台电话多少
A 官方热线在“我的-客服与帮助”里

B 快递员电话有吗
A 派件员电话在物流详情里，您可以打电话聊一下送货时间

B 师傅什么时候来
A 安装师傅会加您微信约时间

B 加个微信吧
A 平台不允许加微信的，在这里说就好

B 我转账给你行不
A 不支持私下转账，请在平台付款

B 有人加我微信说是你们
A 那是骗子，加微信转账的都不要信

B 我微信是xiaoli_demo，加我
A 抱歉亲，在这里沟通就好

B 手表有什么功能
A 能收微信和QQ消息提醒

B 领子什么样
A V领的，显脖子长

# platform=jd
B 怎么看订单
A 您去京东首页，复制到浏览器打开 https://help.jd.com/demo 也行

B 糖有几种口味
A QQ糖有草莓和葡萄两种

B 能再便宜吗
A 加我«徽芯»，号码发您

B 尺寸不合
A «加嘉我唯鑫»量好再说

B 图在哪
A 搜一下«唯鑫号»，发原图给您

B 定金怎么给
A 定金«转到我支富宝»就行

B 领结有吗
A 可以加V领带，您要哪条

B 信号好吗
A 因为信号弱，您可以加个放大器

B 有鱼吗
A 鲜鱼和咸鱼都有，您加一份试试

B 怎么付
A 微信支付、支付宝都可以，加购后付款
"""
