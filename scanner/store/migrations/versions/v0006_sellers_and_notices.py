"""Sellers, notices, appeals, letters, fingerprints of what was removed, plans of what retention deletes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

# In the order in which they are made; each names only those before it.
TABLES = (
    "notices",
    "appeals",
    "licences",
    "seller_exceptions",
    "penalties",
    "letters",
    "fingerprints",
    "fingerprint_marks",
    "watch_keys",
    "followed",
    "retention_plans",
)


def upgrade() -> None:
    op.add_column("versions", sa.Column("first_judged_by", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "notices",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("reporter_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("act_by", MOMENT, nullable=False),
        sa.Column("answer_by", MOMENT, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("listing_row", BIG, nullable=True),
        sa.Column("seller_row", BIG, nullable=True),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("duplicate_of", BIG, nullable=True),
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_notices_case_id"),
        sa.ForeignKeyConstraint(["duplicate_of"], ["notices.id"], name="fk_notices_duplicate_of"),
        sa.ForeignKeyConstraint(["listing_row"], ["listings.id"], name="fk_notices_listing_row"),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_notices_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("receipt", name="uq_notices_receipt"),
        sa.UniqueConstraint("request_key", name="uq_notices_request_key"),
    )
    op.create_index("ix_notices_case_id", "notices", ["case_id"], unique=False)
    op.create_index("ix_notices_listing_row_state", "notices", ["listing_row", "state"], unique=False)
    op.create_index("ix_notices_reporter_key_received_at", "notices", ["reporter_key", "received_at"], unique=False)
    op.create_index("ix_notices_seller_row_received_at", "notices", ["seller_row", "received_at"], unique=False)
    op.create_index("ix_notices_state_answer_by_id", "notices", ["state", "answer_by", "id"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("takedown_id", BIG, nullable=True),
        sa.Column("seller_row", BIG, nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("accept_by", MOMENT, nullable=False),
        sa.Column("decide_by", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_appeals_case_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_appeals_decision_id"),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_appeals_seller_row"),
        sa.ForeignKeyConstraint(["takedown_id"], ["takedowns.id"], name="fk_appeals_takedown_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appeals"),
        sa.UniqueConstraint("decision_id", name="uq_appeals_decision_id"),
        sa.UniqueConstraint("receipt", name="uq_appeals_receipt"),
    )
    op.create_index("ix_appeals_case_id", "appeals", ["case_id"], unique=False)
    op.create_index("ix_appeals_seller_row", "appeals", ["seller_row"], unique=False)
    op.create_index("ix_appeals_state_decide_by_id", "appeals", ["state", "decide_by", "id"], unique=False)
    op.create_table(
        "licences",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("seller_row", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("check_by", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_licences_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_licences"),
    )
    op.create_index("ix_licences_check_by", "licences", ["check_by"], unique=False)
    op.create_index("ix_licences_seller_row", "licences", ["seller_row"], unique=False)
    op.create_table(
        "seller_exceptions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("seller_row", BIG, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("last_hit_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_seller_exceptions_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_seller_exceptions"),
    )
    op.create_index("ix_seller_exceptions_seller_row", "seller_exceptions", ["seller_row"], unique=False)
    op.create_index("ix_seller_exceptions_state_expires_at", "seller_exceptions", ["state", "expires_at"], unique=False)
    op.create_index("uq_seller_exceptions_one_of_a_kind", "seller_exceptions", ["seller_row", "rule"], unique=True, sqlite_where=sa.text("state IN ('proposed', 'in_force')"), postgresql_where=sa.text("state IN ('proposed', 'in_force')"))
    op.create_table(
        "penalties",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("seller_row", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("modifiers", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("counts_until", MOMENT, nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_penalties_case_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_penalties_decision_id"),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_penalties_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_penalties"),
        sa.UniqueConstraint("decision_id", name="uq_penalties_decision_id"),
    )
    op.create_index("ix_penalties_case_id", "penalties", ["case_id"], unique=False)
    op.create_index("ix_penalties_seller_row", "penalties", ["seller_row"], unique=False)
    op.create_index("ix_penalties_state_id", "penalties", ["state", "id"], unique=False)
    op.create_table(
        "letters",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("notice_id", BIG, nullable=True),
        sa.Column("seller_row", BIG, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letters_case_id"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_letters_notice_id"),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_letters_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("key", name="uq_letters_key"),
    )
    op.create_index("ix_letters_case_id", "letters", ["case_id"], unique=False)
    op.create_index("ix_letters_notice_id", "letters", ["notice_id"], unique=False)
    op.create_index("ix_letters_seller_row", "letters", ["seller_row"], unique=False)
    op.create_index("ix_letters_state_due_at_id", "letters", ["state", "due_at", "id"], unique=False)
    op.create_table(
        "fingerprints",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("listing_row", BIG, nullable=False),
        sa.Column("seller_row", BIG, nullable=True),
        sa.Column("seller_key", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_fingerprints_case_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_fingerprints_decision_id"),
        sa.ForeignKeyConstraint(["listing_row"], ["listings.id"], name="fk_fingerprints_listing_row"),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_fingerprints_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_fingerprints"),
        sa.UniqueConstraint("decision_id", name="uq_fingerprints_decision_id"),
    )
    op.create_index("ix_fingerprints_case_id", "fingerprints", ["case_id"], unique=False)
    op.create_index("ix_fingerprints_expires_at", "fingerprints", ["expires_at"], unique=False)
    op.create_table(
        "fingerprint_marks",
        sa.Column("key", BIG, autoincrement=False, nullable=False),
        sa.Column("fingerprint_id", BIG, autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["fingerprint_id"], ["fingerprints.id"], name="fk_fingerprint_marks_fingerprint_id"),
        sa.PrimaryKeyConstraint("key", "fingerprint_id", name="pk_fingerprint_marks"),
    )
    op.create_index("ix_fingerprint_marks_fingerprint_id", "fingerprint_marks", ["fingerprint_id"], unique=False)
    op.create_table(
        "watch_keys",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watch_keys"),
    )
    op.create_table(
        "followed",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_followed"),
    )
    op.create_table(
        "retention_plans",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("run_at", MOMENT, nullable=True),
        sa.Column("run_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_plans"),
    )
    op.create_index("ix_retention_plans_state", "retention_plans", ["state"], unique=False)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    with op.batch_alter_table("versions") as batch:
        batch.drop_column("first_judged_by")
