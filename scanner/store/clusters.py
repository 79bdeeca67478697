"""Cases on listings that are nearly the same: what each is like, and who is in which cluster."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, delete, func, insert, select, text, tuple_, update

from scanner.moderation.records import Cluster, Likeness, Member
from scanner.records import Case, Version
from scanner.store.cases import case_query, read_case, read_version
from scanner.store.pictures import looks_of
from scanner.store.rows import Rows
from scanner.store.tables import cases, cluster_members, clusters, desk, likeness_marks, likenesses, versions

# A mark that more cases share says nothing about any of them.
_COMMON = 2_000


class Clusters(Rows):
    """What clusters read and write."""

    def cases_to_compare(self, *, after: int, limit: int) -> tuple[Case, ...]:
        """Waiting cases by number, after that one, that were not compared with others yet as they are now."""
        query: Select[Any] = case_query().join(desk, desk.c.case_id == cases.c.id)
        query = query.where(desk.c.case_id > after, desk.c.compared == text("0")).order_by(desk.c.case_id).limit(limit)
        return tuple(read_case(row) for row in self._connection.execute(query).mappings())

    def case_versions(self, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Version]:
        """Versions by the listing's row and number."""
        is_wanted = tuple_(versions.c.listing_row, versions.c.number).in_(list(wanted))
        rows = self._connection.execute(select(versions).where(is_wanted)).mappings()
        return {(row["listing_row"], row["number"]): read_version(row) for row in rows}

    def first_cases(self, keys: Collection[int], *, category: str, limit: int) -> tuple[Likeness, ...]:
        """First cases of a category that share some of these marks, those that share most first."""
        marks = likeness_marks.c
        some = select(marks.case_id).where(marks.mark.in_(list(keys))).limit(_COMMON).subquery()
        query = select(some.c.case_id).join(cases, cases.c.id == some.c.case_id).where(cases.c.category == category)
        query = query.group_by(some.c.case_id).order_by(func.count().desc(), some.c.case_id).limit(limit)
        numbers = list(self._connection.execute(query).scalars()) if keys else []
        return tuple(self._likenesses(numbers))

    def _likenesses(self, numbers: Collection[int]) -> list[Likeness]:
        if not numbers:
            return []
        query = case_query().join(likenesses, likenesses.c.case_id == cases.c.id)
        query = query.add_columns(likenesses.c.sketch, likenesses.c.title).where(cases.c.id.in_(numbers))
        marks = select(likeness_marks).where(likeness_marks.c.case_id.in_(numbers))
        keys: dict[int, dict[int, Any]] = {}
        for row in self._connection.execute(marks):
            keys.setdefault(row.case_id, {})[row.mark] = row.kind
        rows = self._connection.execute(query).mappings().all()
        looks = looks_of(self._connection, [row["listing_row"] for row in rows])
        return [
            Likeness(
                case=read_case(row),
                sketch=row["sketch"],
                title=row["title"],
                keys=keys.get(row["id"], {}),
                looks=tuple(looks.get(row["listing_row"], ())),
            )
            for row in rows
        ]

    def keep_likeness(self, likeness: Likeness, *, is_first: bool) -> None:
        """Keep what a case is like instead of what it was; only first cases are looked up by their marks."""
        number = likeness.case.id
        for table in (likeness_marks, likenesses):
            self._connection.execute(delete(table).where(table.c.case_id == number))
        kept = {"sketch": likeness.sketch, "title": likeness.title}
        self._connection.execute(insert(likenesses), {"case_id": number, "version": likeness.case.version} | kept)
        is_it = desk.c.case_id == number
        self._connection.execute(update(desk).where(is_it).values(compared=likeness.case.version))
        marks = [{"mark": key, "case_id": number, "kind": kind} for key, kind in likeness.keys.items()]
        self._insert(likeness_marks, marks if is_first else [])

    def join_cluster(self, member: Member, first: Case, *, at: datetime) -> Member:
        """Put a case beside the first case that it is like; that one is a member of the cluster too."""
        query = select(clusters.c.id).where(clusters.c.first_case == first.id)
        number = self._connection.execute(query).scalar()
        if number is None:
            values = {"first_case": first.id, "made_at": at}
            number = self._connection.execute(insert(clusters).returning(clusters.c.id), values).scalar_one()
            self._put(Member(cluster_id=number, case_id=first.id, similarity=1.0))
        return self._put(msgspec.structs.replace(member, cluster_id=number))

    def _put(self, member: Member) -> Member:
        self._connection.execute(delete(cluster_members).where(cluster_members.c.case_id == member.case_id))
        self._connection.execute(insert(cluster_members), msgspec.structs.asdict(member))
        return member

    def clusters(self, *, category: str = "", limit: int, least: int) -> tuple[Cluster, ...]:
        """Clusters of which at least so many cases wait, the largest first."""
        waiting = self._waiting().where(cases.c.category == category) if category else self._waiting()
        waiting = waiting.having(func.count(desk.c.case_id) >= least)
        query = waiting.order_by(func.count(desk.c.case_id).desc(), clusters.c.id).limit(limit)
        return tuple(Cluster(**row) for row in self._connection.execute(query).mappings())

    def cluster(self, cluster_id: int) -> Cluster | None:
        """One cluster."""
        query = self._waiting().where(clusters.c.id == cluster_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return Cluster(**row) if row else None

    def cluster_of(self, case_id: int) -> int | None:
        """The cluster that a case is in."""
        query = select(cluster_members.c.cluster_id).where(cluster_members.c.case_id == case_id)
        number: int | None = self._connection.execute(query).scalar()
        return number

    def members(self, cluster_id: int) -> tuple[Member, ...]:
        """The cases of a cluster by number."""
        query = select(cluster_members).where(cluster_members.c.cluster_id == cluster_id)
        rows = self._connection.execute(query.order_by(cluster_members.c.case_id)).mappings()
        return tuple(Member(**row) for row in rows)

    def waiting_members(self, cluster_id: int) -> tuple[int, ...]:
        """Those that wait for a person."""
        query = select(cluster_members.c.case_id).join(desk, desk.c.case_id == cluster_members.c.case_id)
        query = query.where(cluster_members.c.cluster_id == cluster_id).order_by(cluster_members.c.case_id)
        return tuple(self._connection.execute(query).scalars())

    def _waiting(self) -> Select[Any]:
        """Clusters with how many cases they have, and how many of them wait."""
        query = select(
            clusters.c.id,
            clusters.c.first_case,
            cases.c.category,
            cases.c.severity,
            func.count(cluster_members.c.case_id).label("size"),
            func.count(desk.c.case_id).label("waiting"),
        )
        query = query.join(cases, cases.c.id == clusters.c.first_case)
        query = query.join(cluster_members, cluster_members.c.cluster_id == clusters.c.id)
        query = query.outerjoin(desk, desk.c.case_id == cluster_members.c.case_id)
        return query.group_by(clusters.c.id, clusters.c.first_case, cases.c.category, cases.c.severity)
