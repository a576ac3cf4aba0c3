"""The door: an API key in a header, and the scopes that it carries."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.api.endpoint import Needs
from entrepot.engine.authenticate import authenticate
from entrepot.engine.context import Engine
from entrepot.errors import ApiError
from entrepot.store.keys import ApiKey

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


class Door:
    """Lets callers in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known = engine.known_keys

    async def caller(self, headers: Iterable[tuple[bytes, bytes]]) -> ApiKey:
        """The key behind the request; ApiError 401 without a good one."""
        text = key_of(headers)
        if text is None:
            raise ApiError(401, "unauthorized", "Send an API key in the header api_key, X-Api-Key, or "
                           "Authorization: Bearer.")
        key = self._known.get(text) or await authenticate(self._engine, text)
        if key is None:
            raise ApiError(401, "unauthorized", "This API key is unknown, revoked or expired.")
        return key


def check_scope(key: ApiKey, needs: Needs) -> None:
    """ApiError 403 when the key may not do this."""
    if not key.may(needs):
        raise ApiError(403, "forbidden", f"This API key lacks the scope {needs}.")
