"""A client of the API as anybody would write one: one connection, JSON, cursors followed.

Every answer that any test gets through it is compared with the documents.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from tests.end_to_end.documented import documents

Json = dict[str, Any]
IDLE_S = 3.0
"""A connection that was idle for so long may be closed by the server at any moment."""


@dataclass(frozen=True)
class Answer:
    """Status and raw body."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body, numbers exact."""
        return json.loads(self.body, parse_float=Decimal)

    def ok(self, status: int = 200) -> Any:
        """The body of an answer that went as it should."""
        assert self.status == status, self.body[:2000]
        return self.json

    def error(self, status: int = 400) -> Json:
        """The error, which always has the same four fields."""
        assert self.status == status, self.body[:2000]
        found: Json = self.json["error"]
        assert list(found) == ["code", "message", "field", "platform_error"]
        return found


class Api:
    """Calls with one key over one connection; one for each thread."""

    def __init__(self, port: int, key: str | None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
        self._used = time.monotonic()
        self.port = port
        self.key = key

    def with_key(self, key: str | None) -> Api:
        """The same server for somebody else."""
        return Api(self.port, key)

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """One call; ``path`` with its query as it goes over the wire."""
        given = {"api_key": self.key} if self.key else {}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body, default=str).encode()
        if data is not None:
            given["content-type"] = "application/json"
        if time.monotonic() - self._used > IDLE_S:
            self._connection.close()
        try:
            self._connection.request(method, path, data, {**given, **(headers or {})})
            reply = self._connection.getresponse()
            answer = Answer(reply.status, reply.read())
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise
        finally:
            self._used = time.monotonic()
        if path.startswith("/v"):
            fault = documents(self.port).fault(method, path, answer.status, answer.body)
            assert fault is None, f"{method} {path} is not answered as documented: {fault}\n{answer.body[:1000]!r}"
        return answer

    def get(self, path: str, **params: object) -> Any:
        """The JSON of a 200."""
        return self.ask(path, params).ok()

    def ask(self, path: str, params: Json) -> Answer:
        """A GET; a parameter may be named ``total_amount[gte]``."""
        query = urlencode({name: _text(value) for name, value in params.items()}, quote_via=quote)
        return self.send("GET", f"{path}?{query}" if query else path)

    def post(self, path: str, body: object) -> Answer:
        """A POST."""
        return self.send("POST", path, body)

    def put(self, path: str, body: object) -> Answer:
        """A PUT."""
        return self.send("PUT", path, body)

    def pages(self, path: str, params: Json, direction: str = "next", start: str | None = None) -> Iterator[Json]:
        """Pages in one direction until there is no cursor any more."""
        cursor = start
        while True:
            page: Json = self.get(path, **params, **({direction: cursor} if cursor else {}))
            yield page
            cursor = page[direction]
            if not cursor:
                return

    def rows(self, path: str, **params: object) -> list[Json]:
        """All records of a list."""
        return [row for page in self.pages(path, {"limit": 1000, **params}) for row in page["data"]]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
