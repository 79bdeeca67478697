"""The rulebook as a value: load it, ask it about a batch of listings, swap it for a newer one; it never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from scanner import kernels, likeness
from scanner.errors import RulebookError
from scanner.listing_content import text_fields
from scanner.model import Listing
from scanner.rulebook.bits import places_of
from scanner.rulebook.cache import FOLDER, Kept, fetch, keep
from scanner.rulebook.compile import compile_rules
from scanner.rulebook.compiled import Compiled, Module, Rule, TermListFacts, shared
from scanner.rulebook.content import Content
from scanner.rulebook.faults import Fault
from scanner.rulebook.finder import MOST_HITS, PASS_CHARACTERS, portions
from scanner.rulebook.hearing import Benches
from scanner.rulebook.lexicon import NORMALISER, Hits, Lexicon
from scanner.rulebook.model import Status
from scanner.rulebook.nodes import Nodes
from scanner.rulebook.outline import Needs, Outline
from scanner.rulebook.passes import Known
from scanner.rulebook.prefilter import REACHES, Prefilter
from scanner.rulebook.reader import read
from scanner.rulebook.reading import Reading
from scanner.rulebook.sieve import Sieve
from scanner.rulebook.sight import Sight
from scanner.rulebook.sources import Source, find_sources, fingerprint
from scanner.rulebook.stretches import MOST_STRETCHES
from scanner.rulebook.uncollected import uncollected
from scanner.signals import Scores
from scanner.text.views import Document, Gathered, Index

# What a scan runs: drafts and retired rules are left out.
SCANNED = (Status.SHADOW, Status.CANARY, Status.LIVE)
# So few listings are judged one by one: what the prefilter does for all of them at once would cost more than it spares.
FEW = 8
# From so many on a first look spares more than it costs.
MANY = 64
# Characters that are looked at together.
MOST_TOGETHER = REACHES[0] * MOST_STRETCHES
# Words of lists take memory, each as much as so many characters: a text of nothing else has one at every second.
CHARACTERS_PER_WORD = 4
# The same at the first look, a bound on memory: five passes of the finder, and not a few listings more.
MOST_SIEVED = 5 * PASS_CHARACTERS - 10_000
FLOODED = f"a term stands in it more than {MOST_HITS} times: not all of its places were looked at"
# Changes whenever the same files would compile to something else.
FORMAT = "15"


class Rulebook:
    """All rules of one or more folders, compiled. Equal versions find the same in the same listings."""

    def __init__(self, compiled: Compiled, lexicon: Lexicon, *, version: str) -> None:
        self.version = version
        self.normaliser: str = NORMALISER
        self.modules: tuple[Module, ...] = compiled.modules
        self.rules: tuple[Rule, ...] = compiled.rules
        self.lists: tuple[TermListFacts, ...] = compiled.lists
        self._lexicon = lexicon
        self._list_count = lexicon.content.lists
        self._late = frozenset(facts.number for facts in compiled.lists if facts.is_pattern)

    def __repr__(self) -> str:
        """Short, for logs."""
        return f"<Rulebook {self.version[:12]}: {len(self.rules)} rules, {len(self.lists)} lists>"

    @property
    def content(self) -> Content:
        """The words and patterns of all lists."""
        return self._lexicon.content

    @cached_property
    def weak_lists(self) -> frozenset[int]:
        """Lists with a pattern that has no literal which every match contains: they rule no listing out."""
        return frozenset(pattern.list for pattern in self._lexicon.weak_patterns)

    @cached_property
    def _outline(self) -> Outline:
        """Made when first needed: to load a rulebook is quick."""
        return Outline(self.rules)

    @cached_property
    def _benches(self) -> Benches:
        """Made when first needed, as the outline is."""
        return Benches(Nodes(self.rules, self._list_count, self._late))

    @cached_property
    def _late_of(self) -> list[frozenset[int]]:
        """The lists of patterns that each rule or its guards name."""
        return [self._late.intersection(places_of(lists)) for lists in self._outline.lists_of_rules]

    @cached_property
    def _prefilter(self) -> Prefilter:
        """Made when there is more than one listing to ask about."""
        return Prefilter(self.rules, self.lists, self.weak_lists)

    @cached_property
    def _sieve(self) -> Sieve:
        """Made when there are many listings to ask about."""
        return Sieve(self.rules, self.lists, self._lexicon)

    @cached_property
    def _lists_of(self) -> npt.NDArray[np.bool_]:
        """Which lists each rule or its guards name."""
        named = np.zeros((len(self.rules), self._list_count), np.bool_)
        for number, lists in enumerate(self._outline.lists_of_rules):
            named[number, places_of(lists)] = True
        return named

    @cached_property
    def _needs(self) -> Needs:
        """Made when listings come one by one."""
        return Needs([self._outline.presences[id(rule.asked)] for rule in self.rules])

    def candidates(self, listings: Sequence[Listing]) -> Iterator[tuple[int, Sight, list[Rule]]]:
        """The listings that some rule is worth asking of: number in the batch, what was seen, which rules.

        So few listings are taken together that stretches keep their length: what is a candidate does not depend on what
        it comes with.
        """
        documents = [*map(text_fields, listings)]
        numbers, known = self._left(listings, documents)
        chosen = [documents[number] for number in numbers]
        texts = Gathered.of(chosen)
        # Cut where the characters of a portion, or the words of lists, would be too many; one document may have more by
        # itself.
        ends = texts.ends if known is None else _ends_by_words(texts.ends, known)
        for part in portions(ends, MOST_TOGETHER, len(chosen)):
            own = numbers[part]
            seen = None if known is None else known.take(part)
            asked = self._asked([listings[number] for number in own], chosen[part], texts.take(part), seen)
            yield from ((own[number], sight, rules) for number, sight, rules in asked)

    def _left(self, listings: Sequence[Listing], documents: Sequence[Document]) -> tuple[Sequence[int], Known | None]:
        """The numbers of the listings that the first look lets through, and what it knows of them."""
        if len(listings) < MANY:
            return range(len(listings)), None
        texts = Gathered.of(documents)
        parts = list(portions(texts.ends, MOST_SIEVED, len(documents)))
        left = [self._sieve.left(listings[part], documents[part], texts.take(part)) for part in parts]
        numbers = [part.start + at for part, one in zip(parts, left, strict=True) for at in one.numbers]
        return numbers, Known.joined([one.known for one in left])

    def shares(self, listings: Sequence[Listing]) -> list[float]:
        """For each rule the part of some listings that it keeps from being done with at the first look."""
        return self._sieve.shares(listings, [*map(text_fields, listings)])

    def _asked(
        self, listings: Sequence[Listing], documents: Sequence[Document], texts: Gathered, known: Known | None
    ) -> Iterator[tuple[int, Sight, list[Rule]]]:
        """The candidates among what the sieve has left, and knows of it."""
        hits = self._lexicon.find(documents, texts)
        if known is not None:
            hits.know(known)
        asked: dict[int, list[int]] = {number: [] for number in hits.unread}
        if len(listings) > FEW or hits.flooded:
            asked |= self._prefilter.candidates(listings, hits)
            hits.encode(asked)
            if kernels.library() is None:
                hits.settle(self._patterns_of(asked))
        else:
            possible = ((number, self._needs.met(hits.present[number])) for number in range(len(listings)))
            asked |= {number: rules for number, rules in possible if rules}
        library = kernels.library() if asked else None
        if library is None:
            hits.tabulate({number: np.any(self._lists_of[rules], axis=0) for number, rules in asked.items()})
        sights = {number: self._sight(listings[number], documents[number], hits, number) for number in asked}
        if library is not None:
            self._benches.hear(library, hits, [(number, sights[number], asked[number]) for number in sorted(asked)])
        for number, rules in asked.items():
            yield number, sights[number], [self.rules[rule] for rule in rules]

    def _patterns_of(self, asked: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
        """The listings in which each list of patterns may be looked for, because a rule that names it is asked."""
        wanted: dict[int, list[int]] = {}
        for number in sorted(asked):
            lists = {late for rule in asked[number] for late in self._late_of[rule]}
            for late in lists:
                wanted.setdefault(late, []).append(number)
        return wanted

    def sight(self, listing: Listing) -> Sight:
        """All that matching sees of one listing, whether any rule asks or not."""
        return self.sights([listing])[0]

    def sights(self, listings: Sequence[Listing]) -> list[Sight]:
        """The same of several listings; together they take a fraction of the time."""
        documents = [*map(text_fields, listings)]
        hits = self._lexicon.find(documents)
        return [self._sight(*pair, hits, number) for number, pair in enumerate(zip(listings, documents, strict=True))]

    def _sight(self, listing: Listing, document: Document, hits: Hits, number: int) -> Sight:
        reading = Reading(hits, number, document, self._late)
        unread = hits.unread.get(number, "")
        flooded = FLOODED if number in hits.flooded else ""
        return Sight(
            listing,
            document,
            reading.marks,
            unread or flooded,
            present=partial(hits.lists_of, number),
            presences=self._outline.presences,
            openings=self._outline.openings,
            folding=None if unread else partial(hits.folding, number),
            scores=Scores(
                partial(hits.likeness.score, number),
                partial(hits.likeness.categories.of, number),
                partial(hits.likeness.phrases.of, number),
                partial(hits.likeness.passages.of, number),
            ),
        )


def _ends_by_words(ends: Index, known: Known) -> Index:
    """Where documents end that are as long as their characters, or as their words of lists allow for."""
    sizes = np.maximum(np.diff(ends), CHARACTERS_PER_WORD * known.words)
    return np.concatenate((ends[:1], np.cumsum(sizes)))


def load(
    *folders: Path | None,
    packs: Iterable[str] | None = None,
    statuses: Iterable[Status] = SCANNED,
    cache: Path | None = FOLDER,
) -> Rulebook:
    """The rulebook of ``folders`` (``None``, or none at all: the shipped one), from the cache if it is there.

    ``packs`` switches on law and platform packs (default: all). Raises ``RulebookError`` with all faults of all files.
    """
    sources = find_sources(*folders)
    chosen = "*" if packs is None else ",".join(sorted(packs))
    wanted = tuple(sorted(set(statuses)))
    version = fingerprint(sources, FORMAT, NORMALISER, likeness.version(), chosen, ",".join(wanted))
    with uncollected():
        kept = _restored(fetch(version, cache), version)
        return kept or _compiled(sources, version, packs=packs, statuses=wanted, cache=cache)


def _compiled(
    sources: Sequence[Source],
    version: str,
    *,
    packs: Iterable[str] | None,
    statuses: Iterable[Status],
    cache: Path | None,
) -> Rulebook:
    written, faults = read(sources, cache)
    unread = {source.name for source in sources} - {file.source.name for file in written}
    compiled, vocabulary, more = compile_rules(written, packs=packs, statuses=statuses, unread=unread)
    if faults or more:
        raise wrong([*faults, *more])
    compiled = msgspec.structs.replace(compiled, rules=shared(compiled.rules))
    lexicon = Lexicon.build(vocabulary.entries, vocabulary.covers, vocabulary.patterns, are_sound=True)
    keep(version, compiled, lexicon.dump(), cache)
    return Rulebook(compiled, lexicon, version=version)


def recalled(version: str, *, cache: Path | None = FOLDER) -> Rulebook | None:
    """The rulebook of that version, if it was compiled here by this code not long ago; its files may have changed."""
    return _restored(fetch(version, cache), version)


def _restored(kept: Kept | None, version: str) -> Rulebook | None:
    if kept is None:
        return None
    try:
        return Rulebook(kept.compiled, Lexicon.restore(kept.lexicon), version=version)
    except ValueError:
        # Written by another version of the engine: as good as none.
        return None


def wrong(faults: Iterable[Fault]) -> RulebookError:
    """The error that tells all faults, in the order of the files."""
    lines = tuple(str(fault) for fault in sorted(set(faults)))
    return RulebookError(lines, hint="Mend the lines above; `delist rules check` shows them again.")
