"""How a process that draws keeps its memory between pictures."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS = -1, -3, -8
"""Parameters of glibc's mallopt(3)."""

KEPT_BYTES = 32 << 20
"""Freed memory that is kept for the next picture: a frame of 1920 x 1080 in RGBA has 8 MB."""


def keep_freed_memory() -> None:
    """Have this process keep what it frees of pictures, instead of giving it back and being given empty pages again.

    Otherwise the system clears a few hundred megabytes of pages for every film. Nothing happens where the C library is
    not glibc.
    """
    with suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        # The largest that glibc takes: by this much a single picture may grow.
        mallopt(_MMAP_THRESHOLD, 32 << 20)
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        # All threads share what was freed; else each would keep as much for itself.
        mallopt(_ARENAS, 1)
