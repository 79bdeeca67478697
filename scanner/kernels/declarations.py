"""What the kernels take and give back: the structs of the C sources, and what each function takes."""

from __future__ import annotations

import ctypes
from typing import Any, ClassVar

from scanner.kernels.memory import BYTE, CODE, DOUBLE, FLAG, INT, LONG, SHORT, WIDE, Columns, Record

_LONG, _INT, _POINTER = ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p


class Alphabet(Record):
    """The character table."""

    pointers: ClassVar = {
        "codes": CODE,
        "expansions": CODE,
        "expansion_bounds": INT,
        "syllables": SHORT,
    }
    _fields_: ClassVar = [
        ("codes", _POINTER),
        ("size", _LONG),
        ("expansions", _POINTER),
        ("expansion_bounds", _POINTER),
        ("expansion_count", _LONG),
        ("syllables", _POINTER),
    ]


class Signs(ctypes.Structure):
    """What reading the characters of a batch tells on the way."""

    expansions: int
    growth: int
    breaks: int
    marks: int
    kinds: int
    _fields_: ClassVar = [
        ("expansions", _LONG),
        ("growth", _LONG),
        ("breaks", _LONG),
        ("marks", _INT),
        ("kinds", _INT),
    ]


class Views(Record):
    """The arrays of all views of a batch."""

    pointers: ClassVar = {
        "units": SHORT,
        "kinds": BYTE,
        "kept": INT,
        "compact": SHORT,
        "syllables": SHORT,
        "breaks": INT,
        "before_breaks": INT,
        "field_ends": INT,
    }
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("field_count", _LONG)]


class Anchored(Record):
    """The literals with anchors of one width."""

    pointers: ClassVar = {
        "filter": WIDE,
        "buckets": INT,
        "members": INT,
        "units": SHORT,
        "starts": INT,
    }
    _fields_: ClassVar = [("width", _INT), ("bits", _INT), *((name, _POINTER) for name in pointers)]


class Gates(Record):
    """The alternatives of patterns."""

    bounds: int
    clause_count: int
    alternative_count: int
    pointers: ClassVar = {
        "bounds": INT,
        "clauses": INT,
        "setting_of": INT,
        "alternative_of": INT,
        "needs": INT,
        "first_needs": INT,
        "list_of": INT,
        "is_free": FLAG,
        "setting_bounds": INT,
        "first": INT,
        "last": INT,
        "known": BYTE,
        "units": BYTE,
        "sizes": BYTE,
    }
    _fields_: ClassVar = [
        ("clause_count", _LONG),
        ("alternative_count", _LONG),
        *((name, _POINTER) for name in pointers),
        ("known_bits", _INT),
    ]


class Passage(Record):
    """Some documents of a batch, in the compact view, with the end and the document of each field."""

    pointers: ClassVar = {"units": SHORT, "ends": INT, "documents": INT}
    _fields_: ClassVar = [
        *((name, _POINTER) for name in pointers),
        ("length", _LONG),
        ("field_count", _LONG),
        ("first_field", _LONG),
        ("first_document", _LONG),
        ("document_count", _LONG),
    ]


class Room(Record):
    """Room for a bit for each clause, or alternative, and document; and for atoms, two numbers each."""

    pointers: ClassVar = {"clauses": WIDE, "alternatives": WIDE, "atoms": LONG}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("row", _LONG), ("capacity", _LONG)]


class Ground(Record):
    """A batch as it was folded."""

    pointers: ClassVar = {
        "codes": CODE,
        "characters": CODE,
        "expanded": LONG,
        "growth": LONG,
        "joined": LONG,
        "joined_last": LONG,
    }
    _fields_: ClassVar = [
        *((name, _POINTER) for name in pointers),
        ("slots", _LONG),
        ("character_count", _LONG),
        ("expansions", _LONG),
        ("joins", _LONG),
        ("is_flagged", _INT),
    ]


class Reading(Record):
    """A sequence of units to look in, and the slot that each came from."""

    pointers: ClassVar = {"units": SHORT, "slots": INT}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("length", _LONG)]


class Traits(Record):
    """What is known of each literal."""

    pointers: ClassVar = {"lengths": INT, "left": BYTE, "right": BYTE, "own_gaps": WIDE, "alone": FLAG}
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Hits(Columns):
    """Columns of hits."""

    names: ClassVar = ("literal", "position", "first", "last", "gap")
    _fields_: ClassVar = [*((name, _POINTER) for name in names), ("capacity", _LONG)]


