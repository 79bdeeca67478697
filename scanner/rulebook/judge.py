"""One rule and one listing: the finding, with its score and its reason in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from scanner.likeness import score_above
from scanner.model import Finding, View
from scanner.rulebook.compiled import CompiledGuard, Rule
from scanner.rulebook.evaluate import holds, places
from scanner.rulebook.model import QUEUE_AT
from scanner.rulebook.sight import Around, Mark, Sight, Weighed, without_surrogates
from scanner.signals import is_chance

# Words of a reason; a listing that matches everywhere needs no longer one.
MOST_NAMED = 6

_HOW = {
    View.FOLDED: "",
    View.RAW: "",
    View.COMPACT: "written with separators",
    View.SYLLABLE: "spelt by sound",
    View.SPLIT: "with split characters",
    View.PINYIN: "in Latin pinyin",
    View.DIGITS: "with disguised digits",
    View.LEET: "with digits for letters",
    View.REVERSED: "written backwards",
    View.SHAPE: "with look-alike characters",
    View.MASKED: "with characters masked",
    View.DECODED: "encoded",
}


def judge(
    rule: Rule, sight: Sight, *, rulebook: str = "", normaliser: str = "", elsewhere: bool = True
) -> Finding | None:
    """What ``rule`` finds in a listing, or ``None``.

    - A rule whose ``unless`` holds is silent: a verified fact makes the offer lawful.
    - Each guard that holds takes its share of the score away; guards multiply and never reach zero.
    - A guard is not believed where a passage around the rule's own words reads too much like an offer. With
      ``elsewhere`` those are that leave the listing to another module.
    - A rule in shadow is recorded with ``queues`` false, and puts nothing into the queue.
    """
    weighed = sight.weighed.get(rule.id) or _weighed(rule, sight)
    if weighed.evidence is None:
        return None
    marks = distinct(weighed.evidence)
    guards = believed(rule, weighed, marks, sight, elsewhere=elsewhere) if weighed.guards else ()
    score = lowered(rule.score, guards)
    return Finding(
        rule=rule.id,
        category=rule.category,
        severity=rule.severity,
        score=score,
        title=rule.title.en,
        reason=reason(marks, guards, score),
        spans=sight.spans(marks),
        clause=rule.clause,
        rulebook=rulebook,
        normaliser=normaliser,
        queues=rule.status.queues,
    )


def _weighed(rule: Rule, sight: Sight) -> Weighed:
    evidence = holds(rule.asked, sight)
    if evidence is None or (rule.unless is not None and holds(rule.unless, sight) is not None):
        return Weighed(None, ())
    return Weighed(evidence, [guard for guard in rule.guards if holds(guard.when, sight) is not None])


def points_elsewhere(rule: Rule, sight: Sight) -> bool:
    """Whether a guard lowers what a rule finds because another module is to judge the listing."""
    weighed = sight.weighed.get(rule.id) or _weighed(rule, sight)
    return any(guard.elsewhere for guard in weighed.guards)


def believed(
    rule: Rule, weighed: Weighed, marks: Sequence[Mark], sight: Sight, *, elsewhere: bool
) -> Sequence[CompiledGuard]:
    """Of the guards that hold those that what stands around the rule's words does not speak against."""
    guards = weighed.guards
    limits = [math.inf if elsewhere and guard.elsewhere else score_above(guard.around) for guard in guards]
    asked = [limit for limit in limits if limit < math.inf]
    if not asked:
        return guards
    around = weighed.around or Around(sight.most_suspicious, sight.passage_around(marks))
    worst = _worst(rule, around, sight, least=min(asked), enough=max(asked))
    return [guard for guard, limit in zip(guards, limits, strict=True) if worst < limit]


def _worst(rule: Rule, around: Around, sight: Sight, *, least: float, enough: float) -> float:
    """The log-odds of the most suspicious passage around a rule's words, as far as it matters: below ``least``, and
    from ``enough`` on, any passage will do; of words that are in none, that of all. A finding does not show every place
    of a word that is repeated: where a passage that matters is around none of the shown ones, all are looked at."""
    most, shown = around
    if most < least or shown == -math.inf:
        return most
    if shown >= enough or shown == most:
        return shown
    return max(shown, sight.passage_around(places(rule.asked, sight)))


def lowered(score: float, guards: Iterable[CompiledGuard]) -> float:
    """The score after the guards that hold."""
    for guard in guards:
        score *= 1 - guard.lower
    return round(score, 4)


def distinct(marks: Iterable[Mark]) -> list[Mark]:
    """The marks without repeats: one for each stretch of text, the plainest reading of it."""
    best: dict[tuple[str, int, int] | str, Mark] = {}
    for mark in marks:
        key = (mark.field, mark.start, mark.end) if mark.field else mark.what
        known = best.setdefault(key, mark)
        if known is not mark and (known.is_disguised, known.is_signal) > (mark.is_disguised, mark.is_signal):
            best[key] = mark
    return list(best.values())


def reason(marks: Iterable[Mark], guards: Sequence[CompiledGuard] = (), score: float = 0.0) -> str:
    """``手机卡 (title) near 免实名, written with separators; lowered to 0.45: old cards are collected``."""
    terms: dict[str, str] = {}
    signals: dict[str, Mark] = {}
    ways: set[str] = set()
    field = ""
    for mark in marks:
        if mark.is_signal:
            signals[mark.what] = mark
            continue
        if mark.reads not in terms:
            terms[mark.reads] = mark.reads if mark.field == field else f"{mark.reads} ({mark.field})"
            field = mark.field
        if mark.gap > 0 or mark.view is not View.FOLDED:
            ways.add(how_written(mark))
    said = _terms([*terms.values()])
    if signals:
        said += f"{' with ' if said else ''}{_signals([*signals.values()])}"
    said = said or "the facts of the listing decide"
    ways.discard("")
    if ways:
        said += ", " + " and ".join(sorted(ways))
    if guards:
        because = "; ".join([guard.because.en for guard in guards])
        said += f"; lowered to {score:.2g}{' and not queued by itself' if score < QUEUE_AT else ''}: {because}"
    return without_surrogates(said)


def how_written(mark: Mark) -> str:
    """How a disguised term was written, in words; empty for a plain one."""
    return _HOW[View.COMPACT] if mark.gap > 0 and not _HOW[mark.view] else _HOW[mark.view]


def _terms(named: Sequence[str]) -> str:
    said = " near ".join(named[:MOST_NAMED])
    return f"{said} and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else said


def _signals(marks: Sequence[Mark]) -> str:
    return ", ".join([f"{_named(mark.what)} {_value(mark)}".strip() for mark in marks[:MOST_NAMED]])


def _named(signal: str) -> str:
    """A signal in words."""
    return signal.replace("_", " ").replace(".", " an offer of ")


def _value(mark: Mark) -> str:
    if is_chance(mark.what):
        return f"{mark.value:.0%}"
    return mark.reads if isinstance(mark.value, bool) else f"{mark.value:g}"
