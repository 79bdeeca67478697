"""Numbers as sellers write them: 1,200 · 1.2万 · 3k · 两百 · 一万五 · 八五 · and digits in disguise."""

from __future__ import annotations

from contextlib import suppress

# What a seller writes for a digit so that a machine does not read one.
DIGITS = {
    **{str(i): str(i) for i in range(10)},
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("〇壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
    "○": "0", "幺": "1", "弍": "2", "洞": "0", "拐": "7", "з": "3", "o": "0", "l": "1", "i": "1",
}  # fmt: skip

_HAN = {
    **dict(zip("零一二三四五六七八九", range(10), strict=True)),
    "〇": 0,
    "两": 2,
    "俩": 2,
    "几": 2,
    "数": 2,
    "上": 1,
}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_SUFFIXES = {"w": 10_000, "k": 1_000, "万": 10_000, "千": 1_000, "百": 100, "亿": 100_000_000}

# RE2 for the above, in folded text.
PLAIN = r"\d{1,9}(?:,\d{3}){0,3}(?:\.\d{1,3})?"
NUMBER = rf"(?:{PLAIN} ?[万千百wk]?|[几数上][十百千万]{{1,2}}|[一二两三四五六七八九十百千万]{{1,7}})"


def digits(text: str) -> str:
    """The digits of ``text`` with the disguise off, everything else left out."""
    return "".join(DIGITS.get(mark, "") for mark in text)


def number(text: str) -> float | None:
    """The number that ``text`` writes, or None. 几百, 数千, 三五 are read as the least they mean: 200, 2,000, 3."""
    text = text.strip().replace(",", "").replace(" ", "")
    if not text:
        return None
    if text[0].isdigit():
        factor = _SUFFIXES.get(text[-1], 1)
        with suppress(ValueError):
            return float(text[:-1] if factor > 1 else text) * factor
        return None
    return _han(text)


def _han(text: str) -> float | None:
    """A Han numeral: 一万五 is 15,000, 八五 is 85, 上千 is 1,000."""
    if text in ("几", "数", "上"):
        return None
    if not any(mark in _UNITS for mark in text):
        plain = "".join(str(_HAN.get(mark, "")) for mark in text)
        about = len(text) == 2 and "0" < plain[:1] < plain[1:]
        return float(plain[0] if about else plain) if len(plain) == len(text) else None
    total, section, digit, unit = 0, 0, 0, 1
    for mark in text:
        if mark in _HAN:
            digit = _HAN[mark]
        elif mark == "万":
            total, section, digit, unit = (total + section + digit or 1) * 10_000, 0, 0, 10_000
        elif mark in _UNITS:
            unit = _UNITS[mark]
            section, digit = section + (digit or 1) * unit, 0
        else:
            return None
    # A last digit without its unit counts in tenths of the unit before it, unless 零 stands there: 一千五, 一千零五.
    trailing = digit * (unit // 10) if unit > 10 and text[-2:-1] in _UNITS else digit
    return float(total + section + trailing)
