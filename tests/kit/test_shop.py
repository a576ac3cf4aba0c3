"""A connection's way to its platform: credentials, redirects, counting, budget."""

from __future__ import annotations

from decimal import Decimal

import pytest

from entrepot.errors import OutcomeUnknown, Rejected, Throttled, Transient
from entrepot.kit.testing.replies import answer, redirect, refusal, reset, stall, throttled
from entrepot.kit.testing.scripted import RecordingTransport, ScriptedTransport
from entrepot.kit.transport import Request
from tests.kit.sample import BASE, CANARY, MANIFEST, shop_of

pytestmark = pytest.mark.anyio


async def test_a_call_carries_credentials_and_goes_to_the_shop() -> None:
    platform = ScriptedTransport([answer({"ok": True})])
    shop = shop_of(platform=platform, manifest=MANIFEST.replace("[auth]", 'headers = { "X-Version" = "7" }\n[auth]'))
    reply = await shop.send("PUT", "/things/1", {"price": Decimal("1E+1"), "none": None}, {"a": "b c"})
    assert reply.body == b'{"ok":true}'
    [request] = platform.requests
    assert (request.method, request.origin, request.target) == ("PUT", BASE, "/api/things/1?a=b%20c")
    assert request.body == b'{"price":10,"none":null}'
    assert request.headers["authorization"].startswith("Basic ")
    assert request.headers["content-type"] == "application/json"
    assert (request.headers["x-version"], request.headers["accept"]) == ("7", "application/json")
    assert request.time_limit_s == 30
    assert CANARY not in repr(request)


async def test_calls_and_bytes_are_counted() -> None:
    shop = shop_of(answer({"a": 1}), refusal(404, {"b": 2}), reset())
    await shop.get("/a")
    for _ in range(2):
        with pytest.raises((Rejected, Transient)):
            await shop.get("/a")
    assert (shop.meter.calls, shop.meter.bytes_in, shop.meter.throttled_ms) == (3, 14, 0)


async def test_settings_are_handed_through() -> None:
    assert shop_of().settings == {}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", [
    "/api/other?x=1", "other?x=1", f"{BASE}/api/other?x=1", "//shop.example/api/other?x=1",
])
async def test_a_redirect_within_the_host_is_followed(status: int, location: str) -> None:
    platform = ScriptedTransport([redirect(location, status), answer([1])])
    shop = shop_of(platform=platform)
    assert (await shop.get("/things")).body == b"[1]"
    assert [request.target for request in platform.requests] == ["/api/things", "/api/other?x=1"]
    assert shop.meter.calls == 2


@pytest.mark.parametrize("location", [
    "http://169.254.169.254/", "http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://2130706433/",
    "//evil.example/", "https://evil.example/", "http://shop.example/api", "https://shop.example:8443/",
    "https://shop.example@evil.example", "https://x:y@shop.example/", "ftp://shop.example/", "javascript:alert(1)",
    "https://[", "\\\\evil.example/",
])
async def test_credentials_are_never_carried_elsewhere(location: str) -> None:
    platform = ScriptedTransport([redirect(location)])
    with pytest.raises(Rejected) as caught:
        await shop_of(platform=platform).get("/things")
    assert (caught.value.code, platform.left, len(platform.requests)) == ("operation-denied", 0, 1)


async def test_a_redirect_in_a_circle_ends() -> None:
    platform = ScriptedTransport(lambda _: redirect("/api/things"))
    with pytest.raises(Rejected, match="circle"):
        await shop_of(platform=platform).get("/things")
    assert len(platform.requests) == 5


async def test_a_write_is_sent_again_only_where_the_redirect_keeps_it() -> None:
    platform = ScriptedTransport([redirect("/api/new", 308), answer([1])])
    await shop_of(platform=platform).send("POST", "/old", {"a": 1})
    assert [(request.method, request.body) for request in platform.requests] == [("POST", b'{"a":1}')] * 2
    with pytest.raises(Rejected, match="drops what was sent"):
        await shop_of(redirect("/api/new", 302)).send("POST", "/old", {"a": 1})


async def test_a_redirect_without_an_address_is_an_answer() -> None:
    with pytest.raises(Rejected, match="answered 304"):
        await shop_of(refusal(304)).get("/things")


async def test_a_stalled_call_takes_its_time_limit_and_no_more() -> None:
    platform = ScriptedTransport([stall()])
    with pytest.raises(OutcomeUnknown):
        await shop_of(platform=platform).send("POST", "/things", {})
    assert platform.clock.monotonic() == 30


async def test_after_a_throttle_the_connection_waits_without_calling() -> None:
    platform = ScriptedTransport([throttled(60), answer([1])])
    shop = shop_of(platform=platform)
    for _ in range(3):
        with pytest.raises(Throttled) as caught:
            await shop.get("/things")
        assert (caught.value.until - platform.clock.now()).total_seconds() == 60
    assert len(platform.requests) == 1
    platform.clock.move(61)
    assert (await shop.get("/things")).status == 200


async def test_the_budget_is_waited_for_shortly_then_handed_up() -> None:
    platform = ScriptedTransport(lambda _: answer([1]))
    shop = shop_of(platform=platform)  # 60 a minute: ten at once, then one a second
    for _ in range(20):
        await shop.get("/things")
    assert platform.clock.slept_s == pytest.approx(10)
    assert shop.meter.throttled_ms == 10_000
    slow = shop_of(platform=ScriptedTransport(lambda _: answer([1])),
                   manifest=MANIFEST.replace("per_minute = 60", "per_minute = 2"))
    await slow.get("/things")
    with pytest.raises(Throttled) as caught:
        await slow.get("/things")
    assert "budget" in caught.value.message


async def test_a_script_that_is_too_short_says_so() -> None:
    with pytest.raises(AssertionError, match="GET /api/things came"):
        await shop_of().get("/things")


async def test_a_recorder_keeps_what_passes() -> None:
    recorder = RecordingTransport(ScriptedTransport([answer([1])]))
    asked = Request("GET", BASE, "/things", {})
    assert (await recorder.send(asked)).body == b"[1]"
    assert [(one.request, one.reply.body) for one in recorder.exchanges] == [(asked, b"[1]")]
    await recorder.close()
