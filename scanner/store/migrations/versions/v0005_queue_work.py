"""Working the queue: who has which case, skips, drafts, approvals, clusters, batches; and places by due time.

A case's priority becomes its weight in hundredths, and its place in the queue the moment at which its urgency is 1
(``scanner.moderation.priority`` as it was when this was written): old ones are converted.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

TABLES = (
    "desk", "skips", "claim_drafts", "approvals", "likenesses", "likeness_marks", "cluster_members", "clusters",
    "batch_items", "batches",
)  # fmt: skip
LEVELS = ("S1", "S2", "S3", "S4")
WAITING = ("open", "claimed", "escalated", "on_hold", "appealed", "reopened")
DESKS = {"escalated": "specialist", "appealed": "appeals"}
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
PAGE = 5_000

CASES = sa.table(
    "cases",
    sa.column("id", BIG),
    sa.column("state", sa.Text()),
    sa.column("severity", sa.Text()),
    sa.column("priority", sa.Integer()),
    sa.column("due_at", MOMENT),
    sa.column("claimed_by", sa.Text()),
    sa.column("lease_until", MOMENT),
    sa.column("desk", sa.Text()),
)
LABELS = sa.table("case_labels", sa.column("case_id", BIG), sa.column("place", sa.Integer()))
DESK = sa.table(
    "desk",
    sa.column("case_id", BIG),
    sa.column("desk", sa.Text()),
    sa.column("place", sa.Integer()),
    sa.column("person", sa.Text()),
    sa.column("back_at", MOMENT),
)


def case_key() -> sa.Column[int]:
    return sa.Column("case_id", BIG, sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False)


def person_key() -> sa.Column[str]:
    return sa.Column("person", sa.Text(), primary_key=True)


def number() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True, autoincrement=True)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def some(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def make(name: str, *columns: sa.schema.SchemaItem) -> None:
    """A table, its key and foreign keys named as all are."""
    named = sa.MetaData(naming_convention={"fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
    sa.Table("cases", named, sa.Column("id", BIG, primary_key=True))
    for other in ("clusters", "batches"):
        if other != name:
            sa.Table(other, named, sa.Column("id", BIG, primary_key=True))
    sa.Table(name, named, *columns).create(op.get_bind())


def upgrade() -> None:
    op.add_column("cases", sa.Column("desk", sa.Text(), nullable=False, server_default="review"))
    op.add_column("cases", sa.Column("reserved_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("cases", sa.Column("away_until", MOMENT, nullable=True))
    op.create_index("ix_decisions_at", "decisions", ["at"], unique=False)
    make_desk()
    make_approvals()
    make_clusters()
    make_batches()
    convert()


def make_desk() -> None:
    make(
        "desk",
        case_key(),
        text("desk"),
        sa.Column("place", sa.Integer(), nullable=False),
        text("person"),
        sa.Column("back_at", MOMENT),
        sa.Column("compared", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("ix_desk_news", "desk", ["case_id"], **some("compared = 0"))
    op.create_index("ix_desk_free", "desk", ["desk", "place", "case_id"], **some("back_at IS NULL"))
    op.create_index("ix_desk_away", "desk", ["back_at"], **some("back_at IS NOT NULL"))
    op.create_index("ix_desk_person", "desk", ["person", "place"], **some("person <> ''"))
    make("skips", case_key(), person_key(), sa.Column("at", MOMENT, nullable=False), text("reason"))
    make(
        "claim_drafts",
        case_key(),
        person_key(),
        sa.Column("saved_at", MOMENT, nullable=False),
        text("ruling", nullable=True),
        text("reason"),
        text("note"),
        sa.Column("revision", sa.Integer(), nullable=False),
        text("why"),
    )
    op.create_index("ix_claim_drafts_person_saved_at", "claim_drafts", ["person", "saved_at"])


def make_approvals() -> None:
    make(
        "approvals",
        number(),
        text("kind"),
        text("subject"),
        text("proposal"),
        text("why"),
        text("state"),
        text("asked_by"),
        text("asked_role"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        text("settled_by"),
        sa.Column("settled_at", MOMENT),
        text("note"),
    )
    op.create_index("ix_approvals_state_expires_at", "approvals", ["state", "expires_at"])
    op.create_index("ix_approvals_subject", "approvals", ["subject"])
    op.create_index("uq_approvals_one_asked", "approvals", ["kind", "subject"], unique=True, **some("state = 'asked'"))


def make_clusters() -> None:
    version = sa.Column("version", sa.Integer(), nullable=False)
    make("likenesses", case_key(), version, text("sketch"), text("title"))
    make("likeness_marks", sa.Column("mark", BIG, primary_key=True, autoincrement=False), case_key(), text("kind"))
    op.create_index("ix_likeness_marks_case_id", "likeness_marks", ["case_id"])
    first = sa.Column("first_case", BIG, sa.ForeignKey("cases.id"), nullable=False)
    unique = sa.UniqueConstraint("first_case", name="uq_clusters_first_case")
    make("clusters", number(), first, sa.Column("made_at", MOMENT, nullable=False), unique)
    make(
        "cluster_members",
        case_key(),
        sa.Column("cluster_id", BIG, sa.ForeignKey("clusters.id"), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        text("shares"),
    )
    op.create_index("ix_cluster_members_cluster_id", "cluster_members", ["cluster_id"])


def make_batches() -> None:
    make(
        "batches",
        number(),
        text("state"),
        text("ruling"),
        text("reason"),
        text("note"),
        text("made_by"),
        text("made_role"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("cluster_id", BIG),
        sa.Column("approval_id", BIG),
        text("approved_by"),
        sa.Column("changed_at", MOMENT),
    )
    op.create_index("ix_batches_state_id", "batches", ["state", "id"])
    make(
        "batch_items",
        sa.Column("batch_id", BIG, sa.ForeignKey("batches.id"), primary_key=True, autoincrement=False),
        case_key(),
        sa.Column("revision", sa.Integer(), nullable=False),
        text("state"),
        text("says"),
        sa.Column("is_sampled", sa.Boolean(), nullable=False),
        text("looked_by"),
        sa.Column("decision_id", BIG),
    )
    op.create_index("ix_batch_items_batch_id_state_case_id", "batch_items", ["batch_id", "state", "case_id"])


def convert() -> None:
    """Old priorities to weights, places to moments, and the waiting cases onto their desks."""
    connection = op.get_bind()
    for case in pages():
        level = LEVELS.index(case.severity)
        certainty = min(1.0, max(0.5, (case.priority - 200 * (level + 1)) / 100))
        weight = round(100 * 2**level * certainty)
        due = case.due_at if case.due_at.tzinfo else case.due_at.replace(tzinfo=UTC)
        place = round((due - EPOCH).total_seconds() - 6 * 3600 * math.log2(weight / 100))
        on = DESKS.get(case.state, "review")
        change = sa.update(CASES).where(CASES.c.id == case.id).values(priority=weight, desk=on)
        connection.execute(change)
        connection.execute(sa.update(LABELS).where(LABELS.c.case_id == case.id).values(place=place))
        if case.state in WAITING:
            is_claimed = case.state == "claimed"
            row = {"case_id": case.id, "desk": on, "place": place}
            row |= {
                "person": case.claimed_by if is_claimed else "",
                "back_at": case.lease_until if is_claimed else None,
            }
            connection.execute(sa.insert(DESK).values(row))


def pages() -> Iterator[Any]:
    """All cases, a page at a time, so that memory stays flat."""
    last = 0
    while True:
        query = sa.select(CASES).where(CASES.c.id > last).order_by(CASES.c.id).limit(PAGE)
        found = op.get_bind().execute(query).all()
        yield from found
        if not found:
            return
        last = found[-1].id


def downgrade() -> None:
    connection = op.get_bind()
    for case in pages():
        level = LEVELS.index(case.severity)
        priority = 200 * (level + 1) + min(100, round(case.priority / 2**level))
        connection.execute(sa.update(CASES).where(CASES.c.id == case.id).values(priority=priority))
        connection.execute(sa.update(LABELS).where(LABELS.c.case_id == case.id).values(place=-priority))
    for name in TABLES:
        op.drop_table(name)
    op.drop_index("ix_decisions_at", table_name="decisions")
    for column in ("away_until", "reserved_for", "desk"):
        op.drop_column("cases", column)
