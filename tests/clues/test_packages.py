"""Clue packages: signed by two people, whole, checkable by anybody, and never of what nobody has confirmed."""

from __future__ import annotations

import hashlib
import io
import itertools
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanner import audit, erasure, retention
from scanner.clues import packages
from scanner.clues.checking import EVENTS, FORMAT, MANIFEST, MOST_FAULTS, check
from scanner.clues.contents import Contents
from scanner.clues.owed import owed
from scanner.clues.packages import Draft
from scanner.clues.records import CLUE_MOVES, Attachment, ClueMove, ClueState, Package, Recipient, next_clue_state
from scanner.clues.writing import named_at_last, write
from scanner.correspondence.letters import is_silenced
from scanner.errors import Conflict, DelistError, Forbidden, IllegalMove, InputError
from scanner.model import Actor, EvidenceRef, Fetched, Role, Seller
from scanner.moderation import approvals, reverting
from scanner.moderation.effects import EFFECTS
from scanner.moderation.records import ApprovalState
from scanner.outside import RecordKind
from scanner.store import Store
from tests.fakes import GRAVE, LI, NOON, Intake, fetched, offer
from tests.outbox import remove
from tests.takedowns_done import COMPLIANCE, POLICY, SPECIALIST, followed, sent

BOTH = pytest.mark.databases("sqlite", "postgresql")
LIAISON = Actor(name="qian", role=Role.LIAISON)
SAID = "免实名手机卡 10张 加V: kapian_8866 <script>alert(1)</script>"
PAGE = b"<html>the page as it was</html>"
AT = NOON + timedelta(hours=1)


def draft(*cases: int, **more: Any) -> Draft:
    """A package of these cases for the police."""
    plain: dict[str, Any] = {
        "recipient": Recipient.POLICE,
        "unit": "City police, fraud desk",
        "officer": "Qian, 021-5550",
        "legal_basis": "Anti-Telecom and Online Fraud Law, art. 26",
        "reason": "the same seller again",
        "summary": "Phone cards without real name, ten at a time.",
    }
    return Draft(cases=cases, **(plain | more))


@pytest.fixture
def confirmed(store: Store, intake: Intake) -> Store:
    """Cases 1 and 2 of one seller and 3 of another were decided to be removed, 4 waits; the first has its page."""
    ref = EvidenceRef(file="1/part-1.warc.gz", offset=9, sha256=hashlib.sha256(PAGE).hexdigest())
    intake(Fetched(listing=offer("1", SAID), evidence=ref))
    for number, seller in ((2, "s1"), (3, "s2"), (4, "s2")):
        intake(fetched(str(number), f"{GRAVE} 第{number}批", seller=Seller(id=seller, name=f"Shop {seller}")))
    for number in (1, 2, 3):
        remove(store, number)
    return store


def proposed(store: Store, *cases: int, **more: Any) -> Package:
    """A package that a specialist has proposed."""
    return packages.prepare(store, draft(*(cases or (1, 2)), **more), actor=SPECIALIST, now=NOON)


def settle(store: Store, number: int, *, actor: Actor = LIAISON, how: str = "approve") -> None:
    """A person settles the proposal of a package."""
    (asked,) = [one for one in approvals.about(store, f"clue:{number}") if one.state is ApprovalState.ASKED]
    act: Callable[..., Any] = getattr(approvals, how)
    act(store, asked.id, actor=actor, note="as discussed", now=AT, effects=EFFECTS)


def to_file(file: Path) -> Callable[[Contents], str]:
    """Writes a package; of the evidence the page is there."""

    def write_it(contents: Contents) -> str:
        return write(file, contents, evidence=lambda _: PAGE, attachment=lambda _: None, at=AT)

    return write_it


def state(store: Store, number: int = 1) -> ClueState:
    """How a package stands."""
    return packages.show(store, number).package.state


