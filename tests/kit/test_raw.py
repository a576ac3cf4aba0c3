"""Calls that a caller wrote: inside the shop, under its budget, and without its secrets in what comes back."""

from __future__ import annotations

import base64
import gzip
import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from entrepot.errors import OutcomeUnknown, Rejected, Throttled, Transient
from entrepot.kit import raw
from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.connection import Access, Kit
from entrepot.kit.raw import RawAnswer, RawCall
from entrepot.kit.shop import ShopClient
from entrepot.kit.testing.replies import Line, answer, connection_refused, redirect, refusal, reset, throttled
from entrepot.kit.testing.scripted import ScriptedTransport
from entrepot.kit.transport import Reply, Request
from tests.kit.sample import BASE, CANARY, MANIFEST, sample, shop_of
from tests.kit.test_http import serving

pytestmark = pytest.mark.anyio
PAIR = base64.b64encode(f"{CANARY}:".encode()).decode()


async def go(shop: ShopClient, method: str = "GET", path: str = "/things", **more: Any) -> RawAnswer:
    return await raw.send(shop, raw.prepare(shop.door, RawCall(method, path, **more)))


async def test_it_goes_below_the_base_url_with_the_credentials_and_what_was_given() -> None:
    platform = ScriptedTransport([answer([1])])
    shop = shop_of(platform=platform)
    found = await go(shop, "patch", "/things/a b?x=1", params={"y": "ü", "z": ["1", "2"], "t": True},
                     headers={"X-Version": "7", "Content-Type": "application/vnd.api+json"}, body=b'{"price": 1.10}')
    assert (found.status, found.form, found.body) == (200, "json", b"[1]")
    [request] = platform.requests
    assert (request.method, request.origin) == ("PATCH", BASE)
    assert request.target == "/api/things/a%20b?x=1&y=%C3%BC&z=1&z=2&t=true"
    assert request.body == b'{"price": 1.10}'
    assert request.headers["authorization"] == f"Basic {PAIR}"
    assert (request.headers["x-version"], request.headers["content-type"]) == ("7", "application/vnd.api+json")
    assert (request.time_limit_s, shop.meter.calls) == (30, 1)


@pytest.mark.parametrize("path", [
    "../x", "/a/../../x", "/%2e%2e/x", "/a/%2E%2E%2Fb", "/..%2f..%2fx", "/a/..%5cb", "//evil.example/x", "/a#b",
    "/a\\b", "/a\nb", "https://evil.example/x", "http://shop.example/x", "https://shop.example@evil.example/", "https://[",
    "https://shop.example:8443/x",
])
async def test_no_path_leads_out_of_the_shop(path: str) -> None:
    platform = ScriptedTransport(lambda _: answer([1]))
    with pytest.raises(Rejected) as caught:
        await go(shop_of(platform=platform), path=path)
    assert caught.value.field == "path"
    assert not platform.requests


async def test_a_link_of_the_same_origin_is_taken_with_its_query() -> None:
    platform = ScriptedTransport([answer([1])])
    await go(shop_of(platform=platform), path=f"{BASE}/api/things?page=2&q=a%20b")
    assert platform.requests[0].target == "/api/things?page=2&q=a%20b"


@pytest.mark.parametrize("name", [
    "Authorization", "COOKIE", "host", "Content-Length", "transfer-encoding", "Connection", "Proxy-Authorization",
    "X-Forwarded-For", "X-HTTP-Method-Override", "accept-encoding", "bad name", "", "a:b",
])
async def test_headers_that_are_the_connections_are_refused_by_name(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        await go(shop_of(), headers={name: "x"})
    assert (caught.value.code, caught.value.field) == ("invalid-params", f"headers.{name}")


async def test_the_header_that_carries_the_key_of_this_platform_is_refused_too() -> None:
    manifest = MANIFEST.replace('"basic"', '"header"\nheader = "X-Shop-Key"\nvalue = "{secret_key}"').replace(
        'username = "{secret_key}"', "")
    with pytest.raises(Rejected) as caught:
        await go(shop_of(manifest=manifest), headers={"x-shop-key": "mine"})
    assert caught.value.field == "headers.x-shop-key"


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\x00", "ü"])
async def test_no_value_breaks_out_of_its_header(value: str) -> None:
    with pytest.raises(Rejected):
        await go(shop_of(), headers={"x-a": value})


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "GE T", "", "G3T", "A" * 17, "GET\r\n"])
async def test_a_method_is_a_word(method: str) -> None:
    with pytest.raises(Rejected) as caught:
        await go(shop_of(), method)
    assert caught.value.field == "method"


