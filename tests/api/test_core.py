"""Invite links, companies, connections and syncs, the same in both versions."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.store import connections, frequencies, syncs
from entrepot.store.syncs import Tally
from tests.api.house import House

pytestmark = pytest.mark.anyio
VERSIONS = ("v3", "v4")
both = pytest.mark.parametrize("version", VERSIONS)


async def fetch(house: House, path: str) -> Any:
    """The body of a GET that must work."""
    answer = await house.call("GET", path)
    assert answer.status == 200, answer.body
    return answer.json()


@both
async def test_an_invite_link_makes_its_company(empty_house: House, version: str) -> None:
    house = empty_house
    answer = await house.call("POST", f"/{version}/core/invite_links", {
        "company_name": " Acme Inc. ", "integration_categories": ["ECOMMERCE"]})
    assert answer.status == 200
    link = answer.json()["data"]
    assert list(link) == [
        "rootfi_id", "rootfi_created_at", "rootfi_updated_at", "invite_link_id", "rootfi_company_id", "integrations",
        "integration_categories", "company", "connections", *(() if version == "v3" else ("sync_config", "expires_at"))]
    assert (link["company"]["name"], link["connections"], len(link["invite_link_id"])) == ("Acme Inc.", None, 36)
    assert link["rootfi_company_id"] == link["company"]["rootfi_id"]
    again = (await fetch(house, f"/{version}/core/invite_links/{link['invite_link_id']}"))["data"]
    assert again == link
    listed = (await fetch(house, f"/{version}/core/invite_links"))["data"]
    assert [one["invite_link_id"] for one in listed] == [link["invite_link_id"]]
    company = (await fetch(house, f"/{version}/core/companies/{link['rootfi_company_id']}"))["data"]
    assert company["invite_link"]["invite_link_id"] == link["invite_link_id"]


@pytest.mark.parametrize(("body", "code", "field"), [
    ({}, "missing-params", "integration_categories"),
    ({"integration_categories": ["SHOPS"]}, "invalid-params", "integration_categories"),
    ({"integration_categories": "ECOMMERCE"}, "invalid-params", "integration_categories"),
    ({"integration_categories": ["ECOMMERCE"], "integrations": ["no shop"]}, "invalid-params", "integrations"),
    ({"integration_categories": ["ECOMMERCE"], "company": "x"}, "invalid-params", "company"),
    ({"integration_categories": ["ECOMMERCE"], "company_name": 5}, "invalid-params", "company_name"),
    ({"integration_categories": ["ECOMMERCE"], "company_name": "x" * 501}, "invalid-params", "company_name"),
    ({"integration_categories": ["ECOMMERCE"], "sync_config": [{}]}, "missing-params", "sync_config[0].data_model"),
    ({"integration_categories": ["ECOMMERCE"], "sync_config": [{"data_model": "NOPE", "frequency": "DAILY"}]},
     "invalid-params", "sync_config[0].data_model"),
    ({"integration_categories": ["ECOMMERCE"], "sync_config": [
        {"data_model": "ACCOUNTS", "frequency": "DAILY"}, {"data_model": "ACCOUNTS", "frequency": "DAILY"}]},
     "invalid-params", "sync_config[1].data_model"),
    ({"integration_categories": ["ECOMMERCE"], "sync_config": [
        {"data_model": "ACCOUNTS", "frequency": "DAILY", "custom_fields": ["colour"]}]},
     "operation-denied", "sync_config[0].custom_fields"),
    ({"integration_categories": ["ECOMMERCE"], "sync_config": [{"data_model": "ACCOUNTS", "frequency": "HOURS"}]},
     "invalid-params", "sync_config[0].frequency"),
    ({"integration_categories": ["ECOMMERCE"], "sync_config": [
        {"data_model": "ACCOUNTS", "frequency": "DAILY", "category": "SHOPS"}]},
     "invalid-params", "sync_config[0].category"),
])
async def test_a_wrong_link_leaves_nothing_behind(
    house: House, body: dict[str, object], code: str, field: str,
) -> None:
    before = len((await fetch(house, "/v3/core/companies"))["data"])
    error = (await house.call("POST", "/v3/core/invite_links", body)).error()
    assert (error["code"], error["field"]) == (code, field)
    assert len((await fetch(house, "/v3/core/companies"))["data"]) == before


@both
async def test_companies_are_paged_and_filtered(empty_house: House, version: str) -> None:
    house = empty_house
    for number in range(5):
        await house.call("POST", "/v3/core/invite_links", {
            "company_name": f"C{number}", "integration_categories": ["ECOMMERCE"]})
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = await fetch(house, f"/{version}/core/companies?limit=2&next={cursor}")
        names += [one["name"] for one in body["data"]]
        cursor = body["next"]
    assert names == ["Acme", "C0", "C1", "C2", "C3", "C4"]
    with house.engine.store.write(house.scope) as session:
        connections.set_status(session, house.target.connection_id, "HEALTHY")
    for query, number in (("status=HEALTHY", 1), ("status=EXPIRED", 0), ("integrations=EXAMPLE", 1),
                          ("categories=ECOMMERCE&limit=1", 1), ("integrations=OTHER", 0)):
        body = await fetch(house, f"/{version}/core/companies?{query}")
        assert (len(body["data"]), body["next"]) == (number, None)
    error = (await house.call("GET", f"/{version}/core/companies?status=ILL")).error()
    assert error["field"] == "status"


async def test_a_connection_shows_its_state_and_rhythm(empty_house: House) -> None:
    house = empty_house
    with house.engine.store.write(house.scope) as session:
        frequencies.set_config(session, house.target.connection_id, "customer", "WEEKLY", 2)
        frequencies.set_config(session, house.target.connection_id, "order", "MINUTELY", 5)
    found = (await fetch(house, f"/v3/core/companies/{house.company}"))["data"]["connections"][0]
    assert (found["connection_status"], found["sync_status"], found["integration_type"]) == (
        "PENDING", "IDLE", "EXAMPLE")
    assert "status" not in found
    # The published client knows no minutes, and types one object.
    assert found["sync_config"]["data_model"] == "ECOMMERCE_ORDERS"
    assert found["sync_config"]["frequency"] == "DAILY"
    assert found["sync_config"]["scope_access"] == {"READ": True, "CREATE": False, "UPDATE": False, "DELETE": False}
    assert set(found["rate_limits"]) == {"maxLimits", "counters", "lastReset"}


async def test_what_is_not_there_is_not_found(house: House) -> None:
    for path in ("companies/99999999", "companies/acme", "invite_links/none", "syncs/none", "syncs/none/jobs",
                 "syncs/jobs/99999999", "syncs/jobs/x"):
        answer = await house.call("GET", f"/v3/core/{path}")
        assert (answer.status, answer.error()["code"]) == (404, "not-found"), path


@both
async def test_syncs_and_their_jobs_are_shown(empty_house: House, version: str) -> None:
    house = empty_house
    with house.engine.store.write(house.scope) as session:
        connection = connections.get(session, house.target.connection_id)
        assert connection is not None
        made = [syncs.create(session, connection, ["ECOMMERCE_ORDERS"], full=True, sync_type="MANUAL")
                for _ in range(3)]
        job = syncs.add_job(session, made[0], 77, "order", "orders", "PULL")
        syncs.started(session, made[0].id, 77)
        syncs.tally(session, made[0].id, 77, "order", Tally(fetched=10, stored=9, set_aside=1), announced=10)
        syncs.end_jobs(session, made[0].id, 77, "FAILED", '{"code":"throttled","message":"wait"}')
    shown = (await fetch(house, f"/{version}/core/syncs/{made[0].sync_id}"))["data"]
    assert (shown["status"], shown["failed_count"], shown["total_count"]) == ("FAILED", 1, 1)
    listed = (await fetch(house, f"/{version}/core/syncs/{made[0].sync_id}/jobs"))["data"]
    one = (await fetch(house, f"/{version}/core/syncs/jobs/{job}"))["data"]
    assert listed == [one]
    assert (one["data_model"], one["announced"], one["fetched"], one["set_aside"]) == ("ECOMMERCE_ORDERS", 10, 10, 1)
    assert one["error"]["code"] == "throttled"
    first = await fetch(house, f"/{version}/core/syncs?limit=2&rootfi_company_id={house.company}")
    assert [row["sync_id"] for row in first["data"]] == [made[2].sync_id, made[1].sync_id]
    second = await fetch(house, f"/{version}/core/syncs?limit=2&next={first['next']}")
    assert ([row["sync_id"] for row in second["data"]], second["next"]) == ([made[0].sync_id], None)
    back = await fetch(house, f"/{version}/core/syncs?limit=2&prev={second['prev']}")
    assert back["data"] == first["data"]
    assert back["prev"] is None


@pytest.mark.parametrize(("path", "body", "code", "field"), [
    ("/v3/core/syncs", {}, "missing-params", "company_id"),
    ("/v3/core/syncs", {"company_id": "x"}, "invalid-params", "company_id"),
    ("/v3/core/syncs", {"company_id": 99999999}, "not-found", None),
    ("/v4/core/connections", {"company_id": 1}, "missing-params", "integration_type"),
    ("/v4/core/connections", {"company_id": 1, "integration_type": "NOPE", "credentials": {}}, "invalid-params",
     "integration_type"),
    ("/v4/core/connections", {"company_id": 1, "integration_type": "NOPE", "credentials": {"a": 1}}, "invalid-params",
     "credentials"),
])
async def test_wrong_bodies_are_named(
    house: House, path: str, body: dict[str, object], code: str, field: str | None,
) -> None:
    error = (await house.call("POST", path, body)).error()
    assert (error["code"], error["field"]) == (code, field)
