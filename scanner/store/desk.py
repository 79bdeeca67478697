"""Where waiting cases lie: on a desk in their places, in somebody's hands, or put off until a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, delete
from sqlalchemy import case as sql_case
from sqlalchemy.dialects import postgresql, sqlite

from scanner.model import CaseState
from scanner.records import Case
from scanner.store.tables import desk
from scanner.workflow import WAITING

_TAKE_AWAY = delete(desk).where(desk.c.case_id == bindparam("gone"))


def put_on_desk(connection: Connection, placed: Sequence[tuple[Case, int]]) -> None:
    """Keep the desk's rows as the cases are, each with its place; a case that does not wait for a person has none."""
    if gone := [{"gone": case.id} for case, _ in placed if case.state not in WAITING]:
        connection.execute(_TAKE_AWAY, gone)
    rows = []
    for case, place in placed:
        if case.state in WAITING:
            person, back_at = _held(case)
            values = {"desk": case.desk, "place": place, "person": person, "back_at": back_at}
            rows.append({"case_id": case.id, **values, "under_review": case.version})
    if rows:
        connection.execute(_putting(connection.dialect.name), rows)


@cache
def _putting(dialect: str) -> Executable:
    fresh = (sqlite if dialect == "sqlite" else postgresql).insert(desk)
    names = ("case_id", "desk", "place", "person", "back_at")
    changes = {name: fresh.excluded[name] for name in names[1:]}
    # What was compared with others is compared again once it says something else.
    is_same = desk.c.compared == bindparam("under_review")
    changes["compared"] = sql_case((is_same, desk.c.compared), else_=0)
    given = fresh.values({name: bindparam(name) for name in names})
    putting: Executable = given.on_conflict_do_update(index_elements=["case_id"], set_=changes)
    return putting


def _held(case: Case) -> tuple[str, datetime | None]:
    """Whose a case is at present, and until when nobody else gets it."""
    if case.state is CaseState.CLAIMED:
        return case.claimed_by, case.lease_until
    return case.reserved_for, case.away_until
