"""From segments to versions, findings and cases: what is stored, what is not, and what a person hears of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from scanner import audit
from scanner.errors import AlreadyRunning, InputError, StoreUnavailable, Unstorable
from scanner.inspection.intake import take_in
from scanner.inspection.records import IntakeCounts
from scanner.model import (
    CaseState,
    EvidenceRef,
    Failed,
    Fetched,
    Seller,
    Severity,
    Skipped,
)
from scanner.moderation import cases
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.store.tables import bad_lines, findings, listings, sellers, versions
from tests.fakes import (
    GRAVE,
    LATER,
    NOON,
    PLAIN,
    Intake,
    begin,
    fetched,
    gone,
    kinds,
    limit_disk,
    offer,
    only_case,
    unchanged,
    write_segment,
)

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def rows(store: Store) -> dict[str, int]:
    """How many rows there are in the tables that intake fills."""
    with store.reading() as tx:
        tables = (listings, versions, findings, sellers, bad_lines)
        return {t.name: tx._connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def test_what_is_found_becomes_a_case_with_all_that_belongs_to_it(store: Store, intake: Intake) -> None:
    """A flagged listing is stored with seller and findings, and waits in the queue; a plain one is only stored."""
    evidence = EvidenceRef(file="part-1.warc.gz", offset=7, sha256="0" * 64)
    counts = intake(Fetched(listing=offer("1", GRAVE), evidence=evidence), fetched("2", PLAIN, seller=Seller()))

    assert (counts.fetched, counts.new, counts.judged, counts.flagged, counts.opened) == (2, 2, 2, 1, 1)
    assert rows(store) == {"listings": 2, "versions": 2, "findings": 1, "sellers": 1, "bad_lines": 0}
    file = cases.show(store, only_case(store).id)
    assert (file.row.case.severity, file.row.case.state, file.row.title) == (Severity.S4, CaseState.OPEN, GRAVE)
    assert file.findings[0].spans[0].text in GRAVE
    assert file.version.listing == offer("1", GRAVE)
    assert file.version.evidence == msgspec.structs.replace(evidence, file="1/part-1.warc.gz")
    assert [event.kind for event in file.history] == ["case.opened"]
    assert audit.verify(store).is_sound


def test_an_unchanged_listing_is_neither_stored_nor_judged_nor_opened_again(store: Store, intake: Intake) -> None:
    """The second inspection of the same marketplace adds nothing."""
    intake(fetched("1", GRAVE), fetched("2"))
    before = rows(store)

    counts = intake(fetched("1", GRAVE, seen_at=NOON.replace(hour=18)), fetched("2"))

    assert (counts.same, counts.judged, counts.opened) == (2, 0, 0)
    assert rows(store) == before
    assert kinds(store) == ["case.opened"]


def test_a_change_is_a_new_version(store: Store, intake: Intake) -> None:
    """What the seller changed is stored beside what was there before."""
    intake(fetched("1"))

    counts = intake(fetched("1", price=Decimal(9)))

    assert (counts.changed, counts.judged, rows(store)["versions"], rows(store)["listings"]) == (1, 1, 2, 1)


def test_a_segment_taken_in_twice_changes_nothing(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """The cursor says that it was read; the same counts come back."""
    begin(store)
    segment = write_segment(tmp_path, fetched("1", GRAVE), fetched("2"))

    def take() -> IntakeCounts:
        return take_in(segment, store=store, rulebook=small_rulebook, inspection_id=1, partition="part")

    first = take()
    before = rows(store)

    assert take() == first
    assert rows(store) == before


@pytest.mark.parametrize("lines", [255, 256, 257, 512, 600])
def test_batches_join_without_a_seam(store: Store, intake: Intake, lines: int) -> None:
    """Segments of any length around the batch's are taken in whole."""
    counts = intake(*(fetched(str(number), GRAVE if number % 7 == 0 else PLAIN) for number in range(lines)))

    assert (counts.lines, counts.new, rows(store)["listings"]) == (lines, lines, lines)


def test_a_listing_twice_in_one_batch_ends_as_it_was_last(store: Store, intake: Intake) -> None:
    """The same content again is a duplicate, other content a version, in the order of the lines."""
    counts = intake(fetched("1", PLAIN), fetched("1", PLAIN), fetched("1", GRAVE), gone("1"), fetched("1", GRAVE))

    assert (counts.new, counts.duplicate, counts.changed, counts.gone) == (1, 2, 1, 1)
    assert (rows(store)["versions"], cases.show(store, 1).row.gone_at) == (2, None)
    assert kinds(store) == ["case.opened", "listing.gone", "listing.back"]


