"""What a listing contains, as inert characters on a page: what hides, reorders or breaks text is shown as a mark.

Jinja escapes markup; this shows what escaping leaves: zero-width characters, bidi controls (CVE-2021-42574), tags,
private and unassigned characters, stacks of combining marks.
"""

from __future__ import annotations

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


def is_hidden(character: str) -> bool:
    """Whether a reader would not see this character, or see others in its place."""
    return character in _NAMES or (character not in "\n\t" and unicodedata.category(character) in _HIDING)


def name_of(character: str) -> str:
    """A short name for a character that is not seen."""
    return _NAMES.get(character) or f"U+{ord(character):04X}"


def shown(text: object) -> Markup:
    """``text`` as HTML that shows what is hidden in it, and does nothing else."""
    return Markup("").join(_pieces(str(text)))


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
