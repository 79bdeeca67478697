"""Cases on listings that are nearly the same: found together, seen together, decided together.

Each case is compared with the first case of those that are like it, not with each other: so a cluster does not creep
from one thing to another. What listings are recognised by is the matter of ``scanner.sellers.marks``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from scanner import audit
from scanner.errors import NotFound
from scanner.model import Actor, Ruling
from scanner.moderation import bulk
from scanner.moderation.bulk_rows import BulkRows, BulkStore
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Batch, Cluster, Likeness, Member
from scanner.outside import Mark
from scanner.pictures.alike import are_alike
from scanner.records import Case, Version
from scanner.sellers.marks import Marks, contact_keys, look_keys, marks_of, sketch_of, title_likeness

# The share of common text from which two listings are nearly the same; less is enough where they share something else.
ALIKE, ALIKE_IF_SHARED, TITLES_ALIKE_IF_SHARED = 0.8, 0.5, 0.6
# So many cases are compared at a time, each with so many first cases at most.
_PAGE, _CANDIDATES = 256, 20
_WHOLE = frozenset({Mark.TEXT, Mark.TEMPLATE})
_TELLING = frozenset({Mark.CONTACT, Mark.IMAGE})
_IN_WORDS = {Mark.CONTACT: "the same contact", Mark.IMAGE: "the same picture", Mark.SELLER: "the same seller"}


class Grouped(msgspec.Struct, frozen=True, kw_only=True):
    """What grouping came to: how many cases were compared, and how many of them are in a cluster now."""

    compared: int
    joined: int


class ClusterRows(BulkRows, Protocol):
    """What clusters read and write."""

    def cases_to_compare(self, *, after: int, limit: int) -> tuple[Case, ...]:
        """Waiting cases by number, after that one, that were not compared with others yet as they are now."""

    def case_versions(self, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Version]:
        """Versions by the listing's row and number."""

    def looks_of(self, rows: Collection[int]) -> Mapping[int, Sequence[int]]:
        """What the pictures of listings look like, by the listing's row."""

    def first_cases(self, keys: Collection[int], *, category: str, limit: int) -> tuple[Likeness, ...]:
        """First cases of a category that share some of these marks, those that share most first."""

    def keep_likeness(self, likeness: Likeness, *, is_first: bool) -> None:
        """Keep what a case is like instead of what it was; only first cases are looked up by their marks."""

    def join_cluster(self, member: Member, first: Case, *, at: datetime) -> Member:
        """Put a case beside the first case that it is like; that one is a member of the cluster too."""

    def clusters(self, *, category: str = "", limit: int, least: int) -> tuple[Cluster, ...]:
        """Clusters of which at least so many cases wait, the largest first."""

    def cluster(self, cluster_id: int) -> Cluster | None:
        """One cluster."""

    def cluster_of(self, case_id: int) -> int | None:
        """The cluster that a case is in."""

    def members(self, cluster_id: int) -> tuple[Member, ...]:
        """The cases of a cluster by number."""

    def waiting_members(self, cluster_id: int) -> tuple[int, ...]:
        """Those that wait for a person."""


