"""Inspections and their partitions: who crawls what, until when, and how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from scanner.errors import NotFound
from scanner.inspection.records import Inspection, InspectionState, IntakeCounts, PartitionRow, PartitionState
from scanner.model import Ledger
from scanner.store.rows import Rows
from scanner.store.tables import findings, inspections, listings, partitions, segments, sources

# How an attempt at a partition ended, as ``close_partition`` writes it.
_CLOSING = ("state", "finish_reason", "detail", "ledger", "counts", "finished_at")


class Inspections(Rows):
    """What an inspection reads and writes of itself."""

    def start_inspection(
        self, *, source: str, platform: str, walker: str, kind: str, given: str, rulebook: str, at: datetime
    ) -> Inspection | None:
        """A new inspection, running; ``None`` if one of the source is running already."""
        self._keep_source(source, platform=platform, walker=walker, at=at)
        values = {
            "source": source,
            "platform": platform,
            "kind": kind,
            "given": given,
            "state": InspectionState.RUNNING,
            "started_at": at,
            "rulebook": rulebook,
            "reasons": (),
            "ledger": Ledger(),
            "counts": IntakeCounts(),
        }
        try:
            with self._connection.begin_nested():
                row = self._connection.execute(insert(inspections).returning(*inspections.c), values).mappings().one()
        except IntegrityError:
            return None
        return _inspection(row)

    def inspection(self, inspection_id: int) -> Inspection:
        """One inspection. Raises ``NotFound``."""
        query = select(inspections).where(inspections.c.id == inspection_id)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no inspection {number}", number=inspection_id)
        return _inspection(row)

    def running_inspection(self, source: str) -> Inspection | None:
        """The newest inspection of a source that has not ended."""
        is_running = (inspections.c.source == source) & (inspections.c.state == InspectionState.RUNNING)
        query = select(inspections).where(is_running).order_by(inspections.c.id.desc()).limit(1)
        row = self._connection.execute(query).mappings().one_or_none()
        return _inspection(row) if row else None

    def recent_finished(self, source: str, *, limit: int) -> tuple[Inspection, ...]:
        """The newest inspections of a source that finished, the newest first."""
        is_good = (inspections.c.source == source) & (inspections.c.state == InspectionState.FINISHED)
        query = select(inspections).where(is_good).order_by(inspections.c.id.desc()).limit(limit)
        return tuple(_inspection(row) for row in self._connection.execute(query).mappings())

    def inspections_before(self, number: int | None, *, source: str, limit: int) -> tuple[Inspection, ...]:
        """Inspections with lower numbers (none: all), the newest first; of one source, if it is named."""
        query = select(inspections).order_by(inspections.c.id.desc()).limit(limit)
        if number is not None:
            query = query.where(inspections.c.id < number)
        if source:
            query = query.where(inspections.c.source == source)
        return tuple(_inspection(row) for row in self._connection.execute(query).mappings())

    def end_inspection(
        self,
        inspection_id: int,
        *,
        state: InspectionState,
        reasons: Sequence[str],
        ledger: Ledger,
        counts: IntakeCounts,
        at: datetime,
    ) -> Inspection:
        """Close the row."""
        values = {"state": state, "reasons": tuple(reasons), "ledger": ledger, "counts": counts, "finished_at": at}
        self._connection.execute(update(inspections).where(inspections.c.id == inspection_id).values(values))
        return self.inspection(inspection_id)

    def add_partitions(self, inspection_id: int, plans: Sequence[tuple[str, bytes]]) -> None:
        """The parts of an inspection, by name and plan."""
        fresh = {
            "inspection_id": inspection_id,
            "state": PartitionState.OPEN,
            "worker": "",
            "token": 0,
            "attempts": 0,
            "finish_reason": "",
            "detail": "",
            "ledger": Ledger(),
            "counts": IntakeCounts(),
        }
        self._insert(partitions, [{**fresh, "name": name, "plan": plan.decode()} for name, plan in plans])

    def partitions(self, inspection_id: int) -> tuple[PartitionRow, ...]:
        """All parts in the order of the plan."""
        query = select(partitions).where(partitions.c.inspection_id == inspection_id).order_by(partitions.c.id)
        return tuple(_partition(row) for row in self._connection.execute(query).mappings())

    def lease_partition(
        self, partition: PartitionRow, *, worker: str, at: datetime, until: datetime
    ) -> PartitionRow | None:
        """Take a part that is as ``partition`` says; ``None`` if somebody took it first. Token and attempts go up."""
        values: dict[str, Any] = {
            "state": PartitionState.LEASED,
            "worker": worker,
            "token": partition.token + 1,
            "lease_until": until,
            "attempts": partition.attempts + 1,
            "started_at": at,
        }
        leased = _held(partition).values(values).returning(*partitions.c)
        row = self._connection.execute(leased).mappings().one_or_none()
        return _partition(row) if row else None

    def renew_lease(self, partition: PartitionRow, *, until: datetime) -> bool:
        """Keep a leased part. ``False`` if the token is no longer ours."""
        return self._connection.execute(_held(partition).values(lease_until=until)).rowcount == 1

    def close_partition(self, partition: PartitionRow) -> bool:
        """Write how an attempt ended. ``False`` if the token is no longer ours."""
        values: dict[str, Any] = {name: getattr(partition, name) for name in _CLOSING}
        return self._connection.execute(_held(partition).values(lease_until=None, **values)).rowcount == 1

    def segment_counts(self, inspection_id: int) -> dict[tuple[str, int], IntakeCounts]:
        """What intake saw, by partition and attempt."""
        columns = (segments.c.partition, segments.c.attempt, segments.c.counts)
        query = select(*columns).where(segments.c.inspection_id == inspection_id)
        seen: dict[tuple[str, int], IntakeCounts] = defaultdict(IntakeCounts)
        for row in self._connection.execute(query):
            seen[row.partition, row.attempt] += row.counts
        return dict(seen)

    def flagged_by_category(self, inspection_id: int) -> dict[str, dict[str, int]]:
        """Listings seen in an inspection that are flagged: category -> severity -> how many."""
        is_version = (findings.c.listing_row == listings.c.id) & (findings.c.number == listings.c.number)
        columns = (findings.c.category, findings.c.severity, func.count(listings.c.id.distinct()))
        query = select(*columns).join_from(listings, findings, is_version).group_by(*columns[:2])
        query = query.where(listings.c.seen_inspection == inspection_id, listings.c.is_flagged)
        query = query.where(findings.c.judge == listings.c.judged_by).order_by(*columns[:2])
        table: dict[str, dict[str, int]] = defaultdict(dict)
        for category, severity, count in self._connection.execute(query):
            table[category][severity.value] = count
        return dict(table)

    def _keep_source(self, name: str, *, platform: str, walker: str, at: datetime) -> None:
        values = {"platform": platform, "walker": walker, "last_at": at}
        if self._connection.execute(update(sources).where(sources.c.name == name).values(values)).rowcount == 0:
            self._insert_new(sources, [{"name": name, "first_at": at, **values}])


def _held(partition: PartitionRow) -> Any:
    """An update of a partition under the token that is in ``partition``, and of no other."""
    return update(partitions).where(partitions.c.id == partition.id, partitions.c.token == partition.token)


def _inspection(row: RowMapping) -> Inspection:
    return Inspection(**row)


def _partition(row: RowMapping) -> PartitionRow:
    return PartitionRow(**{**row, "plan": row["plan"].encode()})
