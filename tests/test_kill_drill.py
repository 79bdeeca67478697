"""The drill: ``kill -9`` of intake and of crawls at random moments, and nothing is lost and nothing is there twice.

Real processes, real files, moments by seed. What a disturbed run ends with is compared, row by row, with what an
undisturbed one makes of the same input; only times and numbers given in order may differ. ``make drill`` kills more
often, over more pages.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from scanner import audit
from scanner.demo import serve
from scanner.inspection.intake import take_in
from scanner.inspection.records import InspectionState
from scanner.model import Seller
from scanner.rulebook import load
from scanner.store import Store
from scanner.store.tables import cases, findings, listings, sellers, versions
from tests.drills import at_work, inspect_all, take_in_all
from tests.fakes import GRAVE, MILD, PLAIN, begin, fetched, gone, write_rules, write_segment

KILLS = int(os.environ.get("DRILL_KILLS", "4"))
PAGES = int(os.environ.get("DRILL_PAGES", "60"))
# A larger crawl is killed later, so that each time some partitions are closed and others are not.
LONGEST = 2.0 if PAGES < 1000 else 8.0
IS_LONG = "DRILL_KILLS" in os.environ
SHIPPED_RULES = Path(__file__).resolve().parent.parent / "rules"


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All that an inspection leaves behind, by the platform's names, without times and without numbers in order."""
    listing = (listings.c.platform, listings.c.listing_id)
    queries = {
        "listings": select(*listing, listings.c.number, listings.c.content_hash, listings.c.judged_by, sellers.c.key)
        .add_columns(listings.c.title, listings.c.is_flagged, listings.c.gone_why)
        .outerjoin_from(listings, sellers, sellers.c.id == listings.c.seller_row),
        "versions": select(*listing, versions.c.number, versions.c.content_hash, versions.c.judged_by).join_from(
            listings, versions, versions.c.listing_row == listings.c.id
        ),
        "findings": select(*listing, findings.c.number, findings.c.rule, findings.c.words, findings.c.judge).join_from(
            listings, findings, findings.c.listing_row == listings.c.id
        ),
        "cases": select(*listing, cases.c.version, cases.c.state, cases.c.severity, cases.c.priority, cases.c.rules)
        .add_columns(cases.c.revision, cases.c.source)
        .join_from(listings, cases, cases.c.listing_row == listings.c.id),
    }
    with store.reading() as tx:
        found = {name: sorted(map(tuple, tx._connection.execute(query))) for name, query in queries.items()}
        about_cases = [event for event in tx.all_events() if event.subject.startswith("case:")]
    found["events"] = sorted((event.kind, event.data["listing_id"]) for event in about_cases)
    return found


def spool(folder: Path) -> Path:
    """Segments of 256 lines: new, changed, gone and returning listings, bad lines among them."""
    chance = random.Random(20)
    for number in range(40 if IS_LONG else 6):
        lines = []
        for _ in range(250):
            listing = str(chance.randrange(4_000 if IS_LONG else 1_000))
            title = chance.choice([GRAVE, MILD, PLAIN, PLAIN, PLAIN])
            seller = Seller(id=f"s{chance.randrange(50)}", name="Shop")
            lines.append(gone(listing) if chance.random() < 0.05 else fetched(listing, title, seller=seller))
        write_segment(folder, *lines, *[b"{broken"] * 6, name=f"part-{number:07d}.jsonl")
    return folder


def begun(url: str) -> Store:
    """A store in which an inspection has begun."""
    store = Store.open(url)
    begin(store)
    return store


def test_intake_killed_many_times_ends_as_if_undisturbed(tmp_path: Path) -> None:
    """Listings, versions, findings, cases, their events and the counts are the same as of a run that nobody killed."""
    segments, rules = spool(tmp_path / "spool"), write_rules(tmp_path / "rules")
    rulebook = load(rules, cache=None)
    with begun(f"sqlite:///{tmp_path / 'whole.db'}") as whole:
        for segment in sorted(segments.glob("*.jsonl")):
            take_in(segment, store=whole, rulebook=rulebook, inspection_id=1, partition="part")
        expected = contents(whole)
        with whole.reading() as tx:
            counts = tx.segment_counts(1)
    url = f"sqlite:///{tmp_path / 'killed.db'}"
    begun(url).close()
    chance, hit = random.Random(7), 0

    for _ in range(KILLS):
        with at_work(take_in_all, url, segments, rules) as running:
            time.sleep(chance.uniform(0, 0.15))
            hit += running.is_alive
    with at_work(take_in_all, url, segments, rules) as running:
        assert running.outcome() == "done"

    with Store.open(url) as store:
        assert contents(store) == expected
        with store.reading() as tx:
            assert tx.segment_counts(1) == counts
        assert audit.verify(store).is_sound
    assert hit >= KILLS // 2, "the kills came too late to prove anything"


@pytest.mark.timeout(180 + 60 * KILLS * (PAGES >= 1000))
def test_crawls_killed_many_times_end_as_if_undisturbed(tmp_path: Path) -> None:
    """The simulated marketplace crawled through kills of the inspection and of its crawls ends in the same cases."""
    # To compile the shipped rules takes longer than to crawl what the suite crawls.
    rules = shutil.copytree(SHIPPED_RULES, tmp_path / "rules") if IS_LONG else write_rules(tmp_path / "rules")
    with serve(seed=3, listings=PAGES) as shop:
        for one in shop.market.catalogue()[::6]:
            shop.market.edit(one.id, title=GRAVE)
        with at_work(inspect_all, tmp_path / "whole", shop.url, rules) as running:
            assert running.outcome() == InspectionState.FINISHED
        chance, hit = random.Random(11), 0
        for number in range(KILLS):
            with at_work(inspect_all, tmp_path / "killed", shop.url, rules) as running:
                time.sleep(chance.uniform(0.2, LONGEST))
                if number % 2:
                    running.kill_children()
                    time.sleep(chance.uniform(0, 0.5))
                hit += running.is_alive
        with at_work(inspect_all, tmp_path / "killed", shop.url, rules) as running:
            assert running.outcome() == InspectionState.FINISHED

    with (
        Store.open(f"sqlite:///{tmp_path / 'whole' / 'delist.db'}") as whole,
        Store.open(f"sqlite:///{tmp_path / 'killed' / 'delist.db'}") as killed,
    ):
        found, expected = contents(killed), contents(whole)
        apart = {name: sorted(set(found[name]) ^ set(rows))[:6] for name, rows in expected.items()}
        assert apart == {name: [] for name in expected}
        assert found == expected
        assert (len(expected["listings"]), len(expected["cases"]) >= PAGES // 6) == (PAGES, True)
        assert audit.verify(killed).is_sound
    assert hit >= KILLS // 2, "the kills came too late to prove anything"
