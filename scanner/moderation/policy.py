"""The house's policy as data: reason codes, when two people are needed, claims, and what a machine may hide.

Shipped as TOML beside this module; a folder of the platform's own may hold files of the same names, which then count.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec

from scanner.errors import InputError, SettingsError
from scanner.model import Ruling, Severity

SHIPPED = Path(__file__).parent / "policies"
REASONS_FILE = "reasons.toml"
MODERATION_FILE = "moderation.toml"

# What msgspec says, and how it is told.
_PLAINLY = (
    (re.compile(r"Object contains unknown field `(\w+)`"), r"unknown key \1"),
    (re.compile(r"Object missing required field `(\w+)`"), r"\1 is missing"),
    (re.compile(r"Invalid RFC3339 encoded date"), "no date: write it as 2027-01-31, without quotes"),
    (re.compile(r"Invalid enum value ('.*')"), r"\1 is none of those that there are"),
    (re.compile(r"`(?:int|float)`"), "a number"),
    (re.compile(r"`str`"), "text"),
    (re.compile(r"`bool`"), "true or false"),
    (re.compile(r"`array`"), "a list"),
    (re.compile(r"`object`"), "a table"),
    (re.compile(r"^Expected (.*), got (.*)$"), r"should be \1, and is \2"),
    (re.compile(r"^Expected "), "should be "),
)

_Positive = Annotated[int, msgspec.Meta(ge=1)]
_Count = Annotated[int, msgspec.Meta(ge=0)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a policy file: a misspelt key is refused."""


class Reason(_Strict, frozen=True, kw_only=True):
    """A reason code: its texts in English and Simplified Chinese, and the rulings that it can give a reason for."""

    rulings: tuple[Ruling, ...]
    en: str
    zh: str
    by_machine: bool = False
    code: str = ""


class Claims(_Strict, frozen=True, kw_only=True):
    """How cases are taken."""

    lease_minutes: _Positive = 10
    reservation_hours: _Positive = 24
    skips_before_escalation: _Positive = 3

    @property
    def lease(self) -> timedelta:
        """How long a claim lasts without a sign of life."""
        return timedelta(minutes=self.lease_minutes)

    @property
    def reservation(self) -> timedelta:
        """How long a case waits for the person that it was given to."""
        return timedelta(hours=self.reservation_hours)


class Undo(_Strict, frozen=True, kw_only=True):
    """How long a decision can be undone as if it had not been."""

    window_seconds: _Count = 60

    @property
    def window(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(seconds=self.window_seconds)


class SecondPerson(_Strict, frozen=True, kw_only=True):
    """When a second, different person must agree."""

    expires_hours: _Positive = 24
    bulk_over: _Count = 20
    keep_at: tuple[Severity, ...] = (Severity.S4,)
    remove_from_seller_with: _Count = 500
    new_rule_days: _Count = 0
    after_overturned: bool = True

    @property
    def expires(self) -> timedelta:
        """How long a proposal waits."""
        return timedelta(hours=self.expires_hours)


class Bulk(_Strict, frozen=True, kw_only=True):
    """How many members of a cluster a person looks at before one decision applies to all."""

    sample_least: _Positive = 3
    sample_share: _Share = 0.1
    sample_most: _Positive = 12


class MachineHide(_Strict, frozen=True, kw_only=True):
    """A stated automatic policy: what this rule finds is hidden at once, and a person decides afterwards."""

    rule: str
    owner: str
    reason: str
    until: date
    least_score: _Share = 0.95


class _Moderation(_Strict, frozen=True, kw_only=True):
    claims: Claims = Claims()
    undo: Undo = Undo()
    second_person: SecondPerson = SecondPerson()
    bulk: Bulk = Bulk()
    machine_hide: tuple[MachineHide, ...] = ()


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    reasons: dict[str, Reason]
    claims: Claims = Claims()
    undo: Undo = Undo()
    second_person: SecondPerson = SecondPerson()
    bulk: Bulk = Bulk()
    machine_hide: tuple[MachineHide, ...] = ()

    def reason(self, code: str, ruling: Ruling, *, by_machine: bool = False) -> Reason:
        """The reason of that code for that ruling. Raises ``InputError`` with the nearest one that fits."""
        fitting = self.reasons_for(ruling, by_machine=by_machine)
        for reason in fitting:
            if reason.code == code:
                return reason
        codes = [reason.code for reason in fitting]
        near = difflib.get_close_matches(code, codes, n=1, cutoff=0.5)
        shown = code[:80].encode("utf8", "replace").decode("utf8")
        all_of_them = "Reasons for it: {reasons}. Words of your own go into the note."
        raise InputError(
            '"{code}" is no reason for the ruling {ruling}',
            hint='Did you mean "{near}"? ' + all_of_them if near else all_of_them,
            code=shown,
            ruling=ruling,
            reasons=", ".join(codes),
            near=near[0] if near else "",
        )

    def reasons_for(self, ruling: Ruling, *, by_machine: bool = False) -> tuple[Reason, ...]:
        """The reasons that a person (or a machine) can give for a ruling."""
        return tuple(
            reason for reason in self.reasons.values() if ruling in reason.rulings and reason.by_machine == by_machine
        )


@cache
def shipped() -> Policy:
    """The policy that comes with Delist."""
    return load(None)


def load(folder: Path | None) -> Policy:
    """The shipped policy, or what ``folder`` says instead. Raises ``SettingsError`` naming file and key."""
    if folder is not None and not folder.is_dir():
        raise SettingsError(
            "{folder}: no such folder", hint="Set `policies` to the folder of your policy files.", folder=folder
        )
    reasons = _read(folder, REASONS_FILE, dict[str, Reason])
    moderation = _read(folder, MODERATION_FILE, _Moderation)
    coded = {code: msgspec.structs.replace(reason, code=code) for code, reason in reasons.items()}
    plain = {name: getattr(moderation, name) for name in moderation.__struct_fields__}
    return Policy(reasons=coded, **plain)


def _read(folder: Path | None, name: str, kind: Any) -> Any:
    own = folder / name if folder is not None else None
    path = own if own is not None and own.exists() else SHIPPED / name
    text = ""
    try:
        text = path.read_text(encoding="utf8")
        return msgspec.convert(tomllib.loads(text), kind)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        is_invalid = isinstance(error, msgspec.ValidationError)
        raise SettingsError(
            "{path}: {error}",
            hint="What may stand there: {shipped}",
            path=path,
            error=_in_words(str(error), text) if is_invalid else error,
            shipped=SHIPPED / name,
        ) from error


def _in_words(said: str, text: str) -> str:
    """What is invalid in the TOML ``text``, as whoever wrote it calls things; its line where one alone has that key."""
    what, _, where = said.partition(" - at ")
    place = where.strip("`").removeprefix("$").removeprefix("[...]").lstrip(".")
    for technical, plainly in _PLAINLY:
        what = technical.sub(plainly, what)
    named = re.search(r"unknown key (\w+)", what) or re.search(r"(\w+)(?:\[\d+\])*$", place)
    key = re.escape(named[1]) if named else "-"
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(rf"[\s\[]*{key}\s*[=\]]", line)]
    return "".join((f"line {lines[0]}: " if len(lines) == 1 else "", f"{place}: " if place else "", what))
