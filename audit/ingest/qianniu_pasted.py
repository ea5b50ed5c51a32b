"""T1: a transcript copied out of Qianniu: `nick:text` lines without times, blank lines between dialogues.

A seller's line names shop and sub-account (`店铺名:子账号:text`), a buyer's line only the nick. Which name is the
shop's is worked out from the whole file. Source: research §1.1 T1.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from audit.errors import UserError
from audit.ingest.accounts import digest, is_masked, looks_like_shop, platform_of
from audit.ingest.encodings import decode_with_bad, head_text
from audit.ingest.jsonsource import chunk
from audit.ingest.model import BadRow, Chunk, ReadOptions, Source
from audit.ingest.roles import plain_media

NAME = "qianniu-pasted"
TITLE = "千牛复制的聊天文本（无时间）"

_LINE_END = re.compile(r"\r\n|\r|\n")
_NAME = r"[^\s:：,，。！？!?;；\"'“”{}|<>=()（）\[\]【】~～…、]{1,40}"
_SPEAKER = re.compile(rf"\s*({_NAME})\s*[:：](.*)", re.DOTALL)
_SECOND = re.compile(rf"\s*({_NAME})[:：](.*)", re.DOTALL)
_TRANSFER = re.compile(r"\s*由\s+\S+\s*转交给")
_DATE = re.compile(r"\d{4}[-/.年]\d|\d{1,2}$")
_HAN = re.compile("[\u4e00-\u9fff]")
#: Words that stand before a colon inside messages; no nick.
_LABELS = frozenset(
    (
        "http https ftp 地址 收货地址 收件地址 退货地址 寄回地址 电话 手机 手机号 联系电话 收货人 收件人 联系人 "
        "姓名 订单号 订单编号 快递单号 运单号 单号 尺码 尺寸 颜色 颜色分类 规格 型号 款式 数量 重量 材质 价格 "
        "备注 链接 品牌 备注信息 时间 日期 温馨提示 注意 注意事项 提示 提醒 注 附 PS ps 退货流程 使用方法 保质期 "
        "产地 优惠 活动 例如 比如 方法 步骤 回复 问 答"
    ).split()
)


@dataclass
class _Line:
    row: int
    text: str
    name: str = ""  # before the first separator, "" where nothing there can be a name
    rest: str = ""
    second: str = ""  # between the first two separators
    tail: str = ""


@dataclass
class _Block:
    lines: list[_Line] = field(default_factory=list)

    def names(self) -> Counter[str]:
        return Counter(line.name for line in self.lines if line.name)


def _parse(text: str, row: int) -> _Line:
    line = _Line(row, text)
    found = _SPEAKER.fullmatch(text)
    if found is None or found[1] in _LABELS or _DATE.match(found[1]) or found[2].startswith("//"):
        return line
    line.name, line.rest = found[1], found[2]
    inner = _SECOND.fullmatch(line.rest)
    clock = inner is not None and inner[1].isdigit() and inner[2][:1].isdigit()
    if inner is not None and not clock and inner[1] not in _LABELS and not inner[2].startswith("//"):
        line.second, line.tail = inner[1], inner[2]
    return line


def _blocks(text: str, skipped: frozenset[int] = frozenset()) -> list[_Block]:
    blocks = [_Block()]
    for row, raw in enumerate(_LINE_END.split(text), 1):
        if raw.strip():
            blocks[-1].lines.append(_parse(raw.rstrip(), row))
        elif row not in skipped and blocks[-1].lines:
            blocks.append(_Block())
    return [block for block in blocks if block.lines]


def _shops(blocks: list[_Block], given: str = "") -> list[str]:
    """The shops' names: those that (nearly) always carry a sub-account, best first; never two in one dialogue."""
    lines: Counter[str] = Counter()
    double: Counter[str] = Counter()
    accounts: dict[str, Counter[str]] = defaultdict(Counter)
    places: dict[str, set[int]] = defaultdict(set)
    for n, block in enumerate(blocks):
        for line in block.lines:
            if line.name:
                lines[line.name] += 1
                places[line.name].add(n)
                if line.second:
                    double[line.name] += 1
                    accounts[line.name][line.second] += 1
    if given and given in lines:
        return [given]
    able = [
        name
        for name, n in double.items()
        if not is_masked(name) and (n >= 0.9 * lines[name] or (looks_like_shop(name) and len(places[name]) > 1))
    ]
    able.sort(key=lambda name: (-looks_like_shop(name), -len(places[name]), -lines[name], name))
    chosen: list[str] = []
    for name in able:
        again = lines[name] >= 2 * len(accounts[name])
        among_others = any(len(blocks[n].names()) > 1 for n in places[name])
        if not (looks_like_shop(name) or (again and among_others) or (not chosen and len(able) == 1 and among_others)):
            continue
        if not any(places[name] & places[other] for other in chosen):
            chosen.append(name)
    return chosen


