"""A platform that answers from a script, and a recorder around a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from entrepot.kit.testing.clock import FakeClock
from entrepot.kit.testing.replies import Line
from entrepot.kit.transport import NoReply, Reply, Request, Transport

Route = Callable[[Request], Line]


class ScriptedTransport:
    """Answers one line of its script after another, or what a function makes of each request; keeps the requests.

    A script that is at its end while requests still come is an AssertionError naming the request.
    """

    def __init__(self, script: Iterable[Line] | Route, clock: FakeClock | None = None) -> None:
        self._route = script if callable(script) else None
        self._lines = [] if callable(script) else list(script)
        self.clock = clock or FakeClock()
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Reply:
        """The next line."""
        self.requests.append(request)
        line = self._route(request) if self._route else self._next(request)
        self.clock.move(request.time_limit_s if line.until_limit else line.takes_s)
        if line.reply is None:
            raise NoReply(line.trouble or "reset", f"scripted: {line.trouble or 'reset'}")
        return line.reply

    async def close(self) -> None:
        """Nothing is held."""

    def _next(self, request: Request) -> Line:
        assert self._lines, f"The script is at its end and {request.method} {request.target} came"  # noqa: S101
        return self._lines.pop(0)

    @property
    def left(self) -> int:
        """Lines that nobody has asked for."""
        return len(self._lines)


@dataclass(frozen=True)
class Exchange:
    """What was asked and what was answered."""

    request: Request
    reply: Reply


class RecordingTransport:
    """Passes everything on to another transport and keeps it, for fixtures. The credentials are in the requests."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.exchanges: list[Exchange] = []

    async def send(self, request: Request) -> Reply:
        """The other transport's reply."""
        reply = await self._inner.send(request)
        self.exchanges.append(Exchange(request, reply))
        return reply

    async def close(self) -> None:
        """Close the other one."""
        await self._inner.close()
