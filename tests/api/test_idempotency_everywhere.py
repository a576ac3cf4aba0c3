"""Every call that changes something, with one key twice: one effect and one answer; and with another body: 409.

A new endpoint is met here by itself: its documented body is sent, with ids of this installation in the places of the
documented ones. What its path is about is made anew for it by ``MAKERS``.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from entrepot.api.application import all_endpoints
from entrepot.api.endpoint import Endpoint
from entrepot.app import App, build
from entrepot.engine.context import Engine
from entrepot.settings import load
from entrepot.store import keys
from entrepot.store.core_tables import sync_jobs, syncs
from entrepot.store.edge_tables import idempotency_keys
from entrepot.store.hook_tables import deliveries
from entrepot.store.scope import SYSTEM
from tests.api.house import KEY, Answer, House, shop

pytestmark = pytest.mark.anyio
RECORDS = ("contacts", "items", "orders", "fulfillments", "transactions", "inventories")


@dataclass
class Installation:
    """The product, with one company whose demo shop has been read."""

    app: App
    house: House
    platform: str
    company: int = 0
    connection: int = 0
    known: dict[str, list[dict[str, Any]]] | None = None

    async def asked(self, method: str, path: str, body: object = None) -> Any:
        """The answer of a call that must work."""
        answer = await self.house.call(method, path, body)
        assert answer.status in (200, 202), (method, path, answer.body)
        return answer.json()

    async def connected(self) -> tuple[int, int]:
        """A new company with a shop of its own: its id and the connection's."""
        link = await self.asked("POST", "/v4/core/invite_links", {"integration_categories": ["ECOMMERCE"]})
        company = link["data"]["company"]["rootfi_id"]
        made = await self.asked("POST", "/v4/core/connections", {
            "company_id": company, "integration_type": self.platform,
            "credentials": {"token": "demo-token", "orders": "20"}})
        return company, made["data"]["rootfi_id"]

    async def fill(self) -> None:
        """Read the shop once."""
        if self.known is not None:
            return
        self.company, self.connection = await self.connected()
        await self.asked("POST", "/v4/core/syncs", {
            "company_id": self.company, "integration_type": self.platform, "full_sync": True,
            "data_models_to_sync": []})
        await self.app.engine.worker.drain()
        self.known = {name: (await self.asked("GET", f"/v4/ecommerce/{name}?company_id={self.company}"))["data"]
                      for name in RECORDS}

    def record(self, name: str, *, to_change: bool) -> dict[str, Any]:
        """A record that can be changed, or one that stays and can be referred to; an order can be shipped, and a
        customer is no guest."""
        found = (self.known or {})[{"customers": "contacts", "products": "items"}.get(name, name)]
        open_ones = [one for one in found if one.get("status") != "canceled" and not one.get("fulfillments")]
        return open_ones[-1 if to_change and name == "orders" else 0]


Maker = Callable[[Installation, Endpoint], Awaitable[object]]


async def _webhook(here: Installation, one: Endpoint) -> object:
    version = one.path.split("/")[1]
    example = next(other.body_example for other in endpoints(here.app.engine)
                   if (other.method, other.path) == ("POST", f"/{version}/core/webhooks"))
    made = await here.asked("POST", f"/{version}/core/webhooks", await fitted(here, example))
    made = made.get("data", made)
    return made["id"]


async def _sync(here: Installation, one: Endpoint) -> object:
    company, _ = await here.connected()
    made = await here.asked("POST", "/v4/core/syncs", {
        "company_id": company, "integration_type": here.platform, "full_sync": False, "data_models_to_sync": []})
    ident = made["data"]["sync_id"]
    if one.path.endswith("/retry"):
        with here.app.engine.store.write(SYSTEM) as session:
            inner = session.execute(select(syncs.c.id).where(syncs.c.sync_id == ident)).scalar_one()
            session.execute(update(syncs).where(syncs.c.id == inner).values(status="FAILED", ended_at=1))
            session.execute(update(sync_jobs).where(sync_jobs.c.sync == inner).values(status="FAILED", ended_at=1))
    return ident


async def _delivery(here: Installation, one: Endpoint) -> object:
    """One that failed."""
    webhook = await _webhook(here, one)
    made = (await here.asked("POST", f"/v4/core/webhooks/{webhook}/test"))["data"]["id"]
    with here.app.engine.store.write(SYSTEM) as session:
        session.execute(update(deliveries).where(deliveries.c.delivery_id == made).values(state="FAILED", ended_at=1))
    return made


async def _connection(here: Installation, _: Endpoint) -> object:
    return (await here.connected())[1]


async def _company(here: Installation, _: Endpoint) -> object:
    return (await here.connected())[0]


async def _link(here: Installation, _: Endpoint) -> object:
    made = await here.asked("POST", "/v4/core/invite_links", {"integration_categories": ["ECOMMERCE"]})
    return made["data"]["invite_link_id"]


async def _api_key(here: Installation, _: Endpoint) -> object:
    made = (await here.asked("POST", "/v4/core/api_keys", {"name": "Another", "scopes": ["read"]}))["data"]
    return made.get("rootfi_id") or made["id"]


async def _integration(here: Installation, _: Endpoint) -> object:
    return here.platform


MAKERS: dict[str, Maker] = {
    "webhook_id": _webhook, "sync_id": _sync, "connection_id": _connection, "company_id": _company,
    "invite_link_id": _link, "api_key_id": _api_key, "delivery_id": _delivery, "type": _integration,
    "integration_type": _integration,
}
"""By the name in the path. A new name needs a row: how the thing is made that the path is about."""

