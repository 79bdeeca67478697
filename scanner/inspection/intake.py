"""Segments -> versions, findings, cases, cursor: one transaction for each batch of 256 lines.

A listing is stored again only when its content changed, and judged again only when its content or the rulebook did.
What becomes of it and how far the segment was read are committed together. So intake may be killed anywhere and run
again: nothing is lost and nothing is there twice.

Matching happens before the transaction, so that nobody waits for the database meanwhile, and of the segment's next
batch while one is written; what somebody changed between the two is judged again inside. Segments of feeds and saved
pages hold several batches, those of a crawl over the network one: of these nothing is prepared ahead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from scanner import audit
from scanner.errors import AlreadyRunning, Conflict, InputError, Unstorable
from scanner.inspection.changes import is_poorer
from scanner.inspection.counting import Known, counted, is_same
from scanner.inspection.filing import Filing
from scanner.inspection.judging import Bench, Files, Said, Verdict, hits_of
from scanner.inspection.records import Cursor, IntakeCounts
from scanner.inspection.segments import BadLine, Batch, Key, key_of, read_batch
from scanner.model import Fetched, Gone, Observation, Unchanged
from scanner.outside import OnFile
from scanner.ports import Clock, IntakeRows, IntakeStore
from scanner.records import Case, KnownListing, NewVersion, Sighting, Version
from scanner.rulebook import Rulebook
from scanner.sellers import relist
from scanner.workflow import CaseChange

# So often is a batch taken in anew because somebody else has come between.
_TRIES = 8

# What the name of a segment's second reading ends in.
HELD = "+held"


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def take_in(
    segment: Path,
    *,
    store: IntakeStore,
    rulebook: Rulebook,
    inspection_id: int,
    partition: str,
    attempt: int = 1,
    clock: Clock = now,
    is_healthy: bool = False,
) -> IntakeCounts:
    """Take in what is left of a closed segment, and return what the whole of it held.

    A changed listing that says less than before, and of which the rulebook finds nothing, is held: a page function that
    has gone blind would make such of every page. Once the inspection is known to be healthy, the segment is read
    again (``is_healthy``) for what was held.

    Done again, it changes nothing. Raises ``InputError`` if the segment cannot be read, ``AlreadyRunning`` if somebody
    else is taking it in, ``StoreUnavailable`` as the store does.
    """
    with store.reading() as tx:
        source = tx.inspection(inspection_id).source
        cursor = tx.cursor(inspection_id, partition, attempt, f"{segment.name}{HELD if is_healthy else ''}")
    sighting = Sighting(inspection_id=inspection_id, partition=partition, attempt=attempt)
    desk = Desk(store=store, rulebook=rulebook, source=source, sighting=sighting, clock=clock, is_healthy=is_healthy)
    try:
        with segment.open("rb") as file:
            cursor = desk.take_in_all(file, cursor)
    except OSError as error:
        raise InputError(
            f"{segment}: {error.strerror}", hint="Run the inspection again: it crawls what is missing."
        ) from error
    return cursor.counts


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What was read and judged for a batch before its transaction, at a moment ``at``.

    ``stored`` are the newest versions of listings that were changed, by the listings' rows.
    """

    batch: Batch
    at: datetime
    files: Files
    verdicts: dict[str, Verdict]
    stored: dict[int, Version]


