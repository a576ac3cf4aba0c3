"""The worker beside the API: a child process that is started again when it dies and never outlives its parent."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import IO

import structlog

from entrepot.cli.parent import PATIENCE_S
from entrepot.cli.running import pause
from entrepot.settings import Settings, environment

log = structlog.get_logger()

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""A child that lived so long begins again with the first pause."""


async def keep_worker(
    settings: Settings, ready: asyncio.Event, stop: asyncio.Event, log_file: Path | None = None,
) -> None:
    """Keep one worker process running until ``stop``; what it logs goes to ``log_file``, else where ours goes.

    It waits for ``ready``: starting beside the API it would take the processor from it, and somebody waits for that.
    """
    wait = FIRST_PAUSE_S
    await ready.wait()
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
            sys.executable, "-m", "entrepot.cli.working", str(os.getpid()),
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
        done, _ = await asyncio.wait([ended], timeout=PATIENCE_S + 1)
        if not done:
            child.kill()
    return await ended
