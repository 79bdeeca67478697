"""Where a case is found: its labels with its place in the queue, its words, its row on the desk.

They follow from the case and its listing. They are written for many cases at a time, one statement for each table, and
only where something is new: an index costs more than what it says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, select
from sqlalchemy.sql.expression import bindparam

from scanner.model import Listing
from scanner.moderation.priority import place_of
from scanner.records import Case
from scanner.store import many
from scanner.store.desk import put_on_desk
from scanner.store.rows import among
from scanner.store.search import Search, Words
from scanner.store.tables import case_labels, versions
from scanner.workflow import WAITING

# The label that every case is filed under.
ALL = ("all", "")

# Kind, label, whether the case waits, its place.
Label = tuple[str, str, bool, int]
_LABEL = (case_labels.c.kind, case_labels.c.label, case_labels.c.is_waiting, case_labels.c.place)

_TAKE_AWAY = delete(case_labels).where(
    case_labels.c.kind == bindparam("gone_kind"),
    case_labels.c.label == bindparam("gone_label"),
    case_labels.c.case_id == bindparam("gone_from"),
)

_SAID = select(versions.c.listing).where(
    versions.c.listing_row == bindparam("row"), versions.c.number == bindparam("version")
)


@cache
def _labels_of(dialect: str) -> Select[Any]:
    return select(case_labels.c.case_id, *_LABEL).where(among(dialect, case_labels.c.case_id))


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A case that is to be filed, and what its version under review says, if that is at hand."""

    case: Case
    listing: Listing | None


class Files(Search):
    """Filing cases."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._unfiled: dict[int, Changed] = {}

    def file(self, case: Case, listing: Listing | None = None, *, at_end: bool = False) -> None:
        """File a case as it is now, at once or when the transaction ends."""
        self._unfiled[case.id] = Changed(case=case, listing=listing)
        if not at_end:
            self.file_all()

    def flush(self) -> None:
        """File what is to be filed at the end."""
        super().flush()
        self.file_all()

    def file_all(self) -> None:
        """File what waits for the end of the transaction."""
        if self._unfiled:
            changed, self._unfiled = list(self._unfiled.values()), {}
            languages = self._word(changed)
            self._label([(one.case, languages[one.case.id]) for one in changed])
            put_on_desk(self._connection, [(one.case, _place(one.case)) for one in changed])

    def _word(self, changed: Sequence[Changed]) -> dict[int, str]:
        """Keep the words of cases whose version is another. Returns the language of each case."""
        known = self._words_of([one.case.id for one in changed])
        fresh = [one for one in changed if known.get(one.case.id, Words()).version != one.case.version]
        said = self._said([one.case for one in fresh if one.listing is None])
        listings = {one.case.id: one.listing or said[one.case.id] for one in fresh}
        self._keep_words({one.case.id: (one.case.version, listings[one.case.id]) for one in fresh}, known)
        languages = {case_id: words.language for case_id, words in known.items()}
        return languages | {case_id: listing.language for case_id, listing in listings.items()}

    def _said(self, wanted: Collection[Case]) -> dict[int, Listing]:
        """What the versions under review say."""
        said = {}
        for case in wanted:
            where = {"row": case.listing_row, "version": case.version}
            said[case.id] = self._connection.execute(_SAID, where).scalar_one()
        return said

    def _label(self, changed: Sequence[tuple[Case, str]]) -> None:
        """File cases under all that the queue is filtered by, with their places in it."""
        filed: dict[int, set[Label]] = {case.id: set() for case, _ in changed}
        query = _labels_of(self._dialect)
        for case_id, *label in self._connection.execute(query, {"given": self._given(filed)}):
            filed[case_id].add(tuple(label))
        gone, moved, fresh = [], [], []
        for case, language in changed:
            is_waiting, place, known = case.state in WAITING, _place(case), filed[case.id]
            wanted, names = labels_of(case, language), {label[:2] for label in known}
            gone += [{"gone_from": case.id, "gone_kind": kind, "gone_label": name} for kind, name in names - wanted]
            where = {"is_waiting": is_waiting, "place": place}
            if {label[2:] for label in known} - {(is_waiting, place)}:
                moved.append({"moved": case.id, **where})
            added = sorted(wanted - names)
            fresh += [{"case_id": case.id, "kind": kind, "label": name, **where} for kind, name in added]
        self._refile(gone, moved)
        self._insert(case_labels, fresh)

    def _refile(self, gone: list[dict[str, Any]], moved: list[dict[str, Any]]) -> None:
        """Labels that stay are moved, others taken away."""
        if gone:
            self._connection.execute(_TAKE_AWAY, gone)
        many.change(self._connection, case_labels, moved, ("is_waiting", "place"), where={"case_id": "moved"})


def _place(case: Case) -> int:
    return place_of(case.priority, case.due_at)


def labels_of(case: Case, language: str) -> set[tuple[str, str]]:
    """Category, rule, severity, source, seller, state, desk and language, and once as one of all.

    A case in ``zh-Hans`` is also one in ``zh``.
    """
    parts = language.lower().split("-") if language else []
    several = {("category", label) for label in case.categories} | {("rule", label) for label in case.rules}
    several |= {("language", "-".join(parts[:end])) for end in range(1, len(parts) + 1)}
    once = {"severity": case.severity, "source": case.source, "state": case.state, "desk": case.desk}
    return {ALL, ("seller", str(case.seller_row)), *((kind, str(label)) for kind, label in once.items())} | several
