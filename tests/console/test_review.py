"""Reviewing cases by forms alone: what the page shows, deciding, losing a claim, undoing; hostile listings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from scanner import audit
from scanner.console.highlight import HEAD, cut, fields_of
from scanner.console.inert import inert_page
from scanner.console.masking import Masker, masked
from scanner.console.rooms.review import PNG
from scanner.model import CaseState, EvidenceRef, Fetched, Finding, Role, Severity, Span, View
from scanner.moderation import cases, claims
from scanner.pictures.records import PictureState
from scanner.rulebook import load
from scanner.settings import Settings
from scanner.store import Store
from spiders.evidence import Evidence
from tests.fakes import GRAVE, LI, MILD, WANG, Clock, Intake, fetched, offer, write_rules
from tests.visitors import Visitor

Come = Callable[..., Visitor]

FOUND = Finding(rule="a.b", category="a", severity=Severity.S3, score=0.9, title="", reason="", spans=())
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{7*7}}"


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the deciding form."""
    return dict(re.findall(r'name="(revision|token)" value="(\d+)"', page))


@pytest.fixture
def filled(intake: Intake) -> Intake:
    """Three waiting cases: a grave one and two mild ones."""
    intake(fetched("1", GRAVE), fetched("2", MILD), fetched("3", MILD + " 新"))
    return intake


def test_a_case_says_why_with_the_original_characters(filled: Intake, come: Come) -> None:
    """Matched words are marked as the seller wrote them, with rule, view and clause beside them."""
    page = come("wang", Role.SPECIALIST).get("/cases/1").text
    assert "<mark>免实名手机卡</mark>" in page or "<mark>免实名</mark>" in page
    assert "phone_card.no_real_name" in page
    assert "PRC-ATFL-31" in page
    assert "Why this urgent" in page


def test_what_earlier_rules_found_is_shown_as_such(intake: Intake, come: Come, tmp_path: Path) -> None:
    """The rule is retired: nothing is found any more, and what was found before stands below."""
    intake(fetched("1", GRAVE))
    intake(fetched("1", GRAVE), rulebook=load(write_rules(tmp_path / "rules", status="retired"), cache=None))
    page = come("wang", Role.SPECIALIST).get("/cases/1").text
    assert "Nothing is found in this version any more." in page
    assert "Found before:" in page
    assert "phone_card.no_real_name" in page
    assert "<mark>免实名" in page


def test_deciding_opens_the_next_case(filled: Intake, come: Come, store: Store) -> None:
    """A reviewer takes the first, decides it, and the next one is there, claimed."""
    li = come("li")
    assert li.post("/cases/next").url.path == "/cases/1"
    li.post("/cases/1/decide", {**fields(li.page), "deed": "remove", "note": "sold without a name"})
    assert "Case 1: removed." in li.page
    decided = cases.show(store, 1)
    assert (decided.row.case.state, decided.decisions[0].reason) == (CaseState.DECIDED, "no_real_name")
    assert decided.decisions[0].note == "sold without a name"
    assert cases.show(store, 2).row.case.claimed_by == "li" or cases.show(store, 3).row.case.claimed_by == "li"


def test_a_chosen_reason_counts_where_it_fits(filled: Intake, come: Come, store: Store) -> None:
    """A digit chose a reason for removal; keeping takes the usual reason for keeping instead."""
    li = come("li")
    li.post("/cases/2/claim")
    li.post("/cases/2/decide", {**fields(li.page), "deed": "keep", "reason": "prohibited_goods"})
    assert cases.show(store, 2).decisions[0].reason == "other_meaning"


def test_an_undone_decision_is_back_in_hand(filled: Intake, come: Come, store: Store, clock: Clock) -> None:
    """Within the window the case is as it was, and claimed again; afterwards it is too late."""
    li = come("li")
    li.post("/cases/1/claim")
    li.post("/cases/1/decide", {**fields(li.page), "deed": "remove"})
    assert li.post("/cases/1/undo").status_code == 200
    assert "<b>remove</b> (undone)" in li.page
    assert cases.show(store, 1).row.case.state is CaseState.CLAIMED
    li.post("/cases/1/decide", {**fields(li.page), "deed": "remove"})
    clock.move(minutes=5)
    assert li.post("/cases/1/undo").status_code == 409


