"""Pictures of flagged listings are fetched within bounds, kept as evidence, and compared; of nobody else's hosts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from scanner import audit, retention
from scanner.cli.evidence import keeper_of
from scanner.model import Ruling, Seller
from scanner.moderation import cases, clusters
from scanner.pictures import fetching
from scanner.pictures.decoding import decode
from scanner.pictures.records import Picture, PictureState
from scanner.pictures.web import NotPublic, PictureHosts, PictureWeb, PublicPool, public_address
from scanner.platforms.http import Client
from scanner.store import Store
from spiders.archive import record_at
from tests.fakes import GRAVE, LI, NOON, PLAIN, Clock, Intake, fetched, ruled
from tests.outbox import remove
from tests.posters import Shelf, poster, written
from tests.takedowns_done import followed, sent

BOTH = pytest.mark.databases("sqlite", "postgresql")
KEPT, FAILED, REFUSED, DUE = PictureState.KEPT, PictureState.FAILED, PictureState.REFUSED, PictureState.DUE


def fetch(store: Store, shelf: Shelf, folder: Path, clock: Clock, *, each: int = 6) -> Counter[PictureState]:
    """Note what is new and fetch what is due."""
    fetching.note(store, each=each, sources=["demo"], now=clock())
    asking = PictureWeb(lambda _: PictureHosts([shelf.host]), rate=1000, most_bytes=200_000)
    return fetching.fetch_due(
        store, get=asking.get, decode=decode, keep=keeper_of(folder / fetching.FOLDER), clock=clock
    )


def pictures(store: Store, row: int = 1, number: int = 1) -> tuple[Picture, ...]:
    """The pictures of a version."""
    with store.reading() as tx:
        return tx.pictures_of(row, number)


@BOTH
def test_a_flagged_listings_pictures_are_kept_with_hashes_on_record(
    store: Store, intake: Intake, shelf: Shelf, tmp_path: Path, clock: Clock
) -> None:
    """Original and copy, in a file of their own; what is not flagged is not asked for, and nothing is, twice."""
    shelf.files |= {"/a.jpg": written(poster(1)), "/b.jpg": "/c.jpg", "/c.jpg": written(poster(2)), "/d.jpg": b"<svg/>"}
    images = (
        "/a.jpg",
        shelf.url("/b.jpg"),
        "/a.jpg",
        "/d.jpg",
        "/none.jpg",
        "http://10.0.0.1/e.jpg",
        "data:image/png,x",
    )
    intake(fetched("1", GRAVE, url=shelf.url("/item/1"), images=images), fetched("2", PLAIN, images=("/a.jpg",)))

    assert fetch(store, shelf, tmp_path, clock) == {KEPT: 2, REFUSED: 3, FAILED: 1}
    assert fetch(store, shelf, tmp_path, clock) == {}
    assert shelf.asked == ["/a.jpg", "/b.jpg", "/c.jpg", "/d.jpg", "/none.jpg"]

    found = pictures(store)
    assert [one.state for one in found] == [KEPT, KEPT, REFUSED, FAILED, REFUSED, REFUSED]
    assert "image_hosts: 10.0.0.1" in found[4].says
    first = found[0]
    assert first.original is not None
    assert first.inert is not None
    sent_as, copied = (record_at(tmp_path / ref.file, ref.offset) for ref in (first.original, first.inert))
    assert sent_as.content == shelf.files["/a.jpg"]
    assert (copied.content[:4], copied.content[8:12]) == (b"RIFF", b"WEBP")
    assert [sent_as.is_sound, copied.is_sound] == [True, True]
    event = cases.show(store, 1).history[-1]
    assert event.kind == "evidence.pictures"
    assert first.original.sha256 in str(event.data["kept"])
    assert audit.verify(store).is_sound


def test_what_is_away_is_asked_for_later_and_given_up_in_the_end(
    store: Store, intake: Intake, shelf: Shelf, tmp_path: Path, clock: Clock
) -> None:
    """Ten, twenty and forty minutes later; what is too large is not asked for again."""
    shelf.files |= {"/busy.jpg": 503, "/large.jpg": bytes(300_000)}
    intake(fetched("1", GRAVE, url=shelf.url("/item/1"), images=("/busy.jpg", "/large.jpg")))

    assert fetch(store, shelf, tmp_path, clock) == {DUE: 1, REFUSED: 1}
    clock.move(minutes=9)
    assert fetch(store, shelf, tmp_path, clock) == {}
    for minutes in (2, 21):
        clock.move(minutes=minutes)
        assert fetch(store, shelf, tmp_path, clock) == {DUE: 1}
    clock.move(minutes=41)
    assert fetch(store, shelf, tmp_path, clock) == {FAILED: 1}
    assert shelf.asked.count("/busy.jpg") == 4
    assert pictures(store)[0].says == "it answered 503"

    shelf.files["/busy.jpg"] = written(poster())
    fetching.ask_for(store, 1, each=6, now=clock())
    assert fetch(store, shelf, tmp_path, clock)[KEPT] == 1


def test_what_was_decided_long_ago_is_left_alone(store: Store, intake: Intake, shelf: Shelf, clock: Clock) -> None:
    """Whoever turns it on for an old store has the queue's pictures fetched, and those of the last week."""
    for number in ("1", "2"):
        intake(fetched(number, GRAVE, url=shelf.url("/item"), images=("/a.jpg",)))
    remove(store, 1)
    clock.move(days=8)
    intake(fetched("3", GRAVE, url=shelf.url("/item"), images=("/a.jpg",)))
    remove(store, 3)

    assert fetching.note(store, each=6, sources=["demo"], now=clock()) == 2
    assert [len(pictures(store, row)) for row in (1, 2, 3)] == [0, 1, 1]


