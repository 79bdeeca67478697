"""What a use case refuses, in the reader's words: its template in their language, with the values in its places.

Use cases speak English, and keep template and values apart (``DelistError``). Codes among the values get their words.
"""

from __future__ import annotations

from enum import StrEnum

from scanner.console.labels import LABELS
from scanner.console.languages import Language
from scanner.errors import DelistError


def told(error: DelistError, language: Language) -> tuple[str, str]:
    """What went wrong, and what to do about it; as in the error itself where there is no translation."""
    values = {name: _word(value, language) for name, value in error.values.items()}
    return _said(error.template, values, language), _said(error.hint_template, values, language)


def _said(template: str, values: dict[str, object], language: Language) -> str:
    said = language.say(template) if template else ""
    return said.format_map(values) if values else said


def _word(value: object, language: Language) -> object:
    return language.say(LABELS.get(value, value)) if isinstance(value, StrEnum) else value
