"""One event loop per process, and an orderly end when the operator asks for one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from entrepot.cli import memory

T = TypeVar("T")


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run ``main(stop)``. SIGTERM and SIGINT set ``stop``; a second one ends the process there and then."""
    memory.settle()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_stoppable(main))


async def _stoppable(main: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def asked(code: int) -> None:
        if stop.is_set():
            os._exit(128 + code)  # whoever insists has a reason; leases make it safe
        stop.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, asked, one)
    return await main(stop)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for every system
        return None
    return uvloop.new_event_loop


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, or less when ``stop`` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
