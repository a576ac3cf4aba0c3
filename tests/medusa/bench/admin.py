"""Medusa's APIs, called as a shop's owner and its buyers call them: the other side of every comparison."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from tests.medusa.bench.place import BenchError

TIMEOUT_S = 60


class Refused(BenchError):
    """Medusa answered with an error status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Door:
    """One way in, with its header."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.url = url
        self._headers = {"content-type": "application/json", **headers}

    def call(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """The decoded answer. Refused for any error status."""
        target = f"{self.url}{path}" + (f"?{urllib.parse.urlencode(query, doseq=True)}" if query else "")
        text = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(target, method=method, data=text, headers=self._headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            said = refusal.read().decode(errors="replace")[:600]
            raise Refused(refusal.code, f"{method} {path}: {refusal.code} {said}") from refusal

    def get(self, path: str, **query: object) -> Any:
        """GET."""
        return self.call("GET", path, **query)

    def post(self, path: str, body: object = None, **query: object) -> Any:
        """POST, with an empty body where there is nothing to say."""
        return self.call("POST", path, {} if body is None else body, **query)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.call("DELETE", path)

    def every(self, path: str, key: str, **query: object) -> Iterator[dict[str, Any]]:
        """All rows of a list."""
        offset = 0
        while True:
            rows = self.get(path, limit=100, offset=offset, order="id", **query)[key]
            yield from rows
            offset += len(rows)
            if len(rows) < 100:
                return


def owner(url: str, email: str, password: str) -> Door:
    """Logged in with a password, as in the admin."""
    token = Door(url, {}).post("/auth/user/emailpass", {"email": email, "password": password})["token"]
    return Door(url, {"authorization": f"Bearer {token}"})


def key_holder(url: str, secret_key: str) -> Door:
    """With a secret API key, as Entrepot comes."""
    pair = base64.b64encode(f"{secret_key}:".encode()).decode()
    return Door(url, {"authorization": f"Basic {pair}"})


def buyer(url: str, publishable_key: str) -> Door:
    """As a storefront."""
    return Door(url, {"x-publishable-api-key": publishable_key})
