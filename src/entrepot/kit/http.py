"""The only exit to the network: aiohttp, with every address checked before it is connected to.

The resolver hands aiohttp the addresses that it has checked, so a name that answers differently the second time gains
nothing. Redirects are not followed here, cookies are not kept, proxies of the environment are not used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from isal import isal_zlib
from yarl import URL

from entrepot.kit.addresses import AllowPrivate, is_public
from entrepot.kit.transport import NoReply, Reply, Request, Trouble

CONNECT_LIMIT_S = 10.0
READ_LIMIT_S = 20.0
"""Between two pieces of an answer."""
# Node closes idle connections after 5 s; a request must not meet a connection that is just being closed.
_KEEP_ALIVE_S = 4.0
CONNECTIONS = 512
LOOKUPS = 8
_READ_BUFFER = 256 * 1024
# What the operating system would read as an IPv4 address although it is not written as one (127.1, 0x7f000001).
_NUMBER_LIKE = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


class ForbiddenAddress(OSError):
    """The host leads into a private network and the operator has not allowed that."""


class CheckedResolver(AbstractResolver):
    """Resolves names to public addresses, and to private ones only where the operator allows it."""

    def __init__(self, allow: AllowPrivate, lookups: int = LOOKUPS) -> None:
        self._allow = allow
        # Threads of its own: a name server that hangs must not hold up what else the process does in threads.
        self._threads = ThreadPoolExecutor(lookups, thread_name_prefix="lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host that may be connected to; ForbiddenAddress when it has only others."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM))
        usable = [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol,
                          flags=socket.AI_NUMERICHOST)
            for kind, _, protocol, _, address in found
            if may_reach(self._allow, host, str(address[0]))
        ]
        if not usable:
            raise ForbiddenAddress(host)
        return usable

    async def close(self) -> None:
        """Let go of the threads; a look-up under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def may_reach(allow: AllowPrivate, host: str, address: str) -> bool:
    """Whether a connection to that address, for that host, may be made."""
    return is_public(address) or allow.covers(host, address)


class HttpTransport:
    """Sends requests over the network. One per process; the session is made on first use."""

    def __init__(self, allow: AllowPrivate, connections: int = CONNECTIONS, lookups: int = LOOKUPS) -> None:
        """At most so many connections, and names looked up, at a time; 0 connections: as many as are asked for."""
        self._allow = allow
        self._connections = connections
        self._lookups = lookups
        self._resolver: CheckedResolver | None = None
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Reply:
        """The reply of the network. Raises NoReply."""
        host = urlsplit(request.origin).hostname or ""
        if not self._may_name(host):
            raise NoReply("forbidden-address", _forbidden(host))
        try:
            return await self._send(request)
        except _TooLarge:
            silence = NoReply("too-large", f"the answer is larger than {request.answer_limit // 1024 // 1024} MB")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            silence = _silence(error, host, request.time_limit_s)
        raise silence  # aiohttp's errors carry the request's headers: none of them is chained

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None

    def _may_name(self, host: str) -> bool:
        # aiohttp does not ask the resolver about hosts that are written as addresses.
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return self._allow.covers(host) or not _NUMBER_LIKE.fullmatch(host)
        return may_reach(self._allow, host, host)

    async def _send(self, request: Request) -> Reply:
        session = self._session or self._open()
        async with session.request(
            request.method, URL(request.origin + request.target, encoded=True), headers=request.headers,
            data=request.body, allow_redirects=False, timeout=_limits(request.time_limit_s),
        ) as response:
            body = await _read(response, request.answer_limit, cut=request.cut)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, headers, body)

    def _open(self) -> aiohttp.ClientSession:
        aiohttp.set_zlib_backend(isal_zlib)  # decompresses about three times as fast
        self._resolver = CheckedResolver(self._allow, self._lookups)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver, limit=self._connections, keepalive_timeout=_KEEP_ALIVE_S,
            ttl_dns_cache=10,
        )
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, read_bufsize=_READ_BUFFER,
            headers={"user-agent": "Entrepot"}, raise_for_status=False,
        )
        return self._session


class _TooLarge(Exception):
    pass


def _limits(total: float) -> aiohttp.ClientTimeout:
    # Connecting must end before the whole does: then a time-out of the whole means that the request was sent.
    connect = min(CONNECT_LIMIT_S, total / 2)
    return aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=READ_LIMIT_S)


async def _read(response: aiohttp.ClientResponse, limit: int, *, cut: bool) -> bytes:
    if (response.content_length or 0) > limit and not cut:
        raise _TooLarge
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > limit:
            if not cut:
                raise _TooLarge
            # The rest is never read: a connection with an unread answer is closed when it is let go.
            pieces.append(piece[:limit - size])
            break
        pieces.append(piece)
    return b"".join(pieces)


def _forbidden(host: str) -> str:
    return (f"{host} is inside a private network, which is not called. If it is your own shop, start Entrepot with "
            f"ENTREPOT_ALLOW_PRIVATE_HOSTS={host}")


def _silence(error: Exception, host: str, limit_s: float) -> NoReply:
    trouble, message = _trouble(error)
    if trouble == "forbidden-address":
        message = _forbidden(host)
    if trouble == "timeout":
        message = f"no whole answer within {limit_s:g} s"
    return NoReply(trouble, message)


def _trouble(error: Exception) -> tuple[Trouble, str]:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        if isinstance(error.os_error, ForbiddenAddress):
            return "forbidden-address", ""
        return "unknown-host", "the host's name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "certificate", "the host's certificate is not valid"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "refused", "the connection was refused"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "connect-timeout", "the host did not take the connection in time"
    if isinstance(error, TimeoutError):
        return "timeout", ""
    if isinstance(error, aiohttp.InvalidURL):
        return "unknown-host", "the address cannot be called"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "truncated", "the answer broke off"
    return "reset", "the connection was lost before the answer came"