@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 401, 404, 409, 422, 500, 503])
async def test_no_status_is_judged(status: int) -> None:
    found = await go(shop_of(refusal(status, {"a": 1})))
    assert (found.status, found.body) == (status, b'{"a":1}')


async def test_after_a_429_nothing_of_the_connection_calls_before_its_time() -> None:
    platform = ScriptedTransport([throttled(60)])
    shop = shop_of(platform=platform)
    found = await go(shop)
    assert found.until is not None
    assert (found.until - platform.clock.now()).total_seconds() == 60
    for _ in range(2):
        with pytest.raises(Throttled):
            await go(shop)
    with pytest.raises(Throttled):
        await shop.get("/things")


async def test_silence_is_an_unknown_outcome_only_where_something_may_have_happened() -> None:
    with pytest.raises(OutcomeUnknown):
        await go(shop_of(reset()), "POST")
    with pytest.raises(Transient):
        await go(shop_of(reset()), "GET")
    with pytest.raises(Transient):
        await go(shop_of(connection_refused()), "POST")


async def test_redirects_are_followed_for_reads_on_the_same_origin_only() -> None:
    platform = ScriptedTransport([redirect("/api/other?x=1"), answer([1])])
    assert (await go(shop_of(platform=platform))).body == b"[1]"
    assert platform.requests[1].target == "/api/other?x=1"
    for line in (redirect("https://evil.example/"), redirect("http://169.254.169.254/")):
        platform = ScriptedTransport([line])
        assert (await go(shop_of(platform=platform))).status == 302
        assert len(platform.requests) == 1
    for method in ("POST", "PUT", "DELETE"):
        assert (await go(shop_of(redirect("/api/other")), method)).status == 302
    circle = ScriptedTransport(lambda _: redirect("/api/things"))
    assert (await go(shop_of(platform=circle))).status == 302
    assert len(circle.requests) == raw.HOPS


@pytest.mark.parametrize(("kind", "body", "form", "shown"), [
    ("application/json", b'\xef\xbb\xbf{"a": 1.10, "a": 2}', "json", b'{"a": 1.10, "a": 2}'),
    ("", b"[1]", "json", b"[1]"),
    ("application/json", b'{"a": ', "text", b'{"a": '),
    ("application/json", b'{"a": "\xff"}', "binary", b'{"a": "\xff"}'),
    ("text/csv; charset=iso-8859-1", b"caf\xe9", "text", "café".encode()),
    ("text/plain; charset=rot13", b"abc", "text", b"abc"),
    ("application/xml", b"<a/>", "text", b"<a/>"),
    ("application/x-ndjson", b"{}\n{}", "text", b"{}\n{}"),
    ("image/png", b"\x89PNG\x00", "binary", b"\x89PNG\x00"),
    ("text/plain", b"\xff\xfe", "binary", b"\xff\xfe"),
    ("application/json", b"", "nothing", b""),
    ("application/json", b"[" * 100_000, "text", b"[" * 100_000),
])
async def test_a_body_is_json_text_or_bytes(kind: str, body: bytes, form: str, shown: bytes) -> None:
    headers = {"content-type": kind} if kind else {}
    found = await go(shop_of(Line(Reply(200, headers, body))))
    assert (found.form, found.body) == (form, shown)


