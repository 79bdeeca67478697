"""The compiled library: used where it fits, told of where it is not, and never needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scanner import kernels
from scanner.kernels.memory import CODE, SHORT, address
from scanner.kernels.sources import LIBRARY, sources
from scanner.rulebook import vocabulary
from scanner.rulebook.variants import Writing

ROOT = Path(__file__).resolve().parents[2]
STATUS = "from scanner import kernels; print(kernels.status()); print(kernels.library() is not None)"


def told(**environment: str) -> list[str]:
    """What a fresh process says of its kernels."""
    done = subprocess.run(
        [sys.executable, "-c", STATUS],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.splitlines()


def test_the_environment_switches_the_kernels_off() -> None:
    """``DELIST_KERNELS=off`` makes everything run in numpy, and is what the status says."""
    assert told(DELIST_KERNELS="off") == ["numpy (DELIST_KERNELS=off)", "False"]


def test_a_file_that_is_no_library_is_passed_over(tmp_path: Path) -> None:
    """Whatever lies where the library should be, matching goes on in numpy, and the status says why."""
    (tmp_path / "broken.so").write_bytes(b"no library")
    status, is_used = told(DELIST_KERNELS=str(tmp_path / "broken.so"))
    assert status.startswith("numpy (broken.so cannot be loaded")
    assert is_used == "False"
    assert told(DELIST_KERNELS=str(tmp_path / "none.so"))[1] == "False"


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler here")
def test_a_library_of_other_sources_is_passed_over(tmp_path: Path) -> None:
    """After an update that nobody installed, the old library is not called with the new declarations."""
    command = ["cc", "-shared", "-fPIC", '-DDELIST_SOURCES="old"', *map(str, sources()), "-o", str(tmp_path / "old.so")]
    subprocess.run(command, timeout=60, check=True)
    status, is_used = told(DELIST_KERNELS=str(tmp_path / "old.so"))
    assert status == "numpy (old.so was built from other sources: install Delist again)"
    assert is_used == "False"


@pytest.mark.skipif(not LIBRARY.exists(), reason="Delist was installed without a C compiler")
def test_what_was_installed_is_used() -> None:
    """A library beside the sources is current, and is at work unless somebody switches it off here."""
    assert told(DELIST_KERNELS="") == ["compiled kernels", "True"]
    with kernels.without():
        assert kernels.library() is None
        assert kernels.status() == "numpy (switched off here)"


def test_only_arrays_that_fit_are_handed_over() -> None:
    """An array of another kind, or with gaps between its numbers, is refused before C sees it."""
    assert address(np.zeros(4, np.uint32), CODE)
    for wrong in (np.zeros(4, np.uint16), np.zeros(8, np.uint32)[::2], np.zeros((4, 2), np.uint32).T):
        with pytest.raises(TypeError, match="in one piece"):
            address(wrong, CODE)
    with pytest.raises(TypeError):
        address(np.zeros(3, ">u2"), SHORT)


@pytest.mark.parametrize(
    ("column", "damage"),
    [
        (0, lambda units: units[:-1]),
        (1, lambda lengths: lengths * 0),
        (2, lambda anchors: anchors + 9),
        (3, lambda lengths: lengths[1:]),
        (9, lambda bounds: bounds[::-1].copy()),
        (9, lambda bounds: bounds + 1),
        (10, lambda owners: owners - 9),
        (11, lambda views: views[1:]),
    ],
    ids=["units", "lengths", "anchors", "traits", "order", "bounds", "owners", "views"],
)
def test_a_vocabulary_in_which_a_number_leads_astray_is_refused(
    column: int, damage: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
) -> None:
    """Kernels trust the arrays of a vocabulary, so those of a damaged cache are looked at before."""
    words = vocabulary.build([(Writing("手机卡"), 0, 0), (Writing("usdt"), 1, 0)])
    arrays = vocabulary.to_arrays(words)
    assert vocabulary.from_arrays(arrays).bounds.tolist() == words.bounds.tolist()
    arrays[column] = damage(arrays[column])
    with pytest.raises(ValueError, match="damaged"):
        vocabulary.from_arrays(arrays)
