"""Passthrough: one call that the caller wrote, to the connected platform, with the connection's credentials.

The row of the audit is committed before the call is sent, and completed after it: a crash in between leaves a call
without an answer, never an answer without a call.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.errors import PlatformFault, operation_denied
from entrepot.kit import raw
from entrepot.kit.raw import RawAnswer, RawCall
from entrepot.kit.shop import ShopClient
from entrepot.store import call_counts, passthrough_calls
from entrepot.store.connections import Connection
from entrepot.store.scope import Scope
from entrepot.store.store import Session

_ENCODE = msgspec.json.Encoder().encode
SAID_AT_MOST = 2000
"""Characters of an error that the audit keeps, and of a path."""


@dataclass(frozen=True)
class Request:
    """What is to be sent; ``body`` with the type that it has where no header says another."""

    method: str
    path: str
    params: Mapping[str, str | Sequence[str]]
    headers: Mapping[str, str]
    body: tuple[bytes, str] | None


@dataclass(frozen=True)
class Asked:
    """A passthrough call and who made it."""

    company_id: int
    request: Request
    request_id: str
    connection_id: int | None = None
    integration_type: str | None = None
    api_key_id: int | None = None


@dataclass(frozen=True)
class Passed:
    """What the platform answered. ``data`` is JSON: its own, a string for texts, ``{"content_type", "base64"}`` for
    what is neither, null for nothing."""

    platform: str
    status: int
    headers: Mapping[str, str]
    """Those that are safe to show, lower case."""
    wrote: bool
    """Whether the call may have changed something."""
    until: datetime | None
    """Of a 429: when to ask again."""
    answer: RawAnswer

    @property
    def data(self) -> bytes:
        """As described; made when asked for."""
        answer = self.answer
        if answer.form == "json":
            return answer.body
        if answer.form == "text":
            return _ENCODE(answer.body.decode())
        if answer.form == "binary":
            return _ENCODE({"content_type": answer.kind or "application/octet-stream",
                            "base64": base64.b64encode(answer.body).decode()})
        return b"null"


async def pass_through(engine: Engine, scope: Scope, asked: Asked) -> Passed:
    """Send it. Raises ApiError for the connection, Rejected naming what cannot be sent, Throttled for our own budget,
    and Transient or OutcomeUnknown where no answer came."""
    connection = await engine.store.reading(
        scope, lambda session: choose(session, asked.company_id, asked.connection_id, asked.integration_type))
    if connection.sealed is None:
        raise operation_denied("The connection has no credentials; connect the shop again.", field="connection_id")
    shop = engine.shop(connection)
    call = raw.prepare(shop.door, _call(asked.request))
    path = shop.door.redactor.hide(call.path)[:SAID_AT_MOST]
    ident = await engine.store.writing(scope, lambda session: passthrough_calls.begin(
        session, connection.company_id, connection.id, api_key_id=asked.api_key_id, request_id=asked.request_id,
        method=call.method, path=path, bytes_out=len(call.body or b"")))
    began = time.monotonic()
    status: int | None = None
    error: str | None = "interrupted"
    try:
        answer = await raw.send(shop, call)
        status, error = answer.status, None
    except PlatformFault as fault:
        error = fault.message[:SAID_AT_MOST]
        raise
    finally:
        took = round((time.monotonic() - began) * 1000)
        # Noted even when the caller's own time is up, which cancels this task.
        await asyncio.shield(asyncio.create_task(
            engine.store.writing(scope, lambda session: _note(session, shop, connection, ident, status, error, took))))
    return Passed(shop.door.platform, answer.status, answer.headers, call.writes, answer.until, answer)


def _call(asked: Request) -> RawCall:
    body, content_type = asked.body or (None, "")
    return RawCall(asked.method, asked.path, asked.params, asked.headers, body, content_type)


def _note(
    session: Session, shop: ShopClient, connection: Connection, ident: int, status: int | None, error: str | None,
    took_ms: int,
) -> None:
    passthrough_calls.end(session, ident, status=status, error=error, bytes_in=shop.meter.bytes_in, took_ms=took_ms)
    call_counts.add(session, connection.id, shop.meter.calls)

