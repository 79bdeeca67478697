"""Compiled rulebooks, and rule files as trees, by content hash in the user's cache folder.

Without it everything works, only slower: after a change of one file only that file is parsed again.

A file that is damaged, from another version, or cannot be written is as good as none. Nothing in it is ever executed.
A file is known by the rulebook's version (a tree by the rule file's bytes) and by the code that made it: a changed
engine never reads an old file.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
import zlib
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import platformdirs
import ruamel.yaml
import yaml

from scanner.rulebook.compiled import Compiled, folded, unfolded
from scanner.rulebook.logic import Node
from scanner.rulebook.tree import Path as PathInTree
from scanner.rulebook.tree import Place, Tree, read_tree

FOLDER = platformdirs.user_cache_path("delist", appauthor=False) / "rulebooks"
MOST_KEPT = 16
MOST_TREES = 256
# What shapes a compiled rulebook: the code of these packages, and the libraries that write it down.
_CODE = ("scanner.rulebook", "scanner.text", "scanner.signals", "scanner.likeness")
_LIBRARIES = (
    f"msgspec {msgspec.__version__} numpy {np.__version__} "
    f"ruamel.yaml {ruamel.yaml.__version__} pyyaml {yaml.__version__}"
)
# Of the checksum before the content: it finds damage, and is three times as quick as a digest.
_CHECKSUM = 4


class Kept(msgspec.Struct, frozen=True):
    """What a cache file holds; the conditions stand apart (see ``compiled.folded``)."""

    compiled: Compiled
    nodes: tuple[Node, ...]
    lexicon: memoryview


class _KeptTree(msgspec.Struct, frozen=True, array_like=True):
    """A tree without faults."""

    data: Any
    values: dict[PathInTree, Place]
    keys: dict[PathInTree, Place]
    multiline: set[PathInTree]


@functools.cache
def engine() -> str:
    """SHA-256 in hex over the code that compiles rulebooks and over the libraries it rests on (about 2 ms)."""
    digest = hashlib.sha256(_LIBRARIES.encode())
    for package in _CODE:
        files = (file for file in resources.files(package).iterdir() if file.name.endswith((".py", ".pyc")))
        for file in sorted(files, key=lambda file: file.name):
            digest.update(f"\0{package}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _file(version: str, folder: Path, code: str, ending: str = "bin") -> Path:
    """Where what has that version, made by that code, is kept."""
    return folder / f"{hashlib.sha256(f'{version} {code}'.encode()).hexdigest()}.{ending}"


def fetch(version: str, folder: Path | None, code: str = "") -> Kept | None:
    """The compiled rulebook of that version, if the cache has it whole; ``code``: of other code than this."""
    if folder is None:
        return None
    try:
        kept = msgspec.msgpack.decode(_read(_file(version, folder, code or engine())), type=Kept)
        return msgspec.structs.replace(kept, compiled=unfolded(kept.compiled, kept.nodes))
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def keep(version: str, compiled: Compiled, lexicon: bytes, folder: Path | None) -> None:
    """Put a compiled rulebook into the cache, whole or not at all, and let the oldest go."""
    if folder is not None:
        payload = msgspec.msgpack.encode(Kept(*folded(compiled), memoryview(lexicon)))
        _write(_file(version, folder, engine()), payload, most=MOST_KEPT)


def tree_of(content: bytes, *, file: str, folder: Path | None) -> Tree:
    """The tree of a rule file (see ``read_tree``), from the cache if it was read before and had no fault."""
    if folder is None:
        return read_tree(content, file=file)
    place = _file(hashlib.sha256(content).hexdigest(), folder, engine(), "tree")
    try:
        kept = msgspec.msgpack.decode(_read(place), type=_KeptTree)
    except (OSError, ValueError, msgspec.MsgspecError):
        tree = read_tree(content, file=file)
        if not tree.faults:
            made = _KeptTree(tree.data, tree.values, tree.keys, tree.multiline)
            _write(place, msgspec.msgpack.encode(made), most=MOST_TREES)
        return tree
    tree = Tree(file)
    tree.data, tree.values, tree.keys, tree.multiline = kept.data, kept.values, kept.keys, kept.multiline
    return tree


def _read(file: Path) -> memoryview:
    """What ``_write`` wrote; raises ``OSError`` or ``ValueError`` if it is not there whole."""
    content = memoryview(file.read_bytes())
    payload = content[_CHECKSUM:]
    if _checksum(payload) != content[:_CHECKSUM]:
        raise ValueError("damaged")
    return payload


def _checksum(payload: bytes | memoryview) -> bytes:
    return zlib.crc32(payload).to_bytes(_CHECKSUM, "little")


def _write(file: Path, payload: bytes, *, most: int) -> None:
    """Write a file whole or not at all; of those with its ending the ``most`` newest are kept."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(_checksum(payload) + payload)
        Path(name).replace(file)
        kept = sorted(file.parent.glob(f"*{file.suffix}"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[most:]:
            old.unlink(missing_ok=True)
