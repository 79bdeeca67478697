"""Who may do what, as one table: a role and its deeds. Use cases ask it themselves, not only the pages.

The roles are those of the domain brief. Whoever takes something down errs on the safe side, so every reviewer may;
lifting what is grave, and what binds others, is for fewer. Where a second person is needed is another question
(``scanner.moderation.policy``).
"""

from __future__ import annotations

from enum import StrEnum

from scanner.errors import Forbidden, InputError
from scanner.model import Actor, Role, Ruling, Severity


class Deed(StrEnum):
    """What can be done, as the words of a refusal."""

    SEE = "see cases"
    TAKE = "take cases"
    REMOVE = "remove a listing"
    RESTRICT = "restrict a listing"
    HIDE = "hide a listing"
    ESCALATE = "escalate a case"
    KEEP = "keep a listing of severity S1 or S2"
    KEEP_GRAVE = "keep a listing of severity S3 or S4"
    UNDO = "undo a decision"
    REASSIGN = "give a case to somebody else"
    BULK = "decide many cases at once"
    APPROVE_DECISION = "approve a decision"
    APPROVE_BULK = "approve a bulk decision"
    CHANGE_ORDER = "change an order to the platform"
    ANSWER_NOTICE = "answer a notice"
    HEAR_APPEAL = "decide an appeal"
    PROPOSE_CLOSURE = "propose to close an account"
    APPROVE_CLOSURE = "approve closing an account"
    PROPOSE_EXCEPTION = "propose an allow-list entry"
    APPROVE_EXCEPTION = "approve an allow-list entry"
    PROPOSE_CLUE = "make a clue package"
    APPROVE_CLUE = "approve a clue package"
    RECORD_LICENCE = "record a licence"
    SEE_UNMASKED = "see personal data unmasked"
    HOLD_EVIDENCE = "put evidence under legal hold"
    PROPOSE_ERASURE = "propose an erasure"
    APPROVE_ERASURE = "approve an erasure"
    INSPECT = "start and stop inspections"
    WRITE_RULES = "write rules"
    PUBLISH_RULES = "publish rules"
    CHECK_QUALITY = "review decisions of others"
    READ_HISTORY = "read the history"
    MANAGE_PEOPLE = "manage accounts"


_D = Deed
_DESK = {_D.SEE, _D.TAKE, _D.REMOVE, _D.RESTRICT, _D.HIDE, _D.ESCALATE, _D.KEEP, _D.UNDO}
_GRAVE = {_D.KEEP_GRAVE, _D.SEE_UNMASKED, _D.APPROVE_DECISION, _D.APPROVE_BULK}

PERMISSIONS: dict[Role, frozenset[Deed]] = {
    Role.SYSTEM: frozenset(),
    Role.REVIEWER: frozenset({*_DESK, _D.BULK, _D.CHANGE_ORDER, _D.ANSWER_NOTICE, _D.HOLD_EVIDENCE}),
    Role.SPECIALIST: frozenset(
        {
            *_DESK,
            *_GRAVE,
            _D.BULK,
            _D.REASSIGN,
            _D.CHANGE_ORDER,
            _D.ANSWER_NOTICE,
            _D.PROPOSE_CLOSURE,
            _D.PROPOSE_EXCEPTION,
            _D.PROPOSE_CLUE,
            _D.RECORD_LICENCE,
            _D.HOLD_EVIDENCE,
        }
    ),
    Role.APPEALS_OFFICER: frozenset({*_DESK, *_GRAVE, _D.HEAR_APPEAL, _D.CHANGE_ORDER, _D.HOLD_EVIDENCE}),
    Role.QUALITY: frozenset({_D.SEE, _D.CHECK_QUALITY, _D.READ_HISTORY}),
    Role.ANALYST: frozenset({_D.SEE, _D.WRITE_RULES, _D.PUBLISH_RULES, _D.PROPOSE_EXCEPTION, _D.INSPECT}),
    Role.POLICY_OWNER: frozenset(
        {_D.SEE, _D.WRITE_RULES, _D.PUBLISH_RULES, _D.PROPOSE_EXCEPTION, _D.APPROVE_EXCEPTION, _D.RECORD_LICENCE,
         _D.READ_HISTORY, _D.PROPOSE_ERASURE, _D.INSPECT}
    ),
    Role.LIAISON: frozenset(
        {_D.SEE, _D.ANSWER_NOTICE, _D.PROPOSE_CLUE, _D.APPROVE_CLUE, _D.SEE_UNMASKED, _D.HOLD_EVIDENCE, _D.HIDE}
    ),
    Role.COMPLIANCE: frozenset(
        {_D.SEE, *_GRAVE, _D.REASSIGN, _D.PROPOSE_CLOSURE, _D.APPROVE_CLOSURE, _D.APPROVE_EXCEPTION, _D.APPROVE_CLUE,
         _D.PROPOSE_ERASURE, _D.APPROVE_ERASURE, _D.HOLD_EVIDENCE, _D.READ_HISTORY, _D.RECORD_LICENCE, _D.HIDE,
         _D.INSPECT}
    ),
    Role.AUDITOR: frozenset({_D.SEE, _D.READ_HISTORY}),
    Role.ADMINISTRATOR: frozenset({_D.SEE, _D.READ_HISTORY, _D.MANAGE_PEOPLE, _D.INSPECT}),
}  # fmt: skip

_RULINGS = {
    Ruling.REMOVE: Deed.REMOVE,
    Ruling.RESTRICT: Deed.RESTRICT,
    Ruling.HIDE: Deed.HIDE,
    Ruling.ESCALATE: Deed.ESCALATE,
}
_GRAVE_LEVELS = frozenset({Severity.S3, Severity.S4})


def may(actor: Actor, deed: Deed) -> bool:
    """Whether the role of ``actor`` allows it."""
    return deed in PERMISSIONS[actor.role]


def deed_of(ruling: Ruling, severity: Severity) -> Deed:
    """What a ruling on a case of that severity is."""
    return _RULINGS.get(ruling) or (Deed.KEEP_GRAVE if severity in _GRAVE_LEVELS else Deed.KEEP)


def require(actor: Actor, deed: Deed) -> None:
    """Raise ``InputError`` for nobody, ``Forbidden`` for a role that may not, naming those that may."""
    if not actor.name.strip():
        raise InputError("this needs the name of who does it", hint="Give --actor, or set DELIST_ACTOR.")
    if not may(actor, deed):
        able = ", ".join(role.value for role, deeds in PERMISSIONS.items() if deed in deeds)
        hint = "Roles that may: {able}."
        raise Forbidden("the role {role} may not {deed}", hint=hint, role=actor.role, deed=deed, able=able or "none")
