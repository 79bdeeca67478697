"""Receipt numbers: what a sender is given to ask by. Nobody can guess another one's."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

# Crockford's base 32: no letter that is taken for a digit.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10


def receipt_number(prefix: str, at: datetime) -> str:
    """Such as ``N-20260301-7K2QXM9D4T``: fifty random bits behind the day."""
    number = "".join(secrets.choice(_DIGITS) for _ in range(_LENGTH))
    return f"{prefix}-{at.astimezone(UTC):%Y%m%d}-{number}"
