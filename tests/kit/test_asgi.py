"""The in-process transport: scope, lifespan, broken apps, limits."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.errors import SetupError
from entrepot.kit.asgi import AsgiTransport, AsgiTransports
from entrepot.kit.transport import NoReply, Request
from tests.kit import apps
from tests.kit.sample import CANARY

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _no_events() -> Iterator[None]:
    apps.events.clear()
    yield
    apps.events.clear()


def request(target: str, method: str = "GET", body: bytes | None = None, **limits: float) -> Request:
    return Request(method, "http://shop.example:81", target, {"authorization": CANARY}, body,
                   limits.get("time_limit_s", 2.0), int(limits.get("answer_limit", 10_000_000)))


async def test_a_request_arrives_as_sent() -> None:
    transport = AsgiTransport(apps.app)
    reply = await transport.send(request("/a%2Fb%C3%A9/c?x=%5B1%5D&y=%20", "POST", b'{"a":1}'))
    await transport.close()
    assert json.loads(reply.body) == {
        "method": "POST", "path": "/a/b\u00e9/c", "raw_path": "/a%2Fb%C3%A9/c", "query": "x=%5B1%5D&y=%20",
        "scheme": "http", "server": ["shop.example", 81], "http_version": "1.1", "body": '{"a":1}',
        "headers": {"host": "shop.example:81", "authorization": CANARY, "content-length": "7"},
    }
    assert (reply.status, reply.headers) == (200, {"content-type": "application/json", "x-total": "7"})


async def test_pages_come_whole() -> None:
    transport = AsgiTransport(apps.app)
    assert (await transport.send(request("/pieces"))).body == b"[1,2,3]"
    big = (await transport.send(request("/big"))).body
    assert big is apps.BIG  # not copied
    await transport.close()


async def test_the_lifespan_starts_once_and_ends() -> None:
    transport = AsgiTransport(apps.app)
    await asyncio.gather(*(transport.send(request("/pieces")) for _ in range(5)))
    assert apps.events == ["startup"]
    await transport.close()
    await transport.close()
    assert apps.events == ["startup", "shutdown"]


async def test_an_app_without_a_lifespan_is_served() -> None:
    transport = AsgiTransport(apps.plain)
    assert (await transport.send(request("/"))).status == 204
    await transport.close()


async def test_an_app_that_cannot_start(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SetupError, match="did not start"):
        await AsgiTransport(apps.failing).send(request("/"))
    assert "no disk" in caplog.text


async def test_what_an_app_raises_is_a_500_and_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport = AsgiTransport(apps.app)
    assert (await transport.send(request("/error"))).status == 500
    assert "RuntimeError at apps.py" in caplog.text
    assert CANARY not in caplog.text
    await transport.close()


@pytest.mark.parametrize(("path", "trouble"), [
    ("/stall", "timeout"), ("/half", "truncated"), ("/nothing", "truncated"), ("/big", "too-large"),
])
async def test_broken_answers(path: str, trouble: str) -> None:
    transport = AsgiTransport(apps.app)
    with pytest.raises(NoReply) as caught:
        await transport.send(request(path, time_limit_s=0.05, answer_limit=1000))
    assert (caught.value.trouble, caught.value.__context__) == (trouble, None)
    await transport.close()


async def test_one_app_for_each_set_of_settings(tmp_path: Path) -> None:
    transports = AsgiTransports(tmp_path)
    first = transports.of("tests.kit.apps:create", {"a": "1", "b": "2"})
    assert transports.of("tests.kit.apps:create", {"b": "2", "a": "1"}) is first
    assert transports.of("tests.kit.apps:create", {}) is not first
    await first.send(request("/pieces"))
    await transports.close()
    assert apps.events == [f"create {tmp_path.name} {{'a': '1', 'b': '2'}}", f"create {tmp_path.name} {{}}", "startup",
                           "shutdown"]


@pytest.mark.parametrize("simulator", ["tests.kit.no_such:create", "tests.kit.apps:no_such"])
def test_a_simulator_that_is_not_there(simulator: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be imported"):
        AsgiTransports(tmp_path).of(simulator, {})
