"""The tables, a module for each room. What they say in SQL is made by the migrations; a test holds the two together.

Nothing here is deleted by a takedown, and no row hangs on another so that it would go with it: no ``ON DELETE``.
A new room is a module beside these, on the metadata of ``columns``, named below so that the migrations see it.
"""

from __future__ import annotations

from scanner.store.tables.columns import metadata
from scanner.store.tables.figures import figures
from scanner.store.tables.history import chain_head, events
from scanner.store.tables.inspecting import bad_lines, inspections, partitions, segments, sources
from scanner.store.tables.listed import findings, listings, sellers, versions
from scanner.store.tables.outbox import looks, platforms, takedowns
from scanner.store.tables.outside import (
    appeals,
    fingerprint_marks,
    fingerprints,
    followed,
    letters,
    licences,
    notices,
    penalties,
    retention_plans,
    seller_exceptions,
    watch_keys,
)
from scanner.store.tables.people import (
    answered_requests,
    identities,
    login_failures,
    people,
    saved_views,
    sessions,
    sign_ins,
    tokens,
)
from scanner.store.tables.queue_work import (
    approvals,
    batch_items,
    batches,
    claim_drafts,
    cluster_members,
    clusters,
    desk,
    likeness_marks,
    likenesses,
    skips,
)
from scanner.store.tables.review import case_labels, cases, decisions
from scanner.store.tables.search import case_words
from scanner.store.tables.shown import clue_packages, pictures
from scanner.store.tables.timetable import asked_inspections, runs

__all__ = [
    "answered_requests",
    "appeals",
    "approvals",
    "asked_inspections",
    "bad_lines",
    "batch_items",
    "batches",
    "case_labels",
    "case_words",
    "cases",
    "chain_head",
    "claim_drafts",
    "clue_packages",
    "cluster_members",
    "clusters",
    "decisions",
    "desk",
    "events",
    "figures",
    "findings",
    "fingerprint_marks",
    "fingerprints",
    "followed",
    "identities",
    "inspections",
    "letters",
    "licences",
    "likeness_marks",
    "likenesses",
    "listings",
    "login_failures",
    "looks",
    "metadata",
    "notices",
    "partitions",
    "penalties",
    "people",
    "pictures",
    "platforms",
    "retention_plans",
    "runs",
    "saved_views",
    "segments",
    "seller_exceptions",
    "sellers",
    "sessions",
    "sign_ins",
    "skips",
    "sources",
    "takedowns",
    "tokens",
    "versions",
    "watch_keys",
]
