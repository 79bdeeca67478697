"""What the character table knows of a character besides its folded unit, in an order that one comparison tells."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """How a character takes part in matching. Everything from ``KEPT`` on is in the compact view."""

    DROPPED = 0  # invisible or a combining mark: in no view
    SEPARATOR = 1  # may stand between the characters of a term
    COMMA = 2  # from here to LINE: a term does not reach over it, unless it stands between all of its characters
    END = 3
    LINE = 4
    MASK = 5  # a separator that may stand for a character left out
    KEPT = 8
    ALIAS = 9  # an emoji read aloud; in a second reading it is a separator
    BARRIER = 10  # the edge of a field: nothing reaches over it


# Set beside the kind when the character becomes several units: the unit is then the expansion's number.
EXPANDS = 0x80
# The table stores planes 0 to 3; what lies above is dropped (plane 14) or a separator.
LAST_STORED = 0x33480
# The unit of a field's edge. U+FFFF is no character, so no term has it.
EDGE = 0xFFFF
# The regional indicator A; flags are pairs of these letters.
FIRST_FLAG = 0x1F1E6
# The right-to-left override, and the block that most letters typed upside down are from.
OVERRIDE, UPSIDE_DOWN = 0x202E, (0x250, 0x2B0)


class Mark(IntEnum):
    """What a code point may call for, a bit each; in the kernels' table above the kind, from bit ``MARKS`` on."""

    FLAG = 1  # it may be one of the letters that flags are made of
    TURNED = 2  # it may be typed upside down, or turns what follows
    APART = 4  # it may be part of a character taken apart


MARKS = 24
