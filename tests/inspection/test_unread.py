"""What was not read is named, address by address."""

from __future__ import annotations

from pathlib import Path

from scanner.inspection import unread
from scanner.model import Failed, Skipped
from scanner.records import PartitionRow, PartitionState
from scanner.settings import Settings
from spiders.job import to_json

TIMED_OUT, BROKEN, OFFSITE = (
    Failed(url="http://a.example/1", reason="time_out"),
    Failed(url="http://a.example/2", reason="unreadable", detail="no HTML in it"),
    Skipped(url="http://b.example/", reason="offsite"),
)


def test_only_what_the_last_attempt_left_out_is_named(tmp_path: Path) -> None:
    """What an earlier attempt failed on and a later one read is not on the list; where all was read there is none."""
    settings = Settings(data=tmp_path)
    for attempt, part, observations in (
        (1, "one", [TIMED_OUT]), (2, "one", [BROKEN, OFFSITE]), (1, "two", []), (1, "one_more", [TIMED_OUT]),
    ):  # fmt: skip
        folder = settings.spool / "7" / str(attempt)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{part}-{attempt}000001.jsonl").write_bytes(b"".join(to_json(one) + b"\n" for one in observations))
    rows = [
        PartitionRow(
            id=attempts, inspection_id=7, name=name, plan=b"", state=PartitionState.FINISHED, attempts=attempts
        )
        for name, attempts in (("one", 2), ("two", 1))
    ]
    unread.keep(settings, 7, rows)
    named = unread.file_of(settings, 7).read_bytes()
    assert named == to_json(BROKEN) + b"\n" + to_json(OFFSITE) + b"\n"
    unread.keep(settings, 8, rows)
    assert not unread.file_of(settings, 8).exists()
