"""The page and its two scripts as ASGI applications: compressed once, cached long, and shut in by a policy.

The scripts' names carry their hash, so a browser may keep them for good; the page itself is asked for anew each time.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as AsgiScope

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "connect-src 'self'", "img-src 'self' data:", "font-src 'self' data:",
    # Scalar writes style attributes, which no nonce can allow.
    "style-src 'self' 'unsafe-inline'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
))
"""Nothing is loaded from, or told to, another host, whatever the scripts try."""
_YEAR = "public, max-age=31536000, immutable"
_ANEW = "no-cache"
_SCALAR_LENGTH = 16


@dataclass(frozen=True)
class Asset:
    """A file to be served. ``packed`` is it compressed; most callers take that, and what is large is kept only so."""

    kind: str
    packed: bytes
    cache: str

    @cached_property
    def tag(self) -> str:
        """Its ETag."""
        return f'"{hashlib.sha256(self.packed).hexdigest()[:_SCALAR_LENGTH]}"'

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Send it, or say that the caller has it already."""
        asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
        headers = {"content-type": self.kind, "etag": self.tag, "cache-control": self.cache, "vary": "accept-encoding",
                   "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
                   "content-security-policy": POLICY}
        status, body = 200, self.packed
        if self.tag in asked.get(b"if-none-match", ""):
            status, body = 304, b""
        elif "gzip" in asked.get(b"accept-encoding", ""):
            headers["content-encoding"] = "gzip"
        else:
            body = gzip.decompress(self.packed)
        if status == 200:
            headers["content-length"] = str(len(body))
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def assets() -> Iterator[tuple[str, Asset]]:
    """Path and file of everything below /docs."""
    scalar = Asset("text/javascript; charset=utf-8", _read("scalar.js.gz"), _YEAR)
    start = Asset("text/javascript; charset=utf-8", _pack(_read("start.js")), _YEAR)
    names = {"scalar": _named("scalar", scalar), "start": _named("start", start)}
    page = _read("page.html").decode().format(**names)
    yield "/docs", Asset("text/html; charset=utf-8", _pack(page.encode()), _ANEW)
    yield f"/docs/{names['scalar']}", scalar
    yield f"/docs/{names['start']}", start


def handlers() -> list[HTTPRouteHandler]:
    """One route for each; no key is asked for, since the documents are no secret."""
    return [_handler(path, asset) for path, asset in assets()]


def _handler(path: str, asset: Asset) -> HTTPRouteHandler:
    async def handle() -> ASGIApp:
        return asset

    return HTTPRouteHandler(path, http_method="GET", name=f"GET {path}")(handle)


def _named(name: str, asset: Asset) -> str:
    return f"{name}-{asset.tag.strip(chr(34))}.js"


def _read(name: str) -> bytes:
    return (files("entrepot.api.reference") / name).read_bytes()


def _pack(text: bytes) -> bytes:
    return gzip.compress(text, 9, mtime=0)
