"""Rules as their authors and moderators look at them: what is prohibited, how each rule does, and trying a text."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from scanner import reporting
from scanner.authoring.explain import NearMiss, near_miss
from scanner.authoring.prove import Proof, prove
from scanner.console.highlight import Field, fields_of, titler
from scanner.console.languages import marked as _
from scanner.console.masking import Masker
from scanner.console.office import InOffice, Office
from scanner.console.pages import Place, page
from scanner.console.visits import Form, Posted, needs
from scanner.errors import InputError, NotFound, RulebookError
from scanner.inspection import past
from scanner.inspection.records import Inspection
from scanner.model import Finding, Listing, Seller, SellerKind, Triage
from scanner.moderation.permissions import Deed
from scanner.reporting import RuleRecord
from scanner.rulebook.compiled import Rule
from scanner.rulebook.logic import words
from scanner.rulebook.reader import Written, read
from scanner.rulebook.sources import Source, find_sources
from scanner.scan import scan
from scanner.triage import triage

router = APIRouter(prefix="/rules", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="rules", path="/rules", title=_("Rules"), deeds=(Deed.SEE,))

DAYS = 30
LONGEST = 20_000
MOST_MISSES = 12
# Earlier rulebooks are remembered from so many inspections.
_INSPECTIONS = 200
Name = Annotated[str, Path(max_length=100)]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What the rulebook makes of a text: what fires and where, and what nearly did."""

    fields: tuple[Field, ...]
    findings: tuple[Finding, ...]
    verdict: Triage | None
    misses: tuple[NearMiss, ...]


@router.get("")
def listed(request: Request, office: InOffice) -> Response:
    """All modules with their rules, and how each rule has done of late."""
    by_category: dict[str, list[Rule]] = {}
    for rule in office.rulebook.rules:
        by_category.setdefault(rule.category, []).append(rule)
    return page(
        request,
        "rules.html",
        here="rules",
        modules=[(module, by_category.get(module.category, [])) for module in office.rulebook.modules],
        records=_records(office),
        version=office.rulebook.version,
        versions=_versions(office),
        days=DAYS,
        said=_said(request),
    )


@router.get("/try")
def ask(request: Request) -> Response:
    """An empty form."""
    return page(request, "try.html", here="rules", tried=None, given={}, kinds=list(SellerKind))


@router.post("/try")
def try_it(request: Request, office: InOffice, form: Posted) -> Response:
    """What would be found in a text, in which view, and why a rule that nearly fired did not. Nothing is kept."""
    listing = _listing(form)
    masker = Masker(listing, masks=False)
    return page(
        request,
        "try.html",
        here="rules",
        tried=_tried(office, listing, masker),
        given=dict(form),
        kinds=list(SellerKind),
        run_title=titler(masker),
    )


@router.get("/{name}")
def show(request: Request, office: InOffice, name: Name) -> Response:
    """One rule: what it looks for, what lowers it, what it rests on in law."""
    rule = next((one for one in office.rulebook.rules if one.id == name), None)
    if rule is None:
        raise NotFound(
            "there is no rule {name!r} in this rulebook", hint="It may have been renamed or retired.", name=name[:80]
        )
    module = next(one for one in office.rulebook.modules if one.category == rule.category)
    return page(
        request,
        "rule.html",
        here="rules",
        rule=rule,
        module=module,
        record=_records(office).get(rule.id),
        words=words,
        proofs=_proofs(office, rule),
        version=office.rulebook.version,
        days=DAYS,
        said=_said(request),
    )


def _versions(office: Office) -> dict[str, list[Inspection]]:
    """The rulebooks that inspections worked with, the newest first, each with those inspections, the newest first."""
    found: dict[str, list[Inspection]] = {}
    for run in past.listed(office.store, limit=_INSPECTIONS):
        if run.rulebook:
            found.setdefault(run.rulebook, []).append(run)
    return found


def _proofs(office: Office, rule: Rule) -> tuple[Proof, ...]:
    """The rule's own examples as its file has them today, each tried; none where the file cannot be read."""
    try:
        sources = find_sources(*office.settings.rules)
    except RulebookError:
        return ()
    written = [one for source in sources if source.name == rule.category for one in _written(source)]
    return tuple(prove(written, office.rulebook, only=rule.id))


@lru_cache(maxsize=32)
def _written(source: Source) -> tuple[Written, ...]:
    """A rule file, read; YAML takes a second for the largest."""
    return tuple(read([source])[0])


def _records(office: Office) -> dict[str, RuleRecord]:
    reporting.follow(office.store)
    found = reporting.report(office.store, now=office.clock(), days=DAYS)
    return {one.rule: one for one in found.rules}


def _said(request: Request) -> str:
    """Which of a rule's two languages the reader is told."""
    return "zh" if request.state.visit.language.code.startswith("zh") else "en"


def _tried(office: Office, listing: Listing, masker: Masker) -> Tried:
    findings = scan([listing], office.rulebook)[0]
    fired = {finding.rule for finding in findings}
    sight = office.rulebook.sight(listing)
    silent = (near_miss(rule, sight) for rule in office.rulebook.rules if rule.id not in fired)
    nearest = sorted((miss for miss in silent if miss), key=lambda miss: (len(miss.why_not), -len(miss.found)))
    return Tried(
        fields=fields_of(listing, findings, masker),
        findings=findings,
        verdict=triage(listing, findings),
        misses=tuple(nearest[:MOST_MISSES]),
    )


def _listing(form: Form) -> Listing:
    title, text = form.text("title", most=2_000), form.text("description", most=LONGEST)
    if not (title or text):
        raise InputError("there is no text to try", hint="Write a title or a description.")
    kind = form.text("kind", most=40)
    return Listing(
        platform="try",
        listing_id="try",
        title=title,
        description=text,
        category_path=tuple(part.strip() for part in form.text("category", most=500).split(">") if part.strip()),
        seller=Seller(kind=SellerKind(kind) if kind in set(SellerKind) else SellerKind.UNKNOWN),
    )
