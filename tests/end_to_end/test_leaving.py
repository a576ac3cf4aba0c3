"""A company's whole life over real processes: connected, read, disconnected, re-authorised, deleted; the worker that
erases it is killed on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.api.renderer import RENDERERS
from entrepot.store.scope import SYSTEM
from entrepot.store.store import Store
from tests.conftest import postgres_database, unreachable
from tests.end_to_end.client import Api
from tests.end_to_end.house import SANDBOX, House, served
from tests.engine.remains import left, told

ORDERS = 4000
GOOD = {"token": "demo-token", "shop": "leaving", "orders": str(ORDERS)}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def own_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A server of its own, since its worker is killed; what a dead worker held is taken over soon."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        with served(home, f"sqlite:///{home / 'entrepot.sqlite'}", ENTREPOT_LEASE_SECONDS="2") as house:
            yield house
        return
    if why := unreachable():
        pytest.skip(why)
    with postgres_database() as url, served(home, url, ENTREPOT_LEASE_SECONDS="2") as house:
        yield house


def wait(look: Any, limit_s: float = 90) -> Any:
    """What ``look`` answers when it answers something."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def test_from_connect_to_nothing(own_house: House) -> None:
    api = own_house.api
    link = api.post("/v4/core/invite_links", {
        "company_name": "Leaving", "integration_categories": ["ECOMMERCE"],
        "sync_config": [{"data_model": "ECOMMERCE_ORDERS", "frequency": "WEEKLY"}]}).ok()["data"]
    company = link["rootfi_company_id"]
    made = api.post("/v4/core/connections", {
        "invite_link_id": link["invite_link_id"], "integration_type": SANDBOX, "credentials": GOOD}).ok()["data"]
    assert made["connection_status"] == "HEALTHY"
    own = f"/v4/core/connections/{made['rootfi_id']}"

    def synced() -> Any:
        first = api.rows("/v4/core/syncs", rootfi_company_id=company)[0]
        return first["status"] == "SUCCESS" and first

    # Nobody asked for the first sync but the connecting itself.
    first = wait(synced)
    asked = {"company_id": company, "integration_type": SANDBOX, "full_sync": False, "data_models_to_sync": []}
    assert api.get("/v4/ecommerce/orders", company_id=company, return_count=True)["total_count"] == ORDERS
    email = api.get("/v4/ecommerce/contacts", company_id=company, limit=1)["data"][0]["email"]

    assert api.post(f"{own}/disconnect", {}).ok()["data"]["connection_status"] == "DISCONNECTED"
    assert api.get("/v4/ecommerce/orders", company_id=company, return_count=True)["total_count"] == ORDERS
    assert api.post("/v4/core/syncs", asked).error()["code"] == "operation-denied"
    again = api.post(f"{own}/reauthorise", {"credentials": {"token": "demo-token"}}).ok()["data"]
    assert (again["connection_status"], again["rootfi_id"]) == ("HEALTHY", made["rootfi_id"])
    second = api.post("/v4/core/syncs", asked).ok()["data"]
    assert second["sync_id"] != first["sync_id"]

    _delete_with_a_kill(own_house, api, company)
    store = Store.open(own_house.environment["ENTREPOT_DATABASE_URL"], RENDERERS)
    try:
        with store.read(SYSTEM) as session:
            assert left(session, company, [made["rootfi_id"]]) == {}
            assert told(session, email) == []
    finally:
        store.close()


def _delete_with_a_kill(house: House, api: Api, company: int) -> None:
    gone = api.send("DELETE", f"/v4/core/companies/{company}").ok()
    assert gone["status"] == "success"
    api.ask("/v4/ecommerce/orders", {"company_id": company}).error(404)
    path = f"/v4/core/erasures/{gone['erasure_id']}"
    half = wait(lambda: 0 < (found := api.get(path)["data"])["progress"] < 1 and found)
    for worker in house.running.children():
        worker.kill()
    stopped = api.get(path)["data"]
    assert (stopped["state"], half["removed"] != {}) == ("RUNNING", True)
    done = wait(lambda: (found := api.get(path)["data"])["state"] == "SUCCESS" and found)
    assert (done["progress"], done["removed"]["ECOMMERCE_ORDERS"], done["removed"]["companies"]) == (1, ORDERS, 1)
    assert sum(number for name, number in done["removed"].items() if name.startswith("ECOMMERCE_")) == done["total"]
    api.ask(f"/v4/core/companies/{company}", {}).error(404)