def test_another_attempt_at_a_partition_sees_no_duplicates(store: Store, intake: Intake) -> None:
    """What a lost attempt saw is the same listing, not one found twice."""
    intake(fetched("1"), attempt=1)

    assert intake(fetched("1"), again=True, attempt=2).again == 1
    assert intake(fetched("1"), again=True, attempt=2).duplicate == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "not_an_observation"),
        (b'{"type": "fetched"}', "not_an_observation"),
        (b'{"type": "fetched", "listing": {"platform": "demo", "listing_id": ""}}', "no_id"),
        (b'{"type": "gone", "platform": "", "listing_id": ""}', "no_id"),
        (b'{"type": "fetched", "listing": {"platform": "demo", "listing_id": "5\\u0000"}}', "no_id"),
        (b'{"type": "gone", "platform": "demo", "listing_id": "' + b"9" * 600 + b'"}', "id_too_long"),
        (b"\xff\xfe\x00", "not_an_observation"),
        (b"", "not_an_observation"),
        (
            b'{"type": "fetched", "listing": {"platform": "demo", "listing_id": "5", "title": "\\ud800"}}',
            "not_an_observation",
        ),
    ],
)
def test_a_bad_line_is_kept_and_does_not_stop_the_rest(store: Store, intake: Intake, line: bytes, reason: str) -> None:
    """It counts as failed with its reason, its number is on record, and the lines around it are taken in."""
    counts = intake(fetched("1"), line, fetched("2"))

    assert (counts.lines, counts.new, counts.bad, counts.failed) == (3, 2, 1, {reason: 1})
    with store.reading() as tx:
        kept = tx._connection.execute(select(bad_lines.c.line, bad_lines.c.reason)).one()
    assert tuple(kept) == (2, reason)


def test_a_segment_that_breaks_off_gives_all_but_its_last_line(
    store: Store, intake: Intake, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """A truncated file is read to where it is whole."""
    intake(fetched("0"))
    segment = write_segment(tmp_path / "cut", fetched("1"), fetched("2"))
    segment.write_bytes(segment.read_bytes()[:-30])

    counts = take_in(segment, store=store, rulebook=small_rulebook, inspection_id=1, partition="part")

    assert (counts.new, counts.bad) == (1, 1)


def test_a_segment_that_is_not_there_is_an_input_error(
    store: Store, intake: Intake, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """The message names the file."""
    intake(fetched("0"))

    with pytest.raises(InputError, match=r"lost\.jsonl: No such file"):
        take_in(tmp_path / "lost.jsonl", store=store, rulebook=small_rulebook, inspection_id=1, partition="part")


def test_failures_and_omissions_are_counted_by_reason(intake: Intake) -> None:
    """What was discovered and not read is on the ledger, which balances."""
    counts = intake(
        fetched("1"),
        Failed(url="http://127.0.0.1/2", reason="http_503"),
        Failed(url="http://127.0.0.1/3", reason="http_503"),
        Skipped(url="http://127.0.0.1/4", reason="limit"),
        gone("5"),
        unchanged("6"),
    )

    assert (counts.failed, counts.skipped, counts.gone, counts.unchanged) == (
        {"http_503": 2, "never_read": 1}, {"limit": 1}, 1, 0
    )  # fmt: skip
    assert counts.ledger.discovered == 6
    assert counts.ledger.is_balanced


def test_a_new_rulebook_judges_what_did_not_change(store: Store, intake: Intake, second_edition: Rulebook) -> None:
    """Seen again or only said to be unchanged: another rulebook judges the stored version, its findings kept apart."""
    intake(fetched("1", LATER), fetched("2", LATER), fetched("3", GRAVE))

    counts = intake(fetched("1", LATER), unchanged("2"), unchanged("3"), rulebook=second_edition)

    assert (counts.judged, counts.opened, counts.updated) == (3, 2, 0)
    assert rows(store)["versions"] == 3
    assert rows(store)["findings"] == 4  # the case of before keeps what the first edition found
    assert [len(cases.show(store, case).findings) for case in (1, 2, 3)] == [1, 1, 1]
    again = intake(fetched("1", LATER), unchanged("2"), rulebook=second_edition)
    assert (again.judged, again.opened) == (0, 0)


def test_a_seller_is_one_row_brought_up_to_date(store: Store, intake: Intake) -> None:
    """Ten listings of a seller, who then changes name: one seller."""
    intake(*(fetched(str(number)) for number in range(10)))
    intake(fetched("1", "茶杯", seller=Seller(id="s1", name="New Name")))

    with store.reading() as tx:
        assert [tuple(row) for row in tx._connection.execute(select(sellers.c.key, sellers.c.name))] == [
            ("id:s1", "New Name")
        ]


def test_two_platforms_may_use_the_same_id(store: Store, intake: Intake) -> None:
    """A listing is known by platform and id."""
    intake(fetched("1"), Fetched(listing=msgspec.structs.replace(offer("1"), platform="other")))

    assert rows(store)["listings"] == 2


def test_moments_without_zone_and_strange_characters_are_taken_in(store: Store, intake: Intake) -> None:
    """What platforms write without care is stored, not refused."""
    odd = Seller(id="s9", name="Sh\0op", registered_at=datetime(2020, 1, 1))  # noqa: DTZ001  # naive is the point
    counts = intake(fetched("1", GRAVE + "\0", seen_at=datetime(2026, 3, 1), seller=odd))  # noqa: DTZ001  # likewise

    assert (counts.new, counts.opened) == (1, 1)
    assert cases.show(store, 1).version.seen_at == NOON.replace(hour=0)


def test_a_listing_that_cannot_be_stored_does_not_stop_the_rest(store: Store, intake: Intake) -> None:
    """A moment that no calendar of ours has: that line is bad, whatever stands around it is taken in."""
    before_time = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))

    counts = intake(fetched("1", GRAVE), fetched("2", seen_at=before_time), fetched("3", GRAVE), gone("4"))

    assert (counts.lines, counts.new, counts.gone, counts.failed) == (4, 2, 1, {"not_storable": 1})
    assert rows(store)["bad_lines"] == 1
    assert cases.queue(store).total == 2


