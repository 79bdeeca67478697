"""Saved pages still read as they did: one test for each field of each fixture, so that a failure names what broke.

A case is a folder under ``tests/fixtures`` (``delist page --save`` writes one).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import InputError
from spiders.pages import Page, read_page
from spiders.pages.fixtures import as_expected, load_fixture, save_fixture

ROOT = Path(__file__).resolve().parent.parent / "fixtures"
CASES = sorted(path.parent for path in ROOT.glob("*/*/page.html"))


def name_of(case: Path) -> str:
    """A case as tests are named."""
    return f"{case.parent.name}/{case.name}"


@cache
def expected(case: Path) -> dict[str, Any]:
    """What the fixture says."""
    return load_fixture(case)[2]


@cache
def read(case: Path) -> dict[str, Any]:
    """What the page functions make of it today."""
    page, meta, _ = load_fixture(case)
    return as_expected(read_page(page, platform=meta.platform, refine=meta.page))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_no_field_is_new(case: Path) -> None:
    """A field that the fixture does not have is either a gain, to be saved, or noise."""
    assert read(case).keys() - expected(case).keys() == set()


@pytest.mark.parametrize(
    ("case", "field"),
    [(case, field) for case in CASES for field in expected(case)],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_field(case: Path, field: str) -> None:
    """The field reads as it was saved."""
    found = read(case)
    assert field in found, f"{name_of(case)}: {field} is no longer found"
    assert found[field] == expected(case)[field], f"{name_of(case)}: {field} is not correct"


def test_a_saved_fixture_reads_the_same(tmp_path: Path) -> None:
    """What is saved comes back as page, meta and expectation."""
    page = Page(body=b"<html><h1>Cup</h1><p class='price'>4.00 EUR</p></html>", url="http://cups.test/1", status=200)
    outcome = read_page(page, platform="cups")
    folder = save_fixture(page, outcome, platform="cups", case="plain", root=tmp_path)
    again, meta, wanted = load_fixture(folder)
    assert (again, meta.platform) == (page, "cups")
    assert wanted == as_expected(outcome)


@pytest.mark.parametrize("case", ["../escape", "", "a/b", ".hidden", "x" * 80])
def test_a_case_is_named_like_a_folder(case: str, tmp_path: Path) -> None:
    """No name leads out of the fixtures."""
    page = Page(body=b"<html><h1>Cup</h1></html>", url="http://cups.test/1")
    with pytest.raises(InputError):
        save_fixture(page, read_page(page, platform="cups"), platform="cups", case=case, root=tmp_path)


def test_a_case_is_never_overwritten(tmp_path: Path) -> None:
    """A name that is taken is an error."""
    page = Page(body=b"<html><h1>Cup</h1></html>", url="http://cups.test/1")
    outcome = read_page(page, platform="cups")
    save_fixture(page, outcome, platform="cups", case="one", root=tmp_path)
    with pytest.raises(InputError, match="already"):
        save_fixture(page, outcome, platform="cups", case="one", root=tmp_path)
