"""Listings, versions, sellers, findings and intake's cursor: written in batches, one statement for each table."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import RowMapping, exists, insert, select, update

from scanner.inspection.records import Cursor, Inspection, InspectionState
from scanner.model import EvidenceRef, Finding, Seller
from scanner.outside import seller_key
from scanner.records import Case, KnownListing, NewVersion, Sighting, Version
from scanner.store import many
from scanner.store.cases import case_query, read_case, read_version
from scanner.store.pictures import picture_refs
from scanner.store.rows import Rows
from scanner.store.tables import bad_lines, cases, findings, inspections, listings, segments, sellers, versions

Key = tuple[str, str]

# What a later version of a listing does not touch.
_KEPT = frozenset({"row", "platform", "listing_id", "first_seen_at"})

# What another sighting of a seller writes, and how long after the last it does where nothing else has changed.
_SELLERS_EDITS = ("name", "kind", "licences", "registered_at", "last_seen_at")
_SEEN_AGAIN = timedelta(hours=1)

# How a listing is marked that is there.
_THERE = {"gone_at": None, "gone_why": "", "gone_inspection": None}
# So many listings are asked for by their numbers at a time.
_AT_A_TIME = 500

_CURSOR_KEY = ("inspection_id", "partition", "attempt", "segment")


class Listings(Rows):
    """What intake reads and writes."""

    def cursor(self, inspection_id: int, partition: str, attempt: int, segment: str) -> Cursor:
        """How far a segment was read; at its beginning if it was never opened."""
        fresh = Cursor(inspection_id=inspection_id, partition=partition, attempt=attempt, segment=segment)
        row = self._connection.execute(select(segments).where(*_is_cursor(fresh))).mappings().one_or_none()
        return Cursor(**row) if row else fresh

    def move_cursor(self, before: Cursor, after: Cursor) -> bool:
        """Move it on. ``False`` if somebody else moved it first."""
        values = {name: getattr(after, name) for name in after.__struct_fields__}
        if before.lines == 0:
            known = self._connection.execute(select(segments.c.lines).where(*_is_cursor(after))).first()
            if known is None:
                self._connection.execute(insert(segments), values)
                return True
        moved = update(segments).where(*_is_cursor(after), segments.c.offset == before.offset).values(values)
        return self._connection.execute(moved).rowcount == 1

    def add_bad_lines(self, cursor: Cursor, lines: Sequence[tuple[int, str, str]]) -> None:
        """Keep ``(line number, reason, beginning of the line)`` of what was no observation."""
        where = {"inspection_id": cursor.inspection_id, "partition": cursor.partition, "segment": cursor.segment}
        rows = [{**where, "line": line, "reason": reason, "beginning": start} for line, reason, start in lines]
        self._insert(bad_lines, rows)

    def known_listings(self, keys: Collection[Key]) -> dict[Key, KnownListing]:
        """What is known of the listings ``(platform, listing_id)``, each with its latest case."""
        found: list[RowMapping] = []
        for platform, ids in _by_platform(keys).items():
            found.extend(self._connection.execute(select(listings).where(*self._are(platform, ids))).mappings())
        latest = self._latest_cases([row["id"] for row in found])
        return {(row["platform"], row["listing_id"]): _known(row, latest.get(row["id"])) for row in found}

    def latest_versions(self, rows: Collection[int]) -> dict[int, Version]:
        """The newest version of each listing, by the listing's row."""
        is_latest = (versions.c.listing_row == listings.c.id) & (versions.c.number == listings.c.number)
        query = select(versions).join(listings, is_latest).where(self._one_of(listings.c.id, rows))
        return {row["listing_row"]: read_version(row) for row in self._connection.execute(query).mappings()}

    def recent_versions(self, *, limit: int) -> tuple[Version, ...]:
        """The newest version of each of the listings that were first seen last."""
        newest = select(listings.c.id).order_by(listings.c.id.desc()).limit(limit).scalar_subquery()
        is_latest = (versions.c.listing_row == listings.c.id) & (versions.c.number == listings.c.number)
        query = select(versions).join(listings, is_latest).where(listings.c.id.in_(newest))
        rows = self._connection.execute(query.order_by(listings.c.id.desc())).mappings()
        return tuple(map(read_version, rows))

    def add_versions(self, new: Sequence[NewVersion], sighting: Sighting) -> dict[Key, int]:
        """Store new versions with findings, their listings and sellers. Returns the rows of the listings."""
        new = sorted(new, key=_key)  # two that store the same listings wait for each other, not crosswise
        seller_rows = self._keep_sellers(new)
        fields = [_listing_columns(version, seller_rows, sighting) for version in new]
        self._insert(listings, [row for row, version in zip(fields, new, strict=True) if version.number == 1])
        later = [
            {**row, "row": version.listing_row} for row, version in zip(fields, new, strict=True) if version.number > 1
        ]
        if later:
            names = [name for name in later[0] if name not in _KEPT]
            self._change(listings, later, names)
        rows = self._rows_of(new)
        self._insert(versions, [_version_columns(one, rows[_key(one)], sighting) for one in new])
        self._insert(findings, [row for one in new for row in _finding_columns(one, rows[_key(one)])])
        return rows

    def add_judgements(self, judged: Sequence[NewVersion]) -> None:
        """Store what another rulebook makes of versions that are there already."""
        self._insert(findings, [row for one in judged for row in _finding_columns(one, one.listing_row)])
        marks = [
            {"row": one.listing_row, "judged_by": one.judged_by, "is_flagged": one.triage is not None} for one in judged
        ]
        self._change(listings, marks, ["judged_by", "is_flagged"])
        values = [{"row": one.listing_row, "version": one.number, "judged_by": one.judged_by} for one in judged]
        where = {"listing_row": "row", "number": "version"}
        many.change(self._connection, versions, values, ["judged_by"], where=where)

    def touch(self, rows: Sequence[tuple[int, datetime]], sighting: Sighting) -> None:
        """Listings were seen again as they are."""
        seen = _sighting_columns(sighting)
        marks = [{**seen, **_THERE, "row": row, "last_seen_at": at} for row, at in rows]
        self._change(listings, marks, ["last_seen_at", *_THERE, *seen])

    def keep_validators(self, rows: Sequence[tuple[int, str]]) -> None:
        """By what the platform can be asked whether listings have changed since they were seen."""
        self._change(listings, [{"row": row, "validator": validator} for row, validator in rows], ["validator"])

    def known_content(self, platform: str, *, source: str) -> Iterator[tuple[str, str, str, datetime | None]]:
        """Id, validator and content hash of every listing of a platform that is there, and since when it is known.

        That is when the finished inspection of ``source`` began that stored what is stored, or the last one to see it
        again as it is. Of others there is neither moment nor validator.
        """
        is_sound = (inspections.c.source == source) & (inspections.c.state == InspectionState.FINISHED)
        found = self._connection.execute(select(inspections.c.id, inspections.c.started_at).where(is_sound))
        begun: dict[int, datetime] = {row.id: row.started_at for row in found}
        is_latest = (versions.c.listing_row == listings.c.id) & (versions.c.number == listings.c.number)
        columns = (listings.c.listing_id, listings.c.validator, listings.c.content_hash)
        query = select(*columns, listings.c.seen_inspection, versions.c.inspection_id).join(versions, is_latest)
        query = query.where(listings.c.platform == platform, listings.c.gone_at.is_(None))
        for row in self._connection.execute(query.execution_options(yield_per=_AT_A_TIME)):
            since = max((begun[one] for one in row[3:] if one in begun), default=None)
            yield row[0], row[1] if since else "", row[2], since

    def mark_gone(self, row: int, *, why: str, at: datetime, inspection_id: int) -> None:
        """The platform no longer shows a listing, as an inspection says."""
        gone = {"gone_at": at, "gone_why": why, "gone_inspection": inspection_id}
        self._change(listings, [{"row": row, **gone}], list(gone))

    def unmark_gone(self, rows: Sequence[int]) -> None:
        """Listings are taken to be there again, seen by nobody."""
        self._change(listings, [{"row": row, **_THERE} for row in rows], list(_THERE))

    def gone_by(self, inspection_id: int) -> tuple[KnownListing, ...]:
        """The listings that an inspection found gone."""
        return self._known_where(listings.c.gone_inspection == inspection_id)

    def unseen_listings(self, inspection: Inspection, *, keepers: Collection[str]) -> tuple[KnownListing, ...]:
        """What earlier inspections of the same source saw last, and is not known to be gone.

        Also what they stored and a source that is none of ``keepers`` saw last, before this inspection began.
        """
        before = select(inspections.c.id).where(
            inspections.c.platform == inspection.platform, inspections.c.id < inspection.id
        )
        own = before.where(inspections.c.source == inspection.source)
        is_there = listings.c.gone_at.is_(None) & (listings.c.platform == inspection.platform)
        seen = self._known_where(is_there & listings.c.seen_inspection.in_(own))
        if inspection.source not in keepers:
            return seen
        others = before.where(inspections.c.source.not_in(keepers))
        in_passing = listings.c.seen_inspection.in_(others) & (listings.c.last_seen_at <= inspection.started_at)
        is_own = exists().where(versions.c.listing_row == listings.c.id, versions.c.inspection_id.in_(own))
        return seen + self._known_where(is_there & in_passing & is_own)

    def _known_where(self, condition: Any) -> tuple[KnownListing, ...]:
        found = self._connection.execute(select(listings).where(condition).order_by(listings.c.id)).mappings().all()
        cases_of = self.latest_cases([row["id"] for row in found])
        return tuple(_known(row, cases_of.get(row["id"])) for row in found)

    def evidence_refs(self) -> Iterator[tuple[int, int, EvidenceRef]]:
        """The row and number of every version with evidence, and where that lies: its page, then pictures."""
        columns = (versions.c.listing_row, versions.c.number, versions.c.evidence)
        query = select(*columns).order_by(versions.c.listing_row, versions.c.number)
        for row in self._connection.execute(query.execution_options(yield_per=_AT_A_TIME)):
            if row[2] is not None:
                yield row[0], row[1], row[2]
        yield from picture_refs(self._connection)

    def latest_cases(self, rows: Sequence[int]) -> dict[int, Case]:
        """The latest case of each listing, by the listing's row."""
        found: dict[int, Case] = {}
        for start in range(0, len(rows), _AT_A_TIME):
            found |= self._latest_cases(rows[start : start + _AT_A_TIME])
        return found

    def _latest_cases(self, rows: Collection[int]) -> dict[int, Case]:
        if not rows:
            return {}
        query = case_query().where(self._one_of(cases.c.listing_row, rows)).order_by(cases.c.id)
        return {row["listing_row"]: read_case(row) for row in self._connection.execute(query).mappings()}

    def _rows_of(self, new: Sequence[NewVersion]) -> dict[Key, int]:
        rows = {_key(one): one.listing_row for one in new if one.number > 1}
        for platform, ids in _by_platform(_key(one) for one in new if one.number == 1).items():
            query = select(listings.c.id, listings.c.listing_id).where(*self._are(platform, ids))
            rows.update({(platform, row.listing_id): row.id for row in self._connection.execute(query)})
        return rows

    def _keep_sellers(self, new: Sequence[NewVersion]) -> dict[Key, int]:
        """Insert sellers that are new, write over what changed of the others. Returns their rows.

        Whoever was seen within the hour is not written again for that: most of a batch are such, and each would cost a
        row and five entries of indices.
        """
        seen = {_seller_key(one): one for one in new if one.listing.seller != Seller()}
        known = self._sellers(seen)
        fresh = sorted(key for key in seen if key not in known)
        self._insert_new(sellers, [_seller_columns(seen[key]) for key in fresh])
        edits = [_seller_columns(seen[key]) | {"row": row["id"]} for key, row in known.items()]
        rows = {row["id"]: row for row in known.values()}
        self._change(sellers, [one for one in edits if _is_news(one, rows[one["row"]])], _SELLERS_EDITS)
        found = known if len(known) == len(seen) else self._sellers(seen)
        return {key: row["id"] for key, row in found.items()}

    def _sellers(self, keys: Collection[Key]) -> dict[Key, RowMapping]:
        found: dict[Key, RowMapping] = {}
        for platform in {platform for platform, _ in keys}:
            names = [name for home, name in keys if home == platform]
            query = select(sellers).where(sellers.c.platform == platform, self._one_of_texts(sellers.c.key, names))
            found.update({(platform, row["key"]): row for row in self._connection.execute(query).mappings()})
        return found

    def _are(self, platform: str, ids: Collection[str]) -> tuple[Any, ...]:
        return listings.c.platform == platform, self._one_of_texts(listings.c.listing_id, ids)


