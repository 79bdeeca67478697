"""Segments appear whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from warcio.archiveiterator import ArchiveIterator

from scanner.model import EvidenceRef, Failed, Fetched, Gone, Listing, Observation, Skipped, Unchanged
from spiders.coverage import Coverage
from spiders.evidence import Evidence
from spiders.spool import Spool, segments


def skipped(number: int) -> Skipped:
    """An observation."""
    return Skipped(url=f"http://shop.test/{number}", reason="duplicate")


def test_a_segment_appears_when_it_is_full(tmp_path: Path) -> None:
    """Before that there is only a part, which is no segment."""
    with Spool(tmp_path, "p", lines=3) as spool:
        spool.write(skipped(1))
        spool.write(skipped(2))
        assert segments(tmp_path) == []
        spool.write(skipped(3))
        assert [path.name for path in segments(tmp_path)] == ["p-01000001.jsonl"]
        spool.write(skipped(4))
    assert [len(path.read_bytes().splitlines()) for path in segments(tmp_path)] == [3, 1]
    assert list(tmp_path.glob("*.part")) == []


def test_a_segment_appears_after_a_while(tmp_path: Path) -> None:
    """A slow crawl does not keep its lines to itself."""
    now = [0.0]
    with Spool(tmp_path, "p", lines=100, seconds=5, clock=lambda: now[0]) as spool:
        spool.write(skipped(1))
        spool.tick()
        assert segments(tmp_path) == []
        now[0] = 5.0
        spool.tick()
        assert len(segments(tmp_path)) == 1


def test_an_error_drops_the_open_segment(tmp_path: Path) -> None:
    """What was not closed is written again by the next attempt, under another name, and the old part goes."""
    with pytest.raises(OSError, match="full"):
        fill(Spool(tmp_path, "p", lines=2))
    assert len(segments(tmp_path)) == 1
    assert len(list(tmp_path.glob("*.part"))) == 1
    with Spool(tmp_path, "p", attempt=2) as spool:
        spool.write(skipped(9))
    assert [path.name for path in segments(tmp_path)] == ["p-01000001.jsonl", "p-02000001.jsonl"]
    assert list(tmp_path.glob("*.part")) == []


def fill(spool: Spool) -> None:
    """Write until the disk is full."""
    with spool:
        for number in range(3):
            spool.write(skipped(number))
        raise OSError("disk full")


def test_partitions_do_not_touch_each_other(tmp_path: Path) -> None:
    """A name that begins like another's is not that other."""
    other = tmp_path / "p-x-01000001.jsonl.part"
    other.write_bytes(b"somebody else's")
    with Spool(tmp_path, "p") as spool:
        spool.write(skipped(1))
    assert other.exists()
    assert segments(tmp_path, "p-x") == []
    assert len(segments(tmp_path, "p")) == 1


def test_evidence_is_safe_before_its_segment_shows(tmp_path: Path) -> None:
    """What a segment refers to is on disk when the segment appears."""
    order: list[str] = []
    with Spool(
        tmp_path, "p", lines=1, before_close=lambda: order.append(f"{len(segments(tmp_path))} segments")
    ) as spool:
        spool.write(skipped(1))
    assert order == ["0 segments"]


def test_every_kind_of_observation_comes_back(tmp_path: Path) -> None:
    """A line is one observation, whatever its kind."""
    kinds: list[Observation] = [
        Fetched(
            listing=Listing(platform="p", listing_id="1", title="a\nb"),
            evidence=EvidenceRef(file="f", offset=1, sha256="0"),
        ),
        Unchanged(platform="p", listing_id="2"),
        Gone(platform="p", listing_id="3", why="404"),
        Failed(url="u", reason="time_out"),
        skipped(1),
    ]
    with Spool(tmp_path, "p") as spool:
        for one in kinds:
            spool.write(one)
    lines = segments(tmp_path)[0].read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Observation) for line in lines] == kinds


def test_the_ledger_counts_discoveries_apart_from_outcomes() -> None:
    """An outcome that is missing shows as an imbalance."""
    coverage = Coverage()
    assert coverage.discover("a")
    assert coverage.discover("b")
    assert not coverage.discover("a")
    coverage.count(skipped(1))
    assert coverage.settle("a")
    coverage.count(Failed(url="a", reason="time_out"))
    assert not coverage.statement().is_balanced
    assert not coverage.settle("a")
    assert coverage.open == 1
    coverage.count(Failed(url="b", reason="unanswered"))
    ledger = coverage.statement()
    assert ledger.is_balanced
    assert (ledger.discovered, ledger.failed) == (3, {"time_out": 1, "unanswered": 1})


def test_a_record_lies_where_its_reference_says(tmp_path: Path) -> None:
    """Bodies are kept as sent, compressed or not; a record without a body and odd headers do no harm."""
    now = datetime.now(UTC)
    bodies = [b"<html>one</html>", b"\x1f\x8bnot really gzip", b""]
    with Evidence(tmp_path, "p", attempt=3) as evidence:
        refs = [
            evidence.keep("http://shop.test/ü", status=200, headers=[("X-Odd", "é\n")], body=body, seen_at=now)
            for body in bodies
        ]
    for ref, body in zip(refs, bodies, strict=True):
        with (tmp_path / "p-3.warc.gz").open("rb") as file:
            file.seek(ref.offset)
            record = next(iter(ArchiveIterator(file)))
            assert record.content_stream().read() == body
    assert not list(tmp_path.glob("*.part"))
