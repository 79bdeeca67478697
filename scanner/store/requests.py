"""What services were answered under their keys, so that a repetition does nothing again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scanner.people.requests import Answer
from scanner.store.rows import Rows
from scanner.store.tables import answered_requests as table


class Requests(Rows):
    """Answers by token and key."""

    def answer_of(self, token_id: int, key: str) -> Answer | None:
        """What is known under the key."""
        row = self._connection.execute(select(table).where(*_is(token_id, key))).one_or_none()
        if row is None:
            return None
        return Answer(request=row.request, at=row.at, status=row.status, body=row.answer)

    def begin_request(self, token_id: int, key: str, answer: Answer) -> bool:
        """Take the key; ``False`` if it is taken."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        taking = dialect.insert(table).values(token_id=token_id, key=key, **_columns(answer))
        return (
            self._connection.execute(taking.on_conflict_do_nothing().returning(table.c.key)).one_or_none() is not None
        )

    def keep_answer(self, token_id: int, key: str, answer: Answer, *, begun_at: datetime) -> bool:
        """Write what is known under the key; ``False`` if that is no longer what was begun then, or is answered."""
        writing = update(table).where(*_is_begun(token_id, key, begun_at)).values(_columns(answer))
        return self._connection.execute(writing).rowcount == 1

    def drop_request(self, token_id: int, key: str, *, begun_at: datetime) -> None:
        """Free the key, if what was begun then still has it and no answer is known."""
        self._connection.execute(delete(table).where(*_is_begun(token_id, key, begun_at)))

    def drop_requests(self, *, before: datetime) -> None:
        """Forget those that are older."""
        self._connection.execute(delete(table).where(table.c.at < before))


def _is(token_id: int, key: str) -> tuple[Any, Any]:
    return table.c.token_id == token_id, table.c.key == key


def _is_begun(token_id: int, key: str, at: datetime) -> tuple[Any, ...]:
    return *_is(token_id, key), table.c.status == 0, table.c.at == at


def _columns(answer: Answer) -> dict[str, object]:
    return {"request": answer.request, "at": answer.at, "status": answer.status, "answer": answer.body}