def _buyers(blocks: list[_Block], shops: list[str]) -> list[set[str]]:
    """The buyers' nicks of each block: masked ones where the file masks nicks, else the block's main other name."""
    others = [Counter({n: c for n, c in b.names().items() if n not in shops}) for b in blocks]
    masked = [{name for name in names if is_masked(name)} for names in others]
    if 2 * sum(map(bool, masked)) >= sum(map(bool, others)):
        return masked
    spread = Counter(name for names in others for name in names)
    out: list[set[str]] = []
    for block, names, hidden in zip(blocks, others, masked, strict=True):
        handed = {line.name for line in block.lines if line.name in names and _TRANSFER.match(line.rest)}
        if hidden or handed:
            out.append(hidden | handed)
            continue
        first = block.lines[0].name
        ranked = sorted(names, key=lambda n: (n != first, -names[n], spread[n], n))
        out.append({n for n in ranked[:1] if n == first or names[n] > 1 or spread[n] == 1})
    return out


def sniff(source: Source) -> float:
    """High where a shop's name with sub-accounts stands before Chinese messages and another name answers it."""
    text = head_text(source.head)
    if text.lstrip("\ufeff \r\n").startswith(("{", "[", "<", "PK")) or "\x00" in text:
        return 0.0
    blocks = _blocks(text.lstrip("\ufeff"))
    lines = [line for block in blocks for line in block.lines]
    shops = _shops(blocks)
    if not shops:
        return 0.0
    buyers = set().union(*_buyers(blocks, shops))
    spoken = [line for line in lines if line.name in shops or line.name in buyers]
    sellers = [line for line in spoken if line.name in shops]
    asked = [line for line in spoken if line.name not in shops]
    if 2 * sum(bool(line.second) for line in asked) > len(asked):
        return 0.0
    chinese = sum(bool(_HAN.search(line.tail or line.rest)) for line in spoken)
    if len(spoken) < 0.5 * len(lines) or chinese < 0.5 * len(spoken) or len(sellers) == len(spoken) < 3:
        return 0.0
    sure = any(map(is_masked, buyers)) or any(map(looks_like_shop, shops))
    return 0.9 if sure and buyers else 0.6


def read(source: Source, options: ReadOptions) -> Iterator[Chunk]:
    """All messages, untimed. Raises UserError where no shop's name can be told from the buyers'.

    A dialogue's `session` is a digest of its own text, so that it is the same in every copy of it.
    """
    text, _, unreadable = decode_with_bad(source.read_bytes(), source.name)
    blocks = _blocks(text.lstrip("\ufeff"), frozenset(bad.row for bad in unreadable))
    shops = _shops(blocks, options.shop)
    if not shops:
        raise UserError(
            "no line names a shop and an account before its text, so sellers and buyers cannot be told apart",
            where=source.name,
            fix="lines should read 店铺名:子账号:内容 and 买家:内容; name a shop of the file with --shop",
        )
    rows: list[dict[str, Any]] = []
    bad: list[BadRow] = list(unreadable)
    seen: Counter[str] = Counter()
    session = ""
    for block, buyers in zip(blocks, _buyers(blocks, shops), strict=True):
        if block.lines[0].name in buyers or block.lines[0].name in shops:
            session = digest(*(line.text for line in block.lines))
            seen[session] += 1
            if seen[session] > 1:
                session += f"-{seen[session]}"
        _read_block(block, buyers, shops, session, rows, bad, source.name)
    if not rows:
        raise UserError("the file holds no messages", where=source.name, fix="export it again")
    for row in rows:
        row["platform"] = platform_of(row["shop"], options)
    part = chunk(rows, source, options, tuple(bad))
    yield Chunk(part.frame.assign(text=plain_media(part.frame["text"])), part.bad_rows)


def _read_block(
    block: _Block,
    buyers: set[str],
    shops: list[str],
    session: str,
    rows: list[dict[str, Any]],
    bad: list[BadRow],
    name: str,
) -> None:
    shop = next((line.name for line in block.lines if line.name in shops), shops[0])
    buyer = next((line.name for line in block.lines if line.name in buyers), "")
    last = rows[-1] if rows and rows[-1]["session"].split("/")[0] == session else None
    for line in block.lines:
        own: dict[str, Any]
        if line.name in shops:
            account, said = (line.second, line.tail) if line.second else (line.name, line.rest)
            own = {"sender": "agent", "agent": account, "text": said.strip()}
        elif line.name in buyers:
            buyer = line.name
            own = {"sender": "buyer", "text": line.rest.strip()}
        elif last is not None:
            last["text"] += "\n" + line.text.strip()
            continue
        else:
            bad.append(BadRow(name, line.row, "", "no speaker before the text"))
            continue
        several = f"{session}/{buyer}" if len(buyers) > 1 else session
        last = {**own, "shop": shop, "buyer": buyer, "session": several, "kind": "text", "source_row": line.row}
        rows.append(last)
