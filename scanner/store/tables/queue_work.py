"""Tables of working the queue: who has or skipped which case, drafts, approvals, clusters, bulk decisions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, text

from scanner.model import Desk, Role, Ruling
from scanner.moderation.records import ApprovalKind, ApprovalState, BatchState, ItemState, Proposal
from scanner.outside import Mark
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

# The cases that wait for a person, each in its place. One that somebody has, or that is put off, has a moment at which
# it is back; so the next case is read off the front of an index, whatever else there is.
desk = Table(
    "desk",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("desk", Code(Desk), nullable=False),
    Column("place", Integer, nullable=False),
    Column("person", Written, nullable=False),
    Column("back_at", Moment),
    # The version that was compared with other cases' listings; 0: it is yet to be.
    Column("compared", Integer, nullable=False, server_default="0"),
)

Index(
    "ix_desk_free",
    desk.c.desk,
    desk.c.place,
    desk.c.case_id,
    sqlite_where=text("back_at IS NULL"),
    postgresql_where=text("back_at IS NULL"),
)
Index(
    "ix_desk_away",
    desk.c.back_at,
    sqlite_where=text("back_at IS NOT NULL"),
    postgresql_where=text("back_at IS NOT NULL"),
)
Index(
    "ix_desk_person",
    desk.c.person,
    desk.c.place,
    sqlite_where=text("person <> ''"),
    postgresql_where=text("person <> ''"),
)

Index(
    "ix_desk_news",
    desk.c.case_id,
    sqlite_where=text("compared = 0"),
    postgresql_where=text("compared = 0"),
)

skips = Table(
    "skips",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("person", Written, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("reason", Written, nullable=False),
)

claim_drafts = Table(
    "claim_drafts",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("person", Written, primary_key=True),
    Column("saved_at", Moment, nullable=False),
    Column("ruling", Code(Ruling)),
    Column("reason", Written, nullable=False),
    Column("note", Written, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("why", Written, nullable=False),
    Index(None, "person", "saved_at"),
)

approvals = Table(
    "approvals",
    metadata,
    row_id(),
    Column("kind", Code(ApprovalKind), nullable=False),
    Column("subject", Written, nullable=False),
    Column("proposal", Json(Proposal), nullable=False),
    Column("why", Json(tuple[str, ...]), nullable=False),
    Column("state", Code(ApprovalState), nullable=False),
    Column("asked_by", Written, nullable=False),
    Column("asked_role", Code(Role), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("settled_by", Written, nullable=False),
    Column("settled_at", Moment),
    Column("note", Written, nullable=False),
    Index(None, "state", "expires_at"),
    Index(None, "subject"),
)

# One open proposal of a kind for a subject.
Index(
    "uq_approvals_one_asked",
    approvals.c.kind,
    approvals.c.subject,
    unique=True,
    sqlite_where=text("state = 'asked'"),
    postgresql_where=text("state = 'asked'"),
)

# What a listing is like: its MinHash, and the first case of those that are like it.
likenesses = Table(
    "likenesses",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("sketch", Json(tuple[int, ...]), nullable=False),
    Column("title", Json(frozenset[int]), nullable=False),
)

# The marks by which first cases are looked up; a case that joins a cluster has none here.
likeness_marks = Table(
    "likeness_marks",
    metadata,
    Column("mark", Big, primary_key=True, autoincrement=False),
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("kind", Code(Mark), nullable=False),
    Index(None, "case_id"),
)

clusters = Table(
    "clusters",
    metadata,
    row_id(),
    Column("first_case", Big, ForeignKey("cases.id"), nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
)

cluster_members = Table(
    "cluster_members",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("cluster_id", Big, ForeignKey("clusters.id"), nullable=False),
    Column("similarity", Float, nullable=False),
    Column("shares", Json(tuple[str, ...]), nullable=False),
    Index(None, "cluster_id"),
)

batches = Table(
    "batches",
    metadata,
    row_id(),
    Column("state", Code(BatchState), nullable=False),
    Column("ruling", Code(Ruling), nullable=False),
    Column("reason", Written, nullable=False),
    Column("note", Written, nullable=False),
    Column("made_by", Written, nullable=False),
    Column("made_role", Code(Role), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("cluster_id", Big),
    Column("approval_id", Big),
    Column("approved_by", Written, nullable=False),
    Column("changed_at", Moment),
    Index(None, "state", "id"),
)

batch_items = Table(
    "batch_items",
    metadata,
    Column("batch_id", Big, ForeignKey("batches.id"), primary_key=True, autoincrement=False),
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("state", Code(ItemState), nullable=False),
    Column("says", Written, nullable=False),
    Column("is_sampled", Boolean, nullable=False),
    Column("looked_by", Written, nullable=False),
    Column("decision_id", Big),
    Index(None, "batch_id", "state", "case_id"),
)
