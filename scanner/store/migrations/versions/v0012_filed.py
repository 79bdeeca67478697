"""What PostgreSQL's planner must know of labels: that each kind has labels of its own, few or many cases under each.

It would take kind and label for things that have nothing to do with each other, and expect a fiftieth of the cases.
SQLite's planner takes the index that fits, whatever the numbers.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE STATISTICS st_case_labels_filed (mcv) ON kind, label, is_waiting FROM case_labels")
        op.execute("ALTER STATISTICS st_case_labels_filed SET STATISTICS 1000")
        op.execute("ANALYZE case_labels")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS st_case_labels_filed")
