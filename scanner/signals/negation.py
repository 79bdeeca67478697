"""Whether a negation directly governs a term: 不卖手机卡, 非接码, without SIM, we do not sell accounts.

A true negation makes a good description of lawful goods (不含卡), a false one is a cover (非接码 勿问). The answer is
an attribute of a hit, never a reason to drop it.
"""

from __future__ import annotations

import re2

# As much of the text before the term as is read: a negation further away governs something else.
REACH = 40

_PLAIN = str.maketrans("賣無請絕別沒帶購買齊戶帳號條張們個為從", "卖无请绝别没带购买齐户账号条张们个为从")
_CLAUSE_END = re2.compile(r"[。！？!?；;：:，,…\n]|\. |但|而是|只(?:卖|收|做|出|是|有)|专(?:卖|收|业)|却")

_DEALING = (
    r"卖|出售|销售|售|出租|出借|出|收购|回收|收|做|接|提供|支持|含|带|包含|包括|涉及|涉|配|附带|附赠|附|赠送|送|承接|代办|办理"
    r"|经营|买卖|购买|购|买|租|转让|用于|用来|用作|适用于?|适合|参与|从事|进行"
)
_NO_ZH = (
    rf"(?:不(?:单独|再|会|能|可以|可|得|要|想)?(?:{_DEALING}|是)|并非|绝非|不是|从不|没有?|无|非"
    r"|未(?:含|带|附|配)|请勿|切勿|勿|别|莫|禁止|严禁|拒绝|谢绝|杜绝|抵制|远离|反对|打击|警惕|防止|防范|避免)"
)
# Between the negation and the term: a verb of dealing, a determiner, other members of the same list.
_FILL_ZH = rf"(?:(?:{_DEALING}|任何|各种|所有|什么|单独|其他|其它|的|去|来|再|以|此|它|这|用|作为)*)"
_LIST_ZH = r"(?:[^、/和或及与跟\s]{1,10}(?:、|/|和|或者?|及|与|跟) ?){0,4}"
_GOVERNS_ZH = re2.compile(rf"({_NO_ZH}){_FILL_ZH}{_LIST_ZH}$")

# Words that deny nothing: what ends with a negation's first character, and what begins with a negation.
_ENDING = (
    "是非", "除非", "莫非", "若非", "岂非", "不得不", "不能不", "个别", "特别", "分别", "区别", "级别", "类别", "性别",
    "辨别", "告别", "识别", "差别", "派别", "淹没", "出没", "有没", "要不", "是不", "卖不", "收不", "做不", "接不",
    "能不", "会不",
)  # fmt: skip
_BEGINNING = (
    "非常", "非要", "非得", "非洲", "非凡", "非遗", "别墅", "别针", "别人", "别致", "别称", "别名", "别克",
    "别样", "别的", "无论", "无线", "无人", "无损", "无痕", "无限", "无需", "无须", "无绳", "无霜", "无极",
    "无缝", "无敌", "无双", "无锡", "无糖", "无油", "无烟", "无声", "无骨", "无袖", "无尘", "无框", "无纺",
    "无刷", "无忧", "无水", "无叶", "无条件", "无视", "无实名", "没收", "没事",
)  # fmt: skip

_NO_EN = (
    r"(?:not|no|non|without|never|neither|nor|cannot|isn't|aren't|wasn't|don't|doesn't|won't|can't|isnt|dont|doesnt"
    r"|excluding|excludes|except|avoid|against|refuse to|unlike)"
)
_FILL_EN = (
    r"(?:for|as|to|of|with|sell(?:ing)?|buy(?:ing)?|includ(?:e|es|ed|ing)|contain(?:s|ing)?|come with|offer(?:ing)?"
    r"|provide|supply|trade|accept|use[ds]?|intended|suitable|real|actual|loose|live|and|or|these|this|it|my|your|our"
    r"|(?:a|an|any|the)(?: [a-z]{2,12}){0,2}|[a-z]{2,12},? (?:or|and|nor))"
)
_GOVERNS_EN = re2.compile(rf"\b{_NO_EN}[ \-](?:{_FILL_EN}[ \-]){{0,6}}$")


def negated(text: str, start: int) -> bool:
    """Whether a negation in the same clause directly governs the term that begins at ``text[start]``.

    - Only the ``REACH`` characters before the term are read, back to the last end of a clause.
    - The negation stands right before the term, or with nothing between but verbs of dealing, articles and other
      members of the same list (不卖手机卡、流量卡).
    - Words that only look like a negation (特别, 除非, 无线) and questions (卖不卖) are none.
    """
    clause = text[max(0, start - REACH) : start].lower().translate(_PLAIN).encode("utf-8", "replace").decode()
    ends = [match.end() for match in _CLAUSE_END.finditer(clause)]
    clause = clause[ends[-1] if ends else 0 :]
    if governing := _GOVERNS_ZH.search(clause):
        first = governing.start(1)
        return not clause[: first + 1].endswith(_ENDING) and not clause[first:].startswith(_BEGINNING)
    return bool(_GOVERNS_EN.search(clause))
