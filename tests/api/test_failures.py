"""One error body everywhere, whoever refuses; and the door."""

from __future__ import annotations

import msgspec
import pytest

from entrepot.api import failures
from entrepot.api.auth import key_of
from entrepot.errors import ApiError, NotSupported, PlatformFault, Rejected, Throttled, Transient
from entrepot.store import keys
from tests.api.house import AT, KEY, READ_ONLY, House

pytestmark = pytest.mark.anyio
ORDERS = "/v4/ecommerce/orders"


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), [
    ("GET", "/nothing/here", None, 404, "not-found"),
    ("GET", "/v3/ecommerce/orders/5", None, 404, "not-found"),
    ("DELETE", ORDERS, None, 405, "method-not-allowed"),
    ("POST", "/v4/ecommerce/inventories", b"{}", 405, "method-not-allowed"),
    ("POST", ORDERS, b"{not json", 400, "invalid-params"),
    ("POST", ORDERS, b"", 400, "invalid-params"),
    ("POST", ORDERS, b" " * (11 * 1024 * 1024), 413, "too-large"),
    ("POST", ORDERS, {"data": [{}]}, 400, "missing-params"),
    ("PUT", f"{ORDERS}/1", {"data": [{}, {}], "run_async": True}, 400, "invalid-params"),
    ("PUT", f"{ORDERS}/999999", {"data": [{"status": "canceled"}]}, 404, "not-found"),
    ("POST", f"{ORDERS}?colour=red", {"company_id": 1, "data": [{}]}, 400, "invalid-params"),
])
async def test_each_refusal_has_the_body(
    house: House, method: str, path: str, body: object, status: int, code: str,
) -> None:
    answer = await house.call(method, path, body)
    assert (answer.status, answer.error()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/json"


async def test_another_media_type_is_refused(house: House) -> None:
    headers = {"api_key": KEY, "content-type": "application/x-www-form-urlencoded"}
    answer = await house.call("POST", ORDERS, b"a=b", headers=headers)
    assert (answer.status, answer.error()["code"]) == (415, "unsupported-media-type")
    silent = await house.call("POST", ORDERS, b"{}", headers={"api_key": KEY})
    assert silent.error()["field"] == "data"


async def test_a_mistake_of_ours_tells_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("entrepot.api.reading.to_page_query", broken)
    answer = await house.call("GET", ORDERS)
    assert (answer.status, answer.error()["code"]) == (500, "unknown-error")
    assert b"secret" not in answer.body
    assert b"Runtime" not in answer.body


@pytest.mark.parametrize("headers", [
    {"api_key": KEY}, {"x-api-key": KEY}, {"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY} "},
])
async def test_a_key_opens_in_each_header(house: House, headers: dict[str, str]) -> None:
    assert (await house.call("GET", f"{ORDERS}?limit=1", headers=headers)).status == 200


@pytest.mark.parametrize("headers", [
    {}, {"api_key": ""}, {"api_key": "wrong"}, {"authorization": KEY}, {"authorization": f"Basic {KEY}"},
    {"api_key": "x" * 2000}, {"api_key": "\xff"},
])
async def test_nothing_else_opens(house: House, headers: dict[str, str]) -> None:
    for method, path in (("GET", ORDERS), ("POST", ORDERS), ("GET", "/v3/core/syncs"), ("PUT", f"{ORDERS}/1")):
        answer = await house.call(method, path, headers=headers)
        assert (answer.status, answer.error()["code"]) == (401, "unauthorized")


async def test_scopes_confine_a_key(house: House) -> None:
    headers = {"api_key": READ_ONLY}
    assert (await house.call("GET", f"{ORDERS}?limit=1", headers=headers)).status == 200
    for path in (ORDERS, "/v3/core/syncs", "/v3/core/invite_links", "/v4/core/connections"):
        answer = await house.call("POST", path, b"{}", headers=headers)
        assert (answer.status, answer.error()["code"]) == (403, "forbidden")


async def test_a_revoked_key_is_shut(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = empty_house
    monkeypatch.setattr("entrepot.engine.known_keys.KEPT_SECONDS", 0.0)
    assert (await house.call("GET", ORDERS)).status == 200
    with house.engine.store.write(house.scope) as session:
        known = keys.listed(session)[0]
        assert known.last_used_at is not None
        assert keys.revoke(session, known.id)
    assert (await house.call("GET", ORDERS)).status == 401


def test_header_names_do_not_decide_when_empty() -> None:
    assert key_of([(b"api_key", b""), (b"x-api-key", b"k")]) == "k"
    assert key_of([(b"host", b"x")]) is None


@pytest.mark.parametrize(("fault", "status", "code", "field"), [
    (Rejected("no", code="record-already-exists", field="email"), 400, "record-already-exists", "email"),
    (NotSupported("no", field="status"), 400, "operation-denied", "status"),
    (Throttled("wait", until=AT), 429, "platform-denied", None),
    (Transient("gone"), 400, "platform-denied", None),
])
def test_platform_faults_are_told(fault: PlatformFault, status: int, code: str, field: str | None) -> None:
    error = failures.told(fault)
    assert (error.status, error.code, error.field) == (status, code, field)


@pytest.mark.parametrize(("said", "shown"), [('{"a": 1}', {"a": 1}), ("plain", "plain"), (None, None)])
def test_what_the_platform_said_is_json_where_it_is_json(said: str | None, shown: object) -> None:
    body = msgspec.json.decode(failures.error_bytes(ApiError(400, "x", "y", platform_error=said)))
    assert body["error"]["platform_error"] == shown


async def test_health_needs_no_key(house: House) -> None:
    answer = await house.call("GET", "/healthz", headers={})
    assert (answer.status, answer.json()["status"]) == (200, "ok")


@pytest.mark.parametrize(("path", "allowed"), [
    (ORDERS, "GET, OPTIONS, POST"), (f"{ORDERS}/1", "GET, OPTIONS, PUT"), ("/healthz", "GET, OPTIONS"),
])
async def test_a_path_tells_its_methods(house: House, path: str, allowed: str) -> None:
    answer = await house.call("OPTIONS", path, headers={})
    assert (answer.status, answer.headers["allow"], answer.body) == (204, allowed, b"")
    refused = await house.call("DELETE", path)
    known = allowed.replace("OPTIONS, ", "").replace(", OPTIONS", "")
    assert (refused.status, refused.headers["allow"]) == (405, known)
    assert refused.error()["message"].endswith(f"it knows: {known}.")
