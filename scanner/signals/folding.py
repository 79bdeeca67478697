"""One context-free table, code point to code point: what the detectors read instead of the seller's characters.

Full-width, circled, mathematical and small-capital letters and digits become plain ones, letters become lower case,
look-alike Cyrillic and Greek letters keep their own script (that they stand in a Latin word is a fact for
``tricks``), and what nobody sees is dropped. ``fold`` costs about a microsecond per hundred characters and keeps the
way back to the original.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Positions = npt.NDArray[np.intp]

_DROPPED = 0xFFFFFFFF
_REPLACEMENT = 0xFFFD

# Blocks whose characters are styled forms of ASCII; only those that fold to one ASCII character are taken.
_STYLED = (
    (0x00A0, 0x0100), (0x02B0, 0x0300), (0x1D00, 0x1DC0), (0x2000, 0x2100), (0x2100, 0x2190), (0x2460, 0x2500),
    (0x2C60, 0x2C80), (0x3000, 0x3001), (0xFE50, 0xFF5F), (0x1D400, 0x1D800), (0x1F100, 0x1F110),
)  # fmt: skip

# Zero-width, bidi, variation selectors, keycap, tags: invisible whatever their legitimate use.
INVISIBLE = (
    (0x00AD, 0x00AE), (0x034F, 0x0350), (0x061C, 0x061D), (0x115F, 0x1161), (0x17B4, 0x17B6), (0x180B, 0x1810),
    (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070), (0x20D0, 0x20F1), (0x3164, 0x3165), (0xFE00, 0xFE10),
    (0xFEFF, 0xFF00), (0xFFA0, 0xFFA1), (0xFFF9, 0xFFFC), (0xE0000, 0xE0200), (0x0300, 0x0370),
)  # fmt: skip

_SINGLE = {
    "➕": "加", "＋": "+", "♥": "❤", "🧡": "❤", "💛": "❤", "💚": "❤", "💙": "❤", "💜": "❤", "🖤": "❤", "🩷": "❤",
    "💗": "❤", "💕": "❤", "🅰": "a", "🅱": "b", "🅾": "o", "🅿": "p", "∶": ":", "︰": ":", "：": ":", "。": "。",
    "號": "号", "碼": "码", "個": "个", "張": "张", "條": "条", "單": "单", "塊": "块", "錢": "钱", "價": "价", "話": "话",
    "電": "电", "繫": "系", "聯": "联", "詢": "询", "圖": "图", "頁": "页", "訊": "讯", "貳": "贰", "參": "叁", "叄": "叁",
    "陸": "陆", "萬": "万", "兩": "两", "幾": "几", "數": "数", "僅": "仅", "測": "测", "試": "试", "審": "审", "請": "请",
    "賣": "卖", "買": "买", "禮": "礼", "儲": "储", "點": "点", "遊": "游", "戲": "戏", "費": "费", "優": "优", "實": "实",
    "麼": "么", "來": "来", "飛": "飞", "機": "机", "❶": "1", "➊": "1", "❿": "十", "➓": "十",
}  # fmt: skip


def _ascii_forms() -> Iterator[tuple[int, int]]:
    """Every styled character that stands for a single ASCII letter, digit or mark."""
    for first, end in _STYLED:
        for code in range(first, end):
            plain = unicodedata.normalize("NFKC", chr(code)).lower().strip("()[].")
            if len(plain) == 1 and plain.isascii():
                yield code, ord(plain)
    for first in (0x2776, 0x2780, 0x278A, 0x24F5):
        yield from ((first + i, ord("1") + i) for i in range(9))
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):
        yield from ((first + i, ord("a") + i) for i in range(26))
    yield from ((code, ord(" ")) for code in (0x00A0, 0x3000, *range(0x2000, 0x200B)))


def _build() -> Codes:
    table = np.arange(0x110000, dtype=np.uint32)
    table[0xD800:0xE000] = _REPLACEMENT  # RE2 reads UTF-8, which has no lone surrogates
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x530)):
        lower = chr(code).lower()
        table[code] = ord(lower) if len(lower) == 1 else code
    for code, plain in _ascii_forms():
        table[code] = plain
    for odd, usual in _SINGLE.items():
        table[ord(odd)] = ord(usual)
    for first, end in INVISIBLE:
        table[first:end] = _DROPPED
    table[0x1E] = _DROPPED
    return table


_TABLE = _build()


def codes_of(text: str) -> Codes:
    """The code points of ``text``, lone surrogates included."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


def fold(text: str, borders: Sequence[int] = ()) -> tuple[str, Positions | None]:
    """``text`` as the detectors read it, and the original index of each of its characters (None: the same).

    The characters at ``borders`` become U+001E, which no other character folds to.
    """
    folded = _TABLE[codes_of(text)]
    if borders:
        folded[list(borders)] = 0x1E
    kept = folded != _DROPPED
    if kept.all():
        return folded.tobytes().decode("utf-32-le"), None
    return folded[kept].tobytes().decode("utf-32-le"), np.flatnonzero(kept)
