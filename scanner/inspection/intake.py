"""Segments -> versions, findings, cases, cursor: one transaction for each batch of 256 lines.

A listing is stored again only when its content changed, and judged again only when its content or the rulebook did.
What becomes of it and how far the segment was read are committed together. So intake may be killed anywhere and run
again: nothing is lost and nothing is there twice.

Matching happens before the transaction, so that nobody waits for the database meanwhile; what another process changed
between the two is judged again inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from scanner import audit
from scanner.errors import AlreadyRunning, Conflict, InputError, Unstorable
from scanner.inspection.changes import is_poorer
from scanner.inspection.filing import Filing
from scanner.inspection.health import alike_in, fields_of, method_of
from scanner.inspection.judging import Bench, Files, Said, Verdict, hits_of
from scanner.inspection.segments import BadLine, Batch, Key, key_of, read_batch
from scanner.model import Failed, Fetched, Gone, Observation, Skipped, Unchanged
from scanner.outside import OnFile
from scanner.ports import Clock, IntakeRows, IntakeStore
from scanner.records import Case, Cursor, IntakeCounts, KnownListing, NewVersion, Sighting, Version
from scanner.rulebook import Rulebook
from scanner.sellers import relist
from scanner.workflow import CaseChange

# So often is a batch taken in anew because somebody else has come between.
_TRIES = 8

# What the name of a segment's second reading ends in.
HELD = "+held"
Known = dict[Key, KnownListing]


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
            while not cursor.is_done:
                cursor = desk.take_in_next(file, cursor)
    except OSError as error:
        raise InputError(
            f"{segment}: {error.strerror}", hint="Run the inspection again: it crawls what is missing."
        ) from error
    return cursor.counts


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

    def take_in_next(self, file: BinaryIO, cursor: Cursor) -> Cursor:
        """The next batch. If it holds something that cannot be stored, its lines one by one, and that one is bad."""
        batch = read_batch(file, cursor)
        try:
            return self.take_in(batch, cursor)
        except Unstorable:
            while cursor.lines < batch.lines:
                cursor = self._take_in_one(read_batch(file, cursor, most=1), cursor)
            return cursor

    def _take_in_one(self, batch: Batch, cursor: Cursor) -> Cursor:
        try:
            return self.take_in(batch, cursor)
        except Unstorable as error:
            bad = BadLine(line=batch.lines, reason="not_storable", beginning=str(error)[:200])
            return self.take_in(msgspec.structs.replace(batch, observations=(), hashes={}, bad=(bad,)), cursor)

    def take_in(self, batch: Batch, cursor: Cursor) -> Cursor:
        """One batch in one transaction; returns where the segment stands after it.

        What another machine stored at the same moment, or a person decided, is read and judged anew. Raises
        ``Conflict`` if that happens again and again.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._take_in_once(batch, cursor)
            except Conflict:
                continue
        return self._take_in_once(batch, cursor)

    def _take_in_once(self, batch: Batch, cursor: Cursor) -> Cursor:
        at = self._clock()
        with self._store.reading() as tx:
            known = tx.known_listings(batch.keys)
            files = self._bench.files(tx, batch.observations, known, at=at)
            verdicts = self._bench.verdicts(tx, self._to_judge(tx, batch, known, files, at), {}, at=at)
        with self._store.transaction() as tx:
            known = tx.known_listings(batch.keys)
            said = self._to_judge(tx, batch, known, files, at)
            verdicts = self._bench.verdicts(tx, said, verdicts, at=at)
            poorer = self._poorer(tx, said, verdicts)
            if self._is_healthy:
                counts = self._judged(tx, [one for one in said if one.listing_row in poorer], verdicts, known, at)
            else:
                counts = _count(batch, known, self._sighting) + IntakeCounts(held=len(poorer))
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
            if isinstance(one, Fetched) and not _is_same(one, before, batch):
                said.append(_said(one, before, batch, on_file, folder=self._sighting.inspection_id, at=at))
            elif isinstance(one, Fetched | Unchanged) and before and before.judged_by != self._bench.name(on_file):
                stale.append((before, on_file))
        stored = tx.latest_versions([before.id for before, _ in stale]) if stale else {}
        return said + [_as_stored(stored[before.id], before, on_file) for before, on_file in stale]

    def _poorer(self, tx: IntakeRows, said: Sequence[Said], verdicts: dict[str, Verdict]) -> frozenset[int]:
        """The rows of changed listings that say less than before, and in which nothing is found."""
        changed = [one for one in said if one.listing_row and not one.is_stored and verdicts[one.hash].triage is None]
        stored = tx.latest_versions([one.listing_row for one in changed]) if changed else {}
        return frozenset(one.listing_row for one in changed if is_poorer(stored[one.listing_row].listing, one.listing))

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
        """Listings that are there as they were, or are held, and listings that are gone."""
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
                if isinstance(one, Fetched) and one.validator != before.validator:
                    renewed.append((before.id, one.validator))
            if isinstance(one, Fetched | Unchanged) and before.is_gone:
                _note(tx, before, "listing.back", at)
        tx.touch(there, self._sighting)
        tx.keep_validators(renewed)


