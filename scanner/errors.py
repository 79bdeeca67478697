"""Everything Delist raises on purpose.

    DelistError                    something a person must act on; the message says what, where and what to do
    ├── SettingsError              delist.toml or the environment is wrong
    │   └── UnknownSource          no source of that name
    ├── RulebookError              one or more faults in rule files, all of them reported at once
    ├── InputError                 a file or stream given to us cannot be read as what it claims to be
    │   ├── FeedError              a feed or export cannot be opened at all (a single bad row is a BadRow, not an error)
    │   └── PageError              a saved page cannot be read
    ├── CrawlError                 a crawl could not be started, or ended in a way that is not "finished"
    ├── StoreError                 the database cannot be used
    │   ├── NewerDatabase          written by a later version of Delist
    │   ├── StoreUnavailable       locked, read-only, full disk, no server
    │   └── Unstorable             a value that no database column takes
    ├── NotFound                   no such case, listing, inspection
    ├── IllegalMove                the workflow has no such move from this state
    ├── Forbidden                  this actor's role does not allow it
    ├── LoginRefused               name or password is wrong, or there were too many attempts
    ├── Conflict                   somebody else changed it first
    │   └── Contention             two transactions met in the database; nothing was written, and it may be tried again
    ├── AlreadyRunning             a second scheduler, or a second crawl of one partition
    ├── PortInUse                  a server cannot listen where it was told to
    └── PlatformError              the platform's API refused or misbehaved

Each command ends with the error's ``exit_code``: 2 for what the caller must mend, 1 for what went wrong at run time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar


class DelistError(Exception):
    """Something a person must act on. ``hint`` says what to do, and is shown on its own line.

    With ``values``, both are templates with ``{name}`` in the places of the values. They are kept apart as
    ``template``, ``hint_template`` and ``values``, so that a page can say the same in another language.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", **values: object) -> None:
        super().__init__(message.format_map(values) if values else message)
        self.hint = hint.format_map(values) if values else hint
        self.template, self.hint_template, self.values = message, hint, values


class SettingsError(DelistError):
    """delist.toml or the environment is wrong."""

    exit_code = 2


class UnknownSource(SettingsError):
    """No source of that name is configured."""


class RulebookError(DelistError):
    """Faults in rule files. ``faults`` holds one line for each, ``file:line:column: what`` first."""

    exit_code = 2

    def __init__(self, faults: tuple[str, ...], *, hint: str = "") -> None:
        count = len(faults)
        super().__init__("\n".join((f"{count} fault{'s' * (count != 1)} in the rulebook:", *faults)), hint=hint)
        self.faults = faults


class InputError(DelistError):
    """A file or stream cannot be read as what it claims to be."""

    exit_code = 2


class FeedError(InputError):
    """A feed or export cannot be opened at all."""


class PageError(InputError):
    """A saved page cannot be read."""


class CrawlError(DelistError):
    """A crawl could not be started, or ended in a way that is not "finished"."""


class StoreError(DelistError):
    """The database cannot be used."""

    exit_code = 2


class NewerDatabase(StoreError):
    """The database was written by a later version of Delist."""


class StoreUnavailable(StoreError):
    """The database is locked, read-only, on a full disk, or its server is away."""


class Unstorable(StoreError):
    """A value that no column of the database takes, such as a moment before the year 1."""


class NotFound(DelistError):
    """No such case, listing or inspection."""

    exit_code = 2


class IllegalMove(DelistError):
    """The workflow has no such move from this state."""

    exit_code = 2


class Forbidden(DelistError):
    """The actor's role does not allow it, or it takes another person."""

    exit_code = 2


class LoginRefused(DelistError):
    """Name or password is wrong, or there were too many attempts; ``wait`` until the next one."""

    def __init__(self, message: str, *, hint: str = "", wait: timedelta = timedelta(0), **values: object) -> None:
        super().__init__(message, hint=hint, **values)
        self.wait = wait


class Conflict(DelistError):
    """Somebody else changed it first."""


class Contention(Conflict):
    """Two transactions met in the database. Nothing of this one was written, and the same may be tried again."""


class AlreadyRunning(DelistError):
    """A second scheduler on one store, or a second crawl of one partition."""

    exit_code = 2


class PortInUse(DelistError):
    """A server cannot listen where it was told to."""

    exit_code = 2


class PlatformError(DelistError):
    """The platform's API refused or misbehaved."""
