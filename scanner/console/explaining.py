"""Why something was flagged and why it is urgent, in the reader's words.

Records say both in English, in sentences that the rulebook, the relist watch and triage put together of few phrases and
of what was found. Here the phrases are recognised and said in another language, around what was found; a sentence that
is none of these stays as it is. Sellers write what was found: every step is linear in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from scanner.console.languages import ENGLISH, Language
from scanner.console.languages import marked as _
from scanner.console.office import Office
from scanner.moderation.policy import Policy
from scanner.rulebook.compiled import Rule

FIELD_LABELS = {
    "text": _("Text"),
    "title": _("Title"),
    "description": _("Description"),
    "options": _("Option"),
    "attributes": _("Attribute"),
    "questions": _("Question"),
    "brand": _("Brand"),
    "seller.name": _("Seller's name"),
    "hidden_text": _("Hidden from the buyer"),
}
# Signals as a sentence names them, without what a condition asks of them.
SIGNALS = {
    "contact": _("contact past the platform"),
    "diversion": _("words leading elsewhere"),
    "see picture": _("pointing at a picture"),
    "link": _("address of a site"),
    "short link": _("short link"),
    "lookalike link": _("address like a known brand's"),
    "quantity": _("number of pieces in the text"),
    "bulk": _("words of wholesale"),
    "unit price": _("price of one piece in the text"),
    "face value": _("face value in the text"),
    "discount": _("ratio of price to face value"),
    "price": _("price as stated"),
    "odd price": _("price that is a code or a filler"),
    "stock": _("stock as stated"),
    "hidden text": _("text that a buyer does not see"),
    "tricks": _("invisible or stacked characters"),
    "encoded text": _("encoded text"),
    "option smuggling": _("trade words in an option"),
    "reviewer address": _("words addressed to a reviewer"),
    "cover claim": _("claim that all is well"),
    "seller age days": _("days since the seller registered"),
    "resembles": _("reads like a prohibited offer"),
    "suspicious passage": _("a passage reads like a prohibited offer"),
    "resembles an offer of account trade": _("reads like an offer of traded accounts"),
    "resembles an offer of fraud recruitment": _("reads like an offer of work for fraudsters"),
    "resembles an offer of game goods": _("reads like an offer of game goods"),
    "resembles an offer of gift card": _("reads like an offer of gift cards"),
    "resembles an offer of identity data": _("reads like an offer of identity data"),
    "resembles an offer of iot card": _("reads like an offer of IoT cards"),
    "resembles an offer of payment instrument": _("reads like an offer of means of payment"),
    "resembles an offer of phishing": _("reads like an offer of phishing"),
    "resembles an offer of phone card": _("reads like an offer of phone cards"),
    "resembles an offer of recharge card": _("reads like an offer of recharge cards"),
    "resembles an offer of telecom equipment": _("reads like an offer of fraud equipment"),
    "resembles an offer of verification service": _("reads like an offer of verification codes"),
}
HOW = (
    _("written with separators"),
    _("spelt by sound"),
    _("with split characters"),
    _("in Latin pinyin"),
    _("with disguised digits"),
    _("with digits for letters"),
    _("written backwards"),
    _("with look-alike characters"),
    _("with characters masked"),
    _("encoded"),
)
_FACTS = _("the facts of the listing decide")
_SIGNAL = re.compile("|".join(sorted(map(re.escape, SIGNALS), key=len, reverse=True)))
_LOWERED, _ALONE, _EXCEPTED = "; lowered to ", " and not queued by itself", "; not queued: exception "
_RELISTED = re.compile(
    r"like listing (?P<listing>.{1,600}) of (?P<platform>.{1,200}), removed on (?P<day>[\d-]+) "
    r"\(case (?P<case>\d+), decision (?P<decision>\d+)\): (?P<same>.*); text (?P<likeness>\d+%) alike"
)

# What a case's weight is made of, and how that is said.
_FACTORS = (
    (re.compile(r"severity (?P<level>S\d)"), _("severity %(level)s")),
    (re.compile(r"certainty (?P<number>[\d.]+)"), _("certainty %(number)s")),
    (re.compile(r"(?P<number>\d+) pieces"), _("%(number)s pieces")),
    (re.compile(r"(?P<number>\d+) views"), _("%(number)s views")),
    (re.compile(r"(?P<number>\d+) sold"), _("%(number)s sold")),
    (re.compile(r"(?P<number>\d+) categories"), _("%(number)s categories")),
)
_CERTAIN = re.compile(r"\w+ [01]\.\d\d(?:, \w+ [01]\.\d\d)*")
_RAISED = re.compile(
    r"raised from (?P<before>S\d) to (?P<after>S\d): (?P<one>\w+) and (?P<other>\w+) belong to one trade"
)
_WEIGHT = re.compile(r"weight (?P<weight>[\d.]+) = (?P<product>.+)")
_REPORTED = re.compile(r"reported \((?P<kind>\w+)\), nothing found by rules")

_FIELD = re.compile(r"[a-z_.]{1,40}(?:\[\d{1,6}\])?|attributes\..{1,100}")

Word = Callable[[str], str]


def field_label(name: str, language: Language) -> str:
    """A field's name in words: ``options[0]`` is the first option, ``attributes.Colour`` is Colour."""
    if name.startswith("attributes."):
        return name.removeprefix("attributes.")
    kind, _bracket, number = name.partition("[")
    words = language.say(FIELD_LABELS[kind]) if kind in FIELD_LABELS else kind
    return f"{words} {int(number.rstrip(']')) + 1}" if number else words


def rule_of(office: Office, rule_id: str) -> Rule | None:
    """The rule as the rulebook has it today, if it still does."""
    return next((rule for rule in office.rulebook.rules if rule.id == rule_id), None)


