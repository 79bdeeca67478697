"""Clue packages, kept and moved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from scanner.clues.records import ClueState, Package
from scanner.errors import NotFound
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import clue_packages


class Clues(Outside):
    """What clue packages read and write."""

    def add_package(self, package: Package) -> Package:
        """Keep a package; its number is given by the store."""
        return self._add(clue_packages, package)

    def package(self, number: int) -> Package:
        """One package; whoever else wants to change it waits. Raises ``NotFound``."""
        query = self._locked(select(clue_packages).where(clue_packages.c.id == number))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no clue package {package}", hint="`delist clue list` shows them.", package=number)
        return record(Package, row)

    def save_package(self, after: Package, before: Package) -> bool:
        """Write a package back. ``False`` if somebody has changed it since it was read."""
        is_before = (clue_packages.c.id == before.id) & (clue_packages.c.state == before.state)
        return self._save(clue_packages, after, is_before)

    def packages_of(self, seller_row: int) -> tuple[Package, ...]:
        """A seller's packages, the newest first."""
        query = select(clue_packages).where(clue_packages.c.seller_row == seller_row)
        rows = self._connection.execute(query.order_by(clue_packages.c.id.desc())).mappings()
        return tuple(record(Package, row) for row in rows)

    def packages(self, states: Sequence[ClueState], *, limit: int) -> tuple[Package, ...]:
        """Packages in these states (none: in any), the newest first."""
        query = select(clue_packages).order_by(clue_packages.c.id.desc()).limit(limit)
        query = query.where(clue_packages.c.state.in_(states)) if states else query
        return tuple(record(Package, row) for row in self._connection.execute(query).mappings())
