"""Telephone numbers, plain and in disguised digits, and what only looks like one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from scanner.signals.numerals import DIGITS, digits
from scanner.signals.patterns import DIGITS as ASCII_DIGITS
from scanner.signals.patterns import Form, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal

_RUN = Pattern(
    r"(?:[0-9零〇○幺一三壹]|\b[lio])"
    r"(?:[ .\-_*~·•,/|❤]{0,2}[0-9零〇○幺一二三四五六七八九壹贰弍叁肆伍陆柒捌玖洞拐зoli]){9,16}"
)
# Group 1 is the number.
_OTHER = Pattern(
    Form(r"(\+ ?[1-9]\d{0,2}[ \-.]?(?:\(\d{1,4}\)[ \-.]?)?\d{2,5}(?:[ \-.]?\d{2,5}){1,4})", ASCII_DIGITS, ASCII_DIGITS),
    Form(r"(\(\d{3}\) ?\d{3}[ \-.]\d{4})", ASCII_DIGITS, ASCII_DIGITS),
    Form(
        r"(?:电话|手机号?|致电|联系方式|热线|联系|\b(?:tel|phone|call|text|cell|mobile|sms|ring))"
        r"(?: ?(?:me|us|号码?|at|on))?[ :.]{0,3}(\(?\d{2,5}\)?(?:[ \-.]?\d{2,5}){1,4})",
        after=ASCII_DIGITS,
    ),
    needs=("+", "(", "联", "电", "热", "手机", "tel", "phone", "ll", "text", "mobile", "sms", "ring"),
)  # fmt: skip
PATTERNS = (_RUN, _OTHER)

# Behind these words a long number is a number of something else.
_NOT_A_PHONE = (
    "型号", "货号", "款号", "编号", "编码", "订单", "单号", "条码", "序列号", "批号", "资质", "许可证", "执照",
    "证号", "备案", "isbn", "ean", "upc", "sku", "id", "no.", "part", "item", "model",
)  # fmt: skip
_HOTLINES = ("400", "800", "95", "96", "100", "12", "1010", "0800", "1800", "1300")


def phones(reading: Reading, name: str) -> Iterator[Signal]:
    """Every telephone number of the listing as a signal called ``name``, hotlines left out."""
    for match in reading.matches(_RUN):
        yield from _mobiles(reading, name, match.start, match.end)
    for match in reading.matches(_OTHER):
        yield from _number(reading, name, match.end - len(match.groups[0]), match.end)


def _mobiles(reading: Reading, name: str, start: int, end: int) -> Iterator[Signal]:
    """The Chinese mobile number inside a run of digit-like characters, if one is there.

    - Eleven digits, the first 1, the second 3-9; +86 or 86 before them is no part of it.
    - It starts and ends where the run's digits do: it is no piece of a longer number.
    - Written in one go, in the usual groups (3-4-4, 3-3-5, 3-8, 7-4), digit by digit, or in disguise.
    - Not behind a word such as 型号 or 订单.
    """
    text = reading.text
    where = [i for i in range(start, end) if text[i] in DIGITS]
    plain = digits(text[start:end])
    for first in (0, 2):
        if first == 2 and not plain.startswith("86"):
            continue
        if len(plain) - first != 11 or plain[first] != "1" or plain[first + 1] not in "3456789":
            continue
        if _is_mobile(reading, where, first):
            yield reading.signal(name, where[first], where[-1] + 1, reads="phone:" + plain[first:])


def _is_mobile(reading: Reading, where: list[int], country: int) -> bool:
    """Whether the digits at ``where``, the first ``country`` of them the country's code, are written like a number."""
    text, start, end = reading.text, where[0], where[-1] + 1
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if (before.isascii() and before.isalnum()) or before == "." or (after.isascii() and after.isalnum()):
        return False
    if any(word in text[max(0, start - 8) : start] for word in _NOT_A_PHONE):
        return False
    groups = _groups(where[country:])
    if groups in ([11], [3, 4, 4], [3, 3, 5], [3, 8], [7, 4], [4, 4, 3], [3, 4, 2, 2]) or set(groups) == {1}:
        return True
    first, last = reading.original(start, end)
    return sum(not mark.isascii() for mark in reading.raw[first:last]) >= 3


def _groups(where: list[int]) -> list[int]:
    groups = [1]
    for one, two in pairwise(where):
        if two == one + 1:
            groups[-1] += 1
        else:
            groups.append(1)
    return groups


def _number(reading: Reading, name: str, start: int, end: int) -> Iterator[Signal]:
    """Any other number of 7 to 15 digits, unless it is a hotline or a piece of something longer."""
    plain = digits(reading.text[start:end])
    abroad = reading.text[start] == "+"
    after = reading.text[end : end + 1]
    if not 7 + 2 * abroad <= len(plain) <= 15 or after.isdigit() or (not abroad and plain.startswith(_HOTLINES)):
        return
    number = plain[2:] if plain.startswith("861") and len(plain) == 13 else "+" * abroad + plain
    yield reading.signal(name, start, end, reads=f"phone:{number}")