class Owners(Record):
    """The owners of literals, and the view that each way counts in."""

    bounds: int
    pointers: ClassVar = {"bounds": INT, "owners": INT, "views": BYTE}
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Rows(Columns):
    """Columns of rows of hits."""

    names: ClassVar = ("at", "size", "owner", "view", "gap")
    _fields_: ClassVar = [*((name, _POINTER) for name in names), ("capacity", _LONG)]


class Fields(Record):
    """The fields of a batch."""

    pointers: ClassVar = {"starts": LONG, "documents": INT, "before": LONG}
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Places(Columns):
    """Columns of places."""

    names: ClassVar = ("document", "field", "start", "end")
    _fields_: ClassVar = [*((name, _POINTER) for name in names), ("capacity", _LONG)]


class Ordered(Record):
    """Rows in order of their first character."""

    count: int
    pointers: ClassVar = dict.fromkeys(("at", "size", "owner"), LONG)
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("count", _LONG)]


class Lists(Record):
    """The lists that literals are words of, and those whose words they cover."""

    bounds: int
    pointers: ClassVar = {
        **dict.fromkeys(("bounds", "lists", "cover_bounds", "covered"), INT),
        **dict.fromkeys(("is_placed", "is_told"), FLAG),
    }
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Told(Columns):
    """Columns of words of lists and their places."""

    names: ClassVar = ("list", "document", "field", "start", "end")
    _fields_: ClassVar = [*((name, _POINTER) for name in names), ("capacity", _LONG)]


class Words(Record):
    """Words of one vocabulary: a set of literals, their traits, and the lists that they are words of."""

    pointers: ClassVar = {}
    _fields_: ClassVar = [("set", _POINTER), ("traits", _POINTER), ("lists", _POINTER)]


class Survey(Record):
    """What the first look looks for."""

    pointers: ClassVar = {"roles": BYTE}
    _fields_: ClassVar = [(name, _POINTER) for name in ("words", "sounds", "roles", "gates")]


class Whole(Record):
    """What it looks through."""

    pointers: ClassVar = {"field_ends": INT}
    _fields_: ClassVar = [
        *((name, _POINTER) for name in ("ground", "fields", "compact", "syllables", "field_ends")),
        ("field_count", _LONG),
        ("document_count", _LONG),
    ]


class Desk(Record):
    """Room for what comes up on the way."""

    found: ClassVar = tuple(f"{of}{what}" for of in ("", "clause_", "cover_") for what in ("literal", "position"))
    pointers: ClassVar = {**dict.fromkeys(found, LONG), "of_unit": INT, "is_covered": FLAG}
    _fields_: ClassVar = [*((name, _POINTER) for name in (*pointers, "room")), ("capacity", _LONG)]


class Slots(Record):
    """The slots of a batch, and the first slot of each field."""

    slots: int
    pointers: ClassVar = {"units": SHORT, "kinds": BYTE, "fields": LONG}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("field_count", _LONG), ("slots", _LONG)]


class Lines(Record):
    """Lines of fields that have several."""

    pointers: ClassVar = {"end": INT, "first": INT, "size": INT, "is_edge": BYTE, "is_short": BYTE}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("capacity", _LONG)]


class Read(Record):
    """What is read, unit by unit, and how much room there is."""

    pointers: ClassVar = {"units": SHORT, "slots": INT}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("capacity", _LONG)]


class LiteralSet(Record):
    """All literals of a set, by the width of their anchors."""

    count: int
    pointers: ClassVar = {"units": WIDE, "pairs": BYTE}
    _fields_: ClassVar = [
        ("parts", _POINTER),
        ("count", _LONG),
        *((name, _POINTER) for name in pointers),
        ("bits", _INT),
    ]


class Weights(Record):
    """Words and pairs with what they weigh."""

    pointers: ClassVar = {
        "places": SHORT,
        "keys": CODE,
        "weights": INT,
        "multipliers": CODE,
    }
    _fields_: ClassVar = [
        ("places", _POINTER),
        ("bits", _INT),
        ("unit", _INT),
        ("keys", _POINTER),
        ("weights", _POINTER),
        ("constant", ctypes.c_double),
        ("multipliers", _POINTER),
        ("longest_word", _INT),
        ("longest_number", _INT),
        ("longest_text", _INT),
        ("portion", _INT),
        ("passage", _INT),
        ("step", _INT),
        ("fewest", _INT),
        ("fewest_brief", _INT),
        ("phrases", _INT),
        ("longest_phrase", _INT),
        ("doubt", ctypes.c_double),
    ]


