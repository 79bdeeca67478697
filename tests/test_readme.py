"""The documents: every command in them runs, and the configuration table is what the settings are.

A fenced ``console`` block holds commands, each on a line that begins with ``$ ``; other lines show output and are not
compared. All blocks of a document run in order in one empty folder, with ``delist`` on the path. A command ends with
exit code 0, or with the one that it is marked with: ``$ delist show 999  # exit 2``. A block is left out only for a
reason, given before it as ``<!-- test: reason -->``, and only if it says ``make``, which other tests cover.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scanner.api_mapping import ApiMapping
from scanner.people.settings import ConsoleSettings, OidcSettings
from scanner.pictures.limits import PictureSettings
from scanner.settings import LetterSettings, Settings, Source, StoreSettings
from scanner.takedown.telling import PlatformSettings, TakedownSettings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

BLOCK = re.compile(r"^(?:<!-- test: (?P<reason>.+?) -->\n+)?```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"\s+# exit (\d+)$")


class Command(NamedTuple):
    """A command of a document."""

    line: int
    text: str
    expected: int
    reason: str


def commands_of(text: str) -> Iterator[Command]:
    """The commands of a document, in order, a backslash at the end of a line joining the next to it."""
    for block in BLOCK.finditer(text):
        first = text.count("\n", 0, block.start("body")) + 1
        lines = enumerate(block["body"].splitlines(), first)
        for number, line in lines:
            if line.startswith("$ "):
                whole = line[2:]
                while whole.endswith("\\"):
                    whole = whole[:-1] + next(lines)[1].strip()
                marked = EXPECTED.search(whole)
                expected = int(marked[1]) if marked else 0
                yield Command(number, EXPECTED.sub("", whole), expected, block["reason"] or "")


def run(command: Command, document: Path, folder: Path) -> None:
    """Run one command as a reader would, and compare its exit code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DELIST_", "PYTHON"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    shell = ["bash", "-o", "pipefail", "-c", command.text]
    done = subprocess.run(
        shell,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    told = f"{document.name}:{command.line}: {command.text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.returncode == command.expected, f"exit code {done.returncode} instead of {command.expected}\n{told}"
    assert "Traceback (most recent call last)" not in done.stderr, told


@pytest.mark.timeout(400)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_runs(document: Path, tmp_path: Path) -> None:
    """A reader who types what stands in a document, from its top, gets the exit codes that it promises."""
    for command in commands_of(document.read_text(encoding="utf8")):
        if not command.reason:
            run(command, document, tmp_path)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_only_make_is_left_out(document: Path) -> None:
    """The only commands that are not run here are those of make."""
    left_out = [command.text for command in commands_of(document.read_text(encoding="utf8")) if command.reason]
    assert [text for text in left_out if not re.fullmatch(r"make [a-z]+", text)] == []


SAMPLE = """\
    <!-- test: other tests run make -->

    ```console
    $ make test
    ```
    ```toml
    $ not a command
    ```
    ```console
    $ delist show 999  # exit 2
    delist: no case 999
    $ printf 'a' \\
        > file
    ```
    """


def test_commands_are_read_as_described() -> None:
    """Output is no command, an exit code may be promised, and a block is left out only with its reason."""
    text = textwrap.dedent(SAMPLE)
    assert list(commands_of(text)) == [
        (4, "make test", 0, "other tests run make"),
        (10, "delist show 999", 2, ""),
        (12, "printf 'a' > file", 0, ""),
    ]


# The configuration table


def rows_of(model: type[BaseModel], place: str = "") -> Iterator[str]:
    """The table's rows for a model: key, default, meaning."""
    nested: dict[str, tuple[type[BaseModel], str]] = {
        "store": (StoreSettings, "store."),
        "console": (ConsoleSettings, "console."),
        "oidc": (OidcSettings, "console.oidc."),
        "takedown": (TakedownSettings, "takedown."),
        "letters": (LetterSettings, "letters."),
        "pictures": (PictureSettings, "pictures."),
        "platforms": (PlatformSettings, "platforms.NAME."),
        "sources": (Source, "sources.NAME."),
        "api": (ApiMapping, f"{place}api."),
    }
    for name, field in model.model_fields.items():
        if name in nested:
            yield from rows_of(*nested[name])
        elif (model, name) != (Source, "name"):
            yield f"| `{place}{name}` | {default_of(field)} | {field.description} |"


def default_of(field: FieldInfo) -> str:
    """A default as the table shows it."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default or default == 0 else "—"


def test_the_configuration_table_is_what_the_settings_are() -> None:
    """Each setting has its row with its default and meaning, and no row speaks of a setting that does not exist."""
    text = (ROOT / "README.md").read_text(encoding="utf8")
    section = text[text.index("## Configuration") :].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    expected = list(rows_of(Settings))
    assert rows == expected, "README's configuration table should be:\n" + "\n".join(expected)


@pytest.mark.parametrize(
    "model",
    [
        Settings,
        StoreSettings,
        ConsoleSettings,
        OidcSettings,
        Source,
        ApiMapping,
        TakedownSettings,
        LetterSettings,
        PictureSettings,
        PlatformSettings,
    ],
)
def test_every_setting_says_what_it_means(model: type[BaseModel]) -> None:
    """A setting without a description would be an empty cell."""
    silent = [name for name, field in model.model_fields.items() if not field.description]
    assert [
        name
        for name in silent
        if name
        not in {"store", "console", "takedown", "letters", "pictures", "platforms", "sources", "name", "api", "oidc"}
    ] == []
