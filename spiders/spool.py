"""Writes observations to spool segments, JSON lines that appear whole by rename or not at all.

A segment is written as ``<partition>-<number>.jsonl.part``, synced to disk, and renamed to ``….jsonl``; what ends in
``.part`` was never finished and nobody takes it in. Numbers begin with the attempt, so that the segments of a re-run
never carry the name of an earlier one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from scanner.model import Observation

SEGMENT_SUFFIX = ".jsonl"
PART_SUFFIX = ".part"
SEGMENTS_PER_ATTEMPT = 1_000_000
# A segment is written in a few pieces, not one for every other page.
BUFFER = 2**17


class Spool:
    """The open end of a partition's spool. ``before_close`` runs before a segment appears (evidence goes first).

    A segment closes after ``lines`` lines or ``seconds`` seconds, whichever comes first. Raises ``OSError`` as the disk
    does.
    """

    def __init__(
        self,
        folder: Path,
        partition: str,
        *,
        attempt: int = 1,
        lines: int = 256,
        seconds: float = 5.0,
        before_close: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._stem = partition
        self._number = attempt * SEGMENTS_PER_ATTEMPT
        self._most_lines = lines
        self._most_seconds = seconds
        self._before_close = before_close
        self._clock = clock
        self._encoder = msgspec.json.Encoder()
        self._buffer = bytearray()
        self._file: BinaryIO | None = None
        self._lines = 0
        self._opened_at = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_unfinished()

    def write(self, observation: Observation) -> None:
        """Add one line; closes the segment if it is full."""
        file = self._file or self._open()
        self._encoder.encode_into(observation, self._buffer)
        self._buffer += b"\n"
        self._lines += 1
        file.write(self._buffer)
        self._buffer.clear()
        if self._lines >= self._most_lines:
            self.close_segment()

    def tick(self) -> None:
        """Close a segment that has been open long enough; called now and then, also when nothing is written."""
        if self._file is not None and self._clock() - self._opened_at >= self._most_seconds:
            self.close_segment()

    def close_segment(self) -> None:
        """Make what was written durable and visible; nothing happens if nothing was written."""
        if self._file is None:
            return
        if self._before_close is not None:
            self._before_close()
        part = Path(self._file.name)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        part.rename(part.with_suffix(""))
        sync_folder(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the last segment; after an error its lines are dropped instead, for a re-run writes them again."""
        if error is None:
            self.close_segment()
        elif self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        self._number += 1
        name = f"{self._stem}-{self._number:08d}{SEGMENT_SUFFIX}{PART_SUFFIX}"
        file = self._file = (self.folder / name).open("wb", buffering=BUFFER)
        self._lines = 0
        self._opened_at = self._clock()
        return file

    def _remove_unfinished(self) -> None:
        for part in self.folder.glob(f"*{SEGMENT_SUFFIX}{PART_SUFFIX}"):
            if part.name.rpartition("-")[0] == self._stem:
                part.unlink(missing_ok=True)


def segments(folder: Path, partition: str | None = None) -> list[Path]:
    """The closed segments in ``folder``, of one partition or of all, in the order they were written."""
    found = sorted(folder.glob(f"*{SEGMENT_SUFFIX}"))
    return [path for path in found if partition is None or path.name.rpartition("-")[0] == partition]


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
