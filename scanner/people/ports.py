"""What the use cases of this room need of a store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from scanner.model import Role
from scanner.people.records import Failures, Person, Preferences, SavedView, Session, Token
from scanner.ports import HistoryRows


class PeopleRows(HistoryRows, Protocol):
    """Accounts, sessions, tokens, and what people keep for themselves."""

    def add_person(self, name: str, role: Role, password_hash: str, *, at: datetime) -> Person | None:
        """A new account; ``None`` if the name is taken."""

    def people(self) -> tuple[Person, ...]:
        """All accounts by name."""

    def person(self, person_id: int) -> Person:
        """One account. Raises ``NotFound``."""

    def person_named(self, name: str) -> Person | None:
        """The account of that name."""

    def save_person(self, person: Person) -> None:
        """Write role and whether it is disabled."""

    def keep_preferences(self, person_id: int, preferences: Preferences) -> None:
        """Write how a person wants the console."""

    def password_hash(self, person_id: int) -> str:
        """The hash that their password must match."""

    def set_password_hash(self, person_id: int, password_hash: str) -> None:
        """Another password."""

    def add_session(self, session: Session) -> None:
        """A person has logged in."""

    def session(self, digest: str) -> tuple[Session, Person] | None:
        """A session with its person."""

    def touch_session(self, digest: str, *, at: datetime) -> None:
        """It was used."""

    def end_session(self, digest: str) -> None:
        """A person has logged out."""

    def end_sessions(self, person_id: int) -> int:
        """All of a person's; how many there were."""

    def drop_sessions(self, *, ended_before: datetime) -> None:
        """Those that have run out whatever they were used for."""

    def failures(self, key: str) -> Failures:
        """How logging in went wrong under that key."""

    def keep_failures(self, key: str, failures: Failures) -> None:
        """Write them; nothing is kept of none."""

    def drop_failures(self, *, before: datetime) -> None:
        """Those that are too old to count."""

    def add_token(self, token: Token) -> Token | None:
        """A new token, numbered by the store; ``None`` if a token that is not revoked has the name."""

    def tokens(self) -> tuple[Token, ...]:
        """All tokens by name."""

    def token(self, token_id: int) -> Token:
        """One token. Raises ``NotFound``."""

    def token_by_digest(self, digest: str) -> Token | None:
        """The token with that secret."""

    def save_token(self, token: Token) -> None:
        """Write when it was revoked or used."""

    def views(self, person_id: int, room: str) -> tuple[SavedView, ...]:
        """A person's saved views of a room by name."""

    def keep_view(self, person_id: int, room: str, name: str, query: str) -> None:
        """Save a view under a name, in place of one that has it."""

    def drop_view(self, person_id: int, view_id: int) -> None:
        """Forget a view, if it is that person's."""


class PeopleStore(Protocol):
    """A store that keeps people."""

    def reading(self) -> AbstractContextManager[PeopleRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[PeopleRows]:
        """All or nothing."""
