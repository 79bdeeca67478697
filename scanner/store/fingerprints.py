"""Fingerprints of removed listings, and looking up the marks of new ones."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scanner.outside import Fingerprint, Mark
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import fingerprint_marks, fingerprints, followed, watch_keys

# So many marks are looked up with one statement; SQLite takes more, PostgreSQL plans them.
_AT_A_TIME = 900
# Bytes of the secret under which handles are hashed.
_SECRET = 32


class Fingerprints(Outside):
    """What the watch for returning listings reads and writes."""

    def is_watching(self, *, at: datetime) -> bool:
        """Whether there is anything to be recognised."""
        query = select(fingerprints.c.id).where(fingerprints.c.expires_at > at, fingerprints.c.ended_at.is_(None))
        return self._connection.execute(query.limit(1)).first() is not None

    def watch_secret(self) -> str:
        """The secret of this store; empty if there is none yet, because nothing was ever removed."""
        query = select(watch_keys.c.secret).where(watch_keys.c.name == "contact")
        return self._connection.execute(query).scalar() or ""

    def make_watch_secret(self) -> str:
        """The same, made when it is first needed."""
        if known := self.watch_secret():
            return known
        try:
            with self._connection.begin_nested():
                values = {"name": "contact", "secret": secrets.token_hex(_SECRET)}
                self._connection.execute(insert(watch_keys), values)
        except IntegrityError:
            pass  # somebody else has made it at the same moment
        return self.watch_secret()

    def add_fingerprint(self, fingerprint: Fingerprint, marks: Mapping[int, Mark]) -> Fingerprint | None:
        """Keep a fingerprint with its marks; ``None`` if there is one of the same decision."""
        if self.fingerprint_of(fingerprint.decision_id) is not None:
            return None
        kept = self._add(fingerprints, fingerprint)
        rows = [{"key": key, "fingerprint_id": kept.id, "mark": mark} for key, mark in sorted(marks.items())]
        self._insert(fingerprint_marks, rows)
        return kept

    def fingerprint_of(self, decision_id: int) -> Fingerprint | None:
        """What the listing that a decision removed is recognised by."""
        query = select(fingerprints).where(fingerprints.c.decision_id == decision_id)
        row = self._connection.execute(query).mappings().first()
        return record(Fingerprint, row) if row else None

    def live_fingerprint_of(self, listing_row: int, *, at: datetime) -> Fingerprint | None:
        """The newest fingerprint of a listing that still counts."""
        mine = select(fingerprints).where(fingerprints.c.listing_row == listing_row)
        query = mine.where(fingerprints.c.expires_at > at, fingerprints.c.ended_at.is_(None))
        row = self._connection.execute(query.order_by(fingerprints.c.id.desc()).limit(1)).mappings().first()
        return record(Fingerprint, row) if row else None

    def add_marks(self, fingerprint_id: int, marks: Mapping[int, Mark]) -> None:
        """Let a fingerprint be found by these marks too; those that it has already stay."""
        rows = [{"key": key, "fingerprint_id": fingerprint_id, "mark": mark} for key, mark in sorted(marks.items())]
        self._insert_new(fingerprint_marks, rows)

    def end_fingerprint(self, fingerprint_id: int, *, at: datetime) -> None:
        """Nothing is recognised by it any more; its marks go."""
        self._connection.execute(update(fingerprints).where(fingerprints.c.id == fingerprint_id).values(ended_at=at))
        self._connection.execute(delete(fingerprint_marks).where(fingerprint_marks.c.fingerprint_id == fingerprint_id))

    def marked(self, keys: Collection[int]) -> dict[int, list[tuple[int, Mark]]]:
        """Whose marks these are: key -> ``(fingerprint's number, mark)``."""
        found: dict[int, list[tuple[int, Mark]]] = {}
        wanted = sorted(keys)
        table = fingerprint_marks
        query = select(table.c.key, table.c.fingerprint_id, table.c.mark)
        query = query.where(table.c.key.in_(bindparam("keys", expanding=True)))
        for start in range(0, len(wanted), _AT_A_TIME):
            for key, number, mark in self._connection.execute(query, {"keys": wanted[start : start + _AT_A_TIME]}):
                found.setdefault(key, []).append((number, mark))
        return found

    def fingerprints(self, numbers: Collection[int], *, at: datetime) -> dict[int, Fingerprint]:
        """Those of these that still count, by number."""
        query = select(fingerprints).where(
            fingerprints.c.id.in_(numbers), fingerprints.c.expires_at > at, fingerprints.c.ended_at.is_(None)
        )
        return {row["id"]: record(Fingerprint, row) for row in self._connection.execute(query).mappings()}

    def count_recognised(self, number: int) -> None:
        """Something was recognised by it once more."""
        change = update(fingerprints).where(fingerprints.c.id == number)
        self._connection.execute(change.values(hits=fingerprints.c.hits + 1))

    # Following the history

    def followed_to(self, name: str) -> int:
        """Up to which event somebody has followed the history; whoever else does waits."""
        query = self._locked(select(followed.c.sequence).where(followed.c.name == name))
        return self._connection.execute(query).scalar() or 0

    def set_followed(self, name: str, sequence: int) -> None:
        """That far, from now on."""
        change = update(followed).where(followed.c.name == name).values(sequence=sequence)
        if not self._connection.execute(change).rowcount:
            self._connection.execute(insert(followed), {"name": name, "sequence": sequence})