SECRETS = ("api_key", "secret", "signing_secret")
REFUSED = {
    "POST /v4/ecommerce/transactions": "the demo shop has no call for it, so nothing happens that could happen twice",
}


def endpoints(engine: Engine) -> list[Endpoint]:
    """Everything that is no GET."""
    return [one for one in all_endpoints(engine) if one.method != "GET"]


async def fitted(here: Installation, value: object, company: int | None = None) -> Any:
    """A documented body with the ids of this installation."""
    if isinstance(value, list):
        return [await fitted(here, one, company) for one in value]
    if not isinstance(value, dict):
        return value
    known = here.known or {}
    firsts = {name: here.record(name, to_change=False)["platform_id"] for name in RECORDS if known.get(name)}
    if "webhook_id" in value:
        value = {**value, "webhook_id": await _webhook(here, endpoints(here.app.engine)[-1])}
    ids: dict[str, object] = {
        "company_id": company or here.company, "connection_id": here.connection, "integration_type": here.platform,
        "customer_id": firsts.get("contacts"), "contact_id": firsts.get("contacts"), "item_id": firsts.get("items"),
        "order_id": firsts.get("orders"), "credentials": {"token": "demo-token", "orders": "20"},
        "params": {},
    }
    return {name: await fitted(here, inner, company) if ids.get(name) is None else ids[name]
            for name, inner in value.items()}


async def address(here: Installation, one: Endpoint) -> str:
    """The path with what it is about made anew."""
    parts = []
    for part in one.path.split("/"):
        if part == "{id}" and "/ecommerce/" in one.path:
            parts.append(str(here.record(one.path.split("/")[3], to_change=True)["rootfi_id"]))
        elif part.startswith("{"):
            assert part[1:-1] in MAKERS, f"{one.path}: say in MAKERS how a {part} is made"
            parts.append(str(await MAKERS[part[1:-1]](here, one)))
        else:
            parts.append(part)
    return "/".join(parts)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A new installation."""
    home = tmp_path_factory.mktemp("home")
    app = build(load({}, home=home, api_key=KEY, log_level="error", rate_limit="100000"))
    with app.engine.store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
    platform = next(kind for kind, found in app.engine.installed.items() if found.manifest.http.simulator)
    yield Installation(app, House(app.api(), app.engine, scope, shop(app.engine.store, scope, None)), platform)
    app.close()


def named(tmp: Path) -> list[str]:
    """Method and path of every endpoint, for the list of tests."""
    app = build(load({}, home=tmp, api_key=KEY, log_level="error"))
    try:
        return [f"{one.method} {one.path}" for one in endpoints(app.engine)]
    finally:
        app.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each endpoint."""
    if "name" in metafunc.fixturenames:
        with tempfile.TemporaryDirectory() as folder:
            metafunc.parametrize("name", named(Path(folder)))


async def send(here: Installation, method: str, path: str, raw: bytes, key: str) -> Answer:
    """A request with a key."""
    return await here.house.call(method, path, raw, headers={
        "api_key": KEY, "content-type": "application/json", "Idempotency-Key": key})


async def test_a_key_has_one_effect(here: Installation, name: str) -> None:
    one = next(one for one in endpoints(here.app.engine) if f"{one.method} {one.path}" == name)
    await here.fill()
    path, key = await address(here, one), f"key-{uuid.uuid4()}"
    company = (await here.connected())[0] if "/core/" in one.path else None
    raw = b"" if one.body is None else msgspec.json.encode(await fitted(here, one.body_example, company))
    first = await send(here, one.method, path, raw, key)
    if name in REFUSED:
        assert first.status == 400, first.body
        return
    assert first.status in (200, 201, 202, 204), first.body
    assert "idempotent-replayed" not in first.headers
    with here.app.engine.store.read(SYSTEM) as session:
        state = session.execute(select(idempotency_keys.c.state).where(idempotency_keys.c.key == key)).scalar()
    assert state == "done", "the endpoint keeps no answer: it goes through none of the ways of api/idempotency.py"
    again = await send(here, one.method, path, raw, key)
    assert again.headers["idempotent-replayed"] == "true"
    if again.status == 409:
        assert secrets_of(first.json()), "only an answer with a secret may not be repeated"
        assert again.error()["field"] == "Idempotency-Key"
    elif first.status != 204 and secrets_of(first.json()):
        assert (again.status, without(again.json())) == (first.status, without(first.json()))
        assert not secrets_of(again.json())
    else:
        assert (again.status, again.body) == (first.status, first.body)
    other = await send(here, one.method, path, raw + b" ", key)
    assert (other.status, other.error()["code"], other.error()["field"]) == (409, "conflict", "Idempotency-Key")


def secrets_of(body: Any) -> list[str]:
    """What an answer shows once: keys, signing secrets, values of custom headers."""
    if isinstance(body, list):
        return [text for one in body for text in secrets_of(one)]
    if not isinstance(body, dict):
        return []
    named = [value for name, value in body.items() if name in SECRETS and isinstance(value, str)]
    headers = body.get("headers")
    if isinstance(headers, dict) and "url" in body:
        named += [value for value in headers.values() if value != "***"]
    return named + [text for one in body.values() for text in secrets_of(one)]


def without(body: Any) -> Any:
    """An answer without them."""
    if isinstance(body, list):
        return [without(one) for one in body]
    if not isinstance(body, dict):
        return body
    return {name: without(value) for name, value in body.items()
            if name not in SECRETS and not (name == "headers" and "url" in body)}
