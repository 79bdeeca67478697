"""The queue's filter as it stands in an address, and as the store understands it. What is misspelt filters nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from scanner.model import CaseState, Desk, Severity
from scanner.records import QueueFilter

# How old, and how near to being overdue; as in addresses.
AGES = {"1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DUE = {"over": timedelta(0), "2h": timedelta(hours=2), "24h": timedelta(hours=24)}
LANGUAGES = ("zh", "en")
ME, ANYBODY = "me", "*"
_LONGEST = 200


class Wanted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A filter as it stands in an address; every field is a query parameter of that name, empty ones are left out."""

    text: str = ""
    state: str = ""
    category: str = ""
    severity: str = ""
    rule: str = ""
    seller: str = ""
    source: str = ""
    age: str = ""
    due: str = ""
    language: str = ""
    assignee: str = ""
    desk: str = ""

    @property
    def query(self) -> str:
        """The part of an address after the ``?``; empty for no filter at all."""
        return urlencode({name: value for name, value in msgspec.structs.asdict(self).items() if value})

    @property
    def asks(self) -> bool:
        """Whether anything is filtered."""
        return self != Wanted()

    def within(self, path: str, **more: str) -> str:
        """``path`` with this filter, and ``more`` parameters, behind it."""
        whole = "&".join(filter(None, (self.query, urlencode({name: value for name, value in more.items() if value}))))
        return f"{path}?{whole}" if whole else path


def read(given: Mapping[str, str]) -> Wanted:
    """The filter in an address."""
    return Wanted(**{name: given.get(name, "").strip()[:_LONGEST] for name in Wanted.__struct_fields__})


def queue_filter(wanted: Wanted, *, person: str, now: datetime) -> QueueFilter:
    """The same for the store, from this person's sight and at this moment."""
    assignee = {ME: person}.get(wanted.assignee, wanted.assignee)
    age, due = AGES.get(wanted.age), DUE.get(wanted.due)
    return QueueFilter(
        states=(CaseState(wanted.state),) if wanted.state in set(CaseState) else (),
        category=wanted.category,
        severity=Severity(wanted.severity) if wanted.severity in set(Severity) else None,
        rule=wanted.rule,
        seller=wanted.seller,
        source=wanted.source,
        text=wanted.text,
        language=wanted.language if wanted.language in LANGUAGES else "",
        claimed_by=assignee,
        desk=Desk(wanted.desk) if wanted.desk in set(Desk) else None,
        opened_before=now - age if age is not None else None,
        due_before=now + due if due is not None else None,
    )
