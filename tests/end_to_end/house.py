"""A served installation, companies in it, and the shops behind them."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.cli.processes import Running
from tests.end_to_end.client import Api, Json
from tests.simulators.caller import Caller

KEY = "ent_live_end_to_end_tests_0123456789abcdef01234567"
SANDBOX = "ROOTFI_SANDBOX"
# Below the ephemeral ports: a client's own connection never sits on it by chance.
PORTS = range(12_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on."""
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@dataclass
class Company:
    """A company with one connected shop of its own."""

    ident: int
    connection_id: int
    shop: Caller


@dataclass
class House:
    """A running ``entrepot serve``."""

    home: Path
    port: int
    running: Running
    environment: dict[str, str]
    _made: int = 0
    _companies: dict[int, Company] = field(default_factory=dict)

    @property
    def api(self) -> Api:
        """A client with every right; a new connection each time."""
        return Api(self.port, KEY)

    @cached_property
    def client(self) -> Api:
        """The same client every time, for tests that call often."""
        return self.api

    def company(self, orders: int = 30) -> Company:
        """A new company, connected to a new shop; nothing synced yet."""
        api = self.api
        self._made += 1
        name = f"shop-{self._made}"
        link = api.post("/v3/core/invite_links", {
            "company_name": name.title(), "integration_categories": ["ECOMMERCE"]}).ok()["data"]
        connection = api.post("/v4/core/connections", {
            "company_id": link["rootfi_company_id"], "integration_type": SANDBOX, "sync": False,
            "credentials": {"token": "demo-token", "shop": name, "orders": str(orders)}}).ok()["data"]
        return Company(link["rootfi_company_id"], connection["rootfi_id"], Caller(self.home, shop=name))

    def synced(self, orders: int = 30) -> Company:
        """The company with so many orders that this house has for reading; made and synced once."""
        if orders not in self._companies:
            company = self.company(orders)
            self.sync(company)
            self._companies[orders] = company
        return self._companies[orders]

    def sync(self, company: Company, **more: object) -> Json:
        """Ask for a sync over the API and wait for its end."""
        asked = self.api.post("/v3/core/syncs", {
            "company_id": company.ident, "integration_type": SANDBOX, "full_sync": False, "data_models_to_sync": [],
            **more}).ok()["data"]
        done = self.ended(asked["sync_id"])
        assert done["status"] == "SUCCESS", done
        return done

    def ended(self, sync_id: str, limit_s: float = 60) -> Json:
        """The sync (or write) once it has ended."""
        api, until = self.api, time.monotonic() + limit_s
        while time.monotonic() < until:
            found: Json = api.get(f"/v3/core/syncs/{sync_id}")["data"]
            if found["status"] in ("SUCCESS", "FAILED"):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{sync_id} did not end:\n{self.running.said[-4000:]}")

    def traces(self, company: Company) -> tuple[int, Any]:
        """What a refused write must not change: the company's syncs, and the shop's own objects."""
        syncs = self.api.rows("/v3/core/syncs", rootfi_company_id=company.ident)
        shop = [company.shop.call("GET", path, size=1)["paging"]["total"] for path in ("/orders", "/buyers")]
        return len(syncs), shop


@contextmanager
def served(home: Path, database: str, **more: str) -> Iterator[House]:
    """``entrepot serve`` in that home, answering."""
    port = free_port()
    environment = {"ENTREPOT_API_KEY": KEY, "ENTREPOT_DATABASE_URL": database, "ENTREPOT_LOG_LEVEL": "warning", **more}
    running = Running(home, "serve", "--port", str(port), **environment)
    try:
        house = House(home, port, running, environment)
        _wait_until_it_answers(house)
        yield house
        assert running.stop() == 0, running.said
        assert "Traceback" not in running.said, running.said
    finally:
        running.close()


def _wait_until_it_answers(house: House, limit_s: float = 60) -> None:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        assert house.running.process.poll() is None, house.running.said
        try:
            if house.api.send("GET", "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(house.running.said)
