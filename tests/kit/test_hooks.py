"""The way out to webhook endpoints, against real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.hooks import ANSWER_BYTES, Hooks
from entrepot.kit.transport import NoReply
from tests.kit.test_http import serving

pytestmark = pytest.mark.anyio
EVERYTHING = AllowPrivate(everything=True)


async def test_what_is_posted_and_what_is_read_of_the_answer() -> None:
    came: list[Any] = []
    peers = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        came.append((request.method, request.raw_path,
                     request.headers["x-own"], await request.read()))
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"x" * 65536)
        return response

    hooks = Hooks(EVERYTHING)
    async with serving(answer) as port:
        url = f"http://127.0.0.1:{port}/in%20box?a=%2F&b"
        replies = [await hooks.post(url, {"x-own": "1"}, b"{}", 5.0) for _ in range(2)]
        await hooks.close()
    assert [(reply.status, len(reply.body)) for reply in replies] == [(200, ANSWER_BYTES)] * 2
    assert came == [("POST", "/in%20box?a=%2F&b", "1", b"{}")] * 2
    assert len(peers) == 2, "a connection with an unread answer is not used again"


async def test_a_redirect_is_an_answer_and_slowness_is_silence() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/slow":
            await asyncio.sleep(5)
        return web.Response(status=307, headers={"location": "http://127.0.0.1:1/"})

    hooks = Hooks(EVERYTHING)
    async with serving(answer) as port:
        assert (await hooks.post(f"http://127.0.0.1:{port}/", {}, b"{}", 5.0)).status == 307
        with pytest.raises(NoReply, match="within"):
            await hooks.post(f"http://127.0.0.1:{port}/slow", {}, b"{}", 0.3)
        await hooks.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest",
                                 "http://2130706433/", "http://localhost/"])
async def test_private_addresses_are_not_called(url: str) -> None:
    hooks = Hooks(AllowPrivate())
    with pytest.raises(NoReply) as refused:
        await hooks.post(url, {}, b"{}", 2.0)
    assert refused.value.trouble == "forbidden-address"
    await hooks.close()


async def test_many_slow_ones_hold_nobody_up() -> None:
    """More at a time than a platform's exit has connections."""
    freed = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/slow":
            await freed.wait()
        return web.Response(status=204)

    hooks = Hooks(EVERYTHING)
    async with serving(answer) as port:
        slow = [asyncio.create_task(hooks.post(f"http://127.0.0.1:{port}/slow", {}, b"{}", 30.0)) for _ in range(600)]
        await asyncio.sleep(0.3)
        assert (await hooks.post(f"http://127.0.0.1:{port}/", {}, b"{}", 3.0)).status == 204
        freed.set()
        assert {reply.status for reply in await asyncio.gather(*slow)} == {204}
        await hooks.close()
