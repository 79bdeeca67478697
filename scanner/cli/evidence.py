"""Keeping what looks saw, a WARC file for each look, and finding evidence again, theirs and that of crawls."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from scanner.errors import StoreUnavailable
from scanner.model import EvidenceRef
from scanner.orders import Capture
from scanner.takedown.verify import Keep
from spiders.evidence import Evidence


def keeper_of(folder: Path) -> Keep:
    """Keeps responses in ``folder``."""

    def keep(name: str, captures: Sequence[Capture], *, at: datetime) -> tuple[EvidenceRef, ...]:
        try:
            with Evidence(folder, name) as file:
                return tuple(_kept(file, capture, at) for capture in captures)
        except OSError as error:
            raise StoreUnavailable(
                f"{folder}: {error.strerror or error}", hint="Free some space: the look is done again by itself."
            ) from error

    return keep


def _kept(file: Evidence, capture: Capture, at: datetime) -> EvidenceRef:
    return file.keep(capture.url, status=capture.status, headers=capture.headers, body=capture.body, seen_at=at)


def is_kept(folder: Path, ref: EvidenceRef) -> bool:
    """Whether the bytes that ``ref`` names lie under ``folder``, unchanged."""
    return any(_digest(file, ref.offset) == ref.sha256 for file in folder.rglob(ref.file))


def _digest(file: Path, offset: int) -> str:
    """SHA-256 of the payload of the record at ``offset``; empty where there is none that can be read."""
    try:
        with file.open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)), None)
            body = record.raw_stream.read() if record else b""
    except (OSError, ArchiveLoadFailed):
        return ""
    return hashlib.sha256(body).hexdigest()
