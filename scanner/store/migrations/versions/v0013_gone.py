"""Listings that are there have no entry in the index of those that are gone: it was written anew with every sighting."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAME, TABLE, COLUMNS = "ix_listings_gone_inspection", "listings", ["gone_inspection"]


def upgrade() -> None:
    is_gone = sa.text("gone_inspection IS NOT NULL")
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, COLUMNS, sqlite_where=is_gone, postgresql_where=is_gone)


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, COLUMNS)
