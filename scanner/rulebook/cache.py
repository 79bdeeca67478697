"""Compiled rulebooks by content hash, in the user's cache folder; without one everything works, only slower.

A file that is damaged, from another version, or cannot be written is as good as none. Nothing in it is ever executed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import msgspec
import platformdirs

from scanner.rulebook.compiled import Compiled

FOLDER = platformdirs.user_cache_path("delist", appauthor=False) / "rulebooks"
MOST_KEPT = 16
_DIGEST = hashlib.sha256().digest_size


class Kept(msgspec.Struct, frozen=True):
    """What a cache file holds."""

    compiled: Compiled
    lexicon: bytes


def fetch(version: str, folder: Path | None) -> Kept | None:
    """The compiled rulebook of that version, if the cache has it whole."""
    if folder is None:
        return None
    try:
        content = (folder / f"{version}.bin").read_bytes()
        payload = content[_DIGEST:]
        if hashlib.sha256(payload).digest() != content[:_DIGEST]:
            return None
        return msgspec.msgpack.decode(payload, type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None


def keep(version: str, compiled: Compiled, lexicon: bytes, folder: Path | None) -> None:
    """Put a compiled rulebook into the cache, whole or not at all, and let the oldest go."""
    if folder is None:
        return
    payload = msgspec.msgpack.encode(Kept(compiled, lexicon))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(payload).digest() + payload)
        Path(name).replace(folder / f"{version}.bin")
        kept = sorted(folder.glob("*.bin"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)
