"""The list of commands says what each command says of itself, and loads none of them."""

from __future__ import annotations

import subprocess
import sys

from scanner.cli import COMMANDS, Rooms


def test_the_list_says_what_each_command_says() -> None:
    """The summary in the table is the first paragraph of the command's own help."""
    rooms = Rooms(name="delist")
    own = {name: rooms.get_command(None, name).help.partition("\n\n")[0].replace("\n", " ") for name in COMMANDS}
    assert own == {name: summary for name, (_, summary) in COMMANDS.items()}


def test_the_list_loads_no_room() -> None:
    """``delist --help`` is there before a database or a web server could be imported."""
    asked = "import sys; from scanner.cli import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert "forecast" in done.stdout
    assert not {"sqlalchemy", "fastapi", "scrapy", "numpy"} & set(done.stdout.split())
