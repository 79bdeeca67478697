"""Letters in the database: what is due, what a sender holds, and what was written to whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from scanner.errors import NotFound
from scanner.outside import Letter, LetterState
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import letters


class Letters(Outside):
    """What writing and sending letters reads and writes."""

    def add_letter(self, letter: Letter) -> Letter | None:
        """Keep a letter; ``None`` if one with this key is there."""
        known = select(letters.c.id).where(letters.c.key == letter.key)
        if self._connection.execute(known).first() is not None:
            return None
        try:
            with self._connection.begin_nested():
                return self._add(letters, letter)
        except IntegrityError:
            return None

    def letter(self, letter_id: int) -> Letter:
        """One letter; whoever else wants to change it waits. Raises ``NotFound``."""
        query = self._locked(select(letters).where(letters.c.id == letter_id))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no letter {number}", hint="`delist letter list` lists them.", number=letter_id)
        return record(Letter, row)

    def save_letter(self, after: Letter, before: Letter) -> bool:
        """Write a letter back. ``False`` if somebody has changed it since it was read."""
        is_before = (letters.c.id == before.id) & (letters.c.token == before.token) & (letters.c.state == before.state)
        return self._save(letters, after, is_before)

    def due_letters(self, *, at: datetime, limit: int) -> tuple[Letter, ...]:
        """Letters to be sent now, the longest due first; nobody else gets them meanwhile."""
        is_free = or_(letters.c.lease_until.is_(None), letters.c.lease_until <= at)
        query = select(letters).where(letters.c.state == LetterState.WRITTEN, letters.c.due_at <= at, is_free)
        query = query.order_by(letters.c.due_at, letters.c.id).limit(limit).with_for_update(skip_locked=True)
        return tuple(record(Letter, row) for row in self._connection.execute(query).mappings())

    def letters(
        self,
        *,
        case_id: int | None = None,
        notice_id: int | None = None,
        states: tuple[LetterState, ...] = (),
        limit: int = 50,
    ) -> tuple[Letter, ...]:
        """Letters of a case or notice, or in these states, the newest first."""
        query = select(letters).order_by(letters.c.id.desc()).limit(limit)
        query = query.where(letters.c.case_id == case_id) if case_id is not None else query
        query = query.where(letters.c.notice_id == notice_id) if notice_id is not None else query
        query = query.where(letters.c.state.in_(states)) if states else query
        return tuple(record(Letter, row) for row in self._connection.execute(query).mappings())
