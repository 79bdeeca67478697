"""What a detector reports: one fact, and the original characters that show it."""

from __future__ import annotations

import msgspec


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A fact that is not a term, at characters ``[start, end)`` of one field's original text.

    ``text`` is exactly those characters. ``value`` is True for a mere presence and a number for what can be
    compared. ``reads`` is what the characters mean once the disguise is off (``wechat:abc_123``), for explanations
    and for recognising a handle that comes back. Facts that come from no text (price, stock, seller) name the
    record's field and spell its value.
    """

    name: str
    value: float | bool
    field: str
    start: int
    end: int
    text: str
    reads: str = ""
