"""A child that never outlives its parent, not even when that one was killed."""

from __future__ import annotations

import asyncio
import os
import threading
import time

LOOK_S = 0.5
PATIENCE_S = 20.0
"""To give the jobs back, which may wait for the database."""


def watch_parent(parent: int, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set ``stop`` when the parent is gone, however it went; end the process by force when that does not end it.

    A thread, so that it also works while the event loop is busy.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        loop.call_soon_threadsafe(stop.set)
        time.sleep(PATIENCE_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