@BOTH
def test_a_package_goes_its_way_with_every_step_on_record(confirmed: Store, tmp_path: Path) -> None:
    """Proposed, signed by another, exported, handed over against a receipt, answered; evidence is held meanwhile."""
    package = proposed(confirmed, is_quiet=True)
    assert (package.about, package.level, package.held) == ("seller:1", 1, (1, 2))
    settle(confirmed, 1)
    file = tmp_path / "clue.zip"
    exported, manifest = packages.export(confirmed, 1, to_file(file), actor=LIAISON, now=AT)
    packages.hand_over(confirmed, 1, receipt="no. 118", actor=LIAISON, now=AT)
    packages.answer(confirmed, 1, says="keep the data until 2028", actor=LIAISON, now=AT)

    assert (exported.approved_by, state(confirmed)) == ("qian", ClueState.ANSWERED)
    with confirmed.reading() as tx:
        told = [event for event in tx.events_about("clue:1") if event.kind.startswith("clue.")]
        assert [retention.is_held(tx, number) for number in (1, 2, 3)] == [True, True, False]
        assert [is_silenced(tx, number) for number in (1, 2, 3)] == [True, True, False]
    decided = next(event for event in packages.show(confirmed, 1).events if event.kind == "case.decided")
    assert decided.data["evidence_sha256"] == hashlib.sha256(PAGE).hexdigest()
    steps = ["proposed", "approved", "exported", "handed_over", "answered"]
    assert [event.kind for event in told] == [f"clue.{step}" for step in steps]
    assert told[2].data["manifest"] == manifest
    assert audit.verify(confirmed).is_sound

    with file.open("rb") as opened:
        found = check(opened)
    assert (found.faults, found.manifest, found.package, found.missing) == ((), manifest, 1, 0)
    with zipfile.ZipFile(file) as archive:
        report = archive.read("report.html").decode()
        assert archive.read(f"evidence/{hashlib.sha256(PAGE).hexdigest()}") == PAGE
        signers = [one["name"] for one in msgspec.json.decode(archive.read(MANIFEST))["signed"]]
    assert signers == ["wang", "qian"]
    assert ("kapian_8866" in report, "<script>" in report) == (True, False)


REFUSED: list[tuple[Callable[[Store], Any], type[DelistError]]] = [
    (lambda store: settle(store, 1, actor=Actor(name="Wang ", role=Role.LIAISON)), Forbidden),  # signs twice
    (lambda store: settle(store, 1, actor=LI), Forbidden),
    (lambda store: packages.export(store, 1, lambda _: "x", actor=LIAISON, now=AT), IllegalMove),  # one signature
    (lambda store: packages.hand_over(store, 1, receipt="x", actor=LIAISON, now=AT), IllegalMove),
    (lambda store: packages.drop(store, 1, reason="x", actor=LIAISON, now=AT), IllegalMove),
    (lambda store: packages.unmask(store, 1, actor=LI, now=AT), Forbidden),
    (lambda store: packages.export(store, 1, lambda _: "x", actor=SPECIALIST, now=AT), Forbidden),
    (lambda store: packages.prepare(store, draft(1), actor=LI, now=AT), Forbidden),
    (lambda store: proposed(store, 4), InputError),  # nobody has confirmed it
    (lambda store: proposed(store, 1, 3), InputError),  # nothing in common
    (lambda store: proposed(store, 1, legal_basis=" "), InputError),
    (lambda store: proposed(store, 1, level=3), InputError),
    (lambda store: proposed(store, *range(1, 300)), InputError),
]


def test_what_is_not_allowed_is_refused(confirmed: Store) -> None:
    """One person alone, a role that may not, a case that nobody has confirmed, a package that says too little."""
    proposed(confirmed)
    for attempt, error in REFUSED:
        with pytest.raises(error):
            attempt(confirmed)
    assert [one.state for one in packages.listed(confirmed)] == [ClueState.PROPOSED]


