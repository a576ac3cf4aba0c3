"""The exit against real sockets on loopback: which addresses it reaches, what it makes of broken answers."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from entrepot.kit import http
from entrepot.kit.addresses import AllowPrivate, is_public
from entrepot.kit.http import HttpTransport
from entrepot.kit.transport import NoReply, Reply, Request
from tests.kit.sample import CANARY

pytestmark = pytest.mark.anyio
Handler = Callable[[Any], Awaitable[web.StreamResponse]]
EVERYTHING = AllowPrivate(everything=True)


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """A real server; gives its port."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(answer: bytes, *, stall: bool = False, rude: bool = False) -> AsyncIterator[int]:
    """A server that reads a request (unless ``rude``), writes bytes and hangs up (or does not)."""
    done = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not rude:
            await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if stall:
            await done.wait()
        elif not answer:
            writer.transport.abort()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        done.set()
        server.close()
        await server.wait_closed()


async def call(allow: AllowPrivate, url: str, **given: Any) -> Reply:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    request = replace(Request("GET", f"{scheme}://{host}", f"/{path}", {"authorization": f"Bearer {CANARY}"},
                              time_limit_s=2.0), **given)
    transport = HttpTransport(allow)
    try:
        return await transport.send(request)
    finally:
        await transport.close()


async def silence(allow: AllowPrivate, url: str, **given: Any) -> NoReply:
    with pytest.raises(NoReply) as caught:
        await call(allow, url, **given)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert CANARY not in shown
    assert caught.value.__context__ is None
    return caught.value


async def hello(request: web.Request) -> web.Response:
    assert request.headers["authorization"] == f"Bearer {CANARY}"
    return web.json_response({"path": request.path_qs, "body": await request.text()}, headers={"X-Kind": "a"})


async def test_loopback_is_refused_by_default() -> None:
    async with serving(hello) as port:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "0.0.0.0",  # noqa: S104
                     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "017700000001", "127.0.0.1."):
            refused = await silence(AllowPrivate(), f"http://{host}:{port}/")
            assert refused.trouble == "forbidden-address", host
            assert not refused.sent
            assert "ENTREPOT_ALLOW_PRIVATE_HOSTS" in refused.message


@pytest.mark.parametrize("allowed", ["1", "127.0.0.1", "localhost,127.0.0.1"])
async def test_loopback_is_reached_when_allowed(allowed: str) -> None:
    async with serving(hello) as port:
        reply = await call(AllowPrivate.parse(allowed), f"http://127.0.0.1:{port}/a%2Fb?x=%5B1%5D",
                           method="POST", body=b"{}")
    assert reply.status == 200
    assert reply.body == b'{"path": "/a%2Fb?x=%5B1%5D", "body": "{}"}'
    assert reply.headers["x-kind"] == "a"


async def test_a_name_is_judged_by_what_it_resolves_to() -> None:
    async with serving(hello) as port:
        assert (await silence(AllowPrivate(), f"http://localhost:{port}/")).trouble == "forbidden-address"
        assert (await call(AllowPrivate.parse("localhost"), f"http://localhost:{port}/")).status == 200
        assert (await call(AllowPrivate.parse("127.0.0.1"), f"http://localhost:{port}/")).status == 200


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: list[str]) -> list[str]:
    """Make look-ups answer these addresses, one list after another; returns what was asked."""
    asked: list[str] = []
    waiting = list(addresses)

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


async def test_the_address_that_was_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    async def outside(_: web.Request) -> web.Response:
        return web.Response(text="outside")

    async def inside(_: web.Request) -> web.Response:
        return web.Response(text="inside")

    monkeypatch.setattr(http, "is_public", lambda address: address == "127.0.0.2" or is_public(address))
    async with serving(outside, "127.0.0.2") as port, serving(inside, "127.0.0.1", port):
        asked = answers(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
        assert (await call(AllowPrivate(), f"http://rebind.example:{port}/")).body == b"outside"
        assert asked == ["rebind.example"]
        again = await silence(AllowPrivate(), f"http://rebind.example:{port}/")
        assert again.trouble == "forbidden-address"


async def test_of_several_addresses_only_public_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "is_public", lambda address: address == "127.0.0.2")
    async with serving(hello, "127.0.0.1") as port:
        answers(monkeypatch, ["127.0.0.1", "127.0.0.2"])
        assert (await silence(AllowPrivate(), f"http://both.example:{port}/")).trouble == "refused"


