"""A batch as counts: how many listings are new, changed, as they were, or were read twice."""

from __future__ import annotations

from collections import Counter

from scanner.inspection.health import alike_in, fields_of, method_of
from scanner.inspection.records import IntakeCounts
from scanner.inspection.segments import Batch, Key, key_of
from scanner.model import Failed, Fetched, Skipped, Unchanged
from scanner.records import KnownListing, Sighting

Known = dict[Key, KnownListing]

# Why a listing counts as failed that is said to be as it was, of which nothing is stored.
NEVER_READ = "never_read"


def counted(batch: Batch, known: Known, sighting: Sighting) -> IntakeCounts:
    """The batch as counts, before anything is judged. What nobody has read cannot be unchanged: it is failed."""
    kinds: Counter[str] = Counter()
    read = [one for one in batch.observations if isinstance(one, Fetched)]
    failed = Counter(one.reason for one in batch.observations if isinstance(one, Failed))
    failed.update(bad.reason for bad in batch.bad)
    strangers = sum(isinstance(one, Unchanged) and key_of(one) not in known for one in batch.observations)
    failed += Counter({NEVER_READ: strangers})
    for one in batch.observations:
        kinds[type(one).__name__] += 1
        if isinstance(one, Fetched):
            kinds[_novelty(one, known.get(key_of(one)), batch, sighting)] += 1
    return IntakeCounts(
        lines=len(batch.observations) + len(batch.bad),
        fetched=kinds["Fetched"],
        unchanged=kinds["Unchanged"] - strangers,
        gone=kinds["Gone"],
        failed=dict(failed),
        skipped=dict(Counter(one.reason for one in batch.observations if isinstance(one, Skipped))),
        bad=len(batch.bad),
        new=kinds["new"],
        changed=kinds["changed"],
        same=kinds["same"],
        again=kinds["again"],
        duplicate=kinds["duplicate"],
        fields=dict(Counter(name for one in read for name in fields_of(one))),
        methods=dict(Counter(method for one in read if (method := method_of(one)))),
        alike=alike_in(read),
    )


def _novelty(one: Fetched, before: KnownListing | None, batch: Batch, sighting: Sighting) -> str:
    """What another attempt at the same partition saw is no duplicate: the partition is crawled anew."""
    if before is None:
        return "new"
    if not is_same(one, before, batch):
        return "changed"
    seen = before.seen
    if seen.inspection_id != sighting.inspection_id:
        return "same"
    return "again" if seen.partition == sighting.partition and seen.attempt != sighting.attempt else "duplicate"


def is_same(one: Fetched, before: KnownListing | None, batch: Batch) -> bool:
    """Whether a listing says what is stored of it."""
    return before is not None and before.content_hash == batch.hashes[key_of(one)]
