"""Who may import whom: the table of the design, read off the code itself, late imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the ground up: a room may import its own layer's rooms and those of layers below it.
LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "words",
        (
            "scanner.model",
            "scanner.records",
            "scanner.listing_content",
            "scanner.inspection.records",
            "scanner.orders",
            "scanner.outside",
            "scanner.errors",
            "scanner.people.records",
            "scanner.people.settings",
            "scanner.cronline",
            "scanner.api_mapping",
            "scanner.takedown.telling",
            "scanner.moderation.records",
            "scanner.pictures.records",
            "scanner.pictures.limits",
            "scanner.clues.records",
            "scanner.settings",
            "scanner.sources",
            "spiders.job",
        ),
    ),
    (
        "pure",
        (
            "scanner.kernels",
            "scanner.text",
            "scanner.likeness",
            "scanner.signals",
            "scanner.rulebook",
            "scanner.scan",
            "scanner.triage",
            "scanner.authoring",
            "scanner.workflow",
            "scanner.takedown.patience",
            "scanner.takedown.sighting",
            "scanner.moderation.priority",
            "scanner.moderation.forecast",
            "scanner.pictures.alike",
            "scanner.inspection.coverage",
            "scanner.inspection.health",
            "scanner.inspection.changes",
            "spiders.pages",
        ),
    ),
    (
        "use cases",
        (
            "scanner.ports",
            "scanner.inspection",
            "scanner.retention",
            "scanner.erasure",
            "scanner.moderation",
            "scanner.correspondence",
            "scanner.sellers",
            "scanner.pictures",
            "scanner.clues",
            "scanner.people",
            "scanner.takedown",
            "scanner.audit",
            "scanner.reporting",
        ),
    ),
    (
        "adapters",
        (
            "scanner.store",
            "scanner.platforms",
            "scanner.openid",
            "scanner.post",
            "scanner.processes",
            "scanner.pictures.web",
            "scanner.pictures.decoding",
            "scanner.pictures.decoder",
        ),
    ),
    ("doors", ("scanner.console", "scanner.demo", "spiders")),
    # Fitting is a program of its own, which reads and writes files.
    ("wiring", ("scheduler", "scanner.duties", "scanner.cli", "scanner.console.app", "scanner.likeness.learn")),
)

# Doors keep apart, a spider knows no database, and the kernels know nobody.
APART: tuple[tuple[str, str], ...] = (
    ("spiders", "scanner.store"),
    ("spiders", "scanner.console"),
    ("spiders", "scanner.demo"),
    ("scanner.console", "spiders"),
    ("scanner.console", "scanner.demo"),
    ("scanner.demo", "spiders"),
    ("scanner.demo", "scanner.store"),
    ("scanner.demo", "scanner.console"),
    ("scanner.kernels", "scanner.text"),
    ("scanner.kernels", "scanner.rulebook"),
)

# The pure layer does no I/O and knows neither clock nor chance; only the rulebook reads its own files.
IMPURE = frozenset({"socket", "sqlite3", "sqlalchemy", "scrapy", "requests", "aiohttp", "random", "time", "subprocess"})


def within(module: str, room: str) -> bool:
    """Whether ``module`` is ``room`` or lies in it."""
    return module == room or module.startswith(room + ".")


def layer_of(module: str) -> int:
    """The number of the layer that ``module`` lives on, by its longest known prefix."""
    best, found = "", -1
    for number, (_, rooms) in enumerate(LAYERS):
        for room in rooms:
            if within(module, room) and len(room) > len(best):
                best, found = room, number
    return found


def imports(source: str) -> Iterator[str]:
    """Every module or name that ``source`` imports anywhere in it; a relative import keeps its leading dots."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def breaches(source: str, module: str) -> list[str]:
    """What in ``source`` breaks the table, in words."""
    found = []
    home = layer_of(module)
    for name in imports(source):
        if name.startswith("."):
            found.append(f"{module}: write the whole name of {name}")
        elif name.split(".")[0] in {"scanner", "spiders", "scheduler", "rules"}:
            target = layer_of(name)
            if target < 0 and name.count("."):
                found.append(f"{module}: {name} is in no layer")
            elif target > home:
                found.append(f"{module} ({LAYERS[home][0]}) imports {name} ({LAYERS[target][0]})")
            is_wiring = home == len(LAYERS) - 1
            found.extend(
                f"{module} must not know {name}"
                for door, other in APART
                if not is_wiring and within(module, door) and within(name, other)
            )
        elif LAYERS[home][0] in {"pure", "words"} and name.split(".")[0] in IMPURE:
            found.append(f"{module} is {LAYERS[home][0]} and imports {name}")
    return found


def modules() -> list[tuple[str, Path]]:
    """Every module of ours with its dotted name."""
    files = [
        ROOT / "scheduler.py",
        *sorted((ROOT / "scanner").rglob("*.py")),
        *sorted((ROOT / "spiders").rglob("*.py")),
    ]
    named = []
    for file in files:
        parts = list(file.relative_to(ROOT).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if "migrations" not in parts and name not in {"scanner", "spiders"}:
            named.append((name, file))
    return named


@pytest.mark.parametrize(("module", "file"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_go_inwards(module: str, file: Path) -> None:
    """No module imports from a layer above its own, and doors keep apart."""
    assert layer_of(module) >= 0, f"{module} is in no layer: add it to the table"
    assert breaches(file.read_text(encoding="utf8"), module) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("scanner.model", "from scanner.store import tables"),
        ("scanner.scan", "def late():\n    from scanner.inspection.intake import take_in"),
        ("scanner.rulebook.reader", "import scanner.moderation.cases"),
        ("scanner.inspection.intake", "from scanner.store import Store"),
        ("scanner.store.tables", "from scanner.cli import main"),
        ("spiders.catalogue", "from scanner.store import Store"),
        ("spiders.pages.schema_org", "import scrapy"),
        ("scanner.demo.server", "from spiders.pages import schema_org"),
        ("scanner.console.cases", "from spiders import catalogue"),
        ("scanner.triage", "import time"),
        ("scanner.text.views", "from ..store import queries"),
        ("scanner.moderation.cases", "from scanner import unheard_of"),
    ],
)
def test_a_planted_breach_is_found(module: str, source: str) -> None:
    """The check fails on what it is there to forbid."""
    assert breaches(source, module) != []
