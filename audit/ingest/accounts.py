"""Account names of Taobao and Tmall: `店铺名:子账号` for sellers, a nick, often masked, for buyers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable

from audit.ingest.model import ReadOptions

COLON = re.compile("[:：]")
#: Words that only shops of Tmall may end their names with (Tmall's rules for naming shops).
_TMALL_SHOP = re.compile(r"(?:旗舰店|专卖店|专营店|天猫店)(?:铺)?$")
_SHOP_LIKE = re.compile(r"(?:店|铺|馆|坊|社|屋|阁|行|商城|官方|企业店|工厂|工作室)$")


def split_account(nick: str) -> tuple[str, str]:
    """Shop and sub-account of a seller's nick; a main account has no colon: ("", nick). `cntaobao` is dropped."""
    nick = nick.strip().removeprefix("cntaobao")
    shop, colon, sub = COLON.sub(":", nick).partition(":")
    return (shop.strip(), sub.strip() or shop.strip()) if colon else ("", nick)


def is_masked(nick: str) -> bool:
    """Whether a nick is hidden in part (`t***1`, `景**`) or wholly, so that it names nobody for certain."""
    return not nick or "*" in nick or "＊" in nick


def looks_like_shop(name: str) -> bool:
    """Whether a name ends as shops' names do."""
    return bool(_SHOP_LIKE.search(name))


def platform_of(shop: str, options: ReadOptions) -> str:
    """`--platform`, else tmall for the shop names that only Tmall grants (…旗舰店, …专卖店, …专营店), else taobao."""
    return options.platform or ("tmall" if _TMALL_SHOP.search(shop) else "taobao")


def digest(*parts: str) -> str:
    """A short stable id of some text, for sessions that the export gives none."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def seller(nick: str, shops: Collection[str]) -> tuple[str, str] | None:
    """Shop and account where a nick is a seller's (`店铺名:子账号`, or a shop's own name), else None."""
    shop, account = split_account(nick)
    if shop:
        return shop, account
    return (account, account) if account in shops else None


def shops_among(nicks: Iterable[str], given: str = "") -> frozenset[str]:
    """The shops' names that stand before a colon among `nicks`, and `given`."""
    return frozenset({shop for nick in nicks if (shop := split_account(nick)[0])} | ({given} if given else set()))
