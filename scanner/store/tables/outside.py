"""Tables of what passes between Delist and people outside: notices, appeals, letters, what is on file of sellers."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from scanner.model import Severity
from scanner.outside import (
    AppealGround,
    AppealReason,
    AppealState,
    ExceptionState,
    LetterKind,
    LetterState,
    Mark,
    Modifier,
    NoticeKind,
    NoticeOutcome,
    NoticeState,
    PenaltyState,
    PlanItem,
    PlanState,
    Report,
)
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

notices = Table(
    "notices",
    metadata,
    row_id(),
    Column("receipt", Text, nullable=False, unique=True),
    Column("kind", Code(NoticeKind), nullable=False),
    Column("report", Json(Report), nullable=False),
    Column("request_key", Written, unique=True),
    Column("reporter_key", Written, nullable=False),
    Column("state", Code(NoticeState), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("act_by", Moment, nullable=False),
    Column("answer_by", Moment, nullable=False),
    Column("platform", Written, nullable=False),
    Column("listing_id", Written, nullable=False),
    Column("listing_row", Big, ForeignKey("listings.id")),
    Column("seller_row", Big, ForeignKey("sellers.id")),
    Column("case_id", Big, ForeignKey("cases.id")),
    Column("duplicate_of", Big, ForeignKey("notices.id")),
    Column("waits_for", Written, nullable=False),
    Column("outcome", Code(NoticeOutcome)),
    Column("says", Written, nullable=False),
    Column("answered_at", Moment),
    Column("answered_by", Written, nullable=False),
    Index(None, "state", "answer_by", "id"),
    Index(None, "reporter_key", "received_at"),
    Index(None, "seller_row", "received_at"),
    Index(None, "listing_row", "state"),
    Index(None, "case_id"),
)

appeals = Table(
    "appeals",
    metadata,
    row_id(),
    Column("receipt", Text, nullable=False, unique=True),
    Column("case_id", Big, ForeignKey("cases.id"), nullable=False),
    # A decision is appealed once.
    Column("decision_id", Big, ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("takedown_id", Big, ForeignKey("takedowns.id")),
    Column("seller_row", Big, ForeignKey("sellers.id")),
    Column("ground", Code(AppealGround), nullable=False),
    Column("statement", Written, nullable=False),
    Column("documents", Json(tuple[str, ...]), nullable=False),
    Column("contact", Written, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Code(AppealState), nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("accept_by", Moment, nullable=False),
    Column("decide_by", Moment, nullable=False),
    Column("accepted_at", Moment),
    Column("accepted_by", Written, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Written, nullable=False),
    Column("proposed_by", Written, nullable=False),
    Column("reason", Code(AppealReason)),
    Column("note", Written, nullable=False),
    Index(None, "state", "decide_by", "id"),
    Index(None, "case_id"),
    Index(None, "seller_row"),
)

licences = Table(
    "licences",
    metadata,
    row_id(),
    Column("seller_row", Big, ForeignKey("sellers.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Written, nullable=False),
    Column("issuer", Written, nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("checked_at", Moment, nullable=False),
    Column("checked_by", Written, nullable=False),
    Column("check_by", Moment, nullable=False),
    Column("note", Written, nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", Written, nullable=False),
    Index(None, "seller_row"),
    Index(None, "check_by"),
)

seller_exceptions = Table(
    "seller_exceptions",
    metadata,
    row_id(),
    Column("rule", Text, nullable=False),
    Column("seller_row", Big, ForeignKey("sellers.id"), nullable=False),
    Column("owner", Written, nullable=False),
    Column("reason", Written, nullable=False),
    Column("state", Code(ExceptionState), nullable=False),
    Column("proposed_by", Written, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("decided_by", Written, nullable=False),
    Column("decided_at", Moment),
    Column("hits", Integer, nullable=False),
    Column("last_hit_at", Moment),
    Index(None, "seller_row"),
    Index(None, "state", "expires_at"),
)

# One exception of a rule for a seller at a time.
Index(
    "uq_seller_exceptions_one_of_a_kind",
    seller_exceptions.c.seller_row,
    seller_exceptions.c.rule,
    unique=True,
    sqlite_where=text("state IN ('proposed', 'in_force')"),
    postgresql_where=text("state IN ('proposed', 'in_force')"),
)

penalties = Table(
    "penalties",
    metadata,
    row_id(),
    Column("seller_row", Big, ForeignKey("sellers.id"), nullable=False),
    Column("case_id", Big, ForeignKey("cases.id"), nullable=False),
    Column("decision_id", Big, ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("category", Text, nullable=False),
    Column("severity", Code(Severity), nullable=False),
    Column("why", Written, nullable=False),
    Column("modifiers", Json(tuple[Modifier, ...]), nullable=False),
    Column("state", Code(PenaltyState), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("counts_until", Moment, nullable=False),
    Column("accepted_by", Written, nullable=False),
    Column("decided_by", Written, nullable=False),
    Column("decided_at", Moment),
    Column("note", Written, nullable=False),
    Column("until", Moment),
    Index(None, "seller_row"),
    Index(None, "case_id"),
    Index(None, "state", "id"),
)

letters = Table(
    "letters",
    metadata,
    row_id(),
    Column("key", Written, nullable=False, unique=True),
    Column("kind", Code(LetterKind), nullable=False),
    Column("to", Written, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Written, nullable=False),
    Column("body", Written, nullable=False),
    Column("state", Code(LetterState), nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("case_id", Big, ForeignKey("cases.id")),
    Column("notice_id", Big, ForeignKey("notices.id")),
    Column("seller_row", Big, ForeignKey("sellers.id")),
    Column("attempts", Integer, nullable=False),
    Column("token", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("sent_at", Moment),
    Column("says", Written, nullable=False),
    Index(None, "state", "due_at", "id"),
    Index(None, "case_id"),
    Index(None, "notice_id"),
    Index(None, "seller_row"),
)

# What removed listings are recognised by when they come back.
fingerprints = Table(
    "fingerprints",
    metadata,
    row_id(),
    Column("case_id", Big, ForeignKey("cases.id"), nullable=False),
    Column("decision_id", Big, ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("listing_row", Big, ForeignKey("listings.id"), nullable=False),
    Column("seller_row", Big, ForeignKey("sellers.id")),
    Column("seller_key", Written, nullable=False),
    Column("platform", Written, nullable=False),
    Column("listing_id", Written, nullable=False),
    Column("category", Text, nullable=False),
    Column("severity", Code(Severity), nullable=False),
    Column("rules", Json(tuple[str, ...]), nullable=False),
    Column("title", Json(tuple[int, ...]), nullable=False),
    Column("sketch", Json(tuple[int, ...]), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("ended_at", Moment),
    Index(None, "case_id"),
    Index(None, "listing_row"),
    Index(None, "expires_at"),
)

# The marks of each as numbers; a new listing's are looked up here.
fingerprint_marks = Table(
    "fingerprint_marks",
    metadata,
    Column("key", Big, primary_key=True, autoincrement=False),
    Column("fingerprint_id", Big, ForeignKey("fingerprints.id"), primary_key=True, autoincrement=False),
    Column("mark", Code(Mark), nullable=False),
    Index(None, "fingerprint_id"),
)

# The secret under which handles are hashed, so that a copy of the marks alone names nobody.
watch_keys = Table(
    "watch_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret", Text, nullable=False),
)

# How far the history has been followed up.
followed = Table(
    "followed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sequence", Big, nullable=False),
)

# What retention is to delete, until two people have agreed and it is done.
retention_plans = Table(
    "retention_plans",
    metadata,
    row_id(),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Written, nullable=False),
    Column("state", Code(PlanState), nullable=False),
    Column("items", Json(tuple[PlanItem, ...]), nullable=False),
    Column("digest", Text, nullable=False),
    Column("approved_by", Json(tuple[str, ...]), nullable=False),
    Column("run_at", Moment),
    Column("run_by", Written, nullable=False),
    Index(None, "state"),
)
