"""What letters say: one template for each kind and language, filled with facts made inert. Pure.

A letter names what was done, to which listing, under which rule and law, on which words it rests, whether a machine or
a person decided, and how to object (brief §5.6). It discloses no score, threshold or other party, and accuses nobody.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scanner.outside import LetterKind

LANGUAGES = ("en", "zh-Hans")
# So much of a fact is written at most; what sellers and reporters write is as long as they like.
LONGEST = 300

_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def compose(kind: LetterKind, language: str, **facts: object) -> tuple[str, str]:
    """Subject and body. Raises ``jinja2.UndefinedError`` for a fact that the template asks for and nobody gave."""
    template = _TEMPLATES.get_template(f"{kind}.{language_of(language)}.txt")
    subject, _, body = template.render(**facts).partition("\n")
    return subject.strip(), body.strip() + "\n"


def language_of(wanted: str) -> str:
    """The language that a letter is written in: Chinese for any kind of Chinese, else English."""
    return "zh-Hans" if wanted.casefold().startswith("zh") else "en"


def written_in(text: str) -> str:
    """The language of those who wrote ``text``: Chinese if a fifth of its letters are Han characters."""
    letters = [one for one in text[:2_000] if one.isalpha()]
    han = sum("\u4e00" <= one <= "\u9fff" for one in letters)
    return "zh-Hans" if letters and han * 5 >= len(letters) else "en"


def inert(fact: object) -> str:
    """A fact as one harmless line: nothing that moves, hides or reorders characters, no live link, not too long."""
    text = str(fact)[: LONGEST + 1]
    shown = "".join(" " if one in "\r\n\t" else "·" if unicodedata.category(one) in _NOT_SHOWN else one for one in text)
    shown = shown.replace("://", "[:]//")
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "…"


class Said(str):
    """Text of ours or of policy staff, which may stand as it is."""

    __slots__ = ()


def _finalized(value: object) -> str:
    return str(value) if isinstance(value, Said) else inert(value)


# Plain text: there is no markup to escape, and what others wrote is made inert where it is put in.
_TEMPLATES = Environment(  # noqa: S701 -- text/plain
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    finalize=_finalized,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
