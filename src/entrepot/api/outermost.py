"""Around the whole application: a request's id, and the headers that every answer carries, whoever gives it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrepot.api.trace import NAME, Trace
from entrepot.clock import now_ms, text_ms

_GIVEN = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")


class Outermost:
    """The ASGI application that is served."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request in with its :class:`Trace`, and put the trace's headers on what comes out."""
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        trace = Trace(_request_id(scope["headers"]))
        scope[NAME] = trace  # type: ignore[literal-required]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_told(trace)]
            await send(message)

        await self._inner(scope, receive, telling)


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