async def test_only_safe_headers_are_shown() -> None:
    found = await go(shop_of(answer([], headers={
        "set-cookie": "a=b", "www-authenticate": "x", "server": "x", "x-powered-by": "x", "authorization": "x",
        "etag": '"1"', "link": "<x>; rel=next", "x-ratelimit-remaining": "9", "retry-after": "1", "x-request-id": "r",
        "x-wp-total": "7", "x-shop-api-call-limit": "1/40", "location": f"/x?key={CANARY}"})))
    assert set(found.headers) == {"content-type", "etag", "link", "x-ratelimit-remaining", "retry-after",
                                  "x-request-id", "x-wp-total", "x-shop-api-call-limit", "location"}
    assert CANARY not in found.headers["location"]


FORMS = (CANARY, PAIR, f"Basic {PAIR}", urllib.parse.quote(CANARY, safe=""), urllib.parse.quote_plus(CANARY),
         base64.b64encode(CANARY.encode()).decode(), CANARY.upper(), CANARY[:20] + "...")


@pytest.mark.parametrize("form", FORMS)
async def test_a_platform_that_echoes_everything_gives_no_secret_back(form: str) -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in form).encode()
    for kind, body in (
        ("application/json", json.dumps({"a": [{"b": f"x {form} y"}], form: 1}).encode()),
        ("application/json", b'{"a": "' + escaped + b'"}'),
        ("application/json", json.dumps({"a": form}).replace("/", "\\/").encode()),
        ("application/json", json.dumps({"a": json.dumps({"b": form}).replace("/", "\\/")}).encode()),
        ("text/plain", f"key {form}".encode()), ("text/html", f"<b>{form}</b>".encode()),
        ("text/plain; charset=utf-16", form.encode("utf-16")),
        ("application/octet-stream", b"\xff\x00" + form.encode() + b"\xff"),
    ):
        found = await go(shop_of(Line(Reply(200, {"content-type": kind, "x-request-id": form}, body))))
        told = found.body + json.dumps(dict(found.headers)).encode()
        for trace in (CANARY[:20], PAIR[:16], urllib.parse.quote(CANARY, safe="")[:24]):
            assert trace.lower().encode() not in told.lower(), (kind, told)
        if found.form == "json":
            text = json.dumps(json.loads(found.body))
            assert CANARY.lower()[:20] not in text.lower()


async def test_what_holds_no_secret_comes_back_byte_for_byte() -> None:
    body = b'{ "title" : "Basic Sweatshirt-and-more Bearer abcdefghijklmnop", "token":"cart_1", "n": 1.100000000001 }'
    assert (await go(shop_of(answer(body)))).body == body


async def test_against_a_real_server_that_echoes_everything() -> None:
    async def echo(request: Any) -> web.Response:
        body = json.dumps({"method": request.method, "path": request.path_qs, "headers": dict(request.headers),
                           "body": (await request.read()).decode()}).encode()
        return web.Response(body=gzip.compress(body), headers={
            "content-encoding": "gzip", "content-type": "application/json", "link": request.headers["authorization"]})

    one = sample()
    kit = Kit({"SAMPLE": one}, allow_private=AllowPrivate(everything=True), home=Path("unused"))
    async with serving(echo) as port:
        shop = kit.shop(Access("SAMPLE", {"base_url": f"http://127.0.0.1:{port}", "secret_key": CANARY}, {}))
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            found = await go(shop, method, f"/x/{urllib.parse.quote(CANARY, safe='')}", body=b'{"a":1}')
            told = json.loads(found.body)
            assert (told["method"], told["body"]) == (method, '{"a":1}')
            assert told["path"].startswith("/api/x/")
            assert CANARY not in str(told)
            assert PAIR not in found.body.decode() + found.headers["link"]
        head = await go(shop, "HEAD")
        assert (head.status, head.form) == (200, "nothing")
    await kit.close()


def test_what_is_prepared_does_not_show_its_credentials() -> None:
    shop = shop_of()
    prepared = raw.prepare(shop.door, RawCall("GET", "/a"))
    assert PAIR not in repr(prepared)
    assert isinstance(shop.request("GET", "/a", {}, None), Request)
