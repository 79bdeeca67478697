"""Letters: what they say and do not say, in both languages; written once, sent once, held where they would tip off."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from scanner.correspondence import letters
from scanner.correspondence.laws import LAWS, named
from scanner.correspondence.letters import Letterhead
from scanner.correspondence.wording import LANGUAGES, compose, inert, language_of, written_in
from scanner.errors import Conflict, IllegalMove
from scanner.model import Listing, Seller
from scanner.moderation.followup import follow
from scanner.orders import Answer, Receipt
from scanner.outside import Letter, LetterKind, LetterState
from scanner.platforms.http import Client
from scanner.platforms.webhook import signature
from scanner.post import Maildrop, PostOffice
from scanner.rulebook import Rulebook, load
from scanner.store import Store
from tests.fakes import LI, NOON, Clock, write_rules
from tests.outbox import Told, listed
from tests.takedowns_done import followed, sent

# What a letter must never say of anybody: it is about a listing.
ACCUSING = ("crime", "criminal", "fraudster", "illegal", "offence", "guilty", "犯罪", "违法", "嫌疑", "诈骗分子", "罪")


def head_of(rulebook: Rulebook) -> Letterhead:
    """As a platform configures it."""
    return letters.headed(rulebook, contact="desk@shop.example", appeal_at="https://shop.example/appeals")


def removed(store: Store, rulebook: Rulebook, folder: Path, **more: Any) -> None:
    """A listing was removed."""
    plain: dict[str, Any] = {"platform": "demo", "listing_id": "1", "title": "卡 现货"}
    listed(store, rulebook, folder, [Listing(**(plain | more))])
    sent(store)


def removal(store: Store, head: Letterhead) -> Letter:
    """The letter to its seller."""
    followed(store, head=head)
    (letter,) = [one for one in letters.listed(store) if one.kind is LetterKind.REMOVAL]
    return letter


def test_a_seller_is_told_what_why_on_which_words_by_whom_and_how_to_object(
    store: Store, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """All that the law asks for, in the language that the seller writes."""
    removed(store, small_rulebook, tmp_path)
    letter = removal(store, head_of(small_rulebook))

    assert (letter.to, letter.language, letter.state) == ("seller:demo/s1", "zh-Hans", LetterState.WRITTEN)
    for said in (
        "1", "卡 现货", "免实名手机卡", "手机卡由运营商销售。", "《反电信网络诈骗法》第31条", "描述：“",
        "由工作人员查看后作出决定",
        "2026-08-31", "https://shop.example/appeals", "D-1", "desk@shop.example",
    ):  # fmt: skip
        assert said in letter.body, said
    assert letter.body.count("手机卡由运营商销售。") == 1
    for hidden in ("0.9", "score", "phone_card.no_real_name", "wang"):
        assert hidden not in letter.body, hidden


# Finds the stock words of the listings here, and lowers what it finds to next to nothing.
_LOWERED = """
category: game_goods
name: {en: Game goods, zh: 游戏币}
severity: S4
owner: policy@example.org
policy: {law: [PRC-ECL-13], says: {en: Coins belong to the game., zh: 金币属于游戏。}}
guards:
  - {when: "card", lower: 0.9, because: {en: cards, zh: 卡}}
terms:
  card: {any: [手机卡], strength: L}
  ready: {any: [现货], strength: M}
rules:
  - id: game_goods.stock
    title: {en: Coins in stock, zh: 金币现货}
    when: ready
    score: 0.6
    lawful: [everything in stock]
    hits: [现货, 有现货, 现 货]
    misses:
      - {text: 预售, because: not in stock}
      - {text: 无货, because: not in stock}
      - {text: 货架, because: a shelf}
"""


def test_a_decision_and_its_letter_rest_on_what_counts(store: Store, tmp_path: Path) -> None:
    """A finding that was lowered to nearly nothing is told neither the seller nor the platform, nor is its law."""
    folder = write_rules(tmp_path / "rules")
    (folder / "game_goods.yaml").write_text(_LOWERED, encoding="utf8")
    rulebook = load(folder, cache=None)
    removed(store, rulebook, tmp_path)
    letter = removal(store, head_of(rulebook))

    with store.reading() as tx:
        (decision,), case = tx.decisions(1), tx.case(1)
        weak = {one.rule: one.score < 0.1 for one in tx.findings(case.listing_row, case.version)}
    assert weak["game_goods.stock"]
    assert "game_goods.stock" in case.rules
    assert decision.clause == "PRC-ATFL-31"
    assert "免实名手机卡" in letter.body
    assert not {said for said in ("金币", "《电子商务法》") if said in letter.body}


def test_an_english_seller_reads_english(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Most of what is written decides, not a few words."""
    removed(store, small_rulebook, tmp_path, title="Fresh cards, shipped the same day, ask for more " * 3)
    letter = removal(store, head_of(small_rulebook))

    assert (letter.language, letter.subject) == ("en", "Your listing 1 is no longer shown")
    assert "Phone card without real name" in letter.body
    assert "Anti-Telecom and Online Fraud Law, article 31" in letter.body
    assert "says nothing about you as a person" in letter.body


