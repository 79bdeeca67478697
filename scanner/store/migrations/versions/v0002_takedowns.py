"""Sending and verifying takedowns: what a sender holds, the looks, and how each platform takes orders."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

NAMES = ("round", "token", "lease_until", "sent_at", "accepted_at", "released_by")


def columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("round", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("token", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    for column in columns():
        op.add_column("takedowns", column)
    op.create_index("ix_takedowns_platform_listing_id", "takedowns", ["platform", "listing_id"], unique=False)
    op.create_index("ix_takedowns_platform_sent_at", "takedowns", ["platform", "sent_at"], unique=False)
    op.create_index("ix_takedowns_state_platform", "takedowns", ["state", "platform"], unique=False)
    op.create_index("ix_takedowns_state_id", "takedowns", ["state", "id"], unique=False)
    op.create_index(
        "ix_takedowns_unsent",
        "takedowns",
        ["platform", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'sent')"),
        postgresql_where=sa.text("state IN ('planned', 'sent')"),
    )
    op.create_index(
        "ix_takedowns_leased",
        "takedowns",
        ["platform", "lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_table(
        "looks",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("takedown_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("after_seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("sights", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["takedown_id"], ["takedowns.id"], name="fk_looks_takedown_id"),
        sa.PrimaryKeyConstraint("id", name="pk_looks"),
    )
    op.create_index("ix_looks_state_due_at", "looks", ["state", "due_at"], unique=False)
    op.create_index("ix_looks_takedown_id", "looks", ["takedown_id"], unique=False)
    op.create_table(
        "platforms",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("away_since", MOMENT, nullable=True),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_platforms"),
    )


def downgrade() -> None:
    op.drop_table("platforms")
    op.drop_table("looks")
    op.drop_index("ix_takedowns_leased", table_name="takedowns")
    op.drop_index("ix_takedowns_unsent", table_name="takedowns")
    op.drop_index("ix_takedowns_state_id", table_name="takedowns")
    op.drop_index("ix_takedowns_state_platform", table_name="takedowns")
    op.drop_index("ix_takedowns_platform_sent_at", table_name="takedowns")
    op.drop_index("ix_takedowns_platform_listing_id", table_name="takedowns")
    with op.batch_alter_table("takedowns") as batch:
        for name in reversed(NAMES):
            batch.drop_column(name)