async def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert (await silence(AllowPrivate(), "http://nowhere.invalid/")).trouble == "unknown-host"


async def test_redirects_are_handed_up_not_followed() -> None:
    async def move(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.2/secrets")

    async with serving(move) as port:
        reply = await call(EVERYTHING, f"http://127.0.0.1:{port}/")
    assert (reply.status, reply.headers["location"]) == (302, "http://127.0.0.2/secrets")


async def test_gzip_is_taken_and_cookies_are_not_kept() -> None:
    seen: list[str | None] = []

    async def zipped(request: web.Request) -> web.Response:
        seen.append(request.headers.get("cookie"))
        assert "gzip" in request.headers["accept-encoding"]
        return web.Response(body=gzip.compress(b"[1]" * 1000),
                            headers={"content-encoding": "gzip", "set-cookie": "a=b; path=/"})

    transport = HttpTransport(EVERYTHING)
    async with serving(zipped) as port:
        for _ in range(2):
            request = Request("GET", f"http://localhost:{port}", "/", {})
            assert (await transport.send(request)).body == b"[1]" * 1000
        await transport.close()
    assert seen == [None, None]


async def test_connections_are_kept_and_used_again() -> None:
    peers: set[object] = set()

    async def peer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(text="[]")

    transport = HttpTransport(EVERYTHING)
    async with serving(peer) as port:
        for _ in range(5):
            await transport.send(Request("GET", f"http://127.0.0.1:{port}", "/", {}))
        await transport.close()
    assert len(peers) == 1


@pytest.mark.parametrize("how", ["announced", "chunked", "bomb"])
async def test_an_answer_above_the_limit_is_refused(how: str) -> None:
    async def big(request: web.Request) -> web.StreamResponse:
        if how == "announced":
            return web.Response(body=b"x" * 3_000_000)
        if how == "bomb":
            return web.Response(body=gzip.compress(b"x" * 30_000_000), headers={"content-encoding": "gzip"})
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(48):
            await response.write(b"x" * 65536)
        return response

    async with serving(big) as port:
        refused = await silence(EVERYTHING, f"http://127.0.0.1:{port}/", answer_limit=1024 * 1024)
    assert refused.trouble == "too-large"
    assert refused.sent


@pytest.mark.parametrize(("answer", "trouble"), [
    (b"", "reset"),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"rows\":", "truncated"),
    (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "truncated"),
    (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\nabcdefghijklmnopqrst", "truncated"),
    (b"nonsense " + CANARY.encode() + b"\r\n\r\n", "reset"),
])
async def test_broken_answers(answer: bytes, trouble: str) -> None:
    async with raw_server(answer) as port:
        broken = await silence(EVERYTHING, f"http://127.0.0.1:{port}/")
    assert broken.trouble == trouble
    assert broken.sent


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"])
async def test_a_stall_ends_at_the_time_limit(answer: bytes) -> None:
    async with raw_server(answer, stall=True) as port:
        late = await silence(EVERYTHING, f"http://127.0.0.1:{port}/", time_limit_s=0.2)
    assert late.trouble == "timeout"
    assert late.sent
    assert "0.2 s" in late.message


async def test_reading_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_LIMIT_S", 0.1)
    async with raw_server(b"", stall=True) as port:
        assert (await silence(EVERYTHING, f"http://127.0.0.1:{port}/", time_limit_s=30.0)).trouble == "timeout"


async def test_a_connection_that_is_not_taken_in_time_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(5))
    late = await silence(EVERYTHING, "http://slow.example/", time_limit_s=0.2)
    answered.set()
    assert late.trouble == "connect-timeout"
    assert not late.sent


async def test_nothing_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        refused = await silence(EVERYTHING, f"http://127.0.0.1:{port}/")
    assert refused.trouble == "refused"
    assert not refused.sent


async def test_no_tls_where_it_was_promised() -> None:
    async with raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n", rude=True) as port:
        plain = await silence(EVERYTHING, f"https://127.0.0.1:{port}/")
    assert plain.trouble == "certificate"
    assert not plain.sent
