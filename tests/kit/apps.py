"""Small ASGI apps for the in-process transport; reached by import string."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from entrepot.kit.asgi import Receive, Send

events: list[str] = []
BIG = b'{"rows":[' + b"1," * 200_000 + b"1]}"


async def app(scope: Any, receive: Receive, send: Send) -> None:
    """Answers by path: echo, big page, pieces, an error, a stall, half an answer, nothing."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    path = scope["path"]
    if path == "/error":
        raise RuntimeError(scope["headers"])
    if path == "/stall":
        await receive()
        await receive()
    if path == "/nothing":
        return
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"Content-Type", b"application/json"), (b"x-total", b"7")]})
    if path == "/half":
        return
    for piece in _pieces(path, scope, await receive()):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": BIG if path == "/big" else b""})


def _pieces(path: str, scope: Any, message: Any) -> list[bytes]:
    if path == "/big":
        return []
    if path == "/pieces":
        return [b"[1,", b"2", b",3]"]
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    echo = {key: scope[key] for key in ("method", "path", "scheme", "server", "http_version")}
    raw = {"raw_path": scope["raw_path"].decode(), "query": scope["query_string"].decode()}
    return [json.dumps({**echo, **raw, "headers": headers, "body": message["body"].decode()}).encode()]


async def _lifespan(receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    events.append("startup")
    await asyncio.sleep(0)
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    events.append("shutdown")
    await send({"type": "lifespan.shutdown.complete"})


def create(home: Path, settings: Mapping[str, str]) -> Any:
    """What a manifest names."""
    events.append(f"create {home.name} {dict(settings)}")
    return app


async def plain(scope: Any, receive: Receive, send: Send) -> None:
    """An app that has no lifespan and says so by raising."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


async def failing(scope: Any, receive: Receive, send: Send) -> None:
    """An app that cannot start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no disk"})
