"""Which sources the kernels are compiled from. Standard library only: the build runs this file before any package is
installed."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LIBRARY = FOLDER / "_kernels.so"


def sources() -> list[Path]:
    """The files that are compiled, in order."""
    return sorted(FOLDER.glob("*.c"))


def digest() -> str:
    """What a library is stamped with, so that one built from older sources is told from a current one."""
    made = hashlib.sha256()
    for file in sorted([*sources(), *FOLDER.glob("*.h")]):
        made.update(b"%s\0%s\0" % (file.name.encode(), file.read_bytes()))
    return made.hexdigest()
