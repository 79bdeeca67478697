"""Whether an inspection saw all there was to see: ledgers added up, compared with what intake saw, and judged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scanner.inspection.records import InspectionState, IntakeCounts, PartitionRow, PartitionState
from scanner.model import Ledger

# More failures than this share of what was discovered, and the inspection has not seen enough.
MOST_FAILED = 0.1


def total(ledgers: Iterable[Ledger]) -> Ledger:
    """The ledgers of the parts as one. It expects something only if all parts do."""
    ledgers = tuple(ledgers)
    expected = [ledger.expected for ledger in ledgers if ledger.expected is not None]
    return Ledger(
        discovered=sum(ledger.discovered for ledger in ledgers),
        fetched=sum(ledger.fetched for ledger in ledgers),
        unchanged=sum(ledger.unchanged for ledger in ledgers),
        gone=sum(ledger.gone for ledger in ledgers),
        failed=_by_reason(ledger.failed for ledger in ledgers),
        skipped=_by_reason(ledger.skipped for ledger in ledgers),
        expected=sum(expected) if expected and len(expected) == len(ledgers) else None,
        pages=sum(ledger.pages for ledger in ledgers),
        bytes=sum(ledger.bytes for ledger in ledgers),
    )


def differences(crawled: Ledger, seen: IntakeCounts) -> tuple[str, ...]:
    """What the crawl says that it wrote and intake did not see, or the other way round, in words."""
    pairs = (
        ("fetched", crawled.fetched, seen.fetched),
        ("unchanged", crawled.unchanged, seen.unchanged),
        ("gone", crawled.gone, seen.gone),
        ("failed", sum(crawled.failed.values()), sum(seen.failed.values())),
        ("skipped", sum(crawled.skipped.values()), sum(seen.skipped.values())),
    )
    return tuple(
        f"{name}: {wrote} in the crawl's ledger, {took} taken in" for name, wrote, took in pairs if wrote != took
    )


def judge(
    partitions: Sequence[PartitionRow], *, is_limited: bool, most_failed: float = MOST_FAILED
) -> tuple[InspectionState, tuple[str, ...]]:
    """How an inspection ended, and every reason why it is not ``finished``.

    1. Failed: no partition was crawled to its end.
    2. Incomplete: some partition was not crawled to its end.
    3. Incomplete: a partition's ledger does not balance, or is not what intake saw.
    4. Incomplete: nothing was discovered at all.
    5. Incomplete: more than a tenth of what was discovered could not be read.
    6. Incomplete: the platform counts more listings than were discovered, and no limit explains it.
    7. Finished: everything else. Failures and omissions are on the ledger, with their reasons.
    """
    ledger = total(partition.ledger for partition in partitions)
    reasons = [*_unfinished(partitions), *_unbalanced(partitions)]
    failed = sum(ledger.failed.values())
    if not ledger.discovered:
        reasons.append("nothing was discovered")
    elif failed > most_failed * ledger.discovered:
        reasons.append(f"{failed} of {ledger.discovered} discovered could not be read")
    if ledger.expected is not None and ledger.expected > ledger.discovered and not is_limited:
        reasons.append(f"the platform counts {ledger.expected} listings, {ledger.discovered} were discovered")
    if not any(partition.state is PartitionState.FINISHED for partition in partitions):
        return InspectionState.FAILED, tuple(reasons)
    return (InspectionState.INCOMPLETE if reasons else InspectionState.FINISHED), tuple(reasons)


def _unfinished(partitions: Iterable[PartitionRow]) -> Iterator[str]:
    for partition in partitions:
        if partition.state is not PartitionState.FINISHED:
            why = f" ({partition.detail})" if partition.detail else ""
            yield f"{partition.name}: {partition.finish_reason or partition.state.value}{why}"


def _unbalanced(partitions: Iterable[PartitionRow]) -> Iterator[str]:
    for partition in partitions:
        ledger = partition.ledger
        if not ledger.is_balanced:
            yield f"{partition.name}: {ledger.discovered} discovered, {ledger.accounted} accounted for"
        if partition.state is PartitionState.FINISHED:
            yield from (f"{partition.name}: {one}" for one in differences(ledger, partition.counts))


def _by_reason(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    added: dict[str, int] = {}
    for one in counts:
        for reason, count in one.items():
            added[reason] = added.get(reason, 0) + count
    return dict(sorted(added.items()))
