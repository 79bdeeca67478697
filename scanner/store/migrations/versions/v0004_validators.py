"""What a platform gave to ask by whether a listing has changed: an entity tag, or a date."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listings", sa.Column("validator", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("listings", "validator")
