"""What the generated chats say: sentence templates and the words that fill them, all written for this benchmark.

`{x}` in a template is a slot of `slots()`. Templates are clauses; bench/generate.py joins them into messages.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

#: Left out of invented names, so that chance writes no rude word.
_RUDE = set("屎尿屁操婊贱蠢滚死杀傻骂逼鸡巴奶妓淫奸尸狗猪妈爹娘爷骚浪垃圾病贼祸丧鬼毒")

BUYER = """
在吗
你好
您好
有人吗
好的
好的谢谢
谢谢啦
嗯嗯
知道了
行吧
那算了
多少钱
有货吗
包邮吗
能便宜点吗
几天能到
发什么快递
有{c}的吗
要{c}{s}码
{s}码还有吗
想要{c}的
发{city}几天
到{city}多久
{p}有吗
{p}还有货吗
{p}多少钱
{p}怎么用
{p}能退吗
{p}什么材质
{w}的{p}
{w}适合吗
{w}这款怎么样
我买的{p}
这个{p}会掉色吗
{p}和{q}哪个好
{p}跟图片一样吗
我身高{h}体重{g}
{h}穿{s}可以吗
{g}斤穿哪个码
地址{city}{r}
寄到{r}行吗
收件人{n}
我叫{n}
单号{o}
订单{o}
订单号是{o}
{o}到哪了
尾号{k}的
{d}能发吗
{d}下的单
{d}{t}拍的
{t}之前能送到吗
什么时候发货
优惠券用不了
满{m}减多少
运费谁出
可以开发票吗
发票抬头{r}商行
能改地址吗改到{r}
帮我备注{n}签收
那我再想想
跟{n}一起拍的那单
{city}那边天气热会化吗
小孩{k2}岁能用吗
{w}和{w2}能拼单吗
帮我选{c}还是{c2}
上次买的{p}还不错
还是{w}家的好用
""".split("\n")[1:-1]

#: What goes wrong: one clause in fifty or so, one session in five.
TROUBLE = """
怎么还没发货
{d}就说发了怎么没动静
物流停在{city}不动了
麻烦催一下{o}
能不能快点发
我急着{d}用
退款什么时候到账
{o}的退款还没到
{m}块钱的差价怎么退
赠品{q}没收到
少发了{q}
{p}少了一个
发错了我要的是{c}
收到的{p}裂了
{p}用了{k2}天就坏了
{p}有划痕
{c}的{p}掉漆
{p}有异味
这{p}是假的吧
和描述的{w}不一样
质量太差了
要求退货
怎么申请退换
我要转人工
人工客服在吗
你们是机器人吗
我要投诉你们
再不处理我就打12315
给我一个说法
算了不要了
""".split("\n")[1:-1]

AGENT = """
在的亲
亲您好
您好请讲
好的亲
好的呢
稍等一下
帮您看一下
请稍等哦
有的亲
可以的
不客气
祝您愉快
亲{p}有货的
{p}现在有货
{c}的还有{k2}件
{s}码有现货
{h}建议{s}码
{g}斤拍{s}就行
这款是{w}的
{p}是{w}材质
{w}的可以放心拍
{p}支持七天退换
{p}不掉色的
{p}和{q}一起用更好
{q}适合{w}
{city}一般{k2}天到
发{city}走{w}快递
{d}{t}前发出
{d}可以发走
已经在打包了
仓库在{city}
单号{o}您查收
您的单{o}已发出
{o}显示在{city}
帮您催了{city}站点
已为{n}备注好
地址改成{r}了
收件人{n}对吗
麻烦发下订单号
麻烦拍照给我看看
方便发个视频吗
{p}裂了给您补发
给您补发{q}
退您{m}元可以吗
差价{m}元已登记
退款{d}到账
{o}退款已提交
您点申请售后选{w}
给您换{c}的
换{s}码没问题
运费我们来出
发票{d}开好
抱歉让您久等了
很抱歉给您添麻烦
非常理解您的心情
我这边马上处理
已经反馈给{n}
{n}会跟您联系
转给售后{n}处理
{t}前给您答复
{d}一定给您回复
请您放心
{k2}岁以上可以用
孩子用{p}没问题
{w}和{w2}能一起拍
满{m}减{k2}哦
领券后{m}元
下单备注{w}就行
{p}洗后请阴干
{p}第一次用先清洗
{c}比{c2}耐脏
{c2}卖得多一些
{r}可以送货上门
{city}{r}能送到的
有问题随时找{n}
感谢您的支持
祝您生活愉快
欢迎下次光临
""".split("\n")[1:-1]

#: Clauses that break a rule, for agents only.
VIOLATIONS = """
你是不是有病啊
你脑子进水了吧
你个傻逼别烦我
神经病一样问个没完
你真是蠢到家了
sb别来烦我
你这种垃圾买家
滚远点别再来问
你家地址{r}我可记着
信不信我把你信息发网上
让你收{k2}天快递骚扰
五星好评截图返{m}元
晒图好评送{q}
给好评返现{m}红包
好评返{m}到支付宝
带图五星送您{q}
加我微信{x}聊
薇信{x}给您优惠
加v{x}私下转账
加扣扣{k3}更便宜
扫码付款{m}更便宜
差评删了退您{m}元
改成五星再给您补{q}
不改评价就不退{m}
麻烦给个五星好评哦
亲记得帮我点个好评
退款原因选{w}不喜欢
选七天无理由不然不退
把您微信发我
留个手机号我打给您
{p}全网最低价
{w}国家级品质
{p}世界第一
自己去问快递
找厂家去别找我
这不归我们管
不知道
我说了多少遍了
你自己不会看吗
爱买不买
要退就退随便你
嗯
哦
""".split("\n")[1:-1]

WELCOME = """
亲，欢迎光临{shop}，客服正在赶来，请先看一下商品详情，有问题直接留言哦
您好，这里是{shop}，现在咨询的人比较多，我会按顺序回复您
欢迎来到{shop}，下单后48小时内发货，节假日顺延，祝您购物愉快
""".split("\n")[1:-1]

SHOPS = "木叶家居 拾光茶社 北屿户外 小满童装 云雀数码 青石厨具 晚风寝具 白鹭美妆 山野食集 橙子文具".split()
PLATFORMS = "taobao taobao taobao tmall tmall tmall pdd pdd douyin jd".split()

_NOUNS = (
    "杯子 保温壶 床单 枕头 台灯 书包 雨伞 拖鞋 外套 毛巾 键盘 耳机 充电器 手机壳 炒锅 菜刀 砧板 收纳盒 花瓶 地毯 窗帘 "
    "茶叶 坚果 面霜 口红 洗发水 帐篷 睡袋 登山杖 积木 绘本 水彩笔 本子 行李箱 腰带 围巾 手套 帽子 裙子 牛仔裤 "
    "挂钟 相框 加湿器 风扇"
).split()
_LOOKS = (
    "纯棉 亚麻 真丝 羊毛 陶瓷 玻璃 竹制 实木 不锈钢 硅胶 加厚 轻薄 防水 防滑 保暖 透气 速干 静音 "
    "折叠 便携 迷你 大号 小号 中号 圆形 方形 双层 单人 双人 儿童 学生 成人 男士 女士 复古 简约 "
    "北欧 日式 中式 田园 卡通 条纹 格子 碎花 渐变 磨砂 哑光 透明 可爱 百搭 宽松 修身 高腰 短款 "
    "长款 秋冬 夏季 春季 户外 办公 车载 家用 商用 旅行 露营 健身 厨房 浴室 卧室 客厅 阳台 宿舍 "
    "原味 香辣 五香 低糖 无糖 手工 礼盒 散装 大包 小包 新款 旧款 升级 基础 豪华 经典 定制 限量 "
    "环保 抗菌 遮光 加绒 无线 蓝牙"
).split()
_COLOURS = "白色 黑色 米色 灰色 藏青 墨绿 粉色 天蓝 姜黄 酒红 浅紫 咖色 银色 驼色 薄荷绿 奶油黄".split()
_SIZES = "S M L XL 2XL 3XL 36 37 38 39 40 41 42 均 110 120 130 150".split()
_CITIES = (
    "北京 上海 广州 成都 杭州 武汉 西安 沈阳 昆明 贵阳 兰州 南宁 长春 合肥 太原 乌鲁木齐 呼和浩特 厦门 青岛".split()
)
_PLACES = "小区 花园 路 街 新村 大厦 家园 公寓 里 苑".split()
_SURNAMES = "赵 钱 孙 李 周 吴 郑 王 冯 陈 褚 卫 蒋 沈 韩 杨 朱 秦 许 何 吕 张 孔 曹 严 华 金 魏 陶 姜".split()
_GIVEN = "小姐 先生 女士 老师 店长 主管 组长 师傅 阿姨 同学 经理 姐 哥".split()
_ROADS = "人民 解放 中山 建设 和平 胜利 新华 文化 学府 滨河 东风 长江 黄河 朝阳 向阳 湖滨 花园 幸福 光明 团结".split()
_DAYS = "今天 明天 后天 昨天 前天 周一 周三 周五 周末 月底 上周 下周".split()


def hanzi() -> list[str]:
    """The 3,755 characters of GB2312 level 1, without those that could spell a rude word."""
    codes = (bytes([high, low]) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return [c for c in (code.decode("gb2312", errors="ignore") for code in codes) if c and c not in _RUDE]


def slots(rng: np.random.Generator, size: int) -> dict[str, pa.Array]:
    """Values of every slot, `size` draws each (string arrays)."""
    characters = np.array(hanzi())

    def pick(words: list[str]) -> np.ndarray:
        return np.array(words, dtype=object)[rng.integers(0, len(words), size)]

    def word(length: int) -> np.ndarray:
        drawn = characters[rng.integers(0, len(characters), (length, size))].astype(object)
        return drawn.sum(axis=0)

    def number(low: int, high: int) -> np.ndarray:
        return rng.integers(low, high, size).astype(str).astype(object)

    def mixed(words: list[str], share: float) -> np.ndarray:
        """Words of the list, and names made of two characters for `share` of them."""
        return np.where(rng.random(size) < share, word(2), pick(words))

    letters = np.array(list("abcdefghjkmnpqrstuwxyz"), dtype=object)
    clock = number(8, 23) + "点"
    out = {
        "p": mixed(_LOOKS, 0.2) + pick(_NOUNS),
        "q": mixed(_LOOKS, 0.2) + pick(_NOUNS),
        "w": mixed(_LOOKS, 0.2),
        "w2": mixed(_LOOKS, 0.2),
        "r": mixed(_ROADS, 0.4) + pick(_PLACES) + number(1, 60) + "号",
        "n": pick(_SURNAMES) + np.where(rng.random(size) < 0.3, word(1), pick(_GIVEN)),
        "c": pick(_COLOURS),
        "c2": pick(_COLOURS),
        "s": pick(_SIZES),
        "city": pick(_CITIES),
        "d": pick(_DAYS),
        "t": clock,
        "h": number(148, 192),
        "g": number(80, 190),
        "m": number(2, 300),
        "k": number(1000, 10000),
        "k2": number(2, 30),
        "k3": number(10_000_000, 99_999_999),
        "o": number(10**11, 10**13),
        "x": letters[rng.integers(0, len(letters), (4, size))].sum(axis=0) + number(100, 10000),
    }
    return {name: pa.array(values, pa.string()) for name, values in out.items()}
