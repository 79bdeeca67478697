"""Check before publish: what the rulebook says of one listing that nobody has seen yet. Nothing is kept of it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from scanner.console.api.access import PROBLEMS, scope
from scanner.console.api.shapes import CheckGiven, FindingGiven, ListingTaken, given
from scanner.console.office import InOffice
from scanner.model import Finding, Listing, Seller
from scanner.people.records import Scope
from scanner.scan import UNREADABLE, scan
from scanner.triage import triage

router = APIRouter(tags=["check"], dependencies=[Depends(scope(Scope.CHECK))])


@router.post("/check", response_model=CheckGiven, responses=PROBLEMS)
def check(office: InOffice, wanted: ListingTaken) -> Response:
    """What would happen to this listing: `pass`, `queue` with every finding to the character, or `unknown`."""
    listing = listing_of(wanted)
    findings = scan([listing], office.rulebook)[0]
    verdict = triage(listing, findings)
    is_unread = any(finding.rule == UNREADABLE for finding in findings)
    return given(
        CheckGiven(
            verdict="unknown" if is_unread else "queue" if verdict else "pass",
            action=verdict.action if verdict else None,
            severity=verdict.severity if verdict else None,
            categories=list(verdict.categories) if verdict else [],
            reason=verdict.reason if verdict else "",
            findings=[finding_given(one) for one in findings if one.queues],
            rulebook=office.rulebook.version,
        )
    )


def listing_of(wanted: ListingTaken) -> Listing:
    """The listing as the scanner knows listings."""
    said = {name: getattr(wanted, name) for name in ListingTaken.model_fields if name not in {"id", "seller"}}
    said |= {"options": tuple(wanted.options), "category_path": tuple(wanted.category_path)}
    about = wanted.seller.model_dump() | {"licences": tuple(wanted.seller.licences)}
    return Listing(listing_id=wanted.id, seller=Seller(**about), **said)


def finding_given(finding: Finding) -> FindingGiven:
    """A finding as the API tells it."""
    return FindingGiven.model_validate(finding, from_attributes=True)