def test_a_lost_claim_loses_nothing_that_was_typed(filled: Intake, come: Come, store: Store, clock: Clock) -> None:
    """Somebody else took the case after the lease: the decision is refused, and the note is there next time."""
    li = come("li")
    li.post("/cases/2/claim")
    mine = fields(li.page)
    clock.move(minutes=11)
    claims.claim(store, 2, actor=WANG, now=clock())
    answer = li.post("/cases/2/decide", {**mine, "deed": "remove", "note": "half an essay"})
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text
    assert "half an essay" in answer.text
    claims.release(store, 2, actor=WANG, now=clock())
    li.post("/cases/2/claim")
    assert "half an essay" in li.page


def test_a_heartbeat_keeps_the_claim_and_the_draft(filled: Intake, come: Come, store: Store, clock: Clock) -> None:
    """An open page is a sign of life; when the claim has passed on, the page is told so."""
    li = come("li")
    li.post("/cases/2/claim")
    mine = fields(li.page)
    clock.move(minutes=8)
    beat = li.post("/cases/2/heartbeat", {**mine, "note": "so far"})
    assert beat.json()["until"] == clock().timestamp() + 600
    clock.move(minutes=11)
    claims.claim(store, 2, actor=WANG, now=clock())
    assert li.post("/cases/2/heartbeat", mine).status_code == 409
    kept = claims.draft(store, 2, actor=LI)
    assert kept is not None
    assert kept.note == "so far"


def test_holding_and_skipping_need_no_more_than_a_key(filled: Intake, come: Come, store: Store) -> None:
    """Put off or left to others, a case makes room for the next."""
    li = come("li")
    li.post("/cases/1/claim")
    li.post("/cases/1/decide", {**fields(li.page), "deed": "hold", "hold": "1d"})
    assert cases.show(store, 1).row.case.state is CaseState.ON_HOLD
    number = re.search(r"Case (\d+)</", li.page) or re.search(r"/cases/(\d+)/decide", li.page)
    assert number
    li.post(f"/cases/{number[1]}/decide", {**fields(li.page), "deed": "skip"})
    assert "skipped" in li.page


def test_roles_see_what_they_may_do(filled: Intake, come: Come, store: Store) -> None:
    """An auditor reads and takes nothing; a reviewer does not keep what is grave."""
    auditor = come("an", Role.AUDITOR)
    assert auditor.get("/cases/1").status_code == 200
    assert "Take this case" not in auditor.page
    assert auditor.post("/cases/1/claim").status_code == 403
    li = come("li")
    li.post("/cases/1/claim")
    assert re.search(r'value="keep"[^>]*disabled', li.page)
    assert li.post("/cases/1/decide", {**fields(li.page), "deed": "keep"}).status_code == 403
    assert cases.show(store, 1).decisions == ()


def test_keeping_what_is_grave_waits_for_a_second_person(filled: Intake, come: Come, store: Store) -> None:
    """A specialist's ruling to keep S4 has no effect by itself."""
    wang = come("wang", Role.SPECIALIST)
    wang.post("/cases/1/claim")
    wang.post("/cases/1/decide", {**fields(wang.page), "deed": "keep"})
    assert "waits for a second person" in wang.page
    assert cases.show(store, 1).row.case.state is CaseState.AWAITING_APPROVAL


def test_personal_data_is_masked_until_somebody_who_may_says_so(intake: Intake, come: Come, store: Store) -> None:
    """A handle is shown on request, the request is an event, and what was typed is still there."""
    intake(fetched("1", GRAVE, description="加微信 abc_12345 详谈, 电话 13812345678"))
    li = come("li")
    li.get("/cases/1")
    assert "13812345678" not in li.page
    assert "138••••••78" in li.page
    assert "13812345678" not in li.get("/queue").text
    assert "abc_12345" not in li.page
    li.get("/cases/1")
    assert li.post("/cases/1/unmask").status_code == 403
    wang = come("wang", Role.SPECIALIST)
    wang.post("/cases/1/claim")
    wang.post("/cases/1/unmask", {"note": "typed before"})
    assert "13812345678" in wang.page
    assert "typed before" in wang.page
    assert "case.unmasked" in {event.kind for event in cases.show(store, 1).history}


def test_nothing_that_a_seller_writes_is_markup(intake: Intake, come: Come) -> None:
    """Every field of a hostile listing is text on the page of its case and in the queue."""
    seller = {"id": HOSTILE, "name": HOSTILE}
    intake(
        fetched(
            "1",
            GRAVE + HOSTILE,
            description=HOSTILE + "\u202e\u200b",
            options=(HOSTILE,),
            attributes={HOSTILE: HOSTILE},
            category_path=(HOSTILE,),
            questions=(HOSTILE,),
            url="javascript:alert(1)",
            images=(HOSTILE,),
            hidden_text=HOSTILE,
            currency=HOSTILE[:20],
            seller=offer().seller.__class__(**seller),
        )
    )
    wang = come("wang", Role.SPECIALIST)
    for path in ("/cases/1", "/queue", "/queue?text=script", f"/queue?seller={HOSTILE}"):
        page = wang.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r"\{\{7\*7\}\}|\b49\b", page)
        assert 'href="javascript:' not in page
    assert 'title="RIGHT-TO-LEFT OVERRIDE"' in wang.get("/cases/1").text


