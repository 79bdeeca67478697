"""Work that the collector of cycles leaves alone.

It looks at all things made time and again. Compiling makes a million that stay, restoring ten thousand, and a batch of
listings a few for each that stay until its end: that takes as long as making them, and finds next to nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile, in no thread; threads may overlap, and whoever had it switched off finds it so."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