def title_of(office: Office, rule_id: str, language: Language) -> str:
    """What a rule finds, in a line; of one that is no more, the end of its name."""
    rule = rule_of(office, rule_id)
    if rule is None:
        return rule_id.partition(".")[2] or rule_id
    return rule.title.en if language.code == ENGLISH else rule.title.zh


def reason_said(policy: Policy, code: str, language: Language) -> str:
    """A reason code in words; one that the policy has no more, as it is."""
    reason = policy.reasons.get(code)
    if reason is None:
        return code
    return reason.en if language.code == ENGLISH else reason.zh


def finding_told(reason: str, rule: Rule | None, language: Language) -> str:
    """Why a rule found something."""
    if language.code == ENGLISH or not reason:
        return reason
    if like := _RELISTED.fullmatch(reason):
        return language.say(
            _("like listing %(listing)s of %(platform)s, removed on %(day)s (case %(case)s, decision %(decision)s): "
              "%(same)s; text %(likeness)s alike"),
            **like.groupdict(),
        )  # fmt: skip
    said, _cut, exception = reason.rpartition(_EXCEPTED)
    if not (said and exception.isdecimal()):
        said, exception = reason, ""
    head, _cut, lowered = said.partition(_LOWERED)
    parts = [_found(head, language)]
    if lowered:
        parts.append(_guarded(lowered, rule, language))
    if exception:
        parts.append(language.say(_("not queued: exception %(number)s"), number=exception))
    return language.say("; ").join(parts)


def _found(head: str, language: Language) -> str:
    """What stands near what, with which signals, and how it is written."""
    before, _cut, how = head.rpartition(", ")
    written = how.split(" and ")
    if before and all(one in HOW for one in written):
        head = before
    else:
        written = []
    terms, signals = _parted(head)
    said = [_terms(terms, language)] if terms else []
    said += [_signal(one, language) for one in signals.split(", ")] if signals else []
    return language.say("; ").join(said + [language.say(one) for one in written])


def _parted(head: str) -> tuple[str, str]:
    """The terms and the signals of a sentence."""
    parts = head.split(" with ")
    at = next((place for place, one in enumerate(parts) if place and _SIGNAL.match(one)), len(parts))
    if at == len(parts) and _SIGNAL.match(head) and " (" not in head.partition(", ")[0].partition(" near ")[0]:
        return "", head
    return " with ".join(parts[:at]), " with ".join(parts[at:])


def _terms(said: str, language: Language) -> str:
    if said == _FACTS:
        return language.say(said)
    named, _cut, more = said.rpartition(" and ")
    number = more.removesuffix(" more")
    if not (named and number.isdecimal() and number != more):
        named, number = said, ""
    found = language.say(" near ").join(_with_field(one, language) for one in named.split(" near "))
    return found + (language.say(_(" and %(number)s more"), number=number) if number else "")


def _with_field(term: str, language: Language) -> str:
    words, _cut, field = term.rpartition(" (")
    if not (words and field.endswith(")") and _FIELD.fullmatch(field[:-1])):
        return term
    return language.say(_("%(words)s (%(field)s)"), words=words, field=field_label(field[:-1], language))


def _signal(said: str, language: Language) -> str:
    found = _SIGNAL.match(said)
    return f"{language.say(SIGNALS[found[0]])}{said[found.end() :]}" if found else said


def _guarded(said: str, rule: Rule | None, language: Language) -> str:
    """The score after the guards that hold, and why; the rulebook in use has their words in both languages."""
    score, _cut, because = said.partition(": ")
    for guard in rule.guards if rule is not None else ():
        because = because.replace(guard.because.en, guard.because.zh)
    template = _("lowered to %(score)s: %(because)s")
    if score.endswith(_ALONE):
        template = _("lowered to %(score)s and not queued by itself: %(because)s")
    return language.say(template, score=score.removesuffix(_ALONE), because=because)


def urgency_told(reason: str, language: Language, word: Word) -> str:
    """Why a case stands where it stands. ``word`` names a category or a kind of notice."""
    return language.say("; ").join(_part(one, language, word) for one in reason.split("; "))


def _part(said: str, language: Language, word: Word) -> str:
    if _CERTAIN.fullmatch(said):
        each = (one.rpartition(" ") for one in said.split(", "))
        return language.say(", ").join(f"{word(category)} {certainty}" for category, _cut, certainty in each)
    if raised := _RAISED.fullmatch(said):
        template = _("raised from %(before)s to %(after)s: %(one)s and %(other)s belong to one trade")
        return language.say(template, **_worded(raised.groupdict(), ("one", "other"), word))
    if weight := _WEIGHT.fullmatch(said):
        product = " × ".join(_factor(one, language) for one in weight["product"].split(" × "))
        return language.say(_("weight %(weight)s = %(product)s"), weight=weight["weight"], product=product)
    if reported := _REPORTED.fullmatch(said):
        template = _("reported (%(kind)s), nothing found by rules")
        return language.say(template, **_worded(reported.groupdict(), ("kind",), word))
    return said


def _factor(said: str, language: Language) -> str:
    number, _cut, why = said.partition(" (")
    whys = why.removesuffix(")").split(", ")
    return f"{number} ({language.say(', ').join(_why(one, language) for one in whys)})" if why else said


def _why(said: str, language: Language) -> str:
    found = ((pattern.fullmatch(said), template) for pattern, template in _FACTORS)
    return next((language.say(template, **match.groupdict()) for match, template in found if match), said)


def _worded(values: Mapping[str, str], names: Iterable[str], word: Word) -> dict[str, str]:
    return {**values, **{name: word(values[name]) for name in names}}
