"""What an inspection discovered and did not read: the ledger counts it by reason, a file names each address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from scanner.inspection.records import PartitionRow
from scanner.settings import Settings

# A site can be made of links that lead elsewhere: of more than these, the count must do.
MOST = 100_000
# So many of the newest inspections have their file kept; every night's for half a year.
FILES = 200
# How the observations begin, as crawls write them.
_BEGINNINGS = (b'{"type":"failed"', b'{"type":"skipped"')


def file_of(settings: Settings, inspection_id: int) -> Path:
    """Where it is written: JSON lines with ``type``, ``url``, ``reason`` and, of failures, ``detail``.

    There is none where everything was read.
    """
    return settings.data / "unread" / f"{inspection_id}.jsonl"


def keep(settings: Settings, inspection_id: int, partitions: Iterable[PartitionRow]) -> None:
    """Write the file, out of the segments of each partition's last attempt, which is the one that the ledger counts.

    It is there whole or not at all, and the files of the inspections before the newest are removed. Raises ``OSError``.
    """
    spool = settings.spool / str(inspection_id)
    file = file_of(settings, inspection_id)
    lines = islice((line for row in partitions for line in _unread(spool / str(row.attempts), row.name)), MOST)
    first = next(lines, None)
    if first is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part")
    try:
        with draft.open("wb") as out:
            out.write(first)
            out.writelines(lines)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    _remove_old(file.parent)


def _remove_old(folder: Path) -> None:
    numbered = sorted((file for file in folder.glob("*.jsonl") if file.stem.isdecimal()), key=lambda one: int(one.stem))
    for file in numbered[:-FILES]:
        file.unlink(missing_ok=True)


def _unread(folder: Path, partition: str) -> Iterator[bytes]:
    for segment in sorted(folder.glob("*.jsonl")):
        if segment.name.rpartition("-")[0] == partition:
            with segment.open("rb") as lines:
                yield from (line for line in lines if line.startswith(_BEGINNINGS))
