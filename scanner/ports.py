"""What the use cases need of a store. The adapter is ``scanner.store.Store``; nothing here knows SQL.

A store gives transactions. Leaving one by an exception undoes all of it, so forgetting is safe; what a call of a
transaction returns is a frozen record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from scanner.inspection.records import Asked, Cursor, Inspection, InspectionState, IntakeCounts, PartitionRow
from scanner.model import Event, Finding, Ledger, Listing
from scanner.outside import Fingerprint, Mark, OnFile
from scanner.records import (
    Case,
    Decision,
    Entry,
    EventFilter,
    Head,
    KeptEvent,
    KnownListing,
    NewVersion,
    QueueFilter,
    QueuePage,
    QueueRow,
    Sighting,
    Takedown,
    Version,
)

T = TypeVar("T")

# Tells the time; tests move it.
Clock = Callable[[], datetime]


class HistoryRows(Protocol):
    """Append-only history."""

    def chain_head(self) -> Head:
        """The newest event as recorded apart from the events."""

    def append_event(self, entry: Entry) -> None:
        """Make an event of it, the next one of the history, when events are read in this transaction or it ends."""

    def all_events(self) -> Iterator[Event]:
        """All events in order of their number, a few at a time."""

    def kept_events(self) -> Iterator[KeptEvent]:
        """The same as they are kept."""

    def events_about(self, subject: str) -> tuple[Event, ...]:
        """The events of one subject, oldest first."""

    def events_page(self, wanted: EventFilter, *, limit: int, before: int = 0) -> tuple[Event, ...]:
        """The newest events that a filter lets through; with ``before`` those that come before that one."""


class WatchRows(HistoryRows, Protocol):
    """What the watch reads and writes."""

    def is_watching(self, *, at: datetime) -> bool:
        """Whether there is anything to be recognised."""

    def watch_secret(self) -> str:
        """The secret under which handles are hashed; empty if nothing was ever removed."""

    def make_watch_secret(self) -> str:
        """The same, made when it is first needed."""

    def add_fingerprint(self, fingerprint: Fingerprint, marks: Mapping[int, Mark]) -> Fingerprint | None:
        """Keep a fingerprint with its marks; ``None`` if there is one of the same decision."""

    def fingerprint_of(self, decision_id: int) -> Fingerprint | None:
        """What the listing that a decision removed is recognised by."""

    def end_fingerprint(self, fingerprint_id: int, *, at: datetime) -> None:
        """Nothing is recognised by it any more."""

    def marked(self, keys: Collection[int]) -> Mapping[int, Sequence[tuple[int, Mark]]]:
        """Whose marks these are: key -> ``(fingerprint's number, mark)``."""

    def fingerprints(self, numbers: Collection[int], *, at: datetime) -> Mapping[int, Fingerprint]:
        """Those of these that still count, by number."""

    def count_recognised(self, number: int) -> None:
        """Something was recognised by it once more."""

    def live_fingerprint_of(self, listing_row: int, *, at: datetime) -> Fingerprint | None:
        """The newest fingerprint of a listing that still counts."""

    def add_marks(self, fingerprint_id: int, marks: Mapping[int, Mark]) -> None:
        """Let a fingerprint be found by these marks too; those that it has already stay."""

    def looks_of(self, rows: Collection[int]) -> Mapping[int, Sequence[int]]:
        """What the pictures of listings look like that were kept of any of their versions, by the listing's row."""

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing. Raises ``NotFound``."""

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""


class PartyRows(WatchRows, Protocol):
    """What is on file of sellers, as intake asks for it."""

    def sellers_on_file(self, keys: Collection[tuple[str, str]], *, at: datetime) -> dict[tuple[str, str], OnFile]:
        """What is on file of sellers ``(platform, key)``; those of whom nothing is are left out."""

    def listings_on_file(self, rows: Collection[int], *, at: datetime) -> dict[int, OnFile]:
        """What is on file of the sellers of listings, by the listing's row."""

    def count_hits(self, hits: Mapping[int, int], *, at: datetime) -> None:
        """So many findings were not queued because of each exception."""


class IntakeRows(PartyRows, Protocol):
    """What intake reads and writes."""

    def inspection(self, inspection_id: int) -> Inspection:
        """One inspection. Raises ``NotFound``."""

    def cursor(self, inspection_id: int, partition: str, attempt: int, segment: str) -> Cursor:
        """How far a segment was read; at its beginning if it was never opened."""

    def move_cursor(self, before: Cursor, after: Cursor) -> bool:
        """Move it on. ``False`` if somebody else moved it first."""

    def add_bad_lines(self, cursor: Cursor, lines: Sequence[tuple[int, str, str]]) -> None:
        """Keep ``(line number, reason, beginning of the line)`` of what was no observation."""

    def known_listings(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], KnownListing]:
        """What is known of the listings ``(platform, listing_id)``, each with its latest case."""

    def latest_versions(self, rows: Collection[int]) -> dict[int, Version]:
        """The newest version of each listing, by the listing's row."""

    def add_versions(self, versions: Sequence[NewVersion], sighting: Sighting) -> dict[tuple[str, str], int]:
        """Store new versions with findings, their listings and sellers. Returns the rows of the listings."""

    def add_judgements(self, versions: Sequence[NewVersion]) -> None:
        """Store what another rulebook makes of versions that are there already."""

    def touch(self, rows: Sequence[tuple[int, datetime]], sighting: Sighting) -> None:
        """Listings were seen again as they are."""

    def keep_validators(self, rows: Sequence[tuple[int, str]]) -> None:
        """By what the platform can be asked whether listings have changed since they were seen."""

    def mark_gone(self, row: int, *, why: str, at: datetime, inspection_id: int) -> None:
        """The platform no longer shows a listing, as an inspection says."""

    def open_cases(self, new: Sequence[tuple[NewVersion, datetime]], *, source: str, at: datetime) -> list[Case]:
        """New cases on flagged versions, each with the moment by which it is due; filed when the transaction ends."""

    def save_cases(self, changed: Sequence[tuple[Case, Listing | None]]) -> bool:
        """Write cases whose revisions were raised by one. ``False`` if one is no longer the revision before that.

        With each what the version under review says, if that is at hand. Their places in the queue are written when the
        transaction ends; who asks for the queue before does not see them.
        """