def test_the_queue_is_filtered_by_its_address(filled: Intake, come: Come) -> None:
    """Category, severity, rule, seller, words, deadline, age, state, person: in the address, and together."""
    li = come("li")
    for query, numbers in [
        ("", {"1", "2", "3"}),
        ("severity=S4", {"1"}),
        ("rule=phone_card.bulk", {"2", "3"}),
        ("text=免实名", {"1"}),
        ("seller=s1", {"1", "2", "3"}),
        ("seller=nobody", set()),
        ("category=phone_card&severity=S2", {"2", "3"}),
        ("due=over", set()),
        ("due=2h", set()),
        ("due=24h", {"1"}),
        ("age=1d", set()),
        ("assignee=me", set()),
        ("state=closed", set()),
        ("severity=nonsense&due=nonsense", {"1", "2", "3"}),
    ]:
        page = li.get(f"/queue?{query}").text
        assert set(re.findall(r'class="open" href="/cases/(\d+)', page)) == numbers, query


def test_a_view_is_a_persons_own(filled: Intake, come: Come) -> None:
    """A filter kept under a name is offered to whoever kept it, and to nobody else."""
    li, wang = come("li"), come("wang")
    li.get("/queue?severity=S4")
    li.post("/queue/views?severity=S4", {"name": "grave ones"})
    assert "grave ones" in li.page
    assert "grave ones" not in wang.get("/queue").text
    wang.post("/queue/views/1/drop")
    assert "grave ones" in li.get("/queue").text


def test_overlapping_matches_keep_every_character() -> None:
    """Cut into pieces, a text is still the same text; each piece knows the findings that rest on it."""
    spans = [
        (1, Span(field="title", start=0, end=4, text="abcd", view=View.RAW)),
        (2, Span(field="title", start=2, end=6, text="cdef", view=View.RAW)),
    ]
    pieces = list(cut("abcdefgh", 0, 8, spans))
    assert [(piece.text, piece.findings) for piece in pieces] == [
        ("ab", (1,)),
        ("cd", (1, 2)),
        ("ef", (2,)),
        ("gh", ()),
    ]


def test_a_huge_field_is_shown_in_part() -> None:
    """Of a field of a million characters the beginning is shown, and how much is left out."""
    listing = offer("1", "x" * 1_000_000)
    shown = fields_of(listing, (), Masker(listing))[0]
    assert sum(len(piece.text) for piece in shown.pieces) == HEAD
    assert shown.left_out == 1_000_000 - HEAD


def test_an_attribute_says_its_name_once() -> None:
    """As its label; where the name itself matches, is masked or is long, as text, and the label says what it is."""
    listing = offer("1", "x", attributes={"用途": "注册专用", "手机卡": "白", "微信abc12345": "在", "a" * 60: "b"})
    found = Span(field="attributes.手机卡", start=0, end=3, text="手机卡", view=View.RAW)
    finding = msgspec.structs.replace(FOUND, spans=(found,))
    fields = [one for one in fields_of(listing, (finding,), Masker(listing)) if one.name.startswith("attributes")]
    assert [(field.name, "".join(piece.text for piece in field.pieces)) for field in fields] == [
        ("attributes.用途", "注册专用"),
        ("attributes", "手机卡: 白"),
        ("attributes", "微信a•••••45: 在"),
        ("attributes", "a" * 60 + ": b"),
    ]
    assert {field.left_out for field in fields} == {0}


@pytest.mark.parametrize(
    ("handle", "shown"), [("13812345678", "138••••••78"), ("abc_12345", "abc_•••45"), ("a1b2", "a••2")]
)
def test_masks_keep_the_length(handle: str, shown: str) -> None:
    """Positions hold, and two handles can be told apart."""
    assert masked(handle) == shown


