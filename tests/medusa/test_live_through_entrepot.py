"""Passthrough, real time and lists before the first sync, against a real Medusa through a running Entrepot."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.medusa.entrepot import Caller, connected
from tests.medusa.shops import RealMedusa


@pytest.fixture(scope="module")
def caller(medusa: RealMedusa, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A company that is connected and was never synced; the last test of this file syncs it."""
    with connected(medusa, tmp_path_factory.mktemp("entrepot-live")) as made:
        yield made


def passed(caller: Caller, method: str, path: str, **more: Any) -> tuple[int, Any]:
    return caller.call("POST", "/v4/core/passthrough", {
        "company_id": caller.company, "data": {"method": method, "path": path, **more}})


def real_time(caller: Caller, model: str, **variables: Any) -> Any:
    status, answer = caller.call("POST", "/v4/core/real_time", {
        "company_id": caller.company, "data_model": model, "variables": variables})
    assert status == 200, answer
    assert caller.headers["x-entrepot-via"] == "live"
    return answer["data"]


def told(caller: Caller) -> tuple[str, str]:
    return caller.headers["x-entrepot-via"], caller.headers["x-entrepot-complete"]


def test_lists_are_live_page_by_page_before_the_first_sync(medusa: RealMedusa, caller: Caller) -> None:
    theirs = [one["id"] for one in medusa.admin.every("/admin/orders", "orders", fields="id")]
    status, first = caller.call("GET", f"/v4/ecommerce/orders?company_id={caller.company}&limit=30&return_count=true")
    assert (status, told(caller)) == (200, ("live", "true")), first
    assert first["total_count"] == len(theirs)
    orders = caller.every("/v4/ecommerce/orders")
    assert told(caller) == ("live", "true")
    assert len(orders) == len({one["rootfi_id"] for one in orders}) == len(theirs)
    assert {one["platform_unique_id"] for one in orders} == set(theirs)
    one = orders[7]
    there: Any = medusa.order(one["platform_unique_id"], "+total,+display_id,*items")
    assert abs(Decimal(one["total_amount"]) - Decimal(str(there["total"]))) < Decimal("0.00000001")
    assert len(one["line_items"]) == len(there["items"])
    assert len(caller.every("/v4/ecommerce/items")) == len(
        list(medusa.admin.every("/admin/products", "products", fields="id")))
    caller.call("GET", f"/v4/ecommerce/orders?company_id={caller.company}&status=pending")
    assert told(caller) == ("store", "false")


def test_a_record_is_read_as_it_is_now(medusa: RealMedusa, caller: Caller) -> None:
    customer = medusa.seeded.customers[0]
    medusa.admin.post(f"/admin/customers/{customer}", {"last_name": "Livingstone"})
    status, found = caller.call("GET", f"/v4/ecommerce/contacts/{customer}_1")
    assert (status, told(caller)) == (200, ("live", "true")), found
    assert found["name"].endswith("Livingstone")
    medusa.admin.post(f"/admin/customers/{customer}", {"last_name": "Stanley"})
    assert real_time(caller, "CUSTOMERS", id=found["rootfi_id"])["name"].endswith("Stanley")
    assert caller.call("GET", "/v4/ecommerce/contacts/cus_none_1")[0] == 404


def test_real_time_reads_each_data_model(medusa: RealMedusa, caller: Caller) -> None:
    assert real_time(caller, "COMPANY_INFO", per_page=100, page=1)["name"] == "Leaf & Kettle"
    page = real_time(caller, "ORDERS", limit=5)
    assert len(page["data"]) == 5
    onward = real_time(caller, "ORDERS", limit=5, next=page["next"])
    assert not {one["rootfi_id"] for one in page["data"]} & {one["rootfi_id"] for one in onward["data"]}
    some = real_time(caller, "ORDERS", limit=3, filters={"currency_id": "EUR", "total_amount[gte]": 1})
    assert {one["currency_id"] for one in some["data"]} <= {"EUR"}
    for model in ("PRODUCTS", "INVENTORIES", "TRANSACTIONS", "CUSTOMERS"):
        assert real_time(caller, model, limit=2)["data"], model
    order = medusa.seeded.orders[0]
    items: Any = medusa.order(order, "*items")["items"]
    place = medusa.admin.get("/admin/reservations", line_item_id=items[0]["id"])["reservations"][0]["location_id"]
    status, shipped = passed(caller, "POST", f"/admin/orders/{order}/fulfillments", data={
        "items": [{"id": one["id"], "quantity": one["quantity"]} for one in items], "location_id": place})
    assert status == 200, shipped
    there: Any = medusa.order(order, "*fulfillments")["fulfillments"]
    parcel = real_time(caller, "FULFILLMENTS", id=there[0]["id"], order_id=order)
    assert parcel["platform_unique_id"] == there[0]["id"]
    assert real_time(caller, "FULFILLMENTS", id=parcel["platform_id"]) == parcel, "now the store knows its order"
    assert parcel in real_time(caller, "FULFILLMENTS", limit=5)["data"]
    status, refused = caller.call("POST", "/v4/core/real_time", {
        "company_id": caller.company, "data_model": "BALANCES", "variables": {}})
    assert (status, refused["error"]["code"]) == (400, "operation-denied")


def test_passthrough_reaches_what_the_model_does_not_have(medusa: RealMedusa, caller: Caller) -> None:
    status, answer = passed(caller, "GET", "/admin/regions", headers={}, data={},
                            params={"fields": "id,name", "limit": 5})
    assert (status, answer["status"]) == (200, 200), answer
    assert answer["data"]["regions"] == medusa.admin.get("/admin/regions", fields="id,name", limit=5)["regions"]
    status, made = passed(caller, "POST", "/admin/customer-groups", data={"name": "Made by passthrough"})
    assert status == 200, made
    ident = made["data"]["customer_group"]["id"]
    assert medusa.admin.get(f"/admin/customer-groups/{ident}")["customer_group"]["name"] == "Made by passthrough"
    status, gone = passed(caller, "DELETE", f"/admin/customer-groups/{ident}", data={})
    assert (status, gone["data"]["deleted"]) == (200, True)
    status, refused = passed(caller, "GET", f"/admin/customer-groups/{ident}")
    assert (status, refused["error"]["code"]) == (400, "platform-denied")
    assert refused["error"]["platform_error"]["status"] == 404
    # The key list of the shop itself: what it shows of our own key stays hidden.
    status, keys = passed(caller, "GET", "/admin/api-keys")
    assert status == 200
    assert medusa.secret_key not in str(keys)
    rows = caller.call("GET", f"/v4/core/passthrough_calls?company_id={caller.company}&limit=5")[1]["data"]
    assert [(row["method"], row["status"]) for row in reversed(rows)] == [
        ("GET", 200), ("POST", 200), ("DELETE", 200), ("GET", 404), ("GET", 200)]


def test_after_the_first_sync_the_same_records_come_from_the_store(medusa: RealMedusa, caller: Caller) -> None:
    live = {one["rootfi_id"]: one for one in caller.every("/v4/ecommerce/orders")}
    caller.sync(full=False)
    stored = {one["rootfi_id"]: one for one in caller.every("/v4/ecommerce/orders")}
    assert told(caller) == ("store", "true")
    assert stored == live
