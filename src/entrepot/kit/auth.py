"""The headers that prove who we are, made from the manifest's facts and a connection's opened credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from entrepot.errors import Rejected
from entrepot.kit.manifest import Auth, fill, placeholders


def auth_headers(auth: Auth, values: Mapping[str, str]) -> dict[str, str]:
    """Header name (lower case) to value; empty for kind ``none``. Rejected when no header can carry a value."""
    if auth.kind == "none":
        return {}
    if auth.kind == "basic":
        pair = f"{fill(auth.username, values)}:{fill(auth.password, values)}"
        return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    value = fill(auth.value, values)
    if not (value.isascii() and value.isprintable()):
        raise Rejected("It holds characters that no HTTP header can carry: was more copied than the key itself?",
                       code="invalid-params", field=next(iter(placeholders(auth.value)), None))
    return {"authorization": f"Bearer {value}"} if auth.kind == "bearer" else {auth.header.lower(): value}


def header_secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """What must be redacted of such headers: the value, and it without its scheme."""
    return tuple(part for value in headers.values() for part in (value, value.rpartition(" ")[2]))
