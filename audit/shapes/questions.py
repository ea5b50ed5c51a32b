"""Shape: what a buyer's questions ask for (price, time, size …), and whether a reply tells a thing of that kind."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.chats.texts import Bools


@dataclass(frozen=True)
class Kind:
    """A kind of question. The patterns read folded text.

    Attributes
    ----------
    title : its name in a reason.
    asks : what a question of it says.
    about : what a reply about it says, and hardly another.
    tells : what a reply that may answer it says; wide, for the benefit of the agent.
    """

    title: str
    asks: re.Pattern[str]
    about: re.Pattern[str]
    tells: re.Pattern[str]


_N = r"[\d一二两三四五六七八九十百半几壹贰叁肆伍]"
_COURIER = r"顺丰|中通|圆通|申通|韵达|极兔|邮政|ems|京东物流|德邦|百世|丰网|安能|壹米|跨越"
_UNIT = (
    r"(?:[cm]?m(?!l)|厘米|毫米|公分|米|英?寸|公?斤|千克|k?g|克|两|吨|毫升|m?l|升|平|度|k?w|瓦|毫安|mah|伏|v|匹|层|页|抽|开|目"
    r"|hz|尺|分贝)"
)
_TIME = (
    rf"{_N}+\s*(?:个?(?:天|小时|钟头|工作日|月|星期|礼拜)|号|点|日|周|分钟?|秒|年|h\b)|[今明后]天|今晚|[今明当次隔][日天]|[上下中]午"
    r"|周[一二三四五六日末]|[年节]前|[年节]后|月底|月初|月中|马上|尽快|立[刻即]|现在|刚|很快|即将|已经?发|发[出走货]了|已[揽签]|签收|揽[收件]|出库|在路上"
    r"|到账|之[前后]|以后|到期|时间|随时|通知|预售|排[单队产期]|暂[时未]|未定|说不准|夜|\d[./:月-]\d|早上|晚上"
)
#: a reply that sees to a defect, a wrong or a missing item: owns up, remedies, inquires, explains or tells what to do
_SEES_TO = (
    r"退|换|补|赔|修|拍|照片|图|视频|重[发寄新做启]|抱歉|对不起|不好意思|道歉|查|核|看[看下一]|试|检|联系|处理|售后|问题|怎么|哪|什么|吗|[?]|建议"
    r"|正常|因为|原因|可能|会[^员]|先|再|洗|擦|充|按|拧|调|清|晾|通风|关|拔|插|登记|反馈|申请|[给帮为][您你]|错|疏|担|负责|师傅|放心|没|不"
)

_TABLE: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "ship_time",
        "发货或到货时间",
        r"(?:什么|啥)(?:时候|时间)[^,。?!]{0,5}(?:发(?!票)|到(?!账)|寄|送|出库)|(?:几[天号点日]|多久|哪天|多少天|多长时间|何时)[^,。?!]{0,4}"
        r"(?:发货?|到货?|寄|送[到达来]|收到|出库)(?!票)|(?:发货?|到货?|寄|送[到达]|收到)[^,。?!]{0,4}(?:几[天号点日]|多久|多少天|多长时间)"
        r"|[今明后]天能(?:不能)?(?:发|到|寄|送)|[发到]货时间",
        r"发货|寄出|发出|揽收|次日达|送达|天到|小时内?发|现货",
        rf"{_TIME}|发货?|寄|催|货",
    ),
    (
        "when",
        "时间",
        r"(?:什么|啥)(?:时候|时间|时辰)|几[天号点日]|几个?(?:小时|月|星期|工作日)|多久|哪天|多少天|多长时间|何时|多少分钟|几分钟",
        rf"{_N}+\s*(?:天|小时|分钟|个月|年|周)|[今明后]天|当天|到账",
        rf"{_TIME}|一直|长期|每次|定期|终身|永久|经常|\d",
    ),
    (
        "price",
        "价格",
        r"多少(?:钱|米(?=[?\s]|$)|元|块)|几[块毛元]|价格|价位|单价|[怎咋]么?卖|啥价|什么价|多少一[斤箱个件盒瓶套米]|多贵",
        r"\d+\s*[元块]|[¥￥]\d|原价|特价|便宜|一口价",
        rf"{_N}\s*[元块毛]|元|块钱?|价|折|免费|不[要收]钱|优惠|[¥￥]|\d{{2,}}|贵|便宜|加\d|送的|差不多|[一二两三四五六七八九]百",
    ),
    (
        "size",
        "尺码",
        r"尺码|码数|什么码|啥码|多大码|几码|哪个?码|多大号|几号码|选码|偏[大小]|正码",
        r"[尺均]码|码数|x{0,4}[sml]码|\d{2,3}码|偏[大小]|[大小]一码|身高|体重",
        r"码|(?<![a-z])x{0,4}[sml](?![a-z])|号|尺|身高|体重|斤|\d{2,3}|偏|合身|正常|穿|拍[大小]",
    ),
    (
        "measure",
        "尺寸或重量",
        r"多(?:长|宽|高|厚|大|重|深|粗)(?!时间)|尺寸|直径|厚度|长度|宽度|高度|重量|净重|容量|净含量"
        r"|几(?:斤|克|升|毫升|厘米|公分|米|寸|匹|瓦)|多少(?:斤|克|升|毫升|厘米|公分|米|寸|瓦|平|w|g|ml|度)|功率|[长宽高厚重](?:是|有)?多少|[腰胸臀领]围",
        rf"\d+(?:\.\d+)?\s*{_UNIT}|厚度|长度|直径|净重|净含量|容量",
        rf"{_N}+\s*{_UNIT}|\d|尺|长|宽|高|厚|重|大|小|轻|薄|{_N}",
    ),
    (
        "stock",
        "有没有货",
        r"有(?:没有)?货|现货|还有[^,。?!]{0,8}[吗么嘛不没?]|缺货|断货|补货|库存|断码|售罄",
        r"现货|有货|没货|缺货|断货|补货|库存|售罄",
        r"货|有|没|缺|断|售罄|补|预售|库存|上架|下架|停产|剩|还|拍",
    ),
    (
        "material",
        "材质成分",
        r"材质|面料|[什啥]么?料|(?:什么|啥)(?:做|材)|纯棉|真皮|成分|配料|含不含|含[^,。?!]{1,4}[吗么不]|里料|填充",
        r"材质|面料|纯棉|真皮|橡胶|硅胶|不锈钢|涤|聚酯|醋酸|羊毛|成分|配料|零添加",
        r"[棉皮涤麻丝绒羊毛铝铜铁金银塑木陶瓷竹材料含胶糖革布纱石晶]|纤维|尼龙|氨纶|聚|腈纶|成分|不锈钢|abs|p[pvuce]|玻|树脂|海绵|醋酸|莱赛尔"
        r"|添加|配|无|%",
    ),
    (
        "courier",
        "用什么快递",
        rf"(?:什么|啥|哪[家个])[^,。?!]{{0,2}}(?:快递|物流)|(?:快递|物流)(?:是|发|走)?(?:什么|啥|哪[家个])|快递公司"
        rf"|[发走用寄][^,。?!]{{0,2}}(?:{_COURIER})[^,。?!]{{0,3}}[吗么不嘛没?]",
        _COURIER,
        rf"{_COURIER}|快递|物流|通达|配送|专[线车]|货拉拉|到付|自提",
    ),
    (
        "freight",
        "运费",
        r"包邮|运费|邮费|快递费|到付",
        r"包邮|运费|邮费|到付",
        r"邮|运费|快递费|到付|元|块|免|包|满|承担|险|付|补|偏远|出",
    ),
    (
        "invoice",
        "发票",
        r"发票|开票|专票|普票|抬头|税点",
        r"发票|开票|专票|抬头",
        r"发票|票|税|抬头|开[好具]|邮箱|电子",
    ),
    (
        "shelf_life",
        "保质期",
        r"保质期|生产日期|有效期|到期|过期|什么日期|日期新|放多久|能放[^,。?!]{0,4}[吗久]",
        r"保质期|生产日期|到期|冷藏|冷冻",
        rf"保质|日期|过期|{_TIME}|冷[藏冻]|常温|保存|新鲜|产|年",
    ),
    (
        "colour",
        "颜色",
        r"(?:什么|啥|哪[个些种]|几[个种])颜?色|颜色|色号|色差",
        r"颜色|[黑白红蓝绿黄灰紫粉棕]色|色号|[两三四五]色",
        r"[色黑白红蓝绿黄灰紫粉棕咖橙银金米青偏号差拍]",
    ),
    (
        "origin",
        "产地或发货地",
        r"(?:哪里?|哪儿|什么地方)(?:发货?|产|生产|寄|的货)|发货地|产地|从哪|哪个仓|哪[里儿]的",
        r"产地|产自|原产|仓库在|发货地|直发|工厂|基地|进口",
        r"[产仓省市县厂江山河湖州海京东南西北川云广福浙徽港乌国]|发货|基地|进口|本地|寄|从",
    ),
    ("warranty", "保修", r"保修|质保|保几年|联保", r"保修|质保|联保", r"保|年|修|换|维|售后|联系|月"),
    (
        "returns",
        "退换",
        r"(?:能|可以|可不可以|支持|怎么|咋)[^,。?!]{0,5}(?:退|换货)|退货|退换|无理由",
        r"无理由|退换|退货|换货|退款",
        r"退|换|无理由|售后|取件|寄回|运费险|申请|不合适|拒收|\d+天",
    ),
    (
        "gift",
        "赠品",
        r"赠品|送(?:什么|啥|不送|[^,。?!货到]{1,6}[吗么不])|有[^,。?!]{0,3}送|附赠",
        r"赠品|赠送|附赠|送(?![达到货去过])",
        r"送|赠|附|带|有|没|配|含|另|无|礼",
    ),
    (
        "discount",
        "优惠",
        r"优惠|便宜|打折|活动|[领用]券|满减|折扣|降价|少点|几折",
        rf"优惠|打{_N}?折|{_N}折|领券|满\d|立减|活动",
        r"优惠|便宜|折|活动|券|满|减|价|元|块|降|红包|\d|底|薄利|亏|包邮|会员|没有|不了",
    ),
    (
        "tracking",
        "物流进度",
        r"物流|到哪[了里儿]|快递[^,。?!]{0,6}[没不还呢停卡]|单号|没收到|派送|揽收|发了[吗没]|发货了?[吗没么]|还没发|没发货",
        r"物流|单号|派送|中转|网点|在途",
        r"物流|快递|单号|派|中转|网点|站|签收|揽|发|到|路上|仓|催|查|核|联系|延|更新|送|\d|天",
    ),
    (
        "quantity",
        "数量",
        r"(?:几|多少)[个片包支瓶件条双颗粒只本张盒袋根枚套块箱罐册卷]|数量|一[箱盒袋包]多少",
        rf"{_N}+\s*[片包支瓶件条颗粒只本袋枚块罐册]装?|一[箱盒袋包套]",
        rf"{_N}|单|一对|全套|数量|散",
    ),
    (
        "choice",
        "怎么选",
        r"推荐|哪[个款种一]|选哪|[怎咋]么?选|买哪|区别|不同|还是",
        r"推荐|建议|区别|适合|选",
        r"选|推荐|建议|款|适合|更|区别|不同|都|两|[a-z]|好|贵|大|小|前者|后者|比",
    ),
    (
        "suits",
        "适不适合",
        r"孕妇|宝宝|婴儿|老人|小孩|孩子|[岁月]的?[^,。?!]{0,6}(?:能|可以)|能(?:吃|喝|用|穿|戴|装|放|洗)|适合|过敏|敏感|可以[吃用洗]",
        r"孕妇|宝宝|老人|小孩|儿童|适合|不建议|慎用|过敏",
        r"可|能|适|不|建议|慎|行|没问题|咨询|医|岁|月|斤|用|吃",
    ),
    (
        "genuine",
        "是不是正品",
        r"正品|真的?假|假[货的]|专柜|授权|旗舰",
        r"正品|假一赔|授权|旗舰|防伪",
        r"正品|真|假|授权|官方|专柜|防伪|证书|鉴定|查|赔|旗舰|自营|直营|一样",
    ),
    (
        "how_to",
        "怎么操作",
        r"怎么(?![样还没不又这那会回办])|如何|怎样(?=[^?])|咋(?![样还没不又这那回办])|教程|步骤|用法|(?:哪里|在哪[里儿]?)[改看点找领申]",
        r"点击|长按|打开|步骤|教程|先[^。]{1,12}再|视频|设置",
        r"点|按|先|再|然后|打开|选|放|用|说明|视频|步|装|拧|插|拔|加|倒|洗|水|切|关|开|页面|设置|app|登|扫|建议|直接|[给帮][您你]|量",
    ),
    (
        "install",
        "安装",
        r"安装|上门装|师傅|打孔|[怎好]么?装",
        r"安装|师傅|上门|打孔|螺丝",
        r"装|师傅|上门|孔|螺丝|拧|说明|视频|粘|卡|自己|免|扣|插|固定|套",
    ),
    (
        "refund_progress",
        "退款进度",
        r"退款[^,。?!]{0,8}(?:到|没|什么时候|怎么|多久|呢|吗)|钱[^,。?!]{0,4}(?:没到|退|到账)|没退|差价",
        r"原路|到账|审核|退款|差价",
        r"退|到账|原路|审核|财务|银行|账户|工作日|小时|天|差价|查|核|催|打款|返|钱|申请|价保",
    ),
    (
        "defect",
        "质量问题",
        r"坏|碎|破|裂|漏|烂|断|霉|臭|锈|脱|划痕|掉漆|掉色|起球|开线|开胶|不亮|不转|不制冷|没反应|不能用|瑕疵|质量|褪",
        r"抱歉|对不起|不好意思|照片|拍|补发|赔|修|检测|售后",
        _SEES_TO,
    ),
    (
        "wrong_item",
        "发错",
        r"[发寄送]错|错发|不是我[买拍要]|发成|不一样|对不上|货不对",
        r"发错|抱歉|对不起|补发|换|寄回|核实",
        _SEES_TO,
    ),
    (
        "missing",
        "少发漏发",
        r"少[了发]|漏发|没[给有][^,。?!]{0,5}[配赠送发]|缺|少一|不够数",
        r"补发|补寄|漏发|抱歉|核实|仓库",
        _SEES_TO,
    ),
)
#: kind → Kind; the order is that of the columns of `asked`, `about` and `told`
KINDS: dict[str, Kind] = {
    name: Kind(title, re.compile(asks), re.compile(about), re.compile(tells))
    for name, title, asks, about, tells in _TABLE
}
COMPLAINTS = ("defect", "wrong_item", "missing")
#: kinds whose answer has words of its own: a reply without them does not answer
DECIDABLE = (
    "ship_time", "when", "price", "size", "measure", "courier", "freight", "invoice", "shelf_life", "colour",
    "warranty",
)  # fmt: skip
#: kinds that a shop talks about unasked
CATALOGUE = (
    "ship_time", "price", "size", "measure", "stock", "material", "courier", "freight", "invoice", "colour", "origin",
    "returns", "gift", "discount", "quantity", "genuine",
)  # fmt: skip

#: kinds that ask for a time of their own
_TIMED = {"ship_time", "shelf_life", "warranty", "refund_progress"}
#: marks a clause of a buyer's turn as a question
_QUESTION = re.compile(
    r"[?]|[吗么嘛](?!上)|(.)不\1|(.)没\2|有没有|[是能可]否|什么|啥|怎么|咋|如何|怎样|多少|多[久大长重高宽厚远]|几[^乎]|哪|谁|何时|还是"
    r"|[呢不没](?=[\s啊呀哦]*$)"
)
_CLAUSE = re.compile(r"[^,;?!。\n]+\??")


def asked(texts: Sequence[str]) -> Bools:
    """(texts, KINDS) bool: which kinds of question the folded texts of buyers ask."""
    return _table([k.asks for k in KINDS.values()], texts)


def about(texts: Sequence[str]) -> Bools:
    """(texts, KINDS) bool: which kinds the folded texts of agents are about."""
    return _table([k.about for k in KINDS.values()], texts)


def told(texts: Sequence[str]) -> Bools:
    """(texts, KINDS) bool: which kinds the folded texts of agents may answer."""
    return _table([k.tells for k in KINDS.values()], texts)


def _table(patterns: Sequence[re.Pattern[str]], texts: Sequence[str]) -> Bools:
    out = np.zeros((len(texts), len(patterns)), dtype=bool)
    for column, pattern in enumerate(patterns):
        search = pattern.search
        out[:, column] = [search(text) is not None for text in texts]
    return out


@dataclass(frozen=True)
class Question:
    """One question of a buyer's text: its place in the folded text, and the kinds that it asks."""

    start: int
    end: int
    kinds: frozenset[str]


@functools.lru_cache(maxsize=4096)
def questions(text: str) -> tuple[Question, ...]:
    """The questions of a folded text, clause by clause; a question may be of no kind that is known."""
    found = []
    for match in _CLAUSE.finditer(text):
        clause = match.group()
        if _QUESTION.search(clause):
            kinds = {name for name, kind in KINDS.items() if kind.asks.search(clause)}
            if kinds & _TIMED:
                kinds.discard("when")
            found.append(Question(match.start(), match.end(), frozenset(kinds)))
    return tuple(found)


def tells(kind: str, reply: str) -> bool:
    """Whether a folded reply may answer a question of the kind."""
    return KINDS[kind].tells.search(reply) is not None
