"""Speed and memory of matching, side by side in one run: ``make bench``.

Times are CPU seconds of this process on one core, the best of three rounds, garbage collection on as in use. The whole
shipped rulebook is used, with all views, signals and explanation spans. Options: ``--listings N`` (default 50,000),
``--quick`` (2,000), ``--no-peers``; ``--candidates`` prints instead which rules cost what (see ``candidates``).
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks import candidates, listings, peers
from scanner import kernels
from scanner.listing_content import text_fields
from scanner.model import Finding
from scanner.rulebook import Rulebook, load
from scanner.rulebook.lexicon import Entry, Lexicon
from scanner.rulebook.model import QUEUE_AT
from scanner.scan import scan
from scanner.text.tables import load as load_tables

BATCH = 512  # of the engine alone
ROUNDS = 3
CANDIDATES = 4_000  # listings, where each rule is timed


def best(work: Callable[[], Any]) -> float:
    """CPU seconds, the best of a few rounds."""
    seconds = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        seconds.append(time.process_time() - before)
    return min(seconds)


def row(name: str, count: int, seconds: float, note: str = "") -> None:
    """One line of the table."""
    print(f"| {name:<48} | {count / seconds:>11,.0f} | {seconds / count * 1e6:>9.1f} | {note}", flush=True)


def memory() -> float:
    """The most megabytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_batches(lexicon: Lexicon, documents: list[Any]) -> int:
    """Look through all documents; how many hits."""
    return sum(len(lexicon.find(documents[i : i + BATCH])) for i in range(0, len(documents), BATCH))


def compiling() -> None:
    """Compile the shipped rulebook; report the time."""
    before = time.process_time()
    rulebook = load(cache=None)
    print(f"rulebook compiled      {(time.process_time() - before) * 1e3:8.1f} ms   {rulebook!r}", flush=True)
    load()


def loading() -> Rulebook:
    """Load the shipped rulebook from the cache; compiling, which takes memory for a moment, is done apart."""
    before = time.process_time()
    load_tables()
    print(f"character table        {(time.process_time() - before) * 1e3:8.1f} ms", flush=True)
    child = multiprocessing.Process(target=compiling)
    child.start()
    child.join()
    print(f"rulebook from cache    {best(load) * 1e3:8.1f} ms")
    rulebook = load()
    content = rulebook.content
    sizes = f"{len(content.words):,} terms, {len(content.cover_words):,} cover words, {len(content.patterns)} patterns"
    print(f"                       {sizes}")
    return rulebook


def tenfold(lexicon: Lexicon) -> Lexicon:
    """The same lexicon with nine made-up terms beside each real one, from the same characters."""
    chance = random.Random(7)
    entries = list(lexicon.content.entries)
    characters = [char for entry in entries for char in entry.text]
    more = [
        Entry(entry.list, "".join(chance.choices(characters, k=max(3, len(entry.text)))), entry.sound)
        for entry in entries
        for _ in range(9)
    ]
    usable = [entry for entry in more if len(load_tables().compact(entry.text)) > 2]
    return Lexicon.build([*entries, *usable], [*lexicon.content.covers], lexicon.content.patterns)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listings", type=int, default=50_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--candidates", action="store_true")
    arguments = parser.parse_args()
    if arguments.candidates:
        candidates.show(listings.make(min(arguments.listings, CANDIDATES)), load())
        return
    count = 2_000 if arguments.quick else arguments.listings
    rulebook = loading()
    lexicon: Lexicon = rulebook._lexicon  # noqa: SLF001 - the benchmark measures the engine by itself too
    made = listings.make(count)
    size = statistics.mean(sum(len(text) for _, text in text_fields(one)) for one in made)
    print(f"\n{count:,} listings of {size:.0f} characters, matching in {kernels.status()}\n")
    print(f"| {'one core':<48} |  listings/s | us/listing | note")
    print(f"|{'-' * 50}|{'-' * 13}|{'-' * 11}|{'-' * 5}")
    base = memory()
    seconds = best(lambda: scan(made, rulebook))
    found = scan(made[:2_000], rulebook)
    share, queued = sum(map(bool, found)) / 20, sum(map(queues, found)) / 20
    row(
        "Delist: whole scan, findings with spans", count, seconds, f"{share:.1f} % with findings, {queued:.1f} % queued"
    )
    most = memory()
    documents = [tuple(text_fields(one)) for one in made]
    engine = best(lambda: in_batches(lexicon, documents))
    row(
        "Delist: engine alone, all views", count, engine, f"{in_batches(lexicon, documents) / count:.1f} hits a listing"
    )
    short = listings.titles(count)
    row("Delist: whole scan, titles only", count, best(lambda: scan(short, rulebook)))
    brief = [tuple(text_fields(one)) for one in short]
    row("Delist: engine alone, titles only", count, best(lambda: in_batches(lexicon, brief)))
    print(f"memory: {most:.0f} MB at most while scanning, {base:.0f} MB before (with {count:,} listings in memory)")
    some = documents[: max(2_000, count // 10)]
    large = tenfold(lexicon)
    row("Delist: engine alone, same sample", len(some), best(lambda: in_batches(lexicon, some)))
    row("Delist: engine alone, ten times the terms", len(some), best(lambda: in_batches(large, some)))
    latency(rulebook, made[:2_000])
    if not arguments.no_peers:
        compare(lexicon, documents)


def queues(findings: Sequence[Finding]) -> bool:
    """Whether some finding alone puts its listing into the queue."""
    return any(finding.queues and finding.score >= QUEUE_AT for finding in findings)


def latency(rulebook: Any, made: list[Any]) -> None:
    """How long one listing takes by itself, the check before publication."""
    times = []
    for one in made:
        before = time.process_time()
        scan([one], rulebook)
        times.append(time.process_time() - before)
    times.sort()
    half, most = (times[len(times) * share // 100] * 1e3 for share in (50, 99))
    print(f"one listing by itself, CPU: p50 {half:.2f} ms, p99 {most:.2f} ms")


def compare(lexicon: Lexicon, documents: list[Any]) -> None:
    """The peers, each on as many listings as it takes to be measured."""
    texts = ["\n".join(text for _, text in document) for document in documents]
    terms, patterns = peers.terms_of(lexicon.content.entries), lexicon.content.patterns
    for name, (make, count) in peers.PEERS.items():
        try:
            work = make(terms, patterns)
        except ModuleNotFoundError as error:
            print(f"| {name:<48} | not installed: {error.name}")
            continue
        row(name, count, best(partial(work, texts[:count])), "no spans, no homophones")


if __name__ == "__main__":
    main()