def test_killed_while_fetching_a_picture_is_fetched_again(
    store: Store, intake: Intake, shelf: Shelf, tmp_path: Path, clock: Clock
) -> None:
    """Whoever took it is gone; nobody else takes it before the lease is over."""
    shelf.files["/a.jpg"] = written(poster())
    intake(fetched("1", GRAVE, url=shelf.url("/item/1"), images=("/a.jpg",)))
    fetching.note(store, each=6, sources=["demo"], now=clock())
    with store.transaction() as tx:
        assert len(tx.take_pictures(at=NOON, until=NOON + fetching.LEASE, limit=9)) == 1

    assert fetch(store, shelf, tmp_path, clock) == {}
    clock.at = NOON + fetching.LEASE
    assert fetch(store, shelf, tmp_path, clock) == {KEPT: 1}


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        (["shop.example"], "https://shop.example/a.jpg", True),
        (["shop.example"], "https://shop.example:443/a.jpg", True),
        (["shop.example"], "http://shop.example:8080/a.jpg", False),  # another port is another server
        (["shop.example"], "https://shop.example.evil.example/a.jpg", False),
        (["shop.example"], "https://evil.example/shop.example/a.jpg", False),
        (["shop.example"], "https://shop.example@evil.example/a.jpg", False),
        (["shop.example"], "ftp://shop.example/a.jpg", False),
        (["shop.example"], "file:///etc/passwd", False),
        (["shop.example"], "http://[::1/a.jpg", False),
        (["*.cdn.example"], "https://img1.cdn.example/a.jpg", True),
        (["*.cdn.example"], "https://cdn.example/a.jpg", False),
        (["*.cdn.example"], "https://img1.cdn.example:8443/a.jpg", False),
        (["*.cdn.example"], "https://evilcdn.example/a.jpg", False),
        ([], "https://shop.example/a.jpg", False),
        (["*.cdn.example"], r"https://evil.example\.cdn.example/a.jpg", False),
        (["*.cdn.example"], "https://evil.example%5c.cdn.example/a.jpg", False),
        (["*.cdn.example"], "https://evil.example;.cdn.example/a.jpg", False),
        (["[::1]:8000"], "http://[::1]:8000/a.jpg", True),
    ],
)
def test_only_declared_hosts_are_asked(hosts: list[str], url: str, allowed: bool) -> None:
    """A listing's addresses are a seller's words."""
    named = PictureHosts(hosts)
    assert (named.names(url) or named.admits(url)) is allowed


def test_a_pattern_lets_nobody_into_the_house(shelf: Shelf) -> None:
    """A connection that must be public is not made to a private address, whatever its name was found to be before."""
    with pytest.raises(NotPublic):
        public_address("localhost", 80)

    reply = Client(pool=PublicPool(retries=False)).call("GET", shelf.url("/a.jpg"))
    assert (reply.status, shelf.asked) == (0, [])


