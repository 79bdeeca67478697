"""What was not read is named, address by address."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.inspection import spooled, unread
from scanner.inspection.records import Inspection, InspectionState, PartitionRow, PartitionState
from scanner.model import Failed, Skipped
from scanner.settings import Settings
from spiders.job import to_json
from tests.fakes import NOON

TIMED_OUT, BROKEN, OFFSITE = (
    Failed(url="http://a.example/1", reason="time_out"),
    Failed(url="http://a.example/2", reason="unreadable", detail="no HTML in it"),
    Skipped(url="http://b.example/", reason="offsite"),
)


def part(attempts: int, name: str = "one") -> PartitionRow:
    """A partition that took so many attempts."""
    return PartitionRow(
        id=attempts, inspection_id=7, name=name, plan=b"", state=PartitionState.FINISHED, attempts=attempts
    )


def test_only_what_the_last_attempt_left_out_is_named(tmp_path: Path) -> None:
    """What an earlier attempt failed on and a later one read is not on the list; where all was read there is none."""
    settings = Settings(data=tmp_path)
    for attempt, name, observations in (
        (1, "one", [TIMED_OUT]), (2, "one", [BROKEN, OFFSITE]), (1, "two", []), (1, "one_more", [TIMED_OUT]),
    ):  # fmt: skip
        folder = settings.spool / "7" / str(attempt)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}-{attempt}000001.jsonl").write_bytes(b"".join(to_json(one) + b"\n" for one in observations))
    rows = [part(2), part(1, "two")]
    unread.keep(settings, 7, rows)
    named = unread.file_of(settings, 7).read_bytes()
    assert named == to_json(BROKEN) + b"\n" + to_json(OFFSITE) + b"\n"
    unread.keep(settings, 8, rows)
    assert not unread.file_of(settings, 8).exists()


def test_the_newest_files_are_kept(tmp_path: Path) -> None:
    """A file for every night fills no disk, whatever else somebody put beside them; nor is a draft left."""
    settings = Settings(data=tmp_path)
    segment = settings.spool / "1000" / "1" / "one-1000001.jsonl"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(to_json(BROKEN) + b"\n")
    folder = unread.file_of(settings, 1).parent
    folder.mkdir()
    for number in range(1, unread.FILES + 2):
        unread.file_of(settings, number).touch()
    (folder / "notes.jsonl").touch()

    unread.keep(settings, 1000, [part(1)])

    kept = {file.name for file in folder.iterdir()}
    assert len(kept) == unread.FILES + 1
    assert {"1.jsonl", "2.jsonl"}.isdisjoint(kept)
    assert {"3.jsonl", "1000.jsonl", "notes.jsonl"} < kept


@pytest.mark.parametrize("state", [InspectionState.FINISHED, InspectionState.INCOMPLETE])
def test_no_room_for_the_list_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, state: InspectionState
) -> None:
    """Where it cannot be written, that is said, and the spool is cleared nevertheless."""
    settings = Settings(data=tmp_path)
    segment = settings.spool / "7" / "1" / "one-1000001.jsonl"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(to_json(BROKEN) + b"\n")
    unread.file_of(settings, 7).parent.touch()  # a file, where a folder should be
    ended = Inspection(
        id=7, source="a", platform="a", kind="full", given="", state=state, started_at=NOON, rulebook="1"
    )

    spooled.put_away(settings, ended, [part(1)])

    assert "no list of what was not read" in caplog.text
    assert not segment.exists()
