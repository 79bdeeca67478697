"""Where a waiting case lies: on a desk in its place, in somebody's hands, or put off until a moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, update
from sqlalchemy import case as sql_case

from scanner.model import CaseState
from scanner.records import Case
from scanner.store.tables import desk
from scanner.workflow import WAITING


def put_on_desk(connection: Connection, case: Case, place: int) -> None:
    """Keep the desk's row of a case as the case is; one that does not wait for a person has none."""
    is_it = desk.c.case_id == case.id
    if case.state not in WAITING:
        connection.execute(delete(desk).where(is_it))
        return
    person, back_at = _held(case)
    values = {"desk": case.desk, "place": place, "person": person, "back_at": back_at}
    # What was compared with others is compared again once it says something else.
    compared = sql_case((desk.c.compared == case.version, desk.c.compared), else_=0)
    if connection.execute(update(desk).where(is_it).values(compared=compared, **values)).rowcount == 0:
        connection.execute(insert(desk).values(case_id=case.id, **values))


def _held(case: Case) -> tuple[str, datetime | None]:
    """Whose a case is at present, and until when nobody else gets it."""
    if case.state is CaseState.CLAIMED:
        return case.claimed_by, case.lease_until
    return case.reserved_for, case.away_until
