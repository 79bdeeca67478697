"""What a crawl remembers of addresses without holding them: a queue that lies on disk, and marks of what was met.

A catalogue of two hundred thousand listings takes as much memory as one of ten thousand, but for 13 bytes an address.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

CHUNK = 1000
_TABLES = 64
# Places of a table that is empty.
_FEWEST = 16
_OPEN, _CLOSED = 1, 2


class Waiting:
    """A queue of addresses, first in, first out; all but the first and the last thousand in a file without a name.

    Raises ``OSError`` as the disk does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first: deque[str] = deque()
        self._last: list[str] = []
        self._file: IO[bytes] | None = None
        self._read_at = self._written = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, url: str) -> None:
        """Put ``url`` at the end."""
        self._last.append(url)
        self._count += 1
        if len(self._last) >= CHUNK:
            self._write_last()

    def popleft(self) -> str:
        """Take the first. Raises ``IndexError`` where there is none."""
        if not self._first:
            self._refill()
        url = self._first.popleft()
        self._count -= 1
        return url

    def drain(self) -> Iterator[str]:
        """Take all."""
        while self._count:
            yield self.popleft()

    def _write_last(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # it lasts as long as the queue
        self._file.seek(self._written)
        self._written += self._file.write(msgspec.json.encode(self._last) + b"\n")
        self._last = []

    def _refill(self) -> None:
        if self._file is None or self._read_at == self._written:
            self._first, self._last = deque(self._last), []
            return
        self._file.seek(self._read_at)
        line = self._file.readline()
        self._read_at += len(line)
        self._first.extend(msgspec.json.decode(line, type=list[str]))


class Marks:
    """Which addresses were met, and which of them are open, by their hashes alone.

    Two addresses of one hash among 64 bits' worth are taken for one: at a million addresses that happens once in 37
    million crawls. The marks lie in many small tables, as a table that grows is there twice meanwhile.
    """

    def __init__(self) -> None:
        self._tables = [_Table() for _ in range(_TABLES)]
        self.open = 0

    def add(self, key: str) -> bool:
        """Open ``key``; false if it was met before, open or not."""
        mark = hash(key)
        is_new = self._tables[mark % _TABLES].add(mark)
        self.open += is_new
        return is_new

    def close(self, key: str) -> bool:
        """Close ``key``; false if it is not open."""
        mark = hash(key)
        was_open = self._tables[mark % _TABLES].close(mark)
        self.open -= was_open
        return was_open


class _Table:
    """Marks by open addressing with linear probing (Knuth, The Art of Computer Programming, vol. 3, 6.4)."""

    def __init__(self) -> None:
        self._marks = array("q", [0]) * _FEWEST
        self._states = bytearray(_FEWEST)
        self._count = 0

    def add(self, mark: int) -> bool:
        at = self._place(mark)
        if self._states[at]:
            return False
        self._marks[at], self._states[at] = mark, _OPEN
        self._count += 1
        if 3 * self._count > 2 * len(self._states):
            self._grow()
        return True

    def close(self, mark: int) -> bool:
        at = self._place(mark)
        if self._states[at] != _OPEN:
            return False
        self._states[at] = _CLOSED
        return True

    def _place(self, mark: int) -> int:
        """Where ``mark`` stands, or would. Its lowest bits have chosen the table already."""
        last = len(self._states) - 1
        at = mark // _TABLES & last
        while self._states[at] and self._marks[at] != mark:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        marks, states = self._marks, self._states
        self._marks, self._states = array("q", [0]) * (2 * len(states)), bytearray(2 * len(states))
        for mark, state in zip(marks, states, strict=True):
            if state:
                at = self._place(mark)
                self._marks[at], self._states[at] = mark, state
