"""Shape: how many days ago a service was done, as a buyer says it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from audit.chats.waits import DAY, NO_TIME
from audit.shapes.money import yuan

_NUMBER = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_WHEN = re.compile(
    rf"(?P<named>大前天|前天|前晚|昨天|昨晚|昨日|今天|今早|今晚|刚才|刚刚)|(?P<days>{_NUMBER})天(?:以?前|之前)"
    rf"|(?P<weeks>{_NUMBER})(?:个?星期|周|个?礼拜)(?:以?前|之前)|(?P<months>{_NUMBER})个?(?:多)?月(?:以?前|之前)"
    rf"|(?P<last>上个?月)?(?:(?P<month>{_NUMBER})月)?(?P<day>{_NUMBER})[号日](?!线)|(?P<late>上个月|去年|半年前)"
)
_NAMED = {"大前天": 3, "前天": 2, "前晚": 2, "昨天": 1, "昨晚": 1, "昨日": 1}
#: what is done to a thing or a person; buying, booking and receiving are no service
_SERVICE = re.compile(
    r"(?:做|洗|贴|修|装|换|擦|刷|染|烫|剪|护理|保养|清洗|清洁|保洁|安装|维修|上门|到店|除螨|除醛|疏通|搬|拍|打蜡|镀|喷|补|改|磨|测|检|服务|理|按摩)"
)
_OTHER = re.compile(r"约|预约|买|下单|拍下|收到|到货|签收|发货|咨询|问|联系|投诉")


def days_since(text: str, at: int) -> int | None:
    """Whole days from the service that the folded text names to the moment `at` (int64 ms of wall time).

    None where it names no service, or no date that can be reckoned (上周, 前几天; a calendar date without a time).
    """
    for m in _WHEN.finditer(text):
        after = re.split(r"[,。!?;\n]", text[m.end() : m.end() + 16])[0]
        done = _SERVICE.search(after)
        if done is None or _OTHER.search(after[: done.start()]):
            continue
        days = _days(m, at)
        if days is not None:
            return days
    return None


def _days(m: re.Match[str], at: int) -> int | None:
    if m["named"]:
        return _NAMED.get(m["named"], 0)
    for name, length in (("days", 1), ("weeks", 7), ("months", 30)):
        if m[name]:
            return int(yuan(m[name])) * length
    if m["late"]:
        return 31
    if at == NO_TIME:
        return None
    today = date(1970, 1, 1) + timedelta(days=at // DAY)
    day = int(yuan(m["day"]))
    month = int(yuan(m["month"])) if m["month"] else today.month
    year = today.year
    try:
        if m["last"]:
            first = today.replace(day=1) - timedelta(days=1)
            return (today - first.replace(day=day)).days
        then = date(year, month, day)
        if then > today:
            then = (
                date(year - 1, month, day)
                if m["month"]
                else (today.replace(day=1) - timedelta(days=1)).replace(day=day)
            )
    except ValueError:
        return None
    return (today - then).days
