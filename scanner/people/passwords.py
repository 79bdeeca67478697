"""Passwords: which are good enough, and their hashes (argon2id, RFC 9106, at the first cost that OWASP recommends).

A hash takes 46 MiB and some tens of milliseconds on purpose; one at a time, so that many who log in at once wait for
each other instead of filling the memory.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from scanner.errors import InputError

SHORTEST = 12
LONGEST = 256

_HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_ONE_AT_A_TIME = threading.Lock()


def hashed(password: str) -> str:
    """The hash of a password, with its salt and cost in it."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(_typed(password))


@cache
def _nobodys() -> str:
    """What an unknown name's password is compared with, so that it takes as long as a known one's."""
    return _HASHER.hash("nobody's password")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; takes as long for a person who does not exist, or has none."""
    with _ONE_AT_A_TIME:
        try:
            return _HASHER.verify(password_hash or _nobodys(), _typed(password)) and bool(password_hash)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made at a lower cost than is usual now."""
    return _HASHER.check_needs_rehash(password_hash)


def refuse_weak(password: str, *, name: str) -> None:
    """Raise ``InputError`` for a password that is easily guessed (after NIST SP 800-63B, 3.1.1).

    1. 12 characters at least, 256 at most; no other rule on which characters.
    2. Not made of the person's name, of one repeated piece, or of a row of the keyboard.
    """
    typed = _typed(password)
    if not SHORTEST <= len(typed) <= LONGEST:
        raise InputError(
            "a password has {shortest} to {longest} characters",
            hint="Several words in a row are good.",
            shortest=SHORTEST,
            longest=LONGEST,
        )
    plain = typed.casefold()
    rest = plain.replace(name.casefold(), "") if len(name) > 2 else plain
    rest = rest.replace("password", "")
    if len(rest) < SHORTEST // 2 or len(set(plain)) < 5 or _is_row(plain):
        raise InputError("this password is easily guessed", hint="Several words in a row are good.")


def _is_row(text: str) -> bool:
    rows = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "12345678901234567890", "09876543210987654321")
    return any(text in row or text in row + row for row in rows)


def _typed(password: str) -> str:
    """The same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])
