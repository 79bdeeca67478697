"""Facts about a listing that are not terms: contacts, diversions, links, quantities, prices, tricks, claims.

``Signals(listing)`` computes each when it is first asked for; ``NAMES`` says which there are.
"""

from scanner.signals.listing import Signals
from scanner.signals.names import NAMES, Kind, Name
from scanner.signals.negation import negated
from scanner.signals.reading import Folding
from scanner.signals.record import Signal
from scanner.signals.resemblance import EVEN, RESEMBLES, chance_of, is_resemblance

__all__ = [
    "EVEN",
    "NAMES",
    "RESEMBLES",
    "Folding",
    "Kind",
    "Name",
    "Signal",
    "Signals",
    "chance_of",
    "is_resemblance",
    "negated",
]