def test_a_redirect_is_judged_like_an_address(shelf: Shelf) -> None:
    """It leads nowhere else, to no other scheme, and not on and on."""
    asking = PictureWeb(lambda _: PictureHosts([shelf.host]), rate=1000)
    shelf.files |= {"/a.jpg": "http://127.0.0.2:9/a.jpg", "/b.jpg": "ftp://x/", "/c.jpg": "/c.jpg"}

    assert "image_hosts: 127.0.0.2:9" in asking.get("demo", shelf.url("/a.jpg")).why
    assert asking.get("demo", shelf.url("/b.jpg")).end is REFUSED
    assert asking.get("demo", shelf.url("/c.jpg")).why == "it leads on and on"


def test_the_same_picture_makes_a_cluster_of_what_is_half_alike(
    store: Store, intake: Intake, shelf: Shelf, tmp_path: Path, clock: Clock
) -> None:
    """Under another name, in another quality: the file's name says nothing, what it looks like does."""
    shelf.files |= {
        "/a.jpg": written(poster(1)),
        "/b.png": written(poster(1).resize((200, 150)), "PNG"),
        "/c.jpg": written(poster(5)),
    }
    titles = ("免实名手机卡 现货 全国 当天", "免实名手机卡 现货 全国 量大", "免实名手机卡 现货 全国 优惠")
    for number, (title, image) in enumerate(zip(titles, ("/a.jpg", "/b.png", "/c.jpg"), strict=True), 1):
        seller = Seller(id=f"s{number}", name=f"Shop {number}")
        intake(fetched(str(number), title, url=shelf.url("/item/1"), images=(image,), seller=seller))
    clusters.refresh(store, now=NOON)
    assert clusters.clusters(store) == ()

    assert fetch(store, shelf, tmp_path, clock) == {KEPT: 3}
    clusters.refresh(store, now=NOON)
    (found,) = clusters.clusters(store)
    assert [one.case_id for one in clusters.members(store, found.id)] == [1, 2]
    assert ("the same picture",) in [one.shares for one in clusters.members(store, found.id)]


@BOTH
def test_a_removed_listings_picture_is_known_again(
    store: Store, intake: Intake, shelf: Shelf, tmp_path: Path, clock: Clock
) -> None:
    """The new case cites the first decision and goes the fast way; another picture is not taken for it."""
    shelf.files |= {
        "/a.jpg": written(poster(1)),
        "/b.jpg": written(poster(1), quality=20),
        "/c.jpg": written(poster(5)),
    }
    intake(fetched("1", "免实名手机卡 三网通用 随到随用", url=shelf.url("/1"), images=("/a.jpg",)))
    remove(store, 1)
    sent(store)
    followed(store)
    assert fetch(store, shelf, tmp_path, clock) == {KEPT: 1}  # after it was removed: watched for all the same

    clock.move(hours=1)
    for number, image in ((2, "/b.jpg"), (3, "/c.jpg")):
        seller = Seller(id=f"n{number}", name="New")
        intake(
            fetched(str(number), "电话卡 大量 三网通用 随到随用", url=shelf.url("/2"), images=(image,), seller=seller)
        )
    fetch(store, shelf, tmp_path, clock)
    histories = {number: cases.show(store, number).history for number in (2, 3)}
    cited = {number: [one for one in told if one.kind == "case.relisted"] for number, told in histories.items()}
    assert [len(cited[2]), len(cited[3])] == [1, 0]
    assert (cited[2][0].data["first_case"], cited[2][0].data["marks"]) == (1, ["picture"])
    assert cases.show(store, 2).row.case.due_at == clock() + timedelta(hours=2)


def test_pictures_are_kept_as_long_as_their_case(
    store: Store, intake: Intake, shelf: Shelf, tmp_path: Path, clock: Clock
) -> None:
    """Age removes them once the case is closed and no hold is on it."""
    shelf.files["/a.jpg"] = written(poster())
    intake(fetched("1", GRAVE, url=shelf.url("/item/1"), images=("/a.jpg",)))
    fetch(store, shelf, tmp_path, clock)

    def pruned() -> list[str]:
        fates = retention.prune(
            store, tmp_path, older_than=timedelta(days=1), actor=LI, clock=lambda: NOON + timedelta(days=9_000)
        )
        return [fate.kept_for for fate in fates]

    retention.hold(store, 1, reason="police", actor=LI, at=NOON)
    assert pruned() == ["case 1 is open"]
    ruled(store, 1, Ruling.KEEP)
    assert pruned() == ["case 1 is under legal hold"]
    retention.release(store, 1, reason="over", actor=LI, at=NOON)
    assert (pruned(), pruned()) == ([""], [])
