"""Two rulebooks side by side: rules and words that came, went or changed, and what that does to recent listings.

The listings are a bounded number of the newest, and one comparison runs at a time: a second rulebook takes memory.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from scanner.authoring.compared import ListChange, RuleChange, list_changes, rule_changes
from scanner.authoring.diff import Change, Kind, compare
from scanner.console.languages import Language
from scanner.console.languages import marked as _
from scanner.console.masking import masked_line
from scanner.console.office import InOffice, Office
from scanner.console.pages import page
from scanner.console.visits import Visitor, needs
from scanner.errors import Conflict, NotFound, RulebookError
from scanner.inspection import past
from scanner.moderation.permissions import Deed
from scanner.rulebook import Rulebook, load, recalled

_READERS = (Deed.WRITE_RULES, Deed.PUBLISH_RULES, Deed.CHECK_QUALITY, Deed.READ_HISTORY)
router = APIRouter(prefix="/rules", dependencies=[Depends(needs(*_READERS))])

USED, FILES, SHIPPED = "used", "files", "shipped"
NAMES = {
    USED: _("in use here since the console started"),
    FILES: _("the files as they are now"),
    SHIPPED: _("shipped with Delist"),
}
# So many listings are read with both, and so many lines of each kind are shown.
LISTINGS = (100, 500, 2_000)
MOST_SHOWN = 60
# Versions are remembered from so many inspections.
_INSPECTIONS = 100
_VERSIONS = 8
_one_at_a_time = threading.Lock()

Name = Annotated[str, Query(max_length=80)]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What differs. ``counts`` are of all listings that were read, ``shown`` are some of them."""

    rules: tuple[RuleChange, ...]
    lists: tuple[ListChange, ...]
    counts: dict[Kind, int]
    shown: tuple[Change, ...]
    read: int

    @property
    def is_same(self) -> bool:
        """Whether there is no difference at all."""
        return not (self.rules or self.lists)


@router.get("/compare")
def ask(
    request: Request,
    office: InOffice,
    visit: Visitor,
    old: Name = "",
    new: Name = FILES,
    listings: Annotated[int, Query(ge=0, le=max(LISTINGS))] = 500,
) -> Response:
    """What differs between two rulebooks; without a first one, the choice."""
    found, faults = None, ()
    if old:
        try:
            found = compared(office, old, new, listings)
        except RulebookError as error:
            faults = error.args
    return page(
        request,
        "compare.html",
        here="rules",
        choices=_choices(office, visit.language),
        old=old or USED,
        new=new,
        listings=listings,
        numbers=LISTINGS,
        found=found,
        faults=faults,
        Kind=Kind,
        most=MOST_SHOWN,
        masked=masked_line,
        zh=visit.language.code == "zh_Hans",
    )


def compared(office: Office, old: str, new: str, listings: int) -> Compared:
    """Raises ``NotFound`` for a rulebook that is not kept, ``RulebookError`` for files with faults, ``Conflict``."""
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict("somebody else compares rulebooks just now", hint="Try again in a few seconds.")
    try:
        before, after = (_rulebook(office, name) for name in (old, new))
        with office.store.reading() as tx:
            versions = tx.recent_versions(limit=listings)
        changes = tuple(compare(before, after, (version.listing for version in versions)))
        return Compared(
            rules=tuple(rule_changes(before, after)),
            lists=tuple(list_changes(before, after)),
            counts=Counter(change.kind for change in changes),
            shown=_some(changes),
            read=len(versions),
        )
    finally:
        _one_at_a_time.release()


def _some(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The first changes of each kind, kind by kind."""
    return tuple(change for kind in Kind for change in [one for one in changes if one.kind is kind][:MOST_SHOWN])


def _rulebook(office: Office, name: str) -> Rulebook:
    if name == USED:
        return office.rulebook
    if name == FILES:
        return load(*office.settings.rules)
    if name == SHIPPED:
        return load()
    found = recalled(name)
    if found is None:
        raise NotFound("this rulebook is not kept any more", hint="Only those compiled here of late are.")
    return found


def _choices(office: Office, language: Language) -> list[tuple[str, str]]:
    """The rulebooks that can be compared: these three, and those that inspections worked with."""
    runs = past.listed(office.store, limit=_INSPECTIONS)
    seen = {run.rulebook: run for run in reversed(runs) if run.rulebook not in {"", office.rulebook.version}}
    versions = []
    for version, run in list(seen.items())[:_VERSIONS]:
        when = language.say("inspection of %(day)s", day=run.started_at.date())
        versions.append((version, f"{version[:12]} ({when})"))
    return [*((name, language.say(words)) for name, words in NAMES.items()), *versions]
