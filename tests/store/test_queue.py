"""Pages of the queue, whichever way they are read: off a label, from what is soon met, or by what the cases have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scanner.model import CaseState, Desk, Severity
from scanner.records import QueueFilter, QueuePage
from scanner.store import Store
from scanner.store.queue import Reach
from tests.fakes import GRAVE, MILD, NOON, Intake, fetched

pytestmark = pytest.mark.databases("sqlite", "postgresql")

LATER = NOON.replace(year=2100)
FILTERS = [
    QueueFilter(text="批发"),
    QueueFilter(due_before=LATER, opened_before=LATER),
    QueueFilter(category="phone_card", severity=Severity.S2),
    QueueFilter(rule="phone_card.bulk", severity=Severity.S4),
    QueueFilter(category="phone_card", desk=Desk.REVIEW, language="zh"),
    QueueFilter(severity=Severity.S2, text="批发", states=(CaseState.OPEN, CaseState.CLOSED)),
]
# A case more or less at each border: at once, a little later, among few, among many.
REACHES = [Reach(counted=3, first=1, further=2, few=2), Reach(counted=3, first=4, further=6, few=50)]


@pytest.fixture
def filled(store: Store, intake: Intake) -> Store:
    """Nine cases, grave and mild ones by turns, and one that is in no language."""
    intake(*(fetched(str(n), MILD if n % 3 else GRAVE, quantity=n, language="zh" if n else "") for n in range(9)))
    return store


def pages(store: Store, wanted: QueueFilter, *, limit: int, reach: Reach) -> Iterator[QueuePage]:
    """One page after another."""
    after = ""
    while True:
        with store.reading() as tx:
            tx.reach = reach
            page = tx.queue(wanted, limit=limit, after=after)
        yield page
        if not page.after:
            return
        after = page.after


@pytest.mark.parametrize("reach", REACHES, ids=str)
def test_every_way_to_a_page_leads_to_the_same_cases(filled: Store, reach: Reach) -> None:
    """However few cases are looked at for it, pages follow each other as all cases stand, and counts never say more."""
    for wanted in FILTERS:
        (whole,) = pages(filled, wanted, limit=100, reach=Reach())
        read = list(pages(filled, wanted, limit=4, reach=reach))

        assert [row.case.id for page in read for row in page.rows] == [row.case.id for row in whole.rows], wanted
        for page in read:
            assert page.total == whole.total if page.is_exact else page.total <= whole.total, (wanted, page.total)


def test_findings_are_those_of_the_version_under_review(filled: Store, intake: Intake) -> None:
    """A line shows what was found in the version that is judged, not in one before it, whoever judged that."""
    before = {row.case.id: row.findings for row in next(pages(filled, QueueFilter(), limit=100, reach=Reach())).rows}
    intake(fetched("1", GRAVE, language="zh"))
    after = {row.case.id: row.findings for row in next(pages(filled, QueueFilter(), limit=100, reach=Reach())).rows}

    changed = [case for case in before if before[case] != after[case]]
    assert len(changed) == 1
    assert {one.rule for one in after[changed[0]]} != {one.rule for one in before[changed[0]]}
    with filled.reading() as tx:
        for case_id, findings in after.items():
            case = tx.case(case_id)
            assert findings == tx.findings(case.listing_row, case.version)
