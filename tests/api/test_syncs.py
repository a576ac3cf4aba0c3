"""Syncs, their jobs and the rhythms behind them as both versions answer them, over a demo shop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from entrepot.app import App, build
from entrepot.settings import load
from entrepot.store import connections, keys, syncs
from entrepot.store.scope import SYSTEM
from entrepot.store.syncs import Tally
from tests.api.house import KEY, House, shop

pytestmark = pytest.mark.anyio
ORDER, CUSTOMER = "ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS"

# What the published client's declarations require, and the types that they give.
SYNC: dict[str, type] = {
    "rootfi_id": int, "rootfi_created_at": str, "rootfi_updated_at": str, "rootfi_company_id": int, "start_time": str,
    "end_time": str, "integration_type": str, "full_sync": bool, "sync_type": str, "config_mode": str,
    "sync_data_models": list, "sync_id": str, "total_count": int, "success_count": int, "failed_count": int,
    "running_count": int, "pending_count": int, "status": str,
}
JOB: dict[str, type] = {
    "rootfi_id": int, "rootfi_created_at": str, "rootfi_updated_at": str, "rootfi_company_id": int, "start_time": str,
    "end_time": str, "integration_type": str, "status": str, "data_model": str, "config_mode": str, "sync_id": str,
    "retry_count": int, "priority": int, "variables": dict, "error": dict, "config_id": str, "job_type": str,
    "response_length": int, "response_size": int, "rate_limit_sleep_time": int,
}
STATUSES = {"CREATED", "RUNNING", "SUCCESS", "FAILED"}


@dataclass
class Here:
    """An installation with one connected company."""

    app: App
    house: House
    kind: str
    company: int = 0
    connection: int = 0

    async def ok(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.house.call(method, path, body)
        assert answer.status == 200, (method, path, answer.body)
        return json.loads(answer.body)

    async def refused(self, method: str, path: str, body: object = None) -> tuple[int, str, str | None]:
        answer = await self.house.call(method, path, body)
        error = answer.error()
        return answer.status, error["code"], error["field"]

    async def ask(self, version: str = "v4", **more: Any) -> Any:
        """A new sync."""
        return (await self.ok("POST", f"/{version}/core/syncs", {
            "company_id": self.company, "integration_type": self.kind, "full_sync": False,
            "data_models_to_sync": [CUSTOMER], **more}))["data"]

    async def drain(self) -> None:
        await self.app.engine.worker.drain()

    async def sync(self, ident: str, version: str = "v4") -> Any:
        return (await self.ok("GET", f"/{version}/core/syncs/{ident}"))["data"]

    async def jobs(self, ident: str, version: str = "v4") -> Any:
        return (await self.ok("GET", f"/{version}/core/syncs/{ident}/jobs"))["data"]


@pytest.fixture
def application(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = build(load({}, home=tmp_path / "home", database_url=database_url, api_key=KEY, log_level="error",
                     rate_limit="100000"))
    app.engine.worker.idle_s = 0.02
    yield app
    app.close()


@pytest.fixture
async def here(application: App) -> AsyncIterator[Here]:
    engine = application.engine
    with engine.store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
    kind = next(kind for kind, found in engine.installed.items() if found.manifest.http.simulator)
    made = Here(application, House(application.api(), engine, scope, shop(engine.store, scope, None)), kind)
    link = await made.ok("POST", "/v4/core/invite_links", {"integration_categories": ["ECOMMERCE"]})
    made.company = link["data"]["company"]["rootfi_id"]
    made.connection = (await made.ok("POST", "/v4/core/connections", {
        "company_id": made.company, "integration_type": kind,
        "credentials": {"token": "demo-token", "orders": "40"}}))["data"]["rootfi_id"]
    # A first sync may come with the connection; what these tests look at is theirs.
    await made.drain()
    yield made
    await engine.kit.close()


def fits(found: dict[str, Any], declared: dict[str, type]) -> None:
    for name, kind in declared.items():
        assert isinstance(found[name], kind), (name, found[name])
        assert kind is bool or not isinstance(found[name], bool), name
    assert found["status"] in STATUSES


async def test_v3_has_every_field_of_the_client_in_every_state(here: Here) -> None:
    waiting = await here.ask("v3")
    fits(waiting, SYNC)
    assert (waiting["start_time"], waiting["end_time"], waiting["status"]) == ("", "", "CREATED")
    for job in await here.jobs(waiting["sync_id"], "v3"):
        fits(job, JOB)
        assert (job["error"], "parent_job_id" in job) == ({}, False)
    await here.ok("POST", f"/v4/core/syncs/{waiting['sync_id']}/cancel")
    canceled = await here.sync(waiting["sync_id"], "v3")
    fits(canceled, SYNC)
    assert (canceled["status"], canceled["failed_count"], canceled["total_count"]) == ("FAILED", 1, 1)
    (job,) = await here.jobs(waiting["sync_id"], "v3")
    fits(job, JOB)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "canceled")
    assert all(isinstance(value, str) for value in job["error"].values())
    done = await here.ask("v3", data_models_to_sync=[ORDER])
    await here.drain()
    done = await here.sync(done["sync_id"], "v3")
    fits(done, SYNC)
    assert (done["status"], done["success_count"], bool(done["start_time"]), bool(done["end_time"])) == (
        "SUCCESS", 3, True, True)
    jobs = await here.jobs(done["sync_id"], "v3")
    for job in jobs:
        fits(job, JOB)
        assert (await here.ok("GET", f"/v3/core/syncs/jobs/{job['rootfi_id']}"))["data"] == job
    assert jobs[0]["config_id"] == f"{here.connection}_{ORDER}"


async def test_v4_tells_the_whole_truth(here: Here) -> None:
    waiting = await here.ask(sync_from="2020-01-01", full_sync=True)
    assert (waiting["start_time"], waiting["end_time"], waiting["status"]) == (None, None, "CREATED")
    assert waiting["sync_from"] == "2020-01-01T00:00:00.000Z"
    assert waiting["progress"] == {"pages": 0, "records": 0, "announced": None, "records_per_second": 0.0,
                                   "estimated_end": None, "percent": 0}
    canceled = (await here.ok("POST", f"/v4/core/syncs/{waiting['sync_id']}/cancel"))["data"]
    assert (canceled["status"], canceled["canceled_count"], canceled["failed_count"]) == ("CANCELED", 1, 0)
    assert await here.refused("POST", f"/v4/core/syncs/{waiting['sync_id']}/cancel") == (409, "conflict", None)
    again = (await here.ok("POST", f"/v4/core/syncs/{waiting['sync_id']}/retry"))["data"]
    assert (again["sync_id"] != waiting["sync_id"], again["sync_from"]) == (True, waiting["sync_from"])
    assert (await here.refused("POST", f"/v4/core/syncs/{again['sync_id']}/retry"))[:2] == (409, "conflict")
    await here.drain()
    done = await here.sync(again["sync_id"])
    (job,) = await here.jobs(again["sync_id"])
    assert (done["status"], done["progress"]["percent"]) == ("SUCCESS", 100)
    assert done["progress"]["records"] == job["fetched"] > 0
    assert done["progress"]["pages"] == job["pages"] >= 1
    assert job["calls"] >= 1
    assert job["bytes"] == job["response_size"] > 0
    assert (job["throttled_ms"], job["retries"], job["parent_job_id"]) == (0, 0, None)
    assert job["sync_from"] == waiting["sync_from"]
    assert (await here.refused("POST", f"/v4/core/syncs/{again['sync_id']}/retry"))[:2] == (400, "operation-denied")


async def test_progress_of_a_sync_under_way(here: Here) -> None:
    asked = await here.ask(data_models_to_sync=[CUSTOMER, ORDER])
    with here.app.engine.store.write(SYSTEM) as session:
        found = syncs.get(session, asked["sync_id"])
        assert found is not None
        first, second = syncs.durable_jobs(session, found.id)
        syncs.started(session, found.id, first)
        syncs.tally(session, found.id, first, "customer", Tally(fetched=10, pages=1), announced=10)
        syncs.end_jobs(session, found.id, first, "SUCCESS")
    half = (await here.sync(asked["sync_id"]))["progress"]
    assert (half["percent"], half["estimated_end"], half["records"]) == (50, None, 10)
    with here.app.engine.store.write(SYSTEM) as session:
        syncs.started(session, found.id, second)
        session.unscoped("UPDATE sync_jobs SET started_at = started_at - 1000 WHERE job_id = ?", (second,))
        syncs.tally(session, found.id, second, "order", Tally(fetched=20, pages=2), announced=40)
        syncs.tally(session, found.id, second, "transaction", Tally(fetched=7))
    later = await here.sync(asked["sync_id"])
    assert (later["progress"]["percent"], later["progress"]["announced"], later["progress"]["records"]) == (75, 50, 37)
    assert later["progress"]["estimated_end"] > later["start_time"]
    (listed,) = (await here.ok("GET", "/v4/core/syncs?status=RUNNING"))["data"]
    assert listed["progress"]["percent"] == 75
    assert (await here.refused("POST", f"/v4/core/syncs/{asked['sync_id']}/retry"))[:2] == (409, "conflict")


async def test_lists_are_paged_and_filtered(here: Here) -> None:
    made = [(await here.ask(data_models_to_sync=[model]))["sync_id"] for model in (CUSTOMER, ORDER)]
    await here.ok("POST", f"/v4/core/syncs/{made[0]}/cancel")
    write = await here.house.call("POST", "/v4/ecommerce/contacts", {
        "company_id": here.company, "run_async": True, "data": [{"name": "Ada"}]})
    assert write.status == 202, write.body
    written = json.loads(write.body)["sync_id"]

    async def found(query: str) -> set[str]:
        return {one["sync_id"] for one in (await here.ok("GET", f"/v4/core/syncs?{query}"))["data"]}

    assert await found("job_type=PUSH") == {written}
    assert written not in await found("job_type=PULL")
    assert await found("status=CANCELED") == {made[0]}
    assert await found("status=CANCELED,CREATED") == {*made, written}
    assert await found(f"connection_id={here.connection}&status=CREATED") == {made[1], written}
    assert await found(f"connection_id={here.connection + 999}") == set()
    assert await found("integration_type=OTHER") == set()
    assert await found(f"rootfi_company_id={here.company}") >= {*made, written}
    assert await found(f"rootfi_company_id={here.company + 999}") == set()
    for query, field in (("status=ILL", "status"), ("job_type=CUSTOM", "job_type"), ("colour=red", "colour"),
                         ("rootfi_company_id=-1", "rootfi_company_id"), ("connection_id=x", "connection_id")):
        assert await here.refused("GET", f"/v4/core/syncs?{query}") == (400, "invalid-params", field)
    assert (await here.refused("GET", "/v3/core/syncs?status=FAILED"))[2] == "status"
    (push,) = await here.jobs(written)
    assert (push["job_type"], push["config_mode"], push["data_model"]) == ("PUSH", "CREATE", CUSTOMER)


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_a_syncs_jobs_come_in_pages_too(here: Here, version: str) -> None:
    asked = await here.ask(version, data_models_to_sync=[])
    path = f"/{version}/core/syncs/{asked['sync_id']}/jobs"
    whole = await here.ok("GET", path)
    assert (len(whole["data"]), whole["next"], whole["prev"]) == (8, None, None)
    first = await here.ok("GET", f"{path}?limit=3")
    second = await here.ok("GET", f"{path}?limit=3&next={first['next']}")
    third = await here.ok("GET", f"{path}?limit=3&next={second['next']}")
    assert [*first["data"], *second["data"], *third["data"]] == whole["data"]
    assert (first["prev"], third["next"]) == (None, None)
    assert (await here.ok("GET", f"{path}?limit=3&prev={second['prev']}"))["data"] == first["data"]


async def test_bodies_of_v4_may_date_each_data_model(here: Here) -> None:
    asked = await here.ask(data_models_to_sync=[{"data_model": ORDER, "sync_from": "2024-05-01"}, CUSTOMER])
    found = {job["data_model"]: job["sync_from"] for job in await here.jobs(asked["sync_id"])}
    assert (found[ORDER], found[CUSTOMER]) == ("2024-05-01T00:00:00.000Z", None)
    for body, field in (
        ({"sync_from": "soon"}, "sync_from"), ({"data_models_to_sync": ["ECOMMERCE_WISHES"]}, "data_models_to_sync"),
        ({"data_models_to_sync": [{"data_model": ORDER, "sync_from": "x"}]}, "data_models_to_sync[0].sync_from"),
        ({"data_models_to_sync": [{"colour": 1}]}, "data_models_to_sync[0].colour"),
        ({"connection_id": 99999999}, "connection_id"), ({"integration_type": "OTHER"}, "integration_type"),
    ):
        whole = {"company_id": here.company, "full_sync": False, "data_models_to_sync": [ORDER], **body}
        status, _, named = await here.refused("POST", "/v4/core/syncs", whole)
        assert (status, named) == (400, field), body


async def test_the_same_sync_asked_for_twice_while_it_waits_is_one(here: Here) -> None:
    first, second = await here.ask(), await here.ask()
    assert second["sync_id"] == first["sync_id"]
    assert (await here.ask(full_sync=True))["sync_id"] != first["sync_id"]


async def test_nothing_of_another_environment_is_seen_or_stopped(here: Here) -> None:
    asked = await here.ask()
    engine = here.app.engine
    with engine.store.write(SYSTEM) as session:
        other = keys.default_scope(session)
        session.unscoped("UPDATE syncs SET environment_id = environment_id + 1000 WHERE sync_id = ?",
                         (asked["sync_id"],))
        assert connections.get(session, here.connection) is not None
    assert other == here.house.scope
    for method, path in (("GET", ""), ("GET", "/jobs"), ("POST", "/cancel"), ("POST", "/retry")):
        assert (await here.refused(method, f"/v4/core/syncs/{asked['sync_id']}{path}"))[:2] == (404, "not-found")
