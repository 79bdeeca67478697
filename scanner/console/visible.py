"""What a listing contains, as inert characters on a page: what hides, reorders or breaks text is shown as a mark.

Jinja escapes markup; this shows what escaping leaves: zero-width characters, bidi controls (CVE-2021-42574), tags,
private and unassigned characters, stacks of combining marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markupsafe import Markup, escape

# What readers see in the place of a character that hides, with its name on hovering.
_NAMES = {
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u2060": "WJ",
    "\ufeff": "BOM",
    "\u00ad": "SHY",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\u3164": "HF",
    "\u115f": "HCF",
    "\u1160": "HJF",
    "\u2800": "BRB",
    "\u180e": "MVS",
}
_HIDING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
# Characters on top of one another beyond this many cover the lines above and below.
_STACK = 3
# Most of what is written has nothing but these, of which none hides and none stacks: letters of Latin, kana and Han,
# their digits and punctuation.
_PLAIN = re.compile(r"[\n\t -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u3001-\u3029\u3041-\u3096"
                    r"\u30a0-\u30ff\u4e00-\u9fff\uff01-\uff9f]*")  # fmt: skip


def is_hidden(character: str) -> bool:
    """Whether a reader would not see this character, or see others in its place."""
    return character in _NAMES or (character not in "\n\t" and unicodedata.category(character) in _HIDING)


def name_of(character: str) -> str:
    """A short name for a character that is not seen."""
    return _NAMES.get(character) or f"U+{ord(character):04X}"


def shown(text: object) -> Markup:
    """``text`` as HTML that shows what is hidden in it, and does nothing else."""
    written = str(text)
    return escape(written) if _PLAIN.fullmatch(written) else Markup("").join(_pieces(written))


def _pieces(text: str) -> Iterator[Markup]:
    plain: list[str] = []
    stacked = 0
    for character in text:
        stacked = stacked + 1 if unicodedata.combining(character) else 0
        if not is_hidden(character) and stacked <= _STACK:
            plain.append(character)
            continue
        yield escape("".join(plain))
        plain.clear()
        yield mark(character)
    yield escape("".join(plain))


def mark(character: str) -> Markup:
    """The sign that stands for a character that is not seen."""
    try:
        name = unicodedata.name(character)
    except ValueError:
        name = f"U+{ord(character):04X}"
    return Markup('<span class="unseen" title="{}">{}</span>').format(name, name_of(character))
