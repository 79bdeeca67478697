"""Where rule files lie: the shipped folder ``rules/`` or folders of one's own, and nothing outside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from scanner.errors import RulebookError
from scanner.rulebook.faults import Fault
from scanner.rulebook.tree import MOST_BYTES

SHARED = "shared"
MOST_FILES = 256
_ENDINGS = (".yaml", ".yml")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One rule file as bytes. ``name`` is the file's name without ending, ``file`` what messages call it."""

    file: str
    name: str
    is_shared: bool
    content: bytes


def find_sources(*folders: Path | None) -> tuple[Source, ...]:
    """All rule files of ``folders`` (``None``, or no folder at all: the shipped ones), in order of name.

    A file of a later folder replaces the file of the same name in an earlier one, so that a platform can lay its own
    module over a shipped one. Raises ``RulebookError`` naming each folder and file that cannot be read.
    """
    found: dict[tuple[bool, str], Source] = {}
    faults: list[str] = []
    for folder in folders or (None,):
        root: Traversable = files("rules") if folder is None else folder
        prefix = "rules" if folder is None else str(folder)
        if folder is not None and not folder.is_dir():
            faults.append(f"{folder}:1:1: no such folder")
            continue
        for shared in (False, True):
            for source in _read_folder(root / SHARED if shared else root, prefix, shared, faults):
                found[shared, source.name] = source
    if len(found) > MOST_FILES:
        faults.append(f"{folders[0]}:1:1: more than {MOST_FILES} rule files ({len(found)})")
    if not faults and not any(not shared for shared, _ in found):
        faults.append(
            f"{', '.join(str(folder or 'rules') for folder in folders or (None,))}:1:1: no rule files (*.yaml)"
        )
    if faults:
        raise RulebookError(tuple(faults), hint="Name a folder that holds rule files, such as rules/.")
    return tuple(found[key] for key in sorted(found))


def fingerprint(sources: Iterable[Source], *parts: str) -> str:
    """SHA-256 in hex over all files' names and bytes, and over whatever else decides what they mean."""
    digest = hashlib.sha256()
    for source in sources:
        for piece in (SHARED if source.is_shared else "", source.name):
            digest.update(piece.encode() + b"\x00")
        digest.update(hashlib.sha256(source.content).digest())
    for part in parts:
        digest.update(b"\x01" + part.encode())
    return digest.hexdigest()


def _read_folder(folder: Traversable, prefix: str, shared: bool, faults: list[str]) -> Iterable[Source]:
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(_ENDINGS) or entry.name.startswith(".") or not entry.is_file():
            continue
        file = "/".join(part for part in (prefix, SHARED if shared else "", entry.name) if part)
        content = _read_file(entry, folder, file, faults)
        if content is not None:
            yield Source(file=file, name=entry.name.rpartition(".")[0], is_shared=shared, content=content)


def _read_file(entry: Traversable, folder: Traversable, file: str, faults: list[str]) -> bytes | None:
    if isinstance(entry, Path) and isinstance(folder, Path) and entry.resolve().parent != folder.resolve():
        faults.append(str(Fault(file=file, line=1, column=1, what="leads out of the rulebook's folder")))
        return None
    try:
        with entry.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        faults.append(str(Fault(file=file, line=1, column=1, what=error.strerror or str(error))))
        return None
