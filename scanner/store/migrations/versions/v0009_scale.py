"""What a million cases need: their descriptions among the words that they are found by, indexed in linear time."""

import json
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PAGE = 5_000
NAMES = 4  # title, listing, seller's id and name: the lines that version 8 knows

# As ``scanner.store.search.pieces_of``: three characters from an ASCII one on, two from any other. Version 8 cut each
# piece out of the words, which counts characters from the beginning every time: too slow for a description.
PIECES = """
CREATE OR REPLACE FUNCTION case_pieces(words text) RETURNS tsvector IMMUTABLE PARALLEL SAFE COST 10000 LANGUAGE sql AS $$
SELECT array_to_tsvector(coalesce(array_agg(
  CASE WHEN ascii(one) < 128 THEN one || coalesce(two, '') || coalesce(three, '') ELSE one || coalesce(two, '') END
), '{}'))
FROM (SELECT string_to_array(words, NULL) AS each) AS split, unnest(each, each[2:], each[3:]) AS piece (one, two, three)
$$
"""
PIECES_OF_8 = """
CREATE OR REPLACE FUNCTION case_pieces(words text) RETURNS tsvector IMMUTABLE PARALLEL SAFE COST 100 LANGUAGE sql AS $$
SELECT array_to_tsvector(coalesce(array_agg(DISTINCT
  substr(words, n, CASE WHEN ascii(substr(words, n, 1)) < 128 THEN 3 ELSE 2 END)), '{}'))
FROM generate_series(1, length(words)) AS n
$$
"""
WORDS = sa.text(
    "SELECT w.case_id, w.words, v.listing FROM case_words w JOIN cases c ON c.id = w.case_id "
    "JOIN versions v ON v.listing_row = c.listing_row AND v.number = w.version "
    "WHERE w.case_id > :last ORDER BY w.case_id LIMIT :page"
)
WRITE = sa.text("UPDATE case_words SET words = :words WHERE case_id = :case_id")
SEARCH = sa.text("INSERT INTO case_search (rowid, pieces) VALUES (:case_id, :pieces)")


def upgrade() -> None:
    reword(lambda words, listing: words + folded(listing.get("description") or "") + "\n", PIECES, in_utf16)


def downgrade() -> None:
    reword(lambda words, _: "\n".join([*words.split("\n")[:NAMES], ""]), PIECES_OF_8, in_code_points)


def reword(written: Callable[[str, Any], str], function: str, coded: Callable[[str], str]) -> None:
    """Write the words of all cases anew, a page at a time so that memory stays flat, and index them."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    op.execute("INSERT INTO case_search (case_search) VALUES ('delete-all')" if is_sqlite else "DROP INDEX case_search")
    for rows in pages():
        fresh = [{"case_id": row.case_id, "words": written(row.words, json.loads(row.listing))} for row in rows]
        connection.execute(WRITE, fresh)
        if is_sqlite:
            pieces = [" ".join(map(coded, sorted(pieces_of(one["words"])))) for one in fresh]
            found = [{"case_id": one["case_id"], "pieces": said} for one, said in zip(fresh, pieces, strict=True)]
            connection.execute(SEARCH, found)
    if not is_sqlite:
        op.execute(function)
        op.execute("CREATE INDEX case_search ON case_words USING gin (case_pieces(words))")


def pages() -> Iterator[list[Any]]:
    last = 0
    while found := op.get_bind().execute(WORDS, {"last": last, "page": PAGE}).all():
        yield list(found)
        last = found[-1].case_id


def folded(said: str) -> str:
    plain = unicodedata.normalize("NFKC", said[:2_000]).casefold()[:2_000]
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def pieces_of(words: str) -> set[str]:
    threes = {words[start : start + 3] for start in range(len(words))}
    return {three if three < "\x80" else three[:2] for three in threes}


def in_utf16(piece: str) -> str:
    return piece.encode("utf-16-be").hex()


def in_code_points(piece: str) -> str:
    return "".join(f"{ord(c):06x}" for c in piece)
