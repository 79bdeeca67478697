"""What people ask of inspections: to start one, to end one, and who may."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.inspection import asking
from scanner.inspection.records import InspectionState, IntakeCounts
from scanner.model import Actor, Ledger, Role
from scanner.store import Store
from tests.fakes import LI, NOON, begin

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANA = Actor(name="ana", role=Role.ANALYST)
ROOT = Actor(name="root", role=Role.ADMINISTRATOR)


def ask(store: Store, **more: Any) -> Any:
    """Ask for a full inspection of the shop."""
    given: dict[str, Any] = {"source": "shop", "kind": "full", "sources": ("shop",), "actor": ANA, "now": NOON}
    return asking.start(store, **(given | more))


def test_what_is_asked_for_waits_until_somebody_takes_it(store: Store) -> None:
    """Once: a second wish for the same source is refused, and whoever takes it first has it. Both go on record."""
    asked = ask(store, kind="incremental")
    assert asking.waiting(store) == (asked,)
    with pytest.raises(Conflict, match="ana has asked"):
        ask(store, actor=ROOT)
    assert asking.take(store, asked.id, now=NOON)
    assert not asking.take(store, asked.id, now=NOON)
    assert asking.waiting(store) == ()
    with store.reading() as tx:
        (event,) = tx.events_about("source:shop")
    assert (event.kind, event.actor, event.data) == ("inspection.asked", "ana", {"inspection_kind": "incremental"})


def test_what_has_not_begun_can_be_withdrawn(store: Store) -> None:
    """Then nobody takes it; once it has begun, there is nothing to withdraw."""
    asked = ask(store)
    asking.withdraw(store, asked.id, actor=ROOT, now=NOON)
    assert not asking.take(store, asked.id, now=NOON)
    with pytest.raises(Conflict, match="nothing is asked for"):
        asking.withdraw(store, asked.id, actor=ROOT, now=NOON)


@pytest.mark.parametrize(
    ("more", "error"),
    [({"actor": LI}, Forbidden), ({"source": "elsewhere"}, InputError), ({"kind": "thorough"}, InputError)],
)
def test_what_may_not_be_asked(store: Store, more: dict[str, Any], error: type[Exception]) -> None:
    """By a role that may not, of a source that nobody configured, of a kind that there is not."""
    with pytest.raises(error):
        ask(store, **more)
    assert asking.waiting(store) == ()


def test_an_inspection_is_asked_to_stop(store: Store) -> None:
    """Only while it runs, with a reason, and once however often it is asked."""
    number = begin(store)
    with pytest.raises(InputError, match="say why"):
        asking.stop(store, number, reason=" ", actor=ANA, now=NOON)
    with pytest.raises(Forbidden):
        asking.stop(store, number, reason="too fast", actor=LI, now=NOON)
    first = asking.stop(store, number, reason="too fast", actor=ANA, now=NOON)
    assert asking.stop(store, number, reason="again", actor=ROOT, now=NOON) == first
    assert asking.stopping(store, number) == first
    with store.transaction() as tx:
        state, none = InspectionState.INCOMPLETE, IntakeCounts()
        tx.end_inspection(number, state=state, reasons=(), ledger=Ledger(), counts=none, at=NOON)
    with pytest.raises(IllegalMove, match="has ended"):
        asking.stop(store, number, reason="late", actor=ANA, now=NOON)
