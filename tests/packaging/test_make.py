"""The Makefile and the project's check: what a newcomer types does what the documents say, and nothing weaker."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run make with a clean slate: this suite may itself run under make."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_make_test_is_lint_types_and_the_whole_suite() -> None:
    """The test command checks style, format and types, and runs every test: those of the browser by themselves."""
    planned = make("--dry-run", "--assume-old=.venv/.ready", "test").stdout.splitlines()
    tools = [line.partition(".venv/bin/")[2].strip() for line in planned if ".venv/bin/" in line]
    assert tools[:3] == ["ruff check .", "ruff format --check .", "mypy"]
    assert re.fullmatch(r"pytest( -n \w+)?( --dist \w+)? --ignore=tests/browser", tools[3])
    assert tools[4:] == ["pytest tests/browser"]


def test_the_check_of_the_project_is_make_test() -> None:
    """``.ci/run`` can be run, stops at the first error, and calls the README's command and nothing else."""
    file = ROOT / ".ci/run"
    lines = [line for line in file.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")]
    assert os.access(file, os.X_OK)
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]


def test_make_inspect_shows_the_simulated_marketplace() -> None:
    """The first command of the README is ``delist inspect --demo`` in the local environment."""
    planned = make("--dry-run", "--assume-old=.venv/.ready", "inspect").stdout
    assert ".venv/bin/delist inspect --demo" in planned


@pytest.mark.parametrize("document", ["README.md", "pyproject.toml", "docs", "benchmarks"])
def test_every_target_that_is_spoken_of_exists(document: str) -> None:
    """No document sends a reader to a target that is not there."""
    place = ROOT / document
    files = [place] if place.is_file() else [*place.rglob("*.md"), *place.rglob("*.py")]
    spoken = {target for file in files for target in re.findall(r"`make ([a-z]+)", file.read_text(encoding="utf8"))}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.MULTILINE))
    assert spoken <= targets


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    """Where ``python3`` is too old, make says so and how to name another, and leaves no half environment."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf8")
    old.chmod(0o755)
    done = make("setup", f"PYTHON={old}", folder=tmp_path)
    assert done.returncode == 2
    assert "Delist needs Python 3.11 or newer; say which with: make PYTHON=" in done.stdout + done.stderr
    assert not (tmp_path / ".venv").exists()
