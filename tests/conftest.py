"""Fixtures for more than one area: a fresh store, a small rulebook and a clock.

They import what they make when they make it: a test of one room does not stand or fall with the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scanner.rulebook import Rulebook
    from scanner.store import Store
    from tests.fakes import Clock, Intake


# Minutes each: begun last, they would run alone while the other core waits.
LONG = frozenset({"test_readme.py", "test_kill_drill.py", "test_kill_sender.py", "test_make.py", "test_wheel.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests; all others stay in their order."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a first opening leaves it; to be copied."""
    from scanner.store import Store

    file = tmp_path_factory.mktemp("fresh") / "delist.db"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def store(tmp_path: Path, fresh_database: Path) -> Iterator[Store]:
    """A fresh database in a file of its own."""
    from scanner.store import Store

    shutil.copy(fresh_database, tmp_path)
    with Store.open(f"sqlite:///{tmp_path / 'delist.db'}") as opened:
        yield opened


@pytest.fixture(scope="session")
def small_rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """Two rules on phone cards."""
    from scanner.rulebook import load
    from tests.fakes import write_rules

    return load(write_rules(tmp_path_factory.mktemp("rules")), cache=None)


@pytest.fixture(scope="session")
def second_edition(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The small rulebook with one rule more."""
    from scanner.rulebook import load
    from tests.fakes import write_rules

    return load(write_rules(tmp_path_factory.mktemp("rules"), edition=2), cache=None)


@pytest.fixture
def intake(store: Store, small_rulebook: Rulebook, tmp_path: Path, clock: Clock) -> Intake:
    """Takes in lines."""
    from tests.fakes import Intake

    return Intake(store, small_rulebook, tmp_path / "spool", clock)


@pytest.fixture
def clock() -> Clock:
    """Noon of a Sunday, until it is moved."""
    from tests.fakes import Clock

    return Clock()
