"""Shape: times that an agent names (今天下午, 24小时内, 3号前, 稍后) and until when they run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from audit.chats.waits import DAY
from audit.shapes.money import yuan

MINUTE, HOUR = 60_000, 3_600_000
_N = r"(?:\d{1,3}(?:\.\d)?|[一二两三四五六七八九十]{1,3}|半)"
_SPAN = re.compile(
    rf"(?<![第.\d])(?:(?:{_N})个?\s?(?:[-~到至]|个?(?:小时|天|分钟)[-~到至])\s?)?(?P<count>{_N})\s?(?P<half>个半)?个?\s?"
    r"(?P<unit>分钟|小时|钟头|h(?![a-z])|天(?!无理由|猫|然|气)|日(?=之?内|以内)|工作日|周(?![一二三四五六日天])|星期(?![一二三四五六日天])|礼拜(?![一二三四五六日天]))"
    r"\s?(?P<after>之?内|以内|之?后|以后|左右)?"
)
_HOUR = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_PART = r"凌晨|早上|上午|中午|下午|傍晚|晚上|夜里"
_CLOCK = (
    rf"(?:\s?的?(?P<part>{_PART}))?"
    rf"(?:\s?(?P<hour>{_HOUR})\s?(?:点|:(?=\d\d))钟?(?P<minute>\d\d分?|半|一刻)?(?P<edge>之?前|以前|左右|之?后)?)?"
)
_DAY = re.compile(
    rf"(?=大?后天|明[天日早晚]|今[天日早晚儿]|当[天日]|本日|下班前|{_PART}|{_HOUR}\s?[点:])"
    rf"(?P<day>大后天|后天|明[天日早晚]|今[天日早晚儿]|当[天日]|本日|下班前)?{_CLOCK}"
)
_DATE = re.compile(
    r"(?:(?P<month>1[0-2]|[1-9]|[一二三四五六七八九十]{1,2})月)?(?<![\d路街道弄巷园苑城村厦区])(?P<dom>[0-3]?\d|[一二三四五六七八九十]{1,3})"
    rf"\s?(?:号(?![线店码链仓楼门机客色款位])|日(?![常用期报志])){_CLOCK}"
)
_WEEK = re.compile(
    rf"(?P<which>下下?|这|本)?个?(?:周|星期|礼拜)(?P<wday>[一二三四五六日天末]){_CLOCK}"
    r"|(?P<week>下|这|本)个?(?:周|星期|礼拜)|(?P<month>月底|月末)"
)
_SOON = re.compile(
    r"稍[后晚]|晚点|晚些|过会儿?|一会儿?|[待等]会儿?|等下|回头|尽[快早]|第一时间|马上|立[即刻马]|现在|这就|即刻|优先|加急"
)
_PART_END = {"凌晨": 6, "早上": 12, "早": 12, "上午": 12, "中午": 14, "下午": 18, "傍晚": 20}
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6, "末": 6}
_FEW = re.compile(r"[一二两三四五六七八九]{2}")  # 两三天: the larger
_CLOCK_WORDS = re.compile(r"\d|点[钟半]|一刻|前|左右|后")


@dataclass(frozen=True)
class When:
    """A time in a folded text: its place, and what it says."""

    start: int
    end: int
    kind: str  # span, day, date, week, soon
    match: re.Match[str]

    @property
    def definite(self) -> bool:
        """Whether it names a time, and not only soon."""
        return self.kind != "soon"

    def until(self, at: int) -> int | None:
        """Its last moment (int64 ms of wall time) as said at `at`; None where there is no such day.

        今天 and other days run to 24:00 (their last ms), a part of the day to its end, soon and the like 24 hours;
        “N 分钟后”, “左右” are given as long again.
        """
        days = self.days(at)
        if self.kind == "soon":
            return at + DAY
        if self.kind == "span":
            return at + self._length(at)
        if days is None:
            return None
        m, end = self.match, (days[1] + 1) * DAY - 1
        day, name = days[1] * DAY, m["day"] or "" if self.kind == "day" else "day"
        part = m["part"] or (name[-1:] if name[-1:] in ("早", "晚") else "")
        if m["hour"]:
            minutes = _minutes(m, part, fixed=bool(name) and days[1] > at // DAY, now=at % DAY // MINUTE)
            named = day + minutes * MINUTE + (HOUR if m["edge"] in ("左右", "后", "之后") else 0)
        else:
            named = day + _PART_END[part] * HOUR if part in _PART_END else end
        if named < at:  # 上午给您, said in the afternoon: tomorrow's, where no day is named
            named = end if name else named + DAY
        return named

    def days(self, at: int) -> tuple[int, int] | None:
        """First and last calendar day (days since 1970) that it may mean; None where there is no such day."""
        today, m = at // DAY, self.match
        if self.kind in ("span", "soon"):
            return today, (at + (self._length(at) if self.kind == "span" else DAY)) // DAY
        if self.kind == "day":
            name = m["day"] or ""
            ahead = 3 if name == "大后天" else 2 if name == "后天" else 1 if name.startswith("明") else 0
            return today + ahead, today + ahead
        now = date(1970, 1, 1) + timedelta(days=today)
        if self.kind == "date":
            return _calendar(m, now, today)
        if m["month"]:
            last = (now.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            return today, (last - date(1970, 1, 1)).days
        monday = today - now.weekday()
        which = m["which"] or m["week"] or ""
        monday += 7 * which.count("下")
        if not m["wday"]:
            return (max(monday, today), monday + 6)
        day = monday + _WEEKDAYS[m["wday"]]
        day += 7 if not which and day < today else 0
        return (day - 1 if m["wday"] == "末" else day), day

    def _length(self, at: int) -> int:
        m = self.match
        unit = m["unit"]
        said = m["count"][-1] if _FEW.fullmatch(m["count"]) else m["count"]
        count = (0.5 if said == "半" else yuan(said)) + (0.5 if m["half"] else 0)
        twice = 2 if (m["after"] or "")[-1:] in ("后", "右") else 1
        if unit in ("分钟", "小时", "钟头", "h"):
            return int(count * (MINUTE if unit == "分钟" else HOUR)) * twice
        if unit == "工作日":
            return _working(at, int(count)) - at
        whole = int(count * (7 if unit in ("周", "星期", "礼拜") else 1) + 0.5)
        return (at // DAY + whole + 1) * DAY - 1 - at


def times(text: str) -> list[When]:
    """Every time that a folded text names, by place; overlapping ones: the longest."""
    found = [
        When(m.start(), m.end(), kind, m)
        for kind, pattern in (("span", _SPAN), ("day", _DAY), ("date", _DATE), ("week", _WEEK), ("soon", _SOON))
        for m in pattern.finditer(text)
        if m.end() > m.start() and (kind != "day" or _is_clock(m))
    ]
    found.sort(key=lambda w: (w.start - w.end, w.start))
    out: list[When] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in out):
            out.append(one)
    return sorted(out, key=lambda w: w.start)


def _is_clock(m: re.Match[str]) -> bool:
    """Whether it is a time of day: 一点, 有点 and 1:1 alone are none."""
    if m["day"] or m["part"]:
        return True
    hour = int(yuan(m["hour"]))
    return hour <= 24 and _CLOCK_WORDS.search(m[0]) is not None and not (m["hour"] in "一两" and not m["edge"])


def _minutes(m: re.Match[str], part: str, *, fixed: bool, now: int) -> int:
    """Minutes after midnight of a clock time; without 上午/下午 the next such hour that is meant."""
    hour = int(yuan(m["hour"]))
    said = (m["minute"] or "").rstrip("分")
    minute = 30 if said == "半" else 15 if said == "一刻" else int(said or 0)
    if (part in ("下午", "傍晚", "晚上", "夜里", "晚") and hour < 12) or (part == "中午" and hour < 10):
        hour += 12
    elif part in ("晚上", "夜里", "晚") and hour == 12:
        hour = 24
    elif not part and ((fixed and hour < 7) or (not fixed and hour < 12 and hour * 60 + minute <= now)):
        hour += 12 if fixed or (hour + 12) * 60 + minute > now else 0  # 9点前, said at ten in the evening: tomorrow's
    return hour * 60 + minute


def _calendar(m: re.Match[str], now: date, today: int) -> tuple[int, int] | None:
    day = int(yuan(m["dom"]))
    month = int(yuan(m["month"])) if m["month"] else now.month
    year = now.year
    try:
        then = date(year, month, day)
        if then < now:
            if m["month"]:
                then = date(year + 1, month, day)
            else:
                then = (now.replace(day=28) + timedelta(days=4)).replace(day=day)
    except ValueError:
        return None
    number = (then - date(1970, 1, 1)).days
    return (number, number) if number - today < 200 else None


def _working(at: int, count: int) -> int:
    """24:00 of the count-th working day (Monday to Friday) after the day of `at`."""
    day = at // DAY
    while count:
        day += 1
        count -= (day + 3) % 7 < 5  # 1970-01-01 was a Thursday
    return (day + 1) * DAY - 1
