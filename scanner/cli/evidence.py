"""Keeping what looks saw: the responses of a look in a WARC file of its own, beside those of the crawls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from scanner.errors import StoreUnavailable
from scanner.model import EvidenceRef
from scanner.orders import Capture
from scanner.verify import Keep
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