@pytest.mark.parametrize("how", ["refuse", "withdraw"])
def test_a_package_that_is_not_signed_leaves_nothing_held(confirmed: Store, how: str) -> None:
    """But what was held before stays held."""
    retention.hold(confirmed, 1, reason="police", actor=LI, at=NOON)
    proposed(confirmed)
    settle(confirmed, 1, actor=SPECIALIST if how == "withdraw" else COMPLIANCE, how=how)

    assert state(confirmed) is ClueState.DROPPED
    with confirmed.reading() as tx:
        assert [retention.is_held(tx, number) for number in (1, 2)] == [True, False]


def test_a_hold_that_two_packages_rely_on_ends_with_the_last(confirmed: Store) -> None:
    """The first package has set the hold of a case that both have; dropping the first leaves it to the second."""
    for number in (1, 2):
        proposed(confirmed)
        settle(confirmed, number)
    packages.drop(confirmed, 1, reason="a mistake", actor=LIAISON, now=AT)
    with confirmed.reading() as tx:
        assert all(retention.is_held(tx, number) for number in (1, 2))

    packages.drop(confirmed, 2, reason="a mistake", actor=LIAISON, now=AT)
    with confirmed.reading() as tx:
        assert not any(retention.is_held(tx, number) for number in (1, 2))


def test_what_has_changed_since_it_was_proposed_is_not_signed(confirmed: Store) -> None:
    """The second person signs what the first has seen."""
    proposed(confirmed)
    reverting.undo(confirmed, 1, actor=LI, reason="the wrong case", now=NOON)
    with pytest.raises(Conflict, match="have changed"):
        settle(confirmed, 1)
    settle(confirmed, 1, how="refuse")

    proposed(confirmed, 2)
    settle(confirmed, 2)
    reverting.undo(confirmed, 2, actor=LI, reason="the wrong case", now=NOON)
    with pytest.raises(InputError, match="was not decided against"):
        packages.export(confirmed, 2, lambda _: "x", actor=LIAISON, now=AT)
    packages.drop(confirmed, 2, reason="it was lifted", actor=LIAISON, now=AT)
    assert state(confirmed, 2) is ClueState.DROPPED


def test_the_same_contact_is_enough(confirmed: Store, intake: Intake) -> None:
    """Cases of different sellers who give the same handle."""
    intake(fetched("5", f"{GRAVE} 加V: kapian_8866", seller=Seller(id="s9")))
    remove(confirmed, 5)

    assert proposed(confirmed, 1, 5).about == "contact:wechat:kapian_8866"


def test_a_package_is_owed_on_whom_a_law_counts_until_one_is_made(store: Store, intake: Intake) -> None:
    """Twenty cards are a criminal threshold: level 2; what is dropped does not count."""
    intake(fetched("1", f"{GRAVE} 20张"))
    remove(store, 1)
    sent(store)
    followed(store)

    (found,) = owed(store, now=AT)
    assert (found.seller_row, found.level, found.counter, found.at_least, found.cases) == (1, 2, "cards", 20, (1,))
    made = packages.prepare(store, draft(1), actor=SPECIALIST, now=AT)
    assert (made.level, owed(store, now=AT)) == (2, ())
    settle(store, made.id, how="refuse")
    assert len(owed(store, now=AT)) == 1


