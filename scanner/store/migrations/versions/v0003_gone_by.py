"""Which inspection found a listing gone, so that what a failed one says can be withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("listings", sa.Column("gone_inspection", BIG, nullable=True))
    op.create_index("ix_listings_gone_inspection", "listings", ["gone_inspection"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_listings_gone_inspection", table_name="listings")
    op.drop_column("listings", "gone_inspection")
