"""Paths and queries below a connection's base URL, so that no id and no link can lead anywhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from entrepot.errors import Rejected

Params = Mapping[str, str | int | Sequence[str]]

# What RFC 3986 allows in a path, and "%" of what is encoded already; "?" and "#" never start a query here.
PATH_SAFE = "/%:@!$&'()*+,;=-._~"
_STEP = re.compile(r"[/\\]")


def path_of(*segments: str | int) -> str:
    """A path from its segments, each quoted whole: ``path_of("admin", "orders", order_id)``."""
    texts = [str(segment) for segment in segments]
    if any(text in ("", ".", "..") for text in texts):
        raise Rejected("An id is empty or no id at all", code="invalid-params")
    return "/" + "/".join(quote(text, safe="") for text in texts)


def query_of(params: Params | None) -> str:
    """``?a=1&b=2`` percent-encoded, a sequence as a repeated key; empty for no parameters."""
    if not params:
        return ""
    pairs: list[tuple[str, str]] = []
    for key, value in params.items():
        if isinstance(value, str | int):
            pairs.append((key, _text(value)))
        else:
            pairs.extend((key, _text(item)) for item in value)
    return "?" + urlencode(pairs, quote_via=quote) if pairs else ""


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def target_of(origin: str, prefix: str, path: str, params: Params | None) -> str:
    """Path and query of a call. ``path`` lies below the prefix, or is a whole link of the same origin.

    Rejected for a link elsewhere and for a path that climbs.
    """
    if path.startswith(("http://", "https://")):
        target = link_target(origin, path)
        if target is None:
            raise Rejected("The platform points to another host, which is not followed", code="operation-denied")
        if params:
            raise Rejected("A whole link takes no parameters", code="invalid-params")
        return target
    below = path if path.startswith("/") else f"/{path}"
    # Encoded slashes count too: a proxy on the way may decode them before it looks for what climbs.
    if any(step in (".", "..") for step in _STEP.split(unquote(below))):
        raise Rejected("The path climbs out of the shop's API", code="invalid-params")
    return quote(prefix + below, safe=PATH_SAFE) + query_of(params)


def link_target(origin: str, link: str, seen_at: str = "/") -> str | None:
    """Path and query of a link when it stays on the origin, else None.

    A link without a host is read relative to ``seen_at``, the path and query of the answer that held it.
    """
    try:
        parts = urlsplit(urljoin(origin + seen_at, link))
        port = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.password is not None or parts.hostname is None or "\\" in link:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = 443 if parts.scheme == "https" else 80
    if f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}") != origin:
        return None
    path = quote(parts.path or "/", safe=PATH_SAFE)
    return path + (f"?{quote(parts.query, safe=PATH_SAFE + '?')}" if parts.query else "")
