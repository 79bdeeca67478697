"""The wheel: everything that runs need is in it, and it works where there is no checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "scanner/kernels/_kernels.so"
PACKAGES = ("scanner", "spiders", "rules")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], ROOT)
    return next(folder.glob("delist-*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with the wheel in it, which sees our dependencies and not our checkout.

    A folder named in a ``.pth`` file is searched, but its own ``.pth`` files are not read: so the editable install
    beside the dependencies, which points to the checkout, does not count.
    """
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], folder)
    python = folder / "env/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check"]
    run([*pip, "install", "--no-deps", "--no-index", str(wheel)], folder)
    own = next((folder / "env/lib").glob("python3*/site-packages"))
    (own / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf8")
    return folder / "env/bin"


def run(command: Sequence[str], folder: Path, *, expected: int = 0) -> str:
    """Run a command in ``folder``, with nothing in the environment that points to the checkout; return its output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DELIST_", "PIP_"))}
    kept["PIP_CONFIG_FILE"] = os.devnull
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == expected, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr if "hatchling" in command else done.stdout


def shipped_files() -> set[str]:
    """Every file of the packages, as the wheel should name it; what weights were learnt from stays at home."""
    found = {"scheduler.py"}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*"):
            if file.is_file() and {"__pycache__", "examples", "learn.py"}.isdisjoint(file.parts):
                found.add(file.relative_to(ROOT).as_posix())
    return found


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """Code and data are the same files as in the checkout; tests, benchmarks and documents stay at home."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert inside == shipped_files()


@pytest.mark.parametrize(
    "pattern",
    [
        r"rules/phone_card\.yaml",
        r"rules/iot_card\.yaml",
        r"rules/recharge_card\.yaml",
        r"rules/game_goods\.yaml",
        r"scanner/text/.+\.npz",
        r"scanner/store/migrations/versions/.+\.py",
        r"scanner/demo/templates/.+\.html",
        r"scanner/demo/goods/.+\.toml",
        r"scanner/kernels/.+\.c",
        r"scanner/py\.typed",
        r"spiders/py\.typed",
    ],
)
def test_what_is_not_code_is_inside(wheel: Path, pattern: str) -> None:
    """Rules, character tables, migrations, templates and the simulated marketplace's goods are in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        assert any(re.fullmatch(pattern, name) for name in archive.namelist())


def test_the_installed_packages_are_not_the_checkout(installed: Path) -> None:
    """What the following tests prove, they prove of the wheel."""
    program = "import scanner, spiders, scheduler; print(scanner.__file__, spiders.__file__, scheduler.__file__)"
    places = run([str(installed / "python"), "-I", "-c", program], installed).split()
    assert all(Path(place).is_relative_to(installed.parent) for place in places)


def test_delist_says_its_version(installed: Path, tmp_path: Path) -> None:
    """The console script starts, and tells the version of the wheel and whether its kernels were compiled."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]["version"]
    said = run([str(installed / "delist"), "--version"], tmp_path).splitlines()
    matching = "compiled kernels" if LIBRARY.exists() else "numpy (no kernels were compiled when Delist was installed)"
    assert said == [f"delist {version}", f"matching in {matching}"]


def test_a_wheel_with_kernels_names_its_platform(wheel: Path) -> None:
    """With a compiled library it is for one platform and any Python; without one it is for all."""
    _, _, python, abi, platform = wheel.stem.split("-")
    assert (python, abi) == ("py3", "none")
    assert (platform == "any") == (not LIBRARY.exists())


def test_without_a_compiler_the_wheel_is_pure(tmp_path: Path) -> None:
    """Nothing fails where there is no compiler: one line says so, and the wheel has no library."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("scheduler.py", "pyproject.toml", "README.md", "hatch_build.py"):
        shutil.copy(ROOT / name, copy)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    said = run(["env", "CC=/no/such/compiler", *command], copy)
    built = next((copy / "dist").glob("*.whl"))
    assert built.name.endswith("-py3-none-any.whl")
    assert "Delist's kernels are not compiled" in said
    with zipfile.ZipFile(built) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".so")]


def test_the_shipped_rules_load_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """``delist rules test`` finds every module in the wheel, and each rule proves itself there."""
    assert "all as they should be" in run([str(installed / "delist"), "rules", "test"], tmp_path)


def test_delist_scans_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """``delist scan`` flags the prohibited listing, spares its lawful look-alike, and writes nothing."""
    rows = [{"id": "1", "title": "手机卡 免实名 10张起批 加V"}, {"id": "2", "title": "苹果手机取卡针 卡槽取卡器"}]
    (tmp_path / "two.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf8")
    lines = run([str(installed / "delist"), "scan", "two.jsonl", "--json"], tmp_path).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["1"]
    assert [file.name for file in tmp_path.iterdir()] == ["two.jsonl"]


def test_the_store_is_made_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """``delist queue`` on nothing makes the tables, so the migrations were found."""
    run([str(installed / "delist"), "queue"], tmp_path)
    assert (tmp_path / "data/delist.db").exists()


def test_a_run_of_the_scheduler_starts_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """``delist schedule --once`` starts ``delist inspect`` with the environment's own Python, over a feed."""
    settings = '[sources.export]\nwalker = "feed"\nstart = "export.jsonl"\n'
    (tmp_path / "delist.toml").write_text(settings, encoding="utf8")
    (tmp_path / "export.jsonl").write_text('{"id": "1", "title": "手机卡 免实名 10张起批"}\n', encoding="utf8")
    run([str(installed / "delist"), "schedule", "--once", "export"], tmp_path)
    assert "finished" in run([str(installed / "delist"), "schedule", "--list"], tmp_path)


def test_the_editable_install_is_the_checkout(tmp_path: Path) -> None:
    """The environment of ``make setup`` runs the files that are edited, and holds no copy of any."""
    program = "import scanner, spiders, scheduler; print(scanner.__file__, spiders.__file__, scheduler.__file__)"
    places = run([sys.executable, "-I", "-c", program], tmp_path).split()
    assert places == [str(ROOT / name) for name in ("scanner/__init__.py", "spiders/__init__.py", "scheduler.py")]


# The lock


def locked() -> dict[str, list[tuple[Requirement, int]]]:
    """The lock's requirements by name, each with the number of its hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf8")
    entries = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    found: dict[str, list[tuple[Requirement, int]]] = {}
    for entry in filter(str.strip, entries):
        requirement, *hashes = re.split(r"\s+--hash=sha256:", entry.strip())
        assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in hashes), entry
        parsed = Requirement(requirement)
        found.setdefault(canonicalize_name(parsed.name), []).append((parsed, len(hashes)))
    return found


def project() -> dict[str, Any]:
    """The ``[project]`` table."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    return table


def test_the_lock_pins_everything_with_hashes() -> None:
    """Each requirement is one exact version with at least one hash, so that no other file can be installed."""
    for requirements in locked().values():
        for requirement, hashes in requirements:
            assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
            assert hashes, requirement


def test_the_lock_names_no_index() -> None:
    """Where packages come from is the business of whoever installs them."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert not [line for line in lines if re.search(r"://|index|find-links|trusted-host|@ ", line)]
    assert "://" not in text


@pytest.mark.parametrize("extra", ["", "parquet", "dev"])
def test_the_lock_satisfies_every_dependency(extra: str) -> None:
    """What pyproject.toml asks for is in the lock, in a version that it accepts."""
    table, pins = project(), locked()
    asked = table["optional-dependencies"][extra] if extra else table["dependencies"]
    for requirement in map(Requirement, asked):
        if canonicalize_name(requirement.name) == table["name"]:
            continue
        pinned = pins.get(canonicalize_name(requirement.name), [])
        assert pinned, f"{requirement} is not in the lock: make lock"
        for pin, _ in pinned:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement}: the lock has {version}"


def test_what_the_tests_import_is_declared() -> None:
    """``packaging`` comes with hatchling and pytest; were that to end, this names it."""
    assert "packaging" in locked()
