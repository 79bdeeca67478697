"""The list of commands says what each command says of itself, and loads none of them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import scanner
from scanner.cli import COMMANDS, Rooms


def test_the_list_says_what_each_command_says() -> None:
    """The summary in the table is the first paragraph of the command's own help."""
    rooms = Rooms(name="delist")
    own = {name: rooms.get_command(None, name).help.partition("\n\n")[0].replace("\n", " ") for name in COMMANDS}
    assert own == {name: summary for name, (_, summary) in COMMANDS.items()}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    for name in group.list_commands(None):
        one = group.get_command(None, name)
        if hasattr(one, "list_commands"):
            yield from commands(one, (*path, name))
        else:
            yield (*path, name), one


LEAVES = dict(commands(Rooms(name="delist")))


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_shows_an_example(path: tuple[str, ...]) -> None:
    """Which calls that very command."""
    said = f"{LEAVES[path].help}\n{LEAVES[path].epilog}"
    assert re.search(rf"Examples?: `?delist {' '.join(path)}\b", said)


def test_hints_name_commands_that_there_are() -> None:
    """Whoever is told to run something can."""
    rooms = {path[0] for path in LEAVES if len(path) > 1}
    faults = []
    for file in Path(scanner.__file__).parent.rglob("*.py"):
        for hint in re.findall(r"""hint=f?(?:"[^"\n]*"|'[^'\n]*')""", file.read_text(encoding="utf8")):
            for first, second in re.findall(r"delist ([a-z]+)(?: ([a-z-]+))?", hint):
                path = (first, second) if first in rooms else (first,)
                faults += [(file.name, hint)] * (path not in LEAVES)
    assert not faults


def test_the_list_loads_no_room() -> None:
    """``delist --help`` is there before a database or a web server could be imported."""
    asked = "import sys; from scanner.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert "forecast" in done.stdout
    assert not {"sqlalchemy", "fastapi", "scrapy", "numpy"} & set(done.stdout.split())
