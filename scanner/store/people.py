"""Accounts, sessions, tokens in the database, and what people keep for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from scanner.errors import NotFound
from scanner.model import Role
from scanner.people.records import Failures, Person, Preferences, SavedView, Session, SignIn, Token
from scanner.store.rows import Rows
from scanner.store.tables import identities, login_failures, people, saved_views, sessions, sign_ins, tokens

_PERSON = tuple(people.c[name] for name in Person.__struct_fields__)


class People(Rows):
    """Who may use Delist."""

    def add_person(self, name: str, role: Role, password_hash: str, *, at: datetime) -> Person | None:
        """A new account; ``None`` if the name is taken."""
        values = {"name": name, "role": role, "password_hash": password_hash, "created_at": at}
        values |= {"is_disabled": False, "preferences": Preferences()}
        number = self._numbered(insert(people).returning(people.c.id), values)
        return None if number is None else self.person(number)

    def people(self) -> tuple[Person, ...]:
        """All accounts by name."""
        rows = self._connection.execute(select(*_PERSON).order_by(people.c.name)).mappings()
        return tuple(_person(row) for row in rows)

    def person(self, person_id: int) -> Person:
        """One account. Raises ``NotFound``."""
        found = self._one_person(select(*_PERSON).where(people.c.id == person_id))
        if found is None:
            raise NotFound("there is no account {number}", number=person_id)
        return found

    def person_named(self, name: str) -> Person | None:
        """The account of that name."""
        return self._one_person(select(*_PERSON).where(people.c.name == name))

    def save_person(self, person: Person) -> None:
        """Write role and whether it is disabled."""
        values = {"role": person.role, "is_disabled": person.is_disabled}
        self._connection.execute(update(people).where(people.c.id == person.id).values(values))

    def keep_preferences(self, person_id: int, preferences: Preferences) -> None:
        """Write how a person wants the console."""
        self._connection.execute(update(people).where(people.c.id == person_id).values(preferences=preferences))

    def password_hash(self, person_id: int) -> str:
        """The hash that their password must match."""
        query = select(people.c.password_hash).where(people.c.id == person_id)
        found: str = self._connection.execute(query).scalar_one()
        return found

    def set_password_hash(self, person_id: int, password_hash: str) -> None:
        """Another password."""
        self._connection.execute(update(people).where(people.c.id == person_id).values(password_hash=password_hash))

    def add_session(self, session: Session) -> None:
        """A person has logged in."""
        self._connection.execute(insert(sessions), msgspec.structs.asdict(session))
        login = update(people).where(people.c.id == session.person_id)
        self._connection.execute(login.values(last_login_at=session.opened_at))

    def session(self, digest: str) -> tuple[Session, Person] | None:
        """A session with its person."""
        query = select(*sessions.c, *_PERSON).join(people, people.c.id == sessions.c.person_id)
        row = self._connection.execute(query.where(sessions.c.digest == digest)).one_or_none()
        if row is None:
            return None
        opened, person = row[: len(sessions.c)], row[len(sessions.c) :]
        return (
            Session(**dict(zip(sessions.c.keys(), opened, strict=True))),
            Person(**dict(zip(Person.__struct_fields__, person, strict=True))),
        )

    def touch_session(self, digest: str, *, at: datetime) -> None:
        """It was used."""
        self._connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=at))

    def end_session(self, digest: str) -> None:
        """A person has logged out."""
        self._connection.execute(delete(sessions).where(sessions.c.digest == digest))

    def end_sessions(self, person_id: int) -> int:
        """All of a person's; how many there were."""
        return self._connection.execute(delete(sessions).where(sessions.c.person_id == person_id)).rowcount

    def drop_sessions(self, *, ended_before: datetime) -> None:
        """Those that have run out whatever they were used for."""
        self._connection.execute(delete(sessions).where(sessions.c.until < ended_before))

    def failures(self, key: str) -> Failures:
        """How logging in went wrong under that key."""
        query = select(login_failures).where(login_failures.c.key == key)
        row = self._connection.execute(query).mappings().one_or_none()
        return Failures(**{name: row[name] for name in Failures.__struct_fields__}) if row else Failures()

    def keep_failures(self, key: str, failures: Failures) -> None:
        """Write them; nothing is kept of none."""
        self._connection.execute(delete(login_failures).where(login_failures.c.key == key))
        if failures.count:
            self._connection.execute(insert(login_failures), {"key": key, **msgspec.structs.asdict(failures)})

    def drop_failures(self, *, before: datetime) -> None:
        """Those that are too old to count."""
        self._connection.execute(delete(login_failures).where(login_failures.c.last_at < before))

    def add_token(self, token: Token) -> Token | None:
        """A new token, numbered by the store; ``None`` if a token that is not revoked has the name."""
        values = {name: value for name, value in msgspec.structs.asdict(token).items() if name != "id"}
        number = self._numbered(insert(tokens).returning(tokens.c.id), values)
        return None if number is None else msgspec.structs.replace(token, id=number)

    def tokens(self) -> tuple[Token, ...]:
        """All tokens by name."""
        query = select(tokens).order_by(tokens.c.name, tokens.c.id)
        return tuple(Token(**row) for row in self._connection.execute(query).mappings())

    def token(self, token_id: int) -> Token:
        """One token. Raises ``NotFound``."""
        row = self._connection.execute(select(tokens).where(tokens.c.id == token_id)).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no token {number}", number=token_id)
        return Token(**row)

    def token_by_digest(self, digest: str) -> Token | None:
        """The token with that secret."""
        row = self._connection.execute(select(tokens).where(tokens.c.digest == digest)).mappings().one_or_none()
        return Token(**row) if row else None

    def save_token(self, token: Token) -> None:
        """Write when it was revoked or used."""
        values = {"revoked_at": token.revoked_at, "used_at": token.used_at}
        self._connection.execute(update(tokens).where(tokens.c.id == token.id).values(values))

    def views(self, person_id: int, room: str) -> tuple[SavedView, ...]:
        """A person's saved views of a room by name."""
        query = select(saved_views).where(saved_views.c.person_id == person_id, saved_views.c.room == room)
        rows = self._connection.execute(query.order_by(func.lower(saved_views.c.name))).mappings()
        return tuple(SavedView(**row) for row in rows)

    def keep_view(self, person_id: int, room: str, name: str, query: str) -> None:
        """Save a view under a name, in place of one that has it."""
        key = {"person_id": person_id, "room": room, "name": name}
        self._connection.execute(delete(saved_views).filter_by(**key))
        self._connection.execute(insert(saved_views), {**key, "query": query})

    def drop_view(self, person_id: int, view_id: int) -> None:
        """Forget a view, if it is that person's."""
        self._connection.execute(delete(saved_views).filter_by(person_id=person_id, id=view_id))

    def add_sign_in(self, state: str, asked: SignIn) -> None:
        """Somebody has been sent to the provider; ``state`` is a digest."""
        self._connection.execute(insert(sign_ins), {"state": state, **msgspec.structs.asdict(asked)})

    def take_sign_in(self, state: str) -> SignIn | None:
        """It has come back: given once, then forgotten."""
        taking = delete(sign_ins).where(sign_ins.c.state == state)
        kept = [sign_ins.c[name] for name in SignIn.__struct_fields__]
        row = self._connection.execute(taking.returning(*kept)).mappings().one_or_none()
        return SignIn(**row) if row else None

    def drop_sign_ins(self, *, before: datetime) -> None:
        """Those who never came back."""
        self._connection.execute(delete(sign_ins).where(sign_ins.c.begun_at < before))

    def keep_newest_sign_ins(self, place: str, most: int) -> None:
        """Of those whose ``state`` begins with ``place``, only the newest stay."""
        there = select(sign_ins.c.state).where(sign_ins.c.state.startswith(place, autoescape=True))
        older = there.order_by(sign_ins.c.begun_at.desc(), sign_ins.c.state).offset(most)
        many = list(self._connection.execute(older).scalars())
        if many:
            self._connection.execute(delete(sign_ins).where(sign_ins.c.state.in_(many)))

    def person_of(self, issuer: str, subject: str) -> Person | None:
        """Whose account it is."""
        query = select(*_PERSON).join(identities, identities.c.person_id == people.c.id)
        return self._one_person(query.where(identities.c.issuer == issuer, identities.c.subject == subject))

    def identify(self, issuer: str, subject: str, person_id: int) -> None:
        """It is that person's from now on."""
        values = {"issuer": issuer, "subject": subject, "person_id": person_id}
        self._connection.execute(insert(identities), values)

    def _numbered(self, statement: Any, values: dict[str, Any]) -> int | None:
        """The number of a new row, or ``None`` where one like it is there already."""
        try:
            with self._connection.begin_nested():
                number: int = self._connection.execute(statement, values).scalar_one()
        except IntegrityError:
            return None
        return number

    def _one_person(self, query: Select[Any]) -> Person | None:
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _person(row)


def _person(row: RowMapping) -> Person:
    return Person(**row)
