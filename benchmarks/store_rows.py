"""A store as a large marketplace would have filled it, as rows for a bulk load.

For every case ten listings, each with a version; every tenth listing has a case, one in ten of those a second version.
The nine others are made by the database out of the tenth (``benchmarks/store_load.py``). One case in five waits for a
person; the others were decided, six of ten of them for removal, and four looks have verified it. A case has two
findings, three events while it waits and seven when it is closed. A seller has twenty listings; twelve categories and
sixty rules fall off as 1/n, severities S4 to S1 are 10, 30, 40 and 20 of a hundred. Titles are three and descriptions
twenty-four of some three thousand words in two scripts, falling off as 1/n too. Nothing is taken from any real
marketplace.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from scanner import audit
from scanner.model import Role
from scanner.moderation.priority import place_of
from scanner.records import Entry, Head
from scanner.reporting import CLASSES, Kind
from scanner.store.search import folded, in_hex

Row = tuple[str | int | float | None, ...]

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
LISTINGS_PER_CASE = 10
WAITING_OF_100 = 20
REMOVED_OF_10 = 6

_CATEGORIES = [f"category_{number:02}" for number in range(12)]
_RULES = [f"{_CATEGORIES[number % 12]}.rule_{number:02}" for number in range(60)]
_SEVERITIES = ["S4"] * 10 + ["S3"] * 30 + ["S2"] * 40 + ["S1"] * 20
_JUDGE = "0" * 64 + "/" + "1" * 16
_POOL = 65_536
_LOOKS = (300, 3_600, 86_400, 604_800)
_DAYS = 730


def _fall_off(count: int, chance: random.Random) -> list[int]:
    """Numbers below ``count``, the smaller the more often, ``_POOL`` of them."""
    return chance.choices(range(count), weights=[1 / (number + 1) for number in range(count)], k=_POOL)


def _words(chance: random.Random) -> list[str]:
    syllables = ["ka", "lo", "mi", "ren", "tos", "ve", "du", "shin", "pra", "gel", "nor", "bi"]
    latin = ["".join(chance.choices(syllables, k=chance.randint(2, 3))) for _ in range(2000)]
    han = ["".join(chr(chance.randint(0x4E00, 0x7000)) for _ in range(chance.randint(2, 3))) for _ in range(2000)]
    mixed = [word for pair in zip(latin, han, strict=True) for word in pair]
    return [*dict.fromkeys(mixed)]


class Rows:
    """The rows of every table, in the order of their keys; the same for the same size."""

    def __init__(self, cases: int) -> None:
        self.cases = cases
        self.listings = cases * LISTINGS_PER_CASE
        chance = random.Random(7)
        self.words = _words(chance)
        self._word = _fall_off(len(self.words), chance)
        self._category = _fall_off(len(_CATEGORIES), chance)
        self._rule = _fall_off(len(_RULES), chance)
        self._severity = [chance.choice(_SEVERITIES) for _ in range(_POOL)]
        self._state = [self._draw_state(chance) for _ in range(_POOL)]
        self._due = [chance.randint(-40 * 3600, 72 * 3600) for _ in range(_POOL)]

    @staticmethod
    def _draw_state(chance: random.Random) -> str:
        if chance.randrange(100) < WAITING_OF_100:
            return chance.choices(["open", "escalated", "on_hold", "reopened"], [90, 4, 3, 3])[0]
        return "closed"

    # What a listing or a case is like

    def title(self, listing: int) -> str:
        """Three words and a number."""
        pool, start = self._word, listing * 31
        words = (self.words[pool[(start + step * 7919) % _POOL]] for step in range(3))
        return f"{' '.join(words)} {listing:x}"

    def description(self, listing: int) -> str:
        """Twenty-four words."""
        return " ".join(self.words[self._word[(listing * 7 + step) % _POOL]] for step in range(24))

    def state(self, case: int) -> str:
        """Where a case stands."""
        return self._state[case * 17 % _POOL]

    def severity(self, case: int) -> str:
        """How grave it is."""
        return self._severity[case * 13 % _POOL]

    def category(self, case: int) -> str:
        """What it is about."""
        return _CATEGORIES[self._category[case * 11 % _POOL]]

    def rules(self, case: int) -> tuple[str, str]:
        """The two rules that found it."""
        first = self._rule[case * 19 % _POOL]
        return _RULES[first], _RULES[(first + 12) % len(_RULES)]

    def opened_at(self, case: int) -> datetime:
        """Waiting cases are of the last three days, others of the year before."""
        back = self._due[case * 23 % _POOL] + 40 * 3600
        if self.state(case) == "closed":
            back = 3 * 86_400 + (self.cases - case) * 31_000_000 // self.cases
        return NOW - timedelta(seconds=back)

    def due_at(self, case: int) -> datetime:
        """When a person should have decided."""
        return self.opened_at(case) + timedelta(hours=24)

    def weight(self, case: int) -> int:
        """How urgent a case is by nature, in hundredths."""
        return {"S4": 800, "S3": 400, "S2": 200, "S1": 100}[self.severity(case)] + case % 50

    def desk_of(self, case: int) -> str:
        """Whose it is."""
        return "specialist" if self.state(case) == "escalated" else "review"

    def is_removed(self, case: int) -> bool:
        """Whether it was decided for removal."""
        return self.state(case) == "closed" and case % 10 < REMOVED_OF_10

    def listing_of(self, case: int) -> int:
        """The row of the listing that a case is on."""
        return case * LISTINGS_PER_CASE

    def version_of(self, case: int) -> int:
        """The version of the listing that a case is about."""
        return 2 if case % 10 == 0 else 1

    # Tables

    def tables(self) -> dict[str, tuple[str, Iterator[Row]]]:
        """Table -> its columns and rows, in an order in which every key is there before it is pointed to."""
        return {
            "sources": ("name platform walker first_at last_at", self._sources()),
            "inspections": (
                "id source platform kind given state started_at finished_at rulebook reasons ledger counts",
                self._inspections(),
            ),
            "sellers": ("id platform key name kind licences first_seen_at last_seen_at", self._sellers()),
            "listings": (
                (
                    "id platform listing_id seller_row url title price currency number content_hash judged_by "
                    "is_flagged first_seen_at last_seen_at gone_why validator seen_inspection seen_partition "
                    "seen_attempt"
                ),
                self._listings(),
            ),
            "versions": (
                "listing_row number content_hash seen_at inspection_id listing judged_by first_judged_by",
                self._versions(),
            ),
            "findings": (
                (
                    "id listing_row number rule words judge category severity score title reason spans clause rulebook "
                    "normaliser queues"
                ),
                self._findings(),
            ),
            "cases": (
                (
                    "id listing_row source version state revision severity action priority category categories rules "
                    "reason opened_at updated_at due_at ruling decided_hash claimed_by token desk reserved_for"
                ),
                self._cases(),
            ),
            "case_labels": ("kind label case_id is_waiting place", self._case_labels()),
            "case_words": ("case_id version language words", self._case_words()),
            "desk": ("case_id desk place person", self._desk()),
            "decisions": ("id case_id version ruling reason note clause actor role at", self._decisions()),
            "takedowns": (
                (
                    "id case_id decision_id platform listing_id action inverse state key planned_at due_at attempts "
                    "last_error round token sent_at accepted_at released_by"
                ),
                self._takedowns(),
            ),
            "looks": (
                "id takedown_id round after_seconds state due_at tries token looked_at outcome sights",
                self._looks(),
            ),
            "events": ("sequence at actor role kind subject data previous hash", self._events()),
            "figures": ("day kind label number", self._figures()),
        }

    def search(self) -> Iterator[tuple[int, str]]:
        """SQLite's index of the words: the case and its pieces."""
        for case, _, _, words in self._case_words():
            yield int(str(case)), in_hex(str(words))

    def _sources(self) -> Iterator[Row]:
        for number in range(4):
            yield f"source{number}", "shop", "api", _text(NOW), _text(NOW)

    def _inspections(self) -> Iterator[Row]:
        for number in range(4):
            names = (number + 1, f"source{number}", "shop", "full", "", "finished", _text(NOW), _text(NOW))
            yield (*names, "", "[]", "{}", "{}")

    def _sellers(self) -> Iterator[Row]:
        for number in range(1, self.listings // 20 + 2):
            yield number, "shop", f"id:s{number}", self._shop(number), "shop", "[]", _text(NOW), _text(NOW)

    def _shop(self, number: int) -> str:
        return f"{self.words[number * 37 % len(self.words)]} shop {number}"

    def _listings(self) -> Iterator[Row]:
        seen = _text(NOW - timedelta(days=30))
        for case in range(1, self.cases + 1):
            row, number = self.listing_of(case), self.version_of(case)
            url = f"https://shop.example/item/{row}"
            names = (row, "shop", f"L{row}", row // 20 + 1, url, self.title(row), f"{row % 997}.50", "CNY", number)
            yield (*names, _hash(row, number), _JUDGE, 1, seen, seen, "", "", case % 4 + 1, "part-1", 1)

    def _versions(self) -> Iterator[Row]:
        seen = _text(NOW - timedelta(days=30))
        for case in range(1, self.cases + 1):
            row, listing = self.listing_of(case), self.listing(self.listing_of(case))
            for number in range(1, self.version_of(case) + 1):
                yield row, number, _hash(row, number), seen, case % 4 + 1, listing, _JUDGE, _JUDGE

    def listing(self, row: int) -> str:
        """A listing as JSON, some 450 bytes."""
        shop = row // 20 + 1
        return (
            f'{{"platform":"shop","listing_id":"L{row}","url":"https://shop.example/item/{row}","title":"{self.title(row)}",'
            f'"description":"{self.description(row)}","price":"{row % 997}.50","currency":"CNY","quantity":{row % 40},'
            f'"category_path":["home","{self._category[row % _POOL]}"],"language":"zh-Hans",'
            f'"seller":{{"id":"s{shop}","name":"{self._shop(shop)}","kind":"shop"}}}}'
        )

    def _findings(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            for place, rule in enumerate(self.rules(case)):
                where = (case * 2 - 1 + place, self.listing_of(case), self.version_of(case))
                what = (
                    rule,
                    _hash(case, place),
                    _JUDGE,
                    self.category(case),
                    self.severity(case),
                    0.9,
                    "Sold unlawfully",
                )
                spans = '[{"field":"title","start":0,"end":2,"text":"ab","view":"folded"}]'
                yield (*where, *what, "two words within thirty characters", spans, "LAW-1", "0" * 64, "1" * 16, 1)

    def _cases(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            state, opened, first = self.state(case), _text(self.opened_at(case)), self.rules(case)
            rules = f'["{first[0]}","{first[1]}"]'
            category = self.category(case)
            ruling = None if state != "closed" else "remove" if self.is_removed(case) else "keep"
            names = (case, self.listing_of(case), self.source(case), self.version_of(case), state, 3)
            judged = (self.severity(case), "hold", self.weight(case), category, f'["{category}"]', rules, "weight 8")
            yield (*names, *judged, opened, opened, _text(self.due_at(case)), ruling, "", "", 1, self.desk_of(case), "")

    def source(self, case: int) -> str:
        """Where the listing of a case was found."""
        return f"source{case % 4}"

    def place(self, case: int) -> int:
        """A case's place in the queue."""
        return place_of(self.weight(case), self.due_at(case))

    def _case_labels(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            is_waiting, place = int(self.state(case) != "closed"), self.place(case)
            seller = str(self.listing_of(case) // 20 + 1)
            first, second = self.rules(case)
            labels = {
                ("all", ""), ("category", self.category(case)), ("rule", first), ("rule", second), ("seller", seller),
                ("severity", self.severity(case)), ("source", self.source(case)), ("state", self.state(case)),
                ("desk", self.desk_of(case)), ("language", "zh"), ("language", "zh-hans"),
            }  # fmt: skip
            for kind, label in sorted(labels):
                yield kind, label, case, is_waiting, place

    def _case_words(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            row = self.listing_of(case)
            shop = row // 20 + 1
            said = (self.title(row), f"L{row}", f"s{shop}", self._shop(shop), self.description(row))
            yield case, self.version_of(case), "zh-Hans", "".join(folded(one) + "\n" for one in said)

    def _desk(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            if self.state(case) != "closed":
                yield case, self.desk_of(case), self.place(case), ""

    def _decisions(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            if self.state(case) == "closed":
                ruling, reason = ("remove", "prohibited_goods") if self.is_removed(case) else ("keep", "lawful_goods")
                yield (
                    case,
                    case,
                    self.version_of(case),
                    ruling,
                    reason,
                    "",
                    "LAW-1",
                    _person(case),
                    "reviewer",
                    _text(self.due_at(case)),
                )

    def _takedowns(self) -> Iterator[Row]:
        for case in range(1, self.cases + 1):
            if self.is_removed(case):
                at = _text(self.due_at(case))
                names = (case, case, case, "shop", f"L{self.listing_of(case)}", "hide", "restore", "verified_removed")
                yield (*names, f"decision-{case}-hide", at, at, 1, "", 1, 1, at, at, "")

    def _looks(self) -> Iterator[Row]:
        number = 0
        for case in range(1, self.cases + 1):
            if self.is_removed(case):
                for after in _LOOKS:
                    number += 1
                    at = _text(self.due_at(case) + timedelta(seconds=after))
                    yield number, case, 1, after, "done", at, 1, 1, at, "verified_removed", "[]"

    def _figures(self) -> Iterator[Row]:
        """As many a day as there are cases in a year."""
        some = max(1, self.cases // 365 // 60)
        labels = {
            Kind.OPENED: ("S4", "S3", "S2", "S1"),
            Kind.OPENED_CATEGORY: _CATEGORIES,
            Kind.DECIDED: ("remove", "keep"),
            Kind.DECIDED_CATEGORY: _CATEGORIES,
            Kind.REVIEWER: [_person(number) for number in range(50)],
            Kind.RULE_HIT: _RULES,
            Kind.RULE_CONFIRMED: _RULES,
            Kind.RULE_KEPT: _RULES,
            Kind.LOOKED: ("verified_removed", "still_live"),
            Kind.DECIDED_WITHIN: list(map(str, CLASSES)),
            Kind.PROVEN_WITHIN: list(map(str, CLASSES)),
        }
        for back in range(_DAYS):
            day = (NOW - timedelta(days=back)).date().isoformat()
            yield from ((day, kind.value, label, some) for kind, named in labels.items() for label in named)

    def _events(self) -> Iterator[Row]:
        """Sealed as the audit seals them, so that the history is sound."""
        head = Head()
        for case in range(1, self.cases + 1):
            for entry in self._entries(case):
                event = audit.seal(head, entry)
                head = Head(sequence=event.sequence, hash=event.hash)
                data = _json(entry.data)
                yield (
                    event.sequence,
                    _text(event.at),
                    event.actor,
                    event.role,
                    event.kind,
                    event.subject,
                    data,
                    (event.previous),
                    event.hash,
                )

    def _entries(self, case: int) -> Iterator[Entry]:
        kinds = ["case.opened", "case.updated", "case.seen_again"]
        if self.state(case) == "closed":
            kinds += ["case.claimed", "case.decided", "takedown.accepted", "takedown.looked"]
        for step, kind in enumerate(kinds):
            is_person = kind in {"case.claimed", "case.decided"}
            yield Entry(
                at=self.opened_at(case) + timedelta(minutes=step),
                actor=_person(case) if is_person else "delist",
                role=Role.REVIEWER if is_person else Role.SYSTEM,
                kind=kind,
                subject=f"case:{case}",
                data={"listing_id": f"L{self.listing_of(case)}", "severity": self.severity(case), "version": 1},
            )


def _json(data: dict[str, object]) -> str:
    return f'{{"listing_id":"{data["listing_id"]}","severity":"{data["severity"]}","version":1}}'


def _person(case: int) -> str:
    return f"moderator{case % 50}"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _hash(*parts: int) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
