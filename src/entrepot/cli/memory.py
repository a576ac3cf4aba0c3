"""How a process that lives long keeps its memory: what one page needed is kept for the next.

Left alone, the C library gives every block above 128 kB back to the system when it is freed, and the next page of a
list faults each of its pages in again: that made lists of 100 orders half as fast. Python's collector walks all that
was ever imported whenever the objects of a few pages have come together; that took a fifth of mapping. Nothing here
changes what a process can do, so systems without these knobs are left as they are.
"""

from __future__ import annotations

import ctypes
import gc
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 64 << 20
"""Free memory that each heap may keep; a page of a thousand orders is four megabytes."""
BLOCK_BYTES = 32 << 20
"""Only blocks above this come from the system and go back to it; the C library takes no larger number."""
YOUNG = 20_000
"""Objects that may come together before the collector looks at them: about what a page of 250 orders is mapped to."""


def settle() -> None:
    """Say that what is there now stays: call it when everything is imported, again after more was."""
    if sys.platform == "linux":
        _keep_freed()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def _keep_freed() -> None:
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    mallopt(_MMAP_THRESHOLD, BLOCK_BYTES)
    mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
