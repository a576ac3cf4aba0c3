"""A server killed among a hundred clients that send one order with one key: one order, and one answer for all."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from entrepot.store import connections
from entrepot.store.core_tables import operations
from entrepot.store.scope import SYSTEM
from tests.crash.installation import API_KEY, Installation, check_books, kill
from tests.crash.repeating import Repeating
from tests.crash.test_sync import SEED
from tests.crash.test_write import free_port, wait_for

CLIENTS = 100
KILLS = 3
ORDERS = 10
SLOW = "latency=1@POST /v1/orders*1000"
"""The shop takes its time, so that a kill meets a write on its way."""
PATH = "/v4/ecommerce/orders"

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """An installation on each database."""
    return Installation(tmp_path, None if request.param == "sqlite" else request.getfixturevalue("postgres_url"))


def in_shop(here: Installation, company: int, method: str, path: str, body: object = None) -> Any:
    """A call to the shop behind Entrepot's back."""
    async def call() -> Any:
        with here.opened() as one:
            connection = await one.engine.store.reading(
                SYSTEM, lambda session: connections.of_company(session, company)[0])
            try:
                return json.loads((await one.engine.shop(connection).send(method, path, body, None, writes=False)).body)
            finally:
                await one.engine.kit.close()

    return asyncio.run(call())


def orders(here: Installation, company: int) -> int:
    """How many the shop has."""
    found: int = in_shop(here, company, "GET", "/orders")["paging"]["total"]
    return found


def test_one_order_whoever_dies(here: Installation) -> None:
    chance = random.Random(SEED)
    company, _ = here.connect(ORDERS)
    port = free_port()
    lives = [here.start("serve", "--port", str(port))]
    asking = Repeating(f"http://127.0.0.1:{port}", API_KEY)
    try:
        wait_for(port)
        here.settle(lives[-1])
        body = asking.order_for(company)
        in_shop(here, company, "POST", "/control/faults", {"faults": SLOW})

        def meanwhile() -> None:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.05, 0.6))
                kill(lives[-1])
                lives.append(here.start("serve", "--port", str(port)))
                wait_for(port)

        took = asking.crowd(CLIENTS, PATH, body, "one-order", meanwhile)
        told = asking.agreed(CLIENTS)["data"]
        print(f"{CLIENTS} clients, {KILLS} kills: {took:.1f} s; {dict(asking.seen)}")
        assert asking.seen.total() > CLIENTS, "no kill was among them"
        assert orders(here, company) == ORDERS + 1
        asking.answers.clear()
        asking.crowd(10, PATH, body, "one-order", lambda: None)
        assert asking.agreed(10)["data"] == told
        for _ in range(3):
            found = asking.send(PATH, json.dumps(body).encode(), None)
            assert found is not None
            assert found[0] == 200, found
        assert orders(here, company) == ORDERS + 4, "without a key each is a new one"
        here.settle(lives[-1])
        check(here, [one["platform_unique_id"] for one in told])
    finally:
        kill(lives[-1])


def check(here: Installation, told: list[str]) -> None:
    """One operation per order, all done, and the answered one among them."""
    with here.opened() as one, one.engine.store.read(SYSTEM) as session:
        check_books(session)
        assert session.execute(select(operations.c.state)).scalars().all() == ["done"] * 4
        stored = {row[0] for row in session.unscoped("SELECT platform_unique_id FROM ecommerce_orders")}
    assert set(told) <= stored
