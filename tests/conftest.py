"""Fixtures for more than one area: the databases with a fresh store, a small rulebook and a clock.

A test gets its ``store`` on SQLite; ``pytestmark = pytest.mark.databases("sqlite", "postgresql")`` runs a module on
both.

They import what they make when they make it: a test of one room does not stand or fall with the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scanner.rulebook import Rulebook
    from scanner.store import Store
    from tests.fakes import Clock, Intake
    from tests.postgres import Server

SERVER: pytest.StashKey[Server] = pytest.StashKey()


# Minutes each: begun last, they would run alone while the other core waits.
LONG = frozenset({"test_readme.py", "test_kill_drill.py", "test_kill_house.py", "test_make.py", "test_wheel.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests; all others stay in their order."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_configure(config: pytest.Config) -> None:
    """The controller holds the folder of the run's PostgreSQL server; the server starts when a test asks for it."""
    config.addinivalue_line("markers", "databases(*names): run on each of these databases instead of SQLite alone")
    if not hasattr(config, "workerinput"):
        from tests import databases, postgres

        try:
            databases.chosen()
        except databases.Missing as error:
            raise pytest.UsageError(str(error)) from None
        config.stash[SERVER] = server = postgres.Server(postgres.new_folder())
        server.hold()


def pytest_unconfigure(config: pytest.Config) -> None:
    """A folder in which no server was started is nobody's to clear away but ours."""
    server = config.stash.get(SERVER, None)
    if server is not None and not (server.folder / "guard.log").exists():
        shutil.rmtree(server.folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Every worker of xdist uses the controller's server."""
    node.workerinput["postgres"] = str(node.config.stash[SERVER].folder)


def pytest_report_header() -> str:
    """Which databases the suite runs on."""
    from tests import databases

    return f"databases: {databases.told()}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The same at the end, where it is read."""
    terminalreporter.write_line(pytest_report_header())


@pytest.fixture(scope="module", params=["numpy", "kernels"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both ways of matching, for modules that ask for it: in numpy, and in compiled kernels where there are any."""
    from scanner import kernels

    if request.param == "numpy":
        with kernels.without():
            yield request.param
    elif kernels.library() is None:
        pytest.skip(kernels.status())  # without a C compiler there is only one way
    else:
        yield request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a database runs on those that it, or its module, is marked with."""
    if "database" in metafunc.fixturenames:
        from tests import databases

        mark = metafunc.definition.get_closest_marker("databases")
        named = [name for name in (mark.args if mark else (databases.SQLITE,)) if name in databases.chosen()]
        metafunc.parametrize("database", named, ids=named if mark else [pytest.HIDDEN_PARAM], scope="session")


@pytest.fixture(scope="session")
def databases_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Gives the databases of a kind: ``databases_of("sqlite")``; each kind is set up when it is asked for."""
    from tests import databases

    made: dict[str, Any] = {}
    worker = getattr(request.config, "workerinput", {})

    def of(kind: str) -> Any:
        if kind not in made and kind == databases.SQLITE:
            made[kind] = databases.SqliteFiles(tmp_path_factory.mktemp("fresh") / "delist.db")
        elif kind not in made:
            folder = Path(worker["postgres"]) if worker else request.config.stash[SERVER].folder
            server = databases.server_in(folder)
            made[kind] = databases.PostgresDatabases(server, worker.get("workerid", "main"))
        return made[kind]

    yield of
    if databases.POSTGRESQL in made:
        made[databases.POSTGRESQL].close()


@pytest.fixture
def empty_url(database: str, databases_of: Any, tmp_path: Path) -> Iterator[str]:
    """The address of a database where nothing is yet."""
    with databases_of(database).empty(tmp_path) as url:
        yield url


@pytest.fixture
def store_url(database: str, databases_of: Any, tmp_path: Path) -> Iterator[str]:
    """The address of a database as a first opening leaves it."""
    with databases_of(database).fresh(tmp_path) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh database; on SQLite in a file of its own, ``tmp_path / "delist.db"``."""
    from scanner.store import Store

    with Store.open(store_url) as opened:
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
