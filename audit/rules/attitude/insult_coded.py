"""ATT002 attitude.insult_coded 暗语辱骂"""

import re

import numpy as np
import pandas as pd

from audit.backends.terms import Matches
from audit.chats.chats import Chats
from audit.chats.frames import clause
from audit.chats.waits import Bools
from audit.rules.model import rule
from audit.shapes.classifier import model_hits
from audit.shapes.hits import join_hits
from audit.shapes.places import joined, matches_of, places
from audit.shapes.quotation import addressed, aimed
from audit.shapes.terms import in_rows, term_hits
from audit.shapes.undone import in_disguise, undone_hits

_PARTED = re.compile(r"(?<![a-z0-9])[a-z](?:[ *.·•\-_~+|/\\`'=]{1,2}[a-z]){1,6}(?![a-z0-9\-])")
_CODE = re.compile(r"(?:型号|货号|款号|编号|编码|批号|规格|尺码)[是为:\s]*$")
_NOUN = re.compile(r"[一-鿿](?<![吧啊呀呢的才就都也还真又在是不没你您我他她自别滚去快这那一个给说叫骂])(?!家|客|西|意)")
_NOTE = re.compile(r"^(.*?)（(.+)）$")


@rule(
    "ATT002",
    "attitude.insult_coded",
    "暗语辱骂",
    unit="message",
    severity="severe",
    topic="话术",
    needs=("lexicon:insult_coded", "lexicon:insult"),
    cite="[001] 一3 案例B；DY-7 拼音、首字母、同音词、表情等形式的辱骂",
)
def check(
    chats: Chats, *, lexicon: str = "insult_coded", plain: str = "insult", skip_quotes: bool = True
) -> pd.DataFrame:
    """客服用同音字、拼音、首字母、表情等变形骂买家。

    为什么：平台明文把变形的辱骂与明说同等处罚；只查明文的词库看不见。
    不算违规：型号、单位、英文词里的同样字母（USB、500nm）；普通含义（沙雕作品）；复述与自嘲；明说的脏话归 ATT001。
    已知误报：年轻人的口头缩写；新出的商品名恰好同音。
    选项：lexicon 暗语词库；plain 明文词库，其中的词被拆字、形近字、表情、同音、拼音、首字母改写后也算暗语；
    skip_quotes=false 时复述和自嘲也算。
    依据：[001]、DY-7。注明还原成什么、经过哪一步。首字母之间插了空格或符号的也还原。
    只有同音或首字母的，同一小句里要有“你、您、他”等对象，而且原文不是常用词。
    """
    found = joined(addressed(chats, lexicon), _parted(chats, lexicon))
    found = found.take(~_names(chats, found))
    if skip_quotes:
        found = found.take(aimed(chats, found))
    found = found.merged()
    hits = term_hits(chats, found, chats.human, "客服用暗语辱骂买家：“{quote}”，意思是“{note}”")
    _, match = in_rows(chats, found, chats.human)
    read = [_NOTE.match(found.entries[e].note) for e in found.entry[match]]
    decoded = [m[1] if m else found.entries[e].note for m, e in zip(read, found.entry[match], strict=True)]
    quoted = [
        t[a:b] for t, a, b in zip(chats.messages["text"].iloc[hits["row"]], hits["start"], hits["end"], strict=True)
    ]
    steps = [
        (m[2] if m else "词库暗语") + ("，去掉字母间的间隔" if _PARTED.fullmatch(q.lower()) else "")
        for m, q in zip(read, quoted, strict=True)
    ]
    hits = join_hits(hits.assign(decoded=decoded, decoded_by=steps), _disguised(chats, lexicon, plain, skip_quotes))
    worded = chats.has(lexicon) | chats.has("insult") | chats.mask(hits["row"].to_numpy())
    silent = chats.human & chats.coded & ~worded
    return join_hits(hits, model_hits(chats, "insult", silent, "变形的辱骂"))


def _disguised(chats: Chats, lexicon: str, plain: str, skip_quotes: bool) -> pd.DataFrame:
    """HITS of terms of both lexicons that stand in the texts only once they are decoded."""
    known = [addressed(chats, name) for name in (lexicon, plain)]
    parts = []
    for name in (plain, lexicon):
        found = in_disguise(chats, addressed(chats, name, chats.undone), *known, frame="person").merged()
        if skip_quotes:
            found = found.take(aimed(chats, found))
        known.append(found)
        hits = undone_hits(chats, found, chats.human, "客服用暗语辱骂买家：“{quote}”，还原是“{decoded}”")
        parts.append(hits)
    return join_hits(*parts)