class Desk:
    """Intake's working place for one segment: the store, the rulebook, and whose sighting it is."""

    def __init__(
        self,
        *,
        store: IntakeStore,
        rulebook: Rulebook,
        source: str,
        sighting: Sighting,
        clock: Clock,
        is_healthy: bool = False,
    ) -> None:
        self._store = store
        self._bench = Bench(rulebook)
        self._source = source
        self._sighting = sighting
        self._clock = clock
        self._is_healthy = is_healthy

    def take_in_all(self, file: BinaryIO, cursor: Cursor) -> Cursor:
        """What is left of the segment. If a batch holds something that cannot be stored, or not even asked for, its
        lines are taken in one by one, and that one is bad."""
        with closing(self._prepared_ahead(file, cursor)) as batches:
            for batch, prepared in batches:
                try:
                    cursor = self.take_in(prepared.result(), cursor)
                except Unstorable:
                    while cursor.lines < batch.lines:
                        cursor = self._take_in_one(read_batch(file, cursor, most=1), cursor)
        return cursor

    def _prepared_ahead(self, file: BinaryIO, cursor: Cursor) -> Generator[tuple[Batch, Future[Prepared]]]:
        """The batches one after another, each prepared while the one before it is written."""
        with ThreadPoolExecutor(max_workers=1) as ahead:
            batch = None if cursor.is_done else read_batch(file, cursor)
            prepared = batch and ahead.submit(self._prepared, batch)
            while batch and prepared:
                start = msgspec.structs.replace(cursor, offset=batch.offset, lines=batch.lines)
                following = None if batch.is_last else read_batch(file, start)
                next_prepared = following and ahead.submit(self._prepared, following)
                yield batch, prepared
                batch, prepared = following, next_prepared

    def _take_in_one(self, batch: Batch, cursor: Cursor) -> Cursor:
        try:
            return self.take_in(self._prepared(batch), cursor)
        except Unstorable as error:
            bad = BadLine(line=batch.lines, reason="not_storable", beginning=str(error)[:200])
            without = msgspec.structs.replace(batch, observations=(), hashes={}, bad=(bad,))
            return self.take_in(self._prepared(without), cursor)

    def take_in(self, prepared: Prepared, cursor: Cursor) -> Cursor:
        """One batch in one transaction; returns where the segment stands after it.

        What another machine stored at the same moment, or a person decided, is read and judged anew. Raises
        ``Conflict`` if that happens again and again.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._written(prepared, cursor)
            except Conflict:
                prepared = self._prepared(prepared.batch)
        return self._written(prepared, cursor)

    def _prepared(self, batch: Batch) -> Prepared:
        """Whatever takes long and writes nothing."""
        at = self._clock()
        with self._store.reading() as tx:
            known = tx.known_listings(batch.keys)
            files = self._bench.files(tx, batch.observations, known, at=at)
            said = self._to_judge(tx, batch, known, files, at)
            verdicts = self._bench.verdicts(tx, said, {}, at=at)
            stored = _stored(tx, _changed(said, verdicts), {})
        return Prepared(batch=batch, at=at, files=files, verdicts=verdicts, stored=stored)

    def _written(self, prepared: Prepared, cursor: Cursor) -> Cursor:
        batch, at = prepared.batch, prepared.at
        with self._store.transaction() as tx:
            known = tx.known_listings(batch.keys)
            said = self._to_judge(tx, batch, known, prepared.files, at)
            verdicts = self._bench.verdicts(tx, said, prepared.verdicts, at=at)
            poorer = _poorer(tx, _changed(said, verdicts), prepared.stored)
            if self._is_healthy:
                counts = self._judged(tx, [one for one in said if one.listing_row in poorer], verdicts, known, at)
            else:
                counts = counted(batch, known, self._sighting) + IntakeCounts(held=len(poorer))
                counts += self._judged(tx, [one for one in said if one.listing_row not in poorer], verdicts, known, at)
                self._seen_again(tx, batch, known, poorer, at)
            after = _advanced(cursor, batch, counts)
            tx.add_bad_lines(after, [(bad.line, bad.reason, bad.beginning) for bad in batch.bad])
            if not tx.move_cursor(cursor, after):
                raise AlreadyRunning(f"{cursor.segment}: somebody else is taking it in")
        return after

    def _to_judge(self, tx: IntakeRows, batch: Batch, known: Known, files: Files, at: datetime) -> list[Said]:
        """What must be judged: content that is new, and stored content that others judged last: another rulebook, or
        this one when something else was on file of the seller."""
        said: list[Said] = []
        stale: list[tuple[KnownListing, OnFile | None]] = []
        for one in batch.observations:
            before = known.get(key_of(one))
            on_file = files.of(one, before)
            if isinstance(one, Fetched) and not is_same(one, before, batch):
                said.append(_said(one, before, batch, on_file, folder=self._sighting.inspection_id, at=at))
            elif isinstance(one, Fetched | Unchanged) and before and before.judged_by != self._bench.name(on_file):
                stale.append((before, on_file))
        stored = tx.latest_versions([before.id for before, _ in stale]) if stale else {}
        return said + [_as_stored(stored[before.id], before, on_file) for before, on_file in stale]

    def _judged(
        self, tx: IntakeRows, said: Sequence[Said], verdicts: dict[str, Verdict], known: Known, at: datetime
    ) -> IntakeCounts:
        """Store what is new, what was found in it, and file the cases."""
        versions = [self._version(one, verdicts[one.hash]) for one in said]
        stored = {one.hash for one in said if one.is_stored}
        fresh = [version for version in versions if version.content_hash not in stored]
        rows = tx.add_versions(fresh, self._sighting)
        tx.add_judgements([version for version in versions if version.content_hash in stored])
        judged = [_placed(version, rows, known) for version in versions]
        filed = Filing(tx, source=self._source, at=at).file(judged)
        for version, one in zip(versions, filed, strict=True):
            likeness = verdicts[version.content_hash].likeness
            if likeness is not None and one.case is not None:
                # What is like a removed listing says so on its case, which goes the fast way.
                relist.cite(tx, one.case, likeness, at=at)
        done = Counter(one.change for one in filed)
        tx.count_hits(hits_of([verdicts[one.hash] for one in said]), at=at)
        return IntakeCounts(
            judged=len(versions),
            flagged=sum(version.triage is not None for version in versions),
            opened=done[CaseChange.OPEN],
            updated=done[CaseChange.UPDATE],
            reopened=done[CaseChange.REOPEN],
        )

    @staticmethod
    def _version(said: Said, verdict: Verdict) -> NewVersion:
        return NewVersion(
            listing=said.listing,
            content_hash=said.hash,
            number=said.number,
            seen_at=said.seen_at,
            evidence=said.evidence,
            findings=verdict.findings,
            triage=verdict.triage,
            judged_by=verdict.judged_by,
            listing_row=said.listing_row,
            validator=said.validator,
        )

    def _seen_again(self, tx: IntakeRows, batch: Batch, known: Known, poorer: Collection[int], at: datetime) -> None:
        """Listings that are there as they were, or are held, and listings that are gone.

        A new validator is that of what is stored. Of a held listing none is kept, or the platform would be asked by
        what nobody has taken in.
        """
        there: list[tuple[int, datetime]] = []
        renewed: list[tuple[int, str]] = []
        for one in batch.observations:
            before = known.get(key_of(one))
            if before is None:
                continue
            if isinstance(one, Gone) and not before.is_gone:
                gone_at = _aware(one.seen_at) or at
                inspection_id = self._sighting.inspection_id
                tx.mark_gone(before.id, why=one.why, at=gone_at, inspection_id=inspection_id)
                _note(tx, before, "listing.gone", at, why=one.why)
            elif isinstance(one, Unchanged) or _is_there(one, before, batch, poorer):
                seen_at = one.listing.seen_at if isinstance(one, Fetched) else None
                there.append((before.id, _aware(seen_at) or at))
                if isinstance(one, Fetched) and before.id not in poorer and one.validator != before.validator:
                    renewed.append((before.id, one.validator))
            if isinstance(one, Fetched | Unchanged) and before.is_gone:
                _note(tx, before, "listing.back", at)
        tx.touch(there, self._sighting)
        tx.keep_validators(renewed)


def _changed(said: Sequence[Said], verdicts: Mapping[str, Verdict]) -> list[Said]:
    """Listings that say something else than before, and in which nothing is found."""
    return [one for one in said if one.listing_row and not one.is_stored and verdicts[one.hash].triage is None]


def _stored(tx: IntakeRows, changed: Sequence[Said], read: Mapping[int, Version]) -> dict[int, Version]:
    """The versions before these, by the listings' rows; those that were ``read`` already are taken from there."""
    found = {
        one.listing_row: before for one in changed if (before := read.get(one.listing_row)) and _is_next(one, before)
    }
    missing = [one.listing_row for one in changed if one.listing_row not in found]
    return found | (tx.latest_versions(missing) if missing else {})


