"""Where a webhook may be sent: the parts of an address that can be judged without asking the network.

What a name resolves to is judged again at every delivery; this is the answer that comes while somebody is there to
read it.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from entrepot.errors import ApiError, invalid_params
from entrepot.kit.addresses import AllowPrivate, is_public
from entrepot.settings import Settings

LONGEST = 2000
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?",
                   re.IGNORECASE)
_NUMERIC = re.compile(r"(\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)
"""A last label that makes browsers, and the system's resolver, read the whole name as a number: 127.1, 0x7f000001."""
_PLAIN = re.compile(r"[\x21-\x7e]+")


def check(settings: Settings, url: str) -> None:
    """ApiError naming ``url`` for an address that nothing can be, or may be, delivered to."""
    if len(url) > LONGEST:
        raise _wrong(f"It is longer than {LONGEST} characters.")
    if not _PLAIN.fullmatch(url) or "\\" in url:
        raise _wrong("Send a web address in visible ASCII characters, percent-encoded, its host in its xn-- form.")
    host = _host_of(url)
    address = _literal(host)
    if address is None and not _NAME.fullmatch(host):
        raise _wrong(f"{host[:100]} is no name of a host.")
    if address is None and not _is_local(host):
        return
    if address is not None and is_public(address):
        return
    if not AllowPrivate.parse(settings.allow_private_hosts).covers(host, address or ""):
        raise ApiError(
            400, "invalid-params", f"Invalid field: url. {host} is a private address. Who runs this installation can "
            f"allow it: ENTREPOT_ALLOW_PRIVATE_HOSTS={host}.", field="url")


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise _wrong("It is no web address; send https://hooks.example.com/entrepot say.") from None
    if parts.scheme not in ("http", "https") or not host or not parts.netloc:
        raise _wrong("Send a whole address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise _wrong("It holds a user or password. Send those as a header: {\"Authorization\": \"Basic ...\"}.")
    if port == 0:
        raise _wrong("0 is no port.")
    if "#" in url:
        raise _wrong("What follows a # never reaches a server; leave it out.")
    return host


def _literal(host: str) -> str | None:
    """The host as an IP address, None for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    if ":" in host or _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise _wrong(f"{host[:100]} is no IP address in its usual form.")
    return None


def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def _wrong(hint: str) -> ApiError:
    return invalid_params("url", hint)
