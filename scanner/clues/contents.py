"""What a clue package holds of each case: listing, findings, decisions, orders, looks, contacts, events, evidence."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from scanner.clues.ports import ClueRows
from scanner.clues.records import Package
from scanner.listing_content import text_fields
from scanner.model import Event, EvidenceRef, Finding
from scanner.orders import Look
from scanner.outside import Licence, SellerRow
from scanner.pictures.records import Picture
from scanner.records import Case, Decision, Head, Takedown, Version
from scanner.sellers.counters import Count, count
from scanner.sellers.ladder import POINTS_COUNT_FOR
from scanner.sellers.penalties import MOST_OFFERS
from scanner.signals.contacts import contacts
from scanner.signals.reading import Reading


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One case with all that is known of it; ``version`` is the one that was signed."""

    case: Case
    version: Version
    findings: tuple[Finding, ...]
    decisions: tuple[Decision, ...]
    takedowns: tuple[Takedown, ...]
    looks: tuple[Look, ...]
    pictures: tuple[Picture, ...]
    contacts: tuple[str, ...]
    cluster: int | None
    events: tuple[Event, ...]


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence: what it is, of which case, and where it lies."""

    what: str
    case_id: int
    ref: EvidenceRef


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """All that a package holds, at the head of the history at which it was read."""

    package: Package
    items: tuple[Item, ...]
    seller: SellerRow | None
    licences: tuple[Licence, ...]
    counts: tuple[Count, ...]
    events: tuple[Event, ...]
    head: Head

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """Every piece of evidence, each once."""
        found = {(one.ref.file, one.ref.offset): one for item in self.items for one in _exhibits(item)}
        return tuple(found.values())

    @property
    def gaps(self) -> tuple[str, ...]:
        """What those who get such packages miss in practice: identity, a captured page, a contact or a transaction."""
        has_contact = any(item.contacts for item in self.items) or self.package.attachments
        missing = (
            ("the seller is not known", self.seller is None),
            *((f"no page was captured of case {item.case.id}", item.version.evidence is None) for item in self.items),
            ("there is neither a contact nor an attached file on transactions", not has_contact),
        )
        return tuple(why for why, is_missing in missing if is_missing)


def gather(tx: ClueRows, package: Package) -> Contents:
    """Read everything that belongs to a package; the versions are those that were signed."""
    items = tuple(_item(tx, one.case_id, one.version) for one in package.cases)
    row = package.seller_row
    subjects = [f"clue:{package.id}", *([f"seller:{row}"] if row is not None else [])]
    own = [event for subject in subjects for event in tx.events_about(subject)]
    events = {event.sequence: event for event in (*own, *(event for item in items for event in item.events))}
    offers = tx.offers_of_seller(row, since=package.made_at - POINTS_COUNT_FOR, limit=MOST_OFFERS) if row else ()
    return Contents(
        package=package,
        items=items,
        seller=tx.seller(row) if row is not None else None,
        licences=tx.licences_of(row) if row is not None else (),
        counts=tuple(one for one in count(offers, at=package.made_at) if one.confirmed or one.suspected),
        events=tuple(events[number] for number in sorted(events)),
        head=tx.chain_head(),
    )


def handles(version: Version) -> tuple[str, ...]:
    """The contacts that a listing gives, as they read: ``wechat:…``, ``phone:…``."""
    return tuple(sorted({signal.reads for signal in contacts(Reading(text_fields(version.listing)))}))


def _item(tx: ClueRows, case_id: int, number: int) -> Item:
    case = tx.case(case_id)
    version = tx.version(case.listing_row, number)
    orders = tx.takedowns(case_id)
    return Item(
        case=case,
        version=version,
        findings=tx.findings(case.listing_row, number),
        decisions=tx.decisions(case_id),
        takedowns=orders,
        looks=tuple(look for order in orders for look in tx.looks_at(order.id)),
        pictures=tx.pictures_of(case.listing_row, number),
        contacts=handles(version),
        cluster=tx.cluster_of(case_id),
        events=tx.events_about(f"case:{case_id}"),
    )


def _exhibits(item: Item) -> Iterator[Exhibit]:
    number = item.case.id
    if item.version.evidence is not None:
        yield Exhibit(what="page as the platform sent it", case_id=number, ref=item.version.evidence)
    for picture in item.pictures:
        if picture.original is not None:
            yield Exhibit(what=f"picture {picture.position}: {picture.url}", case_id=number, ref=picture.original)
    for event in item.events:
        if event.kind == "evidence.screenshot":
            file, _, offset = str(event.data["file"]).rpartition(":")
            ref = EvidenceRef(file=file, offset=int(offset), sha256=str(event.data["sha256"]))
            yield Exhibit(what=f"screenshot of {event.data['url']}", case_id=number, ref=ref)
    for look in item.looks:
        for sight in look.sights:
            if sight.evidence is not None:
                yield Exhibit(what=f"look {look.id} by {sight.way}: {sight.url}", case_id=number, ref=sight.evidence)
