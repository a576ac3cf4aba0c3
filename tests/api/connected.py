"""An API over a company that is connected to a demo shop and not read yet, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from entrepot import app, settings
from entrepot.engine.connect import connect
from entrepot.engine.sync import request_sync
from entrepot.store import connections, cursors, invites, keys
from entrepot.store.connections import Connection
from entrepot.store.cursors import Cursor
from entrepot.store.scope import SYSTEM, Scope
from entrepot.vault import api_keys
from tests.api.house import KEY, READ_ONLY, Answer, House

KIND = "ROOTFI_SANDBOX"
ORDERS = 40
EVERYTHING = ("read", "write", "passthrough", "admin", "credentials")


@dataclass
class Connected:
    """The company, and ways to call the API and the shop behind its back."""

    one: app.App
    house: House
    scope: Scope
    company: int
    connection_id: int = 0

    @classmethod
    def build(cls, url: str, home: Path) -> Connected:
        """A company, nothing connected."""
        one = app.build(settings.load({}, home=home, database_url=url, log_level="error"))
        with one.engine.store.write(SYSTEM) as session:
            scope = keys.default_scope(session)
            for text, scopes in ((KEY, EVERYTHING), (READ_ONLY, ("read",))):
                keys.create(session, scope, text, api_keys.shown(text), api_keys.digest(text), scopes)
            company = invites.create(session, scope, "Harbour Goods", [], ["ECOMMERCE"]).company_id
        house = House(one.api(), one.engine, scope, None)  # type: ignore[arg-type]  # has no records of its own
        return cls(one, house, scope, company)

    async def connect(self, shop: str = "", orders: int = ORDERS) -> int:
        """Connect one more shop; answers the connection's id."""
        given = {"token": "demo-token", "orders": str(orders), **({"shop": shop} if shop else {})}
        return await connect(self.one.engine, self.scope, self.company, KIND, given)

    async def call(self, method: str, path: str, body: object = None, key: str = KEY, **headers: str) -> Answer:
        """One request; header names with ``_`` for ``-``."""
        return await self.house.call(method, path, body, headers={
            "api_key": key, "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()}})

    async def ok(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One that succeeds."""
        found = await self.call(method, path, body, **headers)
        assert found.status == 200, found.body[:2000]
        return found

    async def listed(self, noun: str, limit: int = 100, **more: object) -> list[dict[str, Any]]:
        """All records of a list of the company, by following its cursors."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            query = "&".join(f"{name}={value}" for name, value in {"limit": limit, **more}.items())
            page = (await self.ok("GET", f"/v4/ecommerce/{noun}?company_id={self.company}&{query}{cursor}")).json()
            found += page["data"]
            if page["next"] is None:
                return found
            cursor = f"&next={page['next']}"

    async def shop(
        self, method: str, path: str, body: object = None, params: Mapping[str, str] | None = None,
    ) -> Any:
        """A call to the shop behind Entrepot's back."""
        client = self.one.engine.shop(self.connection())
        return msgspec.json.decode((await client.send(method, path, body, params, writes=False)).body)

    async def faults(self, spec: str) -> None:
        """Arm faults of the shop."""
        await self.shop("POST", "/control/faults", {"faults": spec})

    async def sync(self, **more: Any) -> None:
        """Read everything."""
        await request_sync(self.one.engine, self.scope, self.company, **more)
        await self.one.engine.worker.drain()

    def connection(self, ident: int | None = None) -> Connection:
        """A connection as it is now."""
        with self.one.engine.store.read(self.scope) as session:
            found = connections.get(session, ident or self.connection_id)
        assert found is not None
        return found

    def streams(self) -> dict[str, Cursor]:
        """Where the streams of the connection stand."""
        with self.one.engine.store.read(self.scope) as session:
            return cursors.of_connection(session, self.connection_id)


def told(answer: Answer) -> tuple[str, str | None]:
    """Whence an answer came, and whether it is complete."""
    assert "x-entrepot-as-of" in answer.headers
    return answer.headers["x-entrepot-via"], answer.headers.get("x-entrepot-complete")
