"""What a rulebook says of ordinary goods and ordinary shops: it should be nothing, and cost nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from scanner.authoring.material import Material, boilerplate, ordinary_words
from scanner.model import Listing
from scanner.rulebook.faults import Fault, quoted
from scanner.rulebook.logic import lists_of
from scanner.rulebook.model import Strength
from scanner.triage import triage

# A page of an ordinary shop has about so many of the shipped texts.
TEXTS_OF_PAGE = 4
# A rule that speaks of so many of such pages, lowered or not, speaks of too many listings.
SHARE_SPOKEN_OF = 0.1
# A rule that has to be asked of so many of them needs no word of its trade.
SHARE_ASKED_OF = 0.1
WORDS_SHOWN = 6


def queued_ordinary_words(material: Material) -> Iterator[Fault]:
    """Ordinary goods that would be queued."""
    for word, rule in _queued(material, ordinary_words()):
        yield material.at_rule(rule, f"{rule}: the ordinary words {quoted(word)} would be queued")


def queued_boilerplate(material: Material) -> Iterator[Fault]:
    """What shops of every kind write, and would be queued."""
    for text, rule in _queued(material, boilerplate()):
        yield material.at_rule(rule, f"{rule}: what every shop writes would be queued: {quoted(text)}")


def _queued(material: Material, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text, findings in zip(texts, material.scan_texts(texts), strict=True):
        if triage(Listing(platform="check", listing_id=text, title=text), findings) is not None:
            yield text, max(findings, key=lambda finding: finding.score).rule


def ordinary_collisions(material: Material) -> Iterator[Fault]:
    """Strong terms that stand inside ordinary words and are not covered."""
    words = ordinary_words()
    sights = material.rulebook.sights([Listing(platform="check", listing_id=word, title=word) for word in words])
    for word, sight in zip(words, sights, strict=True):
        for facts in material.rulebook.lists:
            for marks in sight.hits(facts.number).values():
                if facts.strength is Strength.H and not facts.is_pattern:
                    yield material.at_list(
                        facts,
                        f"{facts.name}: {quoted(marks[0].reads)} stands in the ordinary"
                        f" words {quoted(word)}: put them under except",
                    )


def boilerplate_collisions(material: Material) -> Iterator[Fault]:
    """Terms of strength H or M that stand in what shops of every kind write, and are not covered there."""
    seen: dict[int, dict[str, str]] = defaultdict(dict)
    texts = boilerplate()
    sights = material.rulebook.sights([Listing(platform="check", listing_id=text, text=text) for text in texts])
    for text, sight in zip(texts, sights, strict=True):
        for facts in material.rulebook.lists:
            if facts.strength is not Strength.L and not facts.is_pattern:
                for marks in sight.hits(facts.number).values():
                    seen[facts.number].update((mark.reads, text) for mark in marks)
    for facts in material.rulebook.lists:
        if found := seen[facts.number]:
            text = quoted(next(iter(found.values())))
            what = f"{facts.name}: of strength {facts.strength}, but every shop writes {', '.join(found)}: {text}"
            yield material.at_list(facts, f"{what}; make the list L, or put longer words under except")


def speaks_everywhere(material: Material) -> Iterator[Fault]:
    """Rules that find something in several texts of ordinary shops, though a guard keeps it out of the queue."""
    pages = _pages()
    spoken = Counter(finding.rule for findings in material.scan_texts(pages) for finding in findings)
    for rule, count in spoken.items():
        if count >= SHARE_SPOKEN_OF * len(pages):
            what = f"{rule}: finds something on {count} of {len(pages)} pages of ordinary shops (slow, and noise)"
            yield material.at_rule(rule, f"{what}; let it need a word of the trade instead of lowering it afterwards")


def needs_no_trade_word(material: Material) -> Iterator[Fault]:
    """Rules that everyday words alone are enough to ask: they find nothing there, and cost time on every page."""
    pages = [Listing(platform="check", listing_id=str(number), text=page) for number, page in enumerate(_pages())]
    asked: Counter[str] = Counter()
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for _, sight, rules in material.rulebook.candidates(pages):
        for rule in rules:
            asked[rule.id] += 1
            for number in lists_of(rule.when, negated=False):
                words[rule.id].update({mark.reads for marks in sight.hits(number).values() for mark in marks})
    for rule_id, count in asked.items():
        # Rules of no word at all are told of by ``check.needless``.
        if SHARE_ASKED_OF * len(pages) <= count < len(pages):
            enough = ", ".join(word for word, _ in words[rule_id].most_common(WORDS_SHOWN))
            what = f"{rule_id}: asked of {count} of {len(pages)} pages of ordinary shops, for words such as {enough}"
            yield material.at_rule(rule_id, f"{what}; let every alternative need a word of the trade")


def _pages() -> list[str]:
    """Pages as ordinary shops have them, of the shipped texts."""
    texts = boilerplate()
    return ["\n".join(texts[number : number + TEXTS_OF_PAGE]) for number in range(len(texts))]
