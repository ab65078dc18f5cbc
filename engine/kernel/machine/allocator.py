# SPDX-License-Identifier: Apache-2.0
"""Keep freed memory in the process: what compiled runs give back, the next one takes again."""

import ctypes
from functools import cache

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""Names of glibc's mallopt."""

KEPT = 512 << 20
"""Freed bytes that the process may hold on to."""

LARGEST = 32 << 20
"""Largest block for which kept memory is enlarged: as high as glibc lets it be set."""

SPARE = 128 << 20
"""By how much more than is asked for: it is memory when it is written to. A larger block is taken from it too, such as
the equity path of a million bars, which would come as pages to be cleared at every run."""


@cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep up to KEPT freed bytes; True where that took, False where the C library is another.

    By default large blocks go back to the system when freed, and come back as pages that it must clear again:
    a moving-average cross over 1,000,000 bars took 41 ms a call so, and 31 ms with kept memory.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return all(mallopt(*one) for one in ((MMAP_THRESHOLD, LARGEST), (TRIM_THRESHOLD, KEPT), (TOP_PAD, SPARE)))
