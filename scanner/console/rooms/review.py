"""Reading a case: its page, and the captured page behind it, which is served apart under a policy of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from scanner.console import casepage, filters
from scanner.console.casepage import pictures_of
from scanner.console.headers import EVIDENCE_POLICY
from scanner.console.inert import inert_page
from scanner.console.office import InOffice
from scanner.console.pages import page
from scanner.console.visits import Posted, Visitor, needs
from scanner.errors import NotFound
from scanner.model import EvidenceRef
from scanner.moderation.background import unmask
from scanner.moderation.permissions import Deed

router = APIRouter(prefix="/cases", dependencies=[Depends(needs(Deed.SEE))])

# How every PNG begins (RFC 2083, 3.1).
PNG = b"\x89PNG\r\n\x1a\n"
CaseId = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/{case_id}")
def show(request: Request, office: InOffice, visit: Visitor, case_id: CaseId) -> Response:
    """Everything that a person needs to decide it."""
    wanted = filters.read(request.query_params)
    return page(request, "review.html", here="queue", **casepage.context(office, visit, case_id, wanted))


@router.post("/{case_id}/unmask", dependencies=[Depends(needs(Deed.SEE_UNMASKED))])
def show_unmasked(request: Request, office: InOffice, visit: Visitor, form: Posted, case_id: CaseId) -> Response:
    """The same with personal data; that somebody saw it is an event. What was typed stays."""
    unmask(office.store, case_id, actor=visit.actor, now=office.clock())
    wanted = filters.read(request.query_params)
    typed = casepage.Typed(reason=form.text("reason"), note=form.text("note"))
    shown = casepage.context(office, visit, case_id, wanted, unmasked=True, typed=typed)
    return page(request, "review.html", here="queue", **shown)


@router.get("/{case_id}/page/{number}", dependencies=[Depends(needs(Deed.SEE))])
def saved_page(office: InOffice, case_id: CaseId, number: CaseId) -> Response:
    """The captured page as a buyer saw it, for a frame: no scripts, no network, no origin (see ``EVIDENCE_POLICY``)."""
    with office.store.reading() as tx:
        version = tx.version(tx.case(case_id).listing_row, number)
    if version.evidence is None:
        return _framed(b"No page was captured of this version.", "text/plain", status=404)
    try:
        saved = office.pages(version.evidence)
    except NotFound as error:
        return _framed(f"{error}. {error.hint}".encode(), "text/plain", status=404)
    return _framed(saved.content, saved.content_type)


@router.get("/{case_id}/picture/{sequence}")
def picture(office: InOffice, case_id: CaseId, sequence: CaseId) -> Response:
    """A picture that was taken of the listing in a browser, as captured: only what begins like a PNG is sent as one."""
    with office.store.reading() as tx:
        events = pictures_of(tx.events_about(f"case:{case_id}"))
    event = next((one for one in events if one.sequence == sequence), None)
    if event is None:
        raise NotFound("there is no such picture of this case")
    file, _, offset = str(event.data["file"]).rpartition(":")
    saved = office.pages(EvidenceRef(file=file, offset=int(offset), sha256=str(event.data["sha256"])))
    if not saved.is_sound or not saved.content.startswith(PNG):
        raise NotFound("this picture is not what was captured")
    return Response(saved.content, media_type="image/png", headers={"Content-Security-Policy": EVIDENCE_POLICY})


@router.get("/{case_id}/image/{picture_id}")
def image(office: InOffice, case_id: CaseId, picture_id: CaseId) -> Response:
    """Our own copy of a picture of the version under review. What the platform sent is evidence, and never sent on."""
    with office.store.reading() as tx:
        case = tx.case(case_id)
        pictures = tx.pictures_of(case.listing_row, case.version)
    ref = next((one.inert for one in pictures if one.id == picture_id), None)
    if ref is None:
        raise NotFound("there is no such picture of this case")
    saved = office.pages(ref)
    if not saved.is_sound or not _is_webp(saved.content):
        raise NotFound("this picture is not what we kept")
    headers = {"Content-Security-Policy": EVIDENCE_POLICY, "Cache-Control": "private, max-age=3600"}
    return Response(saved.content, media_type="image/webp", headers=headers)


def _is_webp(content: bytes) -> bool:
    """Whether it begins as WebP does (RFC 9649, 2.4)."""
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def _framed(content: bytes, content_type: str, *, status: int = 200) -> Response:
    """Somebody else's bytes, or why there are none, as a frame of ours shows them."""
    headers = {
        "Content-Security-Policy": EVIDENCE_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
        # A page in a sandbox has no origin; with any other policy than this, browsers show none of it at all.
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }
    return Response(inert_page(content, content_type), status_code=status, media_type="text/html", headers=headers)
