"""Requests of services that may arrive twice: the second one gets the first one's answer, and does nothing again.

As in the IETF draft "The Idempotency-Key HTTP Header Field": the same key with another request is refused, and so is
one whose first request is still being worked on.

The answer is written in the transaction of what it answers: whoever dies after that has answered. A key belongs to the
beginning that was written under it: whoever was given up meanwhile keeps no answer and undoes what was done for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from scanner.errors import Conflict, InputError

# So long is an answer kept.
KEPT = timedelta(days=2)
# After this, whoever began a request is taken to be dead: it may be begun again.
GIVEN_UP = timedelta(minutes=2)
LONGEST_KEY = 200


# Keeps a status and a body as the answer, in the transaction that it is given.
Keep = Callable[["RequestRows", int, bytes], None]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a request was answered: HTTP status and body. Status 0: it is being worked on since ``at``."""

    request: str
    at: datetime
    status: int = 0
    body: bytes = b""


class RequestRows(Protocol):
    """What is kept of requests, by token and key."""

    def answer_of(self, token_id: int, key: str) -> Answer | None:
        """What is known under the key."""

    def begin_request(self, token_id: int, key: str, answer: Answer) -> bool:
        """Take the key; ``False`` if it is taken."""

    def keep_answer(self, token_id: int, key: str, answer: Answer, *, begun_at: datetime) -> bool:
        """Write what is known under the key; ``False`` if that is no longer what was begun then, or is answered."""

    def drop_request(self, token_id: int, key: str, *, begun_at: datetime) -> None:
        """Free the key, if what was begun then still has it and no answer is known."""

    def drop_requests(self, *, before: datetime) -> None:
        """Forget those that are older."""


class RequestStore(Protocol):
    """A store that keeps answers."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[RequestRows]:
        """All or nothing."""


def once(
    store: RequestStore,
    token_id: int,
    key: str,
    request: bytes,
    work: Callable[[Keep], object],
    *,
    now: datetime,
) -> tuple[int, bytes]:
    """Do ``work`` once for a key and give the answer that it keeps, or the one that was kept before.

    1. Without a key it is simply done, and nothing kept.
    2. A key that was used for another request is an ``InputError``.
    3. While the first request is being worked on the second is a ``Conflict``; if the first died, it is done anew.
    4. Work that raises before it keeps an answer frees the key: nothing was done, and it may be tried again.
    5. Whoever was given up, and whose request was begun anew, is a ``Conflict`` in the transaction that would keep the
       answer, so that nothing is done twice. It does not free the key of those who work on it now.
    """
    begun = Answer(request=hashlib.sha256(request).hexdigest(), at=now)
    given = begun

    def keep(tx: RequestRows, status: int, body: bytes) -> None:
        nonlocal given
        given = msgspec.structs.replace(begun, status=status, body=body)
        if key and not tx.keep_answer(token_id, key, given, begun_at=begun.at):
            raise Conflict("this request was given up, and begun anew meanwhile", hint="Ask again for its answer.")

    if key and (known := _begin(store, token_id, key, begun)) is not None:
        return known.status, known.body
    try:
        work(keep)
    except BaseException:
        if key:
            with store.transaction() as tx:
                tx.drop_request(token_id, key, begun_at=begun.at)
        raise
    return given.status, given.body


def _begin(store: RequestStore, token_id: int, key: str, begun: Answer) -> Answer | None:
    """Take the key, or give the answer that is known under it."""
    if len(key) > LONGEST_KEY:
        raise InputError("Idempotency-Key is longer than {longest} characters", longest=LONGEST_KEY)
    with store.transaction() as tx:
        tx.drop_requests(before=begun.at - KEPT)
        if not tx.begin_request(token_id, key, begun):
            known = tx.answer_of(token_id, key)
            if known is None:
                raise _at_work()
            if _is_answer(known, begun):
                return known
            # Another repetition may have read the same: one of them takes the key.
            if not tx.keep_answer(token_id, key, begun, begun_at=known.at):
                raise _at_work()
    return None


def _is_answer(known: Answer, asked: Answer) -> bool:
    """Whether a repetition gets what is known; not if the first request was given up."""
    if known.request != asked.request:
        raise InputError("this Idempotency-Key was used for another request", hint="A new request needs a new key.")
    if not known.status and asked.at - known.at < GIVEN_UP:
        raise _at_work()
    return known.status > 0


def _at_work() -> Conflict:
    return Conflict("the same request is being worked on", hint="Ask again in a moment.")
