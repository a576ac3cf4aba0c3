"""As much HTTP as the shop needs: a request, a reply, and the shop's own error body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refusal(Exception):
    """The shop says no: status, a word for machines, a sentence for people, and the input that is to blame."""

    def __init__(self, status: int, kind: str, reason: str, at: str | None = None) -> None:
        super().__init__(reason)
        self.status, self.kind, self.reason, self.at = status, kind, reason, at

    def reply(self) -> Reply:
        """As the API answers it: ``{"error", "message", "at"}``."""
        said = {"error": self.kind, "message": self.reason, "at": self.at}
        return Reply(self.status, msgspec.json.encode(said))


@dataclass(frozen=True)
class Request:
    """``query`` holds the last value of each parameter; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"


def request(scope: Scope, body: bytes) -> Request:
    """The request of an ASGI scope."""
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["path"], query, headers, body)


async def read(receive: Receive) -> bytes:
    """The whole body."""
    body = b""
    while True:
        message = await receive()
        piece: bytes = message.get("body", b"")
        body += piece
        if not message.get("more_body"):
            return body


async def answer(send: Send, reply: Reply) -> None:
    """Send a reply, its body in one piece."""
    headers = {"content-type": reply.kind, "content-length": str(len(reply.body)), **reply.headers}
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": lines})
    await send({"type": "http.response.body", "body": reply.body})
