"""Figures in the database: counts by day, and what they are counted from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from scanner.reporting import Figure, Key, Kind
from scanner.store.rows import Rows
from scanner.store.tables import case_labels, cases, chain_head, desk, figures, takedowns


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
        """What was counted on these days, both included."""
        query = select(figures).where(figures.c.day.between(since, until))
        return [Figure(**row) for row in self._connection.execute(query).mappings()]

    def last_hits(self) -> dict[str, date]:
        """The last day on which each rule brought a case."""
        query = select(figures.c.label, func.max(figures.c.day).label("day"))
        query = query.where(figures.c.kind == Kind.RULE_HIT).group_by(figures.c.label)
        return {row.label: row.day for row in self._connection.execute(query)}

    def backlog(self, now: datetime) -> tuple[dict[str, int], int, datetime | None]:
        """Waiting cases by severity, how many are overdue, and when the oldest was opened."""
        waiting = select(case_labels.c.label, func.count().label("number"))
        waiting = waiting.where(case_labels.c.kind == "severity", case_labels.c.is_waiting).group_by(
            case_labels.c.label
        )
        counts = {row.label: row.number for row in self._connection.execute(waiting)}
        at_desk = cases.join(desk, desk.c.case_id == cases.c.id)
        late = select(func.count()).select_from(at_desk).where(cases.c.due_at < now)
        first = select(func.min(cases.c.opened_at)).select_from(at_desk)
        return counts, self._connection.execute(late).scalar_one(), self._connection.execute(first).scalar()

    def newest_event(self) -> int:
        """The number of the newest event."""
        return int(self._connection.execute(select(chain_head.c.sequence).where(chain_head.c.id == 1)).scalar_one())
