"""Rhythms over the API: the environment's defaults, a company's own, and what they allow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_syncs import CUSTOMER, ORDER, Here, application, here

__all__ = ["application", "here"]
pytestmark = pytest.mark.anyio

DEFAULTS = "/v4/core/organizations/sync_config"
MODELS = ["ECOMMERCE_COMPANY_INFO", "ECOMMERCE_BALANCES", "ECOMMERCE_PRODUCTS", "ECOMMERCE_INVENTORIES", CUSTOMER,
          ORDER, "ECOMMERCE_FULFILLMENTS", "ECOMMERCE_TRANSACTIONS"]


def by_model(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["data_model"]: one for one in found}


async def change(here: Here, *configs: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
    found = await here.ok("PATCH", f"/v4/core/companies/{here.company}/sync_config", {"configs": list(configs), **more})
    return by_model(found["data"])


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_the_defaults_of_a_category(here: Here, version: str) -> None:
    path = f"/{version}/core/syncs/config"
    found = await here.ok("GET", f"{path}?category=ECOMMERCE")
    assert list(found) == ["sync_config"]
    assert [one["data_model"] for one in found["sync_config"]] == MODELS
    for one in found["sync_config"]:
        assert {name: one[name] for name in one if name != "data_model"} == {
            "category": "ECOMMERCE", "enabled": True, "frequency": "DAILY", "interval": 1, "custom_fields": [],
            "scope_access": {"READ": True, "CREATE": True, "UPDATE": True, "DELETE": True}}
    assert await here.ok("GET", f"{path}?category=CRM") == {"sync_config": []}
    assert await here.refused("GET", path) == (400, "missing-params", "category")
    assert await here.refused("GET", f"{path}?category=SHOPS") == (400, "invalid-params", "category")


async def test_what_v3_does_not_know_is_shown_coarsely(here: Here) -> None:
    await here.ok("POST", DEFAULTS, {"configs": [
        {"data_model": ORDER, "frequency": "MINUTELY", "interval": 15, "sync_from": "2024-01-01"},
        {"data_model": CUSTOMER, "frequency": "NEVER"}]})
    shown = {version: by_model((await here.ok(
        "GET", f"/{version}/core/syncs/config?category=ECOMMERCE"))["sync_config"]) for version in ("v3", "v4")}
    assert [(one[ORDER]["frequency"], one[ORDER]["interval"]) for one in shown.values()] == [
        ("DAILY", 1), ("MINUTELY", 15)]
    assert [(one[CUSTOMER]["frequency"], one[CUSTOMER]["enabled"]) for one in shown.values()] == [
        ("DAILY", False), ("NEVER", False)]
    assert shown["v3"][ORDER]["sync_from"] == "2024-01-01T00:00:00.000Z"


async def test_defaults_are_kept_by_kind_of_shop_and_given_on(here: Here) -> None:
    answer = await here.ok("POST", DEFAULTS, {"configs": [{"data_model": CUSTOMER, "frequency": "HOURLY"}]})
    assert answer["propagated"] == 0
    assert {model for model, one in by_model(answer["data"]).items() if one["is_overridden"]} == {CUSTOMER}
    await here.ok("POST", DEFAULTS, {"integration_type": here.kind, "configs": [
        {"data_model": CUSTOMER, "interval": 3, "scope_access": {"UPDATE": False}}]})
    mine = by_model((await here.ok("GET", f"{DEFAULTS}?integration_type={here.kind}"))["data"])[CUSTOMER]
    assert (mine["frequency"], mine["interval"], mine["scope_access"]["UPDATE"]) == ("HOURLY", 3, False)
    every = by_model((await here.ok("GET", DEFAULTS))["data"])[CUSTOMER]
    assert (every["frequency"], every["interval"], every["scope_access"]["UPDATE"]) == ("HOURLY", 1, True)
    company = f"/v4/core/companies/{here.company}/sync_config"
    before = by_model((await here.ok("GET", company))["data"])[CUSTOMER]
    assert (before["frequency"], before["is_overridden"]) == ("DAILY", True)
    given = await here.ok("POST", DEFAULTS, {"configs": [{"data_model": CUSTOMER, "interval": 5}], "propagate": True})
    assert given["propagated"] == 1
    after = by_model((await here.ok("GET", company))["data"])[CUSTOMER]
    assert (after["frequency"], after["interval"], after["is_overridden"]) == ("HOURLY", 3, False)


async def test_a_company_sets_its_own(here: Here) -> None:
    found = await change(here, {
        "data_model": ORDER, "category": "ECOMMERCE", "enabled": True, "frequency": "WEEKLY", "interval": 2,
        "scope_access": {"READ": True, "CREATE": False, "UPDATE": True, "DELETE": False}, "sync_from": "2024-02-01"})
    one = found[ORDER]
    assert (one["frequency"], one["interval"], one["sync_from"], one["is_overridden"]) == (
        "WEEKLY", 2, "2024-02-01T00:00:00.000Z", True)
    assert one["scope_access"] == {"READ": True, "CREATE": False, "UPDATE": True, "DELETE": False}
    assert (one["connection_id"], one["integration_type"]) == (here.connection, here.kind)
    assert {model for model, other in found.items() if other["is_overridden"]} == {ORDER}
    # What is not sent stays as it is.
    found = await change(here, {"data_model": ORDER, "scope_access": {"UPDATE": False}})
    assert (found[ORDER]["frequency"], found[ORDER]["sync_from"]) == ("WEEKLY", "2024-02-01T00:00:00.000Z")
    assert found[ORDER]["scope_access"] == {"READ": True, "CREATE": False, "UPDATE": False, "DELETE": False}
    found = await change(here, {"data_model": ORDER, "frequency": "NEVER", "sync_from": None})
    assert (found[ORDER]["enabled"], found[ORDER]["sync_from"]) == (False, None)
    assert (await change(here, {"data_model": ORDER, "frequency": "DAILY"}))[ORDER]["enabled"]
    await change(here, {"data_model": CUSTOMER, "scope_access": {"CREATE": False}})
    contact = {"company_id": here.company, "data": [{"name": "Ada"}]}
    assert (await here.refused("POST", "/v4/ecommerce/contacts", contact))[:2] == (400, "operation-denied")


async def test_what_must_not_be_read_is_said_at_once(here: Here) -> None:
    await change(here, {"data_model": CUSTOMER, "scope_access": {"READ": False}})
    body = {"company_id": here.company, "full_sync": False, "data_models_to_sync": [CUSTOMER]}
    assert await here.refused("POST", "/v3/core/syncs", body) == (400, "operation-denied", "data_models_to_sync")
    everything = await here.ask(data_models_to_sync=[])
    assert CUSTOMER not in everything["sync_data_models"]
    connection = (await here.ok("GET", f"/v4/core/connections/{here.connection}"))["data"]
    assert not by_model(connection["sync_config"])[CUSTOMER]["scope_access"]["READ"]


WRONG: list[tuple[list[dict[str, Any]], str, str]] = [
    ([], "missing-params", "configs"), ([{}], "missing-params", "configs[0].data_model"),
    ([{"data_model": "ECOMMERCE_WISHES"}], "invalid-params", "configs[0].data_model"),
    ([{"data_model": ORDER}, {"data_model": CUSTOMER, "frequency": "OFTEN"}], "invalid-params", "configs[1].frequency"),
    ([{"data_model": ORDER, "interval": 0}], "invalid-params", "configs[0].interval"),
    ([{"data_model": ORDER, "category": "CRM"}], "invalid-params", "configs[0].category"),
    ([{"data_model": ORDER, "sync_from": "soon"}], "invalid-params", "configs[0].sync_from"),
    ([{"data_model": ORDER, "colour": 1}], "invalid-params", "configs[0].colour"),
    ([{"data_model": ORDER, "custom_fields": ["x"]}], "operation-denied", "configs[0].custom_fields"),
    ([{"data_model": "ECOMMERCE_TRANSACTIONS", "scope_access": {"READ": False}}], "operation-denied",
     "configs.scope_access"),
]


async def test_wrong_rhythms_are_named_and_nothing_moves(here: Here) -> None:
    path = f"/v4/core/companies/{here.company}/sync_config"
    before = await here.ok("GET", path)
    for configs, code, field in WRONG:
        assert await here.refused("PATCH", path, {"configs": configs}) == (400, code, field)
        assert await here.ok("GET", path) == before
        if field != "configs.scope_access":
            assert await here.refused("POST", DEFAULTS, {"configs": configs}) == (400, code, field)


async def test_of_two_connections_one_must_be_named(here: Here) -> None:
    second = (await here.ok("POST", "/v4/core/connections", {
        "company_id": here.company, "integration_type": here.kind,
        "credentials": {"token": "demo-token", "orders": "5", "shop": "second"}}))["data"]["rootfi_id"]
    path = f"/v4/core/companies/{here.company}/sync_config"
    assert {one["connection_id"] for one in (await here.ok("GET", path))["data"]} == {here.connection, second}
    only = (await here.ok("GET", f"{path}?connection_id={second}"))["data"]
    assert {one["connection_id"] for one in only} == {second}
    wanted = {"configs": [{"data_model": ORDER, "frequency": "YEARLY"}]}
    assert await here.refused("PATCH", path, wanted) == (400, "invalid-params", "connection_id")
    assert (await change(here, *wanted["configs"], connection_id=second))[ORDER]["frequency"] == "YEARLY"
    first = (await here.ok("GET", f"{path}?connection_id={here.connection}"))["data"]
    assert by_model(first)[ORDER]["frequency"] == "DAILY"
    assert (await here.refused("GET", "/v4/core/companies/99999999/sync_config"))[:2] == (404, "not-found")
    assert (await here.refused("PATCH", "/v4/core/companies/x/sync_config", wanted))[:2] == (404, "not-found")
    assert (await here.refused("GET", f"{path}?connection_id=x"))[2] == "connection_id"
    assert (await here.refused("GET", f"{DEFAULTS}?integration_type=NOPE"))[2] == "integration_type"
