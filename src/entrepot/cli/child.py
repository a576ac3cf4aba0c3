"""The worker beside the API: a child process that is started again when it dies and never outlives its parent."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO

import structlog

from entrepot.cli.running import pause
from entrepot.settings import Settings, environment

log = structlog.get_logger()

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""A child that lived so long begins again with the first pause."""
PATIENCE_S = 20.0
"""For a child that was asked to stop: it gives its jobs back, which may wait for the database."""
LOOK_S = 0.5


async def keep_worker(settings: Settings, stop: asyncio.Event, log_file: Path | None = None) -> None:
    """Keep one worker process running until ``stop``; what it logs goes to ``log_file``, else where ours goes."""
    wait = FIRST_PAUSE_S
    while not stop.is_set():
        began = time.monotonic()
        code = await _one_life(settings, stop, log_file)
        if stop.is_set():
            return
        wait = FIRST_PAUSE_S if time.monotonic() - began > STEADY_S else wait
        log.warning("worker.died", code=code, again_in_s=wait)
        await pause(stop, wait)
        wait = min(wait * 2, LONGEST_PAUSE_S)


async def _one_life(settings: Settings, stop: asyncio.Event, log_file: Path | None) -> int:
    output: IO[bytes] | None = None if log_file is None else log_file.open("ab")
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "entrepot", "worker", "--parent", str(os.getpid()),
            env={**os.environ, **environment(settings)}, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
        )
    finally:
        if output is not None:
            output.close()
    ended = asyncio.create_task(child.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not ended.done():
        child.terminate()
        done, _ = await asyncio.wait([ended], timeout=PATIENCE_S)
        if not done:
            child.kill()
    return await ended


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