class InspectionRows(IntakeRows, Protocol):
    """What an inspection reads and writes."""

    def start_inspection(
        self, *, source: str, platform: str, walker: str, kind: str, given: str, rulebook: str, at: datetime
    ) -> Inspection | None:
        """A new inspection, running; ``None`` if one of the source is running already."""

    def running_inspection(self, source: str) -> Inspection | None:
        """The newest inspection of a source that has not ended."""

    def recent_finished(self, source: str, *, limit: int) -> tuple[Inspection, ...]:
        """The newest inspections of a source that finished, the newest first."""

    def known_content(self, platform: str, *, source: str) -> Iterator[tuple[str, str, str, datetime | None]]:
        """Id, validator and content hash of every listing of a platform that is there, and since when it is known.

        That is the moment at which a finished inspection of ``source`` began that read what is stored. Of others there
        is none, and no validator: nobody's word is taken that they have not changed.
        """

    def gone_by(self, inspection_id: int) -> tuple[KnownListing, ...]:
        """The listings that an inspection found gone."""

    def unmark_gone(self, rows: Sequence[int]) -> None:
        """Listings are taken to be there again, seen by nobody."""

    def unseen_listings(self, inspection: Inspection, *, keepers: Collection[str]) -> tuple[KnownListing, ...]:
        """What earlier inspections of the same source saw last, and is not known to be gone.

        Also what they stored and a source that is none of ``keepers`` saw last, before this inspection began.
        """

    def end_inspection(
        self,
        inspection_id: int,
        *,
        state: InspectionState,
        reasons: Sequence[str],
        ledger: Ledger,
        counts: IntakeCounts,
        at: datetime,
    ) -> Inspection:
        """Close the row."""

    def asked_stop(self, inspection_id: int) -> Asked | None:
        """That somebody asked for the end of an inspection, if anybody did."""

    def take_asked(self, asked_id: int, *, at: datetime) -> bool:
        """What was asked is being done; ``False`` if somebody was faster."""

    def add_partitions(self, inspection_id: int, plans: Sequence[tuple[str, bytes]]) -> None:
        """The parts of an inspection, by name and plan."""

    def partitions(self, inspection_id: int) -> tuple[PartitionRow, ...]:
        """All parts in the order of the plan."""

    def lease_partition(
        self, partition: PartitionRow, *, worker: str, at: datetime, until: datetime
    ) -> PartitionRow | None:
        """Take a part that is open; ``None`` if it has been taken. Its token and attempts go up."""

    def renew_lease(self, partition: PartitionRow, *, until: datetime) -> bool:
        """Keep a leased part. ``False`` if the token is no longer ours."""

    def close_partition(self, partition: PartitionRow) -> bool:
        """Write how an attempt ended. ``False`` if the token is no longer ours."""

    def segment_counts(self, inspection_id: int) -> dict[tuple[str, int], IntakeCounts]:
        """What intake saw, by partition and attempt."""

    def flagged_by_category(self, inspection_id: int) -> dict[str, dict[str, int]]:
        """Listings seen in an inspection that are flagged: category -> severity -> how many."""

    def queue(self, wanted: QueueFilter, *, limit: int, after: str) -> QueuePage:
        """A page of the queue."""