def altered(file: Path, name: str, change: Callable[[bytes], bytes | None]) -> io.BytesIO:
    """The package with one file changed, left out or (where there is none) put in."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(out, "w") as other:
        for member in archive.namelist():
            body = change(archive.read(member)) if member == name else archive.read(member)
            if body is not None:
                other.writestr(member, body)
        if name not in archive.namelist():
            other.writestr(name, change(b"") or b"")
    return out


def test_every_change_to_a_file_is_found(confirmed: Store, tmp_path: Path) -> None:
    """Edited, left out, put in, or no package at all; and a manifest is made anew: then the events tell."""
    proposed(confirmed)
    settle(confirmed, 1)
    file = tmp_path / "clue.zip"
    packages.export(confirmed, 1, to_file(file), actor=LIAISON, now=AT)

    def faults(name: str, change: Callable[[bytes], bytes | None]) -> str:
        return " ".join(check(altered(file, name, change)).faults)

    assert "report.html: it is not what was exported" in faults("report.html", lambda body: body + b" ")
    assert "report.html: it is not what was exported" in faults("report.html", lambda body: b"X" + body[1:])
    assert "data/seller.json: it is missing" in faults("data/seller.json", lambda _: None)
    assert "evil.exe: it is not listed" in faults("evil.exe", lambda _: b"x")
    assert "cannot be read" in faults(MANIFEST, lambda _: b"{")
    assert "was edited" in faults("events.jsonl", lambda body: body.replace(b"as discussed", b"as dismissed"))
    assert "not 1" not in faults("events.jsonl", lambda body: body)
    assert "has" in faults("events.jsonl", lambda body: body.split(b"\n", 1)[1])
    assert check(io.BytesIO(b"no package")).faults
    assert check(io.BytesIO(file.read_bytes()[:-400])).faults
    whole = file.read_bytes()
    flipped = [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), 151)]
    assert sum(bool(check(io.BytesIO(body)).faults) for body in flipped) >= 0.9 * len(flipped)  # dates tell nothing


def packed(files: list[dict[str, object]], events: bytes, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package of somebody's own making: a manifest that lists these files, and events."""
    history = {"head": {"sequence": 0, "hash": ""}, "events": 1}
    manifest = {"format": FORMAT, "package": 1, "files": files, "history": history, "missing": []}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, msgspec.json.encode(manifest))
        archive.writestr(EVENTS, events, compress_type=how)
    return out.getvalue()


def test_a_hostile_package_is_refused_in_little_memory() -> None:
    """Sizes below nothing, events that unpack to a hundred times their size, a damaged LZMA stream, endless faults."""
    sizes: tuple[int, ...] = (-1, 1, 2**40)
    bombs = [packed([{"path": EVENTS, "bytes": size, "sha256": ""}], b"\n" * 2**25) for size in sizes]
    tracemalloc.start()
    assert all(check(io.BytesIO(bomb)).faults for bomb in bombs)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()

    lzma = packed([{"path": EVENTS, "bytes": 9, "sha256": ""}], b"x" * 999, zipfile.ZIP_LZMA)
    at = lzma.rindex(EVENTS.encode(), 0, lzma.index(b"PK\x01\x02")) + len(EVENTS)
    assert check(io.BytesIO(lzma[:at] + b"\xff" * 9 + lzma[at + 9 :])).faults
    absent: list[dict[str, object]] = [{"path": f"x{number}", "bytes": 0, "sha256": ""} for number in range(9_999)]
    assert len(check(io.BytesIO(packed(absent, b""))).faults) < 3 * MOST_FAULTS


def test_a_package_moves_as_the_table_says_or_not_at_all() -> None:
    """What was handed over is not dropped, what was dropped does not move any more."""
    for move, state in itertools.product(ClueMove, ClueState):
        if state in CLUE_MOVES[move]:
            assert next_clue_state(state, move) is CLUE_MOVES[move][state]
        else:
            with pytest.raises(IllegalMove, match=f"{state} cannot {move}"):
                next_clue_state(state, move)
    assert not any(ClueState.DROPPED in row for row in CLUE_MOVES.values())


def test_what_is_missing_is_told(confirmed: Store, tmp_path: Path) -> None:
    """A page that was never captured, evidence that is gone: on the report and in the manifest, not left out."""
    proposed(confirmed, attachments=(Attachment(name="orders.csv", sha256="0" * 64, size=3),))
    settle(confirmed, 1)
    file = tmp_path / "clue.zip"

    def lost(contents: Contents) -> str:
        return write(file, contents, evidence=lambda _: None, attachment=lambda _: None, at=AT)

    packages.export(confirmed, 1, lost, actor=LIAISON, now=AT)
    assert packages.show(confirmed, 1).gaps == ("no page was captured of case 2",)
    with file.open("rb") as opened:
        assert check(opened).missing == 2


