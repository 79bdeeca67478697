"""Whether a negation directly governs a term: 不卖手机卡, 非接码, without SIM, we do not sell accounts.

A true negation makes a good description of lawful goods (不含卡), a false one is a cover (非接码 勿问). The answer is an
attribute of a hit, never a reason to drop it.
"""

from __future__ import annotations

import re2

from scanner.signals.folding import fold

# As much of the text before the term as is read: a negation further away governs something else.
REACH = 40

_CLAUSE_END = re2.compile(r"[。！？!?；;：:，,…\n\r\x1e]|\. |但|而是|只(?:卖|收|做|出|是|有)|专(?:卖|收|业)|却")
_NO_ZH = (
    r"(?:不是|并非|绝非|从不|不再|不(?:单独)?(?:卖|售|出售|销售|出|收|回收|做|接|提供|支持|含|带|包含|包括|涉及|涉|配|送|附|附带|承接|代办|办理|经营|买卖|买|租|能|可|可以|得|会|要|用于|用来|用作|适用于?|附赠|赠送|需要?|是)"
    r"|没有?|无|非|未(?:含|带|附|配)|勿|请勿|切勿|别|莫|禁止|严禁|拒绝|谢绝|杜绝|抵制|远离|反对|打击|警惕|防止|防范|避免)"
)
# Between the negation and the term: a verb, an article, other things denied in the same breath.
_FILL_ZH = r"(?:(?:卖|出售|售|销售|出|收|回收|做|接|提供|支持|含|带|买|买卖|租|出租|出借|转让|用于|用来|从事|代办|办理|任何|各种|所有|什么|单独|其他|其它|的|去|来|再|以|此|它|这|用|作为|进行|参与)*)"
_LIST_ZH = r"(?:[^、/和或及与跟\s]{1,10}(?:、|/|和|或者?|及|与|跟) ?){0,4}"
_GOVERNS_ZH = re2.compile(rf"({_NO_ZH}){_FILL_ZH}{_LIST_ZH}$")
# Words that end like a negation and deny nothing.
_NO_NEGATION = re2.compile(
    r"(?:是非|除非|无非|莫非|若非|岂非|未必不|不得不|不能不|无不|并不是不|免得不|个别|特别|分别|区别|级别|类别|性别|辨别|告别|识别|差别|派别|有没|淹没|出没|非(?:常|要|得|洲|凡|遗)|别(?:墅|针|人|致|称|名|克|样|的)|无(?:论|线|人|损|痕|限|需|须|绳|霜|极|缝|敌|双|锡|糖|油|烟|声|骨|袖|尘|框|纺|刷|忧|水|叶|条件|风控|视|实名|卡))$"
)

_GOVERNS_EN = re2.compile(
    r"\b(?:not|no|non|without|never|neither|nor|cannot|isn't|aren't|wasn't|don't|doesn't|won't|can't|excluding|excludes|except|minus|isnt|dont|doesnt|zero|stop|avoid|against|refuse to|unlike)[ \-]"
    r"(?:(?:a|an|any|the|for|as|to|of|with|sell(?:ing)?|buy(?:ing)?|include[ds]?|including|contain(?:s|ing)?|come with|offer(?:ing)?|provide|supply|trade|need|require|accept|use[ds]?|used|intended|suitable|real|actual|loose|live|and|or|these|this|it|my|your|our|includ\w{0,4}|\w{2,12},? (?:or|and|nor))[ \-]){0,6}$"
)


def negated(text: str, start: int) -> bool:
    """Whether a negation in the same clause directly governs the term that begins at ``text[start]``.

    - Only the ``REACH`` characters before the term are read, back to the last end of a clause.
    - The negation stands right before the term, or with nothing between but verbs of dealing, articles and other
      members of the same list (不卖手机卡、流量卡).
    - Words that only end like a negation (特别, 除非, 无线) and double negations are none.
    """
    before = fold(text[max(0, start - REACH) : start])[0]
    clause = before
    for match in _CLAUSE_END.finditer(before):
        clause = before[match.end() :]
    if governing := _GOVERNS_ZH.search(clause):
        return not _NO_NEGATION.search(clause[: governing.end(1)]) and not _splits(clause, governing.start())
    return bool(_GOVERNS_EN.search(clause))


def _splits(clause: str, start: int) -> bool:
    """Whether the negation is the second half of a longer word, or the question 是不是, 要不要, 卖不卖."""
    pair = clause[max(0, start - 1) : start + 3]
    return len(pair) >= 3 and pair[0] == pair[2] and pair[1] in "不没"
