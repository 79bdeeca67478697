"""What a case is measured against, read off indices: a bounded number of rows, whatever the store holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select

from scanner.moderation.background import Conduct, Precedent
from scanner.records import Case, Decision
from scanner.store.rows import Rows
from scanner.store.tables import case_labels, cases, decisions, listings

# So many cases are looked at for precedents, prices and a seller's conduct.
_PRECEDENTS = 40
_PRICES = 400
_CONDUCT = 1_000


class Background(Rows):
    """Precedents, prices, conduct."""

    def precedents(self, case: Case, *, limit: int) -> tuple[Precedent, ...]:
        """The newest decision on each of some cases with a finding of the same rule."""
        rule = case.rules[0] if case.rules else ""
        filed = select(case_labels.c.case_id).filter_by(kind="rule", label=rule, is_waiting=False)
        alike = filed.where(case_labels.c.case_id != case.id).order_by(case_labels.c.place, case_labels.c.case_id)
        last = select(func.max(decisions.c.id)).where(decisions.c.case_id.in_(alike.limit(_PRECEDENTS)))
        query = (
            select(decisions, listings.c.title, listings.c.listing_id)
            .join(cases, cases.c.id == decisions.c.case_id)
            .join(listings, listings.c.id == cases.c.listing_row)
            .where(decisions.c.id.in_(last.group_by(decisions.c.case_id)))
            .order_by(decisions.c.id.desc())
            .limit(limit)
        )
        rows = self._connection.execute(query).mappings()
        return tuple(
            Precedent(
                decision=Decision(**{name: row[name] for name in Decision.__struct_fields__}),
                title=row["title"],
                listing_id=row["listing_id"],
            )
            for row in rows
        )

    def prices(self, category: str, currency: str) -> tuple[Decimal, ...]:
        """Prices of flagged listings of a category in a currency."""
        filed = select(case_labels.c.case_id).filter_by(kind="category", label=category, is_waiting=True)
        some = filed.order_by(case_labels.c.place, case_labels.c.case_id).limit(_PRICES)
        query = select(listings.c.price).join(cases, cases.c.listing_row == listings.c.id)
        query = query.where(cases.c.id.in_(some), listings.c.currency == currency, listings.c.price.is_not(None))
        return tuple(self._connection.execute(query).scalars())

    def waiting_by(self, kinds: Sequence[str]) -> dict[str, dict[str, int]]:
        """How many cases wait, by the labels of these kinds."""
        query = select(case_labels.c.kind, case_labels.c.label, func.count().label("number"))
        query = query.where(case_labels.c.kind.in_(kinds), case_labels.c.is_waiting.is_(True))
        found: dict[str, dict[str, int]] = {}
        for row in self._connection.execute(query.group_by(case_labels.c.kind, case_labels.c.label)):
            found.setdefault(row.kind, {})[row.label] = row.number
        return found

    def conduct(self, seller_row: int) -> Conduct:
        """What is on record of a seller, counted up to a limit."""
        offered = select(listings.c.id).where(listings.c.seller_row == seller_row).limit(_CONDUCT).subquery()
        number = self._connection.execute(select(func.count()).select_from(offered)).scalar_one()
        filed = select(case_labels.c.case_id, case_labels.c.is_waiting)
        filed = filed.filter_by(kind="seller", label=str(seller_row)).limit(_CONDUCT)
        found = self._connection.execute(filed).all()
        some = filed.with_only_columns(case_labels.c.case_id)
        ruled = select(cases.c.ruling).where(cases.c.id.in_(some), cases.c.ruling.is_not(None))
        rulings = self._connection.execute(ruled).scalars()
        return Conduct(
            listings=number,
            cases=len(found),
            waiting=sum(row.is_waiting for row in found),
            rulings=dict(Counter(rulings)),
        )
