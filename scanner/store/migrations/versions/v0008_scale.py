"""What large stores need: cases filed by state, words to search them by, events by actor, kind and moment."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PAGE = 5_000

# As ``scanner.store.search.pieces_of``: three characters from an ASCII one on, two from any other.
PIECES = """
CREATE FUNCTION case_pieces(words text) RETURNS tsvector IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
SELECT array_to_tsvector(coalesce(array_agg(DISTINCT
  substr(words, n, CASE WHEN ascii(substr(words, n, 1)) < 128 THEN 3 ELSE 2 END)), '{}'))
FROM generate_series(1, length(words)) AS n
$$
"""
FILE = """
INSERT INTO case_labels (kind, label, case_id, is_waiting, place)
SELECT '{kind}', c.{kind}, c.id, l.is_waiting, l.place
FROM cases c JOIN case_labels l ON l.case_id = c.id AND l.kind = 'all' AND l.label = ''
"""
LISTED = sa.text(
    "SELECT c.id, c.version, v.listing, l.is_waiting, l.place FROM cases c "
    "JOIN versions v ON v.listing_row = c.listing_row AND v.number = c.version "
    "JOIN case_labels l ON l.case_id = c.id AND l.kind = 'all' AND l.label = '' "
    "WHERE c.id > :last ORDER BY c.id LIMIT :page"
)
KEEP = sa.text(
    "INSERT INTO case_words (case_id, version, language, words) VALUES (:case_id, :version, :language, :words)"
)
SEARCH = sa.text("INSERT INTO case_search (rowid, pieces) VALUES (:case_id, :pieces)")
SPEAK = sa.text(
    "INSERT INTO case_labels (kind, label, case_id, is_waiting, place) "
    "VALUES ('language', :label, :case_id, :is_waiting, :place)"
)
EVENTS = (["at", "sequence"], ["actor", "at", "sequence"], ["kind", "at", "sequence"])


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        "case_words",
        sa.Column("case_id", BIG, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_words_case_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_words"),
    )
    for kind in ("state", "desk"):
        op.execute(FILE.format(kind=kind))
    for moment in ("due_at", "opened_at"):
        op.create_index(f"ix_cases_state_{moment}", "cases", ["state", moment])
    for columns in EVENTS:
        op.create_index(f"ix_events_{'_'.join(columns)}", "events", columns)
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        options = "content='', detail=none, columnsize=0, tokenize='ascii'"
        op.execute(f"CREATE VIRTUAL TABLE case_search USING fts5(pieces, {options})")
    for rows in pages():
        connection.execute(KEEP, rows)
        if is_sqlite:
            connection.execute(SEARCH, rows)
        if spoken := [{**row, "label": label} for row in rows for label in languages_of(row["language"])]:
            connection.execute(SPEAK, spoken)
    if not is_sqlite:
        op.execute(PIECES)
        op.execute("CREATE INDEX case_search ON case_words USING gin (case_pieces(words))")


def pages() -> Iterator[list[dict[str, Any]]]:
    """The words of all cases, a page at a time, so that memory stays flat."""
    last = 0
    while found := op.get_bind().execute(LISTED, {"last": last, "page": PAGE}).all():
        yield [row_of(row) for row in found]
        last = found[-1].id


def row_of(row: Any) -> dict[str, Any]:
    listing = json.loads(row.listing)
    words = words_of(listing)
    return {
        "case_id": row.id,
        "version": row.version,
        "language": listing.get("language") or "",
        "words": words,
        "pieces": pieces_of(words),
        "is_waiting": row.is_waiting,
        "place": row.place,
    }


def languages_of(language: str) -> list[str]:
    parts = language.lower().split("-") if language else []
    return ["-".join(parts[:end]) for end in range(1, len(parts) + 1)]


def words_of(listing: dict[str, Any]) -> str:
    seller = listing.get("seller") or {}
    title = listing.get("title") or listing.get("text") or ""
    named = (title, listing.get("listing_id") or "", seller.get("id") or "", seller.get("name") or "")
    return "".join(folded(said) + "\n" for said in named)


def folded(said: str) -> str:
    plain = unicodedata.normalize("NFKC", said[:200]).casefold()
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def pieces_of(words: str) -> str:
    pieces = {words[n : n + (3 if words[n] < "\x80" else 2)] for n in range(len(words))}
    return " ".join("".join(f"{ord(c):06x}" for c in piece) for piece in sorted(pieces))


def downgrade() -> None:
    for columns in EVENTS:
        op.drop_index(f"ix_events_{'_'.join(columns)}", table_name="events")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE case_search")
    op.drop_table("case_words")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION case_pieces(text)")
    for moment in ("due_at", "opened_at"):
        op.drop_index(f"ix_cases_state_{moment}", table_name="cases")
    op.execute("DELETE FROM case_labels WHERE kind IN ('state', 'desk', 'language')")
