"""Figures in the database: counts by day, and what they are counted from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, func, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from scanner.model import Severity
from scanner.reporting import Figure, Key, Kind
from scanner.store.rows import Rows
from scanner.store.tables import case_labels, cases, chain_head, figures, takedowns
from scanner.workflow import WAITING

_WAITING = (
    select(case_labels.c.label, func.count().label("number"))
    .where(case_labels.c.kind == "severity", case_labels.c.label.in_(list(Severity)), case_labels.c.is_waiting)
    .group_by(case_labels.c.label)
)
# A stretch of an index for each state, and of that for the oldest its beginning only.
_STATES = sorted(WAITING)
_LATE = select(func.count()).select_from(cases).where(cases.c.state.in_(_STATES), cases.c.due_at < bindparam("now"))
_FIRSTS = union_all(*(select(func.min(cases.c.opened_at).label("at")).where(cases.c.state == one) for one in _STATES))
_OLDEST = select(func.min(_FIRSTS.subquery().c.at))


class Figures(Rows):
    """Counting, and reading what was counted."""

    def case_moments(self, case_ids: Iterable[int]) -> dict[int, tuple[datetime, datetime]]:
        """When these cases were opened, and until when they were to be decided."""
        query = select(cases.c.id, cases.c.opened_at, cases.c.due_at).where(cases.c.id.in_(list(case_ids)))
        return {row.id: (row.opened_at, row.due_at) for row in self._connection.execute(query)}

    def planned_moments(self, takedown_ids: Iterable[int]) -> dict[int, datetime]:
        """When these orders were written."""
        query = select(takedowns.c.id, takedowns.c.planned_at).where(takedowns.c.id.in_(list(takedown_ids)))
        return {row.id: row.planned_at for row in self._connection.execute(query)}

    def add_figures(self, counts: Mapping[Key, int]) -> None:
        """Add to what is counted."""
        rows = [
            {"day": day, "kind": kind, "label": label, "number": number}
            for (day, kind, label), number in sorted(counts.items())
        ]
        if not rows:
            return
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        adding = dialect.insert(figures)
        adding = adding.on_conflict_do_update(
            index_elements=["day", "kind", "label"], set_={"number": figures.c.number + adding.excluded.number}
        )
        self._connection.execute(adding, rows)

    def figures(self, since: date, until: date) -> list[Figure]:
        """What was counted on these days, both included, and not counted off again."""
        query = select(figures).where(figures.c.day.between(since, until), figures.c.number > 0)
        return [Figure(**row) for row in self._connection.execute(query).mappings()]

    def last_hits(self) -> dict[str, date]:
        """The last day on which each rule brought a case."""
        query = select(figures.c.label, func.max(figures.c.day).label("day"))
        query = query.where(figures.c.kind == Kind.RULE_HIT).group_by(figures.c.label)
        return {row.label: row.day for row in self._connection.execute(query)}

    def backlog(self, now: datetime) -> tuple[dict[str, int], int, datetime | None]:
        """Waiting cases by severity, how many are overdue, and when the oldest was opened."""
        counts = {row.label: row.number for row in self._connection.execute(_WAITING)}
        late = self._connection.execute(_LATE, {"now": now}).scalar_one()
        return counts, late, self._connection.execute(_OLDEST).scalar()

    def newest_event(self) -> int:
        """The number of the newest event."""
        return int(self._connection.execute(select(chain_head.c.sequence).where(chain_head.c.id == 1)).scalar_one())