def _placed(version: NewVersion, rows: Mapping[Key, int], known: Known) -> tuple[NewVersion, Case | None]:
    """A version with the row of its listing, and that listing's latest case."""
    key = version.listing.platform, version.listing.listing_id
    placed = version if version.listing_row else msgspec.structs.replace(version, listing_row=rows[key])
    return placed, known[key].case if key in known else None


def _is_there(one: Observation, before: KnownListing, batch: Batch, poorer: Collection[int]) -> bool:
    """Whether a listing was read, and no version of it was stored."""
    return isinstance(one, Fetched) and (before.id in poorer or _is_same(one, before, batch))


def _is_same(one: Fetched, before: KnownListing | None, batch: Batch) -> bool:
    return before is not None and before.content_hash == batch.hashes[key_of(one)]


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


def _count(batch: Batch, known: Known, sighting: Sighting) -> IntakeCounts:
    """The batch as counts, before anything is judged."""
    kinds: Counter[str] = Counter()
    read = [one for one in batch.observations if isinstance(one, Fetched)]
    failed = Counter(one.reason for one in batch.observations if isinstance(one, Failed))
    failed.update(bad.reason for bad in batch.bad)
    for one in batch.observations:
        kinds[type(one).__name__] += 1
        if isinstance(one, Fetched):
            kinds[_novelty(one, known.get(key_of(one)), batch, sighting)] += 1
    return IntakeCounts(
        lines=len(batch.observations) + len(batch.bad),
        fetched=kinds["Fetched"],
        unchanged=kinds["Unchanged"],
        gone=kinds["Gone"],
        failed=dict(failed),
        skipped=dict(Counter(one.reason for one in batch.observations if isinstance(one, Skipped))),
        bad=len(batch.bad),
        new=kinds["new"],
        changed=kinds["changed"],
        same=kinds["same"],
        duplicate=kinds["duplicate"],
        fields=dict(Counter(name for one in read for name in fields_of(one))),
        methods=dict(Counter(method for one in read if (method := method_of(one)))),
        alike=alike_in(read),
    )


def _novelty(one: Fetched, before: KnownListing | None, batch: Batch, sighting: Sighting) -> str:
    """What another attempt at the same partition saw is no duplicate: the partition is crawled anew."""
    if before is None:
        return "new"
    if not _is_same(one, before, batch):
        return "changed"
    seen = before.seen
    is_repeat = seen.inspection_id == sighting.inspection_id and seen.partition == sighting.partition
    if seen.inspection_id != sighting.inspection_id or (is_repeat and seen.attempt != sighting.attempt):
        return "same"
    return "duplicate"


def _advanced(cursor: Cursor, batch: Batch, counts: IntakeCounts) -> Cursor:
    return msgspec.structs.replace(
        cursor, offset=batch.offset, lines=batch.lines, is_done=batch.is_last, counts=cursor.counts + counts
    )
