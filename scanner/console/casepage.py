"""Everything on a case's page, gathered and made ready to show: nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from scanner.console import highlight
from scanner.console.explaining import rule_of
from scanner.console.filters import Wanted
from scanner.console.masking import Masker
from scanner.console.moment import Moment, moment_of
from scanner.console.office import Office
from scanner.console.standing import standing
from scanner.console.suggestions import Choice, choices, usual_reason
from scanner.console.visits import Visit
from scanner.errors import Forbidden
from scanner.inspection.changes import Change, around, changes
from scanner.model import CaseState, Event, Ruling
from scanner.moderation import cases, four_eyes
from scanner.moderation.background import background
from scanner.moderation.claims import draft
from scanner.moderation.clusters import cluster_of
from scanner.moderation.desk import is_held, refuse_desk
from scanner.moderation.permissions import Deed, deed_of, may
from scanner.moderation.policy import Policy
from scanner.moderation.records import Draft
from scanner.outside import Notice
from scanner.pictures.records import Picture
from scanner.records import CaseFile
from scanner.takedown.undoing import looks_at
from scanner.workflow import MOVE_OF, WAITING, case_moves

# In the order of the buttons, each with its key.
RULINGS: tuple[tuple[Ruling, str], ...] = (
    (Ruling.REMOVE, "r"),
    (Ruling.KEEP, "k"),
    (Ruling.RESTRICT, "t"),
    (Ruling.ESCALATE, "e"),
    (Ruling.HIDE, "x"),
)


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling as the page offers it: under which key, for which usual reason; ``why_not`` where it does not."""

    ruling: Ruling
    key: str
    reason: str
    why_not: str = ""
    second: tuple[str, ...] = ()


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a person had chosen and written, wherever it comes from: a refused form, or a draft."""

    reason: str = ""
    note: str = ""


def context(
    office: Office, visit: Visit, case_id: int, wanted: Wanted, *, unmasked: bool = False, typed: Typed | None = None
) -> dict[str, Any]:
    """What the template ``review.html`` is given. Raises ``NotFound``."""
    with moment_of(office.store) as moment:
        return _context(office, moment, visit, case_id, wanted, unmasked=unmasked, typed=typed)


def _context(
    office: Office, moment: Moment, visit: Visit, case_id: int, wanted: Wanted, *, unmasked: bool, typed: Typed | None
) -> dict[str, Any]:
    file = cases.show(moment, case_id)
    now, policy = office.clock(), office.policy
    listing, case = file.version.listing, file.row.case
    found = sorted(file.flagged_for, key=lambda finding: (not finding.queues, -finding.score))
    masker = Masker(listing, masks=not unmasked)
    offered = choices(policy, case.categories)
    is_mine = case.claimed_by == visit.actor.name and is_held(case, now)
    kept = draft(moment, case_id, actor=visit.actor) if is_mine and typed is None else None
    return {
        "file": file,
        "case": case,
        "listing": listing,
        "seller": listing.seller,
        "masker": masker,
        "unmasked": unmasked,
        "wanted": wanted,
        "fields": highlight.fields_of(listing, found, masker),
        "said": lambda text: text.zh if visit.language.code == "zh_Hans" else text.en,
        "zh": visit.language.code == "zh_Hans",
        "findings": [(number, one, rule_of(office, one.rule)) for number, one in enumerate(found, 1)],
        "readings": highlight.readings,
        "run_title": highlight.titler(masker),
        "compared": _compared(file),
        "around": around,
        "back": background(moment, case, currency=listing.currency),
        "standing": standing(moment, case.seller_row, now=now),
        "cluster": cluster_of(moment, case_id) if visit.may(Deed.BULK) else None,
        "pictures": pictures_of(file.history),
        "images": images_of(moment, file),
        "looks": {order.id: looks_at(moment, order.id) for order in file.takedowns},
        "notices": notices_of(moment, case_id),
        "choices": offered,
        "buttons": buttons(moment, visit, file, policy, offered, now),
        "typed": typed or _from_draft(kept),
        "lost": kept.why if kept else "",
        "is_mine": is_mine,
        "holder": case.claimed_by if is_held(case, now) and not is_mine else "",
        "takes": _takes(visit, file),
        "taken_back": {event.data["decision"] for event in file.history if event.kind == "case.undone"},
        "is_waiting": case.state in WAITING,
        "now": now,
        "lease": policy.claims.lease,
        "undo": undoable(file, visit, policy, now),
    }


def buttons(
    moment: Moment, visit: Visit, file: CaseFile, policy: Policy, offered: Sequence[Choice], now: datetime
) -> tuple[Button, ...]:
    """Each ruling, whether this person may make it on this case, and whether it takes a second one."""
    case = file.row.case
    possible = case_moves(case.state)
    made = []
    with moment.reading() as tx:

        @cache
        def reasons_for_second(ruling: Ruling) -> tuple[str, ...]:
            return four_eyes.reasons_for_second(tx, case, ruling, policy=policy, now=now)

        for ruling, key in RULINGS:
            if MOVE_OF[ruling] not in possible:
                continue
            allowed = may(visit.actor, deed_of(ruling, case.severity))
            # To restrict takes a second person whenever to remove does, and for the same reasons.
            second = reasons_for_second(Ruling.REMOVE if ruling is Ruling.RESTRICT else ruling) if allowed else ()
            reason = usual_reason(policy, ruling, offered)
            made.append(Button(ruling=ruling, key=key, reason=reason, why_not="" if allowed else "role", second=second))
    return tuple(made)


def undoable(file: CaseFile, visit: Visit, policy: Policy, now: datetime) -> float:
    """Until when (seconds since 1970) this person can take the newest decision back; 0: not at all."""
    if not file.decisions or not visit.may(Deed.UNDO) or file.row.case.state is CaseState.CLAIMED:
        return 0.0
    until = file.decisions[-1].at + policy.undo.window
    return until.timestamp() if until > now else 0.0


def pictures_of(history: Sequence[Event]) -> tuple[Event, ...]:
    """The events of pictures that were taken of the listing in a browser, the newest first."""
    return tuple(event for event in reversed(history) if event.kind == "evidence.screenshot")


def images_of(moment: Moment, file: CaseFile) -> tuple[Picture, ...]:
    """The listing's own pictures in the version under review, as far as they were asked for."""
    with moment.reading() as tx:
        return tx.pictures_of(file.row.case.listing_row, file.version.number)


def notices_of(moment: Moment, case_id: int) -> tuple[Notice, ...]:
    """The notices that name this case's listing."""
    with moment.reading() as tx:
        return tx.notices_of_case(case_id)


def _compared(file: CaseFile) -> list[tuple[str, int, int, tuple[Change, ...]]]:
    """What changed before the version at hand, and since."""
    found = []
    if file.previous:
        before, after = file.previous, file.version
        found.append(("before", before.number, after.number, changes(before.listing, after.listing)))
    if file.latest:
        found.append(
            ("since", file.version.number, file.latest.number, changes(file.version.listing, file.latest.listing))
        )
    return found


def _from_draft(kept: Draft | None) -> Typed:
    return Typed(reason=kept.reason, note=kept.note) if kept else Typed()


def _takes(visit: Visit, file: CaseFile) -> bool:
    """Whether this person may take the case now."""
    if not visit.may(Deed.TAKE) or file.row.case.state not in WAITING:
        return False
    try:
        refuse_desk(file.row.case, visit.actor)
    except Forbidden:
        return False
    return True