def test_hostile_titles_and_names_do_nothing_in_a_letter(
    store: Store, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """Neither templates nor links nor headers nor hidden characters come alive."""
    hostile = (
        "{{ contact.__class__ }} {% for x in 1 %} http://evil.example \u202e\u200b\r\nBcc: all@x.example " + "x" * 999
    )
    removed(store, small_rulebook, tmp_path, title=hostile, seller=Seller(id="s1", name="A\r\nTo: b@x.example"))
    letter = removal(store, head_of(small_rulebook))

    assert "{{ contact.__class__ }}" in letter.body  # as text
    assert "http://evil" not in letter.body
    assert "\u202e" not in letter.body
    assert "\nBcc" not in letter.body
    assert "\nTo:" not in letter.body
    assert len(letter.body) < 4_000


FACTS: dict[str, object] = {
    "name": "Shop", "listing_id": "1", "title": "t", "seen_at": "a", "at": "b", "measure": "hide", "reference": "D-1",
    "rules": [], "category": "c", "laws": [], "spans": [], "by_machine": False, "reported": False, "appeal_until": "d",
    "appeal_at": "e", "contact": "f", "receipt": "R", "decide_by": "g", "overturned": False, "reason": "r",
    "about": "u", "answer_by": "h", "received_at": "i", "outcome": "o", "says": "", "until": "j", "restore": "k",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_exists_in_every_language_and_accuses_nobody(kind: LetterKind, language: str) -> None:
    """With every branch that a template has."""
    for more in ({}, {"by_machine": True, "overturned": True, "reported": True, "measure": "restrict", "name": ""}):
        subject, body = compose(kind, language, **(FACTS | {"reference": "D-1"} | more))
        assert subject
        assert "\n" not in subject
        assert "\n\n\n\n" not in body
        assert not [word for word in ACCUSING if word in body.lower()]


@pytest.mark.parametrize(
    ("clause", "language", "expected"),
    [
        (
            "PRC-ATFL-31, PRC-ECL-13",
            "en",
            ("Anti-Telecom and Online Fraud Law, article 31", "E-Commerce Law, article 13"),
        ),
        ("PRC-CL-287-2, PRC-ATFL-31", "zh-Hans", ("《反电信网络诈骗法》第31条",)),  # no criminal statute in a letter
        ("PRC-PREPAID-2012", "en", ("Rules on prepaid cards (2012)",)),
        ("OUR-RULES-7", "en", ("OUR-RULES-7",)),  # better an odd name than none
        ("", "en", ()),
    ],
)
def test_laws_by_name(clause: str, language: str, expected: tuple[str, ...]) -> None:
    """Codes are for rules, names for people."""
    assert named(clause, language) == expected


def test_the_shipped_rules_cite_laws_that_have_names() -> None:
    """Each code that a shipped rule cites is in the table, as a law or as what is left out."""
    codes = {code for module in load().modules for code in module.law}
    assert [code for code in sorted(codes) if not any(code == law or code.startswith(f"{law}-") for law in LAWS)] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [("手机卡 现货 fast", "zh-Hans"), ("SIM cards in stock, all new", "en"), ("", "en"), ("123", "en")],
)
def test_the_language_is_the_sellers(text: str, language: str) -> None:
    """By what they write."""
    assert written_in(text) == language
    assert language_of("zh-TW") == "zh-Hans"
    assert language_of("fr") == "en"
    assert inert("a\tb\x1b[2Jc") == "a b·[2Jc"


def test_what_would_tip_off_is_held_until_a_person_releases_it(
    store: Store, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """A police file keeps the seller in the dark; then the letter goes out once."""
    removed(store, small_rulebook, tmp_path)
    with store.transaction() as tx:
        letters.silence(tx, 1, actor=LI, at=NOON, reason="police file 7")
    letter = removal(store, Letterhead())
    post = Box()
    letters.send_due(store, post, clock=Clock(NOON + timedelta(days=3)))
    assert (letter.state, post.taken) == (LetterState.HELD, [])

    assert letters.unsilence(store, 1, actor=LI, reason="closed", now=NOON + timedelta(days=3)) == 1
    letters.send_due(store, post, clock=Clock(NOON + timedelta(days=3)))
    assert post.taken == [letter.key]
    with pytest.raises(Conflict):
        letters.unsilence(store, 1, actor=LI, reason="again", now=NOON)


class Box:
    """A post in memory that answers as it is told, then well."""

    def __init__(self, *answers: Answer) -> None:
        self.taken: list[str] = []
        self._answers = list(answers)

    def deliver(self, letter: Letter) -> Receipt:
        """As every post."""
        self.taken.append(letter.key)
        return Receipt(answer=self._answers.pop(0) if self._answers else Answer.ACCEPTED, says="said")


@pytest.mark.databases("sqlite", "postgresql")
def test_a_post_that_fails_twice_gets_a_letter_three_times_and_then_no_more(
    store: Store, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """Under the same key; what is refused is a person's."""
    removed(store, small_rulebook, tmp_path)
    letter = removal(store, Letterhead())
    post, clock = Box(Answer.FAILED, Answer.AWAY), Clock(NOON + timedelta(hours=1))
    for _ in range(5):
        letters.send_due(store, post, clock=clock)
        clock.move(minutes=10)

    assert post.taken == [letter.key] * 3
    assert letters.show(store, letter.id).state is LetterState.SENT
    with pytest.raises(IllegalMove, match="has been sent"):
        letters.drop(store, letter.id, actor=LI, reason="late", now=NOON)


def test_a_refused_letter_waits_for_a_person(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Who may send it again, or drop it."""
    removed(store, small_rulebook, tmp_path)
    letter, clock = removal(store, Letterhead()), Clock(NOON + timedelta(hours=1))
    assert letters.send_due(store, Box(Answer.REFUSED), clock=clock).failed == 1

    assert letters.again(store, letter.id, actor=LI, now=clock()).state is LetterState.WRITTEN
    assert letters.drop(store, letter.id, actor=LI, reason="no address", now=clock()).state is LetterState.DROPPED
    assert letters.send_due(store, Box(), clock=clock).sent == 0


LETTER = Letter(
    id=1, key="takedown-1-removal", kind=LetterKind.REMOVAL, to="seller:demo/s1", language="en", subject="s", body="b",
    state=LetterState.WRITTEN, written_at=NOON, due_at=NOON,
)  # fmt: skip


def test_a_file_is_written_once_whatever_its_key(tmp_path: Path) -> None:
    """Again under the same key is the same file; no key leads out of the folder."""
    drop = Maildrop(tmp_path / "letters")
    hostile = Letter(**{name: getattr(LETTER, name) for name in LETTER.__struct_fields__} | {"key": "../../x/Y"})
    for letter in (LETTER, LETTER, hostile):
        assert drop.deliver(letter).answer is Answer.ACCEPTED

    files = sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file())
    assert len(files) == 2
    assert all(file.startswith("letters/") for file in files)
    assert json.loads((tmp_path / "letters" / "takedown-1-removal.json").read_text())["to"] == "seller:demo/s1"


@pytest.fixture
def office() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]], list[int]]]:
    """A receiver of letters on loopback: its address, what it was sent, and how it answers next."""
    got: list[tuple[dict[str, str], bytes]] = []
    answers: list[int] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/letters", got, answers
    server.shutdown()
    server.server_close()


def test_a_receiver_gets_a_signed_letter_with_its_key(office: tuple[str, list[Any], list[int]]) -> None:
    """The signature is that of takedowns' webhook; what it answers is acted upon like there."""
    url, got, answers = office
    answers.extend([200, 503, 404])
    post = PostOffice(url, "secret", client=Client(seconds=5), clock=lambda: NOON)
    outcomes = [post.deliver(LETTER).answer for _ in range(3)]

    headers, body = got[0]
    timestamp = headers["Delist-Timestamp"]
    assert headers["Delist-Signature"] == signature("secret", timestamp, body)
    assert headers["Idempotency-Key"] == "takedown-1-removal"
    assert json.loads(body)["body"] == "b"
    assert outcomes == [Answer.ACCEPTED, Answer.AWAY, Answer.REFUSED]


def test_two_posts_at_once_send_each_letter_once(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """A letter is in one pair of hands at a time."""
    listed(store, small_rulebook, tmp_path, [Listing(platform="demo", listing_id=str(n)) for n in range(1, 9)])
    sent(store, Told())
    follow(store, clock=Clock(NOON + timedelta(minutes=3)))
    box, clock = Box(), Clock(NOON + timedelta(hours=1))
    threads = [threading.Thread(target=letters.send_due, args=(store, box), kwargs={"clock": clock}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(box.taken) == sorted({f"takedown-{number}-removal" for number in range(1, 9)})
