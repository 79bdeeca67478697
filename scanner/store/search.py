"""Finding cases by a piece of title, description, id or seller, in any script, without reading them all.

The words of a case are indexed by overlapping pieces: two characters that begin with a Chinese one, three that begin
with an ASCII one. A search asks for all whole pieces of what was typed, and then looks whether it really stands there.
So two Chinese characters are enough to be fast, for which an index by three (FTS5's trigram, pg_trgm) needs one more;
and pg_trgm knows no Chinese at all in a database whose locale is C. Less than a piece is the beginning of one.

SQLite keeps the pieces in a full-text table without content, each as hexadecimal UTF-16; PostgreSQL in an index on the
words, which needs no extension. Both give the same answers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Select, delete, select, text

from scanner.model import Listing
from scanner.store.rows import Rows, among
from scanner.store.tables import case_words

# So much of a title, an id or a name can be searched, and so much of a description.
_LONGEST = 200
_LONGEST_TEXT = 2_000

_FILE = text("INSERT INTO case_search (rowid, pieces) VALUES (:case_id, :pieces)")
_UNFILE = text("INSERT INTO case_search (case_search, rowid, pieces) VALUES ('delete', :case_id, :pieces)")
_SQLITE = text(
    "SELECT w.case_id FROM case_search s CROSS JOIN case_words w ON w.case_id = s.rowid "
    "WHERE s.case_search MATCH :pieces AND instr(w.words, :typed) > 0 LIMIT :most"
)
_POSTGRESQL = text(
    "SELECT case_id FROM case_words "
    "WHERE case_pieces(words) @@ CAST(:pieces AS tsquery) AND position(:typed IN words) > 0 LIMIT :most"
)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a case is found by, on which version of its listing, and in which language that is."""

    version: int = 0
    language: str = ""
    words: str = ""


class Search(Rows):
    """Keeping and searching the words of cases."""

    def find_cases(self, typed: str, *, most: int) -> list[int]:
        """Cases whose words contain ``typed``, which is folded and not empty; ``most`` of them, in no order."""
        if self._dialect == "sqlite":
            query, pieces = _SQLITE, " AND ".join(f'"{_hex(one)}"' + "*" * is_cut for one, is_cut in _asked(typed))
        else:
            query, pieces = _POSTGRESQL, " & ".join(_quoted(one) + ":*" * is_cut for one, is_cut in _asked(typed))
        values = {"pieces": pieces, "typed": typed, "most": most}
        return list(self._connection.execute(query, values).scalars())

    def _words_of(self, case_ids: Collection[int]) -> dict[int, Words]:
        """What is kept of these cases."""
        found = self._connection.execute(_words_of(self._dialect), {"given": self._given(case_ids)})
        return {row[0]: Words(version=row[1], language=row[2], words=row[3]) for row in found}

    def _keep_words(self, said: Mapping[int, tuple[int, Listing]], known: Mapping[int, Words]) -> None:
        """The words of cases, each on a version of its listing, instead of what is ``known``."""
        fresh = {
            case_id: Words(version=version, language=listing.language, words=words_of(listing))
            for case_id, (version, listing) in said.items()
        }
        self._refile_words(
            [(case_id, known[case_id].words) for case_id in fresh if case_id in known],
            [(case_id, words.words) for case_id, words in fresh.items()],
        )
        if old := [case_id for case_id in fresh if case_id in known]:
            self._connection.execute(delete(case_words).where(self._one_of(case_words.c.case_id, old)))
        self._insert(
            case_words, [{"case_id": case_id, **msgspec.structs.asdict(one)} for case_id, one in fresh.items()]
        )

    def _refile_words(self, before: Sequence[tuple[int, str]], after: Sequence[tuple[int, str]]) -> None:
        """SQLite's index, where the words have changed. PostgreSQL keeps its own."""
        if self._dialect != "sqlite":
            return
        same = set(before) & set(after)
        for statement, rows in ((_UNFILE, before), (_FILE, after)):
            if changed := [{"case_id": row[0], "pieces": in_hex(row[1])} for row in rows if row not in same]:
                self._connection.execute(statement, changed)


@cache
def _words_of(dialect: str) -> Select[Any]:
    columns = case_words.c
    query = select(columns.case_id, columns.version, columns.language, columns.words)
    return query.where(among(dialect, columns.case_id))


def words_of(listing: Listing) -> str:
    """What a listing's cases are found by: title, id, the seller's id and name, the description, each on a line."""
    named = (listing.title or listing.text, listing.listing_id, listing.seller.id, listing.seller.name)
    return "".join(f"{folded(said)}\n" for said in named) + f"{folded(listing.description, _LONGEST_TEXT)}\n"


def folded(said: str, longest: int = _LONGEST) -> str:
    """As it is compared: width and case alike, white space one blank, nothing invisible, not longer than searched."""
    plain = unicodedata.normalize("NFKC", said[:longest]).casefold()[:longest]
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def pieces_of(words: str) -> Sequence[str]:
    """The pieces that words are indexed by, each once; ``case_pieces`` in PostgreSQL does the same."""
    threes = {words[start : start + 3] for start in range(len(words))}
    return sorted({three if three < "\x80" else three[:2] for three in threes})


def _asked(typed: str) -> list[tuple[str, bool]]:
    """The pieces that whoever contains ``typed`` has; true with the one that is only a beginning."""
    whole = [one for one in pieces_of(typed) if len(one) == _length(one[0])]
    return [(one, False) for one in whole] or [(typed, True)]


def _length(first: str) -> int:
    return 3 if first < "\x80" else 2


def in_hex(words: str) -> str:
    """The pieces of words as SQLite's index takes them: UTF-16 in hexadecimal, so that a piece is one word of it."""
    return " ".join(map(_hex, pieces_of(words)))


def _hex(piece: str) -> str:
    return piece.encode("utf-16-be").hex()


def _quoted(piece: str) -> str:
    return "'" + piece.replace("\\", "\\\\").replace("'", "''") + "'"
