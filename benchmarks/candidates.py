"""Which rules cost what on ordinary listings: ``python -m benchmarks.matching --candidates``.

A rule *keeps* a listing when the first look, wherever words stand (see ``scanner.rulebook.sieve``), does not rule
it out: then all terms are looked up. It is *asked* when nothing that is cheap to know rules it out; that listing is
looked at one by one, which costs more than all the rest of matching. It *finds* something, perhaps at a score that
nobody sees, or something that is *queued*. A rule that asks a word of its trade is asked of hardly any.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from scanner.model import Listing
from scanner.rulebook import QUEUE_AT, Rulebook, judge
from scanner.rulebook.hits import Hits
from scanner.scan import BATCH

# Every twentieth generated listing, beginning with this one, offers prohibited goods.
OFFER, EVERY = 5, 20
SHOWN = 40


class Costs:
    """What was counted: by rule how often it was asked and found something, and the seconds that judging it took."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.queued: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.candidates = 0


def show(made: Sequence[Listing], rulebook: Rulebook) -> None:
    """Print the table of rules and the table of patterns."""
    ordinary = [one for number, one in enumerate(made) if number % EVERY != OFFER]
    watched = _Watched()
    before = time.process_time()
    with watched:
        costs = count(ordinary, rulebook)
    whole = time.process_time() - before
    print(f"{len(ordinary):,} ordinary listings, {whole / len(ordinary) * 1e6:.0f} us of CPU each; {rulebook!r}")
    print(f"candidates: {costs.candidates / len(ordinary):.1%}; with findings: {costs.found[''] / len(ordinary):.1%}\n")
    keeps = dict(zip((rule.id for rule in rulebook.rules), rulebook.shares(ordinary), strict=True))
    print(f"| {'rule':<44} | {'keeps':>7} | {'asked':>7} | only it | {'finds':>7} | {'queued':>7} | us/listing | CPU")
    for rule in sorted(keeps, key=lambda rule: (-costs.asked[rule], -keeps[rule]))[:SHOWN]:
        counted = (costs.asked[rule], costs.alone[rule], costs.found[rule], costs.queued[rule])
        shares = " | ".join(f"{share:>7.2%}" for share in (keeps[rule], *(one / len(ordinary) for one in counted)))
        seconds = costs.seconds[rule]
        print(f"| {rule:<44} | {shares} | {seconds / len(ordinary) * 1e6:>10.2f} | {seconds / whole:.1%}")
    print(f"\n| {'patterns looked for one by one':<44} | {'in':>7} | us/listing | CPU")
    names = {facts.number: facts.name for facts in rulebook.lists}
    for number, seconds in watched.seconds.most_common(SHOWN // 2):
        share = watched.documents[number] / len(ordinary)
        print(f"| {names[number]:<44} | {share:>7.2%} | {seconds / len(ordinary) * 1e6:>10.2f} | {seconds / whole:.1%}")


def count(ordinary: Sequence[Listing], rulebook: Rulebook) -> Costs:
    """Scan, looking at the clock around every rule."""
    costs = Costs()
    for start in range(0, len(ordinary), BATCH):
        for _, sight, rules in rulebook.candidates(ordinary[start : start + BATCH]):
            costs.candidates += 1
            costs.asked.update(rule.id for rule in rules)
            costs.alone.update(rule.id for rule in rules if len(rules) == 1)
            found = 0
            for rule in rules:
                before = time.process_time()
                finding = judge(rule, sight)
                costs.seconds[rule.id] += time.process_time() - before  # type: ignore[assignment]  # seconds, not counts
                if finding is not None:
                    found = 1
                    costs.found[rule.id] += 1
                    costs.queued[rule.id] += finding.queues and finding.score >= QUEUE_AT
            costs.found[""] += found
    return costs


class _Watched:
    """While it is entered, counts the documents in which each list of patterns is looked for, and the seconds."""

    def __init__(self) -> None:
        self.documents: Counter[int] = Counter()
        self.seconds: Counter[int] = Counter()
        self._settle = Hits.settle

    def __enter__(self) -> None:
        settle, documents, seconds = self._settle, self.documents, self.seconds

        def watched(hits: Hits, wanted: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
            found: dict[int, Sequence[int]] = {}
            for number, asked in wanted.items():
                before = time.process_time()
                found |= settle(hits, {number: asked})
                seconds[number] += time.process_time() - before  # type: ignore[assignment]  # seconds, not counts
                documents[number] += len(asked)
            return found

        setattr(Hits, "settle", watched)  # noqa: B010 - an assignment would not be typed

    def __exit__(self, *_: object) -> None:
        setattr(Hits, "settle", self._settle)  # noqa: B010 - as above
