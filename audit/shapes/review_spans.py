"""Shape: what a text says about reviews: rewards for them, pressure on them, requests for them; per distinct text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audit.backends.terms import Matches
from audit.chats.texts import Texts

INCENTIVE, COERCION, INVITE = "incentive", "coercion", "invite"
#: characters between a review word and the reward that is promised for it
_REACH = 40
#: characters between two spans of one kind in a sentence that are one request
_NEAR = 16

_CLAUSE = re.compile(r"[，。！？；,!?;\n]")
_SENTENCE = re.compile(r"[。！？!?\n]")
_NUMBER = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十几百]+)"
_REVIEW = r"(?:[好中差]评|评价|评论|追评|改评|删评|撤评|晒图|晒单|[一二两三四五12345]颗?星|满分|星级)"
_HELP = (
    r"(?:退|换|补|修|赔|保修|处理|解决|售后|发货|补发|寄|安排|审核|通过|受理|检测|出库|走.{0,4}流程|帮您|帮你|联系|同意|办|商量|谈|聊)"
)
#: an amount that changes hands
_AMOUNT = re.compile(
    r"(?:返|送|给|奖|补|转|赠|领|得|发|打|退|减|抵|回|意思)(?:您|你|亲|客服|微信|支付宝|现金|一个|个|上|[账过]去?|额外)*"
    rf"{_NUMBER}(?:元|块|圆|r(?![a-z])|米|毛)|(?<![a-z])hb ?\d"
)
#: what else a reward may be for: it is no reward for the review then
_OTHER = re.compile(
    r"下单|拍下|下次|购买|购满|满\d|每满|凑单|收藏|关注|加购|入会|会员|首页|活动|直播|进群|入群|粉丝|签到|分享|邀请|新人|差价|价保|保价|"
    r"降价|运费险|买[一二两三\d]|预售|定金|付款|支付|确认收货后?平台|赔付"
)
#: 已经安排的、随货的：承诺在先，与评价无关
_GRANTED = re.compile(r"已|备注|随单|随货|包裹|里面|都有|放了|发了|退了|到账|登记|申请")
#: help that the shop owes: never a reward
_OWED = re.compile(r"^(?:退差价|返差价|补差价|退运费|补运费|返运费|报销运费|运费退|再退|全额返|返全款|退全款|给[您你]安排|给[您你]备|补发您一|找我拿|领取|退款.*|部分退款)$")
_DELIVERY = re.compile(r"^(?:货|上门|装|达|到|过去|过来|的时候|修)")
_INFO = re.compile(
    r"(?<![放发写传晒到去])(?:评价|评论|好评|晒图|买家秀|晒单)(?:区|里|中有|上|页面|率|数|很|都|也都|非常|挺|有|多|如潮)|(?:看|参考|翻)(?:一下|看|下|下?我们的?)?[^,，]{0,4}(?:评价|评论|买家秀|晒图)"
    r"|(?:买家|别人|大家|客户|顾客)(?:的|们的|都)?(?:好评|晒图|评价|评论|五星)"
)
_THANKS = re.compile(r"(?:(?:感谢|谢谢|多谢)(?:亲|您|你)*|(?:看到|收到|看见)(?:亲|您|你|了|啦)+)[^,，]{0,6}(?:好评|评价|五星|晒图|晒单|追评|支持)")
_CHANGED = re.compile(r"(?:感谢|谢谢|多谢|看到|收到)[^,，]{0,10}(?:改|删|撤|追评)|(?:已经|已)(?:帮[您你我])?(?:改|删|撤)[^,，]{0,6}(?:了|啦)(?!才|再|就|给)")
#: the buyer's words, or somebody else's, told again
_TOLD = re.compile(
    r"[您你](?:刚才|刚刚|之前|上次|是)?(?:说|提|问|讲|看到|收到)[到过了的]?(?!完)|(?:上次|之前|以前|有人|那位|哪位|哪个客服|其他客服|同事)[^,，]{0,6}(?:让|叫|要求)[您你]"
    r"|是[^,，]{0,6}卡片|卡片[^,，]{0,8}(?:不是|吗)"
)
_DOUBLE = re.compile(r"(?:不|没有?)(?:给|写|打|晒|发)?[^,，]{0,3}(?:评|星|晒图)[^,，]{0,5}不(?:返|送|给|发|能返|会返)")
_NO_CHANGE = re.compile(
    r"(?:不用|不需要|无需|不必|不会|不要求|不强求|不让|从不|绝不|不得|(?<!能)不能|(?<!可)不可以|不允许|禁止|严禁|无权|没权|没有权限|没法|无法)(?![^,，]{0,8}(?:除非|才))[^,，]{0,8}"
    r"(?:改|删|撤|取消|隐藏)"
)
_NO_ASK = re.compile(r"(?:不用|不需要|无需|不必|不要求|不强求|不强制|用不着|不让|没有?要求|不会要求|不索要)[^,，]{0,8}(?:评|星|晒|截图)")
_REFUSED_AFTER = re.compile(
    r"^(?:这[个种类样]|的|之类)*(?:活动|行为|方式|事情?|的话|这块)?[,，]?(?:我们|本店|店铺|平台|淘宝|天猫|京东|抖音|拼多多|现在|目前|都|也|是|暂时|这边|小店|一直|真的)*"
    r"(?:没有|没得|不允许|不可以|不行|不能|不让|违规|违反|禁止|不支持|做不了|不做|不搞|取消了|会被[处罚]|要被[处罚]|不敢)"
)
#: the platform's own rewards for reviews
_PLATFORM = re.compile(r"(?:平台|官方|系统|淘宝|天猫|京东|抖音|拼多多)(?:会|自己|自动|官方|统一|那边|的)*(?:给|送|返|发|奖|赠|有|的评价有礼)|评价有礼|[京金]豆|淘金币|集分宝")
_OWN = re.compile(r"我们|小店|本店|店里|店铺|客服|给您返|返您|微信|支付宝|联系|截图|好评")
_QUESTION = re.compile(r"[?吗么]|多少|怎么|有没有|是不是|能不能|可不可以|几[块元]|啥|咋")
_YES = re.compile(r"^(?:亲+|您好|嗯+|[,，])*((?:是的?|对的?|有的?|可以的?|能的?|支持的?|返的?|都有的?|参加的?)(?:是的|有的|可以|返)?)(?:[亲呢呀啊哈哦的哒~,，。!\s]|$)")
_NO = re.compile(r"不|没|无|违规|禁止|取消|骗")
_SECRET = re.compile(r"私下|私底下|悄悄|偷偷|私信|微信|支付宝|转账|懂的|加[我个]?[v微]")
_ASK = (
    r"(?:麻烦|帮忙|帮|记得|请|求|别忘记?了?|不要忘|希望|期待|盼|恳请|辛苦|劳烦|可以|能不能|能否|可否|能|方便|有空|得空|顺手|随手|给个?|打个?|点个?|点亮|点上|写个?|写下|"
    r"晒个?|来个?|赏个?|留个?|留下|补个?|先|拜托)"
)
_ASK_BEFORE = re.compile(_ASK + r"[^,，]{0,8}$")
_ASK_AFTER = re.compile(r"^[^,，]{0,4}(?:一下|下下?(?!来|单)|哦|哟|呀|呗|哈|嘛|吧(?!台)|支持|鼓励|可以吗|好吗|好不好|行吗|行不|麻烦|帮忙|拜托|谢谢)|^(?:也行|也可以)")
_RATE = re.compile(
    r"(?:麻烦|帮忙|请您?|记得|辛苦|劳烦|别忘了?|方便|有空|得空|先|邀请您?|诚邀|期待)[^,，]{0,6}(?:评价|打分|评分|点评)(?:一下|下(?!来)|哦|呀|哈|呗|吧|本次|此次|这次|我|一个|个(?!人)|$)"
)
_CONDITION = re.compile(r"(?:只要|需要?|要|凭|先|的话|换|后|完|了就|截图|配合|麻烦|记得|给个?|打个?|写个?|晒|发个?|点个?|来个?)")
_WEAK = re.compile(
    r"^(?:评价|评论|评分|打分|评一|评完|图评|视频评|文字评|写评|发评|给个评|首评|带|返图|返个图|返照片|反图|实拍|截|\d+个?字|[十二三]+个?字|写满|字|打个分|评个分|打星|打几|真人|大家|上图|配图|好话|种草|dsr)"
)
_DEMAND = re.compile(
    r"好评|优评|五星|5星|满分|[全打给][5五]分|10分|十分|[5五]颗|小红[心花]|小太阳|小星星|优秀|点赞|点个赞|赞|(?:非常|很|给个?|点个?|点一下|选择?[“\"]?|打|勾)满意|已解决|⭐|🌟|★"
)
_CHANGE = r"(?:改|删|撤|去掉|取消|抹|隐藏|清掉|收回|处理掉|覆盖)"
#: 先给个好评：单独说只是邀评，后面说到处理才是条件
_THEN = re.compile(rf"(?:才|再|就|然后|马上|立刻|立马|优先)[^。！？!?]{{0,10}}{_HELP}|^[^。！？!?]{{0,4}}(?:再说|再谈|激活)|其他[^。！？!?]{{0,6}}(?:稍后|再)")
_BARE = re.compile(r"(?:赶紧|赶快|快点?|麻烦|请您?|能不能|帮忙|帮我|还是)[^,，。！？!?\n]{0,4}(?:改回来|改过来吧|撤了?吧|删了?吧|改一改)")
_DEPENDS = tuple(
    re.compile(p)
    for p in (
        rf"先[^。！？!?\n]{{0,8}}{_REVIEW}[^。！？!?\n]{{0,14}}(?:才|再|然后|就|马上|立刻|之后|后面|优先)[^。！？!?\n]{{0,10}}{_HELP}",
        rf"{_REVIEW}[^。！？!?\n]{{0,6}}(?:才能?|了?再|后才|之后再)[^。！？!?\n]{{0,6}}{_HELP}",
        rf"(?:不|没)(?:给|写|改|删|撤|打)?[^,，。！？!?\n]{{0,4}}{_REVIEW}[^。！？!?\n]{{0,8}}(?:就不|没法|无法|别想|免谈|不予|不能|不给|不会|不帮)[^。！？!?\n]{{0,4}}{_HELP}",
        rf"{_REVIEW}(?:不|没){_CHANGE}[^。！？!?\n]{{0,8}}(?:就?不|没法|无法|别想|免谈)[^。！？!?\n]{{0,4}}{_HELP}",
        rf"{_HELP}[^。！？!?\n]{{0,10}}(?:前提|条件)[^。！？!?\n]{{0,10}}{_REVIEW}",
        rf"{_HELP}[^,，。！？!?\n]{{0,4}}(?:可以|没问题|行)[^。！？!?\n]{{0,6}}先[^,，。！？!?\n]{{0,6}}{_REVIEW}",
        rf"(?:除非|只有)[^。！？!?\n]{{0,10}}{_REVIEW}",
    )
)
_CHANGES = tuple(
    re.compile(p)
    for p in (
        rf"(?:那个|那条|这条|您的|你的|刚才的|把)?{_REVIEW}[^,，。！？!?\n]{{0,5}}(?:能不能|能否|可不可以|可以|麻烦|帮忙|请|给|方便)[^,，。！？!?\n]{{0,5}}(?:改|删|撤|调)(?!进|善|正)",
        rf"(?:麻烦|帮忙|能不能|能否|可不可以|请您?|求求?[您你]?|拜托|辛苦)[^,，。！？!?\n]{{0,8}}(?:改|删|撤)[^,，。！？!?\n]{{0,6}}{_REVIEW}",
        rf"把[^,，。！？!?\n]{{0,6}}(?:评价|评论|[中差]评|[一二两三1234]星|低分|不满意)[^,，。！？!?\n]{{0,4}}(?:改|删|撤|去掉|取消|抹|隐藏|清)(?!进|善|正)",
        r"[一二两三1234]星改(?:成|为)?[五5四]星|(?:服务|客服)[^,，。！？!?\n]{0,3}(?:评价|评分|打分)[^,，。！？!?\n]{0,10}(?:改|调整|修改)|改(?:成|为|个)(?:非常|很)?满意",
        r"(?:不要|别|请勿|不能|不准|不许|勿)(?:随便|轻易)?(?:给|打|写|发)[^,，。！？!?\n]{0,2}(?:[中差]评|[一二两三1234]星|低分)",
    )
)


@dataclass(frozen=True)
class Span:
    """One thing said about reviews in a folded text.

    Attributes
    ----------
    start, end : place in the folded text. kind : INCENTIVE, COERCION or INVITE.
    service : it is about the rating of the service, not of goods or an order.
    demand : an invitation that names the result (好评, 五星, 满意), so it is not neutral.
    bare : it names no review: it counts only where the session spoke of one before.
    change : pressure that asks for a change (not help that depends on a review).
    said : the clauses that hold it.
    """

    start: int
    end: int
    kind: str
    service: bool = False
    demand: bool = False
    bare: bool = False
    change: bool = False
    said: str = ""


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    role: str
    gapped: bool


class _Table:
    """Matches of a lexicon (role) by text, places relative to it."""

    def __init__(self, texts: Texts, lexicon: str, role: str | None = None) -> None:
        self.found: Matches = texts.matches(lexicon, role)
        base = texts.view.starts[self.found.text]
        self.by_text: dict[int, list[_Hit]] = {}
        rows = zip(
            self.found.text.tolist(), (self.found.start - base).tolist(), (self.found.end - base).tolist(),
            self.found.entry.tolist(), strict=True,
        )  # fmt: skip
        for text, start, end, entry in rows:
            of = self.found.entries[entry]
            literal = end - start == len(of.term) or any(end - start == len(v) for v in of.variants)
            self.by_text.setdefault(text, []).append(_Hit(start, end, of.role, not literal))

    def __getitem__(self, text: int) -> list[_Hit]:
        return self.by_text.get(text, [])


class ReviewReader:
    """Reads the texts that hold a review word or phrase; every other text costs nothing."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.phrase = _Table(texts, "review_incentive")
        self.word = _Table(texts, "review_word")
        self.reward = _Table(texts, "review_reward")
        self.coerce = _Table(texts, "review_coercion")
        self.invite = _Table(texts, "rating_invite")
        self.refusal = _Table(texts, "review_refusal")
        self.service = _Table(texts, "service_rating_word")

    def candidates(self) -> list[int]:
        """Numbers of the texts that may say something about reviews."""
        tables = (self.phrase, self.word, self.coerce, self.invite, self.service)
        view = self.texts.view
        named = view.text_of(np.flatnonzero((view.codes == ord("评")) | (view.codes == ord("星"))))
        return sorted({text for table in tables for text in table.by_text}.union(named.tolist()))

    def read(self, number: int) -> list[Span]:
        """What one text says, incentives first; no span of a lower kind touches one of a higher."""
        text = self.texts.view.text(number)
        return _Reading(self, number, text).spans()


    def asks_reward(self, number: int) -> bool:
        """Whether a buyer's text asks what a review pays."""
        text = self.texts.view.text(number)
        if not _QUESTION.search(text):
            return False
        return any(s.kind == INCENTIVE for s in _Reading(self, number, text).spans())

    def affirms(self, number: int) -> Span | None:
        """The part of an answer that says yes or names the reward; None where it does neither, or refuses."""
        text = self.texts.view.text(number)
        if self.refusal[number] or _NO.search(text):
            return None
        if yes := _YES.match(text):
            return Span(yes.start(1), yes.end(1), INCENTIVE)
        return _Reading(self, number, text).named_reward()


