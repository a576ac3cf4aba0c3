"""The headers that a webhook's owner wants to be sent along. They may hold passwords, so they lie sealed."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from entrepot.engine.context import Engine
from entrepot.errors import ApiError, SetupError, invalid_params
from entrepot.store.webhook_endpoints import WebhookEndpoint

TABLE = "webhook_endpoints"
MASK = "***"
MOST = 50
LONGEST = 4096
"""Characters of one value."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}")
_VALUE = re.compile(r"[\x20-\x7e]*")
_OURS = frozenset({
    "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive",
    "te", "trailer", "upgrade", "expect", "user-agent", "accept-encoding",
})
"""Headers that a delivery sets itself, or that belong to the connection."""
_OPENED = msgspec.json.Decoder(dict[str, str])

Given = Mapping[str, str | int | float | bool]


def seal(engine: Engine, ident: int, headers: Mapping[str, str]) -> bytes:
    """Headers as they lie in the row of that id."""
    return engine.vault.seal(msgspec.json.encode(dict(headers)), table=TABLE, row=ident)


def opened(engine: Engine, endpoint: WebhookEndpoint) -> dict[str, str]:
    """An endpoint's headers. SetupError when no key of the vault opens them."""
    return _OPENED.decode(engine.vault.open(endpoint.sealed_headers, table=TABLE, row=endpoint.id))


def known(engine: Engine, endpoint: WebhookEndpoint) -> dict[str, str]:
    """The same where they are only looked at: none when no key opens them, so that they can be set anew."""
    try:
        return opened(engine, endpoint)
    except SetupError:
        return {}


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The names alone, for whoever may not see what they hold."""
    return dict.fromkeys(headers, MASK)


def checked(given: Given, before: Mapping[str, str]) -> dict[str, str]:
    """The headers as they will be sent. ``***`` keeps the value that one had ``before``. ApiError naming the header."""
    if len(given) > MOST:
        raise invalid_params("headers", f"There are more than {MOST}.")
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            raise invalid_params("headers", f"{name[:100]!r} is no name of a header.")
        if name.lower() in seen:
            raise _wrong(name, "It is there twice.")
        seen.add(name.lower())
        if name.lower() in _OURS or name.lower().startswith(("webhook-", "proxy-")):
            raise _wrong(name, "A delivery sets this one itself; choose another name.")
        found[name] = _value(name, value, before)
    return found


def _value(name: str, value: str | float | bool, before: Mapping[str, str]) -> str:
    text = value.strip(" ") if isinstance(value, str) else msgspec.json.encode(value).decode()
    if len(text) > LONGEST or not _VALUE.fullmatch(text):
        raise _wrong(name, f"Send at most {LONGEST} printable ASCII characters.")
    if text != MASK:
        return text
    if name not in before:
        raise _wrong(name, f"{MASK} stands for a value that is kept, and there is none yet.")
    return before[name]


def _wrong(name: str, hint: str) -> ApiError:
    return invalid_params(f"headers.{name}", hint)
