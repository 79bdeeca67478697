"""Facts about a listing that are not terms: contacts, diversions, links, quantities, prices, tricks, claims.

``Signals(listing)`` computes each when it is first asked for; ``NAMES`` says which there are.
"""

from scanner.signals.listing import Signals, may_show
from scanner.signals.names import NAMES, Kind, Name
from scanner.signals.negation import negated
from scanner.signals.reading import Folding
from scanner.signals.record import Signal
from scanner.signals.resemblance import (
    EVEN,
    RESEMBLES,
    SUSPICIOUS_PASSAGE,
    Scores,
    chance_of,
    is_chance,
    is_resemblance,
)

__all__ = [
    "EVEN",
    "NAMES",
    "RESEMBLES",
    "SUSPICIOUS_PASSAGE",
    "Folding",
    "Kind",
    "Name",
    "Scores",
    "Signal",
    "Signals",
    "chance_of",
    "is_chance",
    "is_resemblance",
    "may_show",
    "negated",
]
