"""The steps that a view can take beyond folding, as bits of one byte per character, with their names for reports."""

from __future__ import annotations

import enum


class Step(enum.IntFlag):
    """What made a character of a view; `View.steps` holds these bits."""

    SPACED = 1
    SYMBOL = 2
    LOOKALIKE = 4
    JOINED = 8
    JOINED_WORD = 16
    SYLLABLE = 32
    SPELLED = 64
    INITIAL = 128


#: Step → its name in `decoded_by`.
TITLES = {
    Step.SPACED: "去掉字间符号",
    Step.SYMBOL: "表情或数字",
    Step.LOOKALIKE: "形近",
    Step.JOINED: "拆字",
    Step.JOINED_WORD: "拆字",
    Step.SYLLABLE: "同音",
    Step.SPELLED: "拼音",
    Step.INITIAL: "首字母",
}


def decoded_by(steps: int) -> str:
    """The names of the steps in `steps`, in the order in which they are taken: 形近、拆字."""
    return "、".join(dict.fromkeys(title for step, title in TITLES.items() if steps & step))