# What a caller writes in the transaction of a use case, of what came of it; the caller knows the rows of its own store.
Along = Callable[[Any, T], None]


class CaseRows(HistoryRows, Protocol):
    """What working on cases reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""

    def queue(self, wanted: QueueFilter, *, limit: int, after: str) -> QueuePage:
        """A page of the queue."""

    def queue_row(self, case: Case) -> QueueRow:
        """A case as the queue shows it."""

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing."""

    def latest_versions(self, rows: Collection[int]) -> dict[int, Version]:
        """The newest version of each listing, by the listing's row."""

    def findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What the rulebook that judged a version last found in it."""

    def findings_ever(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What any rulebook has found in a version, each once, as it was found first."""

    def same_seller(self, case: Case, *, limit: int) -> tuple[QueueRow, ...]:
        """Other cases on listings of the same seller, the most urgent first."""

    def decisions(self, case_id: int) -> tuple[Decision, ...]:
        """The decisions on a case, oldest first."""

    def takedowns(self, case_id: int) -> tuple[Takedown, ...]:
        """The orders that came of a case, oldest first."""

    def add_decision(self, decision: Decision) -> Decision:
        """Append a decision; its number is given by the store."""

    def add_takedown(self, takedown: Takedown) -> Takedown:
        """Write an order into the outbox; its number is given by the store."""


class HistoryStore(Protocol):
    """A store whose history can be read."""

    def reading(self) -> AbstractContextManager[HistoryRows]:
        """One consistent view."""


class IntakeStore(Protocol):
    """A store that intake can write to."""

    def reading(self) -> AbstractContextManager[IntakeRows]:
        """One consistent view."""

    def transaction(self) -> AbstractContextManager[IntakeRows]:
        """All or nothing."""


class InspectionStore(Protocol):
    """A store that keeps inspections."""

    def reading(self) -> AbstractContextManager[InspectionRows]:
        """One consistent view."""

    def transaction(self) -> AbstractContextManager[InspectionRows]:
        """All or nothing."""


class CaseStore(Protocol):
    """A store that keeps cases."""

    def reading(self) -> AbstractContextManager[CaseRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[CaseRows]:
        """All or nothing; ``durable`` also survives a power cut."""
