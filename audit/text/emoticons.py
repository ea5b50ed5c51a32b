"""Emoticons as the platforms write them: 旺旺 and JD codes, bracket names, emoji."""

from __future__ import annotations

import re

_CODES = (  # of research §1.1 T7; HTML-escaped forms beside the raw ones
    r"\d{3}|man|girl|\(OK\)|\)-\(|\((?:&|&amp;)\)|\^[_$OxW]\^|-[A-Z]|(?:>|&gt;)[_O@W](?:<|&lt;)|\*(?:&|&amp;)\*"
    r"|'(?:\"\"|&quot;&quot;)|[!?$\"]|&quot;|[A-Za-z](?![A-Za-z0-9])"
)
#: Names that chat apps print in square brackets for their emoticons (WeChat, QQ, 抖店, 拼多多 keyboards).
EMOTICON_NAMES = (
    "微笑 撇嘴 色 发呆 得意 流泪 害羞 闭嘴 睡 大哭 尴尬 发怒 调皮 呲牙 龇牙 惊讶 难过 囧 抓狂 吐 偷笑 愉快 "
    "可爱 白眼 傲慢 困 惊恐 流汗 憨笑 悠闲 大兵 奋斗 咒骂 疑问 嘘 晕 疯了 折磨 衰 骷髅 敲打 再见 擦汗 抠鼻 "
    "鼓掌 糗大了 坏笑 左哼哼 右哼哼 哈欠 鄙视 委屈 快哭了 阴险 亲亲 吓 可怜 菜刀 西瓜 啤酒 咖啡 饭 猪头 玫瑰 "
    "凋谢 嘴唇 示爱 爱心 心碎 蛋糕 炸弹 便便 月亮 太阳 礼物 拥抱 强 弱 握手 胜利 抱拳 勾引 拳头 差劲 爱你 NO "
    "OK 飞吻 跳跳 发抖 怄火 嘿哈 捂脸 奸笑 机智 皱眉 耶 红包 加油 比心 赞 点赞 笑哭 破涕为笑 苦涩 裂开 叹气 "
    "吃瓜 旺柴 翻白眼 哇 打脸 天啊 让我看看 666 合十 谢谢 撒花 送心 玫瑰花 笑脸 大笑 生气 愤怒 冷漠 无语 哭 "
    "开心 表情"
).split()
PICTOGRAPH = "[\U0001f000-\U0001faff\u231a-\u23ff\u2600-\u2775\u2794-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299]"
_EMOJI = rf"(?:{PICTOGRAPH}[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*|[0-9#*]\ufe0f?\u20e3)"
#: One emoticon: a 旺旺 code (raw, HTML-escaped or wrapped \T…\T), a JD code, a bracket name or an emoji.
EMOTICON = re.compile(
    rf"\\T\s*/:(?:{_CODES})\s*\\T|/:(?:{_CODES})|#E-[A-Za-z0-9]+"
    rf"|\[(?:{'|'.join(sorted(map(re.escape, EMOTICON_NAMES), key=len, reverse=True))})\]|{_EMOJI}",
    re.IGNORECASE,
)
