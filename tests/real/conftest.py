"""Two shop systems that nobody here wrote, each built anew from its packages and served on loopback for the session.

They run as processes that end with their input, so a killed test run leaves none behind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
DELIST = Path(sys.executable).with_name("delist")
LONGEST_START = 600


class RealShop(NamedTuple):
    """Where a shop is, the token of the account that may take down, and how many products it was given."""

    url: str
    token: str
    products: int


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str


@contextmanager
def running(script: Path, folder: Path, products: int) -> Iterator[RealShop]:
    """The shop that a start-up script serves while the block runs. Raises what the script says if it does not start."""
    command = [sys.executable, str(script), str(folder), "--products", str(products)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line, f"{script} did not start; it says why above (exit code {process.wait(60)})"
            yield RealShop(**json.loads(line))
        finally:
            process.stdin.close()
            process.wait(60)


@pytest.fixture(scope="session")
def oscar() -> Iterator[RealShop]:
    """django-oscar of three hundred products, served by gunicorn."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(HERE / "oscar_shop" / "start.py", Path(folder) / "oscar", 300) as shop,
    ):
        yield shop


@pytest.fixture(scope="session")
def vendure() -> Iterator[RealShop]:
    """Vendure of a hundred and fifty products. Without npm this fails, and says so: it is never skipped in silence."""
    for tool in ("node", "npm"):
        assert shutil.which(tool), f"{tool} is not installed: the Vendure half of the real shops was NOT tested"
    with (
        tempfile.TemporaryDirectory() as folder,
        running(HERE / "vendure_shop" / "start.py", Path(folder) / "vendure", 150) as shop,
    ):
        yield shop


@pytest.fixture
def describe(tmp_path: Path) -> Callable[..., None]:
    """Writes ``delist.toml`` for the shops that are given by name; of others nothing but an address is left."""

    def write(**shops: RealShop) -> None:
        text = (HERE / "sources.toml").read_text("utf8")
        for name in ("oscar", "vendure"):
            text = text.replace(name.upper(), shops[name].url if name in shops else "http://127.0.0.1:9")
            if name not in shops:
                # Its token would be asked for otherwise.
                text = "\n\n".join(part for part in text.split("\n\n") if f"[platforms.{name}]" not in part)
        (tmp_path / "delist.toml").write_text(text, encoding="utf8")

    return write


@pytest.fixture
def delist(tmp_path: Path) -> Callable[..., Said]:
    """Runs the real command as a process, in a folder of its own, and says what it printed."""

    def run(*arguments: str, **variables: str) -> Said:
        done = subprocess.run(
            [str(DELIST), *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return Said(done.returncode, done.stdout)

    return run
