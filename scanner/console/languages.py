"""The console's languages: gettext catalogues, one ``.po`` file for each room, read when the console starts.

English is what stands in the code and templates. A language is a folder under ``locale``; all ``.po`` files in it are
one catalogue, so that a room brings its own words. No compiled files, so no build step.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"
# Each language by its code, with its name in itself.
NAMES = {ENGLISH: "English", "zh_Hans": "简体中文"}


class Language:
    """A language: its code, its locale for dates and numbers, its texts."""

    def __init__(self, code: str, texts: gettext.NullTranslations) -> None:
        self.code, self.texts = code, texts
        self.locale = Locale.parse(code)
        # As HTML says it (BCP 47).
        self.tag = code.replace("_", "-")

    def say(self, message: str, **values: object) -> str:
        """``message`` in this language, with ``values`` in the places of ``%(name)s``."""
        said = self.texts.gettext(message)
        return said % values if values else said


class Languages:
    """All languages, and which one suits somebody."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.all = {code: Language(code, _texts(folder / code)) for code in NAMES}

    def __getitem__(self, code: str) -> Language:
        return self.all.get(code) or self.all[ENGLISH]

    def choose(self, wanted: str, accepted: str) -> Language:
        """The language a person has chosen, or the first of those that their browser accepts (RFC 9110, 12.5.4)."""
        if wanted in self.all:
            return self.all[wanted]
        ranked = sorted(_accepted(accepted[:500]), key=lambda pair: -pair[1])
        return next((found for tag, _ in ranked if (found := self._by_tag(tag))), self.all[ENGLISH])

    def _by_tag(self, tag: str) -> Language | None:
        if tag.startswith("zh") and "hant" not in tag and not tag.endswith(("-tw", "-hk", "-mo")):
            return self.all["zh_Hans"]
        return self.all[ENGLISH] if tag.startswith("en") else None


def marked(message: str) -> str:
    """``message`` as it is: marks a text for the catalogues that is looked up where it is shown."""
    return message


def read_catalogue(folder: Path) -> Catalog:
    """All ``.po`` files of a language as one catalogue."""
    whole = Catalog(locale=folder.name)
    for file in sorted(folder.glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=folder.name):
                if message.id:
                    whole[message.id] = message
    return whole


def _texts(folder: Path) -> gettext.NullTranslations:
    if not folder.is_dir():
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(folder))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _accepted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            yield tag, float(quality) if quality else 1.0
        except ValueError:
            continue
