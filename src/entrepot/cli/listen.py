"""``entrepot listen``: a webhook's receiver to try things with; it verifies what comes and prints a line for each."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import socket

    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

MOST_BYTES = 10 * 1024 * 1024


def listen(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any that is free.")] = 9000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    secret: Annotated[str, typer.Option(
        envvar="WEBHOOK_SECRET", show_default="nothing is verified",
        help="The webhook's secret, whsec_...: what was signed with another is refused.")] = "",
    body: Annotated[bool, typer.Option("--body", help="Print whole bodies, too.")] = False,
) -> None:
    """Receive webhooks on this machine and print them: one line an event, with whether its signature is right.

    Entrepot calls private addresses only when ENTREPOT_ALLOW_PRIVATE_HOSTS says so (`entrepot demo` may call this
    machine). Ctrl-C stops it.
    """
    from entrepot.cli import listening
    from entrepot.cli.running import run

    _usable(secret)
    listener = listening.listen(host, port)
    run(lambda stop: _listen(listener, _Receiver(secret, whole=body), stop))


def _usable(secret: str) -> None:
    from standardwebhooks import Webhook
    from standardwebhooks.webhooks import EmptyWebhookSecretError

    from entrepot.cli.console import fail

    if not secret:
        return
    try:
        Webhook(secret)
    except (EmptyWebhookSecretError, ValueError, RuntimeError):
        fail("--secret is no webhook secret: send the whole text, whsec_... .")


async def _listen(listener: socket.socket, receiver: _Receiver, stop: asyncio.Event) -> None:
    import uvicorn

    from entrepot.cli.console import say
    from entrepot.cli.listening import url_of

    server = uvicorn.Server(uvicorn.Config(receiver, lifespan="off", ws="none", log_config=None, access_log=False))
    server.capture_signals = _nothing  # type: ignore[method-assign]
    serving = asyncio.create_task(server.serve([listener]))
    say(f"listening at {url_of(listener)}")
    await stop.wait()
    server.should_exit = True
    await serving


class _Receiver:
    """The ASGI application: any path, any method with a body."""

    def __init__(self, secret: str, *, whole: bool) -> None:
        self._secret = secret
        self._whole = whole

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        body = await _read(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, word = self._verdict(headers, body)
        self._print(word, headers, body)
        await send({"type": "http.response.start", "status": status, "headers": [], "trailers": False})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _verdict(self, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        from standardwebhooks import Webhook, WebhookVerificationError

        if not self._secret:
            return 204, "received"
        try:
            Webhook(self._secret).verify(body, headers)
        except (WebhookVerificationError, ValueError) as problem:
            return 401, f"REFUSED ({problem})"
        return 204, "verified"

    def _print(self, word: str, headers: dict[str, str], body: bytes) -> None:
        from entrepot.cli.console import say

        event = _object(body)
        told = [str(event[name]) for name in ("type", "operation", "data_model") if event.get(name)]
        if event.get("initial"):
            told.append("initial")
        say("  ".join([word, *dict.fromkeys(told), headers.get("webhook-id", "without an id")]))
        if self._whole:
            say(json.dumps(event, indent=2) if event else body.decode("utf-8", "replace"))


async def _read(receive: ASGIReceiveCallable) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces)
        size += len(message.get("body", b""))
        if size <= MOST_BYTES:
            pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _nothing() -> Any:
    """Signals are the process's business (``running.py``)."""
    import contextlib

    return contextlib.nullcontext()
