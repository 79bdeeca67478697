"""All texts of the console that people read, as the catalogues need them: ``python -m scanner.console.words``.

What use cases refuse with is among them: the templates that stand in their code. Prints, as entries of a ``.po`` file,
what a language has no translation for yet.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from scanner.console.labels import NAMED
from scanner.console.languages import ENGLISH, FOLDER, NAMES, read_catalogue

ROOM = Path(__file__).parent
# Whose refusals a person may read on a page.
USE_CASES = (
    "moderation", "sellers", "correspondence", "clues", "people", "takedown", "console", "workflow.py", "erasure.py",
    "retention.py", "inspection/asking.py", "store",
)  # fmt: skip
_ERRORS = frozenset({"InputError", "NotFound", "IllegalMove", "Forbidden", "LoginRefused", "Conflict"})
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false", "newstyle_gettext": "true"}}
# ``say`` speaks at once; ``marked`` (imported as ``_``) marks what is looked up later.
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "marked": None}

Message = str | tuple[str, ...]


def texts() -> dict[Message, list[tuple[str, int]]]:
    """Every text with the places where it stands; one with a plural is a pair."""
    found: dict[Message, list[tuple[str, int]]] = {}
    for name, line, message, *_ in extract_from_dir(ROOM, _METHODS, _OPTIONS, _KEYWORDS):
        found.setdefault(message, []).append((name, line))
    for file in (file for room in USE_CASES for file in files_in(ROOM.parent / room)):
        for message, line in refusals(ast.parse(file.read_text(encoding="utf8"))):
            found.setdefault(message, []).append((str(file.relative_to(ROOM.parent)), line))
    for one in (one for kind in NAMED for one in kind):
        found.setdefault(one.value, []).append((type(one).__name__, 0))
    return found


def files_in(place: Path) -> list[Path]:
    """A module, or all modules of a room; migrations refuse nobody anything."""
    return [place] if place.is_file() else [one for one in sorted(place.rglob("*.py")) if "migrations" not in one.parts]


def refusals(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The messages and hints of errors that a module raises: those that are texts, not those put together there."""
    names = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERRORS:
            said = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "hint")]
            yield from ((text, node.lineno) for text in _constants(said, names))


def _constants(said: Iterable[ast.expr], names: dict[str, ast.expr]) -> Iterator[str]:
    for one in said:
        value = names.get(one.id) if isinstance(one, ast.Name) else one
        if isinstance(value, ast.IfExp):
            yield from _constants((value.body, value.orelse), names)
        elif isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield value.value


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
