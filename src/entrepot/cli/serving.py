"""The API in this process: uvicorn on a socket that is open already, ended by an event instead of by signals."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

from entrepot.cli import memory

if TYPE_CHECKING:
    from entrepot.app import App

LAST_ANSWERS_S = 25
"""Requests that are being answered may end; below the 30 s after which most supervisors kill."""

LET_GO_S = 20
"""Writes that still wait for their shop are given back then, and their callers told where to look (202)."""

IDLE_S = 75
"""An idle connection is kept for longer than load balancers keep theirs (60 s): who closes first loses no request."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's business (``running.py``): uvicorn would raise them again at its end."""
        yield


async def serve_api(app: App, listener: socket.socket, stop: asyncio.Event, ready: asyncio.Event) -> None:
    """Answer requests until ``stop``, then finish those in hand and let go of what the API holds. ``ready`` is set when
    the first one can come."""
    web = app.api()
    memory.settle()  # once more: the web framework is imported only now
    server = _Server(uvicorn.Config(
        web, http="httptools", ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=LAST_ANSWERS_S, timeout_keep_alive=IDLE_S,
    ), ready)
    serving = asyncio.create_task(server.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    letting_go = asyncio.create_task(_let_go(app, stop))
    try:
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stop.set()  # a server that ends by itself takes the process with it
        ready.set()
        stopping.cancel()
        letting_go.cancel()
        await app.engine.worker.close()
        await app.engine.kit.close()


async def _let_go(app: App, stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.sleep(LET_GO_S)
    await app.engine.worker.close()
