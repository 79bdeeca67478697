"""What becomes of an inspection's files in the spool once it has ended: some are kept, the rest makes room."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable

from scanner.inspection import unread
from scanner.inspection.records import Inspection, InspectionState, PartitionRow
from scanner.settings import Settings

# What is stored of the platform's listings, for the crawls.
KNOWN = "known"

_log = logging.getLogger("delist.inspection")


def put_away(settings: Settings, ended: Inspection, partitions: Iterable[PartitionRow]) -> None:
    """Keep a list of what was not read, and clear the spool, also where there is no room for the list: the inspection
    is over, and its report matters more."""
    try:
        unread.keep(settings, ended.id, partitions)
    except OSError as error:
        _log.warning(
            "%s: no list of what was not read: %s", unread.file_of(settings, ended.id), error.strerror or error
        )
    finally:
        _clear(settings, ended)


def _clear(settings: Settings, ended: Inspection) -> None:
    """Nobody reads the segments any more. What the crawls logged is kept where somebody may want to know why."""
    folder = settings.spool / str(ended.id)
    if ended.state is InspectionState.FINISHED:
        shutil.rmtree(folder, ignore_errors=True)
    for segment in (*folder.rglob("*.jsonl"), folder / KNOWN):
        segment.unlink(missing_ok=True)
