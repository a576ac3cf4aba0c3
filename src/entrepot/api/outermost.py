"""Around the whole application: a request's id, the headers that every answer carries, and what is counted and logged
of a request, whoever answers it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from time import perf_counter

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from entrepot.api.metrics import Requests
from entrepot.api.trace import NAME, Trace
from entrepot.clock import now_ms, text_ms

_GIVEN = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")
_LONGEST_PATH = 300
SECRET_PLACES = ("{invite_link_id}",)
"""Parts of a path that open something by themselves: the log shows the route in the path's place."""

log = structlog.get_logger()


class Outermost:
    """The ASGI application that is served."""

    def __init__(self, inner: ASGIApp, requests: Requests) -> None:
        self._inner = inner
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request in with its :class:`Trace`, and put the trace's headers on what comes out."""
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        began = perf_counter()
        trace = Trace(_request_id(scope["headers"]))
        scope[NAME] = trace  # type: ignore[literal-required]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
                message["headers"] = [*message["headers"], *_told(trace)]
            await send(message)

        requests = self._requests
        requests.in_flight += 1
        # Whatever is logged while the request is answered carries its id, in the threads of the store too.
        bound = bind_contextvars(request_id=trace.request_id)
        try:
            await self._inner(scope, receive, telling)
        finally:
            seconds = perf_counter() - began
            requests.in_flight -= 1
            requests.count(scope["method"], trace.route, trace.status, seconds)
            # Reading is most of it and tells little; what changes something or goes wrong is worth a line.
            tell = log.debug if scope["method"] == "GET" and 200 <= trace.status < 300 else log.info
            tell("request", method=scope["method"], path=_path(scope["path"], trace.route), status=trace.status,
                 ms=round(seconds * 1000, 1), key_id=trace.key_id)
            reset_contextvars(**bound)


def _path(path: str, route: str) -> str:
    """A path that may be shown: without the query, and without what opens something by itself."""
    return route if any(place in route for place in SECRET_PLACES) else path[:_LONGEST_PATH]


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _GIVEN.fullmatch(value):
            return value.decode("ascii")
    return secrets.token_hex(8)


def _told(trace: Trace) -> list[tuple[bytes, bytes]]:
    as_of = text_ms(now_ms() if trace.as_of is None else trace.as_of)
    found = [(b"x-request-id", trace.request_id.encode()), (b"x-entrepot-via", trace.via.encode()),
             (b"x-entrepot-as-of", as_of.encode()), *trace.headers]
    if trace.complete is not None:
        found.append((b"x-entrepot-complete", b"true" if trace.complete else b"false"))
    return found
