"""A receiver of webhooks as anybody would run one: it keeps what came, and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.raw)


@dataclass
class Receiver:
    """What came so far. ``answers`` names the status by path; 204 otherwise."""

    port: int
    got: list[Received] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """An address of it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Received]:
        """What came to one path."""
        return [one for one in list(self.got) if one.path == path]

    def wait_for(self, path: str, fits: Callable[[Received], bool], limit_s: float = 30) -> Received:
        """The first at a path that fits."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            found = next((one for one in self.at(path) if fits(one)), None)
            if found is not None:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{path} got {[one.raw[:200] for one in self.at(path)]}")


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            found.got.append(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, raw))
            status = found.answers.get(self.path, 204)
            self.send_response(status)
            if status != 204:
                self.send_header("content-length", "5")
            self.end_headers()
            if status != 204:
                self.wfile.write(b"later")

        def log_message(self, *args: object) -> None:
            """Nothing: what came is looked at, not read."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