def test_a_package_that_was_dropped_meanwhile_leaves_no_file(confirmed: Store, tmp_path: Path) -> None:
    """Personal data have a name in the folder only once the history says that they were exported."""
    proposed(confirmed)
    settle(confirmed, 1)
    file = tmp_path / "clue.zip"

    def late(waiting: Path) -> Callable[[Contents], str]:
        def wrote(contents: Contents) -> str:
            manifest = to_file(waiting)(contents)
            packages.drop(confirmed, 1, reason="a mistake", actor=LIAISON, now=AT)
            return manifest

        return wrote

    def export() -> None:
        with named_at_last(file) as waiting:
            packages.export(confirmed, 1, late(waiting), actor=LIAISON, now=AT)

    with pytest.raises(IllegalMove):
        export()
    assert state(confirmed, 1) is ClueState.DROPPED
    assert list(tmp_path.glob("clue.zip*")) == []


def test_what_a_killed_export_left_goes_with_the_next(tmp_path: Path) -> None:
    """Personal data under a name that nobody knows; other people's files beside it stay."""
    file = tmp_path / "clue[1].zip"
    left = ("clue[1].zip.41.signed", "clue[1].zip.41.signed.41.part")
    others = ("clue1.zip.41.signed", "clue[1].zip.mine.signed", "clue[1].zip.41.signed.copy")
    for name in (*left, *others):
        (tmp_path / name).write_bytes(SAID.encode())
    with named_at_last(file) as waiting:
        waiting.write_bytes(b"whole")
    assert {one.name for one in tmp_path.iterdir()} == {file.name, *others}


def test_whoever_interrupts_an_export_leaves_nothing(confirmed: Store, tmp_path: Path) -> None:
    """Half a file is as personal as a whole one."""

    def interrupted(_: object) -> bytes:
        raise KeyboardInterrupt

    contents = packages.show(confirmed, proposed(confirmed).id)
    with pytest.raises(KeyboardInterrupt), named_at_last(tmp_path / "clue.zip") as waiting:
        write(waiting, contents, evidence=interrupted, attachment=lambda _: None, at=AT)
    assert list(tmp_path.glob("clue.zip*")) == []


def test_packages_are_kept_for_ten_years(confirmed: Store) -> None:
    """What was handed over or dropped may be deleted then; what waits, and what is under way, never by itself."""
    for number, how in ((1, "approve"), (2, "refuse"), (3, "")):
        proposed(confirmed)
        if how:
            settle(confirmed, number, how=how)
    with confirmed.reading() as tx:
        old = [tx.erasable(RecordKind.CLUES, before=moment, after=0, limit=9) for moment in (NOON, AT)]
    assert [[one.id for one in found] for found in old] == [[], [2]]


@BOTH
def test_a_package_stays_while_any_of_its_cases_is_held(confirmed: Store, tmp_path: Path) -> None:
    """Ten years after its answer too, until a person has ended each hold: those who got it may have asked for more."""
    proposed(confirmed)
    settle(confirmed, 1)
    packages.export(confirmed, 1, to_file(tmp_path / "clue.zip"), actor=LIAISON, now=AT)
    packages.hand_over(confirmed, 1, receipt="no. 118", actor=LIAISON, now=AT)
    packages.answer(confirmed, 1, says="taken up; keep the data", actor=LIAISON, now=AT)

    def old() -> tuple[int, int]:
        plan = erasure.plan(confirmed, tmp_path, actor=POLICY, now=AT + timedelta(days=11 * 365))
        (item,) = (one for one in plan.items if one.kind is RecordKind.CLUES)
        return item.count, item.held

    seen = [old()]
    for case in (1, 2):
        retention.release(confirmed, case, reason="closed", actor=LI, at=AT)
        seen.append(old())
    assert seen == [(0, 1), (0, 1), (1, 0)]