def test_a_captured_page_is_inert() -> None:
    """What runs, loads, submits or leads elsewhere is gone; text and layout stay; rubbish is text."""
    hostile = b"""<html><head><base href=//e><meta http-equiv=refresh content="0;url=//e"><link rel=stylesheet href=//e>
        <style>@import url(//e); p{color:red;background:URL( //e )}</style><script>alert(1)</script></head>
        <body onload=alert(1) background=//e><p onclick=alert(1) style="color:blue;background:url(//e)">offer</p>
        <img src=//e alt=card>
        <a href=javascript:alert(1) ping=//e>go</a><form action=//e><input name=x></form><iframe src=//e></iframe>
        <svg><script>1</script></svg><object data=//e></object></body></html>"""
    page = inert_page(hostile).decode()
    for gone in (
        "<script",
        "onload",
        "onclick",
        "href=",
        "src=",
        "action",
        "<iframe",
        "<svg",
        "<object",
        "<base",
        "<link",
    ):
        assert gone not in page, gone
    assert "http-equiv" not in page
    assert "//e" not in page.replace("</", "")
    assert "color:red" in page
    assert "offer" in page
    assert "[card]" in page
    assert b"\x00" not in inert_page(b"\x00\xff<")


def test_captured_bytes_have_a_policy_of_their_own(
    intake: Intake, come: Come, store: Store, settings: Settings, clock: Clock
) -> None:
    """A page is inert and in a sandbox, a picture is a PNG or nothing; what is missing or changed is told as such."""
    with Evidence(settings.evidence / "1", "part") as file:
        html = [("Content-Type", "text/html")]
        body = b"<p onclick=x>offer</p>"
        page = file.keep("http://127.0.0.1/1", status=200, headers=html, body=body, seen_at=clock())
        drawn = file.keep("http://127.0.0.1/1", status=200, headers=[], body=PNG + b"rest", seen_at=clock())
        fake = file.keep("http://127.0.0.1/1", status=200, headers=[], body=b"<svg onload=x>", seen_at=clock())
    intake(Fetched(listing=offer("1", GRAVE), evidence=page))
    intake(Fetched(listing=offer("2", GRAVE), evidence=EvidenceRef(file="gone.warc.gz", offset=0, sha256="")))
    for ref in (drawn, fake):
        with store.transaction() as tx:
            told = {"file": f"1/{ref.file}:{ref.offset}", "sha256": ref.sha256}
            audit.append(tx, actor=LI, kind="evidence.screenshot", subject="case:1", at=clock(), **told)
    with store.reading() as tx:
        taken = [one.sequence for one in tx.events_about("case:1") if one.kind == "evidence.screenshot"]
    li = come("li")
    answer = li.get("/cases/1/page/1")
    assert (answer.status_code, b"offer" in answer.content, b"onclick" in answer.content) == (200, True, False)
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert li.get("/cases/2/page/1").status_code == 404
    picture = li.get(f"/cases/1/picture/{taken[0]}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert li.get(f"/cases/1/picture/{taken[1]}").status_code == 404
    assert li.get(f"/cases/2/picture/{taken[0]}").status_code == 404


def test_only_our_own_copies_of_pictures_are_shown(
    filled: Intake, come: Come, store: Store, settings: Settings, clock: Clock
) -> None:
    """WebP that we made, under a policy of its own; of what is none, of other cases', and of originals nothing."""
    with Evidence(settings.evidence / "pictures", "part") as file:
        good, bad = (
            file.keep("http://127.0.0.1/a.jpg", status=200, headers=[], body=body, seen_at=clock())
            for body in (b"RIFF\x08\x00\x00\x00WEBPxxxx", b"<svg onload=x>")
        )
    with store.transaction() as tx:
        tx.note_pictures(tx.case(1), ["http://127.0.0.1/<b>a.jpg", "http://127.0.0.1/b.jpg", "/c.jpg"], at=clock())
        for picture, ref in zip(tx.pictures_of(1, 1), (good, bad, None), strict=True):
            inert = msgspec.structs.replace(ref, file=f"pictures/{ref.file}") if ref else None
            state = PictureState.KEPT if ref else PictureState.FAILED
            tx.save_picture(msgspec.structs.replace(picture, state=state, inert=inert, says="" if ref else "<i>404"))
        numbers = [one.id for one in tx.pictures_of(1, 1)]
    li = come("li")
    page = li.get("/cases/1").text
    assert f'src="/cases/1/image/{numbers[0]}"' in page
    assert "could not be fetched (&lt;i&gt;404)" in page
    answer = li.get(f"/cases/1/image/{numbers[0]}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    for path in (f"/cases/1/image/{numbers[1]}", f"/cases/1/image/{numbers[2]}", f"/cases/2/image/{numbers[0]}"):
        assert li.get(path).status_code == 404