def aware(moment: datetime) -> datetime:
    """A moment that a platform gave without a zone is taken as UTC: better an hour off than lost."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _by_platform(keys: Iterable[Key]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for platform, listing_id in keys:
        names[platform].append(listing_id)
    return names


def _is_cursor(cursor: Cursor) -> tuple[Any, ...]:
    return tuple(segments.c[name] == getattr(cursor, name) for name in _CURSOR_KEY)


def _known(row: RowMapping, case: Case | None) -> KnownListing:
    seen = Sighting(inspection_id=row["seen_inspection"], partition=row["seen_partition"], attempt=row["seen_attempt"])
    return KnownListing(
        id=row["id"],
        platform=row["platform"],
        listing_id=row["listing_id"],
        number=row["number"],
        content_hash=row["content_hash"],
        judged_by=row["judged_by"],
        seen=seen,
        is_gone=row["gone_at"] is not None,
        url=row["url"],
        validator=row["validator"],
        case=case,
    )


def _key(version: NewVersion) -> Key:
    return version.listing.platform, version.listing.listing_id


def _seller_key(version: NewVersion) -> Key:
    """The platform, and what the seller is known by there."""
    return version.listing.platform, seller_key(version.listing.seller)


def _seller_columns(version: NewVersion) -> dict[str, Any]:
    seller = version.listing.seller
    platform, key = _seller_key(version)
    return {
        "platform": platform,
        "key": key,
        "name": seller.name,
        "kind": seller.kind,
        "licences": seller.licences,
        "registered_at": seller.registered_at and aware(seller.registered_at),
        "first_seen_at": version.seen_at,
        "last_seen_at": version.seen_at,
    }


def _is_news(edit: dict[str, Any], row: RowMapping) -> bool:
    """Whether a seller is not as they are kept, or was not seen for some time."""
    is_same = all(edit[name] == row[name] for name in _SELLERS_EDITS if name != "last_seen_at")
    return not is_same or edit["last_seen_at"] - row["last_seen_at"] >= _SEEN_AGAIN


def _sighting_columns(sighting: Sighting) -> dict[str, Any]:
    return {
        "seen_inspection": sighting.inspection_id,
        "seen_partition": sighting.partition,
        "seen_attempt": sighting.attempt,
    }


def _listing_columns(version: NewVersion, seller_rows: dict[Key, int], sighting: Sighting) -> dict[str, Any]:
    listing = version.listing
    return {
        "platform": listing.platform,
        "listing_id": listing.listing_id,
        "seller_row": seller_rows.get(_seller_key(version)),
        "url": listing.url,
        "title": listing.title or listing.text[:200],
        "price": listing.price,
        "currency": listing.currency,
        "number": version.number,
        "content_hash": version.content_hash,
        "judged_by": version.judged_by,
        "is_flagged": version.triage is not None,
        "first_seen_at": version.seen_at,
        "last_seen_at": version.seen_at,
        **_THERE,
        "validator": version.validator,
        **_sighting_columns(sighting),
    }


def _version_columns(version: NewVersion, row: int, sighting: Sighting) -> dict[str, Any]:
    return {
        "listing_row": row,
        "number": version.number,
        "content_hash": version.content_hash,
        "seen_at": version.seen_at,
        "inspection_id": sighting.inspection_id,
        "listing": version.listing,
        "evidence": version.evidence,
        "judged_by": version.judged_by,
        "first_judged_by": version.judged_by,
    }


def _finding_columns(version: NewVersion, row: int) -> list[dict[str, Any]]:
    place = {"listing_row": row, "number": version.number}
    found = {finding.identity: finding for finding in version.findings}
    return [
        {
            **place,
            **{name: getattr(finding, name) for name in finding.__struct_fields__},
            "judge": version.judged_by,
            "words": _words(finding),
        }
        for finding in found.values()
    ]


def _words(finding: Finding) -> str:
    """The matched words, the part of a finding's identity that is too long for an index, as a hash."""
    return hashlib.sha256(msgspec.json.encode(finding.identity[1])).hexdigest()
