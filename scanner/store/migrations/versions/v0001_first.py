"""The first tables: sources to events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

# In the order in which they are made; each names only those before it.
TABLES = (
    "chain_head",
    "events",
    "runs",
    "sellers",
    "sources",
    "inspections",
    "listings",
    "bad_lines",
    "partitions",
    "segments",
    "versions",
    "cases",
    "findings",
    "case_labels",
    "decisions",
    "takedowns",
)


def upgrade() -> None:
    op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chain_head"),
    )
    op.create_table(
        "events",
        sa.Column("sequence", BIG, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
    )
    op.create_index("ix_events_subject_sequence", "events", ["subject", "sequence"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("slot", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("source", "slot", name="uq_runs_source_slot"),
    )
    op.create_table(
        "sellers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("licences", sa.Text(), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sellers"),
        sa.UniqueConstraint("platform", "key", name="uq_sellers_platform_key"),
    )
    op.create_index("ix_sellers_key", "sellers", ["key"], unique=False)
    op.create_index("ix_sellers_name", "sellers", ["name"], unique=False)
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("walker", sa.Text(), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "inspections",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("rulebook", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("ledger", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_inspections_source"),
        sa.PrimaryKeyConstraint("id", name="pk_inspections"),
    )
    op.create_index("ix_inspections_source_id", "inspections", ["source", "id"], unique=False)
    op.create_index(
        "uq_inspections_one_running",
        "inspections",
        ["source"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "listings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("seller_row", BIG, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.Text(), nullable=False),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("gone_at", MOMENT, nullable=True),
        sa.Column("gone_why", sa.Text(), nullable=False),
        sa.Column("seen_inspection", BIG, nullable=False),
        sa.Column("seen_partition", sa.Text(), nullable=False),
        sa.Column("seen_attempt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_listings_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_listings"),
        sa.UniqueConstraint("platform", "listing_id", name="uq_listings_platform_listing_id"),
    )
    op.create_index(
        "ix_listings_seen_inspection_is_flagged", "listings", ["seen_inspection", "is_flagged"], unique=False
    )
    op.create_index("ix_listings_seller_row", "listings", ["seller_row"], unique=False)
    op.create_table(
        "bad_lines",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("inspection_id", BIG, nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("line", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("beginning", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name="fk_bad_lines_inspection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bad_lines"),
        sa.UniqueConstraint(
            "inspection_id", "partition", "segment", "line", name="uq_bad_lines_inspection_id_partition_segment_line"
        ),
    )
    op.create_table(
        "partitions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("inspection_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finish_reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("ledger", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name="fk_partitions_inspection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_partitions"),
        sa.UniqueConstraint("inspection_id", "name", name="uq_partitions_inspection_id_name"),
    )
    op.create_table(
        "segments",
        sa.Column("inspection_id", BIG, nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("offset", BIG, nullable=False),
        sa.Column("lines", BIG, nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name="fk_segments_inspection_id"),
        sa.PrimaryKeyConstraint("inspection_id", "partition", "attempt", "segment", name="pk_segments"),
    )
    op.create_table(
        "versions",
        sa.Column("listing_row", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("inspection_id", BIG, nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["listing_row"], ["listings.id"], name="fk_versions_listing_row"),
        sa.PrimaryKeyConstraint("listing_row", "number", name="pk_versions"),
    )
    op.create_table(
        "cases",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("listing_row", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("decided_hash", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_row", "version"], ["versions.listing_row", "versions.number"], name="fk_cases_listing_row_version"
        ),
        sa.ForeignKeyConstraint(["listing_row"], ["listings.id"], name="fk_cases_listing_row"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_listing_row_id", "cases", ["listing_row", "id"], unique=False)
    op.create_index(
        "uq_cases_one_open",
        "cases",
        ["listing_row"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "findings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("listing_row", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("judge", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("spans", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("rulebook", sa.Text(), nullable=False),
        sa.Column("normaliser", sa.Text(), nullable=False),
        sa.Column("queues", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_row", "number"],
            ["versions.listing_row", "versions.number"],
            name="fk_findings_listing_row_number",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
        sa.UniqueConstraint(
            "listing_row", "number", "judge", "rule", "words", name="uq_findings_listing_row_number_judge_rule_words"
        ),
    )
    op.create_table(
        "case_labels",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("case_id", BIG, autoincrement=False, nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_labels_case_id"),
        sa.PrimaryKeyConstraint("kind", "label", "case_id", name="pk_case_labels"),
    )
    op.create_index("ix_case_labels_case_id", "case_labels", ["case_id"], unique=False)
    op.create_index(
        "ix_case_labels_kind_label_is_waiting_place_case_id",
        "case_labels",
        ["kind", "label", "is_waiting", "place", "case_id"],
        unique=False,
    )
    op.create_table(
        "decisions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_decisions_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_case_id", "decisions", ["case_id"], unique=False)
    op.create_table(
        "takedowns",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("inverse", sa.Text(), nullable=False),
        sa.Column("undoes", BIG, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_takedowns_case_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_takedowns_decision_id"),
        sa.ForeignKeyConstraint(["undoes"], ["takedowns.id"], name="fk_takedowns_undoes"),
        sa.PrimaryKeyConstraint("id", name="pk_takedowns"),
        sa.UniqueConstraint("key", name="uq_takedowns_key"),
    )
    op.create_index("ix_takedowns_case_id", "takedowns", ["case_id"], unique=False)
    op.create_index("ix_takedowns_state_due_at", "takedowns", ["state", "due_at"], unique=False)

    op.execute(f"INSERT INTO chain_head (id, sequence, hash) VALUES (1, 0, '{'0' * 64}')")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
