"""One moment of the store for a whole page: whatever is read for it is read in one transaction.

What a page says then fits together, and it is not begun and ended anew for every part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from scanner.store.store import Store, Transaction


class Moment:
    """A store that is only read, and stands still."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """The same view for everybody who asks."""
        yield self._tx

    def transaction(self, *, durable: bool = False) -> NoReturn:
        """There is none: nobody changes anything while a page is made."""
        raise TypeError("a page is made without changing anything")


@contextmanager
def moment_of(store: Store) -> Iterator[Moment]:
    """The store as it is now, until the end of the block."""
    with store.reading() as tx:
        yield Moment(tx)
