"""Memory of a model's pass: kept by the process until the pass is over, where the C library is glibc.

glibc gives the top of its heap back to the system as soon as some megabytes of it are free, and a pass over a long
text asks for them again in every layer: at 1,024 tokens of gpt2-medium it was handed 500,000 fresh pages, an eighth of
its time. See mallopt(3).
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
MOST_IN_HEAP = 32 << 20
"""glibc's own bound for what it takes from the heap and not from the system by itself."""
KEPT = 1 << 30
LONG = 256
"""Tokens from which on a pass asks for more than glibc keeps by itself."""


@contextmanager
def heap_kept(tokens: int) -> Iterator[None]:
    """Within it, memory that is freed stays at hand, if so many tokens ask for much; then it goes back at once.

    Does nothing with another C library.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" and tokens >= LONG else None
    if library is None or not hasattr(library, "mallopt"):
        yield
        return
    library.mallopt(M_MMAP_THRESHOLD, MOST_IN_HEAP)
    library.mallopt(M_TRIM_THRESHOLD, KEPT)
    try:
        yield
    finally:
        library.mallopt(M_TRIM_THRESHOLD, 2 * MOST_IN_HEAP)
        library.malloc_trim(0)
