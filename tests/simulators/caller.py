"""Calls the demo shop in this process, as any client of its API would."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from entrepot_simulators.demo import DEFAULT_TOKEN, create
from entrepot_simulators.demo.app import App

Json = dict[str, Any]
DAY = 86_400


class Caller:
    """One shop and its client. Its clock can be set."""

    def __init__(self, home: Path, token: str = DEFAULT_TOKEN, **settings: object) -> None:
        self.app: App = create(home, {name: str(value) for name, value in settings.items()})
        self.token = token

    def raw(
        self, method: str, path: str, query: Mapping[str, object] | None = None, body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, body; status 0 when the connection broke."""
        return asyncio.run(self._send(method, path, query or {}, body, headers or {}))

    async def _send(
        self, method: str, path: str, query: Mapping[str, object], body: object, headers: Mapping[str, str],
    ) -> tuple[int, dict[str, str], bytes]:
        sent: list[Json] = []

        async def receive() -> Json:
            return {"type": "http.request", "body": b"" if body is None else msgspec.json.encode(body)}

        async def send(message: Any) -> None:
            sent.append(message)

        lines = {"authorization": f"Bearer {self.token}", **headers}
        await self.app({
            "type": "http", "method": method, "path": f"/v1{path}", "query_string": urlencode(query).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in lines.items()],
        }, receive, send)
        if not sent:
            return 0, {}, b""
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], answered, sent[1]["body"]

    def call(self, method: str, path: str, body: object = None, **query: object) -> Json:
        """The decoded body of a 2xx answer."""
        status, _, answer = self.raw(method, path, query, body)
        assert 200 <= status < 300, (status, answer)
        found: Json = msgspec.json.decode(answer)
        return found

    def refused(self, method: str, path: str, body: object = None, **query: object) -> tuple[int, Json]:
        """Status and decoded body of anything else."""
        status, _, answer = self.raw(method, path, query, body)
        assert status >= 400, answer
        return status, msgspec.json.decode(answer)

    def pages(self, path: str, **query: object) -> Iterator[Json]:
        """All pages of a list."""
        while True:
            page = self.call("GET", path, **query)
            yield page
            if page["paging"]["next"] is None:
                return
            query["cursor"] = page["paging"]["next"]

    def rows(self, path: str, **query: object) -> list[Json]:
        """All rows of a list."""
        return [row for page in self.pages(path, **query) for row in page["results"]]

    def stop_clock(self) -> None:
        """Let the shop's time stand still until it is advanced."""
        self.call("POST", "/control/clock", {"stopped": True})

    def advance(self, seconds: int) -> str:
        """Let time pass; answers the shop's time before."""
        before: str = self.call("GET", "/shop")["now"]
        self.call("POST", "/control/clock", {"advance_s": seconds})
        return before