class _Reading:
    """One text under the tables."""

    def __init__(self, reader: ReviewReader, number: int, text: str) -> None:
        self.text = text
        self.service = reader.service[number]
        self.rewards = reader.reward[number]
        edges = [0, *(m.end() for m in _CLAUSE.finditer(text)), len(text) + 1]
        self.clauses = list(zip(edges[:-1], edges[1:], strict=True))
        ends = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text) + 1]
        self.sentences = list(zip(ends[:-1], ends[1:], strict=True))
        self.silent = self._silent(reader.refusal[number])
        self.words = [h for h in reader.word[number] if h.role == "review"]
        self.shots = [h for h in reader.word[number] if h.role == "screenshot"]
        self.phrases = reader.phrase[number]
        self.coerce = reader.coerce[number]
        self.invites = reader.invite[number]

    def spans(self) -> list[Span]:
        """All spans, resolved."""
        first = self._joined(self.incentives())
        second = _clear(self._joined(self.coercions()), first)
        # what is asked for beside a reward is not unrewarded
        third = [] if first else _clear(self._joined(self.requests()), second)
        return [dataclasses.replace(s, said=self._around(s)) for s in (*first, *second, *third)]

    def _around(self, span: Span) -> str:
        return self.text[self.clause(span.start)[0] : self.clause(max(span.start, span.end - 1))[1]]

    def _joined(self, spans: list[Span]) -> list[Span]:
        """Spans of one kind that stand close together in a sentence as one."""
        out: list[Span] = []
        for span in sorted(spans, key=lambda s: (s.start, -s.end)):
            last = out[-1] if out else None
            if last and span.start <= last.end + _NEAR and self.sentence(span.start) == self.sentence(last.end - 1):
                out[-1] = dataclasses.replace(
                    last,
                    end=max(last.end, span.end),
                    service=last.service or span.service,
                    demand=last.demand or span.demand,
                    bare=last.bare and span.bare,
                    change=last.change and span.change,
                )
            else:
                out.append(span)
        return out

    # -- clauses -----------------------------------------------------------------------------------------------------

    def clause(self, place: int) -> tuple[int, int]:
        """The clause that holds a place."""
        return next(c for c in self.clauses if c[0] <= place < c[1])

    def sentence(self, place: int) -> tuple[int, int]:
        """The sentence that holds a place."""
        return next(s for s in self.sentences if s[0] <= place < s[1])

    def said(self, place: int) -> str:
        """The words of the clause that holds a place."""
        start, end = self.clause(place)
        return self.text[start:end]

    def _silent(self, refusals: Iterable[_Hit]) -> set[tuple[int, int]]:
        """Clauses that refuse or only mention: they commit nothing."""
        out = set()
        for hit in refusals:
            for clause in (self.clause(hit.start), self.clause(hit.end - 1)):
                if not _DOUBLE.search(self.text[clause[0] : clause[1]]):
                    out.add(clause)
        for start, end in self.clauses:
            words = self.text[start:end]
            if _TOLD.search(words) and not _AMOUNT.search(words) and not _SECRET.search(words):
                out.add((start, end))
        return out

    def _live(self, *places: int) -> bool:
        return not any(self.clause(p) in self.silent for p in places)

    # -- rewards -----------------------------------------------------------------------------------------------------

    def _offers(self) -> list[_Hit]:
        """Rewards on offer: lexicon words and amounts, not what the shop owes, not deliveries."""
        amounts = [_Hit(m.start(), m.end(), "money", False) for m in _AMOUNT.finditer(self.text)]
        out = []
        for hit in [*self.rewards, *amounts]:
            words = self.text[hit.start : hit.end]
            if _OWED.match(words) or _DELIVERY.match(self.text[hit.end : hit.end + 3]) and words.endswith("送"):
                continue
            if self._live(hit.start):
                out.append(hit)
        return out

    def incentives(self) -> list[Span]:
        """Whole phrases, and review word × reward within one sentence."""
        out = []
        for hit in self.phrases:
            inner = self.text[hit.start : hit.end]
            if not self._live(hit.start, hit.end - 1) or _REFUSED_AFTER.match(self.text[hit.end :]):
                continue
            if hit.gapped and _OTHER.search(inner) or self._by_platform(hit.start):
                continue
            out.append(self._service_of(hit.start, hit.end, INCENTIVE))
        offers = self._offers()
        if not offers:
            return out
        out += [s for s in map(self._paid, self.coerce) if s]
        words = [*self.words, *self.service, *(self.shots if self.words else ())]
        for word in words:
            if not self._live(word.start) or _NO_ASK.search(self.said(word.start)):
                continue
            first, last = self.sentence(word.start)
            for offer in offers:
                if first <= offer.start < last and self._for_review(word, offer):
                    out.append(
                        self._service_of(min(word.start, offer.start), max(word.end, offer.end), INCENTIVE)
                    )
        return out

    def named_reward(self) -> Span | None:
        """The first reward on offer that nothing else is asked for."""
        for offer in sorted(self._offers(), key=lambda o: o.start):
            if offer.role in ("money", "red_packet", "coupon", "lottery") and not _OTHER.search(self.said(offer.start)):
                return Span(offer.start, offer.end, INCENTIVE)
        return None

    def _for_review(self, word: _Hit, offer: _Hit) -> bool:
        """Whether the reward is promised for the review."""
        if word.start < offer.end and offer.start < word.end or self._by_platform(word.start):
            return False
        between = self.text[word.end : offer.start] if word.start < offer.start else self.text[offer.end : word.start]
        if len(between) > _REACH:
            return False
        said, promise = self.said(word.start), self.said(offer.start)
        if word.start < offer.start:
            if _INFO.search(said) or _OTHER.search(between) or _REFUSED_AFTER.match(self.text[offer.end :]):
                return False
            if self.clause(word.start) == self.clause(offer.start):
                return True
            return not _OTHER.search(promise) and not _GRANTED.search(promise[: max(0, offer.start - self.clause(offer.start)[0])])
        if _OTHER.search(promise) or _GRANTED.search(promise) or _INFO.search(said) or _THANKS.search(said):
            return False
        if offer.role == "refund":
            return False
        asked = any(self.clause(h.start) == self.clause(word.start) for h in self.invites)
        return asked or _CONDITION.search(said[: max(0, word.end - self.clause(word.start)[0]) + 4]) is not None

    def _paid(self, hit: _Hit) -> Span | None:
        """A change of a review against money or goods: a reward for a review."""
        if not self._live(hit.start, hit.end - 1) or hit.role == "context":
            return None
        first, last = self.sentence(hit.start)
        near = [
            o
            for o in self._offers()
            if first <= o.start < last and o.role != "refund" and not _OTHER.search(self.said(o.start))
        ]
        if not near or self._no_change(hit):
            return None
        start, end = min(hit.start, *(o.start for o in near)), max(hit.end, *(o.end for o in near))
        bare = not re.search(r"评|星|晒", self.text[first:last])
        return Span(start, end, INCENTIVE, bare=bare)

    def _by_platform(self, place: int) -> bool:
        first, last = self.sentence(place)
        words = self.text[first:last]
        return _PLATFORM.search(words) is not None and not _OWN.search(words.replace("好评有礼", ""))

    # -- pressure ----------------------------------------------------------------------------------------------------

    def _no_change(self, hit: _Hit) -> bool:
        said = self.said(hit.start)
        tail = self.text[hit.end : hit.end + 8]
        return bool(
            (hit.role in ("change", "bribe") and (_NO_CHANGE.search(said) or _CHANGED.search(said)))
            or re.match(r"(?:不影响|不耽误|也没关系|都可以|都行)", tail)
            or re.search(r"不(?:会)?(?:影响|耽误)", said)
        )

    def coercions(self) -> list[Span]:
        """Requests to change or delete, and help made to depend on a review."""
        out = []
        for hit in self.coerce:
            if not self._live(hit.start, hit.end - 1) or self._no_change(hit):
                continue
            first, last = self.sentence(hit.start)
            matched = self.text[hit.start : hit.end]
            if matched.startswith("先") and not re.search(_CHANGE + "|处理", matched) and not _THEN.search(self.text[hit.end : last]):
                continue
            bare = hit.role == "context" or not re.search(r"评|星|晒|好话|👍|⭐|cp|差", self.text[first:last])
            out.append(self._service_of(hit.start, hit.end, COERCION, bare=bare, change=hit.role == "change"))
        for m in _BARE.finditer(self.text):
            if self._live(m.start()):
                out.append(Span(m.start(), m.end(), COERCION, bare=not re.search(r"评|星", self.text), change=True))
        if not self.words and not re.search(r"评|星|满意", self.text):
            return out
        for patterns, change in ((_DEPENDS, False), (_CHANGES, True)):
            for pattern in patterns:
                for m in pattern.finditer(self.text):
                    hit = _Hit(m.start(), m.end(), "change" if change else "condition", True)
                    if not self._live(hit.start, hit.end - 1) or self._no_change(hit):
                        continue
                    if not change and _NO_ASK.search(self.said(hit.start)):
                        continue
                    out.append(self._service_of(hit.start, hit.end, COERCION, change=change))
        return out

    # -- requests ----------------------------------------------------------------------------------------------------

    def requests(self) -> list[Span]:
        """Invitations: whole phrases, and a word of asking beside a word for a good review, in one clause."""
        out = []
        for hit in self.invites:
            if self._idle(hit, phrase=True):
                continue
            out.append(self._service_of(hit.start, hit.end, INVITE, service=hit.role == "service"))
        for m in _RATE.finditer(self.text):
            if not self._idle(_Hit(m.start(), m.end(), "", False), phrase=True):
                out.append(self._service_of(m.start(), m.end(), INVITE))
        for word in self.words:
            said_from, said_to = self.clause(word.start)
            if _WEAK.match(self.text[word.start : word.end]) or self._idle(word):
                continue
            before = _ASK_BEFORE.search(self.text[said_from : word.start])
            after = _ASK_AFTER.search(self.text[word.end : said_to])
            if before:
                out.append(self._service_of(said_from + before.start(), word.end, INVITE))
            elif after:
                out.append(self._service_of(word.start, word.end + after.end(), INVITE))
        return out

    def _idle(self, hit: _Hit, *, phrase: bool = False) -> bool:
        """Whether a word for a review asks for nothing: refusal, thanks, information."""
        said = self.said(hit.start)
        place, size = hit.start - self.clause(hit.start)[0], hit.end - hit.start
        return bool(
            not self._live(hit.start, hit.end - 1)
            or _NO_ASK.search(said)
            or any(m.start() <= place + 2 and m.end() >= place for m in _THANKS.finditer(said))
            or any(not phrase or m.end() <= place or m.start() >= place + size for m in _INFO.finditer(said))
            or self._by_platform(hit.start)
        )

    def _service_of(
        self, start: int, end: int, kind: str, *, service: bool = False, bare: bool = False, change: bool = False
    ) -> Span:
        first, last = self.sentence(start)
        near = any(first <= h.start < last for h in self.service)
        words = self.text[first:last]
        near |= re.search(r"服务|客服|态度|满意", words) is not None and re.search(r"商品|宝贝|订单|产品|[差中]评|晒图|追评", words) is None
        return Span(start, end, kind, service or near, _DEMAND.search(words) is not None, bare, change)


def _clear(spans: list[Span], higher: list[Span]) -> list[Span]:
    """Spans that touch none of a higher kind: one span earns only the first."""
    return [s for s in spans if not any(s.start < h.end and h.start < s.end for h in higher)]
