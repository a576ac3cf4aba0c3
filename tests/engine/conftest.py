"""A company connected to a small demo shop, and a hand on the shop's controls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from entrepot import app, settings
from entrepot.engine.connect import connect
from entrepot.engine.context import Engine
from entrepot.engine.sync import request_sync
from entrepot.engine.write import Accepted, Submitted, WriteRequest, accept, outcome
from entrepot.jobs import worker as worker_module
from entrepot.kit.shop import ShopClient
from entrepot.store import connections, invites, keys, syncs
from entrepot.store.connections import Connection
from entrepot.store.counters import total
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.syncs import Sync, SyncJob

T = TypeVar("T")
ORDERS = 120


@dataclass
class House:
    """An installation in this process with one connected company."""

    one: app.App
    scope: Scope
    company: int
    connection_id: int

    @property
    def engine(self) -> Engine:
        return self.one.engine

    def connection(self) -> Connection:
        with self.engine.store.read(self.scope) as session:
            found = connections.get(session, self.connection_id)
        assert found is not None
        return found

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine; the kit's transports belong to one event loop, so each run ends with closed ones."""

        async def whole() -> T:
            try:
                return await work()
            finally:
                await self.engine.kit.close()

        return asyncio.run(whole())

    def shop(self, method: str, path: str, body: object = None, params: Mapping[str, str] | None = None) -> Any:
        """A call to the shop behind Entrepot's back."""

        async def call() -> Any:
            client: ShopClient = self.engine.shop(self.connection())
            return msgspec.json.decode((await client.send(method, path, body, params, writes=False)).body)

        return self.run(call)

    def faults(self, spec: str) -> None:
        """Arm faults of the shop."""
        self.shop("POST", "/control/faults", {"faults": spec})

    async def submit(self, request: WriteRequest) -> Submitted:
        """Write as a caller without a key does."""
        accepted = await accept(self.engine, self.scope, request)
        assert isinstance(accepted, Accepted)
        if request.run_async:
            return Submitted(accepted.sync_id, accepted.company_id, None)
        return await outcome(self.engine, self.scope, accepted)

    def sync(self, **given: Any) -> tuple[Sync, dict[str, SyncJob]]:
        """Ask for a sync and do everything that there is to do."""

        async def whole() -> str:
            sync_id = await request_sync(self.engine, self.scope, self.company, **given)
            await self.engine.worker.drain()
            return sync_id

        return self.ended(self.run(whole))

    def drain(self) -> None:
        """Do everything that there is to do."""
        self.run(self.engine.worker.drain)

    def ended(self, sync_id: str) -> tuple[Sync, dict[str, SyncJob]]:
        """A sync and its public jobs by noun."""
        with self.engine.store.read(self.scope) as session:
            sync = syncs.get(session, sync_id)
            assert sync is not None
            return sync, {job.noun: job for job in syncs.jobs_of(session, sync.id)}

    def live(self, noun: str) -> int:
        """The kept count of live records."""
        with self.engine.store.read(self.scope) as session:
            return total(session, noun, self.company, self.connection_id, include_deleted=False)


@pytest.fixture
def house(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A new installation, connected, nothing synced yet."""
    monkeypatch.setattr(worker_module, "BACK_OFF_FIRST_MS", 20)
    one = app.build(settings.load({}, home=tmp_path / "home", database_url=database_url, write_wait_seconds=10,
                                  log_level="error"))
    one.engine.worker.idle_s = 0.02
    with one.engine.store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
        company = invites.create(session, scope, "Harbour Goods", [], ["ECOMMERCE"]).company_id
    kind = next(kind for kind, found in one.engine.installed.items() if found.manifest.http.simulator)
    made = House(one, scope, company, 0)
    given = {"token": "demo-token", "orders": str(ORDERS)}
    made.connection_id = made.run(lambda: connect(one.engine, scope, company, kind, given))
    yield made
    one.close()


