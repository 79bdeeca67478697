"""What is made of listings: the rulebook's findings, what is on file of their sellers, and what was removed before.

Matching happens before the transaction that stores, so that nobody waits for the database meanwhile.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from scanner.inspection.segments import Key, key_of
from scanner.model import EvidenceRef, Fetched, Finding, Listing, Observation, Seller, Triage, Unchanged
from scanner.outside import Likeness, OnFile, seller_key
from scanner.ports import PartyRows
from scanner.records import KnownListing
from scanner.rulebook import Rulebook
from scanner.rulebook.licences import is_called, is_licensed
from scanner.scan import scan
from scanner.sellers import relist
from scanner.triage import triage


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing says and is to be judged by; ``is_stored`` where that is its newest version already."""

    listing: Listing
    hash: str
    number: int
    seen_at: datetime
    evidence: EvidenceRef | None = None
    listing_row: int = 0
    validator: str = ""
    is_stored: bool = False
    on_file: OnFile | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is made of a listing, and by whom: the rulebook, and what was on file of the seller.

    ``hits`` are exceptions that kept a finding from the queue, ``likeness`` is to a listing that was removed.
    """

    findings: tuple[Finding, ...]
    triage: Triage | None
    judged_by: str
    hits: tuple[int, ...] = ()
    likeness: Likeness | None = None


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """What is on file of the sellers in a batch: by seller where a listing was read, else by the listing's row."""

    by_seller: Mapping[Key, OnFile] = {}
    by_row: Mapping[int, OnFile] = {}

    def of(self, one: Observation, before: KnownListing | None) -> OnFile | None:
        """What is on file of an observation's seller."""
        if isinstance(one, Fetched):
            return self.by_seller.get((one.listing.platform, seller_key(one.listing.seller)))
        return self.by_row.get(before.id) if before is not None else None


class Bench:
    """Judges listings by one rulebook. Safe to share: it keeps nothing of what it has judged."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._name = f"{rulebook.version}/{rulebook.normaliser}"

    def files(
        self, tx: PartyRows, observations: Sequence[Observation], known: Mapping[Key, KnownListing], *, at: datetime
    ) -> Files:
        """What is on file of the sellers of what was observed."""
        read = [one.listing for one in observations if isinstance(one, Fetched) and one.listing.seller != Seller()]
        keys = {(listing.platform, seller_key(listing.seller)) for listing in read}
        rows = {known[key].id for one in observations if isinstance(one, Unchanged) and (key := key_of(one)) in known}
        return Files(by_seller=tx.sellers_on_file(keys, at=at), by_row=tx.listings_on_file(rows, at=at))

    def name(self, on_file: OnFile | None) -> str:
        """Who judges: the rulebook, and a hash of what is on file of the seller where something is.

        So a licence that expires, or an exception that is given, makes a listing be judged anew when it is next seen.
        """
        if on_file is None:
            return self._name
        known = msgspec.json.encode((on_file.licences, on_file.lapsed, on_file.exceptions))
        return f"{self._name}/{hashlib.sha256(known).hexdigest()[:16]}"

    def verdicts(
        self, tx: PartyRows, said: Sequence[Said], judged: Mapping[str, Verdict], *, at: datetime
    ) -> dict[str, Verdict]:
        """The verdicts on all that is said, by content hash; what is in ``judged`` is not judged again."""
        fresh = list({one.hash: one for one in said if not self._is_judged(one, judged)}.values())
        found = scan([judged_as(one.listing, one.on_file) for one in fresh], self._rulebook)
        alike = relist.recognise(tx, [one.listing for one in fresh], at=at)
        made = {
            one.hash: self._verdict(one, findings, likeness)
            for one, findings, likeness in zip(fresh, found, alike, strict=True)
        }
        return {**judged, **made}

    def _is_judged(self, one: Said, judged: Mapping[str, Verdict]) -> bool:
        return one.hash in judged and judged[one.hash].judged_by == self.name(one.on_file)

    def _verdict(self, one: Said, findings: tuple[Finding, ...], likeness: Likeness | None) -> Verdict:
        findings, hits = excepted(findings, one.on_file)
        if likeness is not None:
            version, normaliser = self._rulebook.version, self._rulebook.normaliser
            findings = (*findings, relist.finding_of(likeness, rulebook=version, normaliser=normaliser))
        return Verdict(
            findings=findings,
            triage=triage(one.listing, findings),
            judged_by=self.name(one.on_file),
            hits=hits,
            likeness=likeness,
        )


def judged_as(listing: Listing, on_file: OnFile | None) -> Listing:
    """The listing as rules see it, with the licences of its seller. What is stored stays as it was seen.

    1. It names no licence: those that are on file and valid count.
    2. It names some: they count, without those that we know to be over or revoked, by that name or by one that answers
       to it in a platform's own words ("telecom agent permit").
    3. What answers to one that is over counts all the same if it answers to one on file that is valid.
    """
    if on_file is None:
        return listing
    named = listing.seller.licences
    licences = tuple(name for name in named if not _is_over(name, on_file)) if named else on_file.licences
    if licences == named:
        return listing
    return msgspec.structs.replace(listing, seller=msgspec.structs.replace(listing.seller, licences=licences))


def _is_over(licence: str, on_file: OnFile) -> bool:
    if any(is_called(licence, name) for name in on_file.lapsed):
        return True
    return is_licensed([licence], on_file.lapsed) and not is_licensed([licence], on_file.licences)


def excepted(findings: tuple[Finding, ...], on_file: OnFile | None) -> tuple[tuple[Finding, ...], tuple[int, ...]]:
    """The findings, those of excepted rules no longer for the queue; and the exceptions that did that."""
    rules = dict(on_file.exceptions) if on_file is not None else {}
    if not rules:
        return findings, ()
    hits = tuple(rules[one.rule] for one in findings if one.queues and one.rule in rules)
    lowered = tuple(
        msgspec.structs.replace(one, queues=False, reason=f"{one.reason}; not queued: exception {rules[one.rule]}")
        if one.queues and one.rule in rules
        else one
        for one in findings
    )
    return lowered, hits


def hits_of(verdicts: Sequence[Verdict]) -> Counter[int]:
    """How often each exception kept a finding from the queue."""
    return Counter(hit for verdict in verdicts for hit in verdict.hits)