class Refusing:
    """A store whose driver takes no question about one of the listings."""

    def __init__(self, store: Any, listing_id: str) -> None:
        self._store = store
        self._listing_id = listing_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """What is read by is as particular."""
        with self._store.reading() as tx:
            yield Refusing(tx, self._listing_id)

    def known_listings(self, keys: Collection[tuple[str, str]]) -> Any:
        """Raises ``Unstorable`` if it is among them."""
        if any(listing_id == self._listing_id for _, listing_id in keys):
            raise Unstorable("such an id cannot be asked for")
        return self._store.known_listings(keys)


@pytest.mark.parametrize("place", [0, 300])
def test_a_listing_that_cannot_be_asked_for_does_not_stop_the_rest(
    store: Store, small_rulebook: Rulebook, tmp_path: Path, place: int
) -> None:
    """In the first batch or in one that is prepared ahead: that line alone is bad."""
    begin(store)
    segment = write_segment(tmp_path, *(fetched(str(number)) for number in range(400)))

    refusing: Any = Refusing(store, str(place))
    counts = take_in(segment, store=refusing, rulebook=small_rulebook, inspection_id=1, partition="part")

    assert (counts.lines, counts.new, counts.failed) == (400, 399, {"not_storable": 1})
    assert rows(store)["bad_lines"] == 1


def test_two_at_one_segment_do_not_both_take_it_in(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Whoever comes second finds the cursor moved, and writes nothing."""
    begin(store)
    segment = write_segment(tmp_path, fetched("1", GRAVE))
    moved = []

    def meddle() -> datetime:
        """Called at the beginning of the batch: somebody else is faster."""
        if not moved:
            moved.append(True)
            take_in(
                segment, store=store, rulebook=small_rulebook, inspection_id=1, partition="part", clock=lambda: NOON
            )
        return NOON

    with pytest.raises(AlreadyRunning):
        take_in(segment, store=store, rulebook=small_rulebook, inspection_id=1, partition="part", clock=meddle)

    assert rows(store)["versions"] == 1


@pytest.mark.databases("sqlite")  # whose size can be limited
def test_a_full_disk_is_survived(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Intake that ran out of disk goes on where it was when there is room again, nothing lost and nothing twice."""
    begin(store)
    text = "x" * 500
    segment = write_segment(tmp_path, *(fetched(str(n), GRAVE, description=text) for n in range(600)))

    def take() -> IntakeCounts:
        return take_in(segment, store=store, rulebook=small_rulebook, inspection_id=1, partition="part")

    limit_disk(store, pages=120)
    with pytest.raises(StoreUnavailable, match="full"):
        take()
    limit_disk(store, pages=1_000_000)

    assert take().lines == 600
    assert rows(store)["versions"] == 600
    assert cases.queue(store).total == 600
    assert audit.verify(store).is_sound


def test_a_seller_is_written_again_for_news_or_after_an_hour(store: Store, intake: Intake) -> None:
    """Not for every sighting; the first one after an hour, and another name at once."""

    def seen(hour: int, minute: int = 0, name: str = "Shop") -> tuple[str, int, int]:
        moment = NOON.replace(hour=hour, minute=minute)
        title = f"{GRAVE} {moment:%H%M}"
        intake(fetched("1", title, seller=Seller(id="s1", name=name), seen_at=moment))
        with store.reading() as tx:
            (one,) = tx.sellers_named("s1")
        return one.name, one.last_seen_at.hour, one.last_seen_at.minute

    assert seen(12) == ("Shop", 12, 0)
    assert seen(12, 59) == ("Shop", 12, 0)
    assert seen(13) == ("Shop", 13, 0)
    assert seen(13, 10, name="Other shop") == ("Other shop", 13, 10)
