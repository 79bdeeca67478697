"""Appeals in the database, and how often decisions were lifted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from scanner.errors import NotFound
from scanner.model import Finding
from scanner.outside import Appeal, AppealState
from scanner.store.cases import read_finding
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import appeals, cases, decisions, findings

_DECIDED = (AppealState.UPHELD, AppealState.OVERTURNED)


class Appeals(Outside):
    """What hearing appeals reads and writes."""

    def add_appeal(self, appeal: Appeal) -> Appeal | None:
        """Keep an appeal; ``None`` if there is one against the same decision."""
        try:
            with self._connection.begin_nested():
                return self._add(appeals, appeal)
        except IntegrityError:
            known = select(appeals.c.id).where(appeals.c.decision_id == appeal.decision_id)
            if self._connection.execute(known).first() is None:
                raise
            return None

    def appeal(self, appeal_id: int) -> Appeal:
        """One appeal; whoever else wants to change it waits. Raises ``NotFound``."""
        return self._appeal(appeals.c.id == appeal_id, f"there is no appeal {appeal_id}")

    def appeal_by_receipt(self, receipt: str) -> Appeal:
        """The appeal of a receipt. Raises ``NotFound``."""
        return self._appeal(appeals.c.receipt == receipt, f"there is no appeal with the receipt {receipt[:40]!r}")

    def save_appeal(self, after: Appeal, before: Appeal) -> bool:
        """Write an appeal back. ``False`` if somebody has changed it since it was read."""
        return self._save(appeals, after, (appeals.c.id == before.id) & (appeals.c.state == before.state))

    def appeals_in(
        self, states: Sequence[AppealState], *, case_id: int | None, limit: int, after: int
    ) -> tuple[Appeal, ...]:
        """Appeals in these states, the one to be decided first at the top."""
        query = select(appeals).order_by(appeals.c.decide_by, appeals.c.id).offset(after).limit(limit)
        query = query.where(appeals.c.state.in_(states)) if states else query
        query = query.where(appeals.c.case_id == case_id) if case_id is not None else query
        return tuple(record(Appeal, row) for row in self._connection.execute(query).mappings())

    def open_appeal_of(self, case_id: int) -> str:
        """The receipt of the appeal against a decision on a case that is not decided yet; empty if there is none."""
        query = select(appeals.c.receipt).where(appeals.c.case_id == case_id, appeals.c.state.not_in(_DECIDED))
        return self._connection.execute(query).scalar() or ""

    def findings_ever(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What any rulebook has found in a version, each once, as it was found first."""
        is_it = (findings.c.listing_row == listing_row) & (findings.c.number == number)
        rows = self._connection.execute(select(findings).where(is_it).order_by(findings.c.id)).mappings()
        first: dict[object, Finding] = {}
        for row in rows:
            first.setdefault((row["rule"], row["words"]), read_finding(row))
        return tuple(first.values())

    def overturned_by_rule(self) -> dict[str, tuple[int, int]]:
        """Appeals decided and overturned, by rule."""
        query = select(appeals.c.state, cases.c.rules).join(cases, cases.c.id == appeals.c.case_id)
        rows = self._connection.execute(query.where(appeals.c.state.in_(_DECIDED)))
        return _tallied((rule, state) for state, rules in rows for rule in rules)

    def overturned_by_reviewer(self) -> dict[str, tuple[int, int]]:
        """Appeals decided and overturned, by who had decided."""
        query = select(appeals.c.state, decisions.c.actor).join(decisions, decisions.c.id == appeals.c.decision_id)
        rows = self._connection.execute(query.where(appeals.c.state.in_(_DECIDED)))
        return _tallied((actor, state) for state, actor in rows)

    def _appeal(self, condition: ColumnElement[bool], missing: str) -> Appeal:
        query = self._locked(select(appeals).where(condition))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(missing, hint="`delist appeal list --all` lists them.")
        return record(Appeal, row)


def _tallied(pairs: Iterable[tuple[str, AppealState]]) -> dict[str, tuple[int, int]]:
    """Name -> how many were decided, and how many of them overturned."""
    decided: Counter[str] = Counter()
    overturned: Counter[str] = Counter()
    for name, state in pairs:
        decided[name] += 1
        overturned[name] += state is AppealState.OVERTURNED
    return {name: (number, overturned[name]) for name, number in sorted(decided.items())}