class Passages(Record):
    """Passages one after another, a column for each of these."""

    pointers: ClassVar = {"scores": DOUBLE, "firsts": LONG, "ends": LONG}
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Weighty(Record):
    """Some words of a document with what they weigh, and where they stand."""

    pointers: ClassVar = {"weights": LONG, "firsts": LONG, "ends": LONG, "fields": LONG}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("capacity", _LONG)]


class Cursor(ctypes.Structure):
    """Where a search goes on."""

    first: int
    _fields_: ClassVar = [("first", _LONG), ("part", _LONG), ("place", _LONG), ("member", _LONG)]


_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "delist_fold": (None, (_POINTER, _POINTER, _LONG, _POINTER, _LONG, _POINTER, _POINTER)),
    "delist_expand": (None, (_POINTER, _POINTER, _LONG, _POINTER, _LONG, _POINTER, _POINTER, _LONG)),
    "delist_views": (_LONG, (_POINTER, _POINTER, _LONG, _POINTER, _POINTER)),
    "delist_gates": (_INT, (_POINTER, _POINTER, _POINTER, _POINTER, _LONG, _POINTER, _POINTER, _LONG)),
    "delist_check": (_LONG, (_POINTER,) * 6 + (_LONG, _POINTER)),
    "delist_only_leet": (None, (*(_POINTER,) * 5, _LONG, _POINTER)),
    "delist_count": (_LONG, (_POINTER, _POINTER, _LONG)),
    "delist_own": (_LONG, (_POINTER,) * 6 + (_LONG,) * 4 + (_POINTER,)),
    "delist_survey": (_LONG, (*(_POINTER,) * 3, _LONG, *(_POINTER,) * 3, _LONG, _POINTER, _POINTER)),
    "delist_locate": (None, (_POINTER, _LONG, _POINTER, _POINTER, _LONG, _POINTER)),
    "delist_uncover": (None, (_POINTER,) * 4),
    "delist_most": (_LONG, (_POINTER, _POINTER, _LONG, _LONG, _POINTER, _POINTER)),
    "delist_leet": (_LONG, (_POINTER, _POINTER, _POINTER, _LONG, _POINTER, _POINTER, _POINTER)),
    "delist_lines": (_LONG, (*[_POINTER] * 3, *[_LONG] * 3, _POINTER, _POINTER)),
    "delist_column": (_LONG, (_POINTER, _LONG, _POINTER, _POINTER, _LONG, _INT, _POINTER, _LONG)),
    "delist_mixed": (_LONG, (_POINTER, _POINTER, _LONG, _POINTER, _LONG)),
    "delist_find": (_LONG, (_POINTER, _POINTER, _LONG, _POINTER, _POINTER, _POINTER, _LONG)),
    "delist_resemble": (None, (*[_POINTER] * 5, _LONG, *[_POINTER] * 6)),
    "delist_known": (None, (*[_POINTER] * 6, _LONG, *[_POINTER] * 5)),
    "delist_phrases": (None, (*[_POINTER] * 6, _LONG, *[_POINTER] * 9)),
    "delist_passages": (None, (*[_POINTER] * 6, _LONG, *[_POINTER] * 7)),
    "delist_around": (None, (_POINTER, _POINTER, _LONG, *[_POINTER] * 3, _LONG, _POINTER, _POINTER)),
    "delist_utf8": (None, (*[_POINTER] * 4, _LONG, _POINTER, _POINTER)),
    "delist_hear": (_LONG, (_POINTER, _POINTER, _POINTER, _POINTER, _LONG, _POINTER)),
    "delist_turn": (None, (_POINTER, _LONG, _LONG, _POINTER, _LONG, _POINTER, _POINTER)),
    "delist_sort": (None, (_POINTER, _LONG, _POINTER, _LONG, *(_POINTER,) * 7)),
    "delist_stretch": (None, (_LONG, _POINTER, _LONG, _POINTER, _POINTER)),
    "delist_rows": (None, (_POINTER, _POINTER, _LONG, _POINTER)),
    "delist_answer": (None, (_POINTER, _POINTER, _POINTER, _LONG, *(_POINTER,) * 5)),
}


def declare(library: ctypes.CDLL) -> None:
    """Tell ctypes what each function takes; raises ``AttributeError`` where the library has it not."""
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