class ClusterStore(BulkStore, Protocol):
    """A store that keeps clusters."""

    def reading(self) -> AbstractContextManager[ClusterRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[ClusterRows]:
        """All or nothing; ``durable`` also survives a power cut."""


def refresh(store: ClusterStore, *, now: datetime, secret: str = "") -> Grouped:
    """Compare what waits and was not compared yet, and group it. Run it after an inspection; killed, it goes on.

    Two cases belong together if they are of the same category, and
    1. their texts are the same but for width, script, blanks and emoji, or for letters and digits in a longer form,
       or share four fifths of their pieces;
    2. or share half of them, or their titles three fifths of their pairs of characters, and the seller, a contact or a
       picture too.
    Contacts are compared as hashes under ``secret``.
    """
    compared = joined = after = 0
    while True:
        with store.reading() as tx:
            page = tx.cases_to_compare(after=after, limit=_PAGE)
            versions = tx.case_versions([(case.listing_row, case.version) for case in page])
            looks = tx.looks_of([case.listing_row for case in page])
        if not page:
            return Grouped(compared=compared, joined=joined)
        known = [(case, versions[case.listing_row, case.version]) for case in page]
        marked = marks_of([version.listing for _, version in known], secret)
        with store.transaction() as tx:
            for (case, version), marks in zip(known, marked, strict=True):
                named = contact_keys(version.listing, secret).keys() & marks.keys.keys()
                joined += _place(tx, _likeness(case, marks, named, looks.get(case.listing_row, ())), now)
        compared, after = compared + len(page), page[-1].id


def clusters(store: ClusterStore, *, category: str = "", limit: int = 50, least: int = 2) -> tuple[Cluster, ...]:
    """Clusters of which at least so many cases wait, the largest first."""
    with store.reading() as tx:
        return tx.clusters(category=category, limit=limit, least=least)


def members(store: ClusterStore, cluster_id: int) -> tuple[Member, ...]:
    """The cases of a cluster by number, the first with itself. Raises ``NotFound``."""
    with store.reading() as tx:
        _known(tx, cluster_id)
        return tx.members(cluster_id)


def cluster_of(store: ClusterStore, case_id: int) -> Cluster | None:
    """The cluster that a case is in, if it is in one."""
    with store.reading() as tx:
        number = tx.cluster_of(case_id)
        return tx.cluster(number) if number is not None else None


def prepare(
    store: ClusterStore,
    cluster_id: int,
    ruling: Ruling,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    policy: Policy | None = None,
) -> Batch:
    """One decision for all of a cluster that waits, as a bulk decision: some members are drawn to be looked at first.

    Go on with ``bulk.look`` for each of them and ``bulk.start``. Raises ``NotFound`` if nothing of it waits.
    """
    with store.reading() as tx:
        _known(tx, cluster_id)
        waiting = tx.waiting_members(cluster_id)
    if not waiting:
        raise NotFound(
            "no case of cluster {cluster} waits", hint="`delist cluster list` shows those that do.", cluster=cluster_id
        )
    return bulk.preview(
        store,
        waiting,
        ruling,
        reason=reason,
        note=note,
        actor=actor,
        now=now,
        cluster_id=cluster_id,
        policy=policy or shipped(),
    )


def _likeness(case: Case, marks: Marks, named: Collection[int], looks: Sequence[int]) -> Likeness:
    """Of all that might be a handle, only what signals take for a contact counts as one."""
    keys = {key: mark for key, mark in marks.keys.items() if mark is not Mark.CONTACT or key in named}
    keys |= look_keys(looks)
    return Likeness(case=case, sketch=sketch_of(marks.pieces), title=marks.title, keys=keys, looks=tuple(looks))


def _place(tx: ClusterRows, one: Likeness, now: datetime) -> bool:
    """Put a case beside the first case that it is most like, or keep it as a first case; whether it has joined one."""
    found = tx.first_cases(one.keys.keys(), category=one.case.category, limit=_CANDIDATES)
    near = max((_compared(one, first) for first in found if first.case.id != one.case.id), default=None)
    best = near if near is not None and near[0] > 0 else None
    tx.keep_likeness(one, is_first=best is None)
    if best is None:
        return False
    similarity, first_id, shares = best
    first = next(first.case for first in found if first.case.id == first_id)
    member = Member(cluster_id=0, case_id=one.case.id, similarity=similarity, shares=shares)
    joined = tx.join_cluster(member, first, at=now)
    audit.append(
        tx,
        actor=audit.SYSTEM,
        kind="case.clustered",
        subject=f"case:{one.case.id}",
        at=now,
        cluster=joined.cluster_id,
        first_case=first_id,
        similarity=similarity,
        shares=shares,
    )
    return True


def _compared(one: Likeness, first: Likeness) -> tuple[float, int, tuple[str, ...]]:
    """How like two are, 0 where they do not belong together; the first case's number; what they share, in words."""
    common = {mark for key, mark in one.keys.items() if first.keys.get(key) is mark}
    telling = common & _TELLING | ({Mark.IMAGE} if are_alike(one.looks, first.looks) else frozenset())
    shared = sorted(_IN_WORDS[mark] for mark in telling)
    if one.case.seller_row is not None and one.case.seller_row == first.case.seller_row:
        shared.append(_IN_WORDS[Mark.SELLER])
    alike = 1.0 if common & _WHOLE else _share(one.sketch, first.sketch)
    title = title_likeness(one.title, first.title)
    if alike >= ALIKE or (shared and alike >= ALIKE_IF_SHARED):
        return round(alike, 3), first.case.id, tuple(shared)
    if shared and title >= TITLES_ALIKE_IF_SHARED:
        return round(title, 3), first.case.id, tuple(shared)
    return 0.0, first.case.id, ()


def _share(one: Sequence[int], other: Sequence[int]) -> float:
    """The estimated share of common pieces: how many values of two MinHashes agree."""
    return math.fsum(a == b for a, b in zip(one, other, strict=True)) / len(one) if one else 0.0


def _known(tx: ClusterRows, cluster_id: int) -> Cluster:
    found = tx.cluster(cluster_id)
    if found is None:
        raise NotFound("there is no cluster {cluster}", hint="`delist cluster list` shows them.", cluster=cluster_id)
    return found