def _is_next(one: Said, before: Version) -> bool:
    return one.number == before.number + 1


def _poorer(tx: IntakeRows, changed: Sequence[Said], read: Mapping[int, Version]) -> frozenset[int]:
    """The rows of those that say less than before."""
    stored = _stored(tx, changed, read)
    return frozenset(one.listing_row for one in changed if is_poorer(stored[one.listing_row].listing, one.listing))


def _placed(version: NewVersion, rows: Mapping[Key, int], known: Known) -> tuple[NewVersion, Case | None]:
    """A version with the row of its listing, and that listing's latest case."""
    key = version.listing.platform, version.listing.listing_id
    placed = version if version.listing_row else msgspec.structs.replace(version, listing_row=rows[key])
    return placed, known[key].case if key in known else None


def _is_there(one: Observation, before: KnownListing, batch: Batch, poorer: Collection[int]) -> bool:
    """Whether a listing was read, and no version of it was stored."""
    return isinstance(one, Fetched) and (before.id in poorer or is_same(one, before, batch))


def _said(
    one: Fetched, before: KnownListing | None, batch: Batch, on_file: OnFile | None, *, folder: int, at: datetime
) -> Said:
    """Evidence lies in a folder for each inspection, of which the crawl knows nothing."""
    return Said(
        listing=one.listing,
        hash=batch.hashes[key_of(one)],
        number=before.number + 1 if before else 1,
        seen_at=_aware(one.listing.seen_at) or at,
        evidence=one.evidence and msgspec.structs.replace(one.evidence, file=f"{folder}/{one.evidence.file}"),
        listing_row=before.id if before else 0,
        validator=one.validator,
        on_file=on_file,
    )


def _as_stored(version: Version, before: KnownListing, on_file: OnFile | None) -> Said:
    return Said(
        listing=version.listing,
        hash=version.content_hash,
        number=version.number,
        seen_at=version.seen_at,
        listing_row=before.id,
        is_stored=True,
        on_file=on_file,
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A moment that was given without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _note(tx: IntakeRows, listing: KnownListing, kind: str, at: datetime, **data: object) -> None:
    """Whoever works on a case of the listing hears of it; a listing without a case has only its row."""
    if listing.case is not None:
        subject = f"case:{listing.case.id}"
        name = {"platform": listing.platform, "listing_id": listing.listing_id}
        audit.append(tx, actor=audit.SYSTEM, kind=kind, subject=subject, at=at, **name, **data)


def _advanced(cursor: Cursor, batch: Batch, counts: IntakeCounts) -> Cursor:
    return msgspec.structs.replace(
        cursor, offset=batch.offset, lines=batch.lines, is_done=batch.is_last, counts=cursor.counts + counts
    )
