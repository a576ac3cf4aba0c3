"""The door: an API key in a header, and the scopes that it carries."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from entrepot.api.endpoint import Needs
from entrepot.engine.authenticate import authenticate
from entrepot.engine.context import Engine
from entrepot.errors import ApiError
from entrepot.store.keys import ApiKey

KEPT_SECONDS = 3.0
"""A revoked key opens for so long at most. Looking it up each time would cost as much as reading a page."""
_MOST_KEPT = 10_000
_LONGEST = 512
_HEADERS = (b"api_key", b"x-api-key", b"authorization")


def key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key of a request: ``api_key``; ``X-Api-Key`` and ``Authorization: Bearer`` too, since proxies drop headers
    with underscores."""
    found = {name: value for name, value in headers if name in _HEADERS}
    text = found.get(b"api_key") or found.get(b"x-api-key")
    if text is None and found.get(b"authorization", b"")[:7].lower() == b"bearer ":
        text = found[b"authorization"][7:]
    key = text.decode("latin-1").strip() if text else ""
    return key if 0 < len(key) <= _LONGEST else None


APART = frozenset({"credentials"})
"""Scopes that admin does not include: who runs the team's companies need not be able to hand over a shop's keys."""


class Door:
    """Lets callers in. Keeps good keys for a moment, by their text, in this process only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, tuple[float, ApiKey]] = {}

    async def caller(self, headers: Iterable[tuple[bytes, bytes]], needs: Needs) -> ApiKey:
        """The key behind the request; ApiError 401 without a good one, 403 when it may not do this."""
        text = key_of(headers)
        if text is None:
            raise ApiError(401, "unauthorized", "Send an API key in the header api_key, X-Api-Key, or "
                           "Authorization: Bearer.")
        key = self._remembered(text) or await self._look_up(text)
        if needs not in key.scopes and (needs in APART or "admin" not in key.scopes):
            raise ApiError(403, "forbidden", f"This API key lacks the scope {needs}.")
        return key

    def _remembered(self, text: str) -> ApiKey | None:
        kept = self._known.get(text)
        return kept[1] if kept is not None and kept[0] > monotonic() else None

    async def _look_up(self, text: str) -> ApiKey:
        key = await authenticate(self._engine, text)
        if key is None:
            self._known.pop(text, None)
            raise ApiError(401, "unauthorized", "This API key is unknown, revoked or expired.")
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[text] = (monotonic() + KEPT_SECONDS, key)
        return key
