"""The bottom room: the heaviest loops of matching, compiled where a C compiler was at hand when Delist was installed.

Nothing depends on it: ``text`` and ``rulebook`` do all of this in numpy too, with equal results. Here are the C
sources, the declarations by which ctypes calls them, and the checks of what is handed over; what it means is said where
it is called. ``DELIST_KERNELS=off`` in the environment makes everything run in numpy.
"""

from scanner.kernels.library import Library, library, status, without

__all__ = ["Library", "library", "status", "without"]
