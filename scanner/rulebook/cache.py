"""Compiled rulebooks by content hash, in the user's cache folder; without one everything works, only slower.

A file that is damaged, from another version, or cannot be written is as good as none. Nothing in it is ever executed.
A file is known by the rulebook's version and by the code that compiled it: a changed engine never reads an old file.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import platformdirs

from scanner.rulebook.compiled import Compiled, folded, unfolded
from scanner.rulebook.logic import Node

FOLDER = platformdirs.user_cache_path("delist", appauthor=False) / "rulebooks"
MOST_KEPT = 16
# What shapes a compiled rulebook: the code of these packages, and the libraries that write it down.
_CODE = ("scanner.rulebook", "scanner.text")
_LIBRARIES = f"msgspec {msgspec.__version__} numpy {np.__version__}"
_DIGEST = hashlib.sha256().digest_size


class Kept(msgspec.Struct, frozen=True):
    """What a cache file holds; the conditions stand apart (see ``compiled.folded``)."""

    compiled: Compiled
    nodes: tuple[Node, ...]
    lexicon: bytes


@functools.cache
def engine() -> str:
    """SHA-256 in hex over the code that compiles rulebooks and over the libraries it rests on (about 2 ms)."""
    digest = hashlib.sha256(_LIBRARIES.encode())
    for package in _CODE:
        files = (file for file in resources.files(package).iterdir() if file.name.endswith((".py", ".pyc")))
        for file in sorted(files, key=lambda file: file.name):
            digest.update(f"\0{package}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _file(version: str, folder: Path, code: str) -> Path:
    """Where a rulebook of that version, compiled by that code, is kept."""
    return folder / f"{hashlib.sha256(f'{version} {code}'.encode()).hexdigest()}.bin"


def fetch(version: str, folder: Path | None, code: str = "") -> Kept | None:
    """The compiled rulebook of that version, if the cache has it whole; ``code``: of other code than this."""
    if folder is None:
        return None
    try:
        content = memoryview(_file(version, folder, code or engine()).read_bytes())
        payload = content[_DIGEST:]
        if hashlib.sha256(payload).digest() != content[:_DIGEST]:
            return None
        kept = msgspec.msgpack.decode(payload, type=Kept)
        return msgspec.structs.replace(kept, compiled=unfolded(kept.compiled, kept.nodes))
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def keep(version: str, compiled: Compiled, lexicon: bytes, folder: Path | None) -> None:
    """Put a compiled rulebook into the cache, whole or not at all, and let the oldest go."""
    if folder is None:
        return
    payload = msgspec.msgpack.encode(Kept(*folded(compiled), lexicon))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(payload).digest() + payload)
        Path(name).replace(_file(version, folder, engine()))
        kept = sorted(folder.glob("*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)