def _names(chats: Chats, found: Matches) -> Bools:
    """(matches,) bool: capital letters straight before a noun, nobody addressed before them: a make or a model."""
    out = np.zeros(len(found), dtype=bool)
    start, end = found.original()
    for i, (text, at, _) in enumerate(places(chats, found)):
        original = chats.texts.values[int(found.text[i])]
        said, after = original[int(start[i]) : int(end[i])], original[int(end[i]) :]
        capital = said.isascii() and said.isupper() and _NOUN.match(after) is not None
        out[i] = capital and re.search("[你您]", text[clause(text, at, at)[0] : at]) is None
    return out


def _parted(chats: Chats, lexicon: str) -> Matches:
    """Initials of the lexicon with spaces or symbols between the letters; two letters need a person or an asterisk."""
    texts = chats.texts
    entries = texts.matcher.lexicons[lexicon].entries
    known = {
        s: n for n, e in enumerate(entries) for s in e.spellings if s.isascii() and s.isalpha() and 2 <= len(s) <= 7
    }
    codes = texts.view.codes
    latin = (codes >= ord("a")) & (codes <= ord("z"))
    mark = (codes < 128) & ~latin & ((codes < ord("0")) | (codes > ord("9"))) & (codes != 0) & (codes != ord(","))
    near = latin[:-2] & mark[1:-1] & latin[2:] if len(codes) > 2 else np.zeros(0, dtype=bool)
    rows: list[tuple[int, int, int, int]] = []
    for number in np.unique(texts.view.text_of(np.flatnonzero(near))):
        text, base = texts.view.text(int(number)), int(texts.view.starts[number])
        for m in _PARTED.finditer(text):
            entry = known.get(re.sub("[^a-z]", "", m[0]))
            if entry is None or _CODE.search(text[: m.start()]):
                continue
            first, last = clause(text, m.start(), m.end())
            short = len(re.sub("[^a-z]", "", m[0])) < 3 and "*" not in m[0]
            if (short or entries[entry].frame) and not re.search("[你您]", text[first:last]):
                continue
            rows.append((int(number), base + m.start(), base + m.end(), entry))
    return matches_of(rows, entries, texts.view)


EXAMPLES = """
B 你们这什么破店
A 你是«煞笔»吗

B 我要投诉
A 你个«sb»，投吧

B 退货
A «nmsl»

B 怎么还没发
A «特么»的催什么

B 好贵
A 你个«憨批»买不起就别看

B 差评
A «ＣＮＭ»

B 尺码不对
A «tmd»自己不会量吗

B 会不会缩水
A 说了不会，«傻x»

B 能换货吗
A 你就是个«s*b»

B 等了五天
A 等不了就滚，«n m s l»

B 少了两袋
A 你«nao can»吧，数都数不清，你个«剑人»

B 有数据线吗
A 有的亲，USB接口的

B 滤镜多少nm
A 500nm的亲

B sb

B 您这是沙雕画吗
A 是沙雕艺术画，手工做的

B 型号是多少
A 型号SB-200和NT3000

B 刚才谁说的sb
A 您说我是sb我也很难过，先帮您处理

B 有几把椅子
A 一套有几把椅子看您选的规格

B 莎士比亚的书有吗
A 有的亲，萨比娜译本

B 写tm是什么意思
A 是商标的意思哦

B 你们的鞋有滑板款吗
A 有的，Nike SB Dunk系列

B 地址写错了吧
A 是我写错了，我真是个sb，马上改

B 请问能刻字吗
A 可以刻 A B C 三个字母

B 说sb的那位呢
A 请不要发sb这样的词，问题我来处理

R 亲，nmsl无法识别
B 在吗

B 什么时候发
A 亻尔催什么，«人氵查»

B 装不上
A 你真是«垃土及»

B 退款
A 您可真是个«蠢huo»

B 保温吗
A 你个«苯蛋»，不会看详情

B 我要换货
A 你这种«穷gui»别来了

B 沙子细吗
A 沙比较细，您铺鱼缸正好

B 哪款好
A 您看啥比较合适就拍啥

B 纸张厚吗
A 您要的纸张是加厚的，若只买一本也包邮

B 座椅能放哪
A 后排和副驾都行，您看图

B 猫狗能吃吗
A 🐶和🐱都能吃，您放心

B 有鸡翅吗
A 您要辣鸡翅还是腊鸡腿
"""
