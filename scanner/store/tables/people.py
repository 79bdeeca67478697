"""Tables of who may use Delist, and of what they keep for themselves."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from scanner.model import Role
from scanner.people.records import Preferences, Scope
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

people = Table(
    "people",
    metadata,
    row_id(),
    Column("name", Written, nullable=False, unique=True),
    Column("role", Code(Role), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_login_at", Moment),
    Column("preferences", Json(Preferences), nullable=False),
)

# The secret stays with the browser; this is its SHA-256.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("address", Written, nullable=False),
    Column("agent", Written, nullable=False),
    Index(None, "person_id"),
)

# Failed logins in a row, by name and by address; names that do not exist count alike.
login_failures = Table(
    "login_failures",
    metadata,
    Column("key", Written, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("locked_until", Moment),
)

# Who is at the login provider. The state that comes back with them stays with the browser; this is its SHA-256.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("state", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("goal", Written, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Index(None, "begun_at"),
)

# Whose account it is, as a login provider says it: names change hands, an issuer's subject does not.
identities = Table(
    "identities",
    metadata,
    Column("issuer", Written, primary_key=True),
    Column("subject", Written, primary_key=True),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False),
    Index(None, "person_id"),
)

tokens = Table(
    "tokens",
    metadata,
    row_id(),
    Column("name", Written, nullable=False),
    Column("role", Code(Role), nullable=False),
    Column("scopes", Json(tuple[Scope, ...]), nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Written, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("used_at", Moment),
)

# A revoked token's name may be used again; what it did stays on record under its number.
Index(
    "uq_tokens_one_of_a_name",
    tokens.c.name,
    unique=True,
    sqlite_where=text("revoked_at IS NULL"),
    postgresql_where=text("revoked_at IS NULL"),
)

saved_views = Table(
    "saved_views",
    metadata,
    row_id(),
    Column("person_id", Big, ForeignKey("people.id"), nullable=False),
    Column("room", Text, nullable=False),
    Column("name", Written, nullable=False),
    Column("query", Written, nullable=False),
    UniqueConstraint("person_id", "room", "name"),
)

# What a service was answered under its Idempotency-Key; no answer yet: it is being worked on.
answered_requests = Table(
    "answered_requests",
    metadata,
    Column("token_id", Big, ForeignKey("tokens.id"), primary_key=True),
    Column("key", Written, primary_key=True),
    Column("request", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Index(None, "at"),
)
