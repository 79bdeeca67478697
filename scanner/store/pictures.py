"""Pictures of listings: put down to be fetched, taken by whoever fetches, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, select, update

from scanner.model import EvidenceRef
from scanner.pictures.records import Picture, PictureState, Wanted
from scanner.records import Case
from scanner.store.outside_rows import Outside, columns, record
from scanner.store.tables import desk, pictures

_AT_A_TIME = 500


def looks_of(connection: Connection, rows: Collection[int]) -> dict[int, list[int]]:
    """What the pictures of listings look like that were kept of any of their versions, by the listing's row."""
    found: dict[int, list[int]] = defaultdict(list)
    wanted = sorted(set(rows))
    query = select(pictures.c.listing_row, pictures.c.look).where(pictures.c.look.is_not(None)).distinct()
    for start in range(0, len(wanted), _AT_A_TIME):
        for row, look in connection.execute(
            query.where(pictures.c.listing_row.in_(wanted[start : start + _AT_A_TIME]))
        ):
            found[row].append(look)
    return dict(found)


def picture_refs(connection: Connection) -> Iterator[tuple[int, int, EvidenceRef]]:
    """The row and version of every listing with a picture, and where original and copy lie."""
    query = select(pictures.c.listing_row, pictures.c.number, pictures.c.original, pictures.c.inert)
    query = query.where(pictures.c.original.is_not(None)).order_by(pictures.c.id)
    for row in connection.execute(query.execution_options(yield_per=_AT_A_TIME)):
        yield from ((row[0], row[1], ref) for ref in row[2:] if ref is not None)


class Pictures(Outside):
    """What fetching pictures reads and writes."""

    def note_pictures(self, case: Case, urls: Sequence[str], *, at: datetime) -> int:
        """Put pictures of a case's version down to be fetched; those that are already stay. How many are new."""
        known = {one.position for one in self.pictures_of(case.listing_row, case.version)}
        fresh = [
            Picture(
                id=0,
                listing_row=case.listing_row,
                number=case.version,
                position=position,
                url=url,
                state=PictureState.DUE,
                due_at=at,
            )
            for position, url in enumerate(urls)
            if position not in known
        ]
        self._insert_new(pictures, [columns(one) | {"source": case.source} for one in fresh])
        return len(fresh)

    def take_pictures(self, *, at: datetime, until: datetime, limit: int) -> tuple[Wanted, ...]:
        """Pictures that are due, by version, for nobody else before ``until``."""
        is_due = (pictures.c.state == PictureState.DUE) & (pictures.c.due_at <= at)
        query = select(pictures).where(is_due).order_by(pictures.c.due_at, pictures.c.id).limit(limit)
        rows = self._connection.execute(query.with_for_update(skip_locked=True)).mappings().all()
        if rows:
            taken = {"due_at": until, "tries": pictures.c.tries + 1}
            numbers = [row["id"] for row in rows]
            self._connection.execute(update(pictures).where(pictures.c.id.in_(numbers)).values(taken))
        return _by_version(rows, until)

    def pictures_of(self, listing_row: int, number: int) -> tuple[Picture, ...]:
        """The pictures of a version by position."""
        is_version = (pictures.c.listing_row == listing_row) & (pictures.c.number == number)
        query = select(pictures).where(is_version).order_by(pictures.c.position)
        return tuple(record(Picture, row) for row in self._connection.execute(query).mappings())

    def save_picture(self, picture: Picture) -> None:
        """Write what became of a picture."""
        self._save(pictures, picture, pictures.c.id == picture.id)

    def looks_of(self, rows: Collection[int]) -> dict[int, list[int]]:
        """What the pictures of listings look like that were kept of any of their versions, by the listing's row."""
        return looks_of(self._connection, rows)

    def compare_anew(self, case_id: int) -> None:
        """Let a waiting case be compared with others once more."""
        self._connection.execute(update(desk).where(desk.c.case_id == case_id).values(compared=0))


def _by_version(rows: Sequence[RowMapping], until: datetime) -> tuple[Wanted, ...]:
    found: dict[tuple[int, int, str], list[Picture]] = defaultdict(list)
    for row in rows:
        picture = msgspec.structs.replace(record(Picture, row), due_at=until, tries=row["tries"] + 1)
        found[row["listing_row"], row["number"], row["source"]].append(picture)
    return tuple(
        Wanted(
            listing_row=row, number=number, source=source, pictures=tuple(sorted(some, key=lambda one: one.position))
        )
        for (row, number, source), some in found.items()
    )
