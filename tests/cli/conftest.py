"""The ``delist`` command as a person runs it, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from scanner.cli import main


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Delist = Callable[..., Said]


@pytest.fixture
def delist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Delist:
    """Run ``delist`` with these arguments; nothing of the caller's environment or folder leaks in."""
    monkeypatch.chdir(tmp_path)
    for name in ("DELIST_DATA", "DELIST_STORE__URL", "DELIST_ACTOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        told = capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, told.out, told.err)

    return run
