"""Templates into pages: everything is escaped, an unknown name is an error, times are in the reader's zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scanner.console.labels import LABELS
from scanner.console.languages import Language, Languages
from scanner.console.visible import shown

FOLDER = Path(__file__).parent / "templates"


class Templates:
    """One environment for each language; they share nothing that changes."""

    def __init__(self, languages: Languages, *, address: Callable[[str], str]) -> None:
        self._environments = {code: _environment(language, address) for code, language in languages.all.items()}

    def render(self, name: str, language: Language, context: Mapping[str, Any]) -> str:
        """The page."""
        return self._environments[language.code].get_template(name).render(context)


class Reader:
    """How one reader is told times, numbers and words: in their language and zone, from this moment."""

    def __init__(self, language: Language, zone: tzinfo, now: datetime) -> None:
        self.language, self.zone, self.now = language, zone, now

    def moment(self, at: datetime | None) -> Markup:
        """A moment to the minute, as ``<time>``; a dash for none."""
        if at is None:
            return Markup("—")
        local = at.astimezone(self.zone)
        full = f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            at.isoformat(), full, f"{local:%Y-%m-%d %H:%M}"
        )

    def ago(self, at: datetime | None) -> Markup:
        """How long ago, or in how long, in words; the moment itself on hovering."""
        if at is None:
            return Markup("—")
        local = at.astimezone(self.zone)
        words = format_timedelta(at - self.now, add_direction=True, locale=self.language.locale, threshold=1.5)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            at.isoformat(), f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}", words
        )

    def span(self, length: timedelta) -> str:
        """A length of time in words."""
        return format_timedelta(length, locale=self.language.locale, threshold=1.5)

    def number(self, value: float | Decimal) -> str:
        """With the language's separators."""
        return format_decimal(value, locale=self.language.locale)

    def money(self, amount: Decimal | None, currency: str) -> str:
        """An amount with its currency as the listing gives them; a dash for none."""
        return "—" if amount is None else f"{amount.normalize():f} {currency}".strip()

    def word(self, value: StrEnum | str) -> str:
        """A state, ruling, role, category … in the reader's words; what has none is shown as it is."""
        return self.language.say(LABELS[value]) if value in LABELS else str(value)


def _environment(language: Language, address: Callable[[str], str]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # The extension adds this method when it is loaded.
    environment.install_gettext_translations(language.texts, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["static"] = address
    environment.filters["shown"] = shown
    return environment
