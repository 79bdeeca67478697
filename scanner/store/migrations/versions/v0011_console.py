"""What the console and its people need: inspections that people ask for, and ask to end; logging in elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "asked_inspections",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("inspection_id", BIG, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name="fk_asked_inspections_inspection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_asked_inspections"),
    )
    waits = sa.text("taken_at IS NULL")
    columns = ["source", "wish", "inspection_id"]
    op.create_index(
        "ix_asked_inspections_waiting", "asked_inspections", columns, sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "sign_ins",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_begun_at", "sign_ins", ["begun_at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("identities")
    op.drop_table("sign_ins")
    op.drop_table("asked_inspections")
