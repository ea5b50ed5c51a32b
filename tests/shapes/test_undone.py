"""What coded spellings earn, through the rules: the original is quoted, the plain word and the steps are told."""

import pytest

from audit.chats.models import Models
from audit.learn.evaluate import lines_as_chats
from audit.rules.model import all_rules

CODES = ("ATT001", "ATT002", "REV001", "REV002", "CND001")


def findings(texts: list[str], codes: tuple[str, ...] = CODES) -> list[tuple[str, str, str, str]]:
    """(rule, quote, decoded, decoded_by) of the findings of agents' messages, lexicons alone."""
    chats = lines_as_chats(["在吗"] * len(texts), texts, Models())
    said = chats.messages["text"].tolist()
    return [
        (code, said[h.row][h.start : h.end], h.decoded, h.decoded_by)
        for code in codes
        for h in all_rules()[code].check(chats).itertuples()
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("您可真是个蠢huo", ("ATT002", "蠢huo", "蠢货", "拼音")),
        ("你个苯蛋", ("ATT002", "苯蛋", "笨蛋", "同音")),
        ("你才z障，回去歇着", ("ATT002", "z障", "智障", "首字母")),
        ("你这垃土及东西", ("ATT002", "你这垃土及东西", "你这垃圾东西", "拆字")),
        ("一看您就是🤡", ("ATT002", "🤡", "小丑", "表情或数字")),
        ("亻尔个人氵查", ("ATT002", "人氵查", "人渣", "拆字")),
        ("毫坪截图给我，fan现三元", ("REV001", "毫坪截图给我，fan现三元", "好评截图给我,返现三元", "形近、同音、拼音")),
        ("打满五★，🎁一份小样", ("REV001", "五★，🎁一份小样", "五星,礼物一份小样", "表情或数字")),
        ("发您唯鑫号，搜唯鑫就行", ("CND001", "发您唯鑫", "发您微信", "同音")),
        ("定金转到我支富宝就行", ("CND001", "转到我支富宝", "转到我支付宝", "同音")),
    ],
)
def test_what_a_disguise_says_is_told(text: str, finding: tuple[str, str, str, str]) -> None:
    found = findings([text], (finding[0],))
    assert finding in found, found


def test_a_span_in_plain_words_is_not_told_twice() -> None:
    assert findings(["你是傻逼"]) == [("ATT001", "你是傻逼", "", "")]
    assert [code for code, *_ in findings(["好评返现3元，截图给我"])] == ["REV001"]
    assert [code for code, *_ in findings(["加微信聊"])] == ["CND001"]


def test_what_is_denied_quoted_or_said_of_oneself_is_none_in_disguise_either() -> None:
    assert (
        findings(["平台不允许家威鑫的", "您别骂我蠢huo呀，我帮您查", "我真是个蠢huo，马上改", "不能毫坪返线的哦"]) == []
    )


ORDINARY = """\
有USB接口和Type-C接口的
滤镜是500nm的亲
这款是NMN胶囊，一天一粒
送一支2B铅笔
可以加V领带，您要哪条
您的鞋子可以返修，邮费我们出
钱会原路返还到您的支付宝
差价返还给您，三天内到账
收藏店铺送礼，领完截图给客服
您是敏感肌有病史的话不建议用
狗粮您买大袋划算
沙比较细，您铺鱼缸正好
您看啥比较合适就拍啥
这个纸张您放心，是加厚的
您要一只张开的还是合上的
若只买一件您不用凑单
您家沙子要几袋
您白吃都行，试吃装是送的
辣鸡翅和麻辣鸡丝您选一个
您的垃圾袋要大号还是中号
腊鸡是自家做的，您蒸一下就能吃
您家宝宝出生几个月了，穿80码
初生儿您买NB码
您见人就夸，太感谢了
收件人电话您改一下
因为信号不好，您加个放大器
您搜一下五金店，卫星锅可以加装
鲜鱼和咸鱼都有，您加一份试试
五行手串送一个红包袋子
无形的拉链，送礼盒装
先进的工艺，好评率很高
现金支付和红包抵扣都行，下单时选
平价款返修也免费
好品质返厂检测都给您包邮
好瓶子送一个，您留着用
晒图区有很多，下单送袜子
饲料和猫砂转给仓库一起发
您口口声声说坏了，麻烦拍个照
扣扣子的时候别太用力，加一颗备用扣
气味几天就散，您加点柚子皮
去思南路自提，您联系门店
您的狗狗不吃的话换羊肉味
您家猪头肉切片吗
表子带手链一起发您
棍蛋糕您要几根
纯货源直供，您放心
他骂的那些话我看了，向您道歉
她妈的尺码您发我看看
女子评书专场的票，送一张海报
🐴年限定款马上给您安排
🐶狗🐱猫都能吃，您放心
💩形状的铲子您要几把
🐔腿🐔翅都有货，您选
🤡面具和小丑服您要哪个
您选⭐五角星的款，🎁送一张贴纸
👍好的亲，🧧在首页领
加一条徽章给您
安全座椅能装副驾，您看图
二胡和中国结，您要几个
公众号文章里的款您发图看看
支付宝付款的话您选下面那个
微信支付和支付宝都可以，加购后付款
脑瘫患儿用的轮椅您看这款
您的耳机有NC降噪
jia ju类的都在这里，ni hao
您看bi ji ben的配置
您的订单号是HP5X2233，改好地址了
型号ZZ-300和FW-12您对一下
送您一张SB-100的贴膜""".splitlines()


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_earn_nothing(text: str) -> None:
    assert findings([text]) == []


def test_ordinary_texts_earn_nothing_together_either() -> None:
    assert len(ORDINARY) >= 60 and findings(ORDINARY) == []
