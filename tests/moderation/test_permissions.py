"""Who may do what, against the roles of the domain brief: above all who may not."""

from __future__ import annotations

import pytest

from scanner.errors import Forbidden, InputError
from scanner.model import Actor, Role, Ruling, Severity
from scanner.moderation.permissions import PERMISSIONS, Deed, deed_of, may, require

# Role, deed, whether it may; why.
TABLE = [
    (Role.REVIEWER, Deed.REMOVE, True, "whoever takes down errs on the safe side"),
    (Role.REVIEWER, Deed.HIDE, True, "anybody at a desk may hide at once"),
    (Role.REVIEWER, Deed.KEEP, True, "S1 and S2 are theirs"),
    (Role.REVIEWER, Deed.KEEP_GRAVE, False, "S3 and S4 are not lifted by reviewers"),
    (Role.REVIEWER, Deed.SEE_UNMASKED, False, "personal data stays masked"),
    (Role.REVIEWER, Deed.APPROVE_DECISION, False, "the second person is no reviewer"),
    (Role.SPECIALIST, Deed.KEEP_GRAVE, True, "with a second person where policy says"),
    (Role.SPECIALIST, Deed.APPROVE_CLOSURE, False, "closing an account is compliance's"),
    (Role.COMPLIANCE, Deed.APPROVE_CLOSURE, True, "so are sanctions from closure on"),
    (Role.APPEALS_OFFICER, Deed.HEAR_APPEAL, True, "a fresh human"),
    (Role.SPECIALIST, Deed.HEAR_APPEAL, False, "not whoever decides first"),
    (Role.LIAISON, Deed.APPROVE_CLUE, True, "signs clue packages"),
    (Role.LIAISON, Deed.KEEP, False, "and lifts nothing"),
    (Role.QUALITY, Deed.REMOVE, False, "checks, and decides nothing"),
    (Role.AUDITOR, Deed.READ_HISTORY, True, "reads"),
    (Role.AUDITOR, Deed.TAKE, False, "and changes nothing"),
    (Role.ADMINISTRATOR, Deed.MANAGE_PEOPLE, True, "runs the system"),
    (Role.ADMINISTRATOR, Deed.REMOVE, False, "and decides no case"),
    (Role.POLICY_OWNER, Deed.REMOVE, False, "writes policy, and decides no case on it"),
]


@pytest.mark.parametrize(("role", "deed", "allowed", "why"), TABLE, ids=[f"{row[0]}: {row[3]}" for row in TABLE])
def test_a_role_may_what_the_brief_says(role: Role, deed: Deed, allowed: bool, why: str) -> None:
    """A refusal names the deed and the roles that may."""
    actor = Actor(name="x", role=role)
    assert may(actor, deed) is allowed, why
    if allowed:
        require(actor, deed)
        return
    with pytest.raises(Forbidden, match=deed.value) as refused:
        require(actor, deed)
    assert all(able.value in refused.value.hint for able, deeds in PERMISSIONS.items() if deed in deeds)


def test_a_machine_may_nothing_and_every_deed_is_somebodys() -> None:
    """No deed is left to nobody, and none to the machine."""
    assert PERMISSIONS[Role.SYSTEM] == frozenset()
    assert frozenset().union(*PERMISSIONS.values()) == set(Deed)
    assert set(PERMISSIONS) == set(Role)
    with pytest.raises(InputError):
        require(Actor(name=" "), Deed.SEE)


def test_what_a_ruling_is_depends_on_the_severity_where_it_lifts() -> None:
    """Only keeping does."""
    assert {deed_of(Ruling.KEEP, severity) for severity in Severity} == {Deed.KEEP, Deed.KEEP_GRAVE}
    assert len({deed_of(Ruling.REMOVE, severity) for severity in Severity}) == 1
