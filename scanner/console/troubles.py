"""Why an order waits or failed, in the reader's words.

Adapters, the circuit breaker and the looks say it in English, in sentences made of these; they stand in the record,
with what the platform said of itself between them. That stays as it is.
"""

from __future__ import annotations

import re

from scanner.console.languages import ENGLISH, Language
from scanner.console.languages import marked as _

# Longer ones are shown as they are.
_LONGEST = 4_000

# What is told to whoever must act, whole sentences before their parts.
TROUBLES = (
    _("%(name)s gave no answer: "),
    _("%(name)s answered %(status)s"),
    _("%(name)s asks us to wait."),
    _("%(name)s does not know the listing any more: it is gone already."),
    _("%(name)s does not know the seller any more: it is gone already."),
    _("%(name)s does not know the listing any more, so it cannot show it again."),
    _("%(name)s does not know the listing any more, so it cannot do this to it."),
    _("%(name)s does not know the seller any more, so it cannot do this to it."),
    _("%(name)s does not accept our token: renew it, or give it the right to update products."),
    _("%(name)s has no admin API at this address: mend its url in delist.toml."),
    _("%(name)s will not do this order"),
    _("%(name)s broke on this order"),
    _("%(name)s cannot be told to do this."),
    _("It does not accept our token: renew it, or give it the right to hide listings"),
    _("and orders are not redirected: mend its url in delist.toml"),
    _("It sends us to "),
    _("It will not do this order."),
    _("nothing was changed."),
    _("nothing came within %(seconds)s s"),
    _("its name is not known"),
    _("nobody listens at its address"),
    _("the connection broke off"),
    _("its certificate has expired: its operator must renew it"),
    _("its certificate is not valid yet: its clock, or ours, is wrong"),
    _("its certificate is for another name: its url in delist.toml, or the certificate, is wrong"),
    _("nobody that this machine trusts has signed its certificate"),
    _("%(number)s takedowns in all were sent within an hour, which is the limit: a person must let it through"),
    _("%(number)s takedowns of the rule %(code)s were sent within an hour, which is the limit: "
      "a person must let it through"),
    _("%(number)s takedowns of the category %(code)s were sent within an hour, which is the limit: "
      "a person must let it through"),
    _("%(number)s takedowns of this seller were sent within an hour, which is the limit: a person must let it through"),
    _("sent again: "),
    _("it was gone, and is back"),
    _("it is still live after it was ordered twice"),
    _("it is partially live after it was ordered twice"),
    _("it is still hidden after it was ordered twice"),
    _("the page offers it"),
    _("the page is gone"),
    _("the page leads to "),
    _("the seller's page is there"),
    _("the seller's page is gone"),
    _("page %(number)s of the list links to it"),
    _("not on the first %(number)s pages of the list"),
    _("no link to it on %(number)s page(s) of the list"),
    _("the API answers %(status)s"),
    _("the API gives it"),
    _("(may lag)"),
    _("(not judged by)"),
)  # fmt: skip
NAMES = {"The platform": _("The platform"), "The shop": _("The shop"), "The marketplace": _("The marketplace")}
_VALUES = {
    "name": "The platform|The shop|The marketplace",
    "status": r"[1-5]\d\d",
    "number": r"\d+",
    "seconds": r"[\d.]+",
    "code": r"[\w.]+",
}
_PLACE = re.compile(r"%\\?\((\w+)\\?\)s")


def _pattern(trouble: str) -> str:
    return _PLACE.sub(lambda place: f"(?:{_VALUES[place[1]]})", re.escape(trouble))


_ANY = re.compile("|".join(f"({_pattern(one)})" for one in TROUBLES))
_EACH = tuple(
    re.compile(_PLACE.sub(lambda place: f"(?P<{place[1]}>{_VALUES[place[1]]})", re.escape(one))) for one in TROUBLES
)


def trouble_told(said: str, language: Language) -> str:
    """The sentences of ours in this language, and what stands between them as it is."""
    if language.code == ENGLISH or len(said) > _LONGEST:
        return said
    return _ANY.sub(lambda found: _told(found, language), said)


def _told(found: re.Match[str], language: Language) -> str:
    number = (found.lastindex or 1) - 1
    match = _EACH[number].fullmatch(found[0])
    values = match.groupdict() if match else {}
    return language.say(TROUBLES[number], **{name: language.say(NAMES.get(one, one)) for name, one in values.items()})
