"""People ask for an inspection, or for the end of one, from wherever they are; whoever can do it looks what was asked.

The console and its process crawl nothing. What is asked for is a row: the scheduler starts what is to start, as a
process like any other run of the timetable, and an inspection that is running looks every few seconds whether it is to
end, whoever started it and on whatever machine.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from scanner import audit
from scanner.errors import Conflict, IllegalMove, InputError
from scanner.inspection.conduct import KINDS
from scanner.inspection.records import Asked, Inspection, InspectionState, Wish
from scanner.model import Actor
from scanner.moderation.permissions import Deed, require
from scanner.ports import Along, HistoryRows


class AskingRows(HistoryRows, Protocol):
    """What is kept of what people ask for."""

    def inspection(self, inspection_id: int) -> Inspection:
        """One inspection. Raises ``NotFound``."""

    def add_asked(self, asked: Asked) -> Asked:
        """Write it down; its number is given by the store."""

    def asked_starts(self) -> tuple[Asked, ...]:
        """The inspections to start, oldest first."""

    def asked_stop(self, inspection_id: int) -> Asked | None:
        """That somebody asked for the end of an inspection, if anybody did."""

    def take_asked(self, asked_id: int, *, at: datetime) -> bool:
        """It is being done; ``False`` if somebody was faster."""


class AskingStore(Protocol):
    """A store that keeps it."""

    def reading(self) -> AbstractContextManager[AskingRows]:
        """One consistent view."""

    def transaction(self) -> AbstractContextManager[AskingRows]:
        """All or nothing."""


def start(
    store: AskingStore,
    source: str,
    *,
    kind: str,
    sources: Collection[str],
    actor: Actor,
    now: datetime,
    along: Along[Asked] | None = None,
) -> Asked:
    """Ask for an inspection of a source. One that is running is waited for; of each source one is asked for at a time.

    ``along`` is written with what is asked.
    Raises ``Forbidden``, ``InputError`` for a source or a kind that there is not, ``Conflict`` if it is asked for.
    """
    require(actor, Deed.INSPECT)
    if source not in sources:
        raise InputError("there is no source {source!r}", hint="Sources are named in delist.toml.", source=source[:80])
    if kind not in KINDS:
        raise InputError("an inspection is {kinds}, not {kind!r}", kinds=" or ".join(KINDS), kind=kind[:40])
    with store.transaction() as tx:
        before = next((one for one in tx.asked_starts() if one.source == source), None)
        if before is not None:
            said = "{asked_by} has asked for an inspection of {source} already, and it waits to begin"
            raise Conflict(said, asked_by=before.asked_by, source=source)
        asked = tx.add_asked(Asked(id=0, source=source, wish=Wish.START, kind=kind, asked_by=actor.name, asked_at=now))
        _tell(tx, "inspection.asked", f"source:{source}", actor, now, inspection_kind=kind)
        _write(tx, asked, along)
    return asked


def stop(
    store: AskingStore,
    inspection_id: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    along: Along[Asked] | None = None,
) -> Asked:
    """Ask for the end of an inspection that is running. What it has read so far stays; it is not gone on with.

    ``along`` is written with what is asked.
    Raises ``Forbidden``, ``NotFound``, ``InputError`` without a reason, ``IllegalMove`` if it has ended.
    """
    require(actor, Deed.INSPECT)
    if not reason.strip():
        raise InputError("say why the inspection is stopped: it is on record")
    with store.transaction() as tx:
        inspection = tx.inspection(inspection_id)
        if inspection.state is not InspectionState.RUNNING:
            raise IllegalMove(
                "inspection {number} has ended: it is {state}", number=inspection_id, state=inspection.state
            )
        before = tx.asked_stop(inspection_id)
        if before is not None:
            _write(tx, before, along)
            return before
        asked = Asked(
            id=0,
            source=inspection.source,
            wish=Wish.STOP,
            kind=inspection.kind,
            asked_by=actor.name,
            asked_at=now,
            inspection_id=inspection_id,
            detail=reason.strip(),
        )
        _tell(tx, "inspection.stop_asked", f"inspection:{inspection_id}", actor, now, reason=asked.detail)
        asked = tx.add_asked(asked)
        _write(tx, asked, along)
        return asked


def withdraw(store: AskingStore, asked_id: int, *, actor: Actor, now: datetime) -> None:
    """Ask no more for an inspection that has not begun. Raises ``Forbidden``, ``Conflict`` if it has, or never was."""
    require(actor, Deed.INSPECT)
    with store.transaction() as tx:
        asked = next((one for one in tx.asked_starts() if one.id == asked_id), None)
        if asked is None or not tx.take_asked(asked_id, at=now):
            raise Conflict("nothing is asked for any more: it has begun, or somebody has taken it back")
        _tell(tx, "inspection.withdrawn", f"source:{asked.source}", actor, now)


def waiting(store: AskingStore) -> tuple[Asked, ...]:
    """The inspections that were asked for and have not begun, oldest first."""
    with store.reading() as tx:
        return tx.asked_starts()


def stopping(store: AskingStore, inspection_id: int) -> Asked | None:
    """That somebody has asked for the end of an inspection, which has not come yet."""
    with store.reading() as tx:
        return tx.asked_stop(inspection_id)


def take(store: AskingStore, asked_id: int, *, now: datetime) -> bool:
    """Begin what was asked for; ``False`` if somebody else did, or it was withdrawn."""
    with store.transaction() as tx:
        return tx.take_asked(asked_id, at=now)


def _write(tx: AskingRows, asked: Asked, along: Along[Asked] | None) -> None:
    if along is not None:
        along(tx, asked)


def _tell(tx: AskingRows, kind: str, subject: str, actor: Actor, at: datetime, **data: object) -> None:
    audit.append(tx, actor=actor, kind=kind, subject=subject, at=at, **data)
