"""Checks the file of a clue package by itself: no store, no network, no trust in what the file says of its size.

What can be told from the file alone: that every file is the one that the manifest lists, that no other is there, and
that every event is the one that its hash names, in order. That the events belong to the history is told by whoever has
the history: by its head, and by the manifest's SHA-256, which stands in it.
"""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Annotated, BinaryIO

import msgspec

from scanner.audit import hash_of
from scanner.model import Event
from scanner.records import Head

MANIFEST, EVENTS, FORMAT = "manifest.json", "events.jsonl", "delist clue package 1"
MOST_FILES, MOST_BYTES = 100_000, 4 * 2**30
# What is held in memory, however well it packs.
MOST_EVENTS = 250_000
_MOST_MANIFEST, _MOST_EVENT_BYTES, _LONGEST_EVENT = 16 * 2**20, 256 * 2**20, 4 * 2**20
# So many faults tell enough.
MOST_FAULTS = 100
_CHUNK = 2**20
# What a damaged or hostile ZIP makes the library raise.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    KeyError,
    NotImplementedError,  # a kind of compression that the library does not know
    RuntimeError,
    ValueError,
)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of checking: every fault in words, and what the file says of itself where it could be read."""

    faults: tuple[str, ...]
    manifest: str = ""
    package: int = 0
    files: int = 0
    events: tuple[Event, ...] = ()
    head: Head = Head()
    missing: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether the file is what was exported."""
        return not self.faults


class _Listed(msgspec.Struct):
    path: str
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str


class _History(msgspec.Struct):
    head: Head
    events: int


class _Manifest(msgspec.Struct):
    format: str
    package: int
    files: list[_Listed]
    history: _History
    missing: list[object]


def check(stream: BinaryIO) -> Checked:
    """Check a package. Reads each file in pieces, and no more of it than the manifest says."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return _checked(archive)
    except _UNREADABLE as error:
        return Checked(faults=(f"the file cannot be read as a package: {error}",))


def _checked(archive: zipfile.ZipFile) -> Checked:
    names = archive.namelist()
    if names.count(MANIFEST) != 1 or len(names) > MOST_FILES:
        return Checked(faults=(f"there is no {MANIFEST}, or there are too many files",))
    with archive.open(MANIFEST) as opened:
        body = opened.read(_MOST_MANIFEST)
    try:
        manifest = msgspec.json.decode(body, type=_Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Checked(faults=(f"{MANIFEST} cannot be read: {error}",))
    if manifest.format != FORMAT:
        return Checked(faults=(f'{MANIFEST} is of the format "{manifest.format[:60]}", not "{FORMAT}"',))
    faults = [*islice(_file_faults(archive, manifest, names), MOST_FAULTS)]
    events, broken = _events(archive, names)
    return Checked(
        faults=(*faults, *broken, *islice(_event_faults(events, manifest), MOST_FAULTS)),
        manifest=hashlib.sha256(body).hexdigest(),
        package=manifest.package,
        files=len(manifest.files),
        events=events,
        head=manifest.history.head,
        missing=len(manifest.missing),
    )


def _file_faults(archive: zipfile.ZipFile, manifest: _Manifest, names: list[str]) -> Iterator[str]:
    listed = {one.path: one for one in manifest.files}
    if len(listed) != len(manifest.files) or len(set(names)) != len(names):
        yield "a file is there, or listed, more than once"
    if sum(one.bytes for one in manifest.files) > MOST_BYTES:
        yield "the manifest lists more than can be checked"
        return
    there = frozenset(names)
    for name in sorted(there - set(listed) - {MANIFEST}):
        yield f"{name}: it is not listed"
    for one in manifest.files:
        if one.path not in there:
            yield f"{one.path}: it is missing"
        elif _digest(archive, one) != one.sha256:
            yield f"{one.path}: it is not what was exported"


def _digest(archive: zipfile.ZipFile, one: _Listed) -> str:
    """SHA-256 of a file that is as large as it should be; of any other, and of what cannot be read, nothing."""
    digest, left = hashlib.sha256(), one.bytes
    try:
        with archive.open(one.path) as opened:
            while chunk := opened.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    return ""
                digest.update(chunk)
    except _UNREADABLE:
        return ""
    return digest.hexdigest() if not left else ""


def _events(archive: zipfile.ZipFile, names: Collection[str]) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """The events up to the first line that is none, and what is wrong with that."""
    found: list[Event] = []
    if EVENTS not in names:
        return (), ()
    left = _MOST_EVENT_BYTES
    with archive.open(EVENTS) as opened:
        while line := opened.readline(_LONGEST_EVENT):
            left -= len(line)
            if left < 0 or len(found) == MOST_EVENTS:
                return tuple(found), (f"{EVENTS} has more than can be checked",)
            try:
                found.append(msgspec.json.decode(line, type=Event))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return tuple(found), (f"{EVENTS}: line {len(found) + 1} is no event",)
    return tuple(found), ()


def _event_faults(events: tuple[Event, ...], manifest: _Manifest) -> Iterator[str]:
    if len(events) != manifest.history.events:
        yield f"{EVENTS} has {len(events)} events, not {manifest.history.events}"
    head, before = manifest.history.head, None
    for event in events:
        if hash_of(event) != event.hash:
            yield f"event {event.sequence} ({event.kind}) was edited"
        if before is not None and event.sequence <= before.sequence:
            yield f"event {event.sequence} is out of order"
        elif before is not None and event.sequence == before.sequence + 1 and event.previous != before.hash:
            yield f"event {event.sequence} does not follow event {before.sequence}"
        if event.sequence > head.sequence or (event.sequence == head.sequence and event.hash != head.hash):
            yield f"event {event.sequence} is not of the history whose head is event {head.sequence}"
        before = event
