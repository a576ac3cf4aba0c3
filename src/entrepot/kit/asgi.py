"""Talks to an ASGI app in this process: how a connector whose manifest names a simulator reaches it.

No sockets, no HTTP parsing: a page of 300 KB costs some ten microseconds above what the app itself costs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from entrepot.errors import SetupError
from entrepot.kit.transport import NoReply, Reply, Request

# The ASGI specification's own types: messages are untyped mappings at this edge and nowhere above it.
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Factory = Callable[[Path, Mapping[str, str]], App]

_LOG = logging.getLogger(__name__)
_ASGI = {"version": "3.0", "spec_version": "2.3"}


class AsgiTransports:
    """The simulators of this process, one app for each import string and set of form fields."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._transports: dict[tuple[str, tuple[tuple[str, str], ...]], AsgiTransport] = {}

    def of(self, simulator: str, settings: Mapping[str, str]) -> AsgiTransport:
        """The transport to ``package.module:callable``, called with the home directory and the settings."""
        key = (simulator, tuple(sorted(settings.items())))
        if key not in self._transports:
            self._transports[key] = AsgiTransport(_factory(simulator)(self._home, settings))
        return self._transports[key]

    async def close(self) -> None:
        """Shut the apps down."""
        for transport in self._transports.values():
            await transport.close()
        self._transports.clear()


def _factory(simulator: str) -> Factory:
    module, _, name = simulator.partition(":")
    try:
        factory: Factory = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SetupError(f"The simulator {simulator} cannot be imported: {error}") from error
    return factory


class AsgiTransport:
    """Sends requests to one app. Its lifespan starts with the first request and ends with ``close``."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lifespan: _Lifespan | None = None
        self._starting = asyncio.Lock()

    async def send(self, request: Request) -> Reply:
        """The app's reply; what the app raises is a 500, as it would be behind a server. Raises NoReply."""
        if self._lifespan is None:
            await self._start()
        exchange = _Exchange(request)
        try:
            async with asyncio.timeout(request.time_limit_s):
                await self._app(_scope(request), exchange.receive, exchange.send)
        except TimeoutError:
            late = True
        except Exception as error:
            _LOG.error("simulator failed on %s: %s", request.method, _where(error))
            return Reply(500, {"content-type": "application/json"}, b'{"message":"simulator failed"}')
        else:
            late = False
        if late:
            raise NoReply("timeout", f"no whole answer within {request.time_limit_s:g} s")
        return exchange.reply()

    async def close(self) -> None:
        """Run the app's shutdown."""
        if self._lifespan is not None:
            await self._lifespan.stop()
            self._lifespan = None

    async def _start(self) -> None:
        async with self._starting:
            if self._lifespan is None:
                lifespan = _Lifespan(self._app)
                await lifespan.start()
                self._lifespan = lifespan


class _Exchange:
    """One request and what the app sends back."""

    def __init__(self, request: Request) -> None:
        self._limit = request.answer_limit
        self._message: Message = {"type": "http.request", "body": request.body or b"", "more_body": False}
        self._asked = False
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body: bytes = b""
        self._pieces: list[bytes] = []
        self._size = 0
        self._whole = False

    async def receive(self) -> Message:
        if self._asked:
            await asyncio.Event().wait()  # the client never disconnects before its time limit
        self._asked = True
        return self._message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
            self._headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        elif message["type"] == "http.response.body":
            self._take(message.get("body", b""), more=message.get("more_body", False))

    def _take(self, piece: bytes, *, more: bool) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            self._pieces.clear()
            return
        if more or self._pieces:
            self._pieces.append(piece)
        else:
            self._body = piece  # the usual page: one piece, no copy
        self._whole = self._whole or not more

    def reply(self) -> Reply:
        if self._size > self._limit:
            raise NoReply("too-large", f"the answer is larger than {self._limit // 1024 // 1024} MB")
        if self._status == 0 or not self._whole:
            raise NoReply("truncated", "the answer broke off")
        return Reply(self._status, self._headers, b"".join(self._pieces) if self._pieces else bytes(self._body))


class _Lifespan:
    """The lifespan protocol of one app, in a task of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._said: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())
        await self._inbox.put({"type": "lifespan.startup"})
        if await self._said.get() == "lifespan.startup.failed":
            raise SetupError("A simulator did not start; its own message is in the log")

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            await self._inbox.put({"type": "lifespan.shutdown"})
            await self._task

    async def _run(self) -> None:
        try:
            await self._app({"type": "lifespan", "asgi": _ASGI, "state": {}}, self._inbox.get, self._send)
        except Exception as error:
            # The specification: an app that raises on a lifespan scope has none.
            _LOG.debug("simulator has no lifespan: %s", _where(error))
        finally:
            await self._said.put("ended")

    async def _send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.failed":
            _LOG.error("simulator did not start: %s", message.get("message", ""))
        await self._said.put(str(message["type"]))


def _scope(request: Request) -> MutableMapping[str, Any]:
    path, _, query = request.target.partition("?")
    parts = urlsplit(request.origin)
    headers = [(b"host", parts.netloc.encode())]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()]
    if request.body is not None:
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http", "asgi": _ASGI, "http_version": "1.1", "method": request.method, "scheme": parts.scheme,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"), "root_path": "", "headers": headers, "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "", parts.port or 80), "state": {}, "extensions": {},
    }


def _where(error: BaseException) -> str:
    """The kind of an error and its place; never its text, which may hold what was sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place
