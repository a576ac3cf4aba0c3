"""Passthrough against a real demo shop: what goes out, what comes back, what is kept of it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from entrepot.store import call_counts
from tests.api.connected import Connected
from tests.api.house import READ_ONLY, Answer

pytestmark = pytest.mark.anyio


async def passed(shop: Connected, method: str, path: str, version: str = "v4", once: str = "", **more: Any) -> Answer:
    body = {"company_id": shop.company, "data": {"method": method, "path": path, **more}}
    return await shop.call("POST", f"/{version}/core/passthrough", body, **({"idempotency_key": once} if once else {}))


async def calls(shop: Connected, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.ok("GET", f"/v4/core/passthrough_calls{query}")).json()["data"]
    return found


async def test_the_platforms_json_comes_back(connected: Connected) -> None:
    theirs = await connected.shop("GET", "/orders", None, {"size": "2"})
    # Word for word what the published client sends.
    body = {"company_id": connected.company, "data": {
        "method": "GET", "path": "/orders", "headers": {}, "data": {}, "params": {"size": 2}}}
    plain = await connected.ok("POST", "/v3/core/passthrough", body)
    assert list(plain.json()) == ["data"]
    assert plain.json()["data"]["results"] == theirs["results"]
    flat = (await connected.ok("POST", "/v4/core/passthrough", body)).json()
    assert (flat["status"], flat["headers"]["content-type"]) == (200, "application/json")
    assert flat["data"]["results"] == theirs["results"]
    assert plain.headers["x-entrepot-via"] == "live"


async def test_a_write_goes_out_as_it_was_sent(connected: Connected) -> None:
    made = (await passed(connected, "POST", "/buyers", data={"full_name": "Ada", "email": "ada@example.com"})).json()
    assert made["status"] in (200, 201)
    there = await connected.shop("GET", f"/buyers/{made['data']['id']}")
    assert (there["full_name"], there["email"]) == ("Ada", "ada@example.com")
    text = '{"full_name": "Grace"}'
    for encoding, data in (("text", text), ("base64", base64.b64encode(text.encode()).decode())):
        made = (await passed(connected, "POST", "/buyers", data=data, encoding=encoding,
                             headers={"Content-Type": "application/json"})).json()
        assert (await connected.shop("GET", f"/buyers/{made['data']['id']}"))["full_name"] == "Grace"


@pytest.mark.parametrize(("more", "field"), [
    ({"path": "../x"}, "data.path"), ({"path": "https://evil.example/"}, "data.path"),
    ({"method": "T RACE"}, "data.method"),
    ({"headers": {"Authorization": "x"}}, "data.headers.Authorization"), ({"extra": 1}, "data.extra"),
    ({"params": {"a": {"b": 1}}}, "data.params.a"), ({"params": {"a": [[1]]}}, "data.params.a"),
    ({"headers": {"a": 1}}, "data.headers[...]"), ({"encoding": "base64", "data": "!"}, "data.data"),
    ({"encoding": "text", "data": {}}, "data.data"), ({"encoding": "gzip"}, "data.encoding"),
])
async def test_what_cannot_be_sent_is_refused_by_name_and_not_sent(
    connected: Connected, more: dict[str, Any], field: str,
) -> None:
    answer = await passed(connected, **{"method": "POST", "path": "/orders", **more})
    assert answer.status == 400, answer.body
    assert answer.error()["code"] == "invalid-params"
    assert (answer.error()["field"] or "").replace("[...]", "") == field.replace("[...]", "")
    assert await calls(connected) == []


async def test_a_refusal_of_the_platform_is_told_in_its_words(connected: Connected) -> None:
    for version in ("v3", "v4"):
        answer = await passed(connected, "GET", "/orders/none", version)
        assert answer.status == 400
        error = answer.error()
        assert error["code"] == "platform-denied"
        assert error["message"].startswith("The underlying platform denied the request")
        assert error["platform_error"]["status"] == 404
        assert error["platform_error"]["body"]["error"] == "not_found"


async def test_a_429_says_when_to_come_again_and_is_kept_to(connected: Connected) -> None:
    answer = await passed(connected, "GET", "/shop", headers={"X-Shop-Fault": "throttle=7"})
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.error()["platform_error"]["status"] == 429
    again = await passed(connected, "GET", "/shop")
    assert again.status == 429
    assert 1 <= int(again.headers["retry-after"]) <= 7


async def test_texts_and_bytes_have_their_own_form(connected: Connected) -> None:
    answer = (await passed(connected, "GET", "/shop", headers={"X-Shop-Fault": "html"})).json()
    assert answer["data"].startswith("<!DOCTYPE html>")


async def test_it_needs_its_scope_and_the_companys_connection(connected: Connected) -> None:
    body = {"company_id": connected.company, "data": {"method": "GET", "path": "/shop"}}
    denied = await connected.call("POST", "/v3/core/passthrough", body, key=READ_ONLY)
    assert denied.status == 403
    unknown = await connected.call("POST", "/v3/core/passthrough", {**body, "company_id": 2**52})
    assert unknown.status == 404
    huge = await connected.call("POST", "/v3/core/passthrough", {**body, "company_id": 2**70})
    assert huge.status == 400
    second = await connected.connect("second", orders=3)
    several = await connected.call("POST", "/v3/core/passthrough", body)
    assert several.error()["field"] == "connection_id"
    chosen = await connected.ok("POST", "/v3/core/passthrough", {**body, "connection_id": second})
    assert chosen.json()["data"]["orders_so_far"] == 3


async def test_every_call_is_in_the_audit_also_one_that_failed(connected: Connected) -> None:
    with connected.one.engine.store.read(connected.scope) as session:
        before = call_counts.of_connections(session, [connected.connection_id])[connected.connection_id].day
    await passed(connected, "GET", "/orders?size=1")
    await passed(connected, "DELETE", "/orders/demo-token")
    await passed(connected, "POST", "/buyers", data={"full_name": "x"}, headers={"X-Shop-Fault": "reset"})
    rows = await calls(connected)
    assert [(row["method"], row["path"], row["status"]) for row in rows] == [
        ("POST", "/v1/buyers", None), ("DELETE", "/v1/orders/[secret]", rows[1]["status"]), ("GET", "/v1/orders", 200)]
    assert "broke off" in rows[0]["error"]
    assert rows[0]["bytes_out"] == len(b'{"full_name":"x"}')
    assert rows[2]["bytes_in"] > 1000
    assert all(row["request_id"] and row["api_key_id"] for row in rows)
    assert {row["connection_id"] for row in rows} == {connected.connection_id}
    with connected.one.engine.store.read(connected.scope) as session:
        counted = call_counts.of_connections(session, [connected.connection_id])[connected.connection_id].day
    assert counted == before + 3


async def test_the_audit_is_listed_page_by_page(connected: Connected) -> None:
    for _ in range(5):
        await passed(connected, "GET", "/shop")
    whole, seen, cursor = await calls(connected), [], ""
    while True:
        page = (await connected.ok("GET", f"/v4/core/passthrough_calls?limit=2&company_id={connected.company}"
                                   f"&connection_id={connected.connection_id}{cursor}")).json()
        seen += page["data"]
        if page["next"] is None:
            break
        cursor = f"&next={page['next']}"
    assert seen == whole
    assert len(whole) == 5
    assert await calls(connected, f"?company_id={connected.company + 10_000}") == []
    wrong = await connected.call("GET", "/v4/core/passthrough_calls?connection_id=x")
    assert wrong.error()["field"] == "connection_id"


async def test_one_key_takes_effect_once(connected: Connected) -> None:
    data = {"full_name": "Once", "email": "once@example.com"}
    first = await passed(connected, "POST", "/buyers", once="k1", data=data)
    again = await passed(connected, "POST", "/buyers", once="k1", data=data)
    assert again.body == first.body
    assert len(await calls(connected)) == 1
    other = await passed(connected, "POST", "/buyers", once="k1", data={**data, "full_name": "Twice"})
    assert other.status == 409
    lost = await passed(connected, "POST", "/buyers", once="k2", data=data, headers={"X-Shop-Fault": "reset"})
    assert lost.error()["code"] == "unknown-error"
    assert (await passed(connected, "POST", "/buyers", once="k2", data=data,
                         headers={"X-Shop-Fault": "reset"})).status == 409
    assert len(await calls(connected)) == 2, "what may have happened is not sent again"
    gateway = await passed(connected, "POST", "/buyers", once="k3", data=data, headers={"X-Shop-Fault": "lost=504"})
    assert gateway.error()["platform_error"]["status"] == 504
    assert (await passed(connected, "POST", "/buyers", once="k3", data=data,
                         headers={"X-Shop-Fault": "lost=504"})).body == gateway.body
    assert len(await calls(connected)) == 3
