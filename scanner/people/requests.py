"""Requests of services that may arrive twice: the second one gets the first one's answer, and does nothing again.

As in the IETF draft "The Idempotency-Key HTTP Header Field": the same key with another request is refused, and so is
one whose first request is still being worked on.
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

    def keep_answer(self, token_id: int, key: str, answer: Answer) -> None:
        """Write what is known under the key."""

    def drop_request(self, token_id: int, key: str) -> None:
        """Free the key."""

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
    work: Callable[[], tuple[int, bytes]],
    *,
    now: datetime,
) -> tuple[int, bytes]:
    """Do ``work`` once for a key and give its answer, or the answer that it had.

    1. Without a key it is simply done.
    2. A key that was used for another request is an ``InputError``.
    3. While the first request is being worked on the second is a ``Conflict``; if the first died, it is done anew.
    4. Work that raises frees the key: nothing was done, and it may be tried again.
    """
    if not key:
        return work()
    if len(key) > LONGEST_KEY:
        raise InputError(f"Idempotency-Key is longer than {LONGEST_KEY} characters")
    begun = Answer(request=hashlib.sha256(request).hexdigest(), at=now)
    with store.transaction() as tx:
        tx.drop_requests(before=now - KEPT)
        if not tx.begin_request(token_id, key, begun):
            known = tx.answer_of(token_id, key)
            if known is not None and (answer := _repeated(known, begun)) is not None:
                return answer
            tx.keep_answer(token_id, key, begun)
    try:
        status, body = work()
    except BaseException:
        with store.transaction() as tx:
            tx.drop_request(token_id, key)
        raise
    with store.transaction() as tx:
        tx.keep_answer(token_id, key, msgspec.structs.replace(begun, status=status, body=body))
    return status, body


def _repeated(known: Answer, asked: Answer) -> tuple[int, bytes] | None:
    """The answer that a repetition gets; none if the first request was given up."""
    if known.request != asked.request:
        raise InputError("this Idempotency-Key was used for another request", hint="A new request needs a new key.")
    if known.status:
        return known.status, known.body
    if asked.at - known.at < GIVEN_UP:
        raise Conflict("the same request is being worked on", hint="Ask again in a moment.")
    return None
