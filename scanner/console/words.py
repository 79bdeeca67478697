"""All texts of the console that people read, as the catalogues need them: ``python -m scanner.console.words``.

Prints, as entries of a ``.po`` file, what a language has no translation for yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from scanner.console.languages import ENGLISH, FOLDER, NAMES, read_catalogue

ROOM = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false", "newstyle_gettext": "true"}}
# ``say`` speaks at once; ``marked`` (imported as ``_``) marks what is looked up later.
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "marked": None}

Message = str | tuple[str, ...]


def texts() -> dict[Message, list[tuple[str, int]]]:
    """Every text with the places where it stands; one with a plural is a pair."""
    found: dict[Message, list[tuple[str, int]]] = {}
    for file, line, message, *_ in extract_from_dir(ROOM, _METHODS, _OPTIONS, _KEYWORDS):
        found.setdefault(message, []).append((file, line))
    return found


def missing(code: str) -> Iterator[Message]:
    """The texts that a language has no translation for."""
    known = read_catalogue(FOLDER / code)
    for message in texts():
        entry = known.get(message if isinstance(message, str) else message[0])
        if entry is None or not entry.string or not all(entry.string):
            yield message


def main() -> None:
    """Print what is missing, for each language but English."""
    for code in NAMES:
        if code != ENGLISH:
            catalogue, places = Catalog(locale=code), texts()
            for message in missing(code):
                catalogue.add(message, locations=places[message])
            write_po(sys.stdout.buffer, catalogue, omit_header=True, width=0)


if __name__ == "__main__":
    main()
