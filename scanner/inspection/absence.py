"""What is no longer there: listings that a whole inspection did not see are gone; a broken one takes nothing away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from scanner import audit
from scanner.inspection.records import Inspection
from scanner.model import Failed, Ledger, Observation, Skipped
from scanner.ports import InspectionRows
from scanner.records import KnownListing
from scanner.settings import Settings, Source

NOT_SEEN = "not_seen"
# Reasons for which more listings may be hidden than those that are named.
_HIDING = frozenset(
    {"page_cap", "limit", "bad_item", "bad_row", "not_an_observation", "no_id", "too_long", "unanswered"}
)


def unnamed(ledger: Ledger) -> bool:
    """Whether something was left out that may hide listings which nothing on the ledger names."""
    reasons = [reason for counts in (ledger.failed, ledger.skipped) for reason, count in counts.items() if count]
    return any(reason in _HIDING or reason.startswith("list_") for reason in reasons)


def keepers(source: Source, settings: Settings) -> frozenset[str]:
    """The configured sources that keep track of a platform: all of its sources that do not begin at picked addresses.

    Any other source sees its listings in passing, such as one made from a shop's address: it says nothing of what it
    leaves out, and what it saw stays the keepers' to miss.
    """
    return frozenset(
        one.name for one in settings.sources.values() if one.platform_name == source.platform_name and not one.is_picked
    )


def is_passing(source: Source, settings: Settings) -> bool:
    """Whether others keep track of its platform."""
    return source.name not in (keepers(source, settings) or {source.name})


def unread_urls(folder: Path, ledger: Ledger) -> frozenset[str] | None:
    """The addresses that were discovered and not read; none if the folder's segments do not hold all that the ledger
    counts."""
    decoder = msgspec.json.Decoder(Observation)
    urls: list[str] = []
    for segment in folder.rglob("*.jsonl"):
        for line in segment.read_bytes().splitlines():
            if b'"failed"' not in line and b'"skipped"' not in line:
                continue
            try:
                one = decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                return None
            if isinstance(one, Failed | Skipped):
                urls.append(one.url)
    counted = sum(ledger.failed.values()) + sum(ledger.skipped.values())
    return frozenset(urls) if len(urls) >= counted else None


def mark_unseen(
    tx: InspectionRows, inspection: Inspection, unread: frozenset[str], *, keepers: frozenset[str], at: datetime
) -> int:
    """Mark what earlier inspections of the source saw and this one did not; how many.

    What was discovered under its address and could not be read, or was left out, is not absent.
    """
    known_by = "\n".join(unread)
    unseen = (one for one in tx.unseen_listings(inspection, keepers=keepers) if one.url not in unread)
    # A redirect may have led to the address that we know: then its id is in the one that was asked for.
    absent = [one for one in unseen if one.listing_id not in known_by]
    for one in absent:
        tx.mark_gone(one.id, why=NOT_SEEN, at=at, inspection_id=inspection.id)
        _note(tx, one, "listing.gone", at, why=NOT_SEEN)
    return len(absent)


def withdraw(tx: InspectionRows, inspection: Inspection, *, at: datetime) -> int:
    """Undo what ``inspection`` marked as gone: it failed, and what it did not see may well be there; how many."""
    marked = tx.gone_by(inspection.id)
    tx.unmark_gone([one.id for one in marked])
    for one in marked:
        _note(tx, one, "listing.gone_withdrawn", at, why="the inspection failed")
    return len(marked)


def _note(tx: InspectionRows, listing: KnownListing, kind: str, at: datetime, **data: object) -> None:
    if listing.case is not None:
        name = {"platform": listing.platform, "listing_id": listing.listing_id}
        audit.append(tx, actor=audit.SYSTEM, kind=kind, subject=f"case:{listing.case.id}", at=at, **name, **data)
