"""Two organisations with two environments each on one installation, filled with everything that the product keeps, so
that a test may try to reach from one into another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, false, or_, select

from entrepot.app import App, build
from entrepot.settings import load
from entrepot.store import keys, organisations
from entrepot.store.all_tables import metadata
from entrepot.store.core_tables import companies, connections
from entrepot.store.hook_tables import deliveries, webhook_endpoints
from entrepot.store.keys import ALL_SCOPES
from entrepot.store.organisations import EnvironmentName
from entrepot.store.records import Target
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Session
from entrepot.vault import api_keys
from tests.api.house import Answer, House

ORDERS = "6"
NOBODYS = {"schedules", "sequences"}
"""Tables that belong to no organisation."""
Rows = dict[str, list[tuple[object, ...]]]


@dataclass
class Place:
    """One environment of one organisation. ``mark`` stands in everything that has a name there."""

    mark: str
    key: str
    scope: Scope
    house: House
    platform: str
    company: int = 0
    """Connected and synced."""
    connection: int = 0

    @property
    def interval(self) -> int:
        """Every how many days its connections are to be read; another number in each place."""
        return len(self.mark)

    async def call(self, method: str, path: str, body: object = None, once: str = "") -> Answer:
        """A request with this place's key."""
        headers = {"api_key": self.key, "content-type": "application/json"}
        return await self.house.call(method, path, body, headers=headers | ({"idempotency-key": once} if once else {}))

    async def asked(self, method: str, path: str, body: object = None, once: str = "") -> Any:
        """The answer of a call that must work."""
        answer = await self.call(method, path, body, once)
        assert answer.status in (200, 202), (method, path, answer.body)
        return answer.json()

    async def connected(self, name: str) -> tuple[int, int]:
        """A new company with a shop of its own."""
        link = await self.asked("POST", "/v4/core/invite_links", {
            "company_name": f"{self.mark} {name}", "integration_categories": ["ECOMMERCE"]}, once=f"link-{name}")
        company = int(link["data"]["company"]["rootfi_id"])
        made = await self.asked("POST", "/v4/core/connections", {
            "company_id": company, "integration_type": self.platform,
            "credentials": {"token": "demo-token", "shop": f"{self.mark}-{name}", "orders": ORDERS}})
        return company, int(made["data"]["rootfi_id"])

    async def fill(self) -> None:
        """A synced company, one that was never read, one that was deleted; a webhook, a delivery, a key, an audit."""
        self.company, self.connection = await self.connected("first")
        await self.asked("POST", "/v4/core/syncs", {
            "company_id": self.company, "integration_type": self.platform, "full_sync": True,
            "data_models_to_sync": []})
        await self.house.engine.worker.drain()
        await self.connected("unread")
        gone, _ = await self.connected("gone")
        await self.asked("DELETE", f"/v4/core/companies/{gone}")
        await self.asked("POST", "/v4/core/passthrough", {
            "company_id": self.company, "data": {"method": "GET", "path": "/orders"}})
        hook = await self.asked("POST", "/v4/core/webhooks", {
            "name": f"{self.mark} hook", "url": f"https://{self.mark}.example.com/hook",
            "types": ["DATA_MODEL_CHANGES"]})
        await self.asked("POST", f"/v4/core/webhooks/{hook['data']['id']}/test")
        await self.asked("POST", "/v4/core/api_keys", {"name": f"{self.mark} spare", "scopes": ["read"]})
        await self.asked("POST", "/v4/core/organizations/sync_config", {"configs": [
            {"data_model": "ECOMMERCE_ORDERS", "frequency": "DAILY", "interval": self.interval}]})
        await self.asked("PUT", f"/v4/core/integrations/{self.platform}/app", {
            "client_id": f"{self.mark}-app", "client_secret": f"{self.mark}-app-secret"})
        await self.house.engine.worker.drain()


@dataclass
class Places:
    """The installation. ``ours``, ``our_test`` and ``theirs`` are full, ``their_test`` has nothing of its own."""

    app: App
    ours: Place
    our_test: Place
    theirs: Place
    their_test: Place


def installed(url: str, home: Path) -> Places:
    """A new installation with two organisations."""
    app = build(load({}, home=home, database_url=url, log_level="error", rate_limit="1000000"))
    platform = next(kind for kind, found in app.engine.installed.items() if found.manifest.http.simulator)
    with app.engine.store.write(SYSTEM) as session:
        first = keys.default_scope(session)
        second = organisations.create_organisation(session, "Second")
    nowhere = Target(environment_id=first.environment_id, company_id=0, connection_id=0, ordinal=0, stream="",
                     mapping_version=0)
    house = House(app.api(), app.engine, first, nowhere)

    def place(mark: str, organisation: int, environment: EnvironmentName) -> Place:
        text = f"key-of-{mark}"
        with app.engine.store.write(SYSTEM) as session:
            scope = organisations.environment_scope(session, organisation, environment)
            keys.create(session, scope, f"{mark} key", text, api_keys.digest(text), ALL_SCOPES)
        return Place(mark, text, scope, house, platform)

    one, two = first.organisation_id, second.organisation_id
    made = Places(app, place("albatross", one, "live"), place("bison", one, "test"), place("chamois", two, "live"),
                  place("dromedaries", two, "test"))

    async def fill() -> None:
        for one in (made.ours, made.our_test, made.theirs):
            await one.fill()

    asyncio.run(fill())
    return made


def rows(session: Session, scope: Scope) -> Rows:
    """Every row of every table that belongs to an environment. A table that nobody knows whose it is fails here."""
    environment = scope.environment_id
    held = {
        "environment_id": select(companies.c.environment_id).where(false()),
        "company_id": select(companies.c.id).where(companies.c.environment_id == environment),
        "connection_id": select(connections.c.id).where(connections.c.environment_id == environment),
        "endpoint_id": select(webhook_endpoints.c.id).where(webhook_endpoints.c.environment_id == environment),
        "delivery": select(deliveries.c.id).where(deliveries.c.environment_id == environment),
    }
    found: Rows = {}
    for table in metadata.sorted_tables:
        if table.name in NOBODYS:
            continue
        if table.name == "organisations":
            condition = table.c.id == scope.organisation_id
        elif table.name == "environments":
            condition = table.c.id == environment
        elif "environment_id" in table.c:
            condition = table.c.environment_id == environment
        else:
            links = [table.c[name].in_(within) for name, within in held.items() if name in table.c]
            assert links, f"{table.name}: say here how it is known whose row it is"
            condition = or_(*links)
        found[table.name] = sorted((tuple(row) for row in session.execute(select(table).where(condition))), key=repr)
    return found


def idents(table: Table, rows_: list[tuple[object, ...]]) -> Iterator[object]:
    """What tells a table's rows apart, numbers and texts."""
    for name in ("id", "rootfi_id", "sync_id", "invite_link_id", "public_id", "delivery_id"):
        if name in table.c:
            place = table.c.keys().index(name)
            yield from (row[place] for row in rows_ if row[place] is not None)
