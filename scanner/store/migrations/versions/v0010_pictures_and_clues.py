"""Pictures of flagged listings, and clue packages."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("listing_row", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.Column("inert", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("look", BIG, nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["listing_row"], ["listings.id"], name="fk_pictures_listing_row"),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("listing_row", "number", "position", name="uq_pictures_listing_row_number_position"),
    )
    is_due = sa.text("state = 'due'")
    op.create_index(
        "ix_pictures_due", "pictures", ["due_at", "id"], sqlite_where=is_due, postgresql_where=is_due
    )
    op.create_table(
        "clue_packages",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("is_quiet", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_role", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("seller_row", BIG, nullable=True),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_role", sa.Text(), nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("exported_at", MOMENT, nullable=True),
        sa.Column("handed_over_at", MOMENT, nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["seller_row"], ["sellers.id"], name="fk_clue_packages_seller_row"),
        sa.PrimaryKeyConstraint("id", name="pk_clue_packages"),
    )
    op.create_index("ix_clue_packages_state_id", "clue_packages", ["state", "id"])
    op.create_index("ix_clue_packages_seller_row", "clue_packages", ["seller_row"])
    op.create_index("ix_fingerprints_listing_row", "fingerprints", ["listing_row"])


def downgrade() -> None:
    op.drop_index("ix_fingerprints_listing_row", "fingerprints")
    for table in ("clue_packages", "pictures"):
        op.drop_table(table)
